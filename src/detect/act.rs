//! An act as one sentence tells it, before the article's acts are put together.

use jiff::civil::Date;

use crate::rules::Status;
use crate::signal::{Code, Field, Kind, Phase, Recency, Speaker, Stance};

/// One telling.
#[derive(Clone, Debug, PartialEq)]
pub struct Telling {
    pub kind: Kind,
    pub stance: Stance,
    pub source: Vec<Code>,
    pub target: Vec<Code>,
    pub instrument: Option<String>,
    pub recency: Recency,
    pub phase: Option<Phase>,
    pub object: Option<String>,
    pub speaker: Option<Speaker>,
    pub act_date: Option<Date>,
    pub frame: String,
    pub status: Status,
    pub is_joint: bool,
    /// The act is denied: this is a denial of it.
    pub is_denial: bool,
    /// Hundredths.
    pub confidence: i32,
    pub reasons: Vec<String>,
    pub field: Field,
    pub sentence: usize,
    /// Bytes of the field's text.
    pub sentence_span: (usize, usize),
    pub quote_span: (usize, usize),
    /// An accusation that this act is the content of.
    pub within_accusation: bool,
}
