//! Lag without progress for too long: consumers have stalled silently in the field.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::shared::Shared;
use crate::admin::Weight;
use crate::config::Ops;
use crate::kafka::Counters;

/// What was last seen of each stage.
pub struct Watchdog {
    patience: Duration,
    ends: bool,
    seen: BTreeMap<&'static str, Seen>,
}

struct Seen {
    messages: u64,
    commits: u64,
    moved: Instant,
    is_stalled: bool,
}

impl Watchdog {
    pub fn new(ops: &Ops) -> Watchdog {
        Watchdog {
            patience: Duration::from_secs(ops.stall_seconds.max(1)),
            ends: ops.exit_on_stall,
            seen: BTreeMap::new(),
        }
    }

    /// Looks at one stage; true where the process is to end.
    pub fn look(&mut self, stage: &'static str, counters: &Counters, shared: &Shared) -> bool {
        let lag = counters.lag.load(Ordering::Relaxed);
        shared.metrics.lag.with_label_values(&[stage]).set(lag);
        let (messages, commits) =
            (counters.messages.load(Ordering::Relaxed), counters.commits.load(Ordering::Relaxed));
        let now = Instant::now();
        let fresh = Seen { messages, commits, moved: now, is_stalled: false };
        let seen = self.seen.entry(stage).or_insert(fresh);
        let check = if stage == "detect" { "detect-progress" } else { "assess-progress" };
        if lag == 0 || messages != seen.messages || commits != seen.commits {
            if seen.is_stalled {
                shared.health.good(check);
            }
            *seen = Seen { messages, commits, moved: now, is_stalled: false };
            return false;
        }
        if now.duration_since(seen.moved) < self.patience || seen.is_stalled {
            return false;
        }
        seen.is_stalled = true;
        let reason = format!("{lag} records wait and none was read for {} s", self.patience.as_secs());
        tracing::error!(stage, reason, "no progress");
        shared.health.bad(check, Weight::Unready, reason);
        self.ends
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::admin::Health;
    use crate::daemon::Metrics;
    use std::sync::Arc;

    #[test]
    fn lag_alone_is_no_stall_and_no_lag_is_none_either() {
        let shared =
            Shared::new(crate::rules::Ruleset::default(), Metrics::new().unwrap(), Arc::new(Health::new()));
        let mut dog = Watchdog { patience: Duration::ZERO, ends: true, seen: BTreeMap::new() };
        let counters = Counters::default();
        assert!(!dog.look("detect", &counters, &shared), "no lag");
        counters.lag.store(5, Ordering::Relaxed);
        counters.messages.store(1, Ordering::Relaxed);
        assert!(!dog.look("detect", &counters, &shared), "it moves");
        assert!(dog.look("detect", &counters, &shared), "it stands");
        assert!(!shared.health.is_ready());
        counters.messages.store(2, Ordering::Relaxed);
        assert!(!dog.look("detect", &counters, &shared));
        assert!(shared.health.is_ready());
    }
}
