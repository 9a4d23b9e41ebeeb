//! The whole daemon on a real Apache Kafka: news in, alerts out, through stops, kills and bad input.

mod crisis;
mod faults;
mod refusals;
mod restart;

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use crate::harness::daemon::Daemon;
use crate::harness::kafka::{Kafka, Record};
use crate::harness::wait_until;

/// For whatever the daemon does; a busy machine and the time-outs of a group's dead member included.
const PATIENCE: Duration = Duration::from_secs(120);

/// Two news items of our own about one pair: an offer to mediate, and talk of suspending a treaty.
const CROSSING: &str = include_str!("../fixtures/crossing.ndjson");

/// Topics of a test's own on a broker, and the configuration that names them.
struct Rig<'a> {
    kafka: &'a Kafka,
    name: String,
}

impl<'a> Rig<'a> {
    /// Makes the news topic `NAME.news`, which takes records up to 30 MB; the daemon makes the others.
    fn new(kafka: &'a Kafka, name: &str, partitions: i32) -> Self {
        let rig = Self { kafka, name: name.into() };
        kafka.create_topic(&rig.news(), partitions, &[("max.message.bytes", "30000000")]);
        rig
    }

    fn news(&self) -> String {
        format!("{}.news", self.name)
    }

    fn topic(&self, what: &str) -> String {
        format!("{}.{what}", self.name)
    }

    /// The settings file: everything from the beginning, old news too; `more` follows, and begins with a table.
    fn config(&self, notify: &str, more: &str) -> String {
        format!(
            "[kafka]\nbrokers = \"{}\"\nnews = \"{}\"\nprefix = \"{}\"\ngroup = \"{}\"\npartitions = 2\n\
             from = \"earliest\"\nsession_timeout_ms = 6000\n\n[notify]\nmax_age = 0\nwarmup = 0\n{notify}\n{more}",
            self.kafka.bootstrap,
            self.news(),
            self.name,
            self.name,
        )
    }

    fn start(&self) -> Daemon {
        let mut daemon = Daemon::start(&self.config("", ""), &[]);
        daemon.wait_ready(PATIENCE);
        daemon
    }

    /// Publishes NDJSON articles, keyed by their id.
    fn publish(&self, articles: &str) {
        let records: Vec<Record> = articles
            .lines()
            .map(|line| {
                let article: Value = serde_json::from_str(line).expect("an article");
                Record::new(article["id"].as_str().expect("an id"), line)
            })
            .collect();
        self.kafka.produce(&self.news(), &records);
    }

    /// Every revision on the alerts topic, by episode and revision; fails where one is there twice or a revision is
    /// out of order within its episode.
    fn alerts(&self) -> BTreeMap<(String, u64), Value> {
        let mut all = BTreeMap::new();
        let mut last: BTreeMap<String, u64> = BTreeMap::new();
        for record in self.kafka.read_all(&self.topic("alerts")) {
            let alert = record.json();
            let revision = alert["revision"].as_u64().expect("a revision");
            assert_eq!(
                record.key_text(),
                alert["episode_id"].as_str().expect("an id"),
                "the key is the episode"
            );
            let before = last.insert(record.key_text(), revision);
            assert!(before.is_none_or(|b| b < revision), "revision {revision} after {before:?}: {alert}");
            all.insert((record.key_text(), revision), alert);
        }
        all
    }

    /// The newest revision of each episode.
    fn newest(&self) -> Vec<Value> {
        let newest: BTreeMap<String, Value> =
            self.alerts().into_iter().map(|((id, _), alert)| (id, alert)).collect();
        newest.into_values().collect()
    }

    fn has_topic(&self, what: &str) -> bool {
        let topic = self.topic(what);
        self.kafka.topics().iter().any(|(name, partitions)| *name == topic && *partitions > 0)
    }

    /// Waits until detect has committed all news and assess all signals; gives all alerts then.
    fn settled(&self) -> BTreeMap<(String, u64), Value> {
        let done = |stage: &str, topic: &str, counts: &dyn Fn(&Record) -> bool| {
            let records = self.kafka.read_all(topic);
            let partitions = records.iter().map(|r| r.partition + 1).max().unwrap_or(0);
            let committed = self.kafka.committed(&format!("{}-{stage}", self.name), topic, partitions);
            records.iter().filter(|r| counts(r)).all(|r| r.offset < committed[r.partition as usize])
        };
        let is_content = |r: &Record| r.header("ce_type") != Some("demarche.watermark.v1");
        wait_until(PATIENCE, "all news and all signals are dealt with", || {
            let all = done("detect", &self.news(), &|_| true)
                && self.has_topic("signals")
                && done("assess", &self.topic("signals"), &is_content);
            all.then_some(())
        });
        self.alerts()
    }

    /// Waits until the newest alerts are as `found` wants them.
    fn wait_alerts<T>(&self, what: &str, found: impl Fn(&[Value]) -> Option<T>) -> T {
        wait_until(PATIENCE, what, || self.has_topic("alerts").then(|| found(&self.newest())).flatten())
    }
}

/// The alerts on a dyad.
fn on<'v>(alerts: &'v [Value], dyad: &str) -> Vec<&'v Value> {
    alerts.iter().filter(|a| a["dyad"] == dyad).collect()
}

/// The alert of a family among those of a dyad.
fn family<'v>(alerts: &[&'v Value], family: &str) -> Option<&'v Value> {
    alerts.iter().copied().find(|a| a["family"] == family)
}
