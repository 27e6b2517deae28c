// SPDX-License-Identifier: MIT

//! usage: rust-peer LIBRARY --list | LIBRARY [--row NAME] [--runs N] [--quick]
//! LIBRARY is tokio, crossbeam, flume or rayon; one JSON object a row.

mod channel_rows;
mod rayon_rows;
mod savina_rows;
mod spread_rows;
mod tokio_rows;

use channel_rows::{crossbeam, flume_rows};
use savina_rows::{bank_transaction, big, cigarette_smokers, counting};
use spread_rows::{broadcast, foreign, fork_join};
use std::time::Instant;

pub type Payload40 = [u64; 5];
pub type Payload64 = [u64; 8];
pub const MAILBOX: usize = 1024;
pub const RING: usize = 503;
pub const BATCH: usize = 64;
pub const SENDERS: u64 = 20;

pub fn elapsed_ns(start: Instant, operations: u64) -> f64 {
    start.elapsed().as_nanos() as f64 / operations as f64
}

/// Pages are 4 KiB on the machines this runs on; statm counts them.
pub fn resident_bytes() -> f64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: f64 = text.split_whitespace().nth(1).unwrap().parse().unwrap();
    pages * 4096.0
}

/// xorshift64, so that drawing a number costs no more here than elsewhere.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Random(seed)
    }

    pub fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }
}

struct Row {
    library: &'static str,
    name: &'static str,
    unit: &'static str,
    schedulers: usize,
    operations: u64,
    run: fn(u64) -> f64,
}

const fn row(
    library: &'static str,
    name: &'static str,
    schedulers: usize,
    operations: u64,
    run: fn(u64) -> f64,
) -> Row {
    Row { library, name, unit: "ns", schedulers, operations, run }
}

fn rows() -> Vec<Row> {
    let same = "one-to-one/same-shard/64B";
    let cross = "one-to-one/cross-shard/64B";
    let many = "many-to-one/cross-shard";
    vec![
        row("tokio", "pingpong/same-shard", 1, 1_000_000, |n| tokio_rows::pingpong(n, false)),
        row("tokio", "pingpong/cross-shard", 2, 20_000, |n| tokio_rows::pingpong(n, true)),
        row("tokio", "ask/same-shard", 1, 1_000_000, |n| tokio_rows::ask(n, false)),
        row("tokio", "ask/cross-shard", 2, 20_000, |n| tokio_rows::ask(n, true)),
        row("tokio", "one-to-one/same-shard/8B", 1, 3_000_000, |n| {
            tokio_rows::to_one::<1>(1, n, 1)
        }),
        row("tokio", same, 1, 3_000_000, |n| tokio_rows::to_one::<8>(1, n, 1)),
        row("tokio", "one-to-one/same-shard/256B", 1, 2_000_000, |n| {
            tokio_rows::to_one::<32>(1, n, 1)
        }),
        row("tokio", "one-to-one/same-shard/4096B", 1, 400_000, |n| tokio_rows::stream4096(1, n)),
        row("tokio", "one-to-one/cross-shard/8B", 2, 3_000_000, |n| {
            tokio_rows::to_one::<1>(2, n, 1)
        }),
        row("tokio", cross, 2, 3_000_000, |n| tokio_rows::to_one::<8>(2, n, 1)),
        row("tokio", "one-to-one/cross-shard/256B", 2, 2_000_000, |n| {
            tokio_rows::to_one::<32>(2, n, 1)
        }),
        row("tokio", "one-to-one/cross-shard/4096B", 2, 400_000, |n| tokio_rows::stream4096(2, n)),
        row("tokio", "many-to-one/same-shard", 1, 3_000_000, |n| tokio_rows::many_to_one(1, n)),
        row("tokio", many, 2, 2_000_000, |n| tokio_rows::many_to_one(2, n)),
        row("tokio", "ring/503", 1, 2_000_000, tokio_rows::ring),
        row("tokio", "broadcast/same-shard", 1, 2_000_000, |n| broadcast(1, n)),
        row("tokio", "broadcast/cross-shard", 2, 2_000_000, |n| broadcast(2, n)),
        row("tokio", "fork-join/same-shard", 1, 1_000_000, |n| fork_join(1, n)),
        row("tokio", "fork-join/cross-shard", 2, 1_000_000, |n| fork_join(2, n)),
        row("tokio", "foreign/one-producer/64B", 2, 1_000_000, |n| foreign(n, 1)),
        row("tokio", "foreign/two-producers", 2, 1_000_000, |n| foreign(n, 2)),
        row("tokio", "foreign/eight-producers", 2, 1_000_000, |n| foreign(n, 8)),
        row("tokio", "timer/arm-cancel", 1, 1_000_000, tokio_rows::arm_cancel),
        row("tokio", "savina/counting/same-shard", 1, 3_000_000, |n| counting(1, n)),
        row("tokio", "savina/counting/cross-shard", 2, 3_000_000, |n| counting(2, n)),
        row("tokio", "savina/big/same-shard", 1, 1_000_000, |n| big(1, n)),
        row("tokio", "savina/big/cross-shard", 2, 400_000, |n| big(2, n)),
        row("tokio", "savina/cigarette-smokers/same-shard", 1, 1_000_000, |n| {
            cigarette_smokers(1, n)
        }),
        row("tokio", "savina/cigarette-smokers/cross-shard", 2, 200_000, |n| {
            cigarette_smokers(2, n)
        }),
        row("tokio", "savina/bank-transaction/same-shard", 1, 400_000, |n| bank_transaction(1, n)),
        row("tokio", "savina/bank-transaction/cross-shard", 2, 400_000, |n| bank_transaction(2, n)),
        row("tokio", "lifecycle/create-message-destroy", 1, 256_000, tokio_rows::lifecycle),
        Row {
            unit: "bytes",
            ..row("tokio", "memory/idle-actor", 1, 200_000, tokio_rows::idle_memory)
        },
        row("crossbeam", "pingpong/cross-shard", 2, 50_000, crossbeam::pingpong),
        row("crossbeam", cross, 2, 4_000_000, |n| crossbeam::to_one(n, 1)),
        row("crossbeam", many, 2, 4_000_000, crossbeam::many_to_one),
        row("crossbeam", "foreign/one-producer/64B", 2, 4_000_000, |n| crossbeam::to_one(n, 1)),
        row("crossbeam", "foreign/two-producers", 2, 4_000_000, |n| crossbeam::to_one(n, 2)),
        row("crossbeam", "foreign/eight-producers", 2, 4_000_000, |n| crossbeam::to_one(n, 8)),
        row("flume", "pingpong/cross-shard", 2, 50_000, flume_rows::pingpong),
        row("flume", cross, 2, 4_000_000, |n| flume_rows::to_one(n, 1)),
        row("flume", many, 2, 4_000_000, flume_rows::many_to_one),
        row("flume", "foreign/one-producer/64B", 2, 4_000_000, |n| flume_rows::to_one(n, 1)),
        row("flume", "foreign/two-producers", 2, 4_000_000, |n| flume_rows::to_one(n, 2)),
        row("flume", "foreign/eight-producers", 2, 4_000_000, |n| flume_rows::to_one(n, 8)),
        row("rayon", "fork-join/same-shard", 1, 1_000_000, |n| rayon_rows::fork_join(1, n)),
        row("rayon", "fork-join/cross-shard", 2, 1_000_000, |n| rayon_rows::fork_join(2, n)),
    ]
}

