//! What a worker does with records, seen from the transaction.

use std::collections::HashMap;

use rdkafka::message::BorrowedMessage;

use super::outbox::Outbox;

/// The end of a partition, as the broker told it when asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Horizon {
    pub partition: i32,
    /// Milliseconds since 1970, read before the broker was asked: all that came before then lies below `high`.
    pub asked: i64,
    /// Offset behind the last record.
    pub high: i64,
}

/// How far a worker has read.
pub struct Progress<'a> {
    /// Next offset to read, by partition.
    pub positions: &'a HashMap<i32, i64>,
    /// Partitions that were read to their end, and nothing has come since.
    pub at_end: &'a HashMap<i32, bool>,
    /// Answers to what [`Stage::due`] asked for.
    pub horizons: &'a [Horizon],
}

/// Called on the worker's thread only.
pub trait Stage: Send {
    /// Partitions have come; they stay paused until this returns.
    ///
    /// # Errors
    /// State that cannot be restored: the worker ends.
    fn assigned(&mut self, partitions: &[i32]) -> anyhow::Result<()>;

    /// Partitions have gone.
    fn revoked(&mut self, partitions: &[i32]);

    /// One record; what it brings forth goes to `outbox`.
    fn handle(&mut self, message: &BorrowedMessage<'_>, outbox: &mut Outbox);

    /// Partitions whose end the stage wants to know.
    fn due(&mut self) -> Vec<i32> {
        Vec::new()
    }

    /// Called between records.
    fn tick(&mut self, progress: &Progress<'_>, outbox: &mut Outbox);

    /// Takes no more records for now.
    fn is_choked(&self) -> bool {
        false
    }

    /// Called before a commit: what the batch as a whole brings forth.
    fn seal(&mut self, outbox: &mut Outbox);

    /// What was done is done.
    fn committed(&mut self);

    /// Back to the last commit.
    fn rolled_back(&mut self);
}
