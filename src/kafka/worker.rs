//! One thread, one consumer, one transactional producer: consume, produce and commit in one Kafka transaction.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext, Rebalance};
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use rdkafka::message::{BorrowedMessage, Header, Message, OwnedHeaders};
use rdkafka::producer::{BaseRecord, DeliveryResult, Producer, ProducerContext, ThreadedProducer};
use rdkafka::{ClientContext, Offset, TopicPartitionList};

use super::client::{client, report};
use super::outbox::{Out, Outbox};
use crate::config::{Delivery, Kafka};

/// Messages a transaction at the most.
const BATCH_MAX: usize = 20_000;
/// How long one blocking call of a transaction may take.
const CALL: Duration = Duration::from_secs(15);
/// How long a poll waits for a message.
const POLL: Duration = Duration::from_millis(20);

/// What a worker does with records. Called on the worker's thread only.
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
    /// Called between records: watermarks, reloads. `ends` tells which partitions are read to their end.
    fn tick(&mut self, ends: &HashMap<i32, bool>, outbox: &mut Outbox);
    /// Called before a commit: what the batch as a whole brings forth.
    fn seal(&mut self, outbox: &mut Outbox);
    fn committed(&mut self);
    fn rolled_back(&mut self);
}

/// What a worker reads and as whom.
#[derive(Clone, Debug)]
pub struct WorkerPlan {
    pub kafka: Kafka,
    pub topic: String,
    pub group: String,
    /// `transactional.id` and `group.instance.id`: stable and unique.
    pub id: String,
    /// Where a group without offsets begins.
    pub reset: String,
    /// Assigned by hand, from these offsets: the embedded broker stores none.
    pub assign: Option<Vec<(i32, i64)>>,
}

/// How a worker ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    /// Asked to.
    Stopped,
    /// Another process has its id: it must not go on.
    Fenced,
}

/// What ends a worker against its will.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    #[error("kafka: {0}")]
    Kafka(#[from] KafkaError),
    #[error("stage: {0:#}")]
    Stage(anyhow::Error),
}

struct Delivered(Arc<AtomicBool>);
impl ClientContext for Delivered {
    fn error(&self, error: KafkaError, reason: &str) {
        report(&error, reason);
    }
}
impl ProducerContext for Delivered {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        if result.is_err() {
            self.0.store(true, Ordering::SeqCst);
        }
    }
}

type Sender = ThreadedProducer<Delivered>;

/// The transaction in hand and the stage; locked by the worker's thread, also in rebalance callbacks (which run
/// inside its polls).
struct Hand {
    stage: Box<dyn Stage>,
    sender: Sender,
    failed: Arc<AtomicBool>,
    is_transactional: bool,
    is_open: bool,
    since: Instant,
    count: usize,
    /// Next offset to read, by partition: of the open transaction, and of the last commit.
    next: HashMap<i32, i64>,
    committed: HashMap<i32, i64>,
    assigned: Vec<i32>,
    /// Assigned, not restored yet: paused.
    fresh: Vec<i32>,
    /// An abort left still-assigned partitions ahead of what is committed.
    must_rewind: bool,
    commits: u64,
    aborts: u64,
}

struct Context {
    hand: Arc<Mutex<Hand>>,
    topic: String,
}

impl ClientContext for Context {
    fn error(&self, error: KafkaError, reason: &str) {
        report(&error, reason);
    }
}

impl ConsumerContext for Context {
    fn pre_rebalance(&self, consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        if let Rebalance::Revoke(list) = rebalance {
            let gone: Vec<i32> = list.elements().iter().map(|e| e.partition()).collect();
            let mut hand = self.hand.lock();
            if consumer.assignment_lost() || hand.commit(consumer, &self.topic).is_err() {
                hand.abort();
                hand.must_rewind = true;
            }
            hand.assigned.retain(|p| !gone.contains(p));
            hand.committed.retain(|p, _| !gone.contains(p));
            hand.stage.revoked(&gone);
        }
    }

    fn post_rebalance(&self, consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        if let Rebalance::Assign(list) = rebalance {
            let come: Vec<i32> = list.elements().iter().map(|e| e.partition()).collect();
            if come.is_empty() {
                return;
            }
            // Paused until the worker has restored their state, outside of this callback.
            let _ = consumer.pause(list);
            let mut hand = self.hand.lock();
            hand.assigned.extend(&come);
            hand.fresh.extend(&come);
        }
    }
}

impl Hand {
    fn begin(&mut self) -> KafkaResult<()> {
        if !self.is_open {
            if self.is_transactional {
                self.sender.begin_transaction()?;
            }
            self.is_open = true;
            self.since = Instant::now();
        }
        Ok(())
    }

