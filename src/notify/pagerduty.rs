//! PagerDuty, Events API v2. A repeat of a trigger with the same key adds to the open incident and wakes nobody; a
//! trigger after a resolve opens a new incident; an acknowledged one wakes nobody, so `critical` has a key of its own.

use serde_json::{Value, json};

use super::clean::one_line;
use super::delivery::Delivery;
use super::message::Facts;
use crate::alert::{Alert, Severity};

/// The service's limits: characters of a summary, bytes of an event.
const SUMMARY_MAX: usize = 1_000;
pub const EVENT_MAX: usize = 512 * 1_024;

/// The requests of one delivery, in order (path, body), and the deduplication key.
pub fn requests(
    delivery: &Delivery,
    facts: &Facts,
    text: &str,
    routing_key: &str,
) -> (Vec<(&'static str, Value)>, Option<String>) {
    let Some(alert) = delivery.alerts.first() else { return (Vec::new(), None) };
    let told = &delivery.told;
    let before = delivery.before.as_ref().filter(|b| !b.is_closed);
    let known = before.and_then(|b| b.reference.clone());
    let key = known.clone().or_else(|| told.joins.clone()).unwrap_or_else(|| alert.episode_id.clone());
    let summary = one_line(&facts.headline, SUMMARY_MAX);
    let is_incident = told.page || known.is_some() || told.joins.is_some();
    if !is_incident {
        // Wakes nobody: a change event.
        let body = json!({
            "routing_key": routing_key,
            "payload": {"summary": summary, "source": "demarche", "timestamp": alert.updated_at,
                "custom_details": {"text": text, "digest": facts.digest}},
            "links": links(facts),
        });
        return (vec![("/v2/change/enqueue", body)], None);
    }
    if told.is_closed {
        if told.is_shared {
            // The others say what goes on; the last one ends it.
            return (Vec::new(), Some(key));
        }
        let resolve =
            |key: &str| json!({"routing_key": routing_key, "event_action": "resolve", "dedup_key": key});
        let mut list = vec![("/v2/enqueue", resolve(&key))];
        if told.is_second {
            list.push(("/v2/enqueue", resolve(&second(&key))));
        }
        return (list, Some(key));
    }
    let has_incident = known.is_some() || told.joins.is_some();
    let is_critical = told.wakes && alert.severity == Severity::Critical && has_incident;
    let mut list = vec![("/v2/enqueue", trigger(alert, facts, routing_key, &key))];
    if is_critical {
        list.push(("/v2/enqueue", trigger(alert, facts, routing_key, &second(&key))));
    }
    (list, Some(key))
}

fn links(facts: &Facts) -> Value {
    json!([
        {"href": facts.page_url, "text": "page"},
        {"href": facts.silence_url, "text": "silence"},
        {"href": facts.verdict_url, "text": "right or wrong?"},
    ])
}

fn trigger(alert: &Alert, facts: &Facts, routing_key: &str, key: &str) -> Value {
    json!({
        "routing_key": routing_key,
        "event_action": "trigger",
        "dedup_key": key,
        "client": "demarche",
        "client_url": facts.page_url,
        "links": links(facts),
        "payload": {
            "summary": one_line(&facts.headline, SUMMARY_MAX),
            "source": format!("demarche {}", alert.dyad),
            "severity": severity(alert.severity),
            "timestamp": alert.updated_at,
            "component": alert.dyad,
            "group": alert.family,
            "class": alert.headline.kind,
            "custom_details": {
                "quote": facts.sentence,
                "publisher": facts.publisher,
                "source": facts.source.as_ref().map(|l| &l.url),
                "claimed_by": facts.claimed_by,
                "changed": facts.changed,
                "why": facts.because,
                "rules": facts.rules,
                "runbook": facts.runbook_url,
                "episodes": facts.items.iter().map(|i| &i.headline).collect::<Vec<_>>(),
            },
        },
    })
}

/// The key from `critical` on: an acknowledged incident would wake nobody.
fn second(key: &str) -> String {
    format!("{key}-critical")
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "critical",
        Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "info",
    }
}
