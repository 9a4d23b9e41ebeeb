//! All dyads of one partition of the signals topic.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::fold;
use super::ledger;
use super::outbox::Outbox;
use super::policy::{FRESH, Policy, WAIT_MAX};
use super::retraction;
use super::state::{DyadState, Meta, SeenVersion, StateError, Waiting, read};
use super::watermark::Watermarks;
use crate::alert::{Alert, Level, Severity};
use crate::article::{DAY, Time};
use crate::signal::{ArticleVersion, Denial, Dyad, Record, Signal, Told, Watermark};

/// The key of the meta record.
const META: &str = "meta";
/// What keys of article versions begin with.
const ARTICLE: &str = "article:";
/// Article versions are remembered for so long.
const VERSIONS: i64 = 7 * DAY;

/// What a transaction writes.
#[derive(Debug, Default, PartialEq)]
pub struct Effects {
    /// Revisions, in order.
    pub alerts: Vec<Alert>,
    /// Key and value, one a key that was touched; `None` is a tombstone.
    pub state: Vec<(String, Option<Vec<u8>>)>,
}

/// What metrics and the page ask of a dyad.
#[derive(Clone, Debug, PartialEq)]
pub struct Status {
    pub dyad: Dyad,
    pub clock: Time,
    pub index: i64,
    pub level: Level,
    pub open: Vec<Severity>,
}

/// Whether the clock goes on by what has elapsed before a signal is folded.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Elapse {
    Yes,
    No,
}

/// State and rules; fed with records one by one.
pub struct Partition {
    policy: Arc<Policy>,
    index: u32,
    count: u32,
    dyads: BTreeMap<Dyad, DyadState>,
    versions: BTreeMap<String, SeenVersion>,
    watermarks: Watermarks,
    /// As at the last commit: dyads, versions and watermarks that were touched since.
    before_dyads: BTreeMap<Dyad, Option<DyadState>>,
    before_versions: BTreeMap<String, Option<SeenVersion>>,
    before_watermarks: Option<Watermarks>,
    /// Touched since `effects` was last called.
    dirty: BTreeSet<Dyad>,
    dirty_versions: BTreeSet<String>,
    dirty_meta: bool,
    /// When the first episode of each dyad ends, by what has elapsed: a watermark looks at those that are due alone.
    wakes: BTreeSet<(i64, Dyad)>,
    /// As it stands in `wakes`.
    wake_of: BTreeMap<Dyad, i64>,
    /// Some dyad may have records that wait.
    has_waiting: bool,
    out: Outbox,
    has_meta: bool,
}

impl Partition {
    pub fn new(policy: Arc<Policy>, index: u32, count: u32) -> Partition {
        Partition {
            policy,
            index,
            count,
            dyads: BTreeMap::new(),
            versions: BTreeMap::new(),
            watermarks: Watermarks::default(),
            before_dyads: BTreeMap::new(),
            before_versions: BTreeMap::new(),
            before_watermarks: None,
            dirty: BTreeSet::new(),
            dirty_versions: BTreeSet::new(),
            dirty_meta: false,
            wakes: BTreeSet::new(),
            wake_of: BTreeMap::new(),
            has_waiting: true,
            out: Outbox::default(),
            has_meta: false,
        }
    }

    /// The partition's number.
    pub fn index(&self) -> u32 {
        self.index
    }

    /// Takes in one record of the changelog; `None` is a tombstone.
    ///
    /// # Errors
    /// A record that this build cannot read.
    pub fn restore(&mut self, key: &str, value: Option<&[u8]>) -> Result<(), StateError> {
        let malformed = |what: String| StateError::Malformed { key: key.to_owned(), what };
        if key == META {
            let Some(value) = value else { return Ok(()) };
            let meta: Meta = read(key, value)?;
            if meta.partitions != self.count {
                return Err(StateError::Partitions { stored: meta.partitions, actual: self.count });
            }
            self.watermarks = meta.watermarks;
            self.has_meta = true;
        } else if let Some(article) = key.strip_prefix(ARTICLE) {
            match value {
                Some(value) => drop(self.versions.insert(article.to_owned(), read(key, value)?)),
                None => drop(self.versions.remove(article)),
            }
        } else {
            let dyad: Dyad = key.parse().map_err(|e| malformed(format!("{e}")))?;
            match value {
                Some(value) => drop(self.dyads.insert(dyad, read(key, value)?)),
                None => drop(self.dyads.remove(&dyad)),
            }
            self.wake(dyad);
        }
        Ok(())
    }

