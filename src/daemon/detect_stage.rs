//! detect as a stage: news in, signals, watermarks and dead letters out.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use rdkafka::message::{BorrowedMessage, Message, Timestamp};

use super::shared::{Shared, now};
use crate::article::{self, Article, DAY, MINUTE, Refusal, SECOND, Time};
use crate::detect::{Detection, Scratch, detect};
use crate::kafka::{Cause, Out, Outbox, Stage, Topics, dead_letter};
use crate::rules::Ruleset;
use crate::signal::{Record, Watermark};

/// An input further from its end than this is behind.
const BEHIND: i64 = MINUTE;
/// Watermarks come no more often than this with news, and than `IDLE` without.
const BUSY: i64 = 10 * SECOND;
const IDLE: i64 = MINUTE;

/// What is known of one news partition that this worker owns.
#[derive(Clone, Debug, Default)]
struct Input {
    last: Option<Time>,
    written: Option<Time>,
    behind: bool,
    at_end: bool,
    has_news: bool,
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
    /// Read before the broker was last asked: what "at the end" was true at.
    looked: Time,
}

impl DetectStage {
    pub fn new(shared: Arc<Shared>, topics: Topics, news: i32, signals: i32) -> DetectStage {
        let mut inputs: Vec<String> = (0..news).map(|p| format!("{}/{p}", topics.news)).collect();
        inputs.sort();
        let rules = shared.rules();
        let owned = HashMap::new();
        DetectStage {
            shared,
            rules,
            topics,
            signals,
            inputs,
            owned,
            scratch: Scratch::default(),
            looked: now(),
        }
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
        let is_behind = detected.since(Time(stamped)) > BEHIND;
        if is_behind && !input.behind && !input.at_end {
            // Said first, before anything that is told late.
            input.behind = true;
            input.written = Some(detected);
            self.vouch(partition, Time(stamped).min(detected), &input, outbox);
        }
        input.last = Some(input.last.unwrap_or(received).max(received));
        input.has_news = true;
        input.at_end = false;
        self.owned.insert(partition, input);
        let metrics = self.shared.metrics.clone();
        metrics.last_article.set(received.0 as f64 / 1_000.0);
        match self.read(message, received) {
            Ok((_, detection)) => {
                let outcome = match (&detection.skipped, detection.signals.is_empty()) {
                    (Some(skip), _) => skip.as_str(),
                    (None, true) => "silent",
                    (None, false) => "signals",
                };
                metrics.articles.with_label_values(&[outcome]).inc();
                self.emit(&detection, detected, outbox);
            }
            Err((cause, detail)) => {
                metrics.articles.with_label_values(&["dead-letter"]).inc();
                metrics.dead_letters.with_label_values(&[cause]).inc();
                tracing::warn!(cause, detail, partition, offset = message.offset(), "dead letter");
                let cause = Cause { name: cause, detail, revision: self.rules.revision().to_owned() };
                outbox.push(dead_letter(&self.topics.dead_letters, message, &cause));
            }
        }
    }

    fn tick(&mut self, ends: &HashMap<i32, bool>, outbox: &mut Outbox) {
        let (looked, time) = (self.looked, now());
        self.looked = time;
        let mut due = Vec::new();
        for (partition, input) in &mut self.owned {
            let at_end = ends.get(partition).copied().unwrap_or(false);
            let reached = at_end && !input.at_end;
            input.at_end = at_end;
            let since = input.written.map_or(i64::MAX, |written| time.since(written));
            let is_due = at_end
                && (since >= if input.has_news { BUSY } else { IDLE }
                    || reached && (input.behind || input.written.is_none()));
            if is_due {
                input.behind = false;
                input.has_news = false;
                input.written = Some(time);
                due.push((*partition, input.clone()));
            }
        }
        due.sort_by_key(|(partition, _)| *partition);
        for (partition, input) in due {
            self.vouch(partition, looked, &input, outbox);
        }
        self.shared.metrics.behind.set(i64::from(self.owned.values().any(|i| i.behind)));
    }

    fn seal(&mut self, _outbox: &mut Outbox) {}

    fn committed(&mut self) {
        // New rules begin with a new transaction.
        let rules = self.shared.rules();
        if rules.revision() != self.rules.revision() {
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
