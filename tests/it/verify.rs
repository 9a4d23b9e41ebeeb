//! The verifier: a numbered feed through several processes while a seeded loop kills, freezes, stops and starts them
//! and the broker. Afterwards what was written is exactly what the core makes of what was read.
//!
//! ```text
//! DEMARCHE_TEST_ACTS=200 DEMARCHE_TEST_ARTICLES=300000 cargo test --test it verify -- --nocapture   # the long form
//! ```

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use demarche::assess::Partition;
use demarche::config::{Packs, Settings};
use demarche::detect::{Scratch, detect};
use demarche::signal::Record as SignalRecord;
use rdkafka::producer::{BaseRecord, DefaultProducerContext, Producer, ThreadedProducer};
use serde_json::Value;

use crate::harness::daemon::Daemon;
use crate::harness::kafka::{Kafka, Record};
use crate::harness::{real, wait_until};

const PARTITIONS: i32 = 8;
const PROCESSES: usize = 3;
const PATIENCE: Duration = Duration::from_secs(180);

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// A small generator of its own, so that a seed gives the same acts on every machine.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

/// One numbered article; about half of them tell of something.
fn article(n: u64) -> (String, String) {
    const PAIRS: [(&str, &str); 6] = [
        ("Norway", "Jordan"),
        ("Peru", "Bolivia"),
        ("Kenya", "Somalia"),
        ("Vietnam", "Cambodia"),
        ("Greece", "Turkey"),
        ("Chile", "Ecuador"),
    ];
    let (a, b) = PAIRS[(n % 6) as usize];
    let text = match n % 8 {
        0 => format!("{a} recalled its ambassador from {b} on Monday."),
        1 => format!("{a} imposed sanctions on {b} on Tuesday, the foreign ministry said."),
        2 => format!("{a} urged {b} to show restraint."),
        3 => format!("{a} closed its border with {b} on Friday."),
        _ => format!(
            "A choir from the north sang in the harbour hall, and item {n} on the list was a lullaby."
        ),
    };
    let id = format!("v-{n:07}");
    let time = demarche::article::Time(1_740_000_000_000 + n as i64 * 60_000);
    let json = serde_json::json!({"id": id, "published_at": time, "title": format!("Notes of the day, {n}"),
        "body": text, "source": {"name": "Harbour Notes", "domain": "harbour.example"}});
    (id, json.to_string())
}

/// Feeds at a rate until all are acknowledged.
fn feed(kafka: &Kafka, articles: u64, rate: u64, fed: &AtomicU64) {
    let producer: ThreadedProducer<DefaultProducerContext> = kafka
        .client()
        .set("enable.idempotence", "true")
        .set("partitioner", "murmur2_random")
        .set("message.timeout.ms", "300000")
        .create()
        .expect("a producer");
    let began = Instant::now();
    for n in 0..articles {
        let due = Duration::from_secs_f64(n as f64 / rate as f64);
        std::thread::sleep(due.saturating_sub(began.elapsed()));
        let (id, json) = article(n);
        producer.send(BaseRecord::to("v.news").key(&id).payload(&json)).map_err(|(e, _)| e).expect("a place");
        fed.store(n + 1, Ordering::SeqCst);
    }
    producer.flush(Duration::from_secs(300)).expect("all are acknowledged");
}

fn settings(kafka: &Kafka, process: usize, delivery: &str) -> String {
    format!(
        "[kafka]\nbrokers = {:?}\nprefix = \"v\"\ngroup = \"v\"\nnews = \"v.news\"\nfrom = \"earliest\"\n\
         instance = \"v-{process}\"\npartitions = {PARTITIONS}\nsession_timeout_ms = 6000\n\
         transaction_timeout_ms = 10000\ndelivery = {delivery:?}\n",
        kafka.bootstrap
    )
}

struct Cluster {
    kafka: Kafka,
    delivery: &'static str,
    daemons: Vec<Option<Daemon>>,
    counts: BTreeMap<&'static str, u32>,
}

impl Cluster {
    fn start(&mut self, process: usize) {
        let text = settings(&self.kafka, process, self.delivery);
        self.daemons[process] = Some(Daemon::start(&text, &["--stages", "detect,assess"]));
    }

    /// What ended by itself (a zombie that was fenced) is started by its supervisor: us.
    fn supervise(&mut self) {
        for process in 0..PROCESSES {
            if self.daemons[process].as_mut().is_some_and(|d| d.ended().is_some()) {
                *self.counts.entry("ended by itself").or_default() += 1;
                self.start(process);
            }
        }
    }

