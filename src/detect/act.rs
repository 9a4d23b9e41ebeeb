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
    /// Who met or called both of two others, each by itself.
    pub with_each: Option<Code>,
    /// An accusation that this act is the content of.
    pub within_accusation: bool,
}

impl Telling {
    /// "spoke with both presidents": a contact with each of them.
    pub fn apart(self) -> Vec<Telling> {
        let Some(one) = self.with_each else { return vec![self] };
        let others: Vec<Code> = self.target.iter().copied().filter(|code| *code != one).collect();
        let pair = |other: Code| {
            let mut sides = vec![one, other];
            sides.sort_unstable();
            Telling { source: sides.clone(), target: sides, with_each: None, ..self.clone() }
        };
        others.into_iter().map(pair).collect()
    }
}
