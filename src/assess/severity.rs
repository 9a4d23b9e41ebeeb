//! How much an act matters: the row of the table that fits, moved by what is new for the pair.

use super::policy::{Policy, Row, opens};
use super::state::DyadState;
use super::telling::Telling;
use crate::alert::{Family, Severity};
use crate::signal::{Code, Stance};

/// The severity and why, in words: the row's id first.
pub fn read(policy: &Policy, telling: &Telling, state: &DyadState) -> (Severity, String) {
    let Some(row) = policy.rows.iter().find(|row| fits(policy, row, telling, state)) else {
        return (Severity::Info, "no row fits".into());
    };
    let (severity, because) = step(policy, row, telling, state);
    limit(policy, row, telling, state, severity, because)
}

fn fits(policy: &Policy, row: &Row, telling: &Telling, state: &DyadState) -> bool {
    let time = telling.time;
    let before = |kind, side| state.acts.count_before(kind, side, time, days(policy, row));
    let names = |word: &String| {
        telling.object.as_ref().is_some_and(|object| {
            object.to_lowercase().split(|c: char| !c.is_alphanumeric()).any(|part| part == word)
        })
    };
    (row.kinds.is_empty() || row.kinds.contains(&telling.deed.kind))
        && (!row.named_accord || telling.instrument.is_some())
        && row.stance.is_none_or(|stance| stance == telling.deed.stance)
        && (row.objects.is_empty() || row.objects.iter().any(names))
        && row.tense.is_none_or(|level| state.tension.level(policy, time) >= level)
        && (row.after.is_empty() || row.after.iter().any(|kind| before(*kind, None) > 0))
        && (!row.answer
            || before(telling.deed.kind, Some(telling.deed.side)) == 0
                && state.acts.count_before(
                    telling.deed.kind,
                    Some(telling.deed.side.other()),
                    time,
                    days(policy, row),
                ) > 0)
}

fn days(policy: &Policy, row: &Row) -> i64 {
    row.novel_days.unwrap_or(policy.novel_days)
}

/// First, next or daily.
fn step(policy: &Policy, row: &Row, telling: &Telling, state: &DyadState) -> (Severity, String) {
    let (time, days) = (telling.time, days(policy, row));
    let is_fight = opens(telling.deed.kind) == Some(Family::Force) && telling.deed.stance == Stance::Actual;
    if is_fight && policy.is_war(state.dyad, time) {
        return (row.daily, format!("{}: the pair is at war", row.id));
    }
    // A threat is no news where the deed was done.
    let by_kind = |kind| state.acts.count_before(kind, Some(telling.deed.side), time, days);
    match by_kind(telling.deed.kind) {
        0 => (row.first, format!("{}: first by that side in {days} days", row.id)),
        n if n >= policy.daily_acts => (row.daily, format!("{}: {n} before in {days} days", row.id)),
        n => (row.next, format!("{}: {n} before in {days} days", row.id)),
    }
}

/// What caps it: doubt, an armed group as a side, nobody named.
fn limit(
    policy: &Policy,
    row: &Row,
    telling: &Telling,
    state: &DyadState,
    severity: Severity,
    because: String,
) -> (Severity, String) {
    let is_unnamed = state.dyad.has(Code::ANY);
    let is_force = opens(telling.deed.kind) == Some(Family::Force);
    let has_body = is_force && policy.has_body(state.dyad);
    let caps = [
        (!policy.is_sure(telling), Some(policy.unsure_at_most), "who acts is in doubt"),
        (policy.has_group(state.dyad), Some(policy.groups_at_most), "an armed group is a side"),
        (has_body, Some(policy.bodies_at_most), "an organisation is a side"),
        (is_unnamed, row.unnamed, "nobody is named on the other side"),
    ];
    for (applies, cap, why) in caps {
        if let Some(cap) = cap.filter(|cap| applies && *cap < severity) {
            return (cap, format!("{because}; {why}"));
        }
    }
    (severity, because)
}
