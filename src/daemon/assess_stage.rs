//! assess as a stage: signals in, alerts and state out.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use rdkafka::message::{BorrowedMessage, Headers, Message};

use super::detect_stage::panic_text;
use super::shared::{Shared, now};
use crate::alert::Alert;
use crate::article::Time;
use crate::assess::{Partition, Policy};
use crate::config::Kafka;
use crate::kafka::{Cause, Out, Outbox, Progress, Reader, Stage, Topics, dead_letter};
use crate::signal::{Dyad, Record};

/// Watchlist dyads have a metric of their own; all others share this.
const OTHER: &str = "other";

/// All partitions that this worker owns.
pub struct AssessStage {
    shared: Arc<Shared>,
    kafka: Kafka,
    topics: Topics,
    policy: Arc<Policy>,
    count: i32,
    watchlist: Vec<Dyad>,
    /// Gauges of dyads whose clock is older than this many milliseconds are not shown; 0: all.
    max_age: i64,
    partitions: BTreeMap<i32, Partition>,
    /// `received_at` of the newest record, for latency.
    received: Option<Time>,
    shown: Time,
    restores: bool,
}

impl AssessStage {
    pub fn new(
        shared: Arc<Shared>,
        settings: &crate::config::Settings,
        policy: Arc<Policy>,
        count: i32,
        restores: bool,
    ) -> AssessStage {
        AssessStage {
            shared,
            kafka: settings.kafka.clone(),
            topics: Topics::of(&settings.kafka),
            policy,
            count,
            watchlist: settings.assess.watchlist.iter().filter_map(|pair| pair.parse().ok()).collect(),
            max_age: i64::try_from(settings.notify.max_age).unwrap_or(0) * 1_000,
            partitions: BTreeMap::new(),
            received: None,
            shown: Time(0),
            restores,
        }
    }

    /// Reads a partition's changelog from its beginning.
    fn restore(&self, partition: i32) -> anyhow::Result<Partition> {
        let mut state = Partition::new(self.policy.clone(), partition as u32, self.count as u32);
        if self.restores {
            let mut reader = Reader::open(&self.kafka, &self.topics.state, Some(&[partition]))?;
            let all = reader.left().max(1);
            let mut last = 0;
            while !reader.is_whole() {
                if let Some(stored) = reader.next(Duration::from_millis(500))? {
                    let place = format!("{}/{partition} at offset {}", self.topics.state, stored.offset);
                    state.restore(&stored.key, stored.value.as_deref()).with_context(|| {
                        format!("{place}: `demarche state repair` makes the state anew from the signals")
                    })?;
                }
                let done = 100 - reader.left() * 100 / all;
                if done != last {
                    last = done;
                    self.shared.health.bad(
                        "restore",
                        crate::admin::Weight::Unready,
                        format!("restoring {done} %"),
                    );
                }
                anyhow::ensure!(!self.shared.is_stopping(), "stopped while restoring");
            }
        }
        state.restored();
        self.shared.health.good("restore");
        Ok(state)
    }

