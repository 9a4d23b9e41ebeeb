//! One thread, one consumer, one transactional producer: consume, produce and commit in one Kafka transaction.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use parking_lot::Mutex;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use rdkafka::message::{BorrowedMessage, Message};
use rdkafka::producer::Producer;
use rdkafka::{Offset, TopicPartitionList};

use super::client::{client, tokens};
use super::hand::{CALL, Context, Delivered, Hand, Sender, again};
use super::outbox::Outbox;
use super::rung::Rung;
use super::stage::{Horizon, Progress, Stage};
use crate::config::{Delivery, Kafka};

/// Messages a transaction at the most.
const BATCH_MAX: usize = 20_000;
/// How long a poll waits for a message.
const POLL: Duration = Duration::from_millis(20);
/// A batch that somebody waits for is committed when nothing more is ready, or after so long.
const URGENT: Duration = Duration::from_millis(20);
/// How often the lag is asked.
const LOOK: Duration = Duration::from_secs(5);
/// Fencings within a minute that a worker answers with a new producer; then it gives way.
const FENCED_MAX: usize = 3;

/// What a worker reads and as whom.
#[derive(Clone, Debug)]
pub struct WorkerPlan {
    pub kafka: Kafka,
    pub topic: String,
    pub group: String,
    /// `transactional.id` and `group.instance.id`: stable and unique.
    pub id: String,
    /// Where a group without offsets begins: `earliest`, `latest`, or `error`.
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
    #[error("{0:#}")]
    Stage(anyhow::Error),
}

/// What a worker has done; read by metrics and the watchdog.
#[derive(Default, Debug)]
pub struct Counters {
    pub commits: AtomicU64,
    pub aborts: AtomicU64,
    pub messages: AtomicU64,
    /// Records between the worker and the end of its partitions.
    pub lag: AtomicI64,
}

/// A worker, ready to run on its own thread.
pub struct Worker {
    plan: WorkerPlan,
    stop: Arc<AtomicBool>,
    pub counters: Arc<Counters>,
}

/// What one run of a worker remembers between polls.
struct Loop {
    ends: HashMap<i32, bool>,
    urgent: Option<Instant>,
    ticked: Instant,
    looked: Instant,
    fenced: Vec<Instant>,
    is_paused: bool,
}

impl Worker {
    pub fn new(plan: WorkerPlan, stop: Arc<AtomicBool>, counters: Arc<Counters>) -> Worker {
        Worker { plan, stop, counters }
    }

    fn sender(&self, failed: &Arc<AtomicBool>) -> KafkaResult<Sender> {
        let kafka = &self.plan.kafka;
        let mut config = client(kafka);
        config.set("linger.ms", "2").set("compression.type", "lz4").set("enable.idempotence", "true");
        let is_transactional = kafka.delivery == Delivery::ExactlyOnce;
        if is_transactional {
            config
                .set("transactional.id", &self.plan.id)
                .set("transaction.timeout.ms", kafka.transaction_timeout_ms.to_string())
                .set("message.timeout.ms", kafka.transaction_timeout_ms.to_string());
        }
        let sender: Sender =
            config.create_with_context(Delivered { failed: failed.clone(), tokens: tokens(kafka) })?;
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
            .set("enable.auto.commit", "false")
            .set("enable.auto.offset.store", "false")
            .set("auto.offset.reset", &self.plan.reset)
            .set("isolation.level", "read_committed")
            .set("max.poll.interval.ms", "300000")
            .set("enable.partition.eof", "true")
            .set("fetch.queue.backoff.ms", "50")
            .set("queued.max.messages.kbytes", kafka.fetch_ahead_kb.to_string());
        if self.plan.assign.is_none() {
            config.set("group.instance.id", &self.plan.id);
        }
        if kafka.group_protocol == "consumer" {
            config.set("group.protocol", "consumer");
        } else {
            config
                .set("partition.assignment.strategy", "cooperative-sticky")
                .set("session.timeout.ms", kafka.session_timeout_ms.to_string())
                .set("heartbeat.interval.ms", (kafka.session_timeout_ms / 4).max(500).to_string());
        }
        let context = Context { hand: hand.clone(), topic: self.plan.topic.clone(), tokens: tokens(kafka) };
        let consumer: BaseConsumer<Context> = config.create_with_context(context)?;
        let Some(partitions) = &self.plan.assign else {
            consumer.subscribe(&[&self.plan.topic])?;
            return Ok(consumer);
        };
        let mut list = TopicPartitionList::new();
        for (partition, offset) in partitions {
            list.add_partition_offset(&self.plan.topic, *partition, Offset::Offset(*offset))?;
        }
        consumer.assign(&list)?;
        let mut hand = hand.lock();
        hand.assigned = partitions.iter().map(|(p, _)| *p).collect();
        hand.fresh = hand.assigned.clone();
        drop(hand);
        Ok(consumer)
    }

