//! One report into its dyad: new act or echo, episode, severity, confirmation, tension.

use super::act::Novelty;
use super::episode::{Change, Episode, instrument_of};
use super::ladder;
use super::outbox::Outbox;
use super::policy::{Policy, joins, opens};
use super::severity;
use super::state::DyadState;
use super::telling::Telling;
use crate::alert::{Family, Reason, Severity, Transition};
use crate::article::Time;
use crate::signal::Signal;

/// A report and what it is to the dyad. The signal itself is absent where a state is made anew.
struct Given<'a> {
    telling: &'a Telling,
    signal: Option<&'a Signal>,
    novelty: Novelty,
    severity: Severity,
    because: String,
    is_ladder: bool,
}

impl Given<'_> {
    fn change(&self, transition: Transition, reason: Reason, because: String) -> Change {
        let article_id = Some(self.telling.article_id.clone());
        Change { transition, reason, time: self.telling.time, article_id, because }
    }
}

/// Folds one report; revisions go to `out` in order.
pub fn tell(
    state: &mut DyadState,
    policy: &Policy,
    telling: &Telling,
    signal: Option<&Signal>,
    out: &mut Outbox,
) {
    let is_sure = policy.is_sure(telling);
    let novelty = state.acts.novelty(telling, is_sure);
    let (severity, because, is_ladder) = weigh(state, policy, telling, novelty);
    state.acts.take(telling, is_sure);
    if novelty.is_new() {
        let percent = (telling.confidence * 100.0).round() as i64;
        let weight = policy.weight(telling.deed.kind, telling.deed.stance) * percent / 100;
        if weight != 0 {
            state.tension.add(policy, telling.time, weight);
        }
    }
    let given = Given { telling, signal, novelty, severity, because, is_ladder };
    match opens(telling.deed.kind) {
        Some(family) => open_or_join(state, policy, &given, family, out),
        None => {
            for family in joins(telling.deed.kind) {
                join(state, policy, &given, *family, out);
            }
        }
    }
}

/// The severity of an act, the row or ladder that gave it, and whether it was a ladder. Echoes have none.
fn weigh(
    state: &DyadState,
    policy: &Policy,
    telling: &Telling,
    novelty: Novelty,
) -> (Severity, String, bool) {
    if !novelty.is_new() && novelty != Novelty::Surer || opens(telling.deed.kind).is_none() {
        return (Severity::Info, String::new(), false);
    }
    let (severity, because) = severity::read(policy, telling, state);
    let counts = novelty.is_new() && policy.is_sure(telling) && !policy.is_war(state.dyad, telling.time);
    match ladder::read(policy, telling, &state.acts) {
        Some((id, raised)) if counts && raised > severity => (raised, format!("ladder {id}"), true),
        _ => (severity, because, false),
    }
}

fn open_or_join(state: &mut DyadState, policy: &Policy, given: &Given<'_>, family: Family, out: &mut Outbox) {
    let instrument = instrument_of(given.telling, family);
    let time = given.telling.time;
    let open = state
        .open_episode(family, &instrument)
        .filter(|index| !given.novelty.is_new() || state.episodes[*index].reaches_back_to(time));
    if let Some(index) = open {
        update(state, policy, index, given, out);
    } else if given.novelty.is_new() {
        let ended = state.episodes.iter().position(|e| {
            e.alert.family == family && e.alert.instrument == instrument && !e.is_open() && e.touches(time)
        });
        match ended {
            Some(index) => update(state, policy, index, given, out),
            None => open_new(state, policy, given, family, out),
        }
    } else {
        return;
    }
    if given.novelty.is_new() {
        merge(state, policy, family, &instrument, out);
    }
}

fn open_new(state: &mut DyadState, policy: &Policy, given: &Given<'_>, family: Family, out: &mut Outbox) {
    let mut episode = Episode::open(given.telling, state.dyad, family, given.severity);
    episode.report(given.telling, given.signal, true);
    episode.widen(given.telling);
    episode.attest();
    episode.note(&given.change(Transition::Opened, Reason::NewAct, given.because.clone()));
    state.episodes.push(episode);
    let index = state.episodes.len() - 1;
    emit(state, policy, index, out);
    tell_others(state, policy, index, given.telling.time, out);
}

