//! Clients, topics, transactions, rebalances, dead letters. Knows nothing of what the bytes mean.

mod client;
mod dead_letter;
mod outbox;
mod reader;
mod topics;
mod worker;

pub use client::{client, partitions};
pub use dead_letter::{Cause, dead_letter};
pub use outbox::{Out, Outbox};
pub use reader::{Reader, Stored};
pub use topics::{TopicError, Topics, ensure};
pub use worker::{Counters, End, Stage, Worker, WorkerError, WorkerPlan};
