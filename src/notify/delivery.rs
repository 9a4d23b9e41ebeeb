//! One thing to send to one sink, and what the rules of telling made of a revision.

use std::sync::Arc;

use super::receipt::Receipt;
use crate::alert::Alert;

/// How a revision is told.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Told {
    /// The episode pages at this sink.
    pub page: bool,
    /// This delivery wakes people.
    pub wakes: bool,
    /// It is old news to the sink's people.
    pub is_late: bool,
    /// The episode is over.
    pub is_closed: bool,
    /// It shares the incident or message of this name: the same act on another pair, or a merged episode.
    pub joins: Option<String>,
    /// Others that share its incident are still open: the incident stays.
    pub is_shared: bool,
    /// An end that must also end the second key of the incident.
    pub is_second: bool,
}

/// Why several episodes are told in one message.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Digest {
    /// Newest act older than `notify.max_age`, still open.
    Old,
    /// Open when demarche first started.
    Warmup,
    /// Open when the sink was added.
    NewSink,
    /// Began while the daemon was down.
    Missed,
    /// More than the sink's limit.
    RateLimit,
    /// Ends of what was told in a digest, or more of them than the sink's limit.
    Over,
}

impl Digest {
    pub fn words(self) -> &'static str {
        match self {
            Digest::Old => "open, without a new act lately",
            Digest::Warmup => "open when demarche first started",
            Digest::NewSink => "open when this sink was added",
            Digest::Missed => "missed while down",
            Digest::RateLimit => "more than the sink's limit",
            Digest::Over => "over",
        }
    }
}

/// Why nothing is sent.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Quiet {
    Known,
    NotMaterial,
    NeverTold,
    Over,
    Routed,
    TooLow,
    NoPage,
    SameAct,
    Moving,
    Silenced,
    Hours,
    RateLimited,
    Refused,
}

impl Quiet {
    pub fn as_str(self) -> &'static str {
        match self {
            Quiet::Known => "known",
            Quiet::NotMaterial => "not-material",
            Quiet::NeverTold => "never-told",
            Quiet::Over => "over",
            Quiet::Routed => "routed-elsewhere",
            Quiet::TooLow => "too-low",
            Quiet::NoPage => "no-page",
            Quiet::SameAct => "same-act",
            Quiet::Moving => "moving",
            Quiet::Silenced => "silenced",
            Quiet::Hours => "hours",
            Quiet::RateLimited => "rate-limited",
            Quiet::Refused => "refused",
        }
    }
}

/// What to do about one sink and one revision.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Decision {
    Send(Told),
    /// Told together with others.
    Gather(Digest, Told),
    /// Never told, in this revision.
    Keep(Quiet),
    /// Not now.
    Wait(Quiet),
}

/// One thing to send.
#[derive(Clone, Debug)]
pub struct Delivery {
    pub sink: String,
    pub told: Told,
    /// One; all of them in a digest, gravest first.
    pub alerts: Vec<Arc<Alert>>,
    /// How each of a digest is told.
    pub each: Vec<Told>,
    /// What the sink was told before (single deliveries).
    pub before: Option<Receipt>,
    pub digest: Option<Digest>,
}

impl Delivery {
    /// "12 more on AAA-BBB, 3 on CCC-DDD": how many by pair, most first.
    pub fn by_dyad(&self) -> String {
        let mut counts = std::collections::BTreeMap::<_, usize>::new();
        for alert in &self.alerts {
            *counts.entry(alert.dyad).or_default() += 1;
        }
        let mut counts: Vec<_> = counts.into_iter().collect();
        counts.sort_by_key(|(dyad, count)| (std::cmp::Reverse(*count), *dyad));
        let others = counts.len().saturating_sub(5);
        let more = if self.digest == Some(Digest::RateLimit) { " more" } else { "" };
        let mut parts: Vec<String> =
            counts.iter().take(5).map(|(dyad, count)| format!("{count}{more} on {dyad}")).collect();
        if others > 0 {
            parts.push(format!("{others} other pairs"));
        }
        parts.join(", ")
    }
}
