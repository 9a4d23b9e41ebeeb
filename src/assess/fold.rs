//! One signal into its dyad: new act or echo, episode, severity, confirmation, tension.

use super::act::{Novelty, Side};
use super::confirmation;
use super::episode::{Change, Contribution, Episode, instrument_of};
use super::ladder;
use super::policy::{Policy, joins, opens};
use super::severity;
use super::state::DyadState;
use crate::alert::{Alert, Family, Reason, Severity, Transition};
use crate::article::Time;
use crate::signal::Signal;

/// Contributions that can be taken back, an episode.
const CONTRIBUTIONS_MAX: usize = 256;

/// Folds one signal; alerts go to `out` in order.
pub fn signal(state: &mut DyadState, policy: &Policy, signal: &Signal, out: &mut Vec<Alert>) {
    // Delivered again: at-least-once brokers do.
    let id = &signal.told.id;
    if state.episodes.iter().any(|e| e.contributions.iter().any(|c| c.signal_id == *id)) {
        return;
    }
    let side = Side::of(signal, state.dyad);
    let time = signal.told.event_time;
    let (severity, because) = severity::read(policy, signal, side, state);
    let is_war = policy.is_war(state.dyad, time);
    let ladder = ladder::read(policy, signal, &state.acts).filter(|_| !is_war && policy.is_sure(signal));
    let novelty = state.acts.take(signal, side, policy.is_sure(signal));
    let weight = if novelty.is_new() { weight(policy, signal) } else { 0 };
    if weight != 0 {
        state.tension.add(policy, time, weight, 1);
    }
    let (severity, because) = match ladder {
        Some((id, raised)) if novelty.is_new() && raised > severity => (raised, format!("ladder {id}")),
        _ => (severity, because),
    };
    let telling = Contribution {
        signal_id: signal.told.id.clone(),
        article_id: signal.told.article_id.clone(),
        version: signal.told.article.version,
        act: signal.act(),
        hash: signal.act().hash(),
        time,
        received: signal.told.received_at,
        weight,
        is_new: novelty.is_new(),
        severity,
        side,
    };
    let is_shadow = signal.told.rule.shadow;
    match opens(signal.kind) {
        _ if is_shadow => {}
        Some(family) => open_or_join(state, policy, signal, family, novelty, telling, because, out),
        None => {
            for family in joins(signal.kind) {
                join(state, policy, signal, *family, novelty, telling.clone(), out);
            }
        }
    }
}

/// Thousandths: weight by confidence; each further act adds as much again, reports of a known one nothing.
fn weight(policy: &Policy, signal: &Signal) -> i64 {
    let percent = (signal.told.confidence * 100.0).round() as i64;
    policy.weight(signal.kind, signal.stance) * percent / 100
}

#[allow(clippy::too_many_arguments)]
fn open_or_join(
    state: &mut DyadState,
    policy: &Policy,
    signal: &Signal,
    family: Family,
    novelty: Novelty,
    telling: Contribution,
    because: String,
    out: &mut Vec<Alert>,
) {
    let instrument = instrument_of(signal, family);
    let time = signal.told.event_time;
    if let Some(index) = state.open_episode(family, &instrument) {
        if novelty.is_new() && time < state.episodes[index].alert.started_at {
            // A late first act: the episode began earlier than we knew.
            state.episodes[index].alert.started_at = time;
        }
        update(state, policy, index, signal, novelty, telling, because, out);
        return;
    }
    if !novelty.is_new() {
        return;
    }
    let ended = state.episodes.iter().position(|e| {
        e.alert.family == family && e.alert.instrument == instrument && !e.is_open() && e.covers(time)
    });
    match ended {
        Some(index) => {
            state.episodes[index].alert.ended_at = None;
            let change = Change {
                transition: Transition::Updated,
                reason: Reason::Reopened,
                time,
                article_id: Some(signal.told.article_id.clone()),
                because: "a late act within its span".into(),
            };
            state.episodes[index].note(&change);
            update(state, policy, index, signal, novelty, telling, because, out);
        }
        None => open(state, policy, signal, family, telling, because, out),
    }
    merge(state, policy, family, &instrument, out);
}

fn open(
    state: &mut DyadState,
    policy: &Policy,
    signal: &Signal,
    family: Family,
    telling: Contribution,
    because: String,
    out: &mut Vec<Alert>,
) {
    let mut episode = Episode::open(signal, state.dyad, family, telling.severity, because);
    episode.report(signal);
    episode.widen(signal);
    attest(&mut episode, signal);
    if let Some(step) = episode.alert.history.last_mut() {
        step.confirmation = episode.alert.confirmation;
    }
    episode.contributions.push(telling);
    state.episodes.push(episode);
    let index = state.episodes.len() - 1;
    emit(state, policy, index, out);
    tell_others(state, policy, index, signal.told.event_time, out);
}

