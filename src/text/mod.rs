//! Sentences, tokens, word forms, tags and trees. Knows neither actors nor rules.

mod abbreviation;
mod arc;
mod feature;
mod irregular;
mod label;
mod model;
mod morph;
mod parser;
mod plain;
mod segment;
mod state;
mod stem;
mod tagger;
mod token;
#[doc(hidden)]
pub mod train;
mod weights;

pub use label::{Pos, Rel, Tag};
pub use model::ModelError;
pub use morph::{forms, lemma};
pub use parser::{Parse, ParseScratch, Parser, Word};
pub use plain::Plain;
pub use segment::{SENTENCE_TOKENS_MAX, Segmented, SentenceSpan, segment};
pub use token::{CaseClass, Token, TokenKind};
