//! One sink as the desk sees it: what it was told, what it is owed, from what it rests.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::delivery::{Decision, Delivery, Digest, Quiet, Told};
use super::receipt::{Begun, Receipt};
use super::route::{Manner, Route};
use crate::alert::{Alert, Reason, Severity, Transition};
use crate::article::{MINUTE, Time};
use crate::signal::Dyad;

/// At most one page a dyad in so long, unless critical.
const PAGE_EVERY: i64 = 30 * MINUTE;
/// Openings of the same act within so long are one message.
const SAME_ACT: i64 = 10 * MINUTE;

/// The first opening of an act.
struct First {
    at: Time,
    episode: String,
    /// Whom it woke, it woke for this.
    woke: Option<Severity>,
}

/// The episodes of one message or incident: a digest may have thousands.
#[derive(Default)]
struct Sharing {
    all: BTreeSet<String>,
    open: BTreeSet<String>,
    /// One of them used the second key.
    is_second: bool,
}

/// One sink.
pub(super) struct Counter {
    pub route: Route,
    pub receipts: BTreeMap<String, Receipt>,
    /// When people were woken last, by pair.
    woken: BTreeMap<Dyad, Time>,
    acts: BTreeMap<String, First>,
    /// By reference.
    shared: BTreeMap<String, Sharing>,
    /// Episodes to decide about.
    pub due: BTreeSet<String>,
    pub under_way: BTreeSet<String>,
    pub refused: BTreeMap<String, u32>,
    /// Deliveries of the last minute.
    sent: VecDeque<Time>,
    pub gathered_at: Option<Time>,
    pub begun: Option<Begun>,
    /// Not tried before then.
    pub rests_until: Option<Time>,
}

impl Counter {
    pub fn new(route: Route) -> Counter {
        Counter {
            route,
            receipts: BTreeMap::new(),
            woken: BTreeMap::new(),
            acts: BTreeMap::new(),
            shared: BTreeMap::new(),
            due: BTreeSet::new(),
            under_way: BTreeSet::new(),
            refused: BTreeMap::new(),
            sent: VecDeque::new(),
            gathered_at: None,
            begun: None,
            rests_until: None,
        }
    }

    /// A round begins: what is past counts no more.
    pub fn pass(&mut self, now: Time) {
        while self.sent.front().is_some_and(|at| now.since(*at) >= MINUTE) {
            self.sent.pop_front();
        }
        self.acts.retain(|_, first| now.since(first.at) < SAME_ACT);
    }

    /// The pair was paged about a short while ago.
    pub fn rests(&self, dyad: Dyad, now: Time) -> bool {
        self.woken.get(&dyad).is_some_and(|at| now.since(*at) < PAGE_EVERY)
    }

    pub fn is_full(&self) -> bool {
        let limit = self.route.per_minute as usize;
        limit > 0 && self.sent.len() >= limit
    }

    /// What it was told of an episode that it holds for open.
    pub fn open(&self, episode: &str) -> Option<&Receipt> {
        self.receipts.get(episode).filter(|receipt| !receipt.is_closed)
    }

    /// It goes out now.
    pub fn take(&mut self, alert: &Alert, told: &Told, now: Time) {
        self.due.remove(&alert.episode_id);
        self.under_way.insert(alert.episode_id.clone());
        // A pager is sent nothing where others keep the incident open.
        let is_silent = self.route.manner == Manner::Pager && told.is_closed && told.is_shared;
        if self.route.per_minute > 0 && !is_silent {
            self.sent.push_back(now);
        }
        if told.wakes {
            self.woken.insert(alert.dyad, now);
        }
        if told.is_closed {
            // The next of its sharers to end must know that this one has.
            self.hold(&alert.episode_id, false);
        }
        let is_opening = !told.is_closed && !self.receipts.contains_key(&alert.episode_id);
        if is_opening && !alert.act.is_empty() {
            let woke = told.wakes.then_some(alert.severity);
            let first = First { at: now, episode: alert.episode_id.clone(), woke };
            self.acts.entry(alert.act.clone()).or_insert(first);
        }
    }

