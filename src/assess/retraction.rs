//! Taking acts back: killed or corrected articles, denials.

use std::sync::Arc;

use super::episode::{Change, Episode};
use super::fold::{emit, fire, resolve};
use super::ledger::{RETRACTABLE, anew};
use super::origin::{Origins, has_standing, is_body, is_own_word};
use super::outbox::Outbox;
use super::policy::Policy;
use super::state::{DyadState, SeenVersion};
use super::telling::{Deed, Telling};
use crate::alert::{Alert, Confirmation, Reason, Transition};
use crate::article::{Status, Time};
use crate::signal::{Class, Code, Denial, Denied, Signal};

/// Whether a signal still stands against what is known of its article's versions.
pub fn stands(signal: &Signal, seen: Option<&SeenVersion>) -> bool {
    let Some(seen) = seen else { return true };
    if seen.received_at.since(signal.told.received_at).abs() > RETRACTABLE {
        return true;
    }
    let is_lower = seen.superseded || signal.told.article.version < seen.version;
    !is_lower && (seen.status == Status::Usable || seen.acts.contains(&signal.act().hash()))
}

/// Why and when something is taken back.
#[derive(Clone, Copy, Debug)]
pub struct Cause {
    pub reason: Reason,
    pub time: Time,
    /// Timers rest: no episode ends.
    pub rests: bool,
}

/// Takes back what `article_id` told in lower versions and no longer tells.
pub fn version(
    state: &mut DyadState,
    policy: &Policy,
    article_id: &str,
    seen: &SeenVersion,
    rests: bool,
    out: &mut Outbox,
) {
    let is_gone = |t: &Arc<Telling>| {
        t.article_id == article_id
            && (seen.superseded || t.version < seen.version || seen.status != Status::Usable)
            && seen.received_at.since(t.received).abs() <= RETRACTABLE
            && !seen.acts.contains(&t.act().hash())
    };
    let (back, left): (Vec<_>, Vec<_>) =
        std::mem::take(&mut state.ledger.list).into_iter().partition(is_gone);
    state.ledger.list = left.into();
    let reason = if seen.status == Status::Usable { Reason::Corrected } else { Reason::Killed };
    take_back(state, policy, &back, Cause { reason, time: seen.received_at, rests }, out);
}

/// Somebody denies an act: it is taken back, unless what attests it outweighs who denies it.
///
/// | who denies | outweighed by |
/// | --- | --- |
/// | a body with standing | the actor's own word |
/// | the actor | two independent origins, or a body |
/// | anybody else | two independent origins, a body, or the actor's own word |
pub fn denial(state: &mut DyadState, policy: &Policy, denial: &Denial, rests: bool, out: &mut Outbox) {
    let is_meant = |t: &Telling| is_denied(t, denial);
    let mut deeds: Vec<Deed> = state.ledger.list.iter().filter(|t| is_meant(t)).map(|t| t.deed).collect();
    deeds.sort_unstable();
    deeds.dedup();
    let cause = Cause { reason: Reason::Denied, time: denial.told.event_time, rests };
    for deed in deeds {
        let meant = |t: &Telling| t.deed == deed && is_meant(t);
        match outweighed(state, denial, &meant) {
            Some(why) => stand(state, policy, deed, cause, &denial.told.article_id, why, out),
            None => {
                let mut back = Vec::new();
                for telling in state.ledger.list.iter_mut().filter(|t| meant(t)) {
                    Arc::make_mut(telling).is_denied = true;
                    back.push(telling.clone());
                }
                take_back(state, policy, &back, cause, out);
            }
        }
    }
}

/// The denial came after the report, within the time in which reports are taken back, in another article.
fn is_denied(telling: &Telling, denial: &Denial) -> bool {
    let Denied { kind, source, target, instrument } = &denial.denies;
    let time = denial.told.event_time;
    let all_in = |wanted: &[Code], told: &[Code]| wanted.iter().all(|code| told.contains(code));
    !telling.is_denied
        && telling.deed.kind == *kind
        && all_in(source, &telling.source)
        && all_in(target, &telling.target)
        && (instrument.is_none() || telling.instrument.is_none() || *instrument == telling.instrument)
        && telling.time <= time
        && time.since(telling.time) <= RETRACTABLE
        && telling.article_id != denial.told.article_id
}

/// What attests the reports that are meant better than the denial's speaker can deny them.
fn outweighed(
    state: &DyadState,
    denial: &Denial,
    is_meant: &dyn Fn(&Telling) -> bool,
) -> Option<&'static str> {
    let parties = [state.dyad.first, state.dyad.second];
    let article = &denial.told.article;
    let speaker = denial.told.speaker.as_ref().and_then(|s| s.actor);
    let denier = speaker.or_else(|| article.country.filter(|_| article.class == Class::Government));
    let meant: Vec<&Arc<Telling>> = state.ledger.list.iter().filter(|t| is_meant(t)).collect();
    let mut origins = Origins::default();
    meant.iter().for_each(|t| {
        origins.take_unconfirmed(t, parties);
    });
    let own_word = meant.iter().any(|t| is_own_word(t));
    let body = meant.iter().any(|t| is_body(t, parties));
    let corroborated = meant.iter().any(|t| origins.confirmation(t.deed) >= Confirmation::Corroborated);
    let is_actor = denier.is_some_and(|denier| meant.iter().any(|t| t.source.contains(&denier)));
    let has_weight = denier.is_some_and(|denier| has_standing(denier) && !parties.contains(&denier));
    match () {
        () if own_word && !is_actor => Some("denied, but the actor says that it did it"),
        () if has_weight => None,
        () if body => Some("denied, but a body with standing attests it"),
        () if corroborated => Some("denied, but two independent origins tell it"),
        () => None,
    }
}