fn attest(episode: &mut Episode, signal: &Signal) -> bool {
    let parties = [episode.alert.dyad.first, episode.alert.dyad.second];
    let found = confirmation::read(signal, &episode.origins, &parties);
    let is_stronger = found > episode.alert.confirmation;
    episode.alert.confirmation = episode.alert.confirmation.max(found);
    match confirmation::claimant(signal, &parties) {
        _ if episode.alert.confirmation != crate::alert::Confirmation::Reported => {
            episode.alert.claimed_by.clear()
        }
        Some(claimant) if !episode.alert.claimed_by.contains(&claimant) => {
            episode.alert.claimed_by.push(claimant)
        }
        _ => {}
    }
    is_stronger
}

#[allow(clippy::too_many_arguments)]
fn update(
    state: &mut DyadState,
    policy: &Policy,
    index: usize,
    signal: &Signal,
    novelty: Novelty,
    telling: Contribution,
    because: String,
    out: &mut Vec<Alert>,
) {
    let time = signal.told.event_time;
    let episode = &mut state.episodes[index];
    let revision = episode.alert.revision;
    let reopened =
        episode.alert.reason == Reason::Reopened && episode.alert.transition == Transition::Updated;
    let is_copy = episode.report(signal);
    let widened = if novelty.is_new() { episode.widen(signal) } else { None };
    let stronger = !is_copy && attest(episode, signal);
    let severity = telling.severity;
    if novelty.is_new() {
        episode.alert.last_act_at = episode.alert.last_act_at.max(time);
    }
    if episode.contributions.len() < CONTRIBUTIONS_MAX {
        episode.contributions.push(telling);
    }
    let raised = (novelty.is_new() || novelty == Novelty::Surer) && severity > episode.alert.severity;
    let ladder = because.starts_with("ladder");
    if raised {
        episode.alert.severity = severity;
        episode.alert.headline = signal.act();
    }
    let (transition, reason) = match (raised, widened, stronger, novelty.is_new()) {
        (true, ..) if ladder => (Transition::Escalated, Reason::Ladder),
        (true, ..) => (Transition::Escalated, Reason::Severity),
        (_, Some(reason), ..) => (Transition::Updated, reason),
        (_, _, true, _) => (Transition::Updated, Reason::Confirmation),
        (_, _, _, true) => (Transition::Updated, Reason::NewAct),
        _ => (Transition::Updated, Reason::Reports),
    };
    let article_id = Some(signal.told.article_id.clone());
    let quiet = matches!(reason, Reason::Reports | Reason::NewAct) && !reopened;
    if quiet {
        // Counts and evidence move on without a line in the history.
        episode.alert.revision += 1;
        episode.alert.transition = transition;
        episode.alert.reason = reason;
        episode.alert.updated_at = episode.alert.updated_at.max(time);
    } else if !(reopened && episode.alert.revision > revision && reason == Reason::NewAct) {
        episode.note(&Change { transition, reason, time, article_id, because });
    }
    if !is_copy || !quiet {
        emit(state, policy, index, out);
    }
}

fn join(
    state: &mut DyadState,
    policy: &Policy,
    signal: &Signal,
    family: Family,
    novelty: Novelty,
    telling: Contribution,
    out: &mut Vec<Alert>,
) {
    let instrument = instrument_of(signal, family);
    let open: Vec<usize> = (0..state.episodes.len())
        .filter(|index| {
            let alert = &state.episodes[*index].alert;
            alert.is_open()
                && alert.family == family
                && (instrument.is_empty() || alert.instrument.is_empty() || alert.instrument == instrument)
        })
        .collect();
    for index in open {
        let episode = &mut state.episodes[index];
        let is_copy = episode.report(signal);
        let widened = if novelty.is_new() { episode.widen(signal) } else { None };
        if episode.contributions.len() < CONTRIBUTIONS_MAX {
            // The tension is taken back once: by the first episode that holds the telling.
            episode.contributions.push(telling.clone());
        }
        match widened {
            Some(reason) => {
                let change = Change {
                    transition: Transition::Updated,
                    reason,
                    time: signal.told.event_time,
                    article_id: Some(signal.told.article_id.clone()),
                    because: format!("{} joins", signal.kind),
                };
                episode.note(&change);
                emit(state, policy, index, out);
            }
            None if !is_copy => {
                episode.alert.revision += 1;
                episode.alert.transition = Transition::Updated;
                episode.alert.reason = Reason::Reports;
                emit(state, policy, index, out);
            }
            None => {}
        }
    }
}

