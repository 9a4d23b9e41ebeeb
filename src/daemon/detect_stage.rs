//! detect as a stage: news in, signals, watermarks and dead letters out.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use rdkafka::message::{BorrowedMessage, Message, Timestamp};

use super::breaker::Breaker;
use super::shared::{Shared, now};
use crate::article::{self, Article, DAY, MINUTE, Refusal, SECOND, Time};
use crate::detect::{Detection, Scratch, detect};
use crate::kafka::{Cause, Horizon, Out, Outbox, Progress, Stage, Topics, dead_letter};
use crate::rules::Ruleset;
use crate::signal::{Record, Watermark};

/// An input further from its end than this is behind.
const BEHIND: i64 = MINUTE;
/// Watermarks come no more often than this with news, and than `IDLE` without.
const BUSY: i64 = 10 * SECOND;
const IDLE: i64 = MINUTE;
/// A fetch that was on its way when the end was asked has come by then.
const SETTLE: i64 = 2 * SECOND;

/// What is known of one news partition that this worker owns.
#[derive(Clone, Debug, Default)]
struct Input {
    last: Option<Time>,
    written: Option<Time>,
    behind: bool,
    has_news: bool,
    /// Kafka's timestamp of what was read last.
    stamped: Option<Time>,
    /// The end as it was asked, to be reached before anything is vouched for.
    pending: Option<Horizon>,
}

/// The stage's state: nothing that outlives a partition.
pub struct DetectStage {
    shared: Arc<Shared>,
    rules: Arc<Ruleset>,
    topics: Topics,
    /// Partitions of the signals topic.
    signals: i32,
    /// All news partitions, as watermarks name them.
    inputs: Vec<String>,
    owned: HashMap<i32, Input>,
    scratch: Scratch,
    breaker: Breaker,
}

impl DetectStage {
    pub fn new(shared: Arc<Shared>, topics: Topics, news: i32, signals: i32, percent: u32) -> DetectStage {
        let mut inputs: Vec<String> = (0..news).map(|p| format!("{}/{p}", topics.news)).collect();
        inputs.sort();
        let rules = shared.rules();
        let owned = HashMap::new();
        let breaker = Breaker::new(percent);
        DetectStage { shared, rules, topics, signals, inputs, owned, scratch: Scratch::default(), breaker }
    }

    fn read(
        &mut self,
        message: &BorrowedMessage<'_>,
        received: Time,
    ) -> Result<(Article, Detection), (&'static str, String)> {
        let refused = |refusal: Refusal| (refusal.cause(), refusal.to_string());
        let article = article::read(message.payload().unwrap_or_default()).map_err(refused)?;
        if article.published_at.since(received) > DAY {
            return Err(refused(Refusal::FromTheFuture { time: article.published_at, received }));
        }
        let (rules, scratch) = (self.rules.clone(), &mut self.scratch);
        match catch_unwind(AssertUnwindSafe(|| detect(&rules, &article, received, scratch))) {
            Ok(detection) => Ok((article, detection)),
            Err(panic) => {
                self.scratch = Scratch::default();
                Err(("panic", panic_text(&*panic)))
            }
        }
    }

    fn emit(&self, detection: &Detection, detected: Time, outbox: &mut Outbox) {
        let metrics = &self.shared.metrics;
        for signal in &detection.signals {
            metrics.signals.with_label_values(&[signal.kind.as_str(), signal.stance.as_str()]).inc();
            metrics.clamped.inc_by(u64::from(signal.told.clamped));
        }
        for record in detection.records() {
            let (Some(dyad), Ok(value)) = (record.dyad(), record.to_json()) else { continue };
            let id = match &record {
                Record::Signal(signal) => signal.told.id.clone(),
                Record::Denial(denial) => denial.told.id.clone(),
                _ => String::new(),
            };
            let time = detected.to_string();
            let mut out =
                Out::event(&self.topics.signals, &dyad.to_string(), record.ce_type(), &id, &time, value);
            out.headers.push(("demarche_detected_at", time.into_bytes()));
            self.send(out, outbox);
        }
        if let Some(version) = &detection.version {
            let record = Record::ArticleVersion(version.clone());
            let Ok(value) = record.to_json() else { return };
            for partition in 0..self.signals {
                let id = format!("{}#{}", version.article_id, version.version);
                let key = format!("article:{}", version.article_id);
                let time = detected.to_string();
                let out = Out::event(&self.topics.signals, &key, record.ce_type(), &id, &time, value.clone());
                self.send(Out { partition: Some(partition), ..out }, outbox);
            }
        }
        outbox.is_urgent |=
            !detection.signals.is_empty() || !detection.denials.is_empty() || detection.version.is_some();
    }

