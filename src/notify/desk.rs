//! What is worth telling whom: pure, by receipts, silences and notify's own clock.
//!
//! Driven so: [`Desk::restore`] and [`Desk::control`] with all that was kept, [`Desk::observe`] with the newest
//! revisions, [`Desk::begin`] once; then [`Desk::round`] gives deliveries and [`Desk::done`] hears what became of each.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use super::delivery::{Decision, Delivery, Digest, Quiet, Told};
use super::receipt::{Begun, Kept, Receipt};
use super::route::{Manner, Route};
use crate::alert::{Alert, Control, Reason, Severity, Silence, Transition};
use crate::article::{MINUTE, SECOND, Time};
use crate::config::{Notify, Paging};
use crate::signal::Dyad;

/// At most one page a dyad in so long, unless critical.
const PAGE_EVERY: i64 = 30 * MINUTE;
/// Openings of the same act within so long are one message.
const SAME_ACT: i64 = 10 * MINUTE;
/// Deliveries of one sink under way at a time: what a slow sink may hold in memory.
const UNDER_WAY_MAX: usize = 64;

/// Where an alert was found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Seen {
    /// On the topic when the daemon started.
    AtStart,
    Live,
}

/// One sink as the desk sees it.
struct Counter {
    route: Route,
    receipts: BTreeMap<String, Receipt>,
    /// When people were woken last, by pair.
    woken: BTreeMap<Dyad, Time>,
    /// Opening of an act: when, and the episode that was told.
    acts: BTreeMap<String, (Time, String)>,
    /// Episodes that share a reference.
    shared: BTreeMap<String, BTreeSet<String>>,
    /// Episodes to decide about.
    due: BTreeSet<String>,
    under_way: BTreeSet<String>,
    refused: BTreeMap<String, u32>,
    /// Deliveries of the last minute.
    sent: VecDeque<Time>,
    gathered_at: Option<Time>,
    begun: Option<Time>,
    /// Not tried before then.
    rests_until: Option<Time>,
}

/// Receipts and the rules of telling.
pub struct Desk {
    counters: BTreeMap<String, Counter>,
    episodes: BTreeMap<String, Arc<Alert>>,
    at_start: BTreeSet<String>,
    silences: BTreeMap<String, Silence>,
    max_age: i64,
    warmup: i64,
    pages: bool,
    started: Time,
    is_first_start: bool,
}

impl Desk {
    pub fn new(settings: &Notify, started: Time) -> Desk {
        let millis = |seconds: u64| i64::try_from(seconds).unwrap_or(0).saturating_mul(SECOND);
        let counter = |sink: &crate::config::Sink| (sink.name().to_owned(), Counter::new(Route::of(sink)));
        Desk {
            counters: settings.sinks.iter().map(counter).collect(),
            episodes: BTreeMap::new(),
            at_start: BTreeSet::new(),
            silences: BTreeMap::new(),
            max_age: millis(settings.max_age),
            warmup: millis(settings.warmup),
            pages: settings.paging == Paging::Notify,
            started,
            is_first_start: true,
        }
    }

    /// A record of the notifications topic.
    pub fn restore(&mut self, kept: Kept) {
        self.is_first_start = false;
        match kept {
            Kept::Receipt(receipt) => {
                if let Some(counter) = self.counters.get_mut(&receipt.sink) {
                    counter.begun.get_or_insert(receipt.at);
                    counter.keep(receipt);
                }
            }
            Kept::Begun(begun) => {
                if let Some(counter) = self.counters.get_mut(&begun.sink) {
                    counter.begun = Some(begun.begun);
                }
            }
        }
    }

    /// A record of the control topic; `None` takes it back.
    pub fn control(&mut self, key: &str, record: Option<Control>) {
        match record {
            Some(Control::Silence(silence)) => drop(self.silences.insert(key.to_owned(), silence)),
            Some(Control::Verdict(_)) => {}
            None => drop(self.silences.remove(key)),
        }
    }

    /// Marks sinks that are new; what it gives is kept on the topic.
    pub fn begin(&mut self, now: Time) -> Vec<Kept> {
        let fresh = self.counters.iter().filter(|(_, counter)| counter.begun.is_none());
        fresh
            .map(|(name, _)| Kept::Begun(Begun { schema: Receipt::SCHEMA, sink: name.clone(), begun: now }))
            .collect()
    }