    fn act(&mut self, dice: &mut Dice) {
        let process = dice.below(PROCESSES as u64) as usize;
        let name = match dice.below(10) {
            0..=3 => {
                self.daemons[process].take().into_iter().for_each(Daemon::kill);
                self.start(process);
                "kill -9"
            }
            4..=5 => {
                let frozen = self.daemons[process].as_ref().expect("a daemon");
                frozen.signal("STOP");
                std::thread::sleep(Duration::from_secs(8));
                frozen.signal("CONT");
                "frozen beyond its session"
            }
            6 => {
                if let Some(daemon) = self.daemons[process].take() {
                    let _ = daemon.stop(Duration::from_secs(60));
                }
                self.start(process);
                "stopped and started"
            }
            7 => {
                self.daemons[process].as_ref().expect("a daemon").signal("HUP");
                "reload"
            }
            8 => {
                self.kafka.freeze();
                std::thread::sleep(Duration::from_secs(5));
                self.kafka.thaw();
                "broker frozen"
            }
            _ => {
                self.kafka.kill();
                self.kafka.boot(&[]);
                "broker kill -9"
            }
        };
        *self.counts.entry(name).or_default() += 1;
        // Time for the next act to hit something that works, of uneven length.
        std::thread::sleep(Duration::from_millis(500 + dice.below(2_500)));
        self.supervise();
    }

    /// All that was fed is detected; then one process alone assesses to the end.
    fn finish(&mut self) {
        let news: Vec<i64> = ends(&self.kafka, "v.news");
        wait_until(PATIENCE, "all articles are detected", || {
            self.supervise();
            let at = self.kafka.committed("v-detect", "v.news", PARTITIONS);
            at.iter().zip(&news).all(|(at, end)| at >= end || *end == 0).then_some(())
        });
        for daemon in self.daemons.iter_mut().filter_map(Option::take) {
            let _ = daemon.stop(Duration::from_secs(60));
        }
        let text = settings(&self.kafka, 0, self.delivery);
        let last = Daemon::start(&text, &["--stages", "assess"]);
        let signals = ends(&self.kafka, "v.signals");
        wait_until(PATIENCE, "all signals are assessed", || {
            let at = self.kafka.committed("v-assess", "v.signals", PARTITIONS);
            at.iter().zip(&signals).all(|(at, end)| at >= end || *end == 0).then_some(())
        });
        let _ = last.stop(Duration::from_secs(60));
    }
}

/// Offset behind the last committed record, by partition.
fn ends(kafka: &Kafka, topic: &str) -> Vec<i64> {
    let mut ends = vec![0; PARTITIONS as usize];
    for record in kafka.read_all(topic) {
        ends[record.partition as usize] = record.offset + 1;
    }
    ends
}

/// Differences between what was written and what the core makes of what was read.
fn differences(kafka: &Kafka) -> Vec<String> {
    let mut found = signals_differ(kafka);
    let policy = Arc::new(Settings::default().policy().expect("the shipped policy"));
    let mut parts: Vec<Partition> =
        (0..PARTITIONS).map(|p| Partition::new(policy.clone(), p as u32, PARTITIONS as u32)).collect();
    let (mut alerts, mut state) = (BTreeMap::<String, Vec<Value>>::new(), BTreeMap::<String, Value>::new());
    parts.iter_mut().for_each(Partition::restored);
    for record in kafka.read_all("v.signals") {
        let ce_type = record.header("ce_type").unwrap_or_default().to_owned();
        let read = SignalRecord::from_json(&ce_type, record.value.as_deref().unwrap_or_default());
        let part = &mut parts[record.partition as usize];
        part.apply(&read.expect("a record of ours"));
        let effects = part.effects();
        part.commit();
        for alert in effects.alerts {
            let value = serde_json::to_value(&alert).expect("JSON");
            alerts.entry(alert.episode_id).or_default().push(value);
        }
        for (key, value) in effects.state {
            let place = format!("{}/{key}", record.partition);
            match value {
                Some(value) => drop(state.insert(place, serde_json::from_slice(&value).expect("JSON"))),
                None => drop(state.remove(&place)),
            }
        }
    }
    let mut written = BTreeMap::<String, Vec<Value>>::new();
    kafka.read_all("v.alerts").iter().for_each(|r| written.entry(r.key_text()).or_default().push(r.json()));
    compare("alerts of episode", &alerts, &written, &mut found);
    let mut kept = BTreeMap::new();
    for record in kafka.read_all("v.state") {
        let place = format!("{}/{}", record.partition, record.key_text());
        match record.value {
            Some(_) => drop(kept.insert(place, record.json())),
            None => drop(kept.remove(&place)),
        }
    }
    compare("state of", &state, &kept, &mut found);
    found
}

