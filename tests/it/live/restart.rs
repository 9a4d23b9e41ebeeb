//! Stop, kill, start again: the same alerts, none doubled, none missing.

use std::fmt::Write;

use super::{CROSSING, PATIENCE, Rig};
use crate::harness::{kafka, real};

/// Pairs of states with the capital of the first.
const PAIRS: &[(&str, &str, &str)] = &[
    ("France", "Paris", "Serbia"),
    ("Chile", "Santiago", "Peru"),
    ("Kenya", "Nairobi", "Somalia"),
    ("Greece", "Athens", "Norway"),
    ("Morocco", "Rabat", "Mali"),
    ("Vietnam", "Hanoi", "Cambodia"),
];

/// A feed of our own making: `count` items, 7 minutes apart from `start`, each one step between one of the pairs.
pub fn feed(count: usize, start: &str) -> String {
    let start: jiff::Timestamp = start.parse().expect("a time");
    let mut lines = String::new();
    for at in 0..count {
        let (state, capital, other) = PAIRS[at % PAIRS.len()];
        let text = match at / PAIRS.len() % 5 {
            0 => format!(
                "{state} recalled its ambassador from {other}, the foreign ministry in {capital} said."
            ),
            1 => format!("{state} closed its border with {other} on orders of the government in {capital}."),
            2 => {
                format!("{state} imposed sanctions on {other}, the foreign ministry in {capital} announced.")
            }
            3 => format!("{state} expelled three diplomats of {other}, officials in {capital} said."),
            _ => format!(
                "{state} accused {other} of shelling a border post, the government in {capital} said."
            ),
        };
        let time = start + jiff::Span::new().minutes(7 * at as i64);
        let article = serde_json::json!({
            "id": format!("feed-{start}-{at}"), "published_at": time.to_string(), "title": format!("Item {at}"),
            "body": text, "language": "en", "source": { "name": "Wire", "domain": format!("wire{at}.example") },
        });
        writeln!(lines, "{article}").expect("a string");
    }
    lines
}

#[test]
fn a_stop_and_a_kill_in_between_change_nothing() {
    let kafka = real!(kafka::shared());
    let feed = feed(120, "2025-04-10T06:00:00Z");
    let lines: Vec<&str> = feed.lines().collect();
    let parts: Vec<String> = lines.chunks(40).map(|c| c.join("\n")).collect();

    let calm = Rig::new(kafka, "calm", 1);
    let daemon = calm.start();
    for part in &parts {
        calm.publish(part);
    }
    calm.publish(CROSSING);
    let wanted = calm.settled();
    assert!(wanted.len() > 20, "too few alerts to show anything: {}", wanted.len());
    drop(daemon);

    let stormy = Rig::new(kafka, "stormy", 1);
    for (at, part) in parts.iter().enumerate() {
        let daemon = stormy.start();
        stormy.publish(part);
        // Killed as soon as something of this part is out: in the midst of it.
        let before = 10 * at;
        stormy.wait_alerts("some alerts of this part", |_| (stormy.alerts().len() > before).then_some(()));
        if at == 1 {
            assert!(daemon.stop(PATIENCE).success(), "SIGTERM ends it with 0");
        } else {
            daemon.kill();
        }
    }
    let daemon = stormy.start();
    stormy.publish(CROSSING);
    let found = stormy.settled();
    assert_eq!(found.keys().collect::<Vec<_>>(), wanted.keys().collect::<Vec<_>>());
    for (key, alert) in &wanted {
        assert_eq!(&found[key], alert, "{key:?}");
    }
    assert!(daemon.stop(PATIENCE).success());
}
