// SPDX-License-Identifier: MIT

//! One to many, and from threads outside of the runtime, in tokio.

use crate::tokio_rows::{run, runtime};
use crate::{elapsed_ns, Payload40, Payload64, MAILBOX};
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::mpsc;

const LEAVES: u64 = 64;
const AT_ONCE: u64 = 512;
const LISTENERS: u64 = 64;
const ROUNDS: u64 = 16;

/// Requests to many tasks, 512 at once, whose replies come back on one channel.
pub fn fork_join(schedulers: usize, n: u64) -> f64 {
    run(schedulers, async move {
        let (joined, mut replies) = mpsc::channel(AT_ONCE as usize);
        let mut leaves = Vec::new();
        for _ in 0..LEAVES {
            let (to, mut mailbox) = mpsc::channel::<u64>(AT_ONCE as usize);
            let joined = joined.clone();
            tokio::spawn(async move {
                while let Some(number) = mailbox.recv().await {
                    joined.send(number).await.unwrap();
                }
            });
            leaves.push(to);
        }
        let (mut next, mut sum) = (0, 0);
        let start = Instant::now();
        while next < n {
            let count = AT_ONCE.min(n - next);
            for _ in 0..count {
                leaves[(next % LEAVES) as usize].send(next).await.unwrap();
                next += 1;
            }
            for _ in 0..count {
                sum += replies.recv().await.unwrap();
            }
        }
        assert_eq!(sum, n * (n - 1) / 2);
        elapsed_ns(start, n)
    })
}

/// The value is per message delivered; each listener answers the last of a burst.
pub fn broadcast(schedulers: usize, n: u64) -> f64 {
    run(schedulers, async move {
        let (caster, mut heard) = mpsc::channel(LISTENERS as usize);
        let mut listeners = Vec::new();
        for _ in 0..LISTENERS {
            let (to, mut mailbox) = mpsc::channel::<(Payload40, bool)>(MAILBOX);
            let caster = caster.clone();
            tokio::spawn(async move {
                while let Some((_, last)) = mailbox.recv().await {
                    if last {
                        caster.send(()).await.unwrap();
                    }
                }
            });
            listeners.push(to);
        }
        let bursts = n / (LISTENERS * ROUNDS) + 1;
        let start = Instant::now();
        for _ in 0..bursts {
            for round in 1..=ROUNDS {
                for listener in &listeners {
                    listener.send(([1, 2, 3, 4, 5], round == ROUNDS)).await.unwrap();
                }
            }
            for _ in 0..LISTENERS {
                heard.recv().await.unwrap();
            }
        }
        elapsed_ns(start, bursts * LISTENERS * ROUNDS)
    })
}

/// Threads that are not the runtime's send by `blocking_send`, as its documentation says.
pub fn foreign(n: u64, producers: u64) -> f64 {
    let runtime = Arc::new(runtime(1));
    let each = n / producers;
    let (to, mut mailbox) = mpsc::channel::<Payload64>(MAILBOX);
    let start = Instant::now();
    let threads: Vec<_> = (0..producers)
        .map(|_| {
            let to = to.clone();
            std::thread::spawn(move || {
                for i in 0..each {
                    to.blocking_send([i, 1, 2, 3, 4, 5, 6, 7]).unwrap();
                }
            })
        })
        .collect();
    drop(to);
    let sum = runtime.block_on(async move {
        let mut sum = 0;
        while let Some(message) = mailbox.recv().await {
            sum += message[0];
        }
        sum
    });
    let value = elapsed_ns(start, each * producers);
    assert_eq!(sum, producers * (each * (each - 1) / 2));
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    value
}
