//! One report of an act, as short as assessing allows: what a retraction needs to fold the dyad anew without it.

use serde::{Deserialize, Serialize};

use crate::article::{DAY, Time};
use crate::signal::{Act, Class, Code, Dyad, Kind, Recency, Signal, Stance};

/// Sketches that differ in no more bits are copies of one text. Of 30 short items of our own under another head the
/// farthest was 11 bits away, of 630 pairs of different items on the same crisis the nearest 20.
const COPY_BITS: u32 = 12;
/// Copies are looked for among the reports of so long before and after.
const COPY_WINDOW: i64 = 3 * DAY;

/// Which side of the dyad acts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    First,
    Second,
    Both,
    /// Somebody outside: a mediator.
    Third,
}

impl Side {
    /// The side that acts. An ally or an armed group acts for the side that is not its target.
    pub fn of(source: &[Code], target: &[Code], dyad: Dyad) -> Side {
        let acts = |code| source.contains(&code);
        let suffers = |code| target.contains(&code);
        match (acts(dyad.first), acts(dyad.second)) {
            (true, true) => Side::Both,
            (true, false) => Side::First,
            (false, true) => Side::Second,
            _ => match (suffers(dyad.first), suffers(dyad.second)) {
                (true, false) => Side::Second,
                (false, true) => Side::First,
                _ => Side::Third,
            },
        }
    }

    /// Both act where either does.
    pub fn meets(self, other: Side) -> bool {
        self == other || self == Side::Both || other == Side::Both
    }

    /// The side that `self` acts against.
    pub fn other(self) -> Side {
        match self {
            Side::First => Side::Second,
            Side::Second => Side::First,
            other => other,
        }
    }
}

/// Which deed of a dyad is told: reports of one deed attest each other.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Deed {
    pub kind: Kind,
    pub stance: Stance,
    pub side: Side,
}

impl Deed {
    /// The deed that an act is between the two of a dyad.
    pub fn of(act: &Act, dyad: Dyad) -> Deed {
        Deed { kind: act.kind, stance: act.stance, side: Side::of(&act.source, &act.target, dyad) }
    }
}

/// A signal without its words.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Telling {
    pub id: String,
    pub article_id: String,
    pub version: u32,
    #[serde(flatten)]
    pub deed: Deed,
    pub source: Vec<Code>,
    pub target: Vec<Code>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instrument: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    pub recency: Recency,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act_date: Option<jiff::civil::Date>,
    /// 0 to 1, two decimals.
    pub confidence: f64,
    pub rule: String,
    /// Whose text it is: the agency, else the publisher's family, else the article itself.
    pub origin: String,
    /// 0 where the text is too short for one.
    pub sketch: u64,
    #[serde(default)]
    pub class: Class,
    /// The state whose medium it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<Code>,
    /// The actor in whose words it is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speaker: Option<Code>,
    /// `event_time`.
    pub time: Time,
    /// `received_at`.
    pub received: Time,
    /// The dyad's clock when it was folded; absent where timers rested.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<Time>,
    /// A text that was told before, under whatever head: never a new act.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_copy: bool,
    /// Denied: it counts for nothing, nor does a copy of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_denied: bool,
}

impl Telling {
    pub fn of(signal: &Signal, dyad: Dyad) -> Telling {
        let told = &signal.told;
        let article = &told.article;
        let origin = article.origin.clone().unwrap_or_else(|| {
            if article.family.is_empty() { told.article_id.clone() } else { article.family.clone() }
        });
        Telling {
            id: told.id.clone(),
            article_id: told.article_id.clone(),
            version: article.version,
            deed: Deed {
                kind: signal.kind,
                stance: signal.stance,
                side: Side::of(&signal.source, &signal.target, dyad),
            },
            source: signal.source.clone(),
            target: signal.target.clone(),
            instrument: signal.instrument.clone(),
            object: signal.object.clone(),
            recency: signal.recency,
            act_date: told.act_date,
            confidence: told.confidence,
            rule: told.rule.id.clone(),
            origin,
            sketch: u64::from_str_radix(&told.content_hash, 16).unwrap_or(0),
            class: article.class,
            country: article.country,
            speaker: told.speaker.as_ref().and_then(|s| s.actor),
            time: told.event_time,
            received: told.received_at,
            now: None,
            is_copy: false,
            is_denied: false,
        }
    }

    pub fn act(&self) -> Act {
        Act {
            kind: self.deed.kind,
            stance: self.deed.stance,
            source: self.source.clone(),
            target: self.target.clone(),
            instrument: self.instrument.clone(),
        }
    }

    /// The same deed told in the same text, by whomever: a reprint, trimmed or under another head.
    pub fn copies(&self, other: &Telling) -> bool {
        self.deed == other.deed && self.article_id != other.article_id && self.is_text_of(other)
    }

    fn is_text_of(&self, other: &Telling) -> bool {
        same_text(self.sketch, self.time, other.sketch, other.time)
    }

    /// A party says so of the other: a claim, whoever prints it.
    pub fn claimant(&self, parties: [Code; 2]) -> Option<Code> {
        let speaker = self.speaker.or_else(|| self.country.filter(|_| self.class == Class::Government))?;
        (parties.contains(&speaker) && !self.source.contains(&speaker)).then_some(speaker)
    }
}

/// Two sketches of one text, told within the window.
pub fn same_text(a: u64, a_time: Time, b: u64, b_time: Time) -> bool {
    a != 0 && b != 0 && (a ^ b).count_ones() <= COPY_BITS && a_time.since(b_time).abs() <= COPY_WINDOW
}
