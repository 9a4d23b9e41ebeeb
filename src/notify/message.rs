//! What happened, in one line of plain words.

use super::clean::one_line;
use crate::alert::{Alert, Confirmation};
use crate::signal::{Code, Stance};

/// "PAK may treaty-suspension IND [simla-agreement]: reported, 1 origin" in readable words.
pub fn headline(alert: &Alert) -> String {
    let join = |codes: &[Code]| codes.iter().map(Code::as_str).collect::<Vec<_>>().join(", ");
    let act = &alert.headline;
    let who = if act.source.is_empty() { "somebody".to_owned() } else { join(&act.source) };
    let whom = if act.target.is_empty() || act.target == act.source {
        String::new()
    } else {
        format!(" → {}", join(&act.target))
    };
    let instrument = act.instrument.as_ref().map(|id| format!(" ({id})")).unwrap_or_default();
    let may = if act.stance == Stance::Prospective { "possible " } else { "" };
    let attested = match alert.confirmation {
        Confirmation::Reported if !alert.claimed_by.is_empty() => {
            format!("claimed by {}", join(&alert.claimed_by))
        }
        other => other.to_string(),
    };
    let origins = alert.counts.origins;
    let plural = if origins == 1 { "" } else { "s" };
    one_line(
        &format!("{who}: {may}{}{whom}{instrument}: {attested}, {origins} origin{plural}", act.kind),
        240,
    )
}

/// The sentence that proves it, with its source.
pub fn sentence(alert: &Alert) -> String {
    alert.evidence.first().map_or_else(String::new, |item| {
        let publisher = if item.publisher.is_empty() { "unknown source" } else { &item.publisher };
        format!(
            "“{}” ({}, {})",
            one_line(&item.evidence.sentence, 500),
            one_line(publisher, 80),
            item.published_at
        )
    })
}
