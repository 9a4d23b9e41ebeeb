//! A daemon that stood still, and floods of copies.

use super::*;
use crate::alert::Reason;
use crate::signal::Recency;

/// Friday evening, Monday morning and the end of the week after, in hours from [`START`] (a Thursday).
const STOP: i64 = 42;
const BACK: i64 = 104;
const END: i64 = 340;

/// Signals of 60 pairs over two weeks, at random minutes.
fn feed(seed: u64) -> Vec<Record> {
    let mut chance = Chance(seed);
    let mut list = Vec::new();
    for n in 0..3_000u64 {
        let minute = (n as i64) * 240 * 60 / 3_000;
        let (a, b) = (format!("A{:02}", chance.below(60)), "ZZZ");
        let kind = KINDS[chance.below(KINDS.len() as u64) as usize];
        let roles = if chance.below(2) == 0 { format!("{a}>{b}") } else { format!("{b}>{a}") };
        let mut told = signal(&format!("{a}-{b}"), kind, &roles, 0);
        told.told.id = format!("s{n:05}");
        told.told.article_id = format!("a{n:05}");
        told.told.content_hash = crate::signal::short_hash([told.told.id.as_str()]);
        told.told.event_time = Time(START + minute * crate::article::MINUTE);
        told.told.received_at = told.told.event_time;
        list.push(Record::Signal(Box::new(told)));
    }
    list
}

fn time_of(record: &Record) -> i64 {
    let Record::Signal(signal) = record else { return 0 };
    signal.told.event_time.since(Time(START)) / HOUR
}

/// Plays with a watermark every hour; `until` is where the feed's live part begins.
fn live(partition: &mut Partition, records: &[Record], hours: std::ops::Range<i64>) -> Vec<Alert> {
    for hour in hours {
        records.iter().filter(|r| time_of(r) == hour).for_each(|r| partition.apply(r));
        partition.apply(&watermark(hour + 1));
    }
    partition.take_alerts()
}

type Line = (String, String, String, String);

fn transitions(alerts: &[Alert]) -> BTreeMap<String, Vec<Line>> {
    let mut all: BTreeMap<String, Vec<Line>> = BTreeMap::new();
    for alert in alerts.iter().filter(|alert| {
        alert.is_material() && alert.reason != Reason::NewAct || alert.transition == Transition::Opened
    }) {
        let line = (
            alert.family.to_string(),
            alert.transition.to_string(),
            alert.severity.to_string(),
            alert.updated_at.to_string(),
        );
        all.entry(alert.dyad.to_string()).or_default().push(line);
    }
    all
}

#[test]
fn a_weekend_without_the_daemon_changes_no_transition() {
    let records = feed(7);
    let mut steady = fresh(1);
    let whole = live(&mut steady, &records, 0..END);

    let mut stopped = fresh(1);
    let mut alerts = live(&mut stopped, &records, 0..STOP);
    // Monday: the backlog of four readers, each in order, interleaved; received now.
    let mut chance = Chance(3);
    let mut readers: Vec<Vec<Record>> = vec![Vec::new(); 4];
    for record in records.iter().filter(|r| (STOP..BACK).contains(&time_of(r))) {
        let Record::Signal(signal) = record else { continue };
        let mut late = signal.clone();
        late.told.received_at = Time(START + BACK * HOUR);
        readers[chance.below(4) as usize].insert(0, Record::Signal(late));
    }
    let backlog: usize = readers.iter().map(Vec::len).sum();
    let behind = |hour| match watermark(hour) {
        Record::Watermark(mark) => Record::Watermark(crate::signal::Watermark { behind: true, ..mark }),
        other => other,
    };
    stopped.apply(&behind(STOP));
    for read in 0..backlog {
        let left: Vec<usize> = (0..4).filter(|r| !readers[*r].is_empty()).collect();
        let record = readers[left[chance.below(left.len() as u64) as usize]].pop().unwrap();
        stopped.apply(&record);
        if read % 100 == 99 {
            // Only as far as the backlog has been read.
            stopped.apply(&behind(STOP + (BACK - STOP) * read as i64 / backlog as i64));
        }
    }
    let early = stopped.take_alerts();
    assert!(early.iter().all(Alert::is_open), "nothing is resolved before the backlog is read");
    alerts.extend(early);
    stopped.apply(&watermark(BACK));
    alerts.extend(stopped.take_alerts());
    alerts.extend(live(&mut stopped, &records, BACK..END));

    let (a, b) = (transitions(&whole), transitions(&alerts));
    let same = a.iter().filter(|(dyad, lines)| b.get(*dyad) == Some(lines)).count();
    assert!(same * 100 >= a.len() * 95, "{same} of {} pairs tell the same", a.len());
}

