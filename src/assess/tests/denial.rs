//! Who can deny what.

use super::*;
use crate::alert::{Confirmation, Reason};
use crate::signal::{Denial, Denied, Signal, Speaker};

fn told_by(speaker: Option<&str>, kind: &str, roles: &str, hours: i64, outlet: &str) -> Signal {
    let mut told = signal("AAA-BBB", kind, roles, hours);
    told.told.id = format!("{outlet}-{hours}");
    told.told.article_id = format!("{outlet}-{hours}");
    told.told.article.family = outlet.into();
    told.told.content_hash = crate::signal::short_hash([outlet]);
    told.told.speaker = speaker.map(|code| Speaker { name: "a spokesman".into(), actor: code.parse().ok() });
    told
}

fn denial(speaker: Option<&str>, hours: i64) -> Record {
    let strike = told_by(speaker, "armed-attack", "AAA>BBB", hours, "denial.example");
    let denies =
        Denied { kind: strike.kind, source: strike.source.clone(), target: Vec::new(), instrument: None };
    Record::Denial(Box::new(Denial { denies, told: strike.told }))
}

fn strike(speaker: Option<&str>, hours: i64, outlet: &str) -> Record {
    Record::Signal(Box::new(told_by(speaker, "armed-attack", "AAA>BBB", hours, outlet)))
}

/// The last revision.
fn last(records: &[Record]) -> Alert {
    play(records).pop().unwrap()
}

#[test]
fn the_actors_denial_takes_a_lone_report_back() {
    let end = last(&[strike(None, 1, "one.example"), denial(Some("AAA"), 3)]);
    assert_eq!((end.transition, end.reason), (Transition::Retracted, Reason::Denied));
}

#[test]
fn two_independent_origins_outweigh_the_actor() {
    let end = last(&[strike(None, 1, "one.example"), strike(None, 2, "two.example"), denial(Some("AAA"), 3)]);
    assert_eq!(
        (end.transition, end.reason, end.severity),
        (Transition::Updated, Reason::Denied, Severity::High)
    );
    assert!(end.history.last().unwrap().because.contains("two independent origins"));
}

#[test]
fn a_body_with_standing_outweighs_two_origins() {
    let end = last(&[strike(None, 1, "one.example"), strike(None, 2, "two.example"), denial(Some("UN"), 3)]);
    assert_eq!(end.transition, Transition::Retracted);
}

#[test]
fn nobody_denies_what_the_actor_owns_but_the_actor_itself() {
    let own = strike(Some("AAA"), 1, "one.example");
    for speaker in [None, Some("BBB"), Some("UN")] {
        let end = last(&[own.clone(), denial(speaker, 3)]);
        assert_eq!((end.is_open(), end.confirmation), (true, Confirmation::Confirmed), "{speaker:?}");
    }
    assert_eq!(last(&[own, denial(Some("AAA"), 3)]).transition, Transition::Retracted);
}

#[test]
fn a_claim_printed_by_many_is_still_one_sides_claim_and_falls_with_a_denial() {
    let claims = [strike(Some("BBB"), 1, "one.example"), strike(Some("BBB"), 2, "two.example")];
    let end = last(&claims);
    assert_eq!(end.confirmation, Confirmation::Reported);
    assert_eq!(end.claimed_by, ["BBB".parse().unwrap()]);
    let end = last(&[claims[0].clone(), claims[1].clone(), denial(Some("AAA"), 3)]);
    assert_eq!(end.transition, Transition::Retracted);
}

#[test]
fn a_reprint_of_what_was_denied_opens_nothing() {
    let mut reprint = told_by(None, "armed-attack", "AAA>BBB", 5, "other.example");
    reprint.told.content_hash = crate::signal::short_hash(["one.example"]);
    let alerts =
        play(&[strike(None, 1, "one.example"), denial(Some("AAA"), 3), Record::Signal(Box::new(reprint))]);
    assert_eq!(alerts.last().unwrap().transition, Transition::Retracted);
    let insists =
        play(&[strike(None, 1, "one.example"), denial(Some("AAA"), 3), strike(None, 5, "other.example")]);
    assert_eq!(insists.last().unwrap().transition, Transition::Opened);
}

#[test]
fn a_denial_of_another_act_or_before_the_report_changes_nothing() {
    let alerts = play(&[denial(Some("AAA"), 1), strike(None, 3, "one.example")]);
    assert!(alerts.last().unwrap().is_open());
    let threat = told_by(None, "threat-of-force", "AAA>BBB", 1, "one.example");
    let alerts = play(&[Record::Signal(Box::new(threat)), denial(Some("AAA"), 3)]);
    assert!(alerts.last().unwrap().is_open());
}

#[test]
fn a_denial_of_one_act_leaves_the_others_of_its_episode() {
    let threat = told_by(None, "threat-of-force", "AAA>BBB", 1, "one.example");
    let end =
        last(&[Record::Signal(Box::new(threat)), strike(None, 2, "one.example"), denial(Some("AAA"), 3)]);
    assert_eq!((end.transition, end.severity), (Transition::Deescalated, Severity::Medium));
}

#[test]
fn a_denial_that_waits_with_its_report_is_folded_after_it() {
    let Record::Watermark(mut behind) = watermark(30) else { unreachable!() };
    behind.behind = true;
    let stale = |record: Record| match record {
        Record::Signal(mut s) => {
            s.told.received_at = Time(START + 30 * HOUR);
            Record::Signal(s)
        }
        Record::Denial(mut d) => {
            d.told.received_at = Time(START + 30 * HOUR);
            Record::Denial(d)
        }
        other => other,
    };
    let records = [
        Record::Watermark(behind),
        stale(strike(None, 3, "one.example")),
        stale(denial(Some("AAA"), 5)),
        watermark(30),
    ];
    assert_eq!(last(&records).transition, Transition::Retracted);
}
