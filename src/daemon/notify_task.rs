//! notify as a task: alerts and silences in, people told, receipts out.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, unbounded};
use rdkafka::producer::{BaseRecord, DefaultProducerContext, Producer, ThreadedProducer};

use super::run::{RunError, pause, topics_ready};
use super::shared::{Shared, now};
use crate::admin::Weight;
use crate::alert::{Alert, Control};
use crate::article::Time;
use crate::config::Settings;
use crate::kafka::{Reader, Topics, client};
use crate::notify::{Context, Desk, Done, Kept, Line, Outlet, Seen, Words};

/// Alertmanager forgets alerts that nobody repeats.
const REPEAT: i64 = 60 * crate::article::SECOND;
/// How long new revisions may gather before a round: a burst is told in its newest state.
const ROUND: i64 = 200;

/// Runs until asked to stop.
pub fn run(settings: &Settings, shared: &Arc<Shared>) -> Result<(), RunError> {
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

/// The page's words.
pub fn words(names: crate::admin::Names) -> Words {
    let actors = names.clone();
    Words {
        alert: Arc::new(move |alert| names.alert(alert)),
        actors: Arc::new(move |codes| actors.all(codes)),
    }
}

struct Task<'a> {
    shared: &'a Shared,
    topics: Topics,
    alerts: Reader,
    control: Reader,
    producer: ThreadedProducer<DefaultProducerContext>,
    desk: Desk,
    lines: BTreeMap<String, Line>,
    done: Receiver<Done>,
    repeated: Time,
    /// Sinks that did not take their last delivery, and why.
    failing: BTreeMap<String, String>,
}

