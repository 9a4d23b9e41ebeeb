//! Alerts → people: what is worth telling whom, and one file a sink. Knows nothing of how alerts are made.

mod alertmanager;
mod clean;
mod desk;
mod message;
mod sinks;
mod webhook;

pub use clean::{clean, one_line};
pub use desk::{Decision, Desk, Quiet, Receipt, Told};
pub use message::{headline, sentence};
pub use sinks::{SinkError, Sinks};
