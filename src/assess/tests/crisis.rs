//! A crisis of thirty days, told in items of our own; `tests/cases/crisis/README.md` says how they are remade.
//!
//! The records are kept as detect gave them, so that a better detector does not change what assess is held to.

use super::*;
use crate::signal::Denial;

const RECORDS: &str = include_str!("../../../tests/cases/crisis/records.ndjson");
const TRANSITIONS: &str = include_str!("../../../tests/cases/crisis/transitions.txt");

fn records() -> Vec<Record> {
    let mut list = Vec::new();
    for line in RECORDS.lines() {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        if value.get("acts").is_some() {
            list.push(Record::ArticleVersion(serde_json::from_value(value).unwrap()));
        } else if value.get("denies").is_some() {
            let denial: Denial = serde_json::from_value(value).unwrap();
            for dyad in denial.told.dyads.clone() {
                let mut copy = denial.clone();
                copy.told.dyad = dyad;
                list.push(Record::Denial(Box::new(copy)));
            }
        } else {
            let signal: crate::signal::Signal = serde_json::from_value(value).unwrap();
            for dyad in signal.told.dyads.clone() {
                let mut copy = signal.clone();
                copy.told.dyad = dyad;
                list.push(Record::Signal(Box::new(copy)));
            }
        }
    }
    list
}

fn received(record: &Record) -> Time {
    match record {
        Record::Signal(signal) => signal.told.received_at,
        Record::Denial(denial) => denial.told.received_at,
        Record::ArticleVersion(version) => version.received_at,
        Record::Watermark(watermark) => watermark.time,
    }
}

fn mark(time: Time) -> Record {
    let Record::Watermark(mark) = watermark(0) else { unreachable!() };
    Record::Watermark(Watermark { time, last: Some(time), ..mark })
}

#[test]
fn the_crisis_is_told_as_a_desk_would_want_it() {
    let mut partition = fresh(1);
    for record in records() {
        partition.apply(&mark(received(&record)));
        partition.apply(&record);
    }
    let end = received(records().last().unwrap());
    (1..=10 * 24).for_each(|hour| partition.apply(&mark(end.plus(hour * HOUR))));
    let told: Vec<String> =
        partition.take_alerts().iter().filter(|a| a.is_material()).map(Alert::line).collect();
    let golden: Vec<&str> = TRANSITIONS.lines().collect();
    if told != golden {
        // To be read line by line before it takes the golden file's place.
        panic!("the transitions are others now:\n{}", told.join("\n"));
    }
}