impl<'a> Task<'a> {
    fn open(settings: &Settings, shared: &'a Arc<Shared>) -> anyhow::Result<Task<'a>> {
        let topics = Topics::of(&settings.kafka);
        let mut desk = Desk::new(&settings.notify, now());
        // Receipts are the truth about what was told: read whole before anything is sent.
        let mut receipts = Reader::open(&settings.kafka, &topics.notifications, None)?;
        while !receipts.is_whole() && !shared.is_stopping() {
            if let Some(stored) = receipts.next(Duration::from_millis(200))?
                && let Some(value) = stored.value
            {
                match serde_json::from_slice::<Kept>(&value) {
                    Ok(kept) => desk.restore(kept),
                    Err(error) => tracing::warn!(%error, key = stored.key, "a receipt cannot be read"),
                }
            }
        }
        let producer =
            client(&settings.kafka).set("enable.idempotence", "true").set("linger.ms", "2").create()?;
        let held = shared.clone();
        let names = crate::admin::Names::new(move |code| Some(held.rules().gazetteer.actors.name(code)));
        let context = Context {
            words: words(names),
            public_url: settings.http.public_url.clone(),
            runbook_url: settings.http.runbook_url.clone(),
        };
        let (finished, done) = unbounded();
        let mut lines = BTreeMap::new();
        for sink in &settings.notify.sinks {
            let outlet = Outlet::new(sink, context.clone(), settings.notify.dry_run)?;
            for outcome in ["delivered", "failed", "refused"] {
                shared.metrics.deliveries.with_label_values(&[sink.name(), outcome]);
            }
            lines.insert(sink.name().to_owned(), Line::start(outlet, now, finished.clone())?);
        }
        let mut task = Task {
            shared,
            alerts: Reader::open(&settings.kafka, &topics.alerts, None)?,
            control: Reader::open(&settings.kafka, &topics.control, None)?,
            topics,
            producer,
            desk,
            lines,
            done,
            repeated: Time::EPOCH,
            failing: BTreeMap::new(),
        };
        while !task.control.is_whole() && !shared.is_stopping() {
            task.hear_control(Duration::from_millis(200))?;
        }
        Ok(task)
    }

    fn work(&mut self) -> anyhow::Result<()> {
        let mut last_round = Time::EPOCH;
        let mut was_whole = false;
        while !self.shared.is_stopping() {
            let is_idle = !self.hear_alert(if was_whole { Seen::Live } else { Seen::AtStart })?;
            // Only the newest revision of what is there is told.
            if !self.alerts.is_whole() {
                continue;
            }
            if !was_whole {
                was_whole = true;
                for kept in self.desk.begin(now()) {
                    self.keep(&kept)?;
                }
            }
            self.shared.health.good("notify");
            if is_idle || now().since(last_round) >= ROUND {
                last_round = now();
                while self.hear_control(Duration::ZERO)? {}
                self.finish()?;
                self.round();
            }
        }
        // What is under way is waited for, so that it is not told twice.
        self.lines.clear();
        self.finish()?;
        let _ = self.producer.flush(Duration::from_secs(5));
        Ok(())
    }

    /// Whether there was one.
    fn hear_alert(&mut self, seen: Seen) -> anyhow::Result<bool> {
        let Some(stored) = self.alerts.next(Duration::from_millis(50))? else { return Ok(false) };
        match stored.value.as_deref().map(serde_json::from_slice::<Alert>) {
            Some(Ok(alert)) => self.desk.observe(alert, seen),
            Some(Err(error)) => tracing::warn!(%error, key = stored.key, "an alert cannot be read"),
            None => {
                for key in self.desk.forget(&stored.key) {
                    let record = BaseRecord::<str, [u8]>::to(&self.topics.notifications).key(&key);
                    self.producer.send(record).map_err(|(error, _)| error)?;
                }
            }
        }
        Ok(true)
    }

    fn hear_control(&mut self, wait: Duration) -> anyhow::Result<bool> {
        let Some(stored) = self.control.next(wait)? else { return Ok(false) };
        match stored.value.as_deref().map(serde_json::from_slice::<Control>) {
            Some(Ok(record)) => self.desk.control(&stored.key, Some(record)),
            Some(Err(error)) => tracing::warn!(%error, key = stored.key, "a control record cannot be read"),
            None => self.desk.control(&stored.key, None),
        }
        Ok(true)
    }

    fn keep(&self, kept: &Kept) -> anyhow::Result<()> {
        let (key, value) = (kept.key(), serde_json::to_vec(kept)?);
        let record = BaseRecord::to(&self.topics.notifications).key(&key).payload(&value);
        self.producer.send(record).map_err(|(error, _)| error)?;
        Ok(())
    }

    /// Hears what became of deliveries.
    fn finish(&mut self) -> anyhow::Result<()> {
        for Done { delivery, outcome, rest } in self.done.try_iter().collect::<Vec<_>>() {
            let label = match (&outcome, rest) {
                (Ok(_), _) => "delivered",
                (Err(_), Some(_)) => "failed",
                (Err(_), None) => "refused",
            };
            self.shared.metrics.deliveries.with_label_values(&[delivery.sink.as_str(), label]).inc();
            match outcome {
                Ok(reference) => {
                    self.failing.remove(&delivery.sink);
                    for receipt in self.desk.delivered(&delivery, reference, now()) {
                        self.keep(&Kept::Receipt(receipt))?;
                    }
                }
                Err(error) => {
                    let millis = rest.map(|r| i64::try_from(r.as_millis()).unwrap_or(i64::MAX));
                    self.desk.failed(&delivery, millis, now());
                    let text = format!("{}: {error}", delivery.sink);
                    if self.failing.insert(delivery.sink.clone(), text.clone()).is_none() || rest.is_none() {
                        let episode = delivery.alerts.first().map(|a| a.episode_id.as_str());
                        tracing::warn!(sink = delivery.sink, %error, episode, "not delivered");
                    }
                }
            }
        }
        match self.failing.values().next() {
            Some(why) => self.shared.health.bad("sinks", Weight::Warning, why.clone()),
            None => self.shared.health.good("sinks"),
        }
        Ok(())
    }

    /// Hands over what is to be sent, and what Alertmanager must hear again.
    fn round(&mut self) {
        let time = now();
        for delivery in self.desk.round(time) {
            let taken = self.lines.get(&delivery.sink).is_some_and(|line| line.send(&delivery).is_ok());
            if !taken {
                self.desk.failed(&delivery, Some(crate::article::SECOND), time);
            }
        }
        if time.since(self.repeated) >= REPEAT {
            self.repeated = time;
            for (name, line) in self.lines.iter().filter(|(_, line)| line.is_alertmanager) {
                line.repeat(self.desk.told_open(name));
            }
        }
    }
}
