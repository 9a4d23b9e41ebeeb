//! One act, one signal: tellings of title, lead and body are put together.

use super::act::Telling;
use super::entity::add;
use crate::signal::{Code, Field, Kind, Recency, Stance};

/// Puts the tellings of one article together; `note` hears of each merge.
pub fn merge(tellings: Vec<Telling>, note: &mut dyn FnMut(String)) -> Vec<Telling> {
    let mut acts: Vec<Telling> = Vec::new();
    let tellings = drop_clashes(tellings, note);
    for telling in tellings {
        match acts.iter_mut().find(|known| is_same(known, &telling)) {
            Some(known) => {
                note(format!(
                    "{} of sentence {} joins sentence {}",
                    telling.kind, telling.sentence, known.sentence
                ));
                absorb(known, telling);
            }
            None => acts.push(telling),
        }
    }
    drop_shadows(&mut acts, note);
    acts
}

/// "trading strikes", told of both at once, says nothing beside tellings of who struck whom.
fn drop_clashes(mut tellings: Vec<Telling>, note: &mut dyn FnMut(String)) -> Vec<Telling> {
    let directed: Vec<(Code, Code)> = tellings
        .iter()
        .filter(|t| t.kind == Kind::ArmedAttack && t.source != t.target)
        .flat_map(|t| t.source.iter().flat_map(|s| t.target.iter().map(|to| (*s, *to))))
        .collect();
    tellings.retain(|t| {
        let is_clash = t.kind == Kind::ArmedAttack && t.source == t.target;
        let is_told =
            is_clash && directed.iter().any(|(s, to)| t.source.contains(s) && t.source.contains(to));
        if is_told {
            note(format!("clash of sentence {} is told by the side that struck", t.sentence));
        }
        !is_told
    });
    tellings
}

/// Same kind, and roles that can be the same act's.
fn is_same(a: &Telling, b: &Telling) -> bool {
    a.kind == b.kind
        && a.is_denial == b.is_denial
        && compatible_instruments(a, b)
        && overlaps(&a.source, &b.source)
        && overlaps(&a.target, &b.target)
        && objects_agree(a, b)
}

fn compatible_instruments(a: &Telling, b: &Telling) -> bool {
    a.instrument.is_none() || b.instrument.is_none() || a.instrument == b.instrument
}

/// One is empty, or holds the other.
fn overlaps(a: &[Code], b: &[Code]) -> bool {
    a.is_empty() || b.is_empty() || a.iter().all(|c| b.contains(c)) || b.iter().all(|c| a.contains(c))
}

/// Two different stances on two different objects are two acts: airspace closed, trade to be cut.
fn objects_agree(a: &Telling, b: &Telling) -> bool {
    a.stance == b.stance || a.object.is_none() || b.object.is_none() || a.object == b.object
}

fn absorb(known: &mut Telling, other: Telling) {
    let is_better = strength(&other) > strength(known);
    let (mut best, rest) = if is_better { (other, known.clone()) } else { (known.clone(), other) };
    if rest.stance == Stance::Actual && best.stance == Stance::Prospective {
        best.stance = Stance::Actual;
    }
    if rest.recency == Recency::News {
        best.recency = Recency::News;
    }
    fill(&mut best.source, &rest.source);
    fill(&mut best.target, &rest.target);
    best.instrument = best.instrument.or(rest.instrument);
    best.object = best.object.or(rest.object);
    best.phase = best.phase.or(rest.phase);
    best.speaker = best.speaker.or(rest.speaker);
    best.act_date = best.act_date.or(rest.act_date);
    best.confidence = best.confidence.max(rest.confidence) + 4;
    best.reasons.push("told again +0.04".into());
    best.sentence = best.sentence.min(rest.sentence);
    *known = best;
}

fn fill(codes: &mut Vec<Code>, more: &[Code]) {
    add(codes, more);
    codes.sort_unstable();
}

/// The better sentence to show: surer, both roles, in the body.
fn strength(telling: &Telling) -> (bool, bool, i32, bool) {
    (
        !telling.target.is_empty() && !telling.source.is_empty(),
        telling.stance == Stance::Actual,
        telling.confidence,
        telling.field == Field::Body,
    )
}

/// Drops what another act of the article already says.
fn drop_shadows(acts: &mut Vec<Telling>, note: &mut dyn FnMut(String)) {
    let all = acts.clone();
    acts.retain(|act| {
        let shadow = all.iter().find(|other| other.kind != act.kind && shadows(other, act));
        if let Some(other) = shadow {
            note(format!("{} is part of {}", act.kind, other.kind));
        }
        shadow.is_none()
    });
}

/// `big` says all that `small` says.
fn shadows(big: &Telling, small: &Telling) -> bool {
    if big.is_denial || small.is_denial {
        return false;
    }
    let same_sentence = big.sentence == small.sentence && big.field == small.field;
    let accuses =
        small.kind == Kind::Accusation && big.kind == Kind::CeasefireViolation && big.within_accusation;
    let hosts = big.kind == Kind::MediationOffer
        && small.kind == Kind::Contact
        && same_sentence
        && !big.target.is_empty()
        && big.target.iter().all(|code| small.source.contains(code));
    // "warned that it will bomb": force spelt out is the threat itself.
    let threatens = matches!(big.kind, Kind::ThreatOfForce | Kind::Ultimatum | Kind::NuclearSignalling)
        && matches!(small.kind, Kind::ArmedAttack | Kind::MilitantAttack | Kind::Incursion)
        && small.stance == Stance::Prospective
        && big.source == small.source;
    // Talks broken off between two are no talks of these two.
    let rejects = big.kind == Kind::TalksRejected
        && small.kind == Kind::Contact
        && small.source.iter().all(|code| big.source.contains(code) || big.target.contains(code));
    hosts
        || same_sentence && (accuses || rejects || threatens)
        || same_sentence
            && big.source == small.source
            && big.target == small.target
            && matches!(
                (big.kind, small.kind),
                (Kind::Ultimatum, Kind::ThreatOfForce)
                    | (Kind::NuclearSignalling, Kind::ThreatOfForce | Kind::MilitaryPosture)
                    | (Kind::CeasefireViolation, Kind::ArmedAttack | Kind::MilitantAttack)
                    | (Kind::Incursion, Kind::MilitaryPosture)
                    | (Kind::TreatySuspension, Kind::Pullback)
                    | (Kind::DiplomaticDowngrade, Kind::Pullback)
                    | (Kind::TalksRejected, Kind::Contact)
                    | (Kind::DiplomaticDowngrade, Kind::Closure)
                    | (Kind::Normalisation, Kind::TreatyCommitment)
            )
}