/// One more report for an episode that is open, or that a late act opens again.
fn update(state: &mut DyadState, policy: &Policy, index: usize, given: &Given<'_>, out: &mut Outbox) {
    let (time, novelty) = (given.telling.time, given.novelty);
    let episode = &mut state.episodes[index];
    let is_copy = episode.report(given.telling, given.signal, novelty.is_new());
    let widened = if novelty.is_new() { episode.widen(given.telling) } else { None };
    let is_raised =
        (novelty.is_new() || novelty == Novelty::Surer) && given.severity > episode.alert.severity;
    if is_raised {
        episode.alert.severity = given.severity;
        episode.alert.headline = given.telling.act();
    }
    let is_reopened = novelty.is_new() && !episode.is_open();
    if novelty.is_new() {
        episode.alert.ended_at = None;
        // A late act may be earlier than the first that was known.
        episode.alert.started_at = episode.alert.started_at.min(time);
        episode.alert.last_act_at = episode.alert.last_act_at.max(time);
    }
    let is_stronger = episode.attest() && !is_raised;
    let (transition, reason) = match widened {
        _ if is_raised && given.is_ladder => (Transition::Escalated, Reason::Ladder),
        _ if is_raised => (Transition::Escalated, Reason::Severity),
        _ if is_reopened => (Transition::Updated, Reason::Reopened),
        Some(reason) => (Transition::Updated, reason),
        None if is_stronger => (Transition::Updated, Reason::Confirmation),
        None if novelty.is_new() => (Transition::Updated, Reason::NewAct),
        None => (Transition::Updated, Reason::Reports),
    };
    match reason {
        // Counts and evidence move on without a line in the history; copies are not even sent.
        Reason::Reports if is_copy => return,
        Reason::Reports | Reason::NewAct => episode.pass(reason, time),
        Reason::Reopened => {
            let because = format!("a late act within its span; {}", given.because);
            episode.note(&given.change(transition, reason, because));
        }
        _ => episode.note(&given.change(transition, reason, given.because.clone())),
    }
    emit(state, policy, index, out);
    if is_reopened {
        tell_others(state, policy, index, time, out);
    }
}

/// A report of a kind that opens nothing, for every open episode of a family.
fn join(state: &mut DyadState, policy: &Policy, given: &Given<'_>, family: Family, out: &mut Outbox) {
    let instrument = instrument_of(given.telling, family);
    for index in 0..state.episodes.len() {
        let episode = &mut state.episodes[index];
        let alert = &episode.alert;
        let is_meant = alert.is_open()
            && alert.family == family
            && (instrument.is_empty() || alert.instrument.is_empty() || alert.instrument == instrument);
        if !is_meant {
            continue;
        }
        let is_new = given.novelty.is_new();
        let is_copy = episode.report(given.telling, given.signal, is_new);
        match if is_new { episode.widen(given.telling) } else { None } {
            Some(reason) => {
                let because = format!("{} joins", given.telling.deed.kind);
                episode.note(&given.change(Transition::Updated, reason, because));
            }
            None if is_copy => continue,
            None => episode.pass(Reason::Reports, given.telling.time),
        }
        emit(state, policy, index, out);
    }
}