/// The denial changes nothing but is told, once for each article that denies.
fn stand(
    state: &mut DyadState,
    policy: &Policy,
    deed: Deed,
    cause: Cause,
    article_id: &str,
    why: &str,
    out: &mut Outbox,
) {
    for index in 0..state.episodes.len() {
        let episode = &mut state.episodes[index];
        let alert = &episode.alert;
        let is_told = alert.history.iter().any(|step| step.reason == Reason::Denied && step.because == why);
        if !alert.is_open() || is_told || Deed::of(&alert.headline, alert.dyad) != deed {
            continue;
        }
        episode.note(&Change {
            transition: Transition::Updated,
            reason: cause.reason,
            time: cause.time,
            article_id: Some(article_id.to_owned()),
            because: why.to_owned(),
        });
        emit(state, policy, index, out);
    }
}

/// The dyad as if `back` had never been told; whoever was told of it hears what is left.
fn take_back(state: &mut DyadState, policy: &Policy, back: &[Arc<Telling>], cause: Cause, out: &mut Outbox) {
    if back.is_empty() {
        return;
    }
    let mut fresh = anew(state, policy);
    if !cause.rests {
        fire(&mut fresh, policy, state.clock.now, &mut Outbox::muted());
    }
    state.acts = fresh.acts;
    state.tension = fresh.tension;
    let told = std::mem::take(&mut state.episodes);
    let mut left = fresh.episodes;
    for old in told {
        match heir_of(&old, &left) {
            Some(index) => {
                let new = left.remove(index);
                keep(state, policy, old, new, back, cause, out);
            }
            None => retract(state, policy, old, back, cause, out),
        }
    }
    // What an act that is gone had joined is two again.
    for mut new in left {
        let because = "what joined it to another was taken back".to_owned();
        let revision = state.episodes.iter().map(|e| e.alert.revision).max().unwrap_or_default();
        new.alert.revision = new.alert.revision.max(revision);
        new.alert.continues = None;
        new.note(&change(back, cause, Transition::Updated, because));
        state.episodes.push(new);
        emit(state, policy, state.episodes.len() - 1, out);
    }
}

fn change(back: &[Arc<Telling>], cause: Cause, transition: Transition, because: String) -> Change {
    let article_id = back.first().map(|t| t.article_id.clone());
    Change { transition, reason: cause.reason, time: cause.time, article_id, because }
}

/// The episode of the remade dyad that goes on with what `old` was: by its id, else by its span.
fn heir_of(old: &Episode, left: &[Episode]) -> Option<usize> {
    let alert = &old.alert;
    let is_kin = |e: &Episode| e.alert.family == alert.family && e.alert.instrument == alert.instrument;
    let meets = |e: &Episode| e.alert.started_at < old.due() && alert.started_at < e.due();
    left.iter()
        .position(|e| e.alert.episode_id == alert.episode_id)
        .or_else(|| left.iter().position(|e| is_kin(e) && meets(e)))
}

/// The episode stands, perhaps for less.
fn keep(
    state: &mut DyadState,
    policy: &Policy,
    old: Episode,
    new: Episode,
    back: &[Arc<Telling>],
    cause: Cause,
    out: &mut Outbox,
) {
    let is_same = same(&old.alert, &new.alert);
    let was_open = old.is_open();
    let severity = old.alert.severity;
    let mut alert = Alert {
        episode_id: old.alert.episode_id,
        act: old.alert.act,
        links: old.alert.links,
        revision: old.alert.revision,
        transition: old.alert.transition,
        reason: old.alert.reason,
        history: old.alert.history,
        updated_at: old.alert.updated_at,
        tension: old.alert.tension,
        others: old.alert.others,
        evidence: old.alert.evidence,
        ..new.alert
    };
    alert.evidence.retain(|e| back.iter().all(|t| t.id != e.signal_id));
    let is_open = alert.is_open();
    if was_open {
        // Told as open first: that it is over is a revision of its own.
        alert.ended_at = None;
    }
    state.episodes.push(Episode { alert, origins: new.origins });
    let index = state.episodes.len() - 1;
    if !is_same {
        let lower = state.episodes[index].alert.severity < severity;
        let transition = if lower { Transition::Deescalated } else { Transition::Updated };
        let because = format!("{} of its reports taken back", back.len());
        state.episodes[index].note(&change(back, cause, transition, because));
        emit(state, policy, index, out);
    }
    if was_open && !is_open {
        resolve(state, policy, index, out);
    }
}

/// What people were told of an episode is the same.
fn same(old: &Alert, new: &Alert) -> bool {
    (old.severity, old.confirmation, old.counts, old.started_at, old.last_act_at)
        == (new.severity, new.confirmation, new.counts, new.started_at, new.last_act_at)
        && (&old.kinds, &old.parties, &old.headline, &old.claimed_by)
            == (&new.kinds, &new.parties, &new.headline, &new.claimed_by)
}

/// Nothing of the episode is left: it is told so, and forgotten.
fn retract(
    state: &mut DyadState,
    policy: &Policy,
    mut old: Episode,
    back: &[Arc<Telling>],
    cause: Cause,
    out: &mut Outbox,
) {
    old.alert.ended_at.get_or_insert(cause.time);
    old.alert.evidence.retain(|e| back.iter().all(|t| t.id != e.signal_id));
    let because = "nothing that it told still stands".to_owned();
    old.note(&change(back, cause, Transition::Retracted, because));
    let time = old.alert.updated_at;
    state.episodes.push(old);
    let index = state.episodes.len() - 1;
    emit(state, policy, index, out);
    state.episodes.pop();
    super::fold::tell_others(state, policy, index, time, out);
}
