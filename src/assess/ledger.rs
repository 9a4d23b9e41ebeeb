//! The reports of a dyad that can still be taken back, and the state before the first of them.
//!
//! A retraction folds the rest anew on that state: what is left equals what would be if it had never been told.

use std::collections::VecDeque;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::fold;
use super::outbox::Outbox;
use super::policy::Policy;
use super::state::DyadState;
use super::telling::Telling;
use crate::article::{DAY, Time};
use crate::signal::Signal;

/// What was received longer ago is not taken back.
pub const RETRACTABLE: i64 = 7 * DAY;
/// More reports than this a dyad cannot be taken back, oldest first.
const TELLINGS_MAX: usize = 256;

/// Reports in the order in which they were folded; shared, since a transaction keeps what was before it.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Ledger {
    #[serde(default, skip_serializing_if = "VecDeque::is_empty")]
    pub list: VecDeque<Arc<Telling>>,
    /// The dyad before the first of them; absent where it was nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    base: Option<Arc<DyadState>>,
    /// Reports that fell out because there were too many.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub beyond: u64,
}

fn is_zero(n: &u64) -> bool {
    *n == 0
}

impl Ledger {
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// It holds reports, and none that can still be taken back.
    pub fn is_over(&self, now: Time) -> bool {
        self.list.back().is_some_and(|last| now.since(last.received) > RETRACTABLE)
    }

    pub fn tells_of(&self, article_id: &str) -> bool {
        self.list.iter().any(|t| t.article_id == article_id)
    }
}

/// Takes in a signal at the dyad's clock `now` (`None`: timers rest).
pub fn take(state: &mut DyadState, policy: &Policy, signal: &Signal, now: Option<Time>, out: &mut Outbox) {
    let mut telling = Telling::of(signal, state.dyad);
    telling.now = now;
    for known in &state.ledger.list {
        if known.id == telling.id {
            // Delivered again: at-least-once brokers do.
            return;
        }
        if telling.copies(known) {
            telling.is_copy = true;
            telling.is_denied |= known.is_denied;
        }
    }
    let older = state.ledger.list.iter_mut().find(|known| {
        known.article_id == telling.article_id
            && known.version < telling.version
            && known.act() == telling.act()
    });
    if let Some(older) = older {
        // A new version of the article still tells it: only its words are others.
        let older = Arc::make_mut(older);
        let gone = std::mem::replace(&mut older.id, telling.id.clone());
        older.version = telling.version;
        fold::reword(state, policy, &gone, signal, out);
        return;
    }
    state.schema = DyadState::SCHEMA;
    fold(state, policy, &telling, Some(signal), out);
    let newest = telling.received;
    state.ledger.list.push_back(Arc::new(telling));
    settle(state, policy, newest);
}

/// Clock, timers, then the report itself.
fn fold(
    state: &mut DyadState,
    policy: &Policy,
    telling: &Telling,
    signal: Option<&Signal>,
    out: &mut Outbox,
) {
    state.clock.now = state.clock.now.max(telling.now.unwrap_or(telling.time));
    if let Some(now) = telling.now {
        fold::fire(state, policy, now, out);
    }
    if !telling.is_denied {
        fold::tell(state, policy, telling, signal, out);
    }
    if let Some(now) = telling.now {
        // A late act whose new end has passed too resolves at once.
        fold::fire(state, policy, now, out);
    }
    // Here and not when a transaction ends: where transactions end must change nothing.
    state.prune(policy);
}

/// Reports that can no longer be taken back become part of the base.
pub fn settle(state: &mut DyadState, policy: &Policy, newest: Time) {
    let is_old = |telling: &Arc<Telling>| newest.since(telling.received) > RETRACTABLE;
    if state.ledger.list.iter().all(is_old) {
        state.ledger.list.clear();
        state.ledger.base = None;
        return;
    }
    while state.ledger.list.len() > TELLINGS_MAX || state.ledger.list.front().is_some_and(is_old) {
        let Some(oldest) = state.ledger.list.pop_front() else { return };
        state.ledger.beyond += u64::from(!is_old(&oldest));
        let dyad = state.dyad;
        let base = state.ledger.base.get_or_insert_with(|| Arc::new(DyadState::new(dyad)));
        fold(Arc::make_mut(base), policy, &oldest, None, &mut Outbox::muted());
    }
}

/// The dyad as if only what the ledger still holds, and what went before it, had been told.
pub fn anew(state: &mut DyadState, policy: &Policy) -> DyadState {
    let dyad = state.dyad;
    let mut fresh = state.ledger.base.as_deref().cloned().unwrap_or_else(|| DyadState::new(dyad));
    recopy(&mut state.ledger.list);
    for telling in &state.ledger.list {
        fold(&mut fresh, policy, telling, None, &mut Outbox::muted());
    }
    fresh
}

/// A copy whose model is gone is the report that counts now.
fn recopy(list: &mut VecDeque<Arc<Telling>>) {
    for index in 0..list.len() {
        if !list[index].is_copy {
            continue;
        }
        let models: Vec<bool> =
            list.iter().take(index).filter(|t| list[index].copies(t)).map(|t| t.is_denied).collect();
        // Without any model in sight it copies something older than the ledger.
        let is_copy = models.is_empty() || models.contains(&false);
        Arc::make_mut(&mut list[index]).is_copy = is_copy;
    }
}
