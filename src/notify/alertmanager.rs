//! Prometheus Alertmanager, API v2. A repeat renews an alert and notifies nobody; a changed label set is another alert
//! to it, so the old one is ended in the same POST.

use serde_json::{Value, json};

use super::delivery::{Delivery, Told};
use super::message::{Context, Facts};
use super::receipt::Receipt;
use crate::alert::{Alert, Severity};
use crate::article::{MINUTE, Time};

/// How far ahead an alert's end is set: it must be repeated before.
const AHEAD: i64 = 15 * MINUTE;
/// Alerts in one POST of repeats.
pub const BATCH: usize = 200;

/// The alerts of one POST.
pub fn body(delivery: &Delivery, context: &Context, now: Time) -> Value {
    let mut list = Vec::new();
    for (at, alert) in delivery.alerts.iter().enumerate() {
        let told = delivery.each.get(at).unwrap_or(&delivery.told);
        let before = delivery.before.as_ref();
        // What ends keeps the labels that it was begun with.
        let (severity, page) = match (told.is_closed, before) {
            (true, Some(before)) => (before.severity, before.page),
            _ => (alert.severity, told.page),
        };
        let facts = context.of(alert, told, before);
        if let Some(old) = before.filter(|b| !b.is_closed && changes(b, severity, page)) {
            list.push(one(alert, &facts, (old.severity, old.page), now, now));
        }
        let ends = if told.is_closed { now } else { now.plus(AHEAD) };
        list.push(one(alert, &facts, (severity, page), now, ends));
    }
    Value::Array(list)
}

fn changes(before: &Receipt, severity: Severity, page: bool) -> bool {
    before.severity != severity || before.page != page
}

/// One alert that is still open, said again.
pub fn again(alert: &Alert, page: bool, context: &Context, now: Time) -> Value {
    let told = Told { page, ..Told::default() };
    one(alert, &context.of(alert, &told, None), (alert.severity, page), now, now.plus(AHEAD))
}

fn one(alert: &Alert, facts: &Facts, label: (Severity, bool), now: Time, ends: Time) -> Value {
    let quote = if facts.sentence.is_empty() {
        String::new()
    } else {
        format!("“{}” ({})", facts.sentence, facts.publisher)
    };
    json!({
        "labels": {
            "alertname": "DemarcheEpisode",
            "episode_id": alert.episode_id,
            "dyad": alert.dyad,
            "family": alert.family,
            "severity": label.0,
            "page": if label.1 { "yes" } else { "no" },
        },
        "annotations": {
            "summary": facts.headline,
            "description": quote,
            "kinds": alert.kinds.iter().map(|k| k.as_str()).collect::<Vec<_>>().join(", "),
            "confirmation": alert.confirmation,
            "source": facts.source.as_ref().map(|l| l.url.as_str()).unwrap_or_default(),
            "runbook_url": facts.runbook_url.as_deref().unwrap_or_default(),
            "silence_url": facts.silence_url,
        },
        "startsAt": alert.started_at.min(now),
        "endsAt": ends,
        "generatorURL": facts.page_url,
    })
}
