//! [`View`]: the newest revision of each episode, in memory and bounded, in the orders that people read them.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use serde::Serialize;
use tokio::sync::broadcast;

use super::query::{Cursor, Filter, Order, Page};
use crate::alert::{Alert, AlertEvidence, Level, Severity, Transition};
use crate::article::{DAY, Time};
use crate::signal::Dyad;

/// Episodes held; past it the longest ended go first. 20,000 of some 6 KiB are 120 MiB.
pub const EPISODES_MAX: usize = 20_000;
/// Readings of tension kept a dyad: at a revision every half hour, ten days.
pub const READINGS_MAX: usize = 500;
/// Dyads whose readings are kept.
pub const DYADS_MAX: usize = 5_000;
/// Notes that a slow reader of `/events` may be behind before it loses some and reloads.
const NOTES_MAX: usize = 256;

/// One reading of a dyad's tension, as an alert carried it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Reading {
    pub time: Time,
    /// Thousandths of a weight point.
    pub index: i64,
    pub level: Level,
}

/// What `/events` tells: enough to decide whether to fetch more, no words of articles.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Note {
    pub episode_id: String,
    pub revision: u32,
    pub transition: Transition,
    pub severity: Severity,
    pub dyad: Dyad,
    pub open: bool,
}

/// A dyad as the list of dyads shows it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct DyadSummary {
    pub dyad: Dyad,
    pub open: usize,
    pub worst: Option<Severity>,
    pub tension: Reading,
}

/// A page of episodes.
pub struct Listed {
    pub alerts: Vec<Arc<Alert>>,
    /// Where the next page begins; absent on the last.
    pub next: Option<Cursor>,
}

struct Entry {
    alert: Arc<Alert>,
    haystack: String,
}

#[derive(Default)]
struct Dyads {
    readings: VecDeque<Reading>,
    episodes: BTreeSet<String>,
}

#[derive(Default)]
struct Inner {
    episodes: HashMap<String, Entry>,
    urgent: BTreeSet<Cursor>,
    newest: BTreeSet<Cursor>,
    dyads: BTreeMap<Dyad, Dyads>,
    evicted: u64,
}

/// Fed from the alerts topic by whoever reads it; read by the page and the API.
pub struct View {
    inner: RwLock<Inner>,
    notes: broadcast::Sender<Note>,
    max: usize,
}

impl Default for View {
    fn default() -> Self {
        Self::with_room_for(EPISODES_MAX)
    }
}

impl View {
    pub fn with_room_for(max: usize) -> Self {
        Self { inner: RwLock::default(), notes: broadcast::channel(NOTES_MAX).0, max: max.max(1) }
    }

    fn read(&self) -> RwLockReadGuard<'_, Inner> {
        self.inner.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a record of the alerts topic; an older revision than the one that is there changes nothing.
    pub fn observe(&self, alert: &Alert) {
        let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        if inner.episodes.get(&alert.episode_id).is_some_and(|e| e.alert.revision > alert.revision) {
            return;
        }
        inner.remove(&alert.episode_id);
        inner.insert(alert);
        while inner.episodes.len() > self.max {
            let Some(last) = inner.urgent.first().map(|c| c.id.clone()) else { break };
            inner.remove(&last);
            inner.evicted += 1;
        }
        drop(inner);
        // Nobody listening is fine.
        let _ = self.notes.send(Note {
            episode_id: alert.episode_id.clone(),
            revision: alert.revision,
            transition: alert.transition,
            severity: alert.severity,
            dyad: alert.dyad,
            open: alert.is_open(),
        });
    }

    /// Takes a tombstone of the alerts topic.
    pub fn forget(&self, episode_id: &str) {
        self.inner.write().unwrap_or_else(PoisonError::into_inner).remove(episode_id);
    }