fn compare<T: PartialEq>(
    what: &str,
    wanted: &BTreeMap<String, T>,
    written: &BTreeMap<String, T>,
    found: &mut Vec<String>,
) {
    for key in wanted.keys().chain(written.keys().filter(|k| !wanted.contains_key(*k))) {
        match (wanted.get(key), written.get(key)) {
            (Some(a), Some(b)) if a == b => {}
            (Some(_), Some(_)) => found.push(format!("{what} {key}: differs")),
            (Some(_), None) => found.push(format!("{what} {key}: missing")),
            _ => found.push(format!("{what} {key}: nobody asked for it")),
        }
    }
}

/// Signals by id and dyad, counted, against the core's of every record of the news topic.
fn signals_differ(kafka: &Kafka) -> Vec<String> {
    let rules = Packs::default().load().expect("the shipped rules");
    let mut scratch = Scratch::default();
    let mut wanted = HashMap::<(String, String), i64>::new();
    for record in kafka.read_all("v.news") {
        let article =
            demarche::article::read(record.value.as_deref().unwrap_or_default()).expect("an article");
        let detection = detect(&rules, &article, article.published_at, &mut scratch);
        for told in detection.records() {
            let SignalRecord::Signal(signal) = told else { continue };
            *wanted.entry((signal.told.id.clone(), signal.told.dyad.to_string())).or_default() += 1;
        }
    }
    assert!(!wanted.is_empty(), "the feed tells of nothing: the verifier verifies nothing");
    let all: i64 = wanted.values().sum();
    let mut seen = 0;
    for record in kafka.read_all("v.signals") {
        if record.header("ce_type") != Some("demarche.signal.v1") {
            continue;
        }
        seen += 1;
        let id = record.header("ce_id").unwrap_or_default().to_owned();
        *wanted.entry((id, record.key_text())).or_default() -= 1;
    }
    let missing: i64 = wanted.values().filter(|n| **n > 0).sum();
    let doubled: i64 = wanted.values().filter(|n| **n < 0).sum::<i64>().abs();
    eprintln!("signals: {seen} written, {all} wanted, {missing} missing, {doubled} doubled");
    match (missing, doubled) {
        (0, 0) => Vec::new(),
        _ => vec![format!("signals: {missing} missing, {doubled} doubled")],
    }
}

fn chaos(
    kafka: Kafka,
    delivery: &'static str,
    acts: u64,
    articles: u64,
    rate: u64,
    seed: u64,
) -> Vec<String> {
    kafka.create_topic("v.news", PARTITIONS, &[]);
    let mut cluster =
        Cluster { kafka, delivery, daemons: (0..PROCESSES).map(|_| None).collect(), counts: BTreeMap::new() };
    (0..PROCESSES).for_each(|process| cluster.start(process));
    let mut feeder = Kafka::elsewhere();
    feeder.bootstrap.clone_from(&cluster.kafka.bootstrap);
    feeder.client.clone_from(&cluster.kafka.client);
    let (fed, is_done) = (AtomicU64::new(0), AtomicBool::new(false));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            feed(&feeder, articles, rate, &fed);
            is_done.store(true, Ordering::SeqCst);
        });
        let mut dice = Dice(seed);
        for act in 0..acts {
            cluster.act(&mut dice);
            if act % 10 == 9 {
                eprintln!("{} acts, {} articles fed", act + 1, fed.load(Ordering::SeqCst));
            }
        }
        wait_until(Duration::from_secs(3_600), "the feed ends", || {
            is_done.load(Ordering::SeqCst).then_some(())
        });
    });
    cluster.finish();
    eprintln!("acts: {:?}", cluster.counts);
    let extras = |topic: &str| {
        let count = |records: Vec<Record>| records.len();
        count(cluster.kafka.read_uncommitted(topic)) - count(cluster.kafka.read_all(topic))
    };
    eprintln!(
        "aborted extras: {} signals, {} alerts, {} state",
        extras("v.signals"),
        extras("v.alerts"),
        extras("v.state")
    );
    differences(&cluster.kafka)
}

#[test]
fn nothing_is_lost_and_nothing_is_doubled_whatever_is_killed() {
    let kafka = real!(Kafka::start(&[], &[]));
    let (acts, articles) = (number("DEMARCHE_TEST_ACTS", 20), number("DEMARCHE_TEST_ARTICLES", 12_000));
    let rate = number("DEMARCHE_TEST_RATE", 200);
    let found = chaos(kafka, "exactly_once", acts, articles, rate, number("DEMARCHE_TEST_SEED", 7));
    assert!(found.is_empty(), "{} differences:\n{}", found.len(), found.join("\n"));
}

/// The verifier must see what it is there for: without transactions the same acts leave doubles.
#[test]
fn the_verifier_sees_doubles_without_transactions() {
    let kafka = real!(Kafka::start(&[], &[]));
    let found = chaos(kafka, "at_least_once", 8, 4_000, 400, 3);
    assert!(!found.is_empty(), "eight acts without transactions left no trace");
}
