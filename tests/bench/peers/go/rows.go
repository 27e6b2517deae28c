// SPDX-License-Identifier: MIT

// The workloads in Go: a goroutine with a channel is the actor, as Effective Go advises ("share
// memory by communicating"; a request carries the channel of its reply). Channels of values, so
// that a message costs no allocation; buffered where a mailbox is meant, so that the sender need
// not meet the receiver; GOMAXPROCS is the number of schedulers. Where two sides must not share a
// scheduler each locks its thread (runtime.LockOSThread), the only way that Go offers.
package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"time"
)

type payload8 [1]uint64
type payload40 [5]uint64
type payload64 [8]uint64
type payload256 [32]uint64
type payload4096 [512]uint64
type state64 [8]uint64

const (
	mailbox  = 1024
	ringSize = 503
	batch    = 64
	senders  = 20
)

type row struct {
	name       string
	unit       string
	schedulers int
	operations int
	run        func(operations int) float64
}

var rows = []row{
	{"pingpong/same-shard", "ns", 1, 1000000, func(n int) float64 { return pingpong(n, false) }},
	{"pingpong/cross-shard", "ns", 2, 20000, func(n int) float64 { return pingpong(n, true) }},
	{"ask/same-shard", "ns", 1, 1000000, func(n int) float64 { return ask(n, false) }},
	{"ask/cross-shard", "ns", 2, 20000, func(n int) float64 { return ask(n, true) }},
	{"one-to-one/same-shard/8B", "ns", 1, 4000000, func(n int) float64 { return toOne[payload8](n, 1) }},
	{"one-to-one/same-shard/64B", "ns", 1, 4000000, func(n int) float64 { return toOne[payload64](n, 1) }},
	{"one-to-one/same-shard/256B", "ns", 1, 2000000, func(n int) float64 { return toOne[payload256](n, 1) }},
	{"one-to-one/same-shard/4096B", "ns", 1, 400000, stream4096},
	{"one-to-one/cross-shard/8B", "ns", 2, 4000000, func(n int) float64 { return toOne[payload8](n, 1) }},
	{"one-to-one/cross-shard/64B", "ns", 2, 4000000, func(n int) float64 { return toOne[payload64](n, 1) }},
	{"one-to-one/cross-shard/256B", "ns", 2, 2000000, func(n int) float64 { return toOne[payload256](n, 1) }},
	{"one-to-one/cross-shard/4096B", "ns", 2, 400000, stream4096},
	{"many-to-one/same-shard", "ns", 1, 4000000, func(n int) float64 { return toOne[payload64](n, senders) }},
	{"many-to-one/cross-shard", "ns", 2, 4000000, func(n int) float64 { return toOne[payload64](n, senders) }},
	{"ring/503", "ns", 1, 2000000, ring},
	{"broadcast/same-shard", "ns", 1, 2000000, broadcast},
	{"broadcast/cross-shard", "ns", 2, 2000000, broadcast},
	{"fork-join/same-shard", "ns", 1, 1000000, forkJoin},
	{"fork-join/cross-shard", "ns", 2, 1000000, forkJoin},
	{"timer/arm-cancel", "ns", 1, 1000000, armCancel},
	{"timer/fire", "ns", 1, 1000000, fire},
	{"savina/counting/same-shard", "ns", 1, 4000000, counting},
	{"savina/counting/cross-shard", "ns", 2, 4000000, counting},
	{"savina/big/same-shard", "ns", 1, 1000000, big},
	{"savina/big/cross-shard", "ns", 2, 400000, big},
	{"savina/cigarette-smokers/same-shard", "ns", 1, 1000000, cigaretteSmokers},
	{"savina/cigarette-smokers/cross-shard", "ns", 2, 200000, cigaretteSmokers},
	{"savina/bank-transaction/same-shard", "ns", 1, 400000, bankTransaction},
	{"savina/bank-transaction/cross-shard", "ns", 2, 400000, bankTransaction},
	{"lifecycle/create-message-destroy", "ns", 1, 200000, lifecycle},
	{"memory/idle-actor", "bytes", 1, 200000, idleMemory},
}

func nsEach(start time.Time, operations int) float64 {
	return float64(time.Since(start).Nanoseconds()) / float64(operations)
}

