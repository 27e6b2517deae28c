// SPDX-License-Identifier: MIT

package main

import (
	"flag"
	"fmt"
	"runtime"
	"sort"
)

func runRow(each row, runs int, quick bool) {
	operations := each.operations
	if quick {
		operations = operations/100 + 2000
	}
	runtime.GOMAXPROCS(each.schedulers)
	// One unmeasured run warms up; for memory one run is all, as a second finds the heap grown.
	if each.unit == "bytes" {
		runs = 1
	} else {
		each.run(operations)
	}
	values := make([]float64, runs)
	for i := range values {
		runtime.GC()
		values[i] = each.run(operations)
	}
	sort.Float64s(values)
	rank := func(percent int) float64 { return values[(runs*percent+99)/100-1] }
	fmt.Printf("{\"name\": %q, \"unit\": %q, \"min\": %.2f, \"median\": %.2f, \"p95\": %.2f, "+
		"\"max\": %.2f, \"runs\": %d, \"parameters\": {\"schedulers\": %d, \"operations\": %d}}\n",
		each.name, each.unit, values[0], rank(50), rank(95), values[runs-1], runs,
		each.schedulers, operations)
}

func main() {
	list := flag.Bool("list", false, "print the names of the rows and stop")
	only := flag.String("row", "", "run this row only")
	runs := flag.Int("runs", 5, "measured runs a row")
	quick := flag.Bool("quick", false, "tiny runs")
	flag.Parse()
	for _, each := range rows {
		if *only != "" && *only != each.name {
			continue
		}
		if *list {
			fmt.Println(each.name)
		} else {
			runRow(each, *runs, *quick)
		}
	}
}
