//! How much an act matters: the row of the table that fits, moved by what is new for the pair.

use super::act::Acts;
use super::policy::{Policy, Row};
use crate::alert::Severity;
use crate::signal::Signal;

/// The severity and why, in words.
pub fn read(policy: &Policy, signal: &Signal, acts: &Acts) -> (Severity, String) {
    let time = signal.told.event_time;
    let before = acts.count_before(signal.kind, time, policy.novel_days);
    let fits = |row: &&Row| {
        (row.kinds.is_empty() || row.kinds.contains(&signal.kind))
            && row.stance.is_none_or(|stance| stance == signal.stance)
            && (row.after.is_empty()
                || row.after.iter().any(|kind| acts.count_before(*kind, time, policy.novel_days) > 0))
    };
    let Some(row) = policy.rows.iter().find(fits) else { return (Severity::Info, "no row fits".into()) };
    let object = signal.object.as_deref().unwrap_or_default().to_lowercase();
    if let Some(severity) = row.objects.get(&object) {
        return (*severity, format!("{}: {object}", row.id));
    }
    if before == 0 {
        (row.first, format!("{}: first in {} days", row.id, policy.novel_days))
    } else if before >= policy.daily_acts {
        (row.daily, format!("{}: {before} before in {} days", row.id, policy.novel_days))
    } else {
        (row.next, format!("{}: {before} before in {} days", row.id, policy.novel_days))
    }
}
