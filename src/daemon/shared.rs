//! What all workers hold: rules that can be swapped, metrics, health, and the word to stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use parking_lot::RwLock;

use super::metrics::Metrics;
use crate::admin::{Health, MemoryControl};
use crate::article::Time;
use crate::rules::Ruleset;

/// The time of day; read in this room only.
pub fn now() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// Shared by all workers.
pub struct Shared {
    rules: RwLock<Arc<Ruleset>>,
    pub metrics: Metrics,
    pub health: Arc<Health>,
    /// Silences and verdicts, as read from the control topic.
    pub control: Arc<MemoryControl>,
    pub stop: Arc<AtomicBool>,
    /// Records sent to the signals topic; the embedded feed waits by it.
    pub signals_sent: AtomicU64,
}

impl Shared {
    pub fn new(rules: Ruleset, metrics: Metrics, health: Arc<Health>) -> Shared {
        Shared {
            rules: RwLock::new(Arc::new(rules)),
            metrics,
            health,
            control: Arc::default(),
            stop: Arc::default(),
            signals_sent: AtomicU64::new(0),
        }
    }

    pub fn rules(&self) -> Arc<Ruleset> {
        self.rules.read().clone()
    }

    /// New rules: workers take them at the border of their next transaction.
    pub fn swap_rules(&self, rules: Ruleset) {
        *self.rules.write() = Arc::new(rules);
    }

    pub fn is_stopping(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }
}
