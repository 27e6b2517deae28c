// SPDX-License-Identifier: MIT

//! tokio: a task with a bounded mpsc channel is the actor and a oneshot is the reply, as tokio's
//! own tutorial has it (chapter "Channels"). One scheduler is a current_thread runtime, which its
//! documentation recommends where no second thread is wanted; two are a multi_thread runtime with
//! two workers. A task is not moved by hand, so the rows that force two sides apart give each side
//! a current_thread runtime on a thread of its own.

use crate::{elapsed_ns, resident_bytes, Payload40, BATCH, MAILBOX, RING, SENDERS};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Sleep;

pub fn runtime(schedulers: usize) -> Runtime {
    if schedulers == 1 {
        Builder::new_current_thread().enable_time().build().unwrap()
    } else {
        Builder::new_multi_thread().worker_threads(schedulers).build().unwrap()
    }
}

/// Work that starts on a worker thread: block_on's own thread is not one of the workers.
pub fn run<F>(schedulers: usize, work: F) -> f64
where
    F: Future<Output = f64> + Send + 'static,
{
    let runtime = runtime(schedulers);
    runtime.block_on(async { tokio::spawn(work).await.unwrap() })
}

async fn ping(there: mpsc::Sender<Payload40>, mut back: mpsc::Receiver<Payload40>, n: u64) -> f64 {
    let mut message = [1, 2, 3, 4, 5];
    let start = Instant::now();
    for _ in 0..n {
        there.send(message).await.unwrap();
        message = back.recv().await.unwrap();
    }
    elapsed_ns(start, n)
}

async fn pong(mut there: mpsc::Receiver<Payload40>, back: mpsc::Sender<Payload40>) {
    while let Some(message) = there.recv().await {
        if back.send(message).await.is_err() {
            return;
        }
    }
}

/// Two sides: as tasks of one runtime, or each in a runtime of its own.
fn beside<S, C>(apart: bool, server: S, client: C) -> f64
where
    S: Future<Output = ()> + Send + 'static,
    C: Future<Output = f64> + Send + 'static,
{
    if apart {
        let thread = std::thread::spawn(move || runtime(1).block_on(server));
        let value = runtime(1).block_on(client);
        thread.join().unwrap();
        return value;
    }
    run(1, async move {
        tokio::spawn(server);
        client.await
    })
}

pub fn pingpong(n: u64, apart: bool) -> f64 {
    let (there, there_in) = mpsc::channel(MAILBOX);
    let (back, back_in) = mpsc::channel(MAILBOX);
    beside(apart, pong(there_in, back), ping(there, back_in, n))
}

type Request = (Payload40, oneshot::Sender<Payload40>);

pub fn ask(n: u64, apart: bool) -> f64 {
    let (to, mut requests) = mpsc::channel::<Request>(MAILBOX);
    let server = async move {
        while let Some((body, reply)) = requests.recv().await {
            let _ = reply.send(body);
        }
    };
    let client = async move {
        let start = Instant::now();
        for i in 0..n {
            let (reply, answer) = oneshot::channel();
            if to.send(([i, 2, 3, 4, 5], reply)).await.is_err() {
                panic!("the server is gone");
            }
            answer.await.unwrap();
        }
        elapsed_ns(start, n)
    };
    beside(apart, server, client)
}

/// Messages of so many words.
pub fn to_one<const WORDS: usize>(schedulers: usize, n: u64, senders: u64) -> f64 {
    let each = n / senders;
    run(schedulers, async move {
        let (to, mut mailbox) = mpsc::channel::<[u64; WORDS]>(MAILBOX);
        let start = Instant::now();
        for _ in 0..senders {
            let to = to.clone();
            tokio::spawn(async move {
                let mut message = [7; WORDS];
                for i in 0..each {
                    message[0] = i;
                    to.send(message).await.unwrap();
                }
            });
        }
        drop(to);
        let mut sum = 0;
        while let Some(message) = mailbox.recv().await {
            sum += message[0];
        }
        assert_eq!(sum, senders * (each * (each - 1) / 2));
        elapsed_ns(start, each * senders)
    })
}

