//! Settings and data files: what is compiled in, and what people put in its place.

mod layer;
mod packs;
mod settings;
mod sinks;

pub use layer::{Layers, Origin, SettingsError};
pub use packs::{PackError, Packs, compiled_in};
pub use settings::{Assess, Delivery, Detect, Http, Kafka, Notify, Ops, Paging, Settings};
pub use sinks::{Only, Sink};
