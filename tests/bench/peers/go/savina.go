// SPDX-License-Identifier: MIT

// Four programs of the Savina suite (Imam and Sarkar, AGERE 2014), with its numbers of actors. As
// everywhere in this peer an actor is a goroutine with one channel; the channels hold all that can
// be under way at once, so that no two actors wait for each other.
package main

import (
	"math/rand"
	"time"
)

const (
	pairs    = 20
	smokers  = 200
	accounts = 1000
	openMost = 256
)

// Increments to one counter, which says how many there were.
func counting(operations int) float64 {
	type message struct{ retrieve chan<- int } // nil: an increment
	counter := make(chan message, mailbox)
	go func() {
		count := 0
		for each := range counter {
			if each.retrieve == nil {
				count++
			} else {
				each.retrieve <- count
			}
		}
	}()
	result := make(chan int)
	start := time.Now()
	for i := 0; i < operations; i++ {
		counter <- message{}
	}
	counter <- message{result}
	if <-result != operations {
		panic("lost increments")
	}
	elapsed := nsEach(start, operations)
	close(counter)
	return elapsed
}

// Each actor has one ping under way to a random other one.
func big(operations int) float64 {
	const pong = -1
	var boxes [pairs]chan int
	for i := range boxes {
		boxes[i] = make(chan int, 2*pairs)
	}
	finished := make(chan struct{}, pairs)
	each := operations / pairs
	start := time.Now()
	for i := range boxes {
		go func(me int) {
			random := rand.New(rand.NewSource(int64(me)))
			ping := func() {
				other := random.Intn(pairs - 1)
				if other >= me {
					other++
				}
				boxes[other] <- me
			}
			left := each
			ping()
			for message := range boxes[me] {
				if message != pong {
					boxes[message] <- pong
					continue
				}
				left--
				if left > 0 {
					ping()
				} else {
					finished <- struct{}{}
				}
			}
		}(i)
	}
	for i := 0; i < pairs; i++ {
		<-finished
	}
	elapsed := nsEach(start, each*pairs)
	for i := range boxes {
		close(boxes[i])
	}
	return elapsed
}

// An arbiter lets a random smoker start, which says when it did.
func cigaretteSmokers(operations int) float64 {
	var boxes [smokers]chan uint32
	started := make(chan struct{}, 1)
	for i := range boxes {
		boxes[i] = make(chan uint32, 1)
		go func(box <-chan uint32) {
			var sum uint32
			for puffs := range box {
				sum += puffs
				started <- struct{}{}
			}
		}(boxes[i])
	}
	random := rand.New(rand.NewSource(1))
	start := time.Now()
	for i := 0; i < operations; i++ {
		boxes[random.Intn(smokers)] <- 1
		<-started
	}
	elapsed := nsEach(start, operations)
	for i := range boxes {
		close(boxes[i])
	}
	return elapsed
}

type transaction struct {
	kind   int
	amount int64
	peer   chan<- transaction // credit: whom to debit; debit: who waits for it
}

const (
	credit = iota
	debit
	debited
)

func account(box chan transaction, teller chan<- int64) {
	var balance int64
	for each := range box {
		switch each.kind {
		case credit:
			balance -= each.amount
			each.peer <- transaction{debit, each.amount, box}
		case debit:
			balance += each.amount
			each.peer <- transaction{kind: debited}
		default:
			teller <- balance
		}
	}
}

// A credit at one account makes a debit at another; a number of transactions is open at once.
func bankTransaction(operations int) float64 {
	boxes := make([]chan transaction, accounts)
	teller := make(chan int64, openMost)
	for i := range boxes {
		boxes[i] = make(chan transaction, openMost)
		go account(boxes[i], teller)
	}
	random := rand.New(rand.NewSource(1))
	begin := func() {
		from := random.Intn(accounts)
		to := (from + 1 + random.Intn(accounts-1)) % accounts
		boxes[from] <- transaction{credit, 1, boxes[to]}
	}
	start := time.Now()
	for i := 0; i < operations; i++ {
		if i >= openMost {
			<-teller
		}
		begin()
	}
	for i := 0; i < openMost && i < operations; i++ {
		<-teller
	}
	elapsed := nsEach(start, operations)
	for i := range boxes {
		close(boxes[i])
	}
	return elapsed
}
