//! One episode: what it has told so far, and the alert that says so.

use serde::{Deserialize, Serialize};

use super::origin::Origins;
use super::policy::gap;
use super::telling::{Deed, Telling};
use crate::alert::{
    Alert, AlertEvidence, Confirmation, Counts, Family, Links, OtherEpisode, Reason, Severity, Step,
    TensionReading, Transition,
};
use crate::article::{DAY, Time};
use crate::signal::{Code, Dyad, Recency, Signal, short_hash};

/// After so long an episode keeps the newest piece of evidence only.
const EVIDENCE_DAYS: i64 = 30 * DAY;

/// An open episode, or one that ended lately enough to be taken up again.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Episode {
    pub alert: Alert,
    #[serde(default)]
    pub origins: Origins,
}

/// What changed, for the next revision.
#[derive(Clone, Debug)]
pub struct Change {
    pub transition: Transition,
    pub reason: Reason,
    pub time: Time,
    pub article_id: Option<String>,
    pub because: String,
}

impl Episode {
    /// An episode that a report opens.
    pub fn open(telling: &Telling, dyad: Dyad, family: Family, severity: Severity) -> Episode {
        let instrument = instrument_of(telling, family);
        let episode_id = short_hash([&dyad.to_string(), family.as_str(), &instrument, &telling.id]);
        let join = |codes: &[Code]| codes.iter().map(Code::as_str).collect::<Vec<_>>().join(",");
        let act = short_hash([
            telling.deed.kind.as_str(),
            telling.deed.stance.as_str(),
            &join(&telling.source),
            telling.instrument.as_deref().unwrap_or_default(),
        ]);
        let alert = Alert {
            schema: Alert::SCHEMA,
            links: Links { page: format!("/alerts/{episode_id}"), ..Links::default() },
            episode_id,
            revision: 0,
            transition: Transition::Opened,
            reason: Reason::NewAct,
            severity,
            confirmation: Confirmation::Reported,
            claimed_by: Vec::new(),
            dyad,
            family,
            instrument,
            act,
            headline: telling.act(),
            kinds: Vec::new(),
            parties: Vec::new(),
            tension: TensionReading { index: 0, level: crate::alert::Level::Calm, change: 0, burst: false },
            counts: Counts::default(),
            evidence: Vec::new(),
            others: Vec::new(),
            rules: Vec::new(),
            started_at: telling.time,
            last_act_at: telling.time,
            updated_at: telling.time,
            ended_at: None,
            continues: None,
            history: Vec::new(),
        };
        Episode { alert, origins: Origins::default() }
    }

    pub fn is_open(&self) -> bool {
        self.alert.is_open()
    }

    /// The end of the span that the episode covers.
    pub fn due(&self) -> Time {
        self.alert.last_act_at.plus(gap(self.alert.family))
    }

    /// An act at `time` and this episode are less than the gap apart.
    pub fn touches(&self, time: Time) -> bool {
        self.reaches_back_to(time) && time < self.due()
    }

    /// An act at `time` is not so much earlier that it belongs to an episode of its own.
    pub fn reaches_back_to(&self, time: Time) -> bool {
        time.plus(gap(self.alert.family)) > self.alert.started_at
    }

    fn parties(&self) -> [Code; 2] {
        [self.alert.dyad.first, self.alert.dyad.second]
    }

    /// Makes the next revision.
    pub fn note(&mut self, change: &Change) {
        let alert = &mut self.alert;
        alert.revision += 1;
        alert.transition = change.transition;
        alert.reason = change.reason;
        alert.updated_at = alert.updated_at.max(change.time);
        alert.history.push(Step {
            revision: alert.revision,
            transition: change.transition,
            reason: change.reason,
            severity: alert.severity,
            confirmation: alert.confirmation,
            time: change.time,
            article_id: change.article_id.clone(),
            because: change.because.clone(),
        });
        if alert.history.len() > Alert::HISTORY_MAX {
            // The beginning explains the episode, the end its present: the middle goes.
            alert.history.remove(Alert::HISTORY_MAX / 2);
        }
    }

    /// Makes a revision that the history does not keep.
    pub fn pass(&mut self, reason: Reason, time: Time) {
        self.alert.revision += 1;
        self.alert.transition = Transition::Updated;
        self.alert.reason = reason;
        self.alert.updated_at = self.alert.updated_at.max(time);
    }

    /// Counts a report; gives whether its origin had told this before.
    pub fn report(&mut self, telling: &Telling, signal: Option<&Signal>, is_new: bool) -> bool {
        let is_known = self.origins.take(telling, self.parties());
        let is_copy = is_known && !is_new;
        let counts = &mut self.alert.counts;
        counts.reports += 1;
        counts.folded += u32::from(is_copy);
        counts.origins = self.origins.count();
        if let Some(signal) = signal.filter(|_| !is_copy) {
            self.add_evidence(signal);
        }
        if let Err(at) = self.alert.rules.binary_search(&telling.rule) {
            self.alert.rules.insert(at, telling.rule.clone());
        }
        is_copy
    }

