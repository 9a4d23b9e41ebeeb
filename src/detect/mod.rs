//! Article × ruleset → signals, with a trace of how each came about. No clock, no I/O.

mod act;
mod clause;
mod context;
mod date;
mod document;
mod emit;
mod entity;
mod frame;
mod mention;
mod merge;
mod publisher;
mod recency;
mod repair;
mod role;
mod run;
mod sentence;
mod sketch;
mod speech;
mod stance;
mod topic;
mod trace;
mod tree;

pub use run::{Detection, Scratch, Skip, detect, explain};
pub use trace::{Check, SentenceTrace, Trace, TriggerTrace};
