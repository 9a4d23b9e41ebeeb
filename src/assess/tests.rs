//! What must hold of whole partitions: determinism, retraction, timers, a crisis told in signals of our own.

mod crisis;
mod denial;
mod migration;
mod retraction;
mod weekend;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::tests_support::{START, policy, signal};
use super::{Effects, Partition};
use crate::alert::{Alert, Severity, Transition};
use crate::article::{HOUR, Status, Time};
use crate::signal::{ArticleVersion, Record, Watermark};

/// SplitMix64: the tests' only source of chance.
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n
    }
}

fn fresh(count: u32) -> Partition {
    let mut partition = Partition::new(Arc::new(policy()), 0, count);
    partition.restored();
    partition
}

fn news(dyad: &str, kind: &str, roles: &str, hours: i64) -> Record {
    Record::Signal(Box::new(signal(dyad, kind, roles, hours)))
}

fn watermark(hours: i64) -> Record {
    let time = Time(START + hours * HOUR);
    let input = "n/0".to_owned();
    Record::Watermark(Watermark {
        schema: 1,
        inputs: vec![input.clone()],
        input,
        time,
        behind: false,
        last: Some(time),
    })
}

fn killed(record: &Record, hours: i64) -> Record {
    let Record::Signal(signal) = record else { panic!("not a signal") };
    Record::ArticleVersion(ArticleVersion {
        schema: 1,
        article_id: signal.told.article_id.clone(),
        version: 2,
        supersedes: None,
        status: Status::Canceled,
        acts: Vec::new(),
        received_at: Time(START + hours * HOUR),
    })
}

fn play(records: &[Record]) -> Vec<Alert> {
    let mut partition = fresh(1);
    records.iter().for_each(|record| partition.apply(record));
    partition.effects().alerts
}

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

/// Records over `dyads` pairs in order of time, watermarks and kills between them.
fn stream(seed: u64, count: usize, dyads: u64) -> Vec<Record> {
    let mut chance = Chance(seed);
    let mut hours = 0;
    let mut list: Vec<Record> = Vec::new();
    while list.len() < count {
        hours += chance.below(2) as i64;
        let (a, b) = (format!("A{:02}", chance.below(dyads)), "ZZZ");
        let kind = KINDS[chance.below(KINDS.len() as u64) as usize];
        let roles = if chance.below(2) == 0 { format!("{a}>{b}") } else { format!("{b}>{a}") };
        let late = if chance.below(10) == 0 { chance.below(60) as i64 } else { 0 };
        list.push(news(&format!("{a}-{b}"), kind, &roles, (hours - late).max(0)));
        match chance.below(20) {
            0 => list.push(watermark(hours)),
            1 => list.push(killed(&list[list.len() - 1].clone(), hours + 1)),
            _ => {}
        }
    }
    list
}

fn by_dyad(alerts: Vec<Alert>, into: &mut BTreeMap<String, Vec<String>>) {
    for alert in alerts {
        into.entry(alert.dyad.to_string()).or_default().push(serde_json::to_string(&alert).unwrap());
    }
}

/// Plays over `count` partitions, with transactions that end, abort and lose the process by chance.
fn interrupted(records: &[Record], count: u64, seed: u64) -> BTreeMap<String, Vec<String>> {
    let mut all = BTreeMap::new();
    for number in 0..count {
        let place = |record: &Record| {
            record.dyad().is_none_or(|d| d.to_string().bytes().map(u64::from).sum::<u64>() % count == number)
        };
        let mine: Vec<&Record> = records.iter().filter(|r| place(r)).collect();
        let mut chance = Chance(seed + number);
        let mut partition = fresh(count as u32);
        let mut topic: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        let (mut committed, mut at) = (0, 0);
        while committed < mine.len() {
            let last = (at + 1 + chance.below(40) as usize).min(mine.len());
            mine[at..last].iter().for_each(|record| partition.apply(record));
            at = last;
            match chance.below(4) {
                0 => {
                    partition.rollback();
                    at = committed;
                }
                1 => {
                    partition = Partition::new(Arc::new(policy()), 0, count as u32);
                    topic.iter().for_each(|(key, value)| partition.restore(key, Some(value)).unwrap());
                    partition.restored();
                    at = committed;
                }
                _ => {
                    let Effects { alerts, state } = partition.effects();
                    for (key, value) in state {
                        match value {
                            Some(value) => drop(topic.insert(key, value)),
                            None => drop(topic.remove(&key)),
                        }
                    }
                    by_dyad(alerts, &mut all);
                    partition.commit();
                    committed = at;
                }
            }
        }
    }
    all
}