/// Two episodes of one family and instrument that touch become one: the earlier lives on.
fn merge(state: &mut DyadState, policy: &Policy, family: Family, instrument: &str, out: &mut Outbox) {
    let order = |e: &Episode| (e.alert.started_at, e.alert.episode_id.clone());
    let pair = |state: &DyadState| {
        let is_meant = |e: &Episode| e.alert.family == family && e.alert.instrument == instrument;
        let mut meant: Vec<usize> =
            (0..state.episodes.len()).filter(|i| is_meant(&state.episodes[*i])).collect();
        meant.sort_by_key(|i| order(&state.episodes[*i]));
        let touch = |a: usize, b: usize| state.episodes[b].alert.started_at < state.episodes[a].due();
        meant.windows(2).map(|w| (w[0], w[1])).find(|(a, b)| touch(*a, *b))
    };
    while let Some((earlier, later)) = pair(state) {
        let mut gone = state.episodes.remove(later);
        let earlier = if later < earlier { earlier - 1 } else { earlier };
        let heir = &mut state.episodes[earlier];
        let time = gone.alert.updated_at;
        let was_open = gone.is_open();
        gone.alert.continues = Some(heir.alert.episode_id.clone());
        gone.alert.ended_at = Some(time);
        let change =
            |transition, reason, because| Change { transition, reason, time, article_id: None, because };
        let because = format!("continues {}", heir.alert.episode_id);
        gone.note(&change(Transition::Resolved, Reason::Merged, because));
        out.push(&gone.alert);
        let is_reopened = was_open && !heir.is_open();
        heir.swallow(gone);
        if is_reopened {
            heir.alert.ended_at = None;
            let because = "the later episode goes on in it".into();
            heir.note(&change(Transition::Updated, Reason::Reopened, because));
        } else {
            heir.pass(Reason::Merged, time);
        }
        emit(state, policy, earlier, out);
    }
}

/// Timers that are due before `time`: episodes that have come to their end, in order of their due time.
pub fn fire(state: &mut DyadState, policy: &Policy, time: Time, out: &mut Outbox) {
    loop {
        let due = (0..state.episodes.len())
            .filter(|index| state.episodes[*index].is_open() && state.episodes[*index].due() < time)
            .min_by_key(|index| {
                (state.episodes[*index].due(), state.episodes[*index].alert.episode_id.clone())
            });
        let Some(index) = due else { return };
        resolve(state, policy, index, out);
    }
}

/// An episode has come to the end of its span.
pub fn resolve(state: &mut DyadState, policy: &Policy, index: usize, out: &mut Outbox) {
    let episode = &mut state.episodes[index];
    let time = episode.due();
    episode.alert.ended_at = Some(time);
    let because = "no new act within its gap".into();
    let (transition, reason) = (Transition::Resolved, Reason::Quiet);
    episode.note(&Change { transition, reason, time, article_id: None, because });
    emit(state, policy, index, out);
    tell_others(state, policy, index, time, out);
}

/// The words of one report are others now; the act stands as it did.
pub fn reword(state: &mut DyadState, policy: &Policy, gone: &str, signal: &Signal, out: &mut Outbox) {
    for index in 0..state.episodes.len() {
        let episode = &mut state.episodes[index];
        if episode.reword(gone, signal) && episode.is_open() {
            episode.pass(Reason::Evidence, signal.told.event_time);
            emit(state, policy, index, out);
        }
    }
}

/// Refreshes what an alert says of the dyad, and sends it.
pub fn emit(state: &mut DyadState, policy: &Policy, index: usize, out: &mut Outbox) {
    let time = state.episodes[index].alert.updated_at;
    let reading = state.tension.read(policy, time);
    if out.is_muted() {
        return;
    }
    let mut others: Vec<_> = state
        .episodes
        .iter()
        .enumerate()
        .filter(|(other, e)| *other != index && e.is_open())
        .map(|(_, e)| e.as_other())
        .collect();
    others.sort();
    let alert = &mut state.episodes[index].alert;
    alert.tension = reading;
    alert.others = others;
    out.push(alert);
}

/// The dyad's other open episodes name the one that opened or ended.
pub fn tell_others(state: &mut DyadState, policy: &Policy, index: usize, time: Time, out: &mut Outbox) {
    for other in 0..state.episodes.len() {
        if other != index && state.episodes[other].is_open() {
            state.episodes[other].pass(Reason::Related, time);
            emit(state, policy, other, out);
        }
    }
}