    fn show(&mut self) {
        let metrics = &self.shared.metrics;
        let time = now();
        self.shown = time;
        metrics.dyads.set(self.partitions.values().map(|p| p.dyads() as i64).sum());
        metrics.blind.set(i64::from(self.partitions.values().any(Partition::is_blind)));
        let least = self.partitions.values().filter_map(Partition::watermark_time).min();
        if let Some(least) = least {
            metrics.watermark.set(least.0 as f64 / 1_000.0);
        }
        let (mut open, mut other) = (BTreeMap::<&'static str, i64>::new(), None::<i64>);
        metrics.tension.reset();
        for status in self.partitions.values().flat_map(Partition::statuses) {
            if self.max_age > 0 && time.since(status.clock).abs() > self.max_age {
                continue;
            }
            for severity in &status.open {
                *open.entry(severity.as_str()).or_default() += 1;
            }
            if self.watchlist.contains(&status.dyad) {
                let index = status.index as f64 / 1_000.0;
                metrics.tension.with_label_values(&[&status.dyad.to_string()]).set(index);
            } else {
                other = other.max(Some(status.index));
            }
        }
        if let Some(index) = other {
            metrics.tension.with_label_values(&[OTHER]).set(index as f64 / 1_000.0);
        }
        metrics.open.reset();
        for severity in crate::alert::Severity::ALL {
            let count = open.get(severity.as_str()).copied().unwrap_or(0);
            metrics.open.with_label_values(&[severity.as_str()]).set(count);
        }
        if self.partitions.values().any(Partition::is_blind) {
            let reason = "no article for longer than detect.feed_silence";
            self.shared.health.bad("feed", crate::admin::Weight::Warning, reason);
        } else {
            self.shared.health.good("feed");
        }
    }

    fn alert(&self, alert: &Alert, outbox: &mut Outbox) {
        let metrics = &self.shared.metrics;
        metrics.alerts.with_label_values(&[alert.transition.as_str(), alert.severity.as_str()]).inc();
        if let Some(received) = self.received.filter(|_| alert.transition == crate::alert::Transition::Opened)
        {
            metrics.latency.observe(now().since(received).max(0) as f64 / 1_000.0);
        }
        let Ok(value) = serde_json::to_vec(alert) else { return };
        let id = format!("{}#{}", alert.episode_id, alert.revision);
        let time = alert.updated_at.to_string();
        outbox.push(Out::event(&self.topics.alerts, &alert.episode_id, Alert::CE_TYPE, &id, &time, value));
    }
}

impl Stage for AssessStage {
    fn assigned(&mut self, partitions: &[i32]) -> anyhow::Result<()> {
        for partition in partitions {
            let state = self.restore(*partition)?;
            self.partitions.insert(*partition, state);
        }
        self.shared.health.good("assess");
        Ok(())
    }

    fn revoked(&mut self, partitions: &[i32]) {
        self.partitions.retain(|partition, _| !partitions.contains(partition));
    }

    fn handle(&mut self, message: &BorrowedMessage<'_>, outbox: &mut Outbox) {
        let ce_type = message
            .headers()
            .and_then(|h| h.iter().find(|h| h.key == "ce_type"))
            .and_then(|h| h.value)
            .map(|v| String::from_utf8_lossy(v).into_owned())
            .unwrap_or_default();
        let failure = match Record::from_json(&ce_type, message.payload().unwrap_or_default()) {
            Err(error) => Some(("unknown-record", error.to_string())),
            Ok(record) => {
                if let Record::Signal(signal) = &record {
                    self.received = Some(signal.told.received_at);
                }
                let Some(partition) = self.partitions.get_mut(&message.partition()) else { return };
                let folded = catch_unwind(AssertUnwindSafe(|| partition.apply(&record)));
                outbox.is_urgent |= partition.has_alerts();
                folded.err().map(|panic| ("panic", panic_text(&*panic)))
            }
        };
        if let Some((cause, detail)) = failure {
            self.shared.metrics.dead_letters.with_label_values(&[cause]).inc();
            tracing::warn!(cause, detail, offset = message.offset(), "dead letter of a signal");
            let revision = self.shared.rules().revision().to_owned();
            let cause = Cause { name: cause, detail, revision };
            outbox.push(dead_letter(&self.topics.dead_letters, message, &cause));
        }
    }

    fn tick(&mut self, _progress: &Progress<'_>, _outbox: &mut Outbox) {
        if now().since(self.shown) >= crate::article::SECOND {
            self.show();
        }
    }

    fn seal(&mut self, outbox: &mut Outbox) {
        let mut alerts = Vec::new();
        for (number, partition) in &mut self.partitions {
            let effects = partition.effects();
            alerts.extend(effects.alerts);
            for (key, value) in effects.state {
                outbox.push(Out {
                    topic: self.topics.state.clone(),
                    partition: Some(*number),
                    key: Some(key.into_bytes()),
                    value,
                    ..Out::default()
                });
            }
        }
        for alert in &alerts {
            self.alert(alert, outbox);
        }
    }

    fn committed(&mut self) {
        self.partitions.values_mut().for_each(Partition::commit);
        self.shared.metrics.transactions.with_label_values(&["assess", "committed"]).inc();
    }

    fn rolled_back(&mut self) {
        self.partitions.values_mut().for_each(Partition::rollback);
        self.shared.metrics.transactions.with_label_values(&["assess", "aborted"]).inc();
    }
}
