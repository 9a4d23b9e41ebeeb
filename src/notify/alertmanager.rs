//! Prometheus Alertmanager, API v2. A repeat renews an alert and notifies nobody; a changed label set is another alert
//! to it, so the old one is ended in the same POST.

use serde_json::{Value, json};

use super::delivery::{Delivery, Told};
use super::desk::Open;
use super::message::{Context, Facts};
use super::receipt::Receipt;
use crate::alert::{Alert, Severity};
use crate::article::{MINUTE, Time};

/// How far ahead an alert's end is set: it must be repeated before.
const AHEAD: i64 = 15 * MINUTE;
/// Alerts in one POST of repeats.
pub const BATCH: usize = 200;

/// What tells one alert from another there.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Labels {
    /// An episode that took over another's incident keeps its name.
    episode: String,
    severity: Severity,
    page: bool,
}

impl Labels {
    /// As they were told.
    fn told(receipt: &Receipt) -> Labels {
        let episode = receipt.reference.clone().unwrap_or_else(|| receipt.episode_id.clone());
        Labels { episode, severity: receipt.label(), page: receipt.page }
    }
}

/// The label `episode_id` of an alert: kept by the receipt as the provider's name of it.
pub fn name(alert: &Alert, before: Option<&Receipt>) -> String {
    let known = before.filter(|b| !b.is_closed).and_then(|b| b.reference.clone());
    known.unwrap_or_else(|| alert.episode_id.clone())
}

/// The alerts of one POST; none where the incident only moves.
pub fn body(delivery: &Delivery, context: &Context, now: Time) -> Vec<Value> {
    let mut list = Vec::new();
    for (at, alert) in delivery.alerts.iter().enumerate() {
        let told = delivery.each.get(at).unwrap_or(&delivery.told);
        let before = delivery.before.as_ref();
        let open = before.filter(|b| !b.is_closed);
        let facts = context.of(alert, told, before);
        if told.is_closed {
            if let Some(old) = open.filter(|_| !told.is_shared) {
                list.push(one(alert, &facts, &Labels::told(old), now, now));
            }
            continue;
        }
        let severity = open.map_or(alert.severity, |b| b.label().max(alert.severity));
        let labels = Labels { episode: name(alert, before), severity, page: told.page };
        if let Some(old) = open.map(Labels::told).filter(|old| *old != labels) {
            list.push(one(alert, &facts, &old, now, now));
        }
        list.push(one(alert, &facts, &labels, now, now.plus(AHEAD)));
    }
    list
}

/// One alert that is still open, said again.
pub fn again(open: &Open, context: &Context, now: Time) -> Value {
    let told = Told { page: open.receipt.page, ..Told::default() };
    let facts = context.of(&open.alert, &told, None);
    one(&open.alert, &facts, &Labels::told(&open.receipt), now, now.plus(AHEAD))
}

fn one(alert: &Alert, facts: &Facts, labels: &Labels, now: Time, ends: Time) -> Value {
    let quote = if facts.sentence.is_empty() {
        String::new()
    } else {
        format!("“{}” ({})", facts.sentence, facts.publisher)
    };
    json!({
        "labels": {
            "alertname": "DemarcheEpisode",
            "episode_id": labels.episode,
            "dyad": alert.dyad,
            "family": alert.family,
            "severity": labels.severity,
            "page": if labels.page { "yes" } else { "no" },
        },
        "annotations": {
            "summary": facts.headline,
            "description": quote,
            "kinds": alert.kinds.iter().map(|k| k.as_str()).collect::<Vec<_>>().join(", "),
            "confirmation": alert.confirmation,
            "severity_now": alert.severity,
            "source": facts.source.as_ref().map(|l| l.url.as_str()).unwrap_or_default(),
            "runbook_url": facts.runbook_url.as_deref().unwrap_or_default(),
            "silence_url": facts.silence_url,
            "verdict_url": facts.verdict_url,
        },
        "startsAt": alert.started_at.min(now),
        "endsAt": ends,
        "generatorURL": facts.page_url,
    })
}