    /// Changes from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<Note> {
        self.notes.subscribe()
    }

    pub fn get(&self, episode_id: &str) -> Option<Arc<Alert>> {
        self.read().episodes.get(episode_id).map(|e| e.alert.clone())
    }

    /// Episodes held, and how many had to go for want of room.
    pub fn size(&self) -> (usize, u64) {
        let inner = self.read();
        (inner.episodes.len(), inner.evicted)
    }

    pub fn list(&self, filter: &Filter, page: &Page) -> Listed {
        let inner = self.read();
        let index = if page.order == Order::Urgent { &inner.urgent } else { &inner.newest };
        let mut alerts: Vec<Arc<Alert>> = Vec::with_capacity(page.limit.min(64));
        let rows = match &page.after {
            Some(cursor) => index.range(..cursor.clone()),
            None => index.range(..),
        };
        for cursor in rows.rev() {
            let Some(entry) = inner.episodes.get(&cursor.id) else { continue };
            if !filter.takes(&entry.alert, &entry.haystack) {
                continue;
            }
            if alerts.len() == page.limit {
                let next = alerts.last().map(|a| Cursor::of(a, page.order));
                return Listed { alerts, next };
            }
            alerts.push(entry.alert.clone());
        }
        Listed { alerts, next: None }
    }

    /// Open episodes by severity, lightest first.
    pub fn open_counts(&self) -> Vec<(Severity, usize)> {
        let inner = self.read();
        let count = |severity: Severity| {
            let rank = 1 + severity as u8;
            let from = Cursor { rank, time: i64::MIN, id: String::new() };
            inner.urgent.range(from..).take_while(|c| c.rank == rank).count()
        };
        Severity::ALL.iter().map(|s| (*s, count(*s))).collect()
    }

    /// All dyads with an episode, the tensest first.
    pub fn dyads(&self) -> Vec<DyadSummary> {
        let inner = self.read();
        let summary = |(dyad, held): (&Dyad, &Dyads)| {
            let open = held.episodes.iter().filter_map(|id| inner.episodes.get(id));
            let open: Vec<Severity> = open.filter(|e| e.alert.is_open()).map(|e| e.alert.severity).collect();
            let tension = *held.readings.back()?;
            Some(DyadSummary { dyad: *dyad, open: open.len(), worst: open.iter().max().copied(), tension })
        };
        let mut dyads: Vec<DyadSummary> = inner.dyads.iter().filter_map(summary).collect();
        dyads.sort_by_key(|d| (std::cmp::Reverse(d.tension.index), d.dyad));
        dyads
    }

    /// Readings of a dyad's tension, oldest first.
    pub fn readings(&self, dyad: Dyad) -> Vec<Reading> {
        self.read().dyads.get(&dyad).map(|d| d.readings.iter().copied().collect()).unwrap_or_default()
    }

    /// Episodes of a dyad, the newest first.
    pub fn of_dyad(&self, dyad: Dyad) -> Vec<Arc<Alert>> {
        let inner = self.read();
        let Some(held) = inner.dyads.get(&dyad) else { return Vec::new() };
        let entries = held.episodes.iter().filter_map(|id| inner.episodes.get(id));
        let mut alerts: Vec<Arc<Alert>> = entries.map(|e| e.alert.clone()).collect();
        alerts.sort_by(|a, b| b.updated_at.cmp(&a.updated_at).then(a.episode_id.cmp(&b.episode_id)));
        alerts
    }

    /// The newest evidence over the newest `alerts` that the filter takes: `(episode, evidence)`, newest first.
    pub fn evidence(&self, filter: &Filter, limit: usize) -> Vec<(Arc<Alert>, AlertEvidence)> {
        let page = Page { order: Order::Newest, after: None, limit };
        let alerts = self.list(filter, &page).alerts;
        let items = alerts.iter().flat_map(|a| a.evidence.iter().map(|e| (a.clone(), e.clone())));
        let mut items: Vec<_> = items.collect();
        items.sort_by(|(_, a), (_, b)| {
            b.published_at.cmp(&a.published_at).then(a.signal_id.cmp(&b.signal_id))
        });
        items.truncate(limit);
        items
    }
}

impl Inner {
    fn insert(&mut self, alert: &Alert) {
        let id = alert.episode_id.clone();
        self.urgent.insert(Cursor::of(alert, Order::Urgent));
        self.newest.insert(Cursor::of(alert, Order::Newest));
        if self.dyads.len() >= DYADS_MAX && !self.dyads.contains_key(&alert.dyad) {
            let quiet = self.dyads.iter().find(|(_, d)| d.episodes.is_empty()).map(|(dyad, _)| *dyad);
            if let Some(quiet) = quiet {
                self.dyads.remove(&quiet);
            }
        }
        let held = self.dyads.entry(alert.dyad).or_default();
        held.episodes.insert(id.clone());
        let reading =
            Reading { time: alert.updated_at, index: alert.tension.index, level: alert.tension.level };
        held.add(reading);
        self.episodes.insert(id, Entry { alert: Arc::new(alert.clone()), haystack: haystack(alert) });
    }

    fn remove(&mut self, id: &str) {
        let Some(entry) = self.episodes.remove(id) else { return };
        self.urgent.remove(&Cursor::of(&entry.alert, Order::Urgent));
        self.newest.remove(&Cursor::of(&entry.alert, Order::Newest));
        if let Some(held) = self.dyads.get_mut(&entry.alert.dyad) {
            held.episodes.remove(id);
        }
    }
}

impl Dyads {
    /// Late revisions are put in their place; two at one time are one.
    fn add(&mut self, reading: Reading) {
        let at = self.readings.partition_point(|r| r.time < reading.time);
        match self.readings.get_mut(at) {
            Some(same) if same.time == reading.time => *same = reading,
            _ => self.readings.insert(at, reading),
        }
        // What is older than 90 days says nothing about now.
        while self.readings.len() > READINGS_MAX
            || self.readings.front().is_some_and(|r| reading.time.since(r.time) > 90 * DAY)
        {
            self.readings.pop_front();
        }
    }
}

