//! demarche reads diplomatic news from Kafka and tells the people on call which moves raise or lower the
//! temperature between states.
//!
//! ```text
//! news ─► article ─► text ─► lexicon ─► detect ─► signal ─► assess ─► alert ─► notify ─► people
//!                              ▲          ▲                   ▲                  admin ─► page, API
//!                           rules (packs of words, frames, guards)
//! ```
//!
//! The upper rooms are the core: no I/O, no clock, no logging, no async. The lower ones drive it.

pub mod article;
pub mod text;

pub mod lexicon;

pub mod rules;

pub mod detect;

pub mod signal;

pub mod alert;

pub mod admin;
pub mod assess;

pub mod notify;

pub mod kafka;

pub mod daemon;

pub mod config;

pub mod cli;
