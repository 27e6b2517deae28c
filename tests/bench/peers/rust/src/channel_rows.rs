// SPDX-License-Identifier: MIT

//! crossbeam-channel and flume: channels between threads, without actors, so only the rows that a
//! bounded channel can answer. The two sides are two threads; both libraries spin and then park by
//! themselves and offer nothing to tune beyond the capacity. One macro writes the same rows for
//! both, since their channels have the same methods.

use crate::{elapsed_ns, Payload40, Payload64, MAILBOX, SENDERS};
use std::thread;
use std::time::Instant;

macro_rules! channel_rows {
    ($name:ident, $library:ident) => {
        pub mod $name {
            use super::*;

            pub fn pingpong(n: u64) -> f64 {
                let (there, there_in) = $library::bounded::<Payload40>(MAILBOX);
                let (back, back_in) = $library::bounded::<Payload40>(MAILBOX);
                let server = thread::spawn(move || {
                    for message in there_in.iter() {
                        back.send(message).unwrap();
                    }
                });
                let mut message = [1, 2, 3, 4, 5];
                let start = Instant::now();
                for _ in 0..n {
                    there.send(message).unwrap();
                    message = back_in.recv().unwrap();
                }
                let value = elapsed_ns(start, n);
                drop(there);
                server.join().unwrap();
                value
            }

            pub fn to_one(n: u64, senders: u64) -> f64 {
                let each = n / senders;
                let (to, mailbox) = $library::bounded::<Payload64>(MAILBOX);
                let start = Instant::now();
                let threads: Vec<_> = (0..senders)
                    .map(|_| {
                        let to = to.clone();
                        thread::spawn(move || {
                            for i in 0..each {
                                to.send([i, 1, 2, 3, 4, 5, 6, 7]).unwrap();
                            }
                        })
                    })
                    .collect();
                drop(to);
                let sum: u64 = mailbox.iter().map(|message| message[0]).sum();
                let value = elapsed_ns(start, each * senders);
                assert_eq!(sum, senders * (each * (each - 1) / 2));
                for thread in threads {
                    thread.join().unwrap();
                }
                value
            }

            pub fn many_to_one(n: u64) -> f64 {
                to_one(n, SENDERS)
            }
        }
    };
}

channel_rows!(crossbeam, crossbeam_channel);
channel_rows!(flume_rows, flume);
