//! Alerts → people: what is worth telling whom, and one file a sink. Knows nothing of how alerts are made.
//!
//! ```text
//! alerts, receipts, silences ──► Desk (pure: round(now)) ──► Delivery ──► one Line a sink ──► provider
//!                                  ▲                                          │
//!                                  └────── delivered → Receipt, failed ◄──────┘
//! ```

mod alertmanager;
mod clean;
mod counter;
mod decide;
mod delivery;
mod desk;
mod line;
mod message;
mod pagerduty;
mod receipt;
mod route;
mod sinks;
mod slack;
#[cfg(test)]
mod tests;
mod webhook;

pub use clean::{clean, one_line};
pub use delivery::{Decision, Delivery, Digest, Quiet, Told};
pub use desk::{Desk, Open, Seen};
pub use line::{Done, Line};
pub use message::{Context, Facts, Templates, Words, headline, sentence};
pub use receipt::{Begun, Kept, Receipt};
pub use sinks::{Outlet, SinkError};
