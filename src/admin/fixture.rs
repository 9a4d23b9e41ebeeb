//! Alerts for the tests of this room.

use crate::alert::{
    Alert, AlertEvidence, Confirmation, Counts, Family, Level, Links, Reason, Severity, Step, TensionReading,
    Transition,
};
use crate::article::Time;
use crate::signal::{Act, Class, Code, Evidence, Field, Kind, Recency, RuleRef, Stance};

fn code(text: &str) -> Code {
    text.parse().expect("a code")
}

/// An open treaty episode of two states that do not exist, with one sentence of evidence.
pub fn alert(id: &str, severity: Severity, updated_at: i64) -> Alert {
    let (a, b) = (code("AAA"), code("BBB"));
    let act = Act {
        kind: Kind::TreatySuspension,
        stance: Stance::Prospective,
        source: vec![a],
        target: vec![b],
        instrument: Some("river-waters-treaty".into()),
    };
    let time = Time(updated_at);
    Alert {
        schema: Alert::SCHEMA,
        episode_id: id.into(),
        revision: 1,
        transition: Transition::Opened,
        reason: Reason::NewAct,
        severity,
        confirmation: Confirmation::Reported,
        claimed_by: Vec::new(),
        dyad: "AAA-BBB".parse().expect("a dyad"),
        family: Family::Treaty,
        instrument: "river-waters-treaty".into(),
        act: act.hash(),
        kinds: vec![Kind::TreatySuspension],
        parties: vec![a, b],
        tension: TensionReading { index: 3_500, level: Level::Elevated, change: 3_500, burst: false },
        counts: Counts { reports: 3, origins: 2, folded: 1 },
        evidence: vec![AlertEvidence {
            signal_id: format!("signal-{id}"),
            article_id: format!("article-{id}"),
            kind: act.kind,
            stance: act.stance,
            recency: Recency::News,
            source: act.source.clone(),
            target: act.target.clone(),
            instrument: act.instrument.clone(),
            object: None,
            speaker: None,
            publisher: "example.org".into(),
            class: Class::Wire,
            origin: Some("some agency".into()),
            url: Some(format!("https://example.org/{id}")),
            title: "Ministers weigh leaving the river waters treaty".into(),
            published_at: time,
            confidence: 0.8,
            rule: RuleRef { id: "treaty-suspension.verb".into(), revision: "r1".into(), shadow: false },
            evidence: Evidence {
                field: Field::Body,
                quote: "may suspend the river waters treaty".into(),
                start: 10,
                end: 45,
                sentence: "The cabinet may suspend the river waters treaty, it said.".into(),
            },
        }],
        others: Vec::new(),
        rules: vec!["treaty-suspension.verb".into()],
        headline: act,
        started_at: time,
        last_act_at: time,
        updated_at: time,
        ended_at: None,
        continues: None,
        history: vec![Step {
            revision: 1,
            transition: Transition::Opened,
            reason: Reason::NewAct,
            severity,
            confirmation: Confirmation::Reported,
            time,
            article_id: Some(format!("article-{id}")),
            because: "treaty-suspension prospective: medium; first in 30 days: high".into(),
        }],
        links: Links { page: format!("/alerts/{id}"), ..Links::default() },
    }
}
