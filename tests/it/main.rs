//! The one integration binary: what needs more than a function call to be believed.
//!
//! `tests/run` fetches the real parts (Apache Kafka, Prometheus, Alertmanager) and runs this; `cargo test --test it`
//! uses what is there. A test whose part is missing says "skipped: why", and fails where `CI=true`.

mod alerting;
mod broker;
mod daemon;
mod harness;
mod live;
mod load;
mod page;
mod paging;
mod references;
mod telling;
mod tidy;
mod verify;
