//! notify as a task: alerts in, people told, receipts out.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use rdkafka::producer::{BaseRecord, DefaultProducerContext, Producer, ThreadedProducer};

use super::run::{RunError, pause, topics_ready};
use super::shared::{Shared, now};
use crate::admin::{ControlLog as _, Weight};
use crate::alert::Alert;
use crate::article::Time;
use crate::config::Settings;
use crate::kafka::{Reader, Topics, client};
use crate::notify::{Decision, Desk, Receipt, Sinks, Told};

/// Alertmanager forgets alerts that nobody repeats.
const REPEAT: i64 = 60 * crate::article::SECOND;

/// Runs until asked to stop.
pub fn run(settings: &Settings, shared: &Shared) -> Result<(), RunError> {
    while !shared.is_stopping() {
        if topics_ready(settings, shared)?.is_none() {
            continue;
        }
        match Task::open(settings, shared) {
            Ok(mut task) => {
                if let Err(error) = task.work() {
                    shared.health.bad("notify", Weight::Unready, format!("{error:#}"));
                    tracing::error!(error = format!("{error:#}"), "notify starts anew");
                    pause(shared);
                }
            }
            Err(error) => {
                shared.health.bad("notify", Weight::Unready, format!("{error:#}"));
                pause(shared);
            }
        }
    }
    Ok(())
}

struct Task<'a> {
    shared: &'a Shared,
    topics: Topics,
    alerts: Reader,
    producer: ThreadedProducer<DefaultProducerContext>,
    desk: Desk,
    sinks: Sinks,
    /// Newest revision of every episode that is open, or whose end must still be told.
    newest: BTreeMap<String, Alert>,
    repeated: Time,
    /// Episodes of which nothing is told for now, because somebody asked for silence.
    muted: BTreeSet<String>,
}

impl<'a> Task<'a> {
    fn open(settings: &Settings, shared: &'a Shared) -> anyhow::Result<Task<'a>> {
        let topics = Topics::of(&settings.kafka);
        let mut desk = Desk::new(&settings.notify, now());
        // Receipts are the truth about what was told: read whole before anything is sent.
        let mut receipts = Reader::open(&settings.kafka, &topics.notifications, None)?;
        while !receipts.is_whole() && !shared.is_stopping() {
            if let Some(stored) = receipts.next(Duration::from_millis(200))?
                && let Some(value) = stored.value
            {
                desk.restore(serde_json::from_slice::<Receipt>(&value)?);
            }
        }
        let producer =
            client(&settings.kafka).set("enable.idempotence", "true").set("linger.ms", "2").create()?;
        let sinks = Sinks::new(settings)?;
        for name in sinks.names() {
            for outcome in ["delivered", "failed"] {
                shared.metrics.deliveries.with_label_values(&[name.as_str(), outcome]);
            }
        }
        Ok(Task {
            shared,
            alerts: Reader::open(&settings.kafka, &topics.alerts, None)?,
            topics,
            producer,
            desk,
            sinks,
            newest: BTreeMap::new(),
            repeated: now(),
            muted: BTreeSet::new(),
        })
    }

    fn work(&mut self) -> anyhow::Result<()> {
        let mut pending: Vec<String> = Vec::new();
        while !self.shared.is_stopping() {
            let stored = self.alerts.next(Duration::from_millis(50))?;
            let is_idle = stored.is_none();
            if let Some(stored) = stored {
                match stored.value.as_deref().map(serde_json::from_slice::<Alert>) {
                    Some(Ok(alert)) => {
                        pending.push(stored.key.clone());
                        self.newest.insert(stored.key, alert);
                    }
                    Some(Err(error)) => tracing::warn!(%error, key = stored.key, "an alert cannot be read"),
                    None => drop(self.newest.remove(&stored.key)),
                }
            }
            // Only the newest revision of what is there is told.
            if !self.alerts.is_whole() || !is_idle && pending.len() < 1_000 {
                continue;
            }
            self.shared.health.good("notify");
            pending.sort();
            pending.dedup();
            for key in std::mem::take(&mut pending) {
                self.tell(&key)?;
            }
            self.repeat()?;
        }
        let _ = self.producer.flush(Duration::from_secs(5));
        Ok(())
    }

    fn tell(&mut self, key: &str) -> anyhow::Result<()> {
        let Some(alert) = self.newest.get(key).cloned() else { return Ok(()) };
        // An end is always told.
        let mutes = |s: &crate::alert::Silence| s.mutes(&alert, now());
        if alert.is_open() && self.shared.control.silences().iter().any(mutes) {
            self.muted.insert(key.to_owned());
            return Ok(());
        }
        self.muted.remove(key);
        for sink in self.sinks.names() {
            let decision = self.desk.decide(&sink, &alert, now());
            let Decision::Send(message) = decision else { continue };
            self.send(&sink, &alert, &message)?;
        }
        if !alert.is_open() {
            self.newest.remove(key);
        }
        Ok(())
    }

    fn send(&mut self, sink: &str, alert: &Alert, told: &Told) -> anyhow::Result<()> {
        let outcome = self.sinks.send(sink, alert, told);
        let label = if outcome.is_ok() { "delivered" } else { "failed" };
        self.shared.metrics.deliveries.with_label_values(&[sink, label]).inc();
        match outcome {
            Ok(()) => {
                let receipt = self.desk.told(sink, alert, told, now());
                let value = serde_json::to_vec(&receipt)?;
                let key = receipt.key();
                let record = BaseRecord::to(&self.topics.notifications).key(&key).payload(&value);
                self.producer.send(record).map_err(|(error, _)| error)?;
                self.shared.health.good("sinks");
            }
            Err(error) => {
                // It stays untold: the next revision, or the next round, tries again.
                self.shared.health.bad("sinks", Weight::Warning, format!("{sink}: {error:#}"));
                tracing::warn!(
                    sink,
                    error = format!("{error:#}"),
                    episode = alert.episode_id,
                    "not delivered"
                );
                self.desk.failed(sink, &alert.episode_id);
            }
        }
        Ok(())
    }

    /// What Alertmanager must hear again, and what could not be delivered before.
    fn repeat(&mut self) -> anyhow::Result<()> {
        let time = now();
        let failed = self.desk.take_failed(time);
        for key in failed {
            self.tell(&key)?;
        }
        if time.since(self.repeated) < REPEAT {
            return Ok(());
        }
        self.repeated = time;
        // What was silent until now is told as it stands.
        for key in std::mem::take(&mut self.muted) {
            self.tell(&key)?;
        }
        let open: Vec<Alert> = self.newest.values().filter(|a| a.is_open()).cloned().collect();
        self.sinks.repeat(&open, &self.desk);
        Ok(())
    }
}
