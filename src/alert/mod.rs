//! The alert: what the alerts topic holds for each episode, newest revision only.

mod record;

pub use record::{
    Alert, AlertEvidence, Confirmation, Counts, Family, Level, Links, OtherEpisode, Reason, Severity, Step,
    TensionReading, Transition,
};
