//! Taking acts back: killed or corrected articles, denials.

use super::episode::{Change, Contribution, gravest, kinds};
use super::fold::{emit, severity_of};
use super::policy::Policy;
use super::state::{DyadState, SeenVersion};
use crate::alert::{Alert, Confirmation, Reason, Transition};
use crate::article::{DAY, Status, Time};
use crate::signal::{Denial, Signal};

/// What was told longer ago is not taken back.
pub const RETRACTABLE: i64 = 7 * DAY;

/// Whether a signal still stands against what is known of its article's versions.
pub fn stands(signal: &Signal, seen: Option<&SeenVersion>) -> bool {
    let Some(seen) = seen else { return true };
    let is_lower = seen.superseded || signal.told.article.version < seen.version;
    !is_lower && seen.status == Status::Usable || seen.acts.contains(&signal.act().hash())
}

/// Takes back what `article_id` told in lower versions and no longer tells.
pub fn version(
    state: &mut DyadState,
    policy: &Policy,
    article_id: &str,
    seen: &SeenVersion,
    out: &mut Vec<Alert>,
) -> bool {
    let gone = |c: &Contribution| {
        c.article_id == article_id
            && (seen.superseded || c.version < seen.version || seen.status != Status::Usable)
            && !seen.acts.contains(&c.hash)
            && seen.received_at.since(c.received).abs() <= RETRACTABLE
    };
    let reason = if seen.status == Status::Usable { Reason::Corrected } else { Reason::Killed };
    take_back(state, policy, &gone, reason, seen.received_at, out)
}

/// A denial, where only one origin told an episode's acts; who denies does not matter yet.
pub fn denial(state: &mut DyadState, policy: &Policy, denial: &Denial, out: &mut Vec<Alert>) -> bool {
    let denies = &denial.denies;
    let time = denial.told.event_time;
    // One origin against the actor's word, or against anybody's: the act goes. More origins outweigh a denial.
    let lone: Vec<String> = state
        .episodes
        .iter()
        .filter(|e| e.alert.counts.origins <= 1)
        .flat_map(|e| e.contributions.iter().map(|c| c.signal_id.clone()))
        .collect();
    if lone.is_empty() {
        return false;
    }
    let gone = |c: &Contribution| {
        c.act.kind == denies.kind
            && (denies.source.is_empty() || denies.source == c.act.source)
            && (denies.target.is_empty() || denies.target == c.act.target)
            && (denies.instrument.is_none() || denies.instrument == c.act.instrument)
            && time.since(c.time).abs() <= RETRACTABLE
            && c.article_id != denial.told.article_id
            && lone.contains(&c.signal_id)
    };
    take_back(state, policy, &gone, Reason::Denied, time, out)
}

fn take_back(
    state: &mut DyadState,
    policy: &Policy,
    gone: &dyn Fn(&Contribution) -> bool,
    reason: Reason,
    time: Time,
    out: &mut Vec<Alert>,
) -> bool {
    let mut undone: Vec<String> = Vec::new();
    let mut touched = false;
    for index in 0..state.episodes.len() {
        let contributions = std::mem::take(&mut state.episodes[index].contributions);
        let (back, left): (Vec<_>, Vec<_>) = contributions.into_iter().partition(gone);
        state.episodes[index].contributions = left;
        if back.is_empty() {
            continue;
        }
        touched = true;
        for telling in &back {
            if undone.contains(&telling.signal_id) {
                continue;
            }
            undone.push(telling.signal_id.clone());
            if telling.weight != 0 {
                state.tension.add(policy, telling.time, telling.weight, -1);
            }
            state.acts.take_back(telling.act.kind, telling.act.stance, telling.side, telling.time);
        }
        promote(state, policy, index, &back);
        settle(state, policy, index, &back, reason, time, out);
    }
    touched
}

/// Where a report that is left told the same act, it is the one that counts now.
fn promote(state: &mut DyadState, policy: &Policy, index: usize, back: &[Contribution]) {
    for telling in back.iter().filter(|t| t.is_new) {
        let left = &mut state.episodes[index].contributions;
        let heir = left.iter_mut().find(|c| !c.is_new && c.hash == telling.hash && c.time >= telling.time);
        if let Some(heir) = heir {
            heir.is_new = true;
            heir.weight = telling.weight;
            heir.severity = telling.severity;
            let (time, weight) = (heir.time, heir.weight);
            state.tension.add(policy, time, weight, 1);
        }
    }
}

fn settle(
    state: &mut DyadState,
    policy: &Policy,
    index: usize,
    back: &[Contribution],
    reason: Reason,
    time: Time,
    out: &mut Vec<Alert>,
) {
    let episode = &mut state.episodes[index];
    let ids: Vec<&str> = back.iter().map(|c| c.signal_id.as_str()).collect();
    episode.alert.evidence.retain(|e| !ids.contains(&e.signal_id.as_str()));
    episode.alert.counts.reports = episode.alert.counts.reports.saturating_sub(back.len() as u32);
    episode.alert.kinds = kinds(&episode.contributions);
    let article_id = back.first().map(|c| c.article_id.clone());
    let (transition, because) = match gravest(&episode.contributions).cloned() {
        None => {
            episode.alert.ended_at.get_or_insert(time);
            (Transition::Retracted, "nothing that it told still stands".to_owned())
        }
        Some(best) => {
            episode.alert.headline = best.act.clone();
            let news = episode.contributions.iter().filter(|c| c.is_new);
            episode.alert.last_act_at = news.map(|c| c.time).max().unwrap_or(best.time);
            let severity = severity_of(episode);
            let lower = severity < episode.alert.severity;
            episode.alert.severity = severity;
            let transition = if lower { Transition::Deescalated } else { Transition::Updated };
            (transition, format!("{} of its acts taken back", back.len()))
        }
    };
    if reason == Reason::Denied && episode.alert.confirmation == Confirmation::Corroborated {
        episode.alert.confirmation = Confirmation::Reported;
    }
    episode.note(&Change { transition, reason, time, article_id, because });
    emit(state, policy, index, out);
}
