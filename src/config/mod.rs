//! Settings and data files: what is compiled in, and what people put in its place.

mod packs;
mod settings;

pub use packs::{PackError, Packs, compiled_in};
pub use settings::{Assess, Delivery, Detect, Kafka, Listen, Notify, Paging, Settings, SettingsError, Sink};