    /// The newest revision of an episode.
    pub fn observe(&mut self, alert: Alert, seen: Seen) {
        let id = alert.episode_id.clone();
        if seen == Seen::AtStart {
            self.at_start.insert(id.clone());
        }
        for counter in self.counters.values_mut() {
            counter.due.insert(id.clone());
        }
        self.episodes.insert(id, Arc::new(alert));
    }

    /// The alert is gone from its topic: the keys of receipts to take back.
    pub fn forget(&mut self, episode: &str) -> Vec<String> {
        self.episodes.remove(episode);
        let counters = self.counters.values_mut();
        counters.filter_map(|c| c.receipts.remove(episode)).map(|receipt| receipt.key()).collect()
    }

    pub fn receipt(&self, sink: &str, episode: &str) -> Option<&Receipt> {
        self.counters.get(sink)?.receipts.get(episode)
    }

    /// Open alerts that `sink` knows, with whether they page: what must be repeated to Alertmanager.
    pub fn told_open(&self, sink: &str) -> Vec<(Arc<Alert>, bool)> {
        let Some(counter) = self.counters.get(sink) else { return Vec::new() };
        let open = counter.receipts.iter().filter(|(_, receipt)| !receipt.is_closed);
        open.filter_map(|(id, receipt)| {
            let alert = self.episodes.get(id).filter(|alert| alert.is_open())?;
            // Its labels are those that were told: another set would be another alert.
            let mut alert = Alert::clone(alert);
            alert.severity = receipt.severity;
            Some((Arc::new(alert), receipt.page))
        })
        .collect()
    }

    /// What is to be sent now.
    pub fn round(&mut self, now: Time) -> Vec<Delivery> {
        let mut out = Vec::new();
        let names: Vec<String> = self.counters.keys().cloned().collect();
        for name in names {
            self.round_of(&name, now, &mut out);
        }
        let counters = &self.counters;
        let is_idle =
            |id: &String| counters.values().all(|c| !c.due.contains(id) && !c.under_way.contains(id));
        self.episodes.retain(|id, alert| alert.is_open() || !is_idle(id));
        self.at_start.retain(|id| counters.values().any(|c| c.due.contains(id) || c.under_way.contains(id)));
        out
    }

    fn round_of(&mut self, name: &str, now: Time, out: &mut Vec<Delivery>) {
        let Some(counter) = self.counters.get_mut(name) else { return };
        while counter.sent.front().is_some_and(|at| now.since(*at) >= MINUTE) {
            counter.sent.pop_front();
        }
        if counter.rests_until.is_some_and(|until| now < until) {
            return;
        }
        counter.acts.retain(|_, (at, _)| now.since(*at) < SAME_ACT);
        let due: Vec<String> = counter.due.iter().cloned().collect();
        let mut digests = BTreeMap::<Digest, Vec<(Arc<Alert>, Told)>>::new();
        for id in due {
            let Some(counter) = self.counters.get(name) else { return };
            if counter.under_way.len() >= UNDER_WAY_MAX {
                break;
            }
            let Some(alert) = self.episodes.get(&id).filter(|_| !counter.under_way.contains(&id)) else {
                continue;
            };
            let alert = alert.clone();
            let decision = self.decide(name, &alert, now);
            let before = self.receipt(name, &id).cloned();
            let Some(counter) = self.counters.get_mut(name) else { return };
            match decision {
                Decision::Keep(_) => drop(counter.due.remove(&id)),
                Decision::Wait(_) => {}
                Decision::Gather(digest, told) => digests.entry(digest).or_default().push((alert, told)),
                Decision::Send(told) => {
                    counter.take(&alert, &told, now);
                    let each = Vec::new();
                    let alerts = vec![alert];
                    out.push(Delivery { sink: name.into(), told, alerts, each, before, digest: None });
                }
            }
        }
        for (digest, items) in digests {
            out.extend(self.gather(name, digest, items, now));
        }
    }

