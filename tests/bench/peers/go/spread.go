// SPDX-License-Identifier: MIT

// One to many: fork-join and broadcast.
package main

import "time"

const (
	leaves    = 64
	atOnce    = 512
	listeners = 64
	rounds    = 16
)

type leaf struct {
	number uint64
	joined chan<- uint64
}

// Each of the workers answers on the channel that came with the request; all of a batch on one.
func forkJoin(operations int) float64 {
	var workers [leaves]chan leaf
	for i := range workers {
		workers[i] = make(chan leaf, atOnce)
		go func(requests <-chan leaf) {
			for each := range requests {
				each.joined <- each.number
			}
		}(workers[i])
	}
	joined := make(chan uint64, atOnce)
	var sum uint64
	start := time.Now()
	for next := 0; next < operations; {
		count := atOnce
		if operations-next < count {
			count = operations - next
		}
		for i := 0; i < count; i++ {
			workers[next%leaves] <- leaf{uint64(next), joined}
			next++
		}
		for i := 0; i < count; i++ {
			sum += <-joined
		}
	}
	elapsed := nsEach(start, operations)
	if sum != uint64(operations)*uint64(operations-1)/2 {
		panic("lost replies")
	}
	for i := range workers {
		close(workers[i])
	}
	return elapsed
}

type cast struct {
	words payload40
	last  bool
}

// The value is per message delivered; each listener answers the last of a burst.
func broadcast(operations int) float64 {
	var boxes [listeners]chan cast
	heard := make(chan struct{}, listeners)
	for i := range boxes {
		boxes[i] = make(chan cast, mailbox)
		go func(box <-chan cast) {
			for each := range box {
				if each.last {
					heard <- struct{}{}
				}
			}
		}(boxes[i])
	}
	bursts := operations/(listeners*rounds) + 1
	start := time.Now()
	for b := 0; b < bursts; b++ {
		for round := 1; round <= rounds; round++ {
			message := cast{payload40{1, 2, 3, 4, 5}, round == rounds}
			for i := range boxes {
				boxes[i] <- message
			}
		}
		for i := 0; i < listeners; i++ {
			<-heard
		}
	}
	elapsed := nsEach(start, bursts*listeners*rounds)
	for i := range boxes {
		close(boxes[i])
	}
	return elapsed
}