/// Two episodes of one family and instrument that touch become one: the earlier lives on.
fn merge(state: &mut DyadState, policy: &Policy, family: Family, instrument: &str, out: &mut Vec<Alert>) {
    let of_kind = |e: &Episode| e.alert.family == family && e.alert.instrument == instrument;
    loop {
        let pair = (0..state.episodes.len()).find_map(|a| {
            (0..state.episodes.len()).find_map(|b| {
                let (first, second) = (&state.episodes[a], &state.episodes[b]);
                let touches = a != b
                    && of_kind(first)
                    && of_kind(second)
                    && first.alert.continues.is_none()
                    && second.alert.continues.is_none()
                    && (first.alert.started_at, &first.alert.episode_id)
                        < (second.alert.started_at, &second.alert.episode_id)
                    && second.alert.started_at < first.due();
                touches.then_some((a, b))
            })
        });
        let Some((earlier, later)) = pair else { return };
        let mut gone = state.episodes[later].clone();
        let time = gone.alert.updated_at;
        gone.alert.continues = Some(state.episodes[earlier].alert.episode_id.clone());
        gone.alert.ended_at = Some(time);
        let was_open = state.episodes[later].is_open();
        let because = format!("continues {}", state.episodes[earlier].alert.episode_id);
        let (transition, reason) = (Transition::Resolved, Reason::Merged);
        gone.note(&Change { transition, reason, time, article_id: None, because });
        out.push(gone.alert.clone());
        let swallowed = state.episodes.remove(later);
        let earlier = if later < earlier { earlier - 1 } else { earlier };
        state.episodes[earlier].swallow(swallowed);
        if was_open && !state.episodes[earlier].is_open() {
            state.episodes[earlier].alert.ended_at = None;
            let because = "the later episode goes on in it".into();
            let change = Change {
                transition: Transition::Updated,
                reason: Reason::Reopened,
                time,
                article_id: None,
                because,
            };
            state.episodes[earlier].note(&change);
        }
        emit(state, policy, earlier, out);
    }
}

/// Timers that are due before `time`: episodes that have come to their end, in order of their due time.
pub fn fire(state: &mut DyadState, policy: &Policy, time: Time, out: &mut Vec<Alert>) {
    loop {
        let due = (0..state.episodes.len())
            .filter(|index| state.episodes[*index].is_open() && state.episodes[*index].due() < time)
            .min_by_key(|index| {
                (state.episodes[*index].due(), state.episodes[*index].alert.episode_id.clone())
            });
        let Some(index) = due else { return };
        let episode = &mut state.episodes[index];
        let at = episode.due();
        episode.alert.ended_at = Some(at);
        let because = "no new act within its gap".into();
        episode.note(&Change {
            transition: Transition::Resolved,
            reason: Reason::Quiet,
            time: at,
            article_id: None,
            because,
        });
        emit(state, policy, index, out);
        tell_others(state, policy, index, at, out);
    }
}

/// Refreshes what an alert says of the dyad, and sends it.
pub fn emit(state: &mut DyadState, policy: &Policy, index: usize, out: &mut Vec<Alert>) {
    let time = state.episodes[index].alert.updated_at;
    let reading = state.tension.read(policy, time);
    let others = state
        .episodes
        .iter()
        .enumerate()
        .filter(|(other, e)| *other != index && e.is_open())
        .map(|(_, e)| e.as_other())
        .collect::<Vec<_>>();
    let alert = &mut state.episodes[index].alert;
    alert.tension = reading;
    alert.others = others;
    alert.others.sort();
    out.push(alert.clone());
}

/// The dyad's other open episodes name the one that opened or ended.
fn tell_others(state: &mut DyadState, policy: &Policy, index: usize, time: Time, out: &mut Vec<Alert>) {
    let others: Vec<usize> = (0..state.episodes.len())
        .filter(|other| *other != index && state.episodes[*other].is_open())
        .collect();
    for other in others {
        let alert = &mut state.episodes[other].alert;
        alert.revision += 1;
        alert.transition = Transition::Updated;
        alert.reason = Reason::Related;
        alert.updated_at = alert.updated_at.max(time);
        emit(state, policy, other, out);
    }
}

/// The lowest severity that the standing contributions give.
pub fn severity_of(episode: &Episode) -> Severity {
    super::episode::gravest(&episode.contributions).map_or(Severity::Info, |c| c.severity)
}
