//! Words, names and phrases → one compiled trie. Data only: what a word does in a rule is not known here.

mod actors;
mod ambiguous;
mod diagnostic;
mod fold;
mod gazetteer;
mod publishers;
mod treaties;
mod trie;

pub use actors::{ActorKind, Actors, Form, Role};
pub use ambiguous::Guard;
pub use diagnostic::{Diagnostic, SourceFile, parse_toml};
pub use fold::{fold, fold_into};
pub use gazetteer::{Case, CompiledGuard, Entry, Gazetteer, Person, Region};
pub use publishers::{Publisher, Publishers};
pub use treaties::{Treaties, Treaty};
pub use trie::{Trie, Vocabulary, WordId};
