//! [`Alert`] and its vocabulary.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::article::Time;
use crate::signal::{Act, Class, Code, Dyad, Evidence, Kind, Recency, RuleRef, Speaker, Stance};

macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($variant:ident $text:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        pub enum $name { $(#[serde(rename = $text)] $variant,)* }

        impl $name {
            pub const ALL: &'static [$name] = &[$($name::$variant,)*];

            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $text,)* }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}

words! {
    /// What an episode is about.
    Family { Force "force", Treaty "treaty", Relations "relations", Diplomacy "diplomacy", }
}
words! {
    /// What the newest revision did.
    Transition {
        Opened "opened", Updated "updated", Escalated "escalated", Deescalated "deescalated",
        Retracted "retracted", Resolved "resolved",
    }
}
words! {
    /// Why it did so; also the metric's label and a line of `explain`.
    Reason {
        NewAct "new-act", NewKind "new-kind", Severity "severity", Confirmation "confirmation",
        Parties "parties", Ladder "ladder", Reopened "reopened", Evidence "evidence", Reports "reports",
        Related "related", Tension "tension", Denied "denied", Killed "killed", Corrected "corrected",
        Quiet "quiet", Merged "merged",
    }
}
words! {
    /// How much it matters, lowest first.
    Severity { Info "info", Low "low", Medium "medium", High "high", Critical "critical", }
}
words! {
    /// How well it is attested, weakest first.
    Confirmation { Reported "reported", Corroborated "corroborated", Confirmed "confirmed", }
}
words! {
    /// Level of a dyad's tension, lowest first.
    Level { Calm "calm", Elevated "elevated", High "high", Critical "critical", }
}

/// A dyad's tension at the event's time. `index` and `change` in thousandths of a weight point.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TensionReading {
    pub index: i64,
    pub level: Level,
    /// Against the index a day before.
    pub change: i64,
    /// Today's count of acts stands out against the dyad's own baseline.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub burst: bool,
}

/// How many reports, from how many independent origins, and how many copies were folded away.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Counts {
    pub reports: u32,
    pub origins: u32,
    pub folded: u32,
}

/// One quoted report.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct AlertEvidence {
    pub signal_id: String,
    pub article_id: String,
    pub kind: Kind,
    pub stance: Stance,
    pub recency: Recency,
    pub source: Vec<Code>,
    pub target: Vec<Code>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instrument: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speaker: Option<Speaker>,
    pub publisher: String,
    #[serde(default)]
    pub class: Class,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    pub title: String,
    pub published_at: Time,
    pub confidence: f64,
    pub rule: RuleRef,
    #[serde(flatten)]
    pub evidence: Evidence,
}

/// Another episode of the dyad that is open at the event's time.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct OtherEpisode {
    pub episode_id: String,
    pub family: Family,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub instrument: String,
}

/// One line of an episode's history.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Step {
    pub revision: u32,
    pub transition: Transition,
    pub reason: Reason,
    pub severity: Severity,
    pub confirmation: Confirmation,
    /// Event time, or the due time of a timer.
    pub time: Time,
    /// The article that set it off; absent for timers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub article_id: Option<String>,
    /// The row of the severity table, the ladder or the check that decided, in words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub because: String,
}

/// Where people go from an alert; filled by `notify` and the page from `http.public_url`, paths otherwise.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Links {
    pub page: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub runbook: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub silence: String,
}

/// The newest revision of an episode. Key on the topic: `episode_id`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Alert {
    pub schema: u32,
    /// 16 hexadecimal digits: hash of dyad, family, instrument and opening signal.
    pub episode_id: String,
    pub revision: u32,
    pub transition: Transition,
    pub reason: Reason,
    pub severity: Severity,
    pub confirmation: Confirmation,
    /// Who claims it, while only one side says so of the other.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claimed_by: Vec<Code>,
    pub dyad: Dyad,
    pub family: Family,
    /// Empty outside `treaty`.
    #[serde(default)]
    pub instrument: String,
    /// Hash of the opening act's kind, stance, source and instrument: joins one act told on several dyads.
    pub act: String,
    /// The act that stands for the episode in a headline: the gravest that still stands.
    pub headline: Act,
    pub kinds: Vec<Kind>,
    pub parties: Vec<Code>,
    pub tension: TensionReading,
    pub counts: Counts,
    /// 5 at most, best first.
    pub evidence: Vec<AlertEvidence>,
    pub others: Vec<OtherEpisode>,
    /// Ids of the rules that fired, sorted.
    pub rules: Vec<String>,
    /// The first act's time.
    pub started_at: Time,
    /// The newest new act's time.
    pub last_act_at: Time,
    /// Time of this revision.
    pub updated_at: Time,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Time>,
    /// This episode lives on in that one (reason `merged`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub continues: Option<String>,
    /// 50 steps at most, oldest first; the middle is cut.
    pub history: Vec<Step>,
    pub links: Links,
}

impl Reason {
    fn is_material(self) -> bool {
        !matches!(self, Reason::Reports | Reason::Related | Reason::Evidence | Reason::Tension)
    }
}

impl Alert {
    pub const SCHEMA: u32 = 1;
    /// The CloudEvents type on the alerts topic.
    pub const CE_TYPE: &'static str = "demarche.alert.v1";
    pub const EVIDENCE_MAX: usize = 5;
    pub const HISTORY_MAX: usize = 50;

    /// Neither resolved nor retracted.
    pub fn is_open(&self) -> bool {
        self.ended_at.is_none()
    }

    /// One readable line of the newest revision: for terminals and golden files.
    pub fn line(&self) -> String {
        let codes = |list: &[Code]| list.iter().map(Code::as_str).collect::<Vec<_>>().join(",");
        let mut line = format!(
            "{} {} {}{}{} {} ({}) {}",
            self.updated_at,
            self.dyad,
            self.family,
            if self.instrument.is_empty() { "" } else { " " },
            self.instrument,
            self.transition,
            self.reason,
            self.severity,
        );
        line.push_str(&format!(
            " | {} {} {} > {} | {} {}",
            self.headline.kind,
            self.headline.stance.as_str(),
            codes(&self.headline.source),
            codes(&self.headline.target),
            self.confirmation,
            if self.claimed_by.is_empty() {
                String::new()
            } else {
                format!("claimed by {} ", codes(&self.claimed_by))
            },
        ));
        let Counts { reports, origins, folded } = self.counts;
        line.push_str(&format!("| {reports} reports, {origins} origins, {folded} folded"));
        if let Some(step) = self.history.last().filter(|step| !step.because.is_empty()) {
            line.push_str(&format!(" | {}", step.because));
        }
        line
    }

    /// Told people something that a bystander would want to know: all but copies and related episodes.
    pub fn is_material(&self) -> bool {
        self.reason.is_material()
    }

    /// Whether any revision after `revision` told something: an immaterial one does not hide what came before it.
    pub fn is_material_since(&self, revision: u32) -> bool {
        let mut since = self.history.iter().filter(|step| step.revision > revision);
        self.is_material() || since.any(|step| step.reason.is_material())
    }
}