    /// The end of the changelog: a fresh partition notes its meta record with the next transaction.
    pub fn restored(&mut self) {
        self.dirty_meta = !self.has_meta;
    }

    /// Folds one record.
    pub fn apply(&mut self, record: &Record) {
        match record {
            Record::Signal(signal) => self.signal(signal),
            Record::Denial(denial) => self.denial(denial),
            Record::ArticleVersion(version) => self.version(version),
            Record::Watermark(watermark) => self.watermark(watermark),
        }
    }

    /// Drains the alerts alone: for a driver that keeps no state.
    pub fn take_alerts(&mut self) -> Vec<Alert> {
        self.out.take()
    }

    /// The records since the last effects made alerts: somebody waits.
    pub fn has_alerts(&self) -> bool {
        !self.out.is_empty()
    }

    /// Drains what the next transaction must write.
    pub fn effects(&mut self) -> Effects {
        let mut state = Vec::new();
        for dyad in std::mem::take(&mut self.dirty) {
            let Some(held) = self.dyads.get(&dyad) else { continue };
            if held.is_idle() {
                self.dyads.remove(&dyad);
                state.push((dyad.to_string(), None));
            } else {
                state.push((dyad.to_string(), serde_json::to_vec(held).ok()));
            }
        }
        for article in std::mem::take(&mut self.dirty_versions) {
            let value = self.versions.get(&article).and_then(|seen| serde_json::to_vec(seen).ok());
            state.push((format!("{ARTICLE}{article}"), value));
        }
        if std::mem::take(&mut self.dirty_meta) {
            let meta = Meta { schema: 1, partitions: self.count, watermarks: self.watermarks.clone() };
            state.push((META.to_owned(), serde_json::to_vec(&meta).ok()));
        }
        Effects { alerts: self.out.take(), state }
    }

    /// The transaction is committed: what was done is done.
    pub fn commit(&mut self) {
        self.before_dyads.clear();
        self.before_versions.clear();
        self.before_watermarks = None;
    }

    /// The transaction was aborted: back to the last commit.
    pub fn rollback(&mut self) {
        for (dyad, before) in std::mem::take(&mut self.before_dyads) {
            match before {
                Some(state) => drop(self.dyads.insert(dyad, state)),
                None => drop(self.dyads.remove(&dyad)),
            }
            self.wake(dyad);
        }
        for (article, before) in std::mem::take(&mut self.before_versions) {
            match before {
                Some(seen) => drop(self.versions.insert(article, seen)),
                None => drop(self.versions.remove(&article)),
            }
        }
        if let Some(watermarks) = self.before_watermarks.take() {
            self.watermarks = watermarks;
        }
        self.dirty.clear();
        self.dirty_versions.clear();
        self.dirty_meta = !self.has_meta;
        self.has_waiting = true;
        self.out = Outbox::default();
    }

    /// No articles for longer than the policy's silence.
    pub fn is_blind(&self) -> bool {
        self.watermarks.is_blind(self.policy.feed_silence)
    }

    pub fn is_behind(&self) -> bool {
        self.watermarks.is_behind()
    }

    /// W, absent until every input has spoken.
    pub fn watermark_time(&self) -> Option<Time> {
        self.watermarks.time
    }

    pub fn dyads(&self) -> usize {
        self.dyads.len()
    }

    /// A line a dyad for metrics.
    pub fn statuses(&self) -> impl Iterator<Item = Status> {
        self.dyads.values().map(|state| {
            let clock = state.clock.now;
            let index = state.tension.index(&self.policy, clock);
            let mut tension = state.tension.clone();
            let level = tension.read(&self.policy, clock).level;
            let open = state.episodes.iter().filter(|e| e.is_open()).map(|e| e.alert.severity).collect();
            Status { dyad: state.dyad, clock, index, level, open }
        })
    }

    #[cfg(test)]
    pub fn state(&self, dyad: &str) -> Option<&DyadState> {
        self.dyads.get(&dyad.parse().ok()?)
    }

