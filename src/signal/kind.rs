//! The kinds of signal, their PLOVER roots, stances and the small vocabularies beside them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Whether a kind raises or lowers the tension of a dyad, or tells that a third party sees a crisis.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Polarity {
    Escalatory,
    Crisis,
    Deescalatory,
}

/// The root categories of PLOVER 2.0 that the kinds use.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Root {
    Agree,
    Consult,
    Support,
    Cooperate,
    Aid,
    Concede,
    Retreat,
    Request,
    Accuse,
    Reject,
    Threaten,
    Protest,
    Sanction,
    Mobilize,
    Coerce,
    Assault,
}

macro_rules! kinds {
    ($($variant:ident $name:literal $polarity:ident $root:ident;)*) => {
        /// What a signal tells of.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        pub enum Kind { $(#[serde(rename = $name)] $variant,)* }

        impl Kind {
            pub const ALL: &'static [Kind] = &[$(Kind::$variant,)*];

            pub fn as_str(self) -> &'static str {
                match self { $(Kind::$variant => $name,)* }
            }

            pub fn polarity(self) -> Polarity {
                match self { $(Kind::$variant => Polarity::$polarity,)* }
            }

            fn base_root(self) -> Root {
                match self { $(Kind::$variant => Root::$root,)* }
            }
        }
    };
}

kinds! {
    TreatySuspension "treaty-suspension" Escalatory Sanction;
    ThreatOfForce "threat-of-force" Escalatory Threaten;
    Ultimatum "ultimatum" Escalatory Threaten;
    NuclearSignalling "nuclear-signalling" Escalatory Threaten;
    MilitaryPosture "military-posture" Escalatory Mobilize;
    ArmedAttack "armed-attack" Escalatory Assault;
    CeasefireViolation "ceasefire-violation" Escalatory Assault;
    MilitantAttack "militant-attack" Escalatory Assault;
    DiplomaticDowngrade "diplomatic-downgrade" Escalatory Sanction;
    FormalProtest "formal-protest" Escalatory Accuse;
    Sanctions "sanctions" Escalatory Coerce;
    Closure "closure" Escalatory Sanction;
    Seizure "seizure" Escalatory Coerce;
    Accusation "accusation" Escalatory Accuse;
    TalksRejected "talks-rejected" Escalatory Reject;
    Incursion "incursion" Escalatory Coerce;
    Sabotage "sabotage" Escalatory Assault;
    SovereigntyClaim "sovereignty-claim" Escalatory Coerce;
    Evacuation "evacuation" Escalatory Retreat;
    MediationOffer "mediation-offer" Crisis Agree;
    RestraintAppeal "restraint-appeal" Crisis Request;
    Contact "contact" Deescalatory Consult;
    Ceasefire "ceasefire" Deescalatory Retreat;
    TreatyCommitment "treaty-commitment" Deescalatory Support;
    Pullback "pullback" Deescalatory Retreat;
    Normalisation "normalisation" Deescalatory Concede;
    Release "release" Deescalatory Retreat;
}

impl Kind {
    /// The PLOVER root of this kind, told with `stance` and, where the text tells it, `phase`.
    pub fn root(self, stance: Stance, phase: Option<Phase>) -> Root {
        match (self, stance, phase) {
            (Kind::TreatySuspension, Stance::Prospective, _) => Root::Threaten,
            (Kind::TreatyCommitment, Stance::Prospective, _) => Root::Agree,
            (Kind::Ceasefire, _, Some(Phase::Offered | Phase::Agreed)) => Root::Agree,
            (Kind::Ceasefire, Stance::Prospective, _) => Root::Agree,
            (Kind::MediationOffer, _, Some(Phase::InForce)) => Root::Consult,
            _ => self.base_root(),
        }
    }

    /// Verbal kinds are done by saying them: `actual` when the words were said.
    pub fn is_verbal(self) -> bool {
        matches!(
            self,
            Kind::ThreatOfForce
                | Kind::Accusation
                | Kind::RestraintAppeal
                | Kind::MediationOffer
                | Kind::TalksRejected
                | Kind::FormalProtest
                | Kind::Ultimatum
        )
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The text names no kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown kind {0:?}")]
pub struct KindError(String);

impl FromStr for Kind {
    type Err = KindError;

    fn from_str(text: &str) -> Result<Self, KindError> {
        Kind::ALL.iter().copied().find(|k| k.as_str() == text).ok_or_else(|| KindError(text.to_owned()))
    }
}

/// Done, in force, under way or said (`actual`); or threatened, planned, conditional, hedged (`prospective`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stance {
    Actual,
    Prospective,
}

impl Stance {
    pub fn as_str(self) -> &'static str {
        match self {
            Stance::Actual => "actual",
            Stance::Prospective => "prospective",
        }
    }
}

/// News, or an act told as background of something newer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Recency {
    News,
    Recap,
}

/// How far an offer, a ceasefire or an accord has come, where the text tells.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    Offered,
    Agreed,
    InForce,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip() {
        assert_eq!(Kind::ALL.len(), 27);
        for kind in Kind::ALL {
            assert_eq!(kind.as_str().parse::<Kind>(), Ok(*kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
    }

    #[test]
    fn talk_of_suspension_threatens() {
        assert_eq!(Kind::TreatySuspension.root(Stance::Actual, None), Root::Sanction);
        assert_eq!(Kind::TreatySuspension.root(Stance::Prospective, None), Root::Threaten);
    }
}
