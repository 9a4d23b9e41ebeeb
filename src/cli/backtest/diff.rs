//! What another pack would have told: episodes only in one run, other severities, other first moments.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::Played;
use super::pages::pages;
use crate::alert::{Alert, Family, Severity};
use crate::article::{HOUR, Time};
use crate::signal::Dyad;

/// An episode at its worst.
struct Seen<'a> {
    opened: Time,
    severity: Severity,
    newest: &'a Alert,
}

type Group<'a> = BTreeMap<(Dyad, Family, &'a str), Vec<Seen<'a>>>;

/// Episodes by dyad, family and instrument, by the time of their first act.
fn episodes(alerts: &[Alert]) -> Group<'_> {
    let mut newest: BTreeMap<&str, (Time, Severity, &Alert)> = BTreeMap::new();
    for alert in alerts {
        let entry = newest.entry(&alert.episode_id).or_insert((alert.updated_at, alert.severity, alert));
        entry.1 = entry.1.max(alert.severity);
        entry.2 = alert;
    }
    let mut groups: Group = BTreeMap::new();
    for (opened, severity, alert) in newest.into_values() {
        groups.entry((alert.dyad, alert.family, &alert.instrument)).or_default().push(Seen {
            opened,
            severity,
            newest: alert,
        });
    }
    for list in groups.values_mut() {
        list.sort_by(|a, b| (a.opened, &a.newest.episode_id).cmp(&(b.opened, &b.newest.episode_id)));
    }
    groups
}

/// Whether the spans of two episodes touch.
fn touch(a: &Alert, b: &Alert) -> bool {
    let end = |alert: &Alert| alert.ended_at.unwrap_or(Time::MAX);
    a.started_at <= end(b) && b.started_at <= end(a)
}

/// Prints the differences, a line each, and the pages a day of both.
///
/// # Errors
/// Those of the output.
pub fn print(output: &mut impl Write, a: &Played, b: &Played) -> io::Result<()> {
    let (left, mut right) = (episodes(&a.alerts), episodes(&b.alerts));
    let mut same = 0;
    for (key, list) in left {
        let mut others = right.remove(&key).unwrap_or_default();
        for seen in list {
            match others.iter().position(|other| touch(seen.newest, other.newest)) {
                None => one(output, "only in A", &seen)?,
                Some(at) => {
                    let other = others.remove(at);
                    if pair(output, &seen, &other)? {
                        same += 1;
                    }
                }
            }
        }
        for other in others {
            one(output, "only in B", &other)?;
        }
    }
    for other in right.into_values().flatten() {
        one(output, "only in B", &other)?;
    }
    writeln!(output, "the same in both: {same} episodes")?;
    for (name, played) in [("A", a), ("B", b)] {
        let count = pages(&played.alerts).len();
        writeln!(output, "pages a day in {name}: {:.2} ({count})", count as f64 / played.days)?;
    }
    Ok(())
}

fn one(output: &mut impl Write, what: &str, seen: &Seen) -> io::Result<()> {
    let alert = seen.newest;
    writeln!(
        output,
        "{what}: {} {} {} {} opened {} ({})",
        alert.dyad, alert.family, alert.instrument, seen.severity, seen.opened, alert.headline.kind
    )
}

/// Prints how two episodes differ; true where they do not.
fn pair(output: &mut impl Write, a: &Seen, b: &Seen) -> io::Result<bool> {
    let alert = a.newest;
    if a.severity != b.severity {
        writeln!(
            output,
            "severity changed: {} {} opened {}: {} in A, {} in B",
            alert.dyad, alert.family, a.opened, a.severity, b.severity
        )?;
    }
    if a.opened != b.opened {
        let hours = b.opened.since(a.opened) as f64 / HOUR as f64;
        let word = if hours > 0.0 { "later" } else { "earlier" };
        writeln!(
            output,
            "first seen {word} in B: {} {} by {:.1} h ({})",
            alert.dyad,
            alert.family,
            hours.abs(),
            a.opened
        )?;
    }
    Ok(a.severity == b.severity && a.opened == b.opened)
}
