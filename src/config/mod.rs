//! Settings and data files: what is compiled in, and what people put in its place.

mod packs;

pub use packs::{PackError, Packs, compiled_in};
