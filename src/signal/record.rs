//! [`Signal`], [`Denial`], [`ArticleVersion`] and [`Watermark`], and [`Record`], which is any of them.

use serde::{Deserialize, Serialize};

use super::{Code, Dyad, Kind, Phase, Recency, Root, Stance, short_hash};
use crate::article::{Status, Time};

/// What sort of publisher an article comes from (`config/sources/`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    Wire,
    Newspaper,
    Broadcaster,
    Government,
    Igo,
    Blog,
    #[default]
    Unknown,
}

/// The article that a record comes from, as far as later rooms need it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ArticleRef {
    pub version: u32,
    /// The publisher's domain or, where there is none, its name; empty where neither is known.
    pub publisher: String,
    /// Publishers under one roof share it; the publisher itself where no owner is known.
    #[serde(default)]
    pub family: String,
    #[serde(default)]
    pub class: Class,
    /// The state that the publisher belongs to, where it is a government's or a state's medium.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<Code>,
    /// The agency whose text this is, lower-case, where the record or the text tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    pub title: String,
    pub published_at: Time,
}

/// The rule that fired and the revision of the pack that it stands in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RuleRef {
    pub id: String,
    pub revision: String,
    /// A rule on probation: counted and shown, never alerted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shadow: bool,
}

/// The part of the article that a quote stands in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Field {
    Title,
    Body,
}

/// The words that prove a signal. `start` and `end` are byte offsets of the quote in the field as it came.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Evidence {
    pub field: Field,
    pub quote: String,
    pub start: usize,
    pub end: usize,
    /// The whole sentence around the quote, without mark-up, 1,000 characters at most.
    pub sentence: String,
}

/// Who says so, where an act is told in somebody's words.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Speaker {
    /// As in the text: "the foreign ministry".
    pub name: String,
    /// The actor that the speaker stands for, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<Code>,
}

/// Who does what to whom: the part of a signal that names the act.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Act {
    pub kind: Kind,
    pub stance: Stance,
    pub source: Vec<Code>,
    pub target: Vec<Code>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instrument: Option<String>,
}

impl Act {
    /// 16 hexadecimal digits that are the same in every article and version that tells this act.
    pub fn hash(&self) -> String {
        let join = |codes: &[Code]| codes.iter().map(Code::as_str).collect::<Vec<_>>().join(",");
        short_hash([
            self.kind.as_str(),
            self.stance.as_str(),
            &join(&self.source),
            &join(&self.target),
            self.instrument.as_deref().unwrap_or_default(),
        ])
    }
}

/// What a signal and a denial share: where, when and by whom it is told.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Told {
    pub schema: u32,
    /// 16 hexadecimal digits: the same in each dyad's copy.
    pub id: String,
    /// The pair of this copy.
    pub dyad: Dyad,
    pub dyads: Vec<Dyad>,
    /// There were more than six pairs.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub truncated: bool,
    pub article_id: String,
    pub article: ArticleRef,
    pub rule: RuleRef,
    /// 0 to 1, two decimals.
    pub confidence: f64,
    /// What raised or lowered the confidence, in order: "title", "hedged speaker −0.10".
    #[serde(default)]
    pub confidence_reasons: Vec<String>,
    pub evidence: Evidence,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speaker: Option<Speaker>,
    /// The article's `published_at` (clamped to `received_at` where it lies up to a day after it).
    pub event_time: Time,
    pub received_at: Time,
    /// A date of the act that the text gives: tells news from recap, never the clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act_date: Option<jiff::civil::Date>,
    /// Near-duplicate sketch of the article's text, 16 hexadecimal digits.
    pub content_hash: String,
    /// `event_time` was clamped.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub clamped: bool,
}

/// One coded statement about one article.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Signal {
    pub kind: Kind,
    pub event: Root,
    pub stance: Stance,
    pub source: Vec<Code>,
    pub target: Vec<Code>,
    #[serde(default)]
    pub instrument: Option<String>,
    pub recency: Recency,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<Phase>,
    /// What is closed, taken, cut or charged: "airspace".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    #[serde(flatten)]
    pub told: Told,
}

impl Signal {
    pub fn act(&self) -> Act {
        Act {
            kind: self.kind,
            stance: self.stance,
            source: self.source.clone(),
            target: self.target.clone(),
            instrument: self.instrument.clone(),
        }
    }
}

/// What a denial denies; an absent part was not named.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Denied {
    pub kind: Kind,
    pub source: Vec<Code>,
    pub target: Vec<Code>,
    #[serde(default)]
    pub instrument: Option<String>,
}

/// Somebody says that an act did not or will not happen.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Denial {
    pub denies: Denied,
    #[serde(flatten)]
    pub told: Told,
}

/// A correction, kill or replacement: which acts the article still tells.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ArticleVersion {
    pub schema: u32,
    pub article_id: String,
    pub version: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supersedes: Option<String>,
    pub status: Status,
    /// [`Act::hash`] of each act that this version tells, sorted.
    pub acts: Vec<String>,
    pub received_at: Time,
}