#[test]
fn partitions_aborts_and_restores_change_no_byte_of_any_alert() {
    for seed in 0..3 {
        let records = stream(seed, 1_200, 30);
        let mut whole = BTreeMap::new();
        by_dyad(play(&records), &mut whole);
        for count in [1, 4, 12] {
            assert_eq!(interrupted(&records, count, seed * 100), whole, "seed {seed}, {count} partitions");
        }
    }
}

#[test]
fn a_signal_that_is_delivered_again_changes_nothing() {
    let strike = news("AAA-BBB", "armed-attack", "AAA>BBB", 1);
    assert_eq!(play(&[strike.clone(), strike.clone()]), play(&[strike]));
}

#[test]
fn an_episode_ends_at_its_gap_and_not_before() {
    let strike = news("AAA-BBB", "armed-attack", "AAA>BBB", 0);
    let hourly = |until: i64| (0..=until).map(watermark);
    let run = |until| {
        play(&std::iter::once(watermark(0)).chain([strike.clone()]).chain(hourly(until)).collect::<Vec<_>>())
    };
    assert!(run(48).iter().all(Alert::is_open));
    let ended = run(49);
    let last = ended.last().unwrap();
    assert_eq!((last.transition, last.updated_at), (Transition::Resolved, Time(START + 48 * HOUR)));
}

#[test]
fn a_dead_crawler_resolves_nothing() {
    let strike = news("AAA-BBB", "armed-attack", "AAA>BBB", 0);
    let mut records = vec![watermark(0), strike];
    for hours in 1..200 {
        let Record::Watermark(mut mark) = watermark(hours) else { unreachable!() };
        mark.last = Some(Time(START));
        records.push(Record::Watermark(mark));
    }
    assert!(play(&records).iter().all(Alert::is_open));
}

#[test]
fn a_backlog_is_told_in_order_once_nobody_is_behind() {
    let Record::Watermark(mut behind) = watermark(30) else { unreachable!() };
    behind.behind = true;
    let stale = |hours: i64, kind: &str| {
        let mut told = signal("AAA-BBB", kind, "AAA>BBB", hours);
        told.told.received_at = Time(START + 30 * HOUR);
        Record::Signal(Box::new(told))
    };
    let mut partition = fresh(1);
    partition.apply(&Record::Watermark(behind));
    partition.apply(&stale(9, "armed-attack"));
    partition.apply(&stale(3, "ultimatum"));
    assert!(partition.take_alerts().is_empty());
    partition.apply(&watermark(30));
    let kinds: Vec<String> = partition.take_alerts().iter().map(|a| a.headline.kind.to_string()).collect();
    assert_eq!(kinds, ["ultimatum", "armed-attack"]);
}

#[test]
fn a_first_strike_is_high_its_answer_critical_and_the_next_ones_less() {
    let strike = |roles: &str, hours| news("AAA-BBB", "armed-attack", roles, hours);
    let severities = |records: &[Record]| {
        play(records).iter().filter(|a| a.is_open()).map(|a| a.severity).collect::<Vec<Severity>>()
    };
    assert_eq!(severities(&[strike("AAA>BBB", 0)]), [Severity::High]);
    assert_eq!(
        severities(&[strike("AAA>BBB", 0), strike("BBB>AAA", 3)]),
        [Severity::High, Severity::Critical]
    );
    let later = severities(&[strike("AAA>BBB", 0), strike("AAA>BBB", 24 * 10)]);
    assert_eq!(later.last(), Some(&Severity::Medium));
}

#[test]
fn a_recap_opens_nothing() {
    let mut told = signal("AAA-BBB", "armed-attack", "AAA>BBB", 0);
    told.recency = crate::signal::Recency::Recap;
    assert!(play(&[Record::Signal(Box::new(told))]).is_empty());
}

#[test]
fn a_war_under_way_does_not_page_for_its_daily_fighting() {
    let war = policy().wars.iter().find(|w| w.until.is_none()).cloned().unwrap();
    let dyad = war.dyad.to_string();
    let roles = format!("{}>{}", war.dyad.first, war.dyad.second);
    assert!(play(&[news(&dyad, "armed-attack", &roles, 0)])[0].severity <= Severity::Medium);
}