    /// It did not go out after all.
    pub fn put_back(&mut self, alert: &Alert, woke: bool) {
        self.under_way.remove(&alert.episode_id);
        self.due.insert(alert.episode_id.clone());
        self.hold(&alert.episode_id, self.open(&alert.episode_id).is_some());
        if self.acts.get(&alert.act).is_some_and(|first| first.episode == alert.episode_id) {
            self.acts.remove(&alert.act);
        }
        if woke {
            let of_dyad = self.receipts.values().filter(|r| r.dyad == alert.dyad);
            match of_dyad.filter_map(|r| r.woke_at).max() {
                Some(at) => drop(self.woken.insert(alert.dyad, at)),
                None => drop(self.woken.remove(&alert.dyad)),
            }
        }
    }

    /// How the end of an episode is told.
    pub fn close(&self, alert: &Alert, before: Option<&Receipt>) -> Decision {
        let Some(before) = before else { return Decision::Keep(Quiet::NeverTold) };
        if before.is_closed {
            return Decision::Keep(Quiet::Over);
        }
        let sharing = before.reference.as_ref().and_then(|r| self.shared.get(r));
        let others = sharing.map_or(0, |s| s.open.len() - usize::from(s.open.contains(&alert.episode_id)));
        let told = Told {
            page: before.page,
            is_closed: true,
            is_shared: others > 0 || self.heir(alert).is_some(),
            is_second: before.is_second || sharing.is_some_and(|s| s.is_second),
            ..Told::default()
        };
        let manner = self.route.manner;
        if manner == Manner::Pager && told.is_shared {
            return Decision::Send(told);
        }
        // An incident is ended by itself; a message only where it is not one of a digest.
        let has_own = before.reference.is_some() && (manner == Manner::Pager || !before.is_digest);
        if manner.is_people() && !has_own && (before.is_digest || self.is_full()) {
            return Decision::Gather(Digest::Over, told);
        }
        if self.is_full() {
            return Decision::Wait(Quiet::RateLimited);
        }
        Decision::Send(told)
    }

