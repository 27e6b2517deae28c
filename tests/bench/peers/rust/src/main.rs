// SPDX-License-Identifier: MIT

//! usage: rust-peer LIBRARY --list | LIBRARY [--row NAME] [--runs N] [--quick]
//! LIBRARY is tokio, crossbeam, flume or rayon; one JSON object a row.

mod channel_rows;
mod rayon_rows;
mod tokio_rows;

use channel_rows::{crossbeam, flume_rows};
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
        row("tokio", same, 1, 3_000_000, |n| tokio_rows::to_one(1, n, 1)),
        row("tokio", cross, 2, 3_000_000, |n| tokio_rows::to_one(2, n, 1)),
        row("tokio", "many-to-one/same-shard", 1, 3_000_000, |n| tokio_rows::many_to_one(1, n)),
        row("tokio", many, 2, 2_000_000, |n| tokio_rows::many_to_one(2, n)),
        row("tokio", "ring/503", 1, 2_000_000, tokio_rows::ring),
        row("tokio", "lifecycle/create-message-destroy", 1, 256_000, tokio_rows::lifecycle),
        Row {
            unit: "bytes",
            ..row("tokio", "memory/idle-actor", 1, 200_000, tokio_rows::idle_memory)
        },
        row("crossbeam", "pingpong/cross-shard", 2, 50_000, crossbeam::pingpong),
        row("crossbeam", cross, 2, 4_000_000, |n| crossbeam::to_one(n, 1)),
        row("crossbeam", many, 2, 4_000_000, crossbeam::many_to_one),
        row("flume", "pingpong/cross-shard", 2, 50_000, flume_rows::pingpong),
        row("flume", cross, 2, 4_000_000, |n| flume_rows::to_one(n, 1)),
        row("flume", many, 2, 4_000_000, flume_rows::many_to_one),
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
