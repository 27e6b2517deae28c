// SPDX-License-Identifier: MIT

//! Four programs of the Savina suite (Imam and Sarkar, AGERE 2014), with its numbers of actors, as
//! tokio tasks with bounded channels that hold all that can be under way at once.

use crate::tokio_rows::run;
use crate::{elapsed_ns, Random, MAILBOX};
use std::time::Instant;
use tokio::sync::{mpsc, oneshot};

const PAIRS: usize = 20;
const SMOKERS: usize = 200;
const ACCOUNTS: usize = 1000;
const OPEN: u64 = 256;

enum Count {
    Increment,
    Retrieve(oneshot::Sender<u64>),
}

/// Increments to one counter, which says how many there were.
pub fn counting(schedulers: usize, n: u64) -> f64 {
    run(schedulers, async move {
        let (to, mut mailbox) = mpsc::channel(MAILBOX);
        tokio::spawn(async move {
            let mut count = 0;
            while let Some(message) = mailbox.recv().await {
                match message {
                    Count::Increment => count += 1,
                    Count::Retrieve(reply) => reply.send(count).unwrap(),
                }
            }
        });
        let start = Instant::now();
        for _ in 0..n {
            assert!(to.send(Count::Increment).await.is_ok());
        }
        let (reply, answer) = oneshot::channel();
        assert!(to.send(Count::Retrieve(reply)).await.is_ok());
        assert_eq!(answer.await.unwrap(), n);
        elapsed_ns(start, n)
    })
}

#[derive(Debug)]
enum Big {
    Ping(usize),
    Pong,
}

async fn big_actor(
    me: usize,
    all: Vec<mpsc::Sender<Big>>,
    mut mailbox: mpsc::Receiver<Big>,
    pings: u64,
    judge: mpsc::Sender<()>,
) {
    let mut random = Random::new(me as u64 + 1);
    let mut other = move || {
        let other = random.below(PAIRS - 1);
        other + usize::from(other >= me)
    };
    let mut left = pings;
    all[other()].send(Big::Ping(me)).await.unwrap();
    while let Some(message) = mailbox.recv().await {
        match message {
            Big::Ping(from) => {
                if all[from].send(Big::Pong).await.is_err() {
                    return;
                }
            }
            Big::Pong => {
                left -= 1;
                if left > 0 {
                    all[other()].send(Big::Ping(me)).await.unwrap();
                } else {
                    judge.send(()).await.unwrap();
                }
            }
        }
    }
}

/// Each actor has one ping under way to a random other one.
pub fn big(schedulers: usize, n: u64) -> f64 {
    run(schedulers, async move {
        let each = n / PAIRS as u64;
        let (judge, mut finished) = mpsc::channel(PAIRS);
        let (all, mailboxes): (Vec<_>, Vec<_>) =
            (0..PAIRS).map(|_| mpsc::channel(2 * PAIRS)).unzip();
        let start = Instant::now();
        let mut actors = Vec::new();
        for (me, mailbox) in mailboxes.into_iter().enumerate() {
            let actor = big_actor(me, all.clone(), mailbox, each, judge.clone());
            actors.push(tokio::spawn(actor));
        }
        for _ in 0..PAIRS {
            finished.recv().await.unwrap();
        }
        let value = elapsed_ns(start, each * PAIRS as u64);
        actors.iter().for_each(|actor| actor.abort());
        value
    })
}

/// An arbiter lets a random smoker start, which says when it did.
pub fn cigarette_smokers(schedulers: usize, n: u64) -> f64 {
    run(schedulers, async move {
        let (arbiter, mut started) = mpsc::channel(1);
        let mut smokers = Vec::new();
        for _ in 0..SMOKERS {
            let (to, mut mailbox) = mpsc::channel::<u32>(1);
            let arbiter = arbiter.clone();
            tokio::spawn(async move {
                let mut sum = 0u64;
                while let Some(puffs) = mailbox.recv().await {
                    sum += u64::from(puffs);
                    arbiter.send(()).await.unwrap();
                }
                sum
            });
            smokers.push(to);
        }
        let mut random = Random::new(1);
        let start = Instant::now();
        for _ in 0..n {
            smokers[random.below(SMOKERS)].send(1).await.unwrap();
            started.recv().await.unwrap();
        }
        elapsed_ns(start, n)
    })
}

enum Bank {
    Credit { amount: i64, to: mpsc::Sender<Bank> },
    Debit { amount: i64, from: mpsc::Sender<Bank> },
    Debited,
}

async fn account(me: mpsc::Sender<Bank>, mut box_: mpsc::Receiver<Bank>, to: mpsc::Sender<i64>) {
    let mut balance = 0;
    while let Some(message) = box_.recv().await {
        let sent = match message {
            Bank::Credit { amount, to } => {
                balance -= amount;
                to.send(Bank::Debit { amount, from: me.clone() }).await.is_ok()
            }
            Bank::Debit { amount, from } => {
                balance += amount;
                from.send(Bank::Debited).await.is_ok()
            }
            Bank::Debited => to.send(balance).await.is_ok(),
        };
        if !sent {
            return;
        }
    }
}

/// A credit at one account makes a debit at another; a number of transactions is open at once.
pub fn bank_transaction(schedulers: usize, n: u64) -> f64 {
    run(schedulers, async move {
        let (teller, mut done) = mpsc::channel(OPEN as usize);
        let mut accounts = Vec::new();
        let mut tasks = Vec::new();
        for _ in 0..ACCOUNTS {
            let (to, mailbox) = mpsc::channel(OPEN as usize);
            tasks.push(tokio::spawn(account(to.clone(), mailbox, teller.clone())));
            accounts.push(to);
        }
        let mut random = Random::new(1);
        let start = Instant::now();
        for i in 0..n {
            if i >= OPEN {
                done.recv().await.unwrap();
            }
            let from = random.below(ACCOUNTS);
            let to = accounts[(from + 1 + random.below(ACCOUNTS - 1)) % ACCOUNTS].clone();
            assert!(accounts[from].send(Bank::Credit { amount: 1, to }).await.is_ok());
        }
        for _ in 0..n.min(OPEN) {
            done.recv().await.unwrap();
        }
        let value = elapsed_ns(start, n);
        tasks.iter().for_each(|task| task.abort());
        value
    })
}
