//! How well an act is attested, and who merely claims it.

use super::origin::Origins;
use crate::alert::Confirmation;
use crate::signal::{Class, Code, Signal};

/// Bodies whose word on what happened has standing.
const STANDING: [&str; 3] = ["UN", "IAEA", "ICRC"];

/// What this report and the origins so far make of it.
pub fn read(signal: &Signal, origins: &Origins, parties: &[Code]) -> Confirmation {
    let speaker = signal.told.speaker.as_ref().and_then(|s| s.actor);
    let own_word = speaker.is_some_and(|actor| signal.source.contains(&actor));
    let own_paper = signal.told.article.class == Class::Government
        && signal.told.article.country.is_some_and(|country| signal.source.contains(&country));
    let body = speaker.is_some_and(|actor| STANDING.contains(&actor.as_str()) && !parties.contains(&actor));
    if own_word || own_paper || body {
        Confirmation::Confirmed
    } else if origins.independent(parties) >= 2 {
        Confirmation::Corroborated
    } else {
        Confirmation::Reported
    }
}

/// The party that says so of the other.
pub fn claimant(signal: &Signal, parties: &[Code]) -> Option<Code> {
    let speaker = signal.told.speaker.as_ref()?.actor?;
    (parties.contains(&speaker) && !signal.source.contains(&speaker)).then_some(speaker)
}
