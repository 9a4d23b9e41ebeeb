//! Sequences of acts that together mean more than each alone.

use super::act::Acts;
use super::policy::Policy;
use super::telling::Telling;
use crate::alert::Severity;
use crate::article::DAY;
use crate::signal::Stance;

/// The ladder whose last step this act is, if the steps before were taken in order within its window.
pub fn read<'p>(policy: &'p Policy, telling: &Telling, acts: &Acts) -> Option<(&'p str, Severity)> {
    if telling.deed.stance != Stance::Actual {
        return None;
    }
    let time = telling.time;
    policy.ladders.iter().find_map(|ladder| {
        let (last, before) = ladder.steps.split_last()?;
        if *last != telling.deed.kind {
            return None;
        }
        let mut wanted = before.iter().peekable();
        for act in acts.since(time.plus(-ladder.days * DAY)).filter(|act| act.start <= time) {
            if wanted.peek() == Some(&&act.kind) {
                wanted.next();
            }
        }
        wanted.peek().is_none().then_some((ladder.id.as_str(), ladder.severity))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assess::tests_support::{policy, signal};

    fn told(kind: crate::signal::Kind, hours: i64) -> Telling {
        let told = signal("AAA-BBB", kind.as_str(), "AAA>BBB", hours);
        Telling::of(&told, told.told.dyad)
    }

    /// The ladder that the last step meets after `before`, a step a day; the last at hour `last`.
    fn climb(before: &[crate::signal::Kind], kind: crate::signal::Kind, last: i64) -> Option<String> {
        let policy = policy();
        let mut acts = Acts::default();
        for (day, kind) in before.iter().enumerate() {
            acts.take(&told(*kind, day as i64 * 24), true);
        }
        read(&policy, &told(kind, last), &acts).map(|(id, _)| id.to_owned())
    }

    #[test]
    fn every_shipped_ladder_is_climbed_in_order_and_within_its_window_only() {
        let ladders = policy().ladders;
        assert!(ladders.len() >= 6);
        for ladder in ladders {
            let (last, before) = ladder.steps.split_last().unwrap();
            let in_time = before.len() as i64 * 24;
            assert_eq!(climb(before, *last, in_time).as_deref(), Some(ladder.id.as_str()));
            assert_eq!(climb(before, *last, ladder.days * 24 + 12), None, "{}: too late", ladder.id);
            assert_eq!(climb(&before[1..], *last, in_time), None, "{}: a step short", ladder.id);
            if before.len() > 1 {
                let turned: Vec<_> = before.iter().rev().copied().collect();
                assert_eq!(climb(&turned, *last, in_time), None, "{}: out of order", ladder.id);
            }
        }
    }

    #[test]
    fn a_threat_of_a_step_is_none() {
        let policy = policy();
        let mut acts = Acts::default();
        let ladder = &policy.ladders[0];
        let (last, before) = ladder.steps.split_last().unwrap();
        for (day, kind) in before.iter().enumerate() {
            acts.take(&told(*kind, day as i64 * 24), true);
        }
        let mut threat = told(*last, before.len() as i64 * 24);
        threat.deed.stance = Stance::Prospective;
        assert_eq!(read(&policy, &threat, &acts), None);
    }
}