    fn send(&mut self, out: &Out) -> KafkaResult<()> {
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

    fn flush_outbox(&mut self, outbox: &mut Outbox) -> KafkaResult<()> {
        for out in std::mem::take(&mut outbox.records) {
            self.begin()?;
            self.send(&out)?;
        }
        Ok(())
    }

    /// Seals the batch, sends offsets and commits.
    fn commit(&mut self, consumer: &BaseConsumer<Context>, topic: &str) -> KafkaResult<()> {
        if !self.is_open {
            return Ok(());
        }
        let mut outbox = Outbox::default();
        self.stage.seal(&mut outbox);
        self.flush_outbox(&mut outbox)?;
        let mut list = TopicPartitionList::new();
        for partition in &self.assigned {
            // Offsets are sent even where they have not moved: fencing needs them.
            let at = self.next.get(partition).or(self.committed.get(partition));
            if let Some(at) = at {
                list.add_partition_offset(topic, *partition, Offset::Offset(*at))?;
            }
        }
        // Await the deliveries first: committing with records in flight polls in slices of 100 ms.
        while self.sender.in_flight_count() > 0 && !self.failed.load(Ordering::SeqCst) {
            if self.since.elapsed() > CALL * 4 {
                return Err(KafkaError::Flush(RDKafkaErrorCode::OperationTimedOut));
            }
            std::thread::park_timeout(Duration::from_micros(200));
        }
        if self.failed.swap(false, Ordering::SeqCst) {
            return Err(KafkaError::MessageProduction(RDKafkaErrorCode::Fail));
        }
        if self.is_transactional {
            if let Some(group) = consumer.group_metadata().filter(|_| list.count() > 0) {
                again(|| self.sender.send_offsets_to_transaction(&list, &group, CALL))?;
            }
            again(|| self.sender.commit_transaction(CALL))?;
        } else if list.count() > 0 {
            consumer.commit(&list, rdkafka::consumer::CommitMode::Sync)?;
        }
        self.committed.extend(self.next.drain());
        self.is_open = false;
        self.count = 0;
        self.commits += 1;
        self.stage.committed();
        Ok(())
    }

    fn abort(&mut self) {
        if self.is_open && self.is_transactional {
            let _ = again(|| self.sender.abort_transaction(CALL));
        }
        self.failed.store(false, Ordering::SeqCst);
        self.is_open = false;
        self.count = 0;
        self.next.clear();
        self.aborts += 1;
        self.stage.rolled_back();
    }
}

/// Retriable errors of a transaction mean "call it again".
fn again(mut call: impl FnMut() -> KafkaResult<()>) -> KafkaResult<()> {
    let end = Instant::now() + CALL * 2;
    loop {
        match call() {
            Err(KafkaError::Transaction(error)) if error.is_retriable() && Instant::now() < end => {}
            Err(KafkaError::Flush(_)) if Instant::now() < end => {}
            other => return other,
        }
    }
}

fn is_fenced(error: &KafkaError) -> bool {
    let code = match error {
        KafkaError::Transaction(error) => error.code(),
        other => other.rdkafka_error_code().unwrap_or(RDKafkaErrorCode::NoError),
    };
    matches!(
        code,
        RDKafkaErrorCode::Fenced
            | RDKafkaErrorCode::ProducerFenced
            | RDKafkaErrorCode::InvalidProducerEpoch
            | RDKafkaErrorCode::FencedInstanceId
            | RDKafkaErrorCode::UnknownProducerId
    )
}

/// A worker, ready to run on its own thread.
pub struct Worker {
    plan: WorkerPlan,
    stop: Arc<AtomicBool>,
    /// Counters for metrics: commits, aborts, messages, lag.
    pub counters: Arc<Counters>,
}

/// What a worker has done; read by metrics.
#[derive(Default, Debug)]
pub struct Counters {
    pub commits: std::sync::atomic::AtomicU64,
    pub aborts: std::sync::atomic::AtomicU64,
    pub messages: std::sync::atomic::AtomicU64,
    pub lag: std::sync::atomic::AtomicI64,
}

impl Worker {
    pub fn new(plan: WorkerPlan, stop: Arc<AtomicBool>) -> Worker {
        Worker { plan, stop, counters: Arc::default() }
    }

