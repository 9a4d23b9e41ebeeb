//! The alert: what the alerts topic holds for each episode, newest revision only.

mod control;
mod record;

pub use control::{Control, Judgement, SILENCE_MAX, Silence, Tally, Verdict, tally};
pub use record::{
    Alert, AlertEvidence, Confirmation, Counts, Family, Level, Links, OtherEpisode, Reason, Severity, Step,
    TensionReading, Transition,
};
