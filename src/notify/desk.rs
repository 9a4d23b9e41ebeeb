//! What is worth telling whom: pure, by receipts, silences and notify's own clock.
//!
//! Driven so: [`Desk::restore`] and [`Desk::control`] with all that was kept, [`Desk::observe`] with the newest
//! revisions, [`Desk::begin`] once; then [`Desk::round`] gives deliveries and [`Desk::done`] hears what became of each.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::counter::Counter;
use super::delivery::{Decision, Delivery, Digest, Told};
use super::receipt::{Begun, Kept, Receipt};
use super::route::Route;
use crate::alert::{Alert, Control, Reason, Silence};
use crate::article::{MINUTE, SECOND, Time};
use crate::config::{Notify, Paging};

/// At least so long between two digests of one kind to one sink.
const GATHER: i64 = MINUTE;
/// Deliveries of one sink under way at a time: what a slow sink may hold in memory.
const UNDER_WAY_MAX: usize = 64;

/// Where an alert was found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Seen {
    /// On the topic when the daemon started.
    AtStart,
    Live,
}

/// Receipts and the rules of telling.
pub struct Desk {
    pub(super) counters: BTreeMap<String, Counter>,
    episodes: BTreeMap<String, Arc<Alert>>,
    pub(super) at_start: BTreeSet<String>,
    /// Episodes that were merged into one, by that one.
    pub(super) heirs: BTreeMap<String, BTreeSet<String>>,
    pub(super) silences: BTreeMap<String, Silence>,
    pub(super) max_age: i64,
    pub(super) warmup: i64,
    pub(super) pages: bool,
    started: Time,
    is_first_start: bool,
}

/// An alert that a sink holds for open, with the label set that it was told under.
#[derive(Clone, Debug)]
pub struct Open {
    pub alert: Arc<Alert>,
    pub receipt: Receipt,
}

impl Desk {
    pub fn new(settings: &Notify, started: Time) -> Desk {
        let millis = |seconds: u64| i64::try_from(seconds).unwrap_or(0).saturating_mul(SECOND);
        let counter = |sink: &crate::config::Sink| (sink.name().to_owned(), Counter::new(Route::of(sink)));
        Desk {
            counters: settings.sinks.iter().map(counter).collect(),
            episodes: BTreeMap::new(),
            at_start: BTreeSet::new(),
            heirs: BTreeMap::new(),
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
                    counter.keep(receipt);
                }
            }
            Kept::Begun(begun) => {
                if let Some(counter) = self.counters.get_mut(&begun.sink) {
                    counter.begun = Some(begun);
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
        let is_first = self.is_first_start;
        let fresh = self.counters.iter_mut().filter(|(_, counter)| counter.begun.is_none());
        fresh
            .map(|(name, counter)| {
                let begun = Begun { schema: Receipt::SCHEMA, sink: name.clone(), begun: now, is_first };
                counter.begun = Some(begun.clone());
                Kept::Begun(begun)
            })
            .collect()
    }

    /// Since when a sink is told things, and whether demarche itself was new then.
    pub(super) fn begun(&self, counter: &Counter) -> (Time, bool) {
        let begun = counter.begun.as_ref();
        begun.map_or((self.started, self.is_first_start), |begun| (begun.begun, begun.is_first))
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
        if let Some(heir) = alert.continues.as_ref().filter(|_| alert.reason == Reason::Merged) {
            self.heirs.entry(heir.clone()).or_default().insert(id.clone());
        }
        self.episodes.insert(id, Arc::new(alert));
    }

    /// The alert is gone from its topic: the keys of receipts to take back.
    pub fn forget(&mut self, episode: &str) -> Vec<String> {
        self.episodes.remove(episode);
        self.counters.values_mut().filter_map(|counter| counter.forget(episode)).collect()
    }

    pub fn receipt(&self, sink: &str, episode: &str) -> Option<&Receipt> {
        self.counters.get(sink)?.receipts.get(episode)
    }

    /// Open alerts that `sink` knows: what must be repeated to Alertmanager.
    pub fn told_open(&self, sink: &str) -> Vec<Open> {
        let Some(counter) = self.counters.get(sink) else { return Vec::new() };
        let open = counter.receipts.iter().filter(|(_, receipt)| !receipt.is_closed);
        open.filter_map(|(id, receipt)| {
            let alert = self.episodes.get(id).filter(|alert| alert.is_open())?;
            Some(Open { alert: alert.clone(), receipt: receipt.clone() })
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
        let is_owed = |id: &String| counters.values().any(|c| c.due.contains(id) || c.under_way.contains(id));
        self.episodes.retain(|id, alert| alert.is_open() || is_owed(id));
        self.at_start.retain(is_owed);
        self.heirs.retain(|_, merged| merged.iter().any(is_owed));
        out
    }

    fn round_of(&mut self, name: &str, now: Time, out: &mut Vec<Delivery>) {
        let Some(counter) = self.counters.get_mut(name) else { return };
        counter.pass(now);
        if counter.rests_until.is_some_and(|until| now < until) {
            return;
        }
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
        let (begun, _) = self.begun(self.counters.get(name)?);
        let counter = self.counters.get_mut(name)?;
        let is_early = match digest {
            Digest::Warmup => now.since(begun) < self.warmup,
            Digest::RateLimit | Digest::Over => counter.gathered_at.is_some_and(|at| now.since(at) < GATHER),
            Digest::Old | Digest::NewSink | Digest::Missed => false,
        };
        if is_early {
            return None;
        }
        counter.gathered_at = Some(now);
        items.sort_by(|a, b| (b.0.severity, &a.0.episode_id).cmp(&(a.0.severity, &b.0.episode_id)));
        let mut told = Told { is_late: true, is_closed: digest == Digest::Over, ..Told::default() };
        for (alert, each) in &items {
            counter.take(alert, each, now);
            told.page |= each.page;
            told.wakes |= each.wakes;
        }
        let (alerts, each) = items.into_iter().unzip();
        Some(Delivery { sink: name.into(), told, alerts, each, before: None, digest: Some(digest) })
    }

    /// The sink took it: receipts to keep. `reference` is the provider's own name of it.
    pub fn delivered(&mut self, delivery: &Delivery, reference: Option<String>, now: Time) -> Vec<Receipt> {
        let Some(counter) = self.counters.get_mut(&delivery.sink) else { return Vec::new() };
        counter.rests_until = None;
        let mut kept = Vec::new();
        for (at, alert) in delivery.alerts.iter().enumerate() {
            let told = delivery.each.get(at).unwrap_or(&delivery.told);
            let receipt = counter.receipt_of(delivery, (alert, told), reference.clone(), now);
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
        for (at, alert) in delivery.alerts.iter().enumerate() {
            let told = delivery.each.get(at).unwrap_or(&delivery.told);
            counter.put_back(alert, told.wakes);
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