/// What has elapsed on one news partition, vouched for by the detect worker that owns it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Watermark {
    pub schema: u32,
    /// `topic/partition`.
    pub input: String,
    /// All inputs, sorted.
    pub inputs: Vec<String>,
    pub time: Time,
    /// The worker is more than a minute from the end of this input.
    pub behind: bool,
    /// `received_at` of the input's newest article; absent where there was none yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Time>,
}

/// Any record of the signals topic.
#[derive(Clone, PartialEq, Debug)]
pub enum Record {
    Signal(Box<Signal>),
    Denial(Box<Denial>),
    ArticleVersion(ArticleVersion),
    Watermark(Watermark),
}

/// A record of the signals topic that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    #[error("unknown ce_type {0:?}")]
    UnknownType(String),
    #[error("{ce_type} is malformed: {source}")]
    Malformed { ce_type: &'static str, source: serde_json::Error },
    #[error("{ce_type} has schema {found}, this build reads up to {known}")]
    TooNew { ce_type: &'static str, found: u32, known: u32 },
}

impl Record {
    /// The schema that this build writes.
    pub const SCHEMA: u32 = 1;
    const TYPES: [&'static str; 4] =
        ["demarche.signal.v1", "demarche.denial.v1", "demarche.article-version.v1", "demarche.watermark.v1"];

    /// The CloudEvents type, carried in the header `ce_type`.
    pub fn ce_type(&self) -> &'static str {
        match self {
            Record::Signal(_) => Self::TYPES[0],
            Record::Denial(_) => Self::TYPES[1],
            Record::ArticleVersion(_) => Self::TYPES[2],
            Record::Watermark(_) => Self::TYPES[3],
        }
    }

    /// The dyad that a signal or denial belongs to; the others belong to a whole partition.
    pub fn dyad(&self) -> Option<Dyad> {
        match self {
            Record::Signal(signal) => Some(signal.told.dyad),
            Record::Denial(denial) => Some(denial.told.dyad),
            Record::ArticleVersion(_) | Record::Watermark(_) => None,
        }
    }

    /// The JSON value of the Kafka record.
    ///
    /// # Errors
    /// Only where a value cannot be JSON; none of ours is.
    pub fn to_json(&self) -> Result<Vec<u8>, serde_json::Error> {
        match self {
            Record::Signal(signal) => serde_json::to_vec(signal),
            Record::Denial(denial) => serde_json::to_vec(denial),
            Record::ArticleVersion(version) => serde_json::to_vec(version),
            Record::Watermark(watermark) => serde_json::to_vec(watermark),
        }
    }

    /// Reads a record by its `ce_type`.
    ///
    /// # Errors
    /// An unknown type, a malformed value or a schema from the future.
    pub fn from_json(ce_type: &str, value: &[u8]) -> Result<Record, RecordError> {
        let Some(ce_type) = Self::TYPES.iter().copied().find(|t| *t == ce_type) else {
            return Err(RecordError::UnknownType(ce_type.chars().take(80).collect()));
        };
        let malformed = |source| RecordError::Malformed { ce_type, source };
        let record = match ce_type {
            "demarche.signal.v1" => Record::Signal(serde_json::from_slice(value).map_err(malformed)?),
            "demarche.denial.v1" => Record::Denial(serde_json::from_slice(value).map_err(malformed)?),
            "demarche.article-version.v1" => {
                Record::ArticleVersion(serde_json::from_slice(value).map_err(malformed)?)
            }
            _ => Record::Watermark(serde_json::from_slice(value).map_err(malformed)?),
        };
        let found = record.schema();
        if found > Self::SCHEMA {
            return Err(RecordError::TooNew { ce_type, found, known: Self::SCHEMA });
        }
        Ok(record)
    }

    fn schema(&self) -> u32 {
        match self {
            Record::Signal(signal) => signal.told.schema,
            Record::Denial(denial) => denial.told.schema,
            Record::ArticleVersion(version) => version.schema,
            Record::Watermark(watermark) => watermark.schema,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_watermark_round_trips() {
        let watermark = Record::Watermark(Watermark {
            schema: 1,
            input: "diplomatic.news/0".into(),
            inputs: vec!["diplomatic.news/0".into()],
            time: Time(1_000),
            behind: false,
            last: None,
        });
        let bytes = watermark.to_json().unwrap();
        assert_eq!(Record::from_json(watermark.ce_type(), &bytes).unwrap(), watermark);
        assert!(matches!(Record::from_json("x", &bytes), Err(RecordError::UnknownType(_))));
        assert!(matches!(
            Record::from_json("demarche.signal.v1", &bytes),
            Err(RecordError::Malformed { .. })
        ));
    }

    #[test]
    fn a_newer_schema_is_refused() {
        let json = br#"{"schema":9,"article_id":"a","version":1,"status":"usable","acts":[],"received_at":"2025-01-01T00:00:00Z"}"#;
        assert!(matches!(
            Record::from_json("demarche.article-version.v1", json),
            Err(RecordError::TooNew { found: 9, .. })
        ));
    }
}
