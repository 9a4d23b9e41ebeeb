//! What is kept of a dyad, and its wire form on the state topic.

use serde::{Deserialize, Serialize};

use super::act::Acts;
use super::clock::Clock;
use super::episode::Episode;
use super::ledger::Ledger;
use super::policy::Policy;
use super::tension::Tension;
use super::watermark::Watermarks;
use crate::alert::Family;
use crate::article::{DAY, Status, Time};
use crate::signal::{Denial, Dyad, Signal};

/// Ended episodes can be taken up again for so long.
const REOPEN: i64 = 14 * DAY;

/// Everything about one dyad.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct DyadState {
    pub schema: u32,
    pub dyad: Dyad,
    pub clock: Clock,
    pub acts: Acts,
    pub tension: Tension,
    /// Open ones, and those that ended lately.
    pub episodes: Vec<Episode>,
    /// What can still be taken back.
    #[serde(default)]
    pub ledger: Ledger,
    /// Records that wait until no input is behind, with the watermark at their coming.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waiting: Vec<Waiting>,
}

/// A signal or denial that came while a backlog was read.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Waiting {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signal: Option<Box<Signal>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub denial: Option<Box<Denial>>,
    /// The newest watermark's time when it began to wait.
    pub since: Option<Time>,
}

impl Waiting {
    /// The order in which what waited is folded: a report before its denial.
    pub fn order(&self) -> (Time, &str) {
        let told = self.signal.as_ref().map(|s| &s.told).or(self.denial.as_ref().map(|d| &d.told));
        told.map_or((Time(0), ""), |told| (told.event_time, &told.id))
    }

    pub fn is_of(&self, article_id: &str) -> bool {
        let told = self.signal.as_ref().map(|s| &s.told).or(self.denial.as_ref().map(|d| &d.told));
        told.is_some_and(|told| told.article_id == article_id)
    }
}

/// What an article's newest version still tells.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SeenVersion {
    pub schema: u32,
    pub version: u32,
    pub status: Status,
    /// Hashes of the acts; empty for a killed article.
    pub acts: Vec<String>,
    pub received_at: Time,
    /// Another article took its place: all its acts go.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub superseded: bool,
}

/// One record a partition: what must not change, and what has elapsed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Meta {
    pub schema: u32,
    pub partitions: u32,
    pub watermarks: Watermarks,
}

/// The state topic holds something that this build cannot go on from.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    #[error("record {key:?} of the state topic is malformed: {what}")]
    Malformed { key: String, what: String },
    #[error("record {key:?} has schema {found}; this build reads up to {known}")]
    TooNew { key: String, found: u32, known: u32 },
    #[error(
        "the state was kept for {stored} partitions, the signals topic has {actual}: put the number back, or begin anew under another kafka.prefix"
    )]
    Partitions { stored: u32, actual: u32 },
}

impl DyadState {
    /// 1: reports that could be taken back stood in their episodes.
    pub const SCHEMA: u32 = 2;

    pub fn new(dyad: Dyad) -> DyadState {
        DyadState {
            schema: Self::SCHEMA,
            dyad,
            clock: Clock::default(),
            acts: Acts::default(),
            tension: Tension::default(),
            episodes: Vec::new(),
            ledger: Ledger::default(),
            waiting: Vec::new(),
        }
    }

    /// The open episode of a family, of this instrument where it has one.
    pub fn open_episode(&self, family: Family, instrument: &str) -> Option<usize> {
        self.episodes.iter().position(|e| {
            e.is_open()
                && e.alert.family == family
                && (e.alert.instrument == instrument
                    || instrument.is_empty()
                    || e.alert.instrument.is_empty())
        })
    }

    /// The first of its episodes ends when more than this has elapsed, by the watermarks' count in milliseconds.
    pub fn wakes_at(&self) -> i64 {
        let open = self.episodes.iter().filter(|e| e.is_open());
        let due = open.map(|e| e.due().since(self.clock.event).saturating_add(self.clock.mark));
        due.min().unwrap_or(i64::MAX)
    }

    /// Drops what no longer matters.
    pub fn prune(&mut self, policy: &Policy) {
        let now = self.clock.now;
        self.episodes.retain(|e| e.alert.ended_at.is_none_or(|end| now.since(end) <= REOPEN));
        for episode in &mut self.episodes {
            episode.shorten(now);
        }
        self.tension.prune(policy, now);
        self.acts.prune(now);
    }

    /// Nothing is left that a later record could meet.
    pub fn is_idle(&self) -> bool {
        self.tension.is_empty()
            && self.acts.is_empty()
            && self.episodes.is_empty()
            && self.ledger.is_empty()
            && self.waiting.is_empty()
    }
}

/// Reads a value of the state topic, whatever its kind.
pub fn read<T: serde::de::DeserializeOwned>(key: &str, value: &[u8]) -> Result<T, StateError> {
    #[derive(Deserialize)]
    struct Head {
        schema: u32,
    }
    let malformed = |e: serde_json::Error| StateError::Malformed { key: key.to_owned(), what: e.to_string() };
    let head: Head = serde_json::from_slice(value).map_err(malformed)?;
    if head.schema > DyadState::SCHEMA {
        return Err(StateError::TooNew { key: key.to_owned(), found: head.schema, known: DyadState::SCHEMA });
    }
    serde_json::from_slice(value).map_err(malformed)
}