    /// How well the act in the headline is attested now; true where it is better than before.
    pub fn attest(&mut self) -> bool {
        let deed = Deed::of(&self.alert.headline, self.alert.dyad);
        let found = self.origins.confirmation(deed);
        self.alert.claimed_by = self.origins.claimed_by(deed);
        let is_better = found > self.alert.confirmation;
        self.alert.confirmation = found;
        is_better
    }

    /// The kinds and parties of a new act, and which of them is new to the episode.
    pub fn widen(&mut self, telling: &Telling) -> Option<Reason> {
        let alert = &mut self.alert;
        let mut reason = None;
        for code in telling.source.iter().chain(&telling.target) {
            if let Err(at) = alert.parties.binary_search(code) {
                alert.parties.insert(at, *code);
                reason = Some(Reason::Parties);
            }
        }
        if let Err(at) = alert.kinds.binary_search(&telling.deed.kind) {
            alert.kinds.insert(at, telling.deed.kind);
            reason = Some(Reason::NewKind);
        }
        reason
    }

    /// The evidence of one signal gives way to that of its article's new version; true where there was any.
    pub fn reword(&mut self, gone: &str, signal: &Signal) -> bool {
        let before = self.alert.evidence.len();
        self.alert.evidence.retain(|e| e.signal_id != gone);
        let found = self.alert.evidence.len() < before;
        if found {
            self.add_evidence(signal);
        }
        found
    }

    fn add_evidence(&mut self, signal: &Signal) {
        let told = &signal.told;
        let item = AlertEvidence {
            signal_id: told.id.clone(),
            article_id: told.article_id.clone(),
            kind: signal.kind,
            stance: signal.stance,
            recency: signal.recency,
            source: signal.source.clone(),
            target: signal.target.clone(),
            instrument: signal.instrument.clone(),
            object: signal.object.clone(),
            speaker: told.speaker.clone(),
            publisher: told.article.publisher.clone(),
            class: told.article.class,
            origin: told.article.origin.clone(),
            url: told.article.url.clone(),
            title: told.article.title.clone(),
            published_at: told.article.published_at,
            confidence: told.confidence,
            rule: told.rule.clone(),
            evidence: told.evidence.clone(),
        };
        let list = &mut self.alert.evidence;
        list.push(item);
        // News before recap, openers' kinds before joiners', the surer first; older ones stay where all is equal.
        let rank = |e: &AlertEvidence| {
            let recap = e.recency == Recency::Recap;
            let joins = super::policy::opens(e.kind).is_none();
            (recap, joins, -(e.confidence * 100.0) as i64, e.published_at)
        };
        list.sort_by_key(rank);
        list.truncate(Alert::EVIDENCE_MAX);
    }

    /// Cuts the evidence of long episodes to the newest piece.
    pub fn shorten(&mut self, now: Time) {
        if now.since(self.alert.started_at) > EVIDENCE_DAYS && self.alert.evidence.len() > 1 {
            self.alert.evidence.sort_by_key(|e| e.published_at);
            self.alert.evidence.drain(..self.alert.evidence.len() - 1);
        }
    }

    pub fn as_other(&self) -> OtherEpisode {
        OtherEpisode {
            episode_id: self.alert.episode_id.clone(),
            family: self.alert.family,
            instrument: self.alert.instrument.clone(),
        }
    }

    /// Takes in the telling of another episode that this one swallows.
    pub fn swallow(&mut self, other: Episode) {
        let (mine, theirs) = (&mut self.alert, other.alert);
        mine.last_act_at = mine.last_act_at.max(theirs.last_act_at);
        if theirs.severity > mine.severity {
            mine.severity = theirs.severity;
            mine.headline = theirs.headline;
        }
        mine.counts.reports += theirs.counts.reports;
        mine.counts.folded += theirs.counts.folded;
        for kind in theirs.kinds {
            if let Err(at) = mine.kinds.binary_search(&kind) {
                mine.kinds.insert(at, kind);
            }
        }
        for code in theirs.parties {
            if let Err(at) = mine.parties.binary_search(&code) {
                mine.parties.insert(at, code);
            }
        }
        mine.evidence.extend(theirs.evidence);
        mine.evidence.truncate(Alert::EVIDENCE_MAX);
        self.origins.swallow(other.origins);
        self.alert.counts.origins = self.origins.count();
    }
}

/// Empty outside `treaty`.
pub fn instrument_of(telling: &Telling, family: Family) -> String {
    if family == Family::Treaty { telling.instrument.clone().unwrap_or_default() } else { String::new() }
}