    fn sender(&self, failed: &Arc<AtomicBool>) -> KafkaResult<Sender> {
        let kafka = &self.plan.kafka;
        let mut config = client(kafka);
        config.set("linger.ms", "2").set("compression.type", "lz4").set("enable.idempotence", "true");
        let is_transactional = kafka.delivery == Delivery::ExactlyOnce;
        if is_transactional {
            config
                .set("transactional.id", &self.plan.id)
                .set("transaction.timeout.ms", kafka.transaction_timeout_ms.to_string());
        }
        let sender: Sender = config.create_with_context(Delivered(failed.clone()))?;
        if is_transactional {
            again(|| sender.init_transactions(CALL * 2))?;
        }
        Ok(sender)
    }

    fn consumer(&self, hand: &Arc<Mutex<Hand>>) -> KafkaResult<BaseConsumer<Context>> {
        let kafka = &self.plan.kafka;
        let mut config = client(kafka);
        config
            .set("group.id", &self.plan.group)
            .set("group.instance.id", &self.plan.id)
            .set("enable.auto.commit", "false")
            .set("enable.auto.offset.store", "false")
            .set("auto.offset.reset", &self.plan.reset)
            .set("isolation.level", "read_committed")
            .set("partition.assignment.strategy", "cooperative-sticky")
            .set("session.timeout.ms", kafka.session_timeout_ms.to_string())
            .set("heartbeat.interval.ms", (kafka.session_timeout_ms / 4).max(500).to_string())
            .set("max.poll.interval.ms", "300000")
            .set("enable.partition.eof", "true")
            .set("fetch.queue.backoff.ms", "50")
            .set("queued.max.messages.kbytes", "16384");
        for (key, value) in &kafka.client {
            config.set(key, value);
        }
        let context = Context { hand: hand.clone(), topic: self.plan.topic.clone() };
        let consumer: BaseConsumer<Context> = config.create_with_context(context)?;
        match &self.plan.assign {
            Some(partitions) => {
                let mut list = TopicPartitionList::new();
                for (partition, offset) in partitions {
                    list.add_partition_offset(&self.plan.topic, *partition, Offset::Offset(*offset))?;
                }
                consumer.assign(&list)?;
                let mut hand = hand.lock();
                let all: Vec<i32> = partitions.iter().map(|(p, _)| *p).collect();
                hand.assigned.clone_from(&all);
                hand.fresh = all;
            }
            None => consumer.subscribe(&[&self.plan.topic])?,
        }
        Ok(consumer)
    }

    /// Runs until it is asked to stop, or cannot go on.
    ///
    /// # Errors
    /// What ended it; the caller decides whether to start anew.
    pub fn run(&self, stage: Box<dyn Stage>) -> Result<End, WorkerError> {
        let failed = Arc::new(AtomicBool::new(false));
        let sender = self.sender(&failed)?;
        let hand = Arc::new(Mutex::new(Hand {
            stage,
            sender,
            failed,
            is_transactional: self.plan.kafka.delivery == Delivery::ExactlyOnce,
            is_open: false,
            since: Instant::now(),
            count: 0,
            next: HashMap::new(),
            committed: HashMap::new(),
            assigned: Vec::new(),
            fresh: Vec::new(),
            must_rewind: false,
            commits: 0,
            aborts: 0,
        }));
        let consumer = self.consumer(&hand)?;
        let end = self.work(&consumer, &hand);
        let mut held = hand.lock();
        let ended = match end {
            Ok(()) => match held.commit(&consumer, &self.plan.topic) {
                Ok(()) => Ok(End::Stopped),
                Err(error) if is_fenced(&error) => Ok(End::Fenced),
                Err(error) => {
                    held.abort();
                    Err(error.into())
                }
            },
            Err(WorkerError::Kafka(error)) if is_fenced(&error) => Ok(End::Fenced),
            Err(error) => {
                held.abort();
                Err(error)
            }
        };
        drop(held);
        // Leaves the group at once, so that a successor need not wait for the session to end.
        consumer.unsubscribe();
        ended
    }

