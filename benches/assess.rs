//! Signals a second and core through assess, against a fold that only files them: `cargo bench --bench assess`.
//!
//! 10,000 dyads, Zipf-like; a watermark every 100 signals; the state that each transaction of 2,000 signals writes is
//! serialised. Best of three rounds; bytes of state a dyad at the end, and again when nothing is open any more.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use demarche::article::Time;
use demarche::assess::{Partition, Policy};
use demarche::lexicon::SourceFile;
use demarche::signal::{Record, Signal, Watermark, hex64};

const SIGNALS: usize = 50_000;
const DYADS: u64 = 10_000;
const START: i64 = 1_746_057_600_000;
const KINDS: [&str; 8] = [
    "armed-attack",
    "threat-of-force",
    "sanctions",
    "closure",
    "contact",
    "ceasefire",
    "mediation-offer",
    "accusation",
];

fn main() {
    let policy = Arc::new(policy());
    let records = records();
    let best = |run: &dyn Fn() -> usize| {
        let rounds = (0..3).map(|_| {
            let start = Instant::now();
            std::hint::black_box(run());
            start.elapsed().as_secs_f64()
        });
        SIGNALS as f64 / rounds.fold(f64::MAX, f64::min)
    };
    let assess = best(&|| play(&policy, &records, false).0);
    let whole = best(&|| play(&policy, &records, true).0);
    let filed = best(&|| file(&records));
    let (_, partition, bytes) = play(&policy, &records, true);
    println!("assess               {assess:>12.0} signals/s");
    println!("assess and its state {whole:>12.0} signals/s");
    println!("a map that files     {filed:>12.0} signals/s, {:.1} times assess", filed / assess);
    println!("state                {:>12} bytes a dyad of {}", bytes / partition.dyads(), partition.dyads());
}

fn policy() -> Policy {
    let file = |path: &str, text: &str| SourceFile { path: path.into(), text: text.into() };
    Policy::from_toml(
        &file("severity.toml", include_str!("../config/severity.toml")),
        &file("weights.toml", include_str!("../config/weights.toml")),
        &file("ladders.toml", include_str!("../config/ladders.toml")),
    )
    .expect("the shipped policy")
}

fn play(policy: &Arc<Policy>, records: &[Record], with_state: bool) -> (usize, Partition, usize) {
    let mut partition = Partition::new(policy.clone(), 0, 1);
    partition.restored();
    let mut alerts = 0;
    let mut sizes: HashMap<String, usize> = HashMap::new();
    for batch in records.chunks(2_000) {
        batch.iter().for_each(|record| partition.apply(record));
        if with_state {
            let effects = partition.effects();
            alerts += effects.alerts.len();
            for (key, value) in effects.state {
                sizes.insert(key, value.map_or(0, |value| value.len()));
            }
        } else {
            alerts += partition.take_alerts().len();
        }
        partition.commit();
    }
    (alerts, partition, sizes.values().sum())
}

fn file(records: &[Record]) -> usize {
    let mut map: HashMap<String, Vec<Signal>> = HashMap::new();
    for record in records {
        if let Record::Signal(signal) = record {
            map.entry(signal.told.dyad.to_string()).or_default().push((**signal).clone());
        }
    }
    map.len()
}

/// Ten days of signals; pairs by the square of chance, so that a hundredth of them has a tenth of the news.
fn records() -> Vec<Record> {
    let mut seed = 1u64;
    let mut chance = move |below: u64| {
        seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = seed;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % below
    };
    let mut list = Vec::with_capacity(SIGNALS + SIGNALS / 100);
    for n in 0..SIGNALS {
        let time = Time(START + n as i64 * 864_000_000 / SIGNALS as i64);
        if n.is_multiple_of(100) {
            list.push(mark(time));
        }
        let draw = chance(DYADS);
        let pair = draw * draw / DYADS;
        let kind = KINDS[chance(KINDS.len() as u64) as usize];
        list.push(signal(n, pair, kind, chance(300), chance(u64::MAX), time));
    }
    list
}

fn mark(time: Time) -> Record {
    let input = "n/0".to_owned();
    let inputs = vec![input.clone()];
    Record::Watermark(Watermark { schema: 1, input, inputs, time, behind: false, last: Some(time) })
}

fn signal(n: usize, pair: u64, kind: &str, outlet: u64, sketch: u64, time: Time) -> Record {
    let (a, b) = (format!("A{:03}", pair / 100), format!("Z{:03}", pair % 100));
    let time = time.to_string();
    let family = format!("outlet{outlet}.example");
    let json = serde_json::json!({
        "schema": 1, "id": hex64(n as u64), "kind": kind, "event": "ASSAULT", "stance": "actual", "source": [a],
        "target": [b], "recency": if n.is_multiple_of(4) { "recap" } else { "news" }, "dyad": format!("{a}-{b}"),
        "dyads": [format!("{a}-{b}")], "article_id": format!("article-{n}"),
        "article": {"version": 1, "publisher": family, "family": family, "title": "A headline of usual length, no more",
                    "published_at": time},
        "rule": {"id": "pack/rule", "revision": "0"}, "confidence": 0.9,
        "evidence": {"field": "body", "quote": "forces shelled the town", "start": 0, "end": 23,
                     "sentence": "The forces shelled the town of that name before dawn on Tuesday, killing eleven people."},
        "event_time": time, "received_at": time, "content_hash": hex64(sketch),
    });
    Record::Signal(Box::new(serde_json::from_value(json).expect("a signal")))
}