    fn gather(
        &mut self,
        name: &str,
        digest: Digest,
        mut items: Vec<(Arc<Alert>, Told)>,
        now: Time,
    ) -> Option<Delivery> {
        let counter = self.counters.get_mut(name)?;
        let is_early = match digest {
            Digest::Warmup => now.since(self.started) < self.warmup,
            Digest::RateLimit => counter.gathered_at.is_some_and(|at| now.since(at) < MINUTE),
            Digest::Old | Digest::NewSink | Digest::Missed => false,
        };
        if is_early {
            return None;
        }
        counter.gathered_at = Some(now);
        items.sort_by(|a, b| (b.0.severity, &a.0.episode_id).cmp(&(a.0.severity, &b.0.episode_id)));
        let mut told = Told { is_late: true, ..Told::default() };
        for (alert, each) in &items {
            counter.take(alert, each, now);
            told.page |= each.page;
            told.wakes |= each.wakes;
        }
        let (alerts, each) = items.into_iter().unzip();
        Some(Delivery { sink: name.into(), told, alerts, each, before: None, digest: Some(digest) })
    }

    /// Whether and how `sink` hears of this revision.
    pub fn decide(&self, sink: &str, alert: &Alert, now: Time) -> Decision {
        let Some(counter) = self.counters.get(sink) else { return Decision::Keep(Quiet::Routed) };
        let before = counter.receipts.get(&alert.episode_id);
        if before.is_some_and(|b| b.revision >= alert.revision) {
            return Decision::Keep(Quiet::Known);
        }
        if counter.refused.get(&alert.episode_id) == Some(&alert.revision) {
            return Decision::Keep(Quiet::Refused);
        }
        if !alert.is_open() {
            return counter.close(alert, before);
        }
        let is_told = before.is_some_and(|b| !b.is_closed);
        if let Some(quiet) = self.outside(counter, alert, is_told, now) {
            return quiet;
        }
        match before {
            None => self.open(counter, alert, now),
            Some(before) => self.update(counter, alert, before, now),
        }
    }

    /// Routes, silences and what is never told to people.
    fn outside(&self, counter: &Counter, alert: &Alert, is_told: bool, now: Time) -> Option<Decision> {
        let route = &counter.route;
        if !is_told && !route.takes(alert) {
            return Some(Decision::Keep(Quiet::Routed));
        }
        if !is_told && route.manner.is_people() && alert.severity < Severity::Medium {
            return Some(Decision::Keep(Quiet::TooLow));
        }
        if route.manner != Manner::Log && self.silences.values().any(|s| s.mutes(alert, now)) {
            return Some(Decision::Wait(Quiet::Silenced));
        }
        if alert.severity < Severity::Critical && !route.is_awake(now) {
            return Some(Decision::Wait(Quiet::Hours));
        }
        None
    }

    fn open(&self, counter: &Counter, alert: &Alert, now: Time) -> Decision {
        let is_old = self.max_age > 0 && now.since(alert.last_act_at) > self.max_age;
        let was_there = self.at_start.contains(&alert.episode_id);
        let is_new_sink = counter.begun.is_none() && (was_there || alert.last_act_at < self.started);
        let digest = match (is_old, is_new_sink, was_there && counter.begun.is_some()) {
            (true, ..) => Some(Digest::Old),
            (_, true, _) if self.is_first_start => {
                (now.since(self.started) < self.warmup || was_there).then_some(Digest::Warmup)
            }
            (_, true, _) => was_there.then_some(Digest::NewSink),
            (_, _, true) => Some(Digest::Missed),
            _ => None,
        };
        let is_late = digest.is_some_and(|d| d != Digest::Missed);
        if counter.waits_for_first(alert) {
            return Decision::Wait(Quiet::SameAct);
        }
        let joins = counter.same_act(alert, now);
        let wakes = !is_late && joins.is_none() && self.wakes(counter, alert, None, now);
        let told = Told { page: wakes, wakes, is_late, joins, ..Told::default() };
        self.manner(counter, alert, told, digest.filter(|_| counter.route.manner.is_people()), now)
    }

    fn update(&self, counter: &Counter, alert: &Alert, before: &Receipt, now: Time) -> Decision {
        let is_raised = alert.severity > before.severity;
        if !alert.is_material() && !is_raised && !before.is_closed {
            return Decision::Keep(Quiet::NotMaterial);
        }
        let is_old = self.max_age > 0 && now.since(alert.last_act_at) > self.max_age;
        let wakes = is_raised && !is_old && self.wakes(counter, alert, Some(before), now);
        let page = wakes || before.page && !before.is_closed;
        let told = Told { page, wakes, is_late: is_old, ..Told::default() };
        if before.is_closed && is_old {
            return Decision::Keep(Quiet::Over);
        }
        self.manner(counter, alert, told, None, now)
    }

