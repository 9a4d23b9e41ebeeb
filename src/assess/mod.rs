//! Dyad state × record → state and alerts. Pure: no Kafka, no clock; all time comes with the records.

mod act;
mod clock;
mod confirmation;
mod episode;
mod fold;
mod ladder;
mod origin;
mod partition;
mod policy;
mod retraction;
mod severity;
mod state;
mod tension;
mod watermark;

pub use partition::{Effects, Partition, Status};
pub use policy::{Policy, PolicyError};
pub use state::{DyadState, StateError};
pub use watermark::Watermarks;

#[cfg(test)]
pub(crate) mod tests_support {
    use super::Policy;
    use crate::lexicon::SourceFile;

    /// The shipped policy.
    pub fn policy() -> Policy {
        let file = |path: &str, text: &str| SourceFile { path: path.into(), text: text.into() };
        Policy::from_toml(
            &file("severity.toml", include_str!("../../config/severity.toml")),
            &file("weights.toml", include_str!("../../config/weights.toml")),
            &file("ladders.toml", include_str!("../../config/ladders.toml")),
        )
        .unwrap()
    }
}