    /// Runs until it is asked to stop, or cannot go on.
    ///
    /// # Errors
    /// What ended it; the caller decides whether to start anew.
    pub fn run(&self, stage: Box<dyn Stage>) -> Result<End, WorkerError> {
        let failed = Arc::new(AtomicBool::new(false));
        let sender = self.sender(&failed)?;
        let is_transactional = self.plan.kafka.delivery == Delivery::ExactlyOnce;
        let hand = Arc::new(Mutex::new(Hand::new(stage, sender, failed, is_transactional)));
        let consumer = self.consumer(&hand)?;
        let worked = self.work(&consumer, &hand);
        let mut held = hand.lock();
        let ended = worked.and_then(|end| match end {
            End::Stopped => held.commit(&consumer, &self.plan.topic).map(|()| end).map_err(WorkerError::from),
            End::Fenced => Ok(end),
        });
        if held.is_open {
            // The producer goes with the worker: what is open is aborted by the next one's init or by time.
            let _ = held.abort();
        }
        let gone = std::mem::take(&mut held.assigned);
        held.stage.revoked(&gone);
        drop(held);
        consumer.unsubscribe();
        ended
    }

    fn work(&self, consumer: &BaseConsumer<Context>, hand: &Mutex<Hand>) -> Result<End, WorkerError> {
        let now = Instant::now();
        let mut state = Loop {
            ends: HashMap::new(),
            urgent: None,
            ticked: now,
            looked: now,
            fenced: Vec::new(),
            is_paused: false,
        };
        while !self.stop.load(Ordering::SeqCst) {
            // Where somebody waits, only what is there already is taken along.
            let wait = if state.urgent.is_some() { Duration::ZERO } else { POLL };
            let polled = consumer.poll(wait);
            let mut held = hand.lock();
            self.welcome(consumer, &mut held)?;
            let is_idle = polled.is_none();
            let step = self.step(consumer, &mut held, &mut state, polled);
            let step = step.and_then(|()| self.finish(consumer, &mut held, &mut state, is_idle));
            if let Err(error) = step
                && let Some(end) = self.recover(consumer, &mut held, &mut state, error)?
            {
                return Ok(end);
            }
            if std::mem::take(&mut held.needs_sender) {
                held.sender = self.sender(&held.failed)?;
            }
            if std::mem::take(&mut held.must_rewind) {
                self.rewind(consumer, &mut held)?;
            }
            self.counters.commits.store(held.commits, Ordering::Relaxed);
            self.counters.aborts.store(held.aborts, Ordering::Relaxed);
        }
        Ok(End::Stopped)
    }

