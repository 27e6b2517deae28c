// SPDX-License-Identifier: MIT

//! rayon: fork-join by `join`, its recommended primitive, splitting a range of `n` leaves in half
//! until a single one is left; a pool of as many threads as there are schedulers.

use crate::elapsed_ns;
use std::time::Instant;

fn split(from: u64, to: u64) -> u64 {
    if to - from == 1 {
        return from;
    }
    let middle = from + (to - from) / 2;
    let (left, right) = rayon::join(|| split(from, middle), || split(middle, to));
    left + right
}

pub fn fork_join(schedulers: usize, n: u64) -> f64 {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(schedulers).build().unwrap();
    pool.install(|| {
        let start = Instant::now();
        assert_eq!(split(0, n), n * (n - 1) / 2);
        elapsed_ns(start, n)
    })
}
