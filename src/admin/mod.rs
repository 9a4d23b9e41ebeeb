//! HTTP: health and metrics on the `ops` listener; the page and the API on the `http` listener.
//!
//! ```text
//! alerts topic ─► View ─┐                      ┌─► pages (templates, forms)
//! control topic ◄► ControlLog ─► Services ─► http router ─► api (JSON), events (SSE)
//! workers ─► Health, Registry ─┘               └─► ops router (/metrics, /livez, /readyz)
//! ```
//!
//! All that it needs is handed in with [`Services`]; it reads no topic itself and has no globals.

mod access;
mod api;
mod assets;
pub mod auth;
mod chart;
mod clean;
mod control;
mod events;
mod examples;
mod explain_page;
#[cfg(test)]
pub(crate) mod fixture;
mod forms;
mod health;
mod http;
mod ops;
mod pages;
mod precision;
mod query;
mod reply;
mod rows;
mod server;
mod services;
#[cfg(test)]
mod tests;
mod view;
mod words;

pub use control::{CONTROL_MAX, ControlError, ControlLog, MemoryControl};
pub use health::{Health, Problem, Weight};
pub use http::http_router;
pub use ops::ops_router;
pub use query::{Cursor, Filter, Order, Page, State};
pub use server::{BindError, Limits, Reach, bind, serve};
pub use services::{Article, Services};
pub use view::{DYADS_MAX, DyadSummary, EPISODES_MAX, Listed, Note, READINGS_MAX, Reading, View};
pub use words::Names;
