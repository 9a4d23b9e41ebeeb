//! One episode: what it has told so far, and the alert that says so.

use serde::{Deserialize, Serialize};

use super::act::Side;
use super::origin::Origins;
use super::policy::gap;
use crate::alert::{
    Alert, AlertEvidence, Confirmation, Counts, Family, Links, OtherEpisode, Reason, Severity, Step,
    TensionReading, Transition,
};
use crate::article::{DAY, Time};
use crate::signal::{Act, Code, Dyad, Kind, Recency, Signal, short_hash};

/// After so long an episode keeps the newest piece of evidence only.
const EVIDENCE_DAYS: i64 = 30 * DAY;

/// One telling of an act that can still be taken back.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Contribution {
    pub signal_id: String,
    pub article_id: String,
    pub version: u32,
    pub act: Act,
    /// [`Act::hash`].
    pub hash: String,
    pub time: Time,
    pub received: Time,
    /// Thousandths of a point that were added to the tension.
    pub weight: i64,
    pub is_new: bool,
    pub severity: Severity,
    pub side: Side,
}

/// An open episode, or one that ended lately enough to be taken up again.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Episode {
    pub alert: Alert,
    #[serde(default)]
    pub origins: Origins,
    #[serde(default)]
    pub contributions: Vec<Contribution>,
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
    /// An episode that `signal` opens.
    pub fn open(signal: &Signal, dyad: Dyad, family: Family, severity: Severity, because: String) -> Episode {
        let instrument = instrument_of(signal, family);
        let told = &signal.told;
        let episode_id = short_hash([&dyad.to_string(), family.as_str(), &instrument, &told.id]);
        let join = |codes: &[Code]| codes.iter().map(Code::as_str).collect::<Vec<_>>().join(",");
        let act = short_hash([
            signal.kind.as_str(),
            signal.stance.as_str(),
            &join(&signal.source),
            signal.instrument.as_deref().unwrap_or_default(),
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
            headline: signal.act(),
            kinds: Vec::new(),
            parties: Vec::new(),
            tension: TensionReading { index: 0, level: crate::alert::Level::Calm, change: 0, burst: false },
            counts: Counts::default(),
            evidence: Vec::new(),
            others: Vec::new(),
            rules: Vec::new(),
            started_at: told.event_time,
            last_act_at: told.event_time,
            updated_at: told.event_time,
            ended_at: None,
            continues: None,
            history: Vec::new(),
        };
        let mut episode = Episode { alert, origins: Origins::default(), contributions: Vec::new() };
        episode.note(&Change {
            transition: Transition::Opened,
            reason: Reason::NewAct,
            time: told.event_time,
            article_id: Some(told.article_id.clone()),
            because,
        });
        episode
    }

    pub fn is_open(&self) -> bool {
        self.alert.is_open()
    }

    /// The end of the span that the episode covers.
    pub fn due(&self) -> Time {
        self.alert.last_act_at.plus(gap(self.alert.family))
    }

    pub fn covers(&self, time: Time) -> bool {
        time >= self.alert.started_at && time < self.due()
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

    /// Counts a report; gives whether it was a copy.
    pub fn report(&mut self, signal: &Signal) -> bool {
        let is_copy = self.origins.take(signal);
        let counts = &mut self.alert.counts;
        counts.reports += 1;
        counts.folded += u32::from(is_copy);
        counts.origins = self.origins.count();
        if !is_copy {
            self.add_evidence(signal);
        }
        let rule = &signal.told.rule.id;
        if let Err(at) = self.alert.rules.binary_search(rule) {
            self.alert.rules.insert(at, rule.clone());
        }
        is_copy
    }

    /// The kinds and parties of a new act; true where either is new.
    pub fn widen(&mut self, signal: &Signal) -> Option<Reason> {
        let alert = &mut self.alert;
        let mut reason = None;
        for code in signal.source.iter().chain(&signal.target) {
            if let Err(at) = alert.parties.binary_search(code) {
                alert.parties.insert(at, *code);
                reason = Some(Reason::Parties);
            }
        }
        if let Err(at) = alert.kinds.binary_search(&signal.kind) {
            alert.kinds.insert(at, signal.kind);
            reason = Some(Reason::NewKind);
        }
        reason
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
        mine.severity = mine.severity.max(theirs.severity);
        mine.confirmation = mine.confirmation.max(theirs.confirmation);
        mine.counts.reports += theirs.counts.reports;
        mine.counts.folded += theirs.counts.folded;
        mine.counts.origins += theirs.counts.origins;
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
        self.contributions.extend(other.contributions);
    }
}

/// Empty outside `treaty`.
pub fn instrument_of(signal: &Signal, family: Family) -> String {
    if family == Family::Treaty { signal.instrument.clone().unwrap_or_default() } else { String::new() }
}

/// The gravest contribution that still stands, for the headline.
pub fn gravest(contributions: &[Contribution]) -> Option<&Contribution> {
    contributions
        .iter()
        .filter(|c| c.is_new && super::policy::opens(c.act.kind).is_some())
        .max_by(|a, b| (a.severity, a.weight, b.time).cmp(&(b.severity, b.weight, a.time)))
}

/// Kinds of the contributions that still stand.
pub fn kinds(contributions: &[Contribution]) -> Vec<Kind> {
    let mut list: Vec<Kind> = contributions.iter().filter(|c| c.is_new).map(|c| c.act.kind).collect();
    list.sort_unstable();
    list.dedup();
    list
}