    /// What the sink's manner and its limit make of it.
    fn manner(
        &self,
        counter: &Counter,
        alert: &Alert,
        told: Told,
        digest: Option<Digest>,
        now: Time,
    ) -> Decision {
        let route = &counter.route;
        let known = counter.receipts.get(&alert.episode_id).filter(|r| !r.is_closed);
        let has_incident = known.is_some_and(|r| r.reference.is_some());
        if route.manner == Manner::Pager && !told.page && !has_incident && told.joins.is_none() {
            // A page that rests is told without waking; all else is no pager's business.
            let rests = self.pages
                && alert.severity >= Severity::High
                && counter.rests(alert.dyad, now)
                && !matches!(alert.reason, Reason::Reopened | Reason::Merged);
            if !rests && digest.is_none() {
                return Decision::Keep(Quiet::NoPage);
            }
        }
        if let Some(digest) = digest {
            return Decision::Gather(digest, told);
        }
        let is_urgent = told.wakes && alert.severity == Severity::Critical;
        if counter.is_full() && !is_urgent {
            return match route.manner.is_people() {
                true => Decision::Gather(Digest::RateLimit, told),
                false => Decision::Wait(Quiet::RateLimited),
            };
        }
        Decision::Send(told)
    }

    /// Opens at or escalates to high, critical always; one a dyad in half an hour unless critical.
    fn wakes(&self, counter: &Counter, alert: &Alert, before: Option<&Receipt>, now: Time) -> bool {
        let is_reopened = matches!(alert.reason, Reason::Reopened | Reason::Merged);
        let is_grave = alert.severity >= Severity::High && before.is_none_or(|b| b.severity < alert.severity);
        let may = alert.severity == Severity::Critical || !counter.rests(alert.dyad, now);
        self.pages && is_grave && !is_reopened && may
    }

    /// The sink took it: receipts to keep. `reference` is the provider's own name of it.
    pub fn delivered(&mut self, delivery: &Delivery, reference: Option<String>, now: Time) -> Vec<Receipt> {
        let Some(counter) = self.counters.get_mut(&delivery.sink) else { return Vec::new() };
        counter.rests_until = None;
        let mut kept = Vec::new();
        for (at, alert) in delivery.alerts.iter().enumerate() {
            let told = delivery.each.get(at).unwrap_or(&delivery.told);
            let receipt = counter.receipt_of(delivery, alert, told, reference.clone(), now);
            counter.under_way.remove(&alert.episode_id);
            // A newer revision may have come meanwhile.
            counter.due.insert(alert.episode_id.clone());
            counter.keep(receipt.clone());
            kept.push(receipt.clone());
            if let Some(next) = counter.moved(alert, &receipt) {
                counter.due.insert(next.episode_id.clone());
                counter.keep(next.clone());
                kept.push(next);
            }
        }
        kept
    }

    /// The sink did not take it: again after `rest` (`None`: this revision never).
    pub fn failed(&mut self, delivery: &Delivery, rest: Option<i64>, now: Time) {
        let Some(counter) = self.counters.get_mut(&delivery.sink) else { return };
        for alert in &delivery.alerts {
            counter.under_way.remove(&alert.episode_id);
            counter.due.insert(alert.episode_id.clone());
            if counter.acts.get(&alert.act).is_some_and(|(_, first)| *first == alert.episode_id) {
                counter.acts.remove(&alert.act);
            }
            if counter.woken.get(&alert.dyad).is_some_and(|_| delivery.told.wakes) {
                counter.woken.remove(&alert.dyad);
            }
            if rest.is_none() {
                counter.refused.insert(alert.episode_id.clone(), alert.revision);
            }
        }
        if let Some(rest) = rest {
            counter.rests_until = Some(now.plus(rest));
        }
    }

    /// Deliveries that a sink still owes: decided about and not done.
    pub fn owed(&self, sink: &str) -> usize {
        self.counters.get(sink).map_or(0, |c| c.due.len() + c.under_way.len())
    }
}

