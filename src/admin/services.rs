//! [`Services`]: everything that the listeners use, handed in by the daemon.

use std::sync::Arc;

use futures::future::BoxFuture;

use super::auth::Tokens;
use super::control::{ControlLog, MemoryControl};
use super::health::Health;
use super::view::View;
use super::words::Names;
use crate::article::Time;

/// A pasted text, to be explained.
#[derive(Clone, PartialEq, Eq, Debug, Default, serde::Deserialize)]
pub struct Article {
    #[serde(default)]
    pub title: String,
    #[serde(default)]
    pub body: String,
}

type Explain = dyn Fn(Article) -> Result<serde_json::Value, String> + Send + Sync;
type Reload = dyn Fn() -> BoxFuture<'static, Result<String, String>> + Send + Sync;

/// Handles on the parts of the daemon that people see.
#[derive(Clone)]
pub struct Services {
    pub view: Arc<View>,
    pub health: Arc<Health>,
    pub registry: prometheus::Registry,
    pub control: Arc<dyn ControlLog>,
    /// Text → `{"signals": […], "sentences": […]}`; runs on a blocking thread, one at a time.
    pub explain: Arc<Explain>,
    /// Reads rules and settings again; the text says what is in force now, or why the old ones stay.
    pub reload: Arc<Reload>,
    pub names: Names,
    pub tokens: Arc<Tokens>,
    /// Serves names that are not loopback's although there are no tokens (`http.allow_open`).
    pub open_to_all: bool,
    /// Cookies are marked `Secure` where this begins with `https`.
    pub public_url: String,
    /// Where "runbook" leads: `{rule}` is replaced; empty where rules have none.
    pub runbook_url: String,
    pub clock: Arc<dyn Fn() -> Time + Send + Sync>,
}

impl Services {
    /// An empty view, no tokens, nothing to explain with and nothing to reload; the daemon replaces what it has.
    pub fn new(health: Arc<Health>, registry: prometheus::Registry) -> Self {
        Self {
            view: Arc::default(),
            health,
            registry,
            control: Arc::new(MemoryControl::default()),
            explain: Arc::new(|_| Err("this process runs no detect stage".to_owned())),
            reload: Arc::new(|| Box::pin(async { Err("this process has nothing to reload".to_owned()) })),
            names: Names::default(),
            tokens: Arc::new(Tokens::none()),
            open_to_all: false,
            public_url: String::new(),
            runbook_url: String::new(),
            clock: Arc::new(now),
        }
    }

    pub(super) fn now(&self) -> Time {
        (self.clock)()
    }
}

/// This machine's clock.
fn now() -> Time {
    Time(jiff::Timestamp::now().as_millisecond())
}
