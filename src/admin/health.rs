//! [`Health`]: is the daemon alive, is it ready, and if not, why.

use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock};

use serde::Serialize;

/// How much a failing check matters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Weight {
    /// Shown on `/readyz` and the page; the daemon stays ready ("feed is blind").
    Warning,
    /// Not ready: no broker, state not restored.
    Unready,
    /// Not alive: a worker has died and only a restart helps.
    Dead,
}

/// One thing that is wrong now.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Problem {
    pub check: &'static str,
    pub weight: Weight,
    /// What a person reads: "broker 10.0.0.5:9092 does not answer".
    pub reason: String,
}

#[derive(Default)]
struct Checks {
    /// All that was ever named, with its problem where there is one.
    checks: BTreeMap<&'static str, Option<Problem>>,
}

/// Named checks with reasons; every worker holds the same one in an `Arc` and says how it is.
#[derive(Default)]
pub struct Health {
    checks: RwLock<Checks>,
}

impl Health {
    /// A daemon of which nothing is known yet; name what has to be `good` before it is ready with [`Health::expect`].
    pub fn new() -> Self {
        Self::default()
    }

    /// Not ready until `check` was said to be good.
    pub fn expect(&self, check: &'static str, reason: impl Into<String>) {
        self.bad(check, Weight::Unready, reason);
    }

    pub fn good(&self, check: &'static str) {
        self.write(check, None);
    }

    pub fn bad(&self, check: &'static str, weight: Weight, reason: impl Into<String>) {
        self.write(check, Some(Problem { check, weight, reason: reason.into() }));
    }

    fn write(&self, check: &'static str, problem: Option<Problem>) {
        self.checks.write().unwrap_or_else(PoisonError::into_inner).checks.insert(check, problem);
    }

    /// What is wrong, gravest first.
    pub fn problems(&self) -> Vec<Problem> {
        let checks = self.checks.read().unwrap_or_else(PoisonError::into_inner);
        let mut problems: Vec<Problem> = checks.checks.values().flatten().cloned().collect();
        problems.sort_by(|a, b| b.weight.cmp(&a.weight).then(a.check.cmp(b.check)));
        problems
    }

    /// All checks in order of name: `(name, good)`.
    pub fn checks(&self) -> Vec<(&'static str, bool)> {
        let checks = self.checks.read().unwrap_or_else(PoisonError::into_inner);
        checks.checks.iter().map(|(name, problem)| (*name, problem.is_none())).collect()
    }

    pub fn is_ready(&self) -> bool {
        self.worst() < Some(Weight::Unready)
    }

    pub fn is_alive(&self) -> bool {
        self.worst() < Some(Weight::Dead)
    }

    fn worst(&self) -> Option<Weight> {
        self.problems().first().map(|p| p.weight)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readiness_waits_for_what_is_expected_and_says_why() {
        let health = Health::new();
        assert!(health.is_ready(), "nothing expected");
        health.expect("broker", "no answer yet");
        assert!(!health.is_ready() && health.is_alive());
        health.bad("feed", Weight::Warning, "blind since 03:00");
        health.good("broker");
        assert!(health.is_ready());
        assert_eq!(health.problems().len(), 1);
        health.bad("worker", Weight::Dead, "detect ended");
        assert!(!health.is_alive() && !health.is_ready());
        assert_eq!(health.problems()[0].check, "worker");
        assert_eq!(health.checks(), [("broker", true), ("feed", false), ("worker", false)]);
    }
}