    fn work(&self, consumer: &BaseConsumer<Context>, hand: &Mutex<Hand>) -> Result<(), WorkerError> {
        let interval = Duration::from_millis(self.plan.kafka.commit_interval_ms);
        let mut ends: HashMap<i32, bool> = HashMap::new();
        let mut last_tick = Instant::now() - POLL;
        while !self.stop.load(Ordering::SeqCst) {
            let polled = consumer.poll(POLL);
            let mut held = hand.lock();
            self.welcome(consumer, &mut held)?;
            ends.retain(|partition, _| held.assigned.contains(partition));
            let mut urgent = false;
            match polled {
                Some(Ok(message)) => {
                    if !held.assigned.contains(&message.partition()) {
                        continue;
                    }
                    let mut outbox = Outbox::default();
                    held.begin()?;
                    held.stage.handle(&message, &mut outbox);
                    urgent = outbox.is_urgent;
                    held.next.insert(message.partition(), message.offset() + 1);
                    held.count += 1;
                    self.counters.messages.fetch_add(1, Ordering::Relaxed);
                    ends.insert(message.partition(), false);
                    if let Err(error) = held.flush_outbox(&mut outbox) {
                        self.recover(consumer, &mut held, &error)?;
                        continue;
                    }
                }
                Some(Err(KafkaError::PartitionEOF(partition))) => {
                    ends.insert(partition, true);
                }
                Some(Err(error)) if error.rdkafka_error_code() == Some(RDKafkaErrorCode::AutoOffsetReset) => {
                    return Err(error.into());
                }
                Some(Err(error)) if is_fenced(&error) => return Err(error.into()),
                Some(Err(error)) => tracing::debug!(%error, "poll"),
                None => {}
            }
            if last_tick.elapsed() >= POLL {
                last_tick = Instant::now();
                let mut outbox = Outbox::default();
                held.stage.tick(&ends, &mut outbox);
                urgent |= outbox.is_urgent;
                if let Err(error) = held.flush_outbox(&mut outbox) {
                    self.recover(consumer, &mut held, &error)?;
                    continue;
                }
            }
            let is_due =
                held.is_open && (urgent || held.since.elapsed() >= interval || held.count >= BATCH_MAX);
            if is_due && let Err(error) = held.commit(consumer, &self.plan.topic) {
                self.recover(consumer, &mut held, &error)?;
            }
            self.counters.commits.store(held.commits, Ordering::Relaxed);
            self.counters.aborts.store(held.aborts, Ordering::Relaxed);
            if held.must_rewind {
                held.must_rewind = false;
                self.rewind(consumer, &held)?;
            }
        }
        Ok(())
    }

    /// Restores the state of partitions that have come, then lets them run.
    fn welcome(&self, consumer: &BaseConsumer<Context>, held: &mut Hand) -> Result<(), WorkerError> {
        if held.fresh.is_empty() {
            return Ok(());
        }
        let fresh = std::mem::take(&mut held.fresh);
        held.stage.assigned(&fresh).map_err(WorkerError::Stage)?;
        let mut list = TopicPartitionList::new();
        for partition in &fresh {
            list.add_partition(&self.plan.topic, *partition);
        }
        // Where the group stands: what an abort goes back to.
        if self.plan.assign.is_none()
            && let Ok(stored) = consumer.committed_offsets(list.clone(), CALL)
        {
            for element in stored.elements() {
                if let Offset::Offset(at) = element.offset() {
                    held.committed.insert(element.partition(), at);
                }
            }
        }
        for partition in fresh.iter().filter(|p| !held.committed.contains_key(p)).copied().collect::<Vec<_>>()
        {
            let at = match &self.plan.assign {
                Some(list) => list.iter().find(|(p, _)| *p == partition).map(|(_, at)| *at),
                None => consumer
                    .fetch_watermarks(&self.plan.topic, partition, CALL)
                    .ok()
                    .map(|(low, high)| if self.plan.reset == "latest" { high } else { low }),
            };
            if let Some(at) = at {
                held.committed.insert(partition, at);
                // Fixed now, so that an abort before the first commit comes back to the same place.
                let _ = consumer.seek(&self.plan.topic, partition, Offset::Offset(at), CALL);
            }
        }
        consumer.resume(&list)?;
        Ok(())
    }

    /// Aborts, rewinds, and where the producer is lost makes a new one.
    fn recover(
        &self,
        consumer: &BaseConsumer<Context>,
        held: &mut Hand,
        error: &KafkaError,
    ) -> Result<(), WorkerError> {
        if is_fenced(error) {
            return Err(error.clone().into());
        }
        tracing::warn!(%error, worker = self.plan.id, "transaction aborted, going back to the last commit");
        held.abort();
        // After an outcome that is not known for sure only a new producer is sure: its init ends what was open.
        held.sender = self.sender(&held.failed)?;
        self.rewind(consumer, held)
    }

    /// Every partition that is still ours goes back to its last commit.
    fn rewind(&self, consumer: &BaseConsumer<Context>, held: &Hand) -> Result<(), WorkerError> {
        for partition in &held.assigned {
            if let Some(at) = held.committed.get(partition) {
                consumer.seek(&self.plan.topic, *partition, Offset::Offset(*at), CALL)?;
            }
        }
        Ok(())
    }
}