    /// One message, or what the poll gave in its place.
    fn step(
        &self,
        consumer: &BaseConsumer<Context>,
        held: &mut Hand,
        state: &mut Loop,
        polled: Option<KafkaResult<BorrowedMessage<'_>>>,
    ) -> KafkaResult<()> {
        state.ends.retain(|partition, _| held.assigned.contains(partition));
        match polled {
            Some(Ok(message)) => {
                let (partition, offset) = (message.partition(), message.offset());
                let is_known = held.next.get(&partition).or(held.committed.get(&partition));
                // What was fetched before a rewind is not read again behind it.
                let is_ours = held.assigned.contains(&partition) && is_known.is_none_or(|at| offset >= *at);
                if !is_ours {
                    return Ok(());
                }
                let mut outbox = Outbox::default();
                held.begin()?;
                held.stage.handle(&message, &mut outbox);
                held.next.insert(partition, offset + 1);
                held.count += 1;
                if outbox.is_urgent {
                    state.urgent.get_or_insert_with(Instant::now);
                }
                self.counters.messages.fetch_add(1, Ordering::Relaxed);
                state.ends.insert(partition, false);
                held.flush(&mut outbox)?;
            }
            Some(Err(KafkaError::PartitionEOF(partition))) => {
                state.ends.insert(partition, true);
            }
            Some(Err(error)) => return self.poll_error(error),
            None => {}
        }
        if state.ticked.elapsed() >= POLL {
            state.ticked = Instant::now();
            self.tick(consumer, held, state)?;
        }
        Ok(())
    }

    /// Errors of a poll are passing (the client tries again by itself) unless they are named here.
    fn poll_error(&self, error: KafkaError) -> KafkaResult<()> {
        let is_final = matches!(
            error.rdkafka_error_code(),
            Some(
                RDKafkaErrorCode::AutoOffsetReset
                    | RDKafkaErrorCode::Fatal
                    | RDKafkaErrorCode::FencedInstanceId
                    | RDKafkaErrorCode::TopicAuthorizationFailed
                    | RDKafkaErrorCode::GroupAuthorizationFailed
                    | RDKafkaErrorCode::UnknownTopicOrPartition
            )
        );
        if is_final {
            return Err(error);
        }
        tracing::debug!(%error, "poll");
        Ok(())
    }

    fn tick(&self, consumer: &BaseConsumer<Context>, held: &mut Hand, state: &mut Loop) -> KafkaResult<()> {
        let mut due = held.stage.due();
        due.retain(|partition| held.assigned.contains(partition));
        let horizons: Vec<Horizon> = due.iter().filter_map(|p| self.horizon(consumer, *p)).collect();
        let positions = held.positions();
        let progress = Progress { positions: &positions, at_end: &state.ends, horizons: &horizons };
        let mut outbox = Outbox::default();
        held.stage.tick(&progress, &mut outbox);
        if outbox.is_urgent {
            state.urgent.get_or_insert_with(Instant::now);
        }
        held.flush(&mut outbox)?;
        if state.looked.elapsed() >= LOOK {
            state.looked = Instant::now();
            let left = held.assigned.iter().filter(|p| !state.ends.get(p).copied().unwrap_or(false));
            let lag = left.filter_map(|p| {
                self.horizon(consumer, *p).zip(positions.get(p)).map(|(h, at)| (h.high - at).max(0))
            });
            self.counters.lag.store(lag.sum(), Ordering::Relaxed);
        }
        let choked = held.stage.is_choked();
        if choked != state.is_paused {
            state.is_paused = choked;
            let list = consumer.assignment()?;
            if choked { consumer.pause(&list)? } else { consumer.resume(&list)? }
        }
        Ok(())
    }

    fn horizon(&self, consumer: &BaseConsumer<Context>, partition: i32) -> Option<Horizon> {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let asked = i64::try_from(since.as_millis()).unwrap_or(0);
        let wait = Duration::from_secs(2);
        let (_, high) = consumer.fetch_watermarks(&self.plan.topic, partition, wait).ok()?;
        Some(Horizon { partition, asked, high })
    }

