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
