//! The transaction in hand: begun with the first record, sealed, sent with its offsets, committed or taken back.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer, ConsumerContext, Rebalance};
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{BaseRecord, DeliveryResult, Producer, ProducerContext, ThreadedProducer};
use rdkafka::{Offset, TopicPartitionList};

use super::client::{log, report};
use super::outbox::{Out, Outbox};
use super::rung::Rung;
use super::sasl::Tokens;
use super::stage::Stage;

/// How long one blocking call of a transaction may take.
pub const CALL: Duration = Duration::from_secs(15);

/// The producer's context: remembers that a delivery failed.
pub struct Delivered {
    pub failed: Arc<AtomicBool>,
    pub tokens: Tokens,
}

impl ClientContext for Delivered {
    const ENABLE_REFRESH_OAUTH_TOKEN: bool = true;

    fn log(&self, level: RDKafkaLogLevel, fac: &str, message: &str) {
        log(level, fac, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        report(&error, reason);
    }

    fn generate_oauth_token(
        &self,
        config: Option<&str>,
    ) -> Result<rdkafka::client::OAuthToken, Box<dyn std::error::Error>> {
        self.tokens.fetch(config)
    }
}

impl ProducerContext for Delivered {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        if result.is_err() {
            self.failed.store(true, Ordering::SeqCst);
        }
    }
}

pub type Sender = ThreadedProducer<Delivered>;

/// The open transaction and the stage; locked by the worker's thread, also in rebalance callbacks, which run inside
/// its polls.
pub struct Hand {
    pub stage: Box<dyn Stage>,
    pub sender: Sender,
    pub failed: Arc<AtomicBool>,
    pub is_transactional: bool,
    pub is_open: bool,
    pub since: Instant,
    pub count: usize,
    /// Next offset to read, by partition: of the open transaction.
    pub next: HashMap<i32, i64>,
    /// Next offset to read as of the last commit: where an abort goes back to.
    pub committed: HashMap<i32, i64>,
    pub assigned: Vec<i32>,
    /// Assigned, not restored yet: paused.
    pub fresh: Vec<i32>,
    /// An abort in a callback left partitions that stay ahead of what is committed.
    pub must_rewind: bool,
    /// An abort in a callback failed: only a new producer is sure.
    pub needs_sender: bool,
    pub commits: u64,
    pub aborts: u64,
}

impl Hand {
    pub fn new(
        stage: Box<dyn Stage>,
        sender: Sender,
        failed: Arc<AtomicBool>,
        is_transactional: bool,
    ) -> Hand {
        Hand {
            stage,
            sender,
            failed,
            is_transactional,
            is_open: false,
            since: Instant::now(),
            count: 0,
            next: HashMap::new(),
            committed: HashMap::new(),
            assigned: Vec::new(),
            fresh: Vec::new(),
            must_rewind: false,
            needs_sender: false,
            commits: 0,
            aborts: 0,
        }
    }

    /// Begins a transaction, unless one is open.
    pub fn begin(&mut self) -> KafkaResult<()> {
        if !self.is_open {
            if self.is_transactional {
                self.sender.begin_transaction()?;
            }
            self.is_open = true;
            self.since = Instant::now();
        }
        Ok(())
    }