    /// Commits where it is time.
    fn finish(
        &self,
        consumer: &BaseConsumer<Context>,
        held: &mut Hand,
        state: &mut Loop,
        is_idle: bool,
    ) -> KafkaResult<()> {
        let interval = Duration::from_millis(self.plan.kafka.commit_interval_ms);
        let is_urgent = state.urgent.is_some_and(|since| is_idle || since.elapsed() >= URGENT);
        let is_due = is_urgent || held.since.elapsed() >= interval || held.count >= BATCH_MAX;
        if held.is_open && is_due {
            held.commit(consumer, &self.plan.topic)?;
        }
        if !held.is_open {
            state.urgent = None;
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
        match &self.plan.assign {
            Some(from) => {
                held.committed.extend(from.iter().filter(|(p, _)| fresh.contains(p)).copied());
            }
            None => self.stand(consumer, held, &fresh, list.clone())?,
        }
        if self.plan.assign.is_none() {
            consumer.resume(&list)?;
        }
        Ok(())
    }

    /// Where the group stands on new partitions: what an abort goes back to. Fixed now also where it has no offset
    /// yet, so that an abort before the first commit comes back to the same place.
    fn stand(
        &self,
        consumer: &BaseConsumer<Context>,
        held: &mut Hand,
        fresh: &[i32],
        list: TopicPartitionList,
    ) -> Result<(), WorkerError> {
        let stored = consumer.committed_offsets(list, CALL)?;
        for element in stored.elements() {
            if let Offset::Offset(at) = element.offset() {
                held.committed.insert(element.partition(), at);
            }
        }
        for partition in fresh {
            if held.committed.contains_key(partition) {
                continue;
            }
            let (low, high) = consumer.fetch_watermarks(&self.plan.topic, *partition, CALL)?;
            let at = if self.plan.reset == "latest" { high } else { low };
            held.committed.insert(*partition, at);
            self.seek(consumer, *partition, at)?;
        }
        Ok(())
    }

    /// Climbs the error ladder; gives how the worker ends, where it must.
    fn recover(
        &self,
        consumer: &BaseConsumer<Context>,
        held: &mut Hand,
        state: &mut Loop,
        error: KafkaError,
    ) -> Result<Option<End>, WorkerError> {
        let rung = Rung::of(&error);
        if Rung::is_replaced(&error) {
            return Ok(Some(End::Fenced));
        }
        if rung == Rung::Fenced {
            state.fenced.retain(|at| at.elapsed() < Duration::from_secs(60));
            state.fenced.push(Instant::now());
            if state.fenced.len() > FENCED_MAX {
                return Ok(Some(End::Fenced));
            }
        }
        tracing::warn!(%error, ?rung, worker = self.plan.id, "transaction taken back, going on from the last commit");
        let aborted = held.abort();
        state.urgent = None;
        state.ends.clear();
        if rung > Rung::Abort || aborted.is_err() {
            // Its init ends whatever the old one left open.
            held.sender = self.sender(&held.failed)?;
        }
        if matches!(error, KafkaError::MessageConsumption(_) | KafkaError::MessageConsumptionFatal(_)) {
            return Err(error.into());
        }
        self.rewind(consumer, held)?;
        Ok(None)
    }

    /// Every partition that is still ours goes back to its last commit: with cooperative assignment those that stay
    /// have moved past what was taken back.
    fn rewind(&self, consumer: &BaseConsumer<Context>, held: &mut Hand) -> Result<(), WorkerError> {
        for partition in held.assigned.iter().filter(|p| !held.fresh.contains(p)) {
            if let Some(at) = held.committed.get(partition) {
                self.seek(consumer, *partition, *at)?;
            }
        }
        Ok(())
    }

    fn seek(&self, consumer: &BaseConsumer<Context>, partition: i32, at: i64) -> KafkaResult<()> {
        let mut tries = 0;
        loop {
            match consumer.seek(&self.plan.topic, partition, Offset::Offset(at), CALL) {
                // The fetcher of a partition that has just come is not running yet.
                Err(error) if tries < 500 => {
                    tracing::trace!(%error, "seek");
                    tries += 1;
                    std::thread::park_timeout(Duration::from_millis(10));
                }
                outcome => return outcome,
            }
        }
    }
}
