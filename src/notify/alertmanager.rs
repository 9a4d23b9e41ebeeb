//! Prometheus Alertmanager, API v2. A repeat renews an alert and notifies nobody; a changed label set is another alert
//! to it, so the old one is ended in the same POST.

use serde_json::{Value, json};

use super::desk::{Receipt, Told};
use super::message::{headline, sentence};
use crate::alert::{Alert, Severity};
use crate::article::{MINUTE, Time};

/// How far ahead an alert's end is set: it must be repeated before.
const AHEAD: i64 = 15 * MINUTE;

/// The alerts of one POST.
pub fn body(alert: &Alert, told: &Told, before: Option<&Receipt>, now: Time, public_url: &str) -> Value {
    let mut list = Vec::new();
    let ends = if told.is_closed { now } else { now.plus(AHEAD) };
    if let Some(before) = before
        && !before.is_closed
        && (before.severity != alert.severity || before.page != told.page)
    {
        list.push(one(alert, before.severity, before.page, now, now, public_url));
    }
    list.push(one(alert, alert.severity, told.page, now, ends, public_url));
    Value::Array(list)
}

fn one(alert: &Alert, severity: Severity, page: bool, now: Time, ends: Time, public_url: &str) -> Value {
    let link = format!("{}/alerts/{}", public_url.trim_end_matches('/'), alert.episode_id);
    json!({
        "labels": {
            "alertname": "DemarcheEpisode",
            "episode_id": alert.episode_id,
            "dyad": alert.dyad,
            "family": alert.family,
            "severity": severity,
            "page": if page { "yes" } else { "no" },
        },
        "annotations": {
            "summary": headline(alert),
            "description": sentence(alert),
            "kinds": alert.kinds.iter().map(|k| k.as_str()).collect::<Vec<_>>().join(", "),
            "confirmation": alert.confirmation,
        },
        "startsAt": alert.started_at.min(now),
        "endsAt": ends,
        "generatorURL": link,
    })
}