    fn touch(&mut self, dyad: Dyad) -> &mut DyadState {
        if !self.before_dyads.contains_key(&dyad) {
            self.before_dyads.insert(dyad, self.dyads.get(&dyad).cloned());
        }
        self.dirty.insert(dyad);
        self.dyads.entry(dyad).or_insert_with(|| DyadState::new(dyad))
    }

    fn touch_watermarks(&mut self) -> &mut Watermarks {
        if self.before_watermarks.is_none() {
            self.before_watermarks = Some(self.watermarks.clone());
        }
        self.dirty_meta = true;
        &mut self.watermarks
    }

    fn touch_version(&mut self, article: &str) {
        if !self.before_versions.contains_key(article) {
            self.before_versions.insert(article.to_owned(), self.versions.get(article).cloned());
        }
        self.dirty_versions.insert(article.to_owned());
    }

    fn signal(&mut self, signal: &Signal) {
        if signal.told.rule.shadow || !retraction::stands(signal, self.versions.get(&signal.told.article_id))
        {
            return;
        }
        if self.must_wait(&signal.told) {
            let since = self.hear(signal.told.received_at);
            let held = Waiting { signal: Some(Box::new(signal.clone())), denial: None, since };
            self.touch(signal.told.dyad).waiting.push(held);
            return;
        }
        self.fold(signal, Elapse::Yes);
    }

    fn hear(&mut self, received: Time) -> Option<Time> {
        self.has_waiting = true;
        self.touch_watermarks().hear(received);
        Some(received)
    }

    /// While an input is behind, what is stale waits, and what comes after it for the same dyad.
    fn must_wait(&self, told: &Told) -> bool {
        let is_stale = told.received_at.since(told.event_time) > FRESH;
        let waits = || self.dyads.get(&told.dyad).is_some_and(|state| !state.waiting.is_empty());
        self.watermarks.is_behind() && (is_stale || waits())
    }

    /// Clock, timers, then the signal itself.
    fn fold(&mut self, signal: &Signal, elapse: Elapse) {
        let (elapsed, watermark) = (self.watermarks.elapsed, self.watermarks.time);
        let rests = self.watermarks.is_behind();
        let policy = self.policy.clone();
        let mut out = std::mem::take(&mut self.out);
        let state = self.touch(signal.told.dyad);
        if !rests && elapse == Elapse::Yes {
            state.clock.elapse(elapsed);
        }
        state.clock.signal(signal.told.event_time, signal.told.received_at, elapsed, watermark);
        let now = Some(state.clock.now).filter(|_| !rests);
        ledger::take(state, &policy, signal, now, &mut out);
        self.out = out;
        self.wake(signal.told.dyad);
    }

    fn denial(&mut self, denial: &Denial) {
        let dyad = denial.told.dyad;
        if denial.told.rule.shadow || !self.dyads.contains_key(&dyad) {
            return;
        }
        if self.must_wait(&denial.told) {
            let since = self.hear(denial.told.received_at);
            let held = Waiting { signal: None, denial: Some(Box::new(denial.clone())), since };
            self.touch(dyad).waiting.push(held);
            return;
        }
        self.deny(denial);
    }

    fn deny(&mut self, denial: &Denial) {
        let (policy, rests) = (self.policy.clone(), self.watermarks.is_behind());
        let mut out = std::mem::take(&mut self.out);
        let state = self.touch(denial.told.dyad);
        retraction::denial(state, &policy, denial, rests, &mut out);
        self.out = out;
        self.wake(denial.told.dyad);
    }

    fn version(&mut self, version: &ArticleVersion) {
        let seen = SeenVersion {
            schema: 1,
            version: version.version,
            status: version.status,
            acts: version.acts.clone(),
            received_at: version.received_at,
            superseded: false,
        };
        self.see(&version.article_id, seen.clone());
        if let Some(old) = &version.supersedes {
            self.see(old, SeenVersion { superseded: true, ..seen });
        }
    }