    fn send(&self, out: Out, outbox: &mut Outbox) {
        self.shared.signals_sent.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        outbox.push(out);
    }

    /// Counts a dead letter; says so where they are too many.
    fn trip(&mut self) {
        if self.breaker.bad() {
            let reason =
                "too many of the last articles are dead letters: intake pauses until a reload or restart";
            tracing::error!("{reason}");
            self.shared.health.bad("dead-letters", crate::admin::Weight::Unready, reason);
        }
    }

    /// Vouches for one input up to `time`, to every partition of signals.
    fn vouch(&self, partition: i32, time: Time, input: &Input, outbox: &mut Outbox) {
        let name = format!("{}/{partition}", self.topics.news);
        let record = Record::Watermark(Watermark {
            schema: Record::SCHEMA,
            input: name.clone(),
            inputs: self.inputs.clone(),
            time,
            behind: input.behind,
            last: input.last,
        });
        let Ok(value) = record.to_json() else { return };
        for target in 0..self.signals {
            let id = format!("{name}@{}", time.0);
            let out = Out::event(
                &self.topics.signals,
                &name,
                record.ce_type(),
                &id,
                &time.to_string(),
                value.clone(),
            );
            self.send(Out { partition: Some(target), timestamp: Some(time.0), ..out }, outbox);
        }
    }
}

impl Stage for DetectStage {
    fn assigned(&mut self, partitions: &[i32]) -> anyhow::Result<()> {
        for partition in partitions {
            self.owned.insert(*partition, Input::default());
        }
        self.shared.health.good("detect");
        Ok(())
    }

    fn revoked(&mut self, partitions: &[i32]) {
        self.owned.retain(|partition, _| !partitions.contains(partition));
    }

    fn handle(&mut self, message: &BorrowedMessage<'_>, outbox: &mut Outbox) {
        let detected = now();
        let (received, stamped) = match message.timestamp() {
            Timestamp::LogAppendTime(millis) => (Time(millis), millis),
            Timestamp::CreateTime(millis) => (detected, millis),
            Timestamp::NotAvailable => (detected, detected.0),
        };
        let partition = message.partition();
        let mut input = self.owned.remove(&partition).unwrap_or_default();
        let reached = Time(stamped).min(detected);
        let is_behind =
            detected.since(reached) > BEHIND && input.pending.is_none_or(|h| message.offset() < h.high - 1);
        let since = input.written.map_or(i64::MAX, |written| detected.since(written));
        input.stamped = Some(input.stamped.map_or(reached, |before| before.max(reached)));
        if is_behind && (!input.behind || since >= BUSY) {
            // Said first, before anything that is told late; then now and again how far it has come.
            input.behind = true;
            input.written = Some(detected);
            self.vouch(partition, input.stamped.unwrap_or(reached), &input, outbox);
        }
        input.last = Some(input.last.unwrap_or(received).max(received));
        input.has_news = true;
        self.owned.insert(partition, input);
        let metrics = self.shared.metrics.clone();
        metrics.last_article.set(received.0 as f64 / 1_000.0);
        match self.read(message, received) {
            Ok((_, detection)) => {
                self.breaker.good();
                let outcome = match (&detection.skipped, detection.signals.is_empty()) {
                    (Some(skip), _) => skip.as_str(),
                    (None, true) => "silent",
                    (None, false) => "signals",
                };
                metrics.articles.with_label_values(&[outcome]).inc();
                self.emit(&detection, detected, outbox);
            }
            Err((cause, detail)) => {
                self.trip();
                metrics.articles.with_label_values(&["dead-letter"]).inc();
                metrics.dead_letters.with_label_values(&[cause]).inc();
                tracing::warn!(cause, detail, partition, offset = message.offset(), "dead letter");
                let cause = Cause { name: cause, detail, revision: self.rules.revision().to_owned() };
                outbox.push(dead_letter(&self.topics.dead_letters, message, &cause));
            }
        }
    }