// An unbuffered channel hands over directly: measured no slower here than a buffer of one.
func pingpong(operations int, apart bool) float64 {
	there, back := make(chan payload40), make(chan payload40)
	go func() {
		if apart {
			runtime.LockOSThread()
		}
		for message := range there {
			back <- message
		}
	}()
	if apart {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
	}
	message := payload40{1, 2, 3, 4, 5}
	start := time.Now()
	for i := 0; i < operations; i++ {
		there <- message
		message = <-back
	}
	defer close(there)
	return nsEach(start, operations)
}

type request struct {
	body  payload40
	reply chan payload40
}

// The client keeps one reply channel: it has one question open at a time.
func ask(operations int, apart bool) float64 {
	server := make(chan request, mailbox)
	go func() {
		if apart {
			runtime.LockOSThread()
		}
		for each := range server {
			each.reply <- each.body
		}
	}()
	if apart {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
	}
	reply := make(chan payload40, 1)
	start := time.Now()
	for i := 0; i < operations; i++ {
		server <- request{payload40{uint64(i)}, reply}
		<-reply
	}
	defer close(server)
	return nsEach(start, operations)
}

func toOne[T payload8 | payload64 | payload256](operations int, sources int) float64 {
	box := make(chan T, mailbox)
	each := operations / sources
	var sum uint64
	start := time.Now()
	for s := 0; s < sources; s++ {
		go func() {
			var message T
			for i := 0; i < each; i++ {
				message[0] = uint64(i)
				box <- message
			}
		}()
	}
	for i := 0; i < each*sources; i++ {
		message := <-box
		sum += message[0]
	}
	if sum != uint64(sources)*uint64(each)*uint64(each-1)/2 {
		panic("lost messages")
	}
	return nsEach(start, each*sources)
}

// What is large is made on the heap, and its pointer travels.
func stream4096(operations int) float64 {
	box := make(chan *payload4096, mailbox)
	var sum uint64
	start := time.Now()
	go func() {
		for i := 0; i < operations; i++ {
			message := new(payload4096)
			message[0] = uint64(i)
			box <- message
		}
	}()
	for i := 0; i < operations; i++ {
		message := <-box
		sum += message[0]
	}
	if sum != uint64(operations)*uint64(operations-1)/2 {
		panic("lost messages")
	}
	return nsEach(start, operations)
}

func ring(operations int) float64 {
	var links [ringSize]chan int
	done := make(chan struct{})
	for i := range links {
		links[i] = make(chan int, 1)
	}
	for i := range links {
		go func(in <-chan int, out chan<- int) {
			for left := range in {
				if left == 0 {
					close(done)
				} else {
					out <- left - 1
				}
			}
		}(links[i], links[(i+1)%ringSize])
	}
	start := time.Now()
	links[0] <- operations
	<-done
	elapsed := nsEach(start, operations)
	for i := range links {
		close(links[i])
	}
	return elapsed
}

func lifecycle(operations int) float64 {
	var group sync.WaitGroup
	start := time.Now()
	for left := operations; left > 0; left -= batch {
		group.Add(batch)
		for i := 0; i < batch; i++ {
			box := make(chan payload40, 1)
			go func() {
				<-box
				group.Done()
			}()
			box <- payload40{uint64(i)}
		}
		group.Wait()
	}
	return nsEach(start, (operations+batch-1)/batch*batch)
}

func residentBytes() float64 {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		panic(err)
	}
	pages, err := strconv.Atoi(strings.Fields(string(text))[1])
	if err != nil {
		panic(err)
	}
	return float64(pages * os.Getpagesize())
}

func idle(box <-chan payload40, state *state64) {
	for message := range box {
		state[0] += message[0]
	}
}

// A mailbox of one slot: the smallest that lets a sender go on.
func idleMemory(operations int) float64 {
	boxes := make([]chan payload40, operations)
	for i := range boxes {
		boxes[i] = nil
	}
	debug.FreeOSMemory()
	before := residentBytes()
	for i := range boxes {
		boxes[i] = make(chan payload40, 1)
		go idle(boxes[i], new(state64))
	}
	for i := range boxes {
		boxes[i] <- payload40{}
	}
	runtime.Gosched()
	debug.FreeOSMemory()
	used := residentBytes() - before
	for i := range boxes {
		close(boxes[i])
	}
	return used / float64(operations)
}