impl Counter {
    fn new(route: Route) -> Counter {
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

    fn rests(&self, dyad: Dyad, now: Time) -> bool {
        self.woken.get(&dyad).is_some_and(|at| now.since(*at) < PAGE_EVERY)
    }

    fn is_full(&self) -> bool {
        let limit = self.route.per_minute as usize;
        limit > 0 && self.sent.len() >= limit
    }

    /// It goes out now.
    fn take(&mut self, alert: &Alert, told: &Told, now: Time) {
        self.due.remove(&alert.episode_id);
        self.under_way.insert(alert.episode_id.clone());
        if self.route.per_minute > 0 {
            self.sent.push_back(now);
        }
        if told.wakes {
            self.woken.insert(alert.dyad, now);
        }
        if !told.is_closed && !self.receipts.contains_key(&alert.episode_id) {
            self.acts.entry(alert.act.clone()).or_insert((now, alert.episode_id.clone()));
        }
    }

    fn close(&self, alert: &Alert, before: Option<&Receipt>) -> Decision {
        let Some(before) = before else { return Decision::Keep(Quiet::NeverTold) };
        if before.is_closed {
            return Decision::Keep(Quiet::Over);
        }
        if self.is_full() {
            return Decision::Wait(Quiet::RateLimited);
        }
        let others = before.reference.as_ref().and_then(|r| self.shared.get(r));
        let is_open = |id: &String| self.receipts.get(id).is_some_and(|r| !r.is_closed);
        let shared = others.is_some_and(|all| all.iter().any(|id| *id != alert.episode_id && is_open(id)));
        let is_moved = self.heir(alert).is_some();
        Decision::Send(Told { is_closed: true, is_shared: shared || is_moved, ..Told::default() })
    }

    /// The episode that a merged one lives on in, where its incident must move there.
    fn heir<'a>(&self, alert: &'a Alert) -> Option<&'a String> {
        let next = alert.continues.as_ref().filter(|_| alert.reason == Reason::Merged)?;
        self.receipts.get(next).is_none_or(|r| r.is_closed).then_some(next)
    }

    /// The heir's receipt: it takes over the incident and pages nobody.
    fn moved(&self, alert: &Alert, closed: &Receipt) -> Option<Receipt> {
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

    /// The episode told within ten minutes that opened with the same act.
    fn same_act(&self, alert: &Alert, now: Time) -> Option<String> {
        let (at, first) = self.acts.get(&alert.act)?;
        let fits = *first != alert.episode_id && now.since(*at) < SAME_ACT;
        let reference = self.receipts.get(first).and_then(|r| r.reference.clone());
        fits.then(|| reference.unwrap_or_else(|| first.clone()))
    }

    /// The first message of the same act is under way: what joins it must know its name.
    fn waits_for_first(&self, alert: &Alert) -> bool {
        let first = self.acts.get(&alert.act).map(|(_, first)| first);
        first.is_some_and(|first| *first != alert.episode_id && self.under_way.contains(first))
    }

    fn keep(&mut self, receipt: Receipt) {
        if let Some(at) = receipt.woke_at {
            let last = self.woken.entry(receipt.dyad).or_insert(at);
            *last = (*last).max(at);
        }
        if let Some(opened) = receipt.opened_at.filter(|_| !receipt.act.is_empty()) {
            self.acts.entry(receipt.act.clone()).or_insert((opened, receipt.episode_id.clone()));
        }
        if let Some(reference) = &receipt.reference {
            self.shared.entry(reference.clone()).or_default().insert(receipt.episode_id.clone());
        }
        self.receipts.insert(receipt.episode_id.clone(), receipt);
    }

    fn receipt_of(
        &self,
        delivery: &Delivery,
        alert: &Alert,
        told: &Told,
        reference: Option<String>,
        now: Time,
    ) -> Receipt {
        let before = self.receipts.get(&alert.episode_id);
        Receipt {
            schema: Receipt::SCHEMA,
            sink: delivery.sink.clone(),
            episode_id: alert.episode_id.clone(),
            revision: alert.revision,
            transition: alert.transition,
            severity: alert.severity,
            page: told.page,
            dyad: alert.dyad,
            at: now,
            is_closed: told.is_closed,
            woke_at: if told.wakes { Some(now) } else { before.and_then(|b| b.woke_at) },
            reference: reference.or_else(|| before.and_then(|b| b.reference.clone())),
            is_second: told.page && alert.severity == Severity::Critical
                || before.is_some_and(|b| b.is_second),
            act: alert.act.clone(),
            opened_at: before.map_or(Some(now), |b| b.opened_at),
            is_digest: delivery.digest.is_some(),
        }
    }
}