    fn see(&mut self, article: &str, seen: SeenVersion) {
        let is_older =
            self.versions.get(article).is_some_and(|known| known.version > seen.version && !seen.superseded);
        if is_older {
            return;
        }
        self.touch_version(article);
        self.versions.insert(article.to_owned(), seen.clone());
        let (policy, rests) = (self.policy.clone(), self.watermarks.is_behind());
        let told: Vec<Dyad> = self
            .dyads
            .values()
            .filter(|state| state.ledger.tells_of(article) || state.waiting.iter().any(|w| w.is_of(article)))
            .map(|state| state.dyad)
            .collect();
        let mut out = std::mem::take(&mut self.out);
        for dyad in told {
            let state = self.touch(dyad);
            state.waiting.retain(|w| {
                let stands = w.signal.as_ref().is_none_or(|signal| retraction::stands(signal, Some(&seen)));
                !w.is_of(article) || stands
            });
            retraction::version(state, &policy, article, &seen, rests, &mut out);
            self.wake(dyad);
        }
        self.out = out;
    }

    fn watermark(&mut self, watermark: &Watermark) {
        let silence = self.policy.feed_silence;
        let before = self.watermarks.time;
        self.touch_watermarks().take(watermark, silence);
        let day = |time: Option<Time>| time.map(|time| time.0.div_euclid(DAY));
        if day(before) != day(self.watermarks.time) {
            self.sweep();
        }
        self.release_waiting();
        if !self.watermarks.is_behind() {
            self.elapse();
        }
    }

    /// Once a day: what nobody can take back any more is let go, and dyads without anything left are forgotten.
    fn sweep(&mut self) {
        let Some(now) = self.watermarks.time else { return };
        let old: Vec<Dyad> =
            self.dyads.values().filter(|state| state.ledger.is_over(now)).map(|state| state.dyad).collect();
        let policy = self.policy.clone();
        for dyad in old {
            ledger::settle(self.touch(dyad), &policy, now);
        }
        self.forget_versions();
    }

    /// Waiting signals are folded when nobody is behind, or have waited long enough.
    fn release_waiting(&mut self) {
        if !self.has_waiting {
            return;
        }
        let is_behind = self.watermarks.is_behind();
        let now = self.watermarks.heard;
        let ready: Vec<Dyad> = self
            .dyads
            .values()
            .filter(|state| {
                let oldest = state.waiting.iter().filter_map(|w| w.since).min();
                let overdue = oldest.zip(now).is_some_and(|(since, now)| now.since(since) > WAIT_MAX);
                !state.waiting.is_empty() && (!is_behind || overdue)
            })
            .map(|state| state.dyad)
            .collect();
        for dyad in ready {
            let mut waiting = std::mem::take(&mut self.touch(dyad).waiting);
            waiting.sort_by(|a, b| a.order().cmp(&b.order()));
            for held in waiting {
                if let Some(signal) = held.signal {
                    // What elapsed while the backlog was read comes after what it tells.
                    self.fold(&signal, Elapse::No);
                } else if let Some(denial) = held.denial {
                    self.deny(&denial);
                }
            }
        }
        self.has_waiting = self.dyads.values().any(|state| !state.waiting.is_empty());
    }

    /// Moves the clocks of dyads with open episodes, and fires what is due.
    fn elapse(&mut self) {
        let elapsed = self.watermarks.elapsed;
        let mut due: Vec<Dyad> =
            self.wakes.iter().take_while(|(at, _)| *at < elapsed).map(|(_, dyad)| *dyad).collect();
        due.sort_unstable();
        let policy = self.policy.clone();
        let mut out = std::mem::take(&mut self.out);
        for dyad in due {
            let state = self.touch(dyad);
            state.clock.elapse(elapsed);
            let now = state.clock.now;
            fold::fire(state, &policy, now, &mut out);
            self.wake(dyad);
        }
        self.out = out;
    }

    /// Notes when the dyad's first episode ends.
    fn wake(&mut self, dyad: Dyad) {
        let at = self.dyads.get(&dyad).map_or(i64::MAX, DyadState::wakes_at);
        if let Some(before) = self.wake_of.remove(&dyad) {
            self.wakes.remove(&(before, dyad));
        }
        if at != i64::MAX {
            self.wakes.insert((at, dyad));
            self.wake_of.insert(dyad, at);
        }
    }

    fn forget_versions(&mut self) {
        let Some(now) = self.watermarks.time else { return };
        let old: Vec<String> = self
            .versions
            .iter()
            .filter(|(_, seen)| now.since(seen.received_at) > VERSIONS)
            .map(|(article, _)| article.clone())
            .collect();
        for article in old {
            self.touch_version(&article);
            self.versions.remove(&article);
        }
    }
}