#[test]
fn a_quiet_week_pages_once_for_each_development() {
    let mut chance = Chance(11);
    let mut list: Vec<(i64, u64, Record)> = Vec::new();
    for n in 0..40u64 {
        let dyad = format!("A{n:02}-ZZZ");
        // Every second development deserves a page.
        let kind = if n % 2 == 0 { "armed-attack" } else { "formal-protest" };
        let start = chance.below(100 * 60) as i64;
        let sketch = chance.below(u64::MAX);
        let prints = 5 + chance.below(196);
        for k in 0..=prints + 30 {
            let is_recap = k > prints;
            let minute = match k {
                0 => start,
                _ if is_recap => start + 60 + chance.below(60 * 60) as i64,
                _ => start + chance.below(48 * 60) as i64,
            };
            let mut told = signal(&dyad, kind, &format!("A{n:02}>ZZZ"), 0);
            told.told.id = format!("{n}-{k}");
            told.told.article_id = format!("{n}-{k}");
            told.told.article.family = format!("outlet{}.example", chance.below(300));
            told.told.event_time = Time(START + minute * crate::article::MINUTE);
            told.told.received_at = told.told.event_time;
            let flips = (0..3).fold(0u64, |bits, _| bits | 1 << chance.below(64));
            let text = if is_recap {
                chance.below(u64::MAX)
            } else if k == 0 {
                sketch
            } else {
                sketch ^ flips
            };
            told.told.content_hash = crate::signal::hex64(text);
            if is_recap {
                told.recency = Recency::Recap;
            }
            list.push((minute, k, Record::Signal(Box::new(told))));
        }
    }
    list.sort_by_key(|(minute, k, _)| (*minute, *k));
    let mut partition = fresh(1);
    let mut topic: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut paged: BTreeMap<String, usize> = BTreeMap::new();
    let mut hour = 0;
    for (n, (minute, _, record)) in list.iter().enumerate() {
        while hour <= minute / 60 {
            partition.apply(&watermark(hour));
            hour += 1;
        }
        partition.apply(record);
        if n % 500 != 499 && n + 1 < list.len() {
            continue;
        }
        let Effects { alerts, state } = partition.effects();
        for alert in alerts.iter().filter(|a| a.severity >= Severity::High) {
            let pages = matches!(alert.transition, Transition::Opened | Transition::Escalated);
            *paged.entry(alert.dyad.to_string()).or_default() += usize::from(pages);
        }
        for (key, value) in state {
            match value {
                Some(value) => drop(topic.insert(key, value)),
                None => drop(topic.remove(&key)),
            }
        }
        partition.commit();
        if n % 1_500 == 1_499 {
            // A restart.
            partition = Partition::new(Arc::new(policy()), 0, 1);
            topic.iter().for_each(|(key, value)| partition.restore(key, Some(value)).unwrap());
            partition.restored();
        }
    }
    assert_eq!(paged.len(), 20, "{} articles", list.len());
    assert!(paged.values().all(|pages| *pages == 1), "{paged:?}");
}