/// What is large is boxed, and the box travels.
pub fn stream4096(schedulers: usize, n: u64) -> f64 {
    run(schedulers, async move {
        let (to, mut mailbox) = mpsc::channel::<Box<[u64; 512]>>(MAILBOX);
        let start = Instant::now();
        tokio::spawn(async move {
            for i in 0..n {
                let mut message = Box::new([7; 512]);
                message[0] = i;
                to.send(message).await.unwrap();
            }
        });
        let mut sum = 0;
        while let Some(message) = mailbox.recv().await {
            sum += message[0];
        }
        assert_eq!(sum, n * (n - 1) / 2);
        elapsed_ns(start, n)
    })
}

/// Polls a sleep once, which arms it.
struct Arm(Option<Pin<Box<Sleep>>>);

impl Future for Arm {
    type Output = Pin<Box<Sleep>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut sleep = self.0.take().unwrap();
        assert!(sleep.as_mut().poll(context).is_pending());
        Poll::Ready(sleep)
    }
}

fn arm() -> Arm {
    Arm(Some(Box::pin(tokio::time::sleep(Duration::from_secs(3600)))))
}

/// A sleep is cancelled when it is dropped. Firing is not measured: tokio's clock has ticks of a
/// millisecond.
pub fn arm_cancel(n: u64) -> f64 {
    const ARMED: usize = 1000;
    run(1, async move {
        let mut far = Vec::new();
        for _ in 0..ARMED {
            far.push(arm().await);
        }
        let start = Instant::now();
        for _ in 0..n {
            drop(arm().await);
        }
        elapsed_ns(start, n)
    })
}

async fn hop(mut from: mpsc::Receiver<u64>, to: mpsc::Sender<u64>, home: mpsc::Sender<()>) {
    while let Some(left) = from.recv().await {
        if left == 0 {
            home.send(()).await.unwrap();
            return;
        }
        if to.send(left - 1).await.is_err() {
            return;
        }
    }
}

pub fn ring(n: u64) -> f64 {
    run(1, async move {
        let (home, mut done) = mpsc::channel(1);
        let (first, mut from) = mpsc::channel(MAILBOX);
        for _ in 1..RING {
            let (to, next) = mpsc::channel(MAILBOX);
            tokio::spawn(hop(from, to, home.clone()));
            from = next;
        }
        tokio::spawn(hop(from, first.clone(), home));
        let start = Instant::now();
        first.send(n).await.unwrap();
        done.recv().await.unwrap();
        elapsed_ns(start, n)
    })
}

/// The mailbox of a child that gets one message has one slot.
pub fn lifecycle(n: u64) -> f64 {
    run(1, async move {
        let start = Instant::now();
        let mut children = Vec::with_capacity(BATCH);
        for _ in 0..n / BATCH as u64 {
            for i in 0..BATCH as u64 {
                let (to, mut mailbox) = mpsc::channel::<Payload40>(1);
                children.push(tokio::spawn(async move { mailbox.recv().await.unwrap()[0] }));
                to.send([i, 2, 3, 4, 5]).await.unwrap();
            }
            for child in children.drain(..) {
                child.await.unwrap();
            }
        }
        elapsed_ns(start, n / BATCH as u64 * BATCH as u64)
    })
}

/// A channel allocates a block of 32 slots at once, so its messages are boxed to keep it small.
pub fn idle_memory(n: u64) -> f64 {
    run(1, async move {
        let mut actors = Vec::with_capacity(n as usize);
        actors.resize_with(n as usize, || None);
        let before = resident_bytes();
        for actor in actors.iter_mut() {
            let (to, mut mailbox) = mpsc::channel::<Box<Payload40>>(1);
            let mut state = [0u64; 8];
            tokio::spawn(async move {
                while let Some(message) = mailbox.recv().await {
                    state[message[0] as usize % 8] += message[1];
                }
                state
            });
            *actor = Some(to);
        }
        tokio::task::yield_now().await;
        (resident_bytes() - before) / n as f64
    })
}

pub fn many_to_one(schedulers: usize, n: u64) -> f64 {
    to_one::<8>(schedulers, n, SENDERS)
}
