//! How each signal came about, and which check stopped what gave none.

use serde::Serialize;

/// The check that stopped a trigger or a sentence; also the label of a metric.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Check {
    NoTrigger,
    NoActor,
    Topic,
    Grammar,
    Particle,
    Agent,
    Object,
    Scope,
    Sentence,
    Negated,
    Denied,
    Refused,
    Requested,
    Alleged,
    Conditional,
    Undone,
    History,
    Powerless,
    Source,
    Target,
    Exception,
    Merged,
    Fired,
}

/// One trigger that was tried with one frame.
#[derive(Clone, Debug, Serialize)]
pub struct TriggerTrace {
    pub word: String,
    pub frame: String,
    pub result: Check,
    /// What was found or missing.
    pub detail: String,
}

/// One sentence.
#[derive(Clone, Debug, Serialize)]
pub struct SentenceTrace {
    pub text: String,
    /// Names found: "Islamabad = PAK (capital)".
    pub names: Vec<String>,
    /// word/tag/relation/governor, one a unit; empty where the sentence was not parsed.
    pub parse: Vec<String>,
    pub triggers: Vec<TriggerTrace>,
    /// What stopped the sentence before it was parsed.
    pub stopped: Option<Check>,
}

/// The whole article.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Trace {
    pub sentences: Vec<SentenceTrace>,
    /// Topic or language that silenced the article.
    pub article: Option<String>,
    pub merges: Vec<String>,
}

/// Takes notes, or does not.
#[derive(Default)]
pub struct Notes {
    pub is_on: bool,
    pub trace: Trace,
}

impl Notes {
    pub fn trigger(&mut self, make: impl FnOnce() -> TriggerTrace) {
        if self.is_on
            && let Some(sentence) = self.trace.sentences.last_mut()
        {
            sentence.triggers.push(make());
        }
    }

    pub fn sentence(&mut self, make: impl FnOnce() -> SentenceTrace) {
        if self.is_on {
            self.trace.sentences.push(make());
        }
    }

    pub fn merge(&mut self, make: impl FnOnce() -> String) {
        if self.is_on {
            self.trace.merges.push(make());
        }
    }
}