/// One unmeasured run warms up; for memory one run is all, as a second finds the heap grown.
fn run_row(row: &Row, runs: usize, quick: bool) {
    let operations = if quick { row.operations / 100 + 2_000 } else { row.operations };
    let runs = if row.unit == "bytes" { 1 } else { runs };
    if row.unit != "bytes" {
        (row.run)(operations);
    }
    let mut values: Vec<f64> = (0..runs).map(|_| (row.run)(operations)).collect();
    values.sort_by(|a, b| a.total_cmp(b));
    let rank = |percent: usize| values[(runs * percent + 99) / 100 - 1];
    println!(
        "{{\"name\": \"{}\", \"unit\": \"{}\", \"min\": {:.2}, \"median\": {:.2}, \
         \"p95\": {:.2}, \"max\": {:.2}, \"runs\": {}, \
         \"parameters\": {{\"schedulers\": {}, \"operations\": {}}}}}",
        row.name,
        row.unit,
        values[0],
        rank(50),
        rank(95),
        values[runs - 1],
        runs,
        row.schedulers,
        operations
    );
}

fn usage() -> ! {
    eprintln!("usage: rust-peer LIBRARY --list | LIBRARY [--row NAME] [--runs N] [--quick]");
    std::process::exit(2)
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let library = arguments.next().unwrap_or_else(|| usage());
    let (mut list, mut quick, mut only, mut runs) = (false, false, None, 5);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--list" => list = true,
            "--quick" => quick = true,
            "--row" => only = Some(arguments.next().unwrap_or_else(|| usage())),
            "--runs" => {
                let text = arguments.next().unwrap_or_else(|| usage());
                runs = text.parse().ok().filter(|n| *n > 0).unwrap_or_else(|| usage());
            }
            _ => usage(),
        }
    }
    for row in rows().iter().filter(|row| row.library == library) {
        if only.as_deref().map_or(false, |name| name != row.name) {
            continue;
        }
        if list {
            println!("{}", row.name);
        } else {
            run_row(row, runs, quick);
        }
    }
}
