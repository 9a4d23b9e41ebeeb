//! Clients, topics, transactions, rebalances, dead letters, the embedded broker. Knows nothing of what the bytes mean.

mod client;
mod dead_letter;
mod embedded;
mod hand;
mod outbox;
mod reader;
mod rung;
mod sasl;
mod stage;
mod topics;
mod worker;

pub use client::{Calm, SecretError, check_secrets, client, partitions, tokens};
pub use dead_letter::{Cause, dead_letter};
pub use embedded::{Broker, EMBEDDED_LIMITS};
pub use outbox::{Out, Outbox};
pub use reader::{Reader, Stored};
pub use rung::Rung;
pub use stage::{Horizon, Progress, Stage};
pub use topics::{TopicError, Topics, ensure, inspect};
pub use worker::{Counters, End, Worker, WorkerError, WorkerPlan};
