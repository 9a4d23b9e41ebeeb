//! Independent origins of an episode's reports, and how well each deed is attested.

use serde::{Deserialize, Serialize};

use super::telling::{Deed, Telling, same_text};
use crate::alert::Confirmation;
use crate::article::Time;
use crate::signal::{Class, Code};

/// More origins than this an episode are not told apart.
const ORIGINS_MAX: usize = 64;
/// Bodies whose word on what happened has standing.
const STANDING: [&str; 3] = ["UN", "IAEA", "ICRC"];

/// One agency, publisher's family or text.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct Origin {
    key: String,
    sketch: u64,
    time: Time,
    /// The deeds that it told.
    #[serde(default)]
    told: Vec<Told>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct Told {
    #[serde(flatten)]
    deed: Deed,
    /// Neither a medium of one of the parties, nor in the words of the other side.
    is_independent: bool,
}

/// Origins of an episode's reports.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Origins {
    list: Vec<Origin>,
    /// Deeds that the actor's own government told of itself, or a body with standing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    confirmed: Vec<Deed>,
    /// Who says so of the other side.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    claims: Vec<(Deed, Code)>,
}

impl Origins {
    /// Takes in a report; true where its origin has told this deed before.
    pub fn take(&mut self, telling: &Telling, parties: [Code; 2]) -> bool {
        if is_own_word(telling) || is_body(telling, parties) {
            insert(&mut self.confirmed, telling.deed);
        }
        self.take_unconfirmed(telling, parties)
    }

    /// The same, whoever's word it is.
    pub fn take_unconfirmed(&mut self, telling: &Telling, parties: [Code; 2]) -> bool {
        let claimant = telling.claimant(parties);
        if let Some(claimant) = claimant {
            insert(&mut self.claims, (telling.deed, claimant));
        }
        let is_partys = telling.country.is_some_and(|country| parties.contains(&country));
        let told = Told { deed: telling.deed, is_independent: claimant.is_none() && !is_partys };
        let known = self.list.iter_mut().find(|known| {
            known.key == telling.origin || same_text(known.sketch, known.time, telling.sketch, telling.time)
        });
        let Some(known) = known else {
            if self.list.len() < ORIGINS_MAX {
                let (key, sketch, time) = (telling.origin.clone(), telling.sketch, telling.time);
                self.list.push(Origin { key, sketch, time, told: vec![told] });
            }
            return false;
        };
        match known.told.iter_mut().find(|t| t.deed == telling.deed) {
            Some(before) => {
                before.is_independent |= told.is_independent;
                true
            }
            None => {
                known.told.push(told);
                false
            }
        }
    }

    pub fn count(&self) -> u32 {
        self.list.len() as u32
    }

    /// How well a deed is attested.
    pub fn confirmation(&self, deed: Deed) -> Confirmation {
        if self.confirmed.contains(&deed) {
            Confirmation::Confirmed
        } else if self.independent(deed) >= 2 {
            Confirmation::Corroborated
        } else {
            Confirmation::Reported
        }
    }

    /// Who claims a deed of the other side, where nobody else attests it.
    pub fn claimed_by(&self, deed: Deed) -> Vec<Code> {
        if self.confirmation(deed) != Confirmation::Reported {
            return Vec::new();
        }
        let claims = self.claims.iter().filter(|(claimed, _)| *claimed == deed);
        claims.map(|(_, claimant)| *claimant).collect()
    }

    /// Takes in the origins of an episode that goes on in this one.
    pub fn swallow(&mut self, other: Origins) {
        for origin in other.list {
            let has_room = self.list.len() < ORIGINS_MAX;
            match self.list.iter_mut().find(|known| known.key == origin.key) {
                Some(known) => {
                    for told in origin.told {
                        match known.told.iter_mut().find(|t| t.deed == told.deed) {
                            Some(before) => before.is_independent |= told.is_independent,
                            None => known.told.push(told),
                        }
                    }
                }
                None if has_room => self.list.push(origin),
                None => {}
            }
        }
        other.confirmed.into_iter().for_each(|deed| insert(&mut self.confirmed, deed));
        other.claims.into_iter().for_each(|claim| insert(&mut self.claims, claim));
    }

    fn independent(&self, deed: Deed) -> usize {
        self.list.iter().filter(|o| o.told.iter().any(|t| t.deed == deed && t.is_independent)).count()
    }
}

/// The actor says that it did it, or its government's own medium does.
pub fn is_own_word(telling: &Telling) -> bool {
    let own_paper = telling.class == Class::Government
        && telling.country.is_some_and(|country| telling.source.contains(&country));
    own_paper || telling.speaker.is_some_and(|actor| telling.source.contains(&actor))
}

/// A body whose word has standing says so, and is no party itself.
pub fn is_body(telling: &Telling, parties: [Code; 2]) -> bool {
    telling.speaker.is_some_and(|actor| has_standing(actor) && !parties.contains(&actor))
}

pub fn has_standing(actor: Code) -> bool {
    STANDING.contains(&actor.as_str())
}

fn insert<T: PartialEq>(list: &mut Vec<T>, item: T) {
    if !list.contains(&item) {
        list.push(item);
    }
}