/// What the search looks through.
fn haystack(alert: &Alert) -> String {
    const MAX: usize = 4_000;
    let mut text = format!("{} {} {} {}", alert.episode_id, alert.dyad, alert.family, alert.instrument);
    let mut add = |words: &str| {
        if text.len() < MAX {
            text.push(' ');
            text.extend(words.chars().take(400));
        }
    };
    add(&alert.instrument.replace('-', " "));
    alert.kinds.iter().for_each(|k| add(&k.as_str().replace('-', " ")));
    alert.kinds.iter().for_each(|k| add(k.as_str()));
    alert.parties.iter().for_each(|c| add(c.as_str()));
    alert.rules.iter().for_each(|r| add(r));
    for item in &alert.evidence {
        add(&item.title);
        add(&item.evidence.sentence);
        add(&item.publisher);
    }
    text.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::admin::fixture::alert;

    fn ids(listed: &Listed) -> Vec<&str> {
        listed.alerts.iter().map(|a| a.episode_id.as_str()).collect()
    }

    #[test]
    fn the_newest_revision_counts_and_a_tombstone_ends_it() {
        let view = View::default();
        let mut a = alert("a", Severity::High, 1_000);
        a.revision = 2;
        view.observe(&a);
        a.revision = 1;
        a.severity = Severity::Low;
        view.observe(&a);
        assert_eq!(view.get("a").map(|a| a.severity), Some(Severity::High));
        assert_eq!(view.size(), (1, 0));
        view.forget("a");
        assert_eq!(view.size(), (0, 0));
        assert!(ids(&view.list(&Filter::default(), &Page::default())).is_empty());
    }

    #[test]
    fn the_urgent_come_first_and_the_ended_go_first() {
        let view = View::with_room_for(3);
        let mut ended = alert("ended", Severity::Critical, 9_000);
        ended.ended_at = Some(Time(9_000));
        for a in [&ended, &alert("low", Severity::Low, 8_000), &alert("high", Severity::High, 1_000)] {
            view.observe(a);
        }
        assert_eq!(ids(&view.list(&Filter::default(), &Page::default())), ["high", "low", "ended"]);
        let newest = Page { order: Order::Newest, ..Page::default() };
        assert_eq!(ids(&view.list(&Filter::default(), &newest)), ["ended", "low", "high"]);
        view.observe(&alert("medium", Severity::Medium, 2_000));
        assert_eq!(ids(&view.list(&Filter::default(), &Page::default())), ["high", "medium", "low"]);
        assert_eq!(view.size(), (3, 1));
        assert_eq!(view.open_counts()[3], (Severity::High, 1));
    }

    #[test]
    fn pages_join_without_gap_or_overlap_while_rows_come() {
        let view = View::default();
        for n in 0..25 {
            view.observe(&alert(&format!("e{n:02}"), Severity::Medium, n * 1_000));
        }
        let mut page = Page { limit: 10, ..Page::default() };
        let mut seen = Vec::new();
        loop {
            let listed = view.list(&Filter::default(), &page);
            seen.extend(listed.alerts.iter().map(|a| a.episode_id.clone()));
            view.observe(&alert(&format!("new{}", seen.len()), Severity::Medium, 99_000));
            let Some(next) = listed.next else { break };
            page.after = Some(next);
        }
        let expected: Vec<String> = (0..25).rev().map(|n| format!("e{n:02}")).collect();
        assert_eq!(seen, expected);
    }

    #[test]
    fn search_finds_words_of_the_evidence() {
        let view = View::default();
        view.observe(&alert("a", Severity::Low, 1));
        let find = |q: &str| view.list(&Filter::default().search(q), &Page::default()).alerts.len();
        assert_eq!((find("RIVER waters"), find("treaty suspension"), find("volcano")), (1, 1, 0));
    }

    #[test]
    fn readings_are_in_order_of_time() {
        let view = View::default();
        for (id, time) in [("a", 3_000), ("b", 1_000), ("c", 2_000)] {
            view.observe(&alert(id, Severity::Low, time));
        }
        let dyad = "AAA-BBB".parse().unwrap();
        let times: Vec<i64> = view.readings(dyad).iter().map(|r| r.time.0).collect();
        assert_eq!(times, [1_000, 2_000, 3_000]);
        assert_eq!(view.dyads().len(), 1);
        assert_eq!(view.of_dyad(dyad).len(), 3);
    }

    #[test]
    fn a_change_is_told_to_who_listens() {
        let view = View::default();
        let mut notes = view.subscribe();
        view.observe(&alert("a", Severity::High, 1));
        assert_eq!(notes.try_recv().map(|n| n.episode_id), Ok("a".to_owned()));
    }
}
