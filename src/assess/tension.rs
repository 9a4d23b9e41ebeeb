//! The tension of a dyad: an integer sum over cells of a decay grid, so that the order of acts does not matter.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::policy::Policy;
use crate::alert::{Level, TensionReading};
use crate::article::{DAY, Time};

/// Weights by cell, in thousandths of a point; counts of acts by day.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Tension {
    cells: BTreeMap<i64, i64>,
    days: BTreeMap<i64, u32>,
    #[serde(default)]
    level: Option<Level>,
}

/// Days that the baseline looks back.
const BASELINE_DAYS: i64 = 60;

impl Tension {
    /// Adds the weight of an act, in thousandths.
    pub fn add(&mut self, policy: &Policy, time: Time, weight: i64) {
        *self.cells.entry(time.0.div_euclid(policy.grid)).or_default() += weight;
        *self.days.entry(time.0.div_euclid(DAY)).or_default() += 1;
    }

    /// The index at `time`, in thousandths; never below 0.
    pub fn index(&self, policy: &Policy, time: Time) -> i64 {
        let here = time.0.div_euclid(policy.grid);
        let sum: i128 = self
            .cells
            .range(..=here)
            .map(|(cell, weight)| {
                let left = policy.decay.get((here - cell) as usize).copied().unwrap_or(0);
                i128::from(*weight) * i128::from(left)
            })
            .sum();
        ((sum >> 30) as i64).max(0)
    }

    /// The level at `time`; looking changes nothing.
    pub fn level(&self, policy: &Policy, time: Time) -> Level {
        level(policy, self.level.unwrap_or(Level::Calm), self.index(policy, time))
    }

    /// Index, level with hysteresis, change over a day, and whether today stands out.
    pub fn read(&mut self, policy: &Policy, time: Time) -> TensionReading {
        let index = self.index(policy, time);
        let level = level(policy, self.level.unwrap_or(Level::Calm), index);
        self.level = Some(level);
        let change = index - self.index(policy, time.plus(-DAY));
        TensionReading { index, level, change, burst: self.is_burst(policy, time) }
    }

    /// Today's count against the pair's own baseline (Poisson tail), with a floor.
    fn is_burst(&self, policy: &Policy, time: Time) -> bool {
        let today = time.0.div_euclid(DAY);
        let count = self.days.get(&today).copied().unwrap_or(0);
        if count < policy.burst_least {
            return false;
        }
        let before: u32 = self.days.range(today - BASELINE_DAYS..today).map(|(_, n)| *n).sum();
        // Half an act more than seen: a quiet pair's first act is no burst by itself.
        let rate = (f64::from(before) + 0.5) / BASELINE_DAYS as f64;
        poisson_tail(rate, count) < policy.burst_probability
    }

    /// Drops what has decayed.
    pub fn prune(&mut self, policy: &Policy, time: Time) {
        let here = time.0.div_euclid(policy.grid);
        self.cells = self.cells.split_off(&(here - policy.decay.len() as i64));
        self.days = self.days.split_off(&(time.0.div_euclid(DAY) - BASELINE_DAYS));
    }

    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }
}

/// Up at a threshold, down only where the index is `hysteresis` of it.
fn level(policy: &Policy, before: Level, index: i64) -> Level {
    let mut level = Level::Calm;
    for (candidate, threshold) in policy.levels {
        let needed =
            if before >= candidate { (threshold as f64 * policy.hysteresis) as i64 } else { threshold };
        if index >= needed {
            level = candidate;
        }
    }
    level
}

/// The probability of `count` or more where `rate` is expected.
fn poisson_tail(rate: f64, count: u32) -> f64 {
    let mut term = (-rate).exp();
    let mut below = 0.0;
    for n in 0..count {
        below += term;
        term *= rate / f64::from(n + 1);
    }
    (1.0 - below).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assess::tests_support::policy;

    #[test]
    fn decays_by_half_in_a_half_life() {
        let policy = policy();
        let mut tension = Tension::default();
        tension.add(&policy, Time(0), 8_000);
        assert_eq!(tension.index(&policy, Time(0)), 8_000);
        let week = tension.index(&policy, Time(7 * DAY));
        assert!((week - 4_000).abs() <= 1, "{week}");
    }

    #[test]
    fn order_does_not_matter() {
        let policy = policy();
        let acts = [(0, 9_500), (3 * DAY, -1_500), (DAY, 6_000)];
        let (mut a, mut b) = (Tension::default(), Tension::default());
        acts.iter().for_each(|(t, w)| a.add(&policy, Time(*t), *w));
        acts.iter().rev().for_each(|(t, w)| b.add(&policy, Time(*t), *w));
        assert_eq!(a, b);
    }

    #[test]
    fn levels_have_hysteresis() {
        let policy = policy();
        assert_eq!(level(&policy, Level::Calm, 8_000), Level::Elevated);
        assert_eq!(level(&policy, Level::Elevated, 7_000), Level::Elevated);
        assert_eq!(level(&policy, Level::Calm, 7_000), Level::Calm);
    }

    #[test]
    fn the_tail_is_a_probability() {
        assert!((poisson_tail(1.0, 1) - 0.632).abs() < 0.001);
        assert!(poisson_tail(0.01, 4) < 1e-6);
    }
}