    /// The episode that a merged one lives on in, where its incident must move there.
    fn heir<'a>(&self, alert: &'a Alert) -> Option<&'a String> {
        let next = alert.continues.as_ref().filter(|_| alert.reason == Reason::Merged)?;
        self.open(next).is_none().then_some(next)
    }

    /// The heir's receipt: it takes over the incident and pages nobody.
    pub fn moved(&self, alert: &Alert, closed: &Receipt) -> Option<Receipt> {
        let next = self.heir(alert)?;
        let revision = self.receipts.get(next).map_or(0, |r| r.revision.saturating_sub(1));
        Some(Receipt {
            episode_id: next.clone(),
            revision,
            is_closed: false,
            transition: Transition::Updated,
            ..closed.clone()
        })
    }

    /// The name of the message about the same act within ten minutes, and what it woke people for.
    pub fn same_act(&self, alert: &Alert, now: Time) -> Option<(String, Option<Severity>)> {
        let first = self.acts.get(&alert.act)?;
        let fits = first.episode != alert.episode_id && now.since(first.at) < SAME_ACT;
        let reference = self.receipts.get(&first.episode).and_then(|r| r.reference.clone());
        fits.then(|| (reference.unwrap_or_else(|| first.episode.clone()), first.woke))
    }

    /// The first message of the same act is under way: what joins it must know its name.
    pub fn waits_for_first(&self, alert: &Alert) -> bool {
        let first = self.acts.get(&alert.act).map(|first| &first.episode);
        first.is_some_and(|first| *first != alert.episode_id && self.under_way.contains(first))
    }

    /// One of `merged` is about to hand its incident on.
    pub fn waits_for_move(&self, merged: &BTreeSet<String>) -> bool {
        let is_owed = |id: &String| self.due.contains(id) || self.under_way.contains(id);
        merged.iter().any(|id| is_owed(id) && self.open(id).is_some())
    }

    /// Learns of a receipt, new or restored.
    pub fn keep(&mut self, receipt: Receipt) {
        if let Some(at) = receipt.woke_at {
            let last = self.woken.entry(receipt.dyad).or_insert(at);
            *last = (*last).max(at);
        }
        if let Some(opened) = receipt.opened_at.filter(|_| !receipt.act.is_empty()) {
            let woke = receipt.woke_at.map(|_| receipt.severity);
            let first = First { at: opened, episode: receipt.episode_id.clone(), woke };
            self.acts.entry(receipt.act.clone()).or_insert(first);
        }
        self.leave(&receipt.episode_id);
        if let Some(reference) = &receipt.reference {
            let sharing = self.shared.entry(reference.clone()).or_default();
            sharing.all.insert(receipt.episode_id.clone());
            sharing.is_second |= receipt.is_second;
            if !receipt.is_closed {
                sharing.open.insert(receipt.episode_id.clone());
            }
        }
        self.receipts.insert(receipt.episode_id.clone(), receipt);
    }

    /// Counts the episode among the open ones of its incident, or not.
    fn hold(&mut self, episode: &str, is_open: bool) {
        let Some(reference) = self.receipts.get(episode).and_then(|r| r.reference.as_ref()) else { return };
        let Some(sharing) = self.shared.get_mut(reference) else { return };
        if is_open {
            sharing.open.insert(episode.to_owned());
        } else {
            sharing.open.remove(episode);
        }
    }

    /// Its reference is no longer shared by this episode.
    fn leave(&mut self, episode: &str) {
        let Some(reference) = self.receipts.get(episode).and_then(|r| r.reference.as_ref()) else { return };
        let Some(sharing) = self.shared.get_mut(reference) else { return };
        sharing.all.remove(episode);
        sharing.open.remove(episode);
        if sharing.all.is_empty() {
            self.shared.remove(reference);
        }
    }

    /// Forgets an episode: the key of its receipt.
    pub fn forget(&mut self, episode: &str) -> Option<String> {
        self.leave(episode);
        self.refused.remove(episode);
        let receipt = self.receipts.remove(episode)?;
        Some(receipt.key())
    }

    /// The receipt of a delivery that was taken. `reference` is the provider's own name of it.
    pub fn receipt_of(
        &self,
        delivery: &Delivery,
        (alert, told): (&Alert, &Told),
        reference: Option<String>,
        now: Time,
    ) -> Receipt {
        let before = self.receipts.get(&alert.episode_id);
        let open = before.filter(|b| !b.is_closed);
        // A digest does not take away the message or incident that an episode has of its own.
        let own = open.and_then(|b| b.reference.clone()).filter(|_| delivery.digest.is_some());
        let has_own = own.is_some();
        let had_incident = open.is_some_and(|b| b.reference.is_some()) || told.joins.is_some();
        let is_second = told.wakes && alert.severity == Severity::Critical && had_incident;
        let highest = open.map_or(alert.severity, |b| b.label().max(alert.severity));
        Receipt {
            schema: Receipt::SCHEMA,
            sink: delivery.sink.clone(),
            episode_id: alert.episode_id.clone(),
            revision: alert.revision,
            transition: alert.transition,
            severity: alert.severity,
            highest: (highest != alert.severity).then_some(highest),
            page: told.page,
            dyad: alert.dyad,
            at: now,
            is_closed: told.is_closed,
            woke_at: if told.wakes { Some(now) } else { before.and_then(|b| b.woke_at) },
            reference: own.or(reference).or_else(|| before.and_then(|b| b.reference.clone())),
            is_second: is_second || open.is_some_and(|b| b.is_second),
            act: alert.act.clone(),
            opened_at: before.map_or(Some(now), |b| b.opened_at),
            is_digest: delivery.digest.is_some() && (!has_own || open.is_some_and(|b| b.is_digest)),
        }
    }
}
