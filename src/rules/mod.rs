//! Packs of rules: read, checked, compiled, tested. Text in, an immutable [`Ruleset`] out.

mod class;
mod example;
mod frame;
mod grammar;
mod pack;
mod ruleset;
mod slot;
mod topic;

pub use crate::lexicon::{Diagnostic, SourceFile};
pub use class::{Classes, Lemma, Pattern};
pub use example::{Example, ExampleKind, Expected, ExpectedError};
pub use frame::{Frame, Is, Needs, Trigger};
pub use grammar::Grammar;
pub use pack::Status;
pub use ruleset::{Ruleset, compile};
pub use slot::Slot;
pub use topic::Topics;
