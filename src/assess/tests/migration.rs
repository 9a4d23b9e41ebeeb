//! State that an earlier build stored goes on.

use super::*;

/// A dyad as schema 1 kept it: what could be taken back stood in its episode, origins told no deeds.
fn first_schema(alert: &Alert) -> serde_json::Value {
    serde_json::json!({
        "schema": 1, "dyad": "AAA-BBB",
        "clock": {"now": "2025-05-01T01:00:00Z", "event": "2025-05-01T01:00:00Z", "mark": 0},
        "acts": {"list": [{"kind": "armed-attack", "stance": "actual", "side": "first",
            "start": "2025-05-01T01:00:00Z", "step": "2025-05-01T01:00:00Z", "reports": 1, "sure": true}]},
        "tension": {"cells": {"80836": 8550}, "days": {"20209": 1}, "level": "elevated"},
        "episodes": [{
            "alert": alert,
            "origins": {"list": [{"key": "one.example", "sketch": 7, "time": "2025-05-01T01:00:00Z"}]},
            "contributions": [{"signal_id": "s", "article_id": "a", "version": 1, "act": alert.headline,
                "hash": alert.headline.hash(), "time": "2025-05-01T01:00:00Z",
                "received": "2025-05-01T01:00:00Z", "weight": 8550, "is_new": true, "severity": "high",
                "side": "first"}],
        }],
    })
}

#[test]
fn a_dyad_of_the_first_schema_goes_on() {
    let alert = play(&[news("AAA-BBB", "armed-attack", "AAA>BBB", 1)]).remove(0);
    let stored = serde_json::to_vec(&first_schema(&alert)).unwrap();
    let mut partition = fresh(1);
    partition.restore("AAA-BBB", Some(&stored)).unwrap();
    for record in [news("AAA-BBB", "armed-attack", "AAA>BBB", 2), watermark(1), watermark(60)] {
        partition.apply(&record);
    }
    let Effects { alerts, state } = partition.effects();
    let told: Vec<_> = alerts.iter().map(|a| (a.episode_id.clone(), a.transition)).collect();
    let id = &alert.episode_id;
    assert_eq!(told, [(id.clone(), Transition::Updated), (id.clone(), Transition::Resolved)]);
    let written =
        state.iter().find(|(key, _)| key == "AAA-BBB").and_then(|(_, value)| value.clone()).unwrap();
    let written: serde_json::Value = serde_json::from_slice(&written).unwrap();
    assert_eq!(written["schema"], 2);
}

#[test]
fn a_schema_from_the_future_is_refused() {
    let mut partition = fresh(1);
    let stored = br#"{"schema":9,"dyad":"AAA-BBB"}"#;
    assert!(partition.restore("AAA-BBB", Some(stored)).is_err());
}