    fn send(&self, out: &Out) -> KafkaResult<()> {
        let mut headers = OwnedHeaders::new_with_capacity(out.headers.len());
        for (key, value) in &out.headers {
            headers = headers.insert(Header { key, value: Some(value) });
        }
        let mut record: BaseRecord<'_, [u8], [u8], ()> = BaseRecord::to(&out.topic).headers(headers);
        if let Some(key) = &out.key {
            record = record.key(key.as_slice());
        }
        if let Some(value) = &out.value {
            record = record.payload(value.as_slice());
        }
        if let Some(partition) = out.partition {
            record = record.partition(partition);
        }
        if let Some(timestamp) = out.timestamp {
            record = record.timestamp(timestamp);
        }
        loop {
            match self.sender.send(record) {
                Ok(()) => return Ok(()),
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), back)) => {
                    record = back;
                    // The producer's own thread empties the queue.
                    std::thread::park_timeout(Duration::from_millis(1));
                }
                Err((error, _)) => return Err(error),
            }
        }
    }

    /// Sends what was gathered, in the open transaction or a new one.
    pub fn flush(&mut self, outbox: &mut Outbox) -> KafkaResult<()> {
        for out in std::mem::take(&mut outbox.records) {
            self.begin()?;
            self.send(&out)?;
        }
        Ok(())
    }

    /// Next offset to read, of every partition that is ours.
    pub fn positions(&self) -> HashMap<i32, i64> {
        let at = |p: &i32| self.next.get(p).or_else(|| self.committed.get(p)).map(|at| (*p, *at));
        self.assigned.iter().filter_map(at).collect()
    }

    /// Seals the batch, sends offsets and commits.
    pub fn commit<C: ConsumerContext>(&mut self, consumer: &BaseConsumer<C>, topic: &str) -> KafkaResult<()> {
        if !self.is_open {
            return Ok(());
        }
        let mut outbox = Outbox::default();
        self.stage.seal(&mut outbox);
        self.flush(&mut outbox)?;
        let mut list = TopicPartitionList::new();
        // Offsets are sent even where they have not moved: fencing of watermarks needs them.
        for (partition, at) in self.positions() {
            list.add_partition_offset(topic, partition, Offset::Offset(at))?;
        }
        self.await_deliveries()?;
        if self.is_transactional {
            if let Some(group) = consumer.group_metadata().filter(|_| list.count() > 0) {
                again(|| self.sender.send_offsets_to_transaction(&list, &group, CALL))?;
            }
            again(|| self.sender.commit_transaction(CALL))?;
        } else if list.count() > 0 {
            consumer.commit(&list, CommitMode::Sync)?;
        }
        self.committed.extend(self.next.drain());
        self.is_open = false;
        self.count = 0;
        self.commits += 1;
        self.stage.committed();
        Ok(())
    }

    /// Committing with records in flight polls in slices of 100 ms: await the deliveries first.
    fn await_deliveries(&self) -> KafkaResult<()> {
        let end = Instant::now() + CALL * 2;
        while self.sender.in_flight_count() > 0 && !self.failed.load(Ordering::SeqCst) {
            if Instant::now() > end {
                return Err(KafkaError::MessageProduction(RDKafkaErrorCode::MessageTimedOut));
            }
            std::thread::park_timeout(Duration::from_micros(200));
        }
        if self.failed.swap(false, Ordering::SeqCst) {
            return Err(KafkaError::MessageProduction(RDKafkaErrorCode::Fail));
        }
        Ok(())
    }

    /// Takes the batch back, in Kafka and in the stage.
    ///
    /// # Errors
    /// The transaction may still be open: only a new producer is sure.
    pub fn abort(&mut self) -> KafkaResult<()> {
        let ended = if self.is_open && self.is_transactional {
            again(|| self.sender.abort_transaction(CALL))
        } else {
            Ok(())
        };
        self.failed.store(false, Ordering::SeqCst);
        self.is_open = false;
        self.count = 0;
        self.next.clear();
        self.aborts += 1;
        self.stage.rolled_back();
        ended
    }
}

/// Calls until the outcome is known.
pub fn again(mut call: impl FnMut() -> KafkaResult<()>) -> KafkaResult<()> {
    let end = Instant::now() + CALL * 2;
    loop {
        match call() {
            Err(error) if Rung::of(&error) == Rung::Retry && Instant::now() < end => {}
            outcome => return outcome,
        }
    }
}

/// The consumer's context: commits or aborts before partitions go, holds new ones until their state is there.
pub struct Context {
    pub hand: Arc<Mutex<Hand>>,
    pub topic: String,
    pub tokens: Tokens,
}

impl ClientContext for Context {
    const ENABLE_REFRESH_OAUTH_TOKEN: bool = true;

    fn log(&self, level: RDKafkaLogLevel, fac: &str, message: &str) {
        log(level, fac, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        report(&error, reason);
    }

    fn generate_oauth_token(
        &self,
        config: Option<&str>,
    ) -> Result<rdkafka::client::OAuthToken, Box<dyn std::error::Error>> {
        self.tokens.fetch(config)
    }
}

impl ConsumerContext for Context {
    fn pre_rebalance(&self, consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        let Rebalance::Revoke(list) = rebalance else { return };
        let gone: Vec<i32> = list.elements().iter().map(|e| e.partition()).collect();
        let mut hand = self.hand.lock();
        let lost = consumer.assignment_lost();
        tracing::info!(topic = self.topic, partitions = ?gone, lost, "partitions go");
        // Lost partitions may have another owner already: nothing of them may be committed.
        let failed = if lost {
            Some("assignment lost".to_owned())
        } else {
            hand.commit(consumer, &self.topic).err().map(|e| e.to_string())
        };
        if let Some(error) = failed {
            if hand.is_open {
                tracing::warn!(error, "transaction taken back as partitions go");
            }
            hand.needs_sender |= hand.abort().is_err();
            hand.must_rewind = true;
        }
        hand.assigned.retain(|p| !gone.contains(p));
        hand.fresh.retain(|p| !gone.contains(p));
        hand.committed.retain(|p, _| !gone.contains(p));
        hand.stage.revoked(&gone);
    }

    fn post_rebalance(&self, consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        let Rebalance::Assign(list) = rebalance else { return };
        let come: Vec<i32> = list.elements().iter().map(|e| e.partition()).collect();
        if come.is_empty() {
            return;
        }
        tracing::info!(topic = self.topic, partitions = ?come, "partitions come");
        // Paused until the worker has restored their state, outside of this callback.
        if let Err(error) = consumer.pause(list) {
            tracing::warn!(%error, "pausing new partitions");
        }
        let mut hand = self.hand.lock();
        hand.assigned.extend(&come);
        hand.fresh.extend(&come);
    }
}
