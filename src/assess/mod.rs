//! Dyad state × record → state and alerts. Pure: no Kafka, no clock; all time comes with the records.

mod act;
mod clock;
mod episode;
mod fold;
mod ladder;
mod ledger;
mod origin;
mod outbox;
mod partition;
mod policy;
mod retraction;
mod severity;
mod state;
mod telling;
mod tension;
mod watermark;

pub use partition::{Effects, Partition, Status};
pub use policy::{Policy, PolicyError, gap, joins, opens};
pub use state::{DyadState, StateError};
pub use watermark::Watermarks;

#[cfg(test)]
mod tests;

#[cfg(test)]
pub(crate) mod tests_support {
    use super::Policy;
    use crate::article::HOUR;
    use crate::lexicon::SourceFile;
    use crate::signal::{Code, Signal, short_hash};

    /// The shipped policy.
    pub fn policy() -> Policy {
        let file = |path: &str, text: &str| SourceFile { path: path.into(), text: text.into() };
        Policy::from_toml(
            &file("severity.toml", include_str!("../../config/severity.toml")),
            &file("weights.toml", include_str!("../../config/weights.toml")),
            &file("ladders.toml", include_str!("../../config/ladders.toml")),
        )
        .unwrap()
    }

    /// 2025-05-01T00:00:00Z, the tests' hour 0.
    pub const START: i64 = 1_746_057_600_000;

    /// A signal of `dyad` with roles as "AAA>BBB", `hours` after the epoch.
    pub fn signal(dyad: &str, kind: &str, roles: &str, hours: i64) -> Signal {
        let (source, target) = roles.split_once('>').unwrap();
        let codes = |text: &str| -> Vec<Code> {
            text.split(',').filter(|c| !c.is_empty()).map(|c| c.parse().unwrap()).collect()
        };
        let time = crate::article::Time(START + hours * HOUR).to_string();
        let id = short_hash([dyad, kind, roles, &hours.to_string()]);
        let json = serde_json::json!({
            "schema": 1, "id": id, "kind": kind, "event": "ASSAULT", "stance": "actual",
            "source": codes(source), "target": codes(target), "recency": "news",
            "dyad": dyad, "dyads": [dyad], "article_id": format!("a-{id}"),
            "article": {"version": 1, "publisher": format!("{id}.example"), "family": format!("{id}.example"),
                        "title": "", "published_at": time},
            "rule": {"id": "test/test", "revision": "0"}, "confidence": 0.9,
            "evidence": {"field": "body", "quote": "q", "start": 0, "end": 1, "sentence": "q"},
            "event_time": time, "received_at": time,
            "content_hash": short_hash([id.as_str(), "text"]),
        });
        serde_json::from_value(json).unwrap()
    }
}
