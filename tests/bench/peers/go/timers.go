// SPDX-License-Identifier: MIT

// Timers by time.AfterFunc, whose Reset and Stop need no goroutine and no channel a timer.
package main

import (
	"sync"
	"time"
)

const armed = 1000

func armFar() []*time.Timer {
	timers := make([]*time.Timer, armed)
	for i := range timers {
		timers[i] = time.AfterFunc(time.Hour, func() { panic("an hour cannot have passed") })
	}
	return timers
}

func armCancel(operations int) float64 {
	far := armFar()
	timer := time.AfterFunc(time.Hour, func() { panic("it was stopped") })
	timer.Stop()
	start := time.Now()
	for i := 0; i < operations; i++ {
		timer.Reset(time.Hour)
		timer.Stop()
	}
	elapsed := nsEach(start, operations)
	for i := range far {
		far[i].Stop()
	}
	return elapsed
}

// A thousand timers that start themselves again when they fire.
func fire(operations int) float64 {
	var done sync.WaitGroup
	each := operations/armed + 1
	done.Add(armed)
	start := time.Now()
	for i := 0; i < armed; i++ {
		left := each
		ready := make(chan struct{})
		var timer *time.Timer
		timer = time.AfterFunc(time.Microsecond, func() {
			<-ready
			left--
			if left > 0 {
				timer.Reset(time.Microsecond)
			} else {
				done.Done()
			}
		})
		close(ready)
	}
	done.Wait()
	return nsEach(start, each*armed)
}