    fn due(&mut self) -> Vec<i32> {
        let time = now();
        let is_due = |input: &Input| {
            let since = input.written.map_or(i64::MAX, |written| time.since(written));
            let is_new = input.written.is_none() || input.behind;
            input.pending.is_none() && (is_new || since >= if input.has_news { BUSY } else { IDLE })
        };
        self.owned.iter().filter(|(_, input)| is_due(input)).map(|(partition, _)| *partition).collect()
    }

    /// Vouches for an input up to the moment at which its end was asked, once it is read to there.
    fn tick(&mut self, progress: &Progress<'_>, outbox: &mut Outbox) {
        if self.breaker.is_open() && !Arc::ptr_eq(&self.rules, &self.shared.rules()) {
            // A reload is a person's word that the feed is worth another try.
            self.breaker = self.breaker.anew();
            self.shared.health.good("dead-letters");
        }
        for horizon in progress.horizons {
            if let Some(input) = self.owned.get_mut(&horizon.partition) {
                input.pending = Some(*horizon);
            }
        }
        let time = now();
        let mut due = Vec::new();
        for (partition, input) in &mut self.owned {
            let Some(horizon) = input.pending else { continue };
            let is_read = progress.positions.get(partition).is_some_and(|at| *at >= horizon.high);
            // Control records of transactions lie behind the last record: no position steps over them, but the
            // reader says that it is at the end, and time enough for a fetch has passed.
            let at_end = progress.at_end.get(partition).copied().unwrap_or(false);
            let is_settled = at_end && time.0 - horizon.asked > SETTLE;
            if is_read || is_settled {
                input.pending = None;
                input.behind = false;
                input.has_news = false;
                input.written = Some(time);
                due.push((*partition, Time(horizon.asked), input.clone()));
            } else if time.0 - horizon.asked > BEHIND {
                // A minute was not enough to get there.
                let is_first = !input.behind;
                input.pending = None;
                input.behind = true;
                if is_first && let Some(stamped) = input.stamped {
                    due.push((*partition, stamped, input.clone()));
                }
            }
        }
        due.sort_by_key(|(partition, _, _)| *partition);
        for (partition, asked, input) in due {
            self.vouch(partition, asked, &input, outbox);
        }
        self.shared.metrics.behind.set(i64::from(self.owned.values().any(|i| i.behind)));
    }

    fn is_choked(&self) -> bool {
        self.breaker.is_open()
    }

    fn seal(&mut self, _outbox: &mut Outbox) {}

    fn committed(&mut self) {
        // New rules begin with a new transaction.
        let rules = self.shared.rules();
        if !Arc::ptr_eq(&rules, &self.rules) {
            self.rules = rules;
        }
        self.shared.metrics.transactions.with_label_values(&["detect", "committed"]).inc();
    }

    fn rolled_back(&mut self) {
        // What was vouched for is not: the next tick says it again.
        for input in self.owned.values_mut() {
            *input = Input { last: input.last, ..Input::default() };
        }
        self.shared.metrics.transactions.with_label_values(&["detect", "aborted"]).inc();
    }
}

/// What a panic said.
pub fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    panic
        .downcast_ref::<String>()
        .cloned()
        .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .unwrap_or_else(|| "a panic without words".to_owned())
}
