//! Wiring: the stages as workers, reload, shutdown. Knows no rule of the domain.

mod assess_stage;
mod breaker;
mod control;
mod detect_stage;
mod embedded;
mod metrics;
mod notify_task;
mod run;
mod shared;
#[cfg(target_os = "linux")]
mod supervisor;
mod watchdog;

pub use embedded::{Feed, embedded};
pub use metrics::Metrics;
pub use notify_task::words;
pub use run::{Plan, RunError, Stages, run};
pub use shared::{Shared, now};
