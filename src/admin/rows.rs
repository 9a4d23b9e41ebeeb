//! Alerts as the page and the API show them: words ready to be read, every text of an article cleaned.

use serde::Serialize;

use super::clean;
use super::services::Services;
use super::words;
use crate::alert::{
    Alert, AlertEvidence, Confirmation, Counts, Family, Reason, Severity, TensionReading, Transition,
};
use crate::article::Time;
use crate::signal::{Act, Code, Dyad, Kind, Polarity};

/// One episode in the API's list: the alert without its evidence and history.
#[derive(Serialize)]
pub struct EpisodeRow {
    pub episode_id: String,
    pub revision: u32,
    pub transition: Transition,
    pub reason: Reason,
    pub severity: Severity,
    pub confirmation: Confirmation,
    pub claimed_by: Vec<Code>,
    pub dyad: Dyad,
    pub family: Family,
    pub instrument: String,
    /// What happened, in one line.
    pub summary: String,
    pub headline: Act,
    pub kinds: Vec<Kind>,
    pub tension: TensionReading,
    pub counts: Counts,
    pub started_at: Time,
    pub last_act_at: Time,
    pub updated_at: Time,
    pub ended_at: Option<Time>,
    pub silenced: bool,
    pub page: String,
}

impl EpisodeRow {
    pub fn new(alert: &Alert, services: &Services) -> Self {
        let now = services.now();
        Self {
            episode_id: alert.episode_id.clone(),
            revision: alert.revision,
            transition: alert.transition,
            reason: alert.reason,
            severity: alert.severity,
            confirmation: alert.confirmation,
            claimed_by: alert.claimed_by.clone(),
            dyad: alert.dyad,
            family: alert.family,
            instrument: alert.instrument.clone(),
            summary: services.names.alert(alert),
            headline: alert.headline.clone(),
            kinds: alert.kinds.clone(),
            tension: alert.tension.clone(),
            counts: alert.counts,
            started_at: alert.started_at,
            last_act_at: alert.last_act_at,
            updated_at: alert.updated_at,
            ended_at: alert.ended_at,
            silenced: services.control.silences().iter().any(|s| s.mutes(alert, now)),
            page: format!("{}/alerts/{}", services.public_url.trim_end_matches('/'), alert.episode_id),
        }
    }
}

/// One piece of evidence in the API, with the episode that it belongs to.
#[derive(Serialize)]
pub struct SignalRow {
    pub episode_id: String,
    pub dyad: Dyad,
    pub family: Family,
    #[serde(flatten)]
    pub evidence: AlertEvidence,
}

impl SignalRow {
    pub fn new(alert: &Alert, evidence: AlertEvidence) -> Self {
        Self { episode_id: alert.episode_id.clone(), dyad: alert.dyad, family: alert.family, evidence }
    }
}

/// A moment for a template: machine-readable, exact and relative.
#[derive(Clone, Serialize)]
pub struct Moment {
    pub iso: String,
    pub clock: String,
    pub age: String,
}

impl Moment {
    pub fn new(time: Time, now: Time) -> Self {
        Self { iso: time.to_string(), clock: words::clock(time), age: words::age(now, time) }
    }
}

/// One episode in the page's list.
#[derive(Serialize)]
pub struct Card {
    pub id: String,
    pub line: String,
    pub pair: String,
    pub dyad: String,
    pub family: String,
    pub severity: &'static str,
    pub open: bool,
    pub transition: &'static str,
    pub change: String,
    pub confirmation: &'static str,
    pub claimed_by: String,
    pub origins: String,
    pub reports: String,
    pub level: &'static str,
    pub tension: String,
    pub burst: bool,
    pub silenced: bool,
    pub started: Moment,
    pub updated: Moment,
    pub ended: Option<Moment>,
    pub quote: String,
    pub publisher: String,
    pub verdict: Option<&'static str>,
}

impl Card {
    pub fn new(alert: &Alert, services: &Services) -> Self {
        let now = services.now();
        let names = &services.names;
        let first = alert.evidence.first();
        let verdicts = services.control.verdicts();
        Self {
            id: alert.episode_id.clone(),
            line: clean::text(&names.act(&alert.headline)),
            pair: names.dyad(alert.dyad),
            dyad: alert.dyad.to_string(),
            family: words::title(alert.family.as_str()),
            severity: alert.severity.as_str(),
            open: alert.is_open(),
            transition: alert.transition.as_str(),
            change: change(alert.transition, alert.reason),
            confirmation: alert.confirmation.as_str(),
            claimed_by: if alert.claimed_by.is_empty() {
                String::new()
            } else {
                names.all(&alert.claimed_by)
            },
            origins: words::count(alert.counts.origins as usize, "origin"),
            reports: words::count(alert.counts.reports as usize, "report"),
            level: alert.tension.level.as_str(),
            tension: words::points(alert.tension.index),
            burst: alert.tension.burst,
            silenced: services.control.silences().iter().any(|s| s.mutes(alert, now)),
            started: Moment::new(alert.started_at, now),
            updated: Moment::new(alert.updated_at, now),
            ended: alert.ended_at.map(|t| Moment::new(t, now)),
            quote: first.map(|e| clean::line(&e.evidence.quote, 240)).unwrap_or_default(),
            publisher: first.map(|e| clean::line(&e.publisher, 80)).unwrap_or_default(),
            verdict: verdicts.iter().find(|v| v.episode_id == alert.episode_id).map(|v| v.verdict.as_str()),
        }
    }
}

/// "escalated: new kind of act".
pub fn change(transition: Transition, reason: Reason) -> String {
    let why = match reason {
        Reason::NewAct => "a new act",
        Reason::NewKind => "a new kind of act",
        Reason::Severity => "it weighs differently",
        Reason::Confirmation => "its attestation changed",
        Reason::Parties => "another party acts",
        Reason::Ladder => "one more rung of an escalation ladder",
        Reason::Reopened => "a late report reopened it",
        Reason::Evidence => "its evidence changed",
        Reason::Reports => "more reports of what is known",
        Reason::Related => "a related episode changed",
        Reason::Tension => "the dyad's tension changed",
        Reason::Denied => "denied",
        Reason::Killed => "the article was withdrawn",
        Reason::Corrected => "the article was corrected",
        Reason::Quiet => "no new act for long enough",
        Reason::Merged => "it is one with another episode",
    };
    format!("{transition}: {why}")
}

/// One step of the timeline.
#[derive(Serialize)]
pub struct StepRow {
    pub revision: u32,
    pub transition: &'static str,
    pub change: String,
    pub severity: &'static str,
    pub confirmation: &'static str,
    pub time: Moment,
    pub because: String,
    /// The evidence that set it off, where it is among those shown.
    pub evidence: Option<usize>,
}

/// One quoted sentence.
#[derive(Serialize)]
pub struct EvidenceRow {
    pub number: usize,
    pub before: String,
    pub quote: String,
    pub after: String,
    pub title: String,
    pub link: Option<clean::Link>,
    pub publisher: String,
    pub class: String,
    pub origin: String,
    pub act: String,
    pub kind: String,
    pub stance: String,
    pub recap: bool,
    pub escalatory: bool,
    pub speaker: String,
    pub object: String,
    pub confidence: String,
    pub rule: String,
    pub runbook: String,
    pub revision: String,
    pub published: Moment,
    pub sentence: String,
}

impl EvidenceRow {
    pub fn new(number: usize, item: &AlertEvidence, services: &Services) -> Self {
        let act = Act {
            kind: item.kind,
            stance: item.stance,
            source: item.source.clone(),
            target: item.target.clone(),
            instrument: item.instrument.clone(),
        };
        let (before, quote, after) = clean::highlight(&item.evidence.sentence, &item.evidence.quote);
        let short = |text: &str| clean::line(text, 160);
        Self {
            number,
            before,
            quote,
            after,
            title: clean::line(&item.title, 240),
            link: item.url.as_deref().and_then(clean::link),
            publisher: short(&item.publisher),
            class: serde_json::to_value(item.class)
                .ok()
                .and_then(|v| v.as_str().map(str::to_owned))
                .unwrap_or_default(),
            origin: short(item.origin.as_deref().unwrap_or_default()),
            act: clean::text(&services.names.act(&act)),
            kind: words::title(item.kind.as_str()),
            stance: format!("{:?}", item.stance).to_lowercase(),
            recap: item.recency == crate::signal::Recency::Recap,
            escalatory: item.kind.polarity() == Polarity::Escalatory,
            speaker: item.speaker.as_ref().map(|s| short(&s.name)).unwrap_or_default(),
            object: short(item.object.as_deref().unwrap_or_default()),
            confidence: format!("{:.0} %", item.confidence * 100.0),
            rule: short(&item.rule.id),
            runbook: runbook(&services.runbook_url, &item.rule.id),
            revision: short(&item.rule.revision),
            published: Moment::new(item.published_at, services.now()),
            sentence: clean::text(&item.evidence.sentence),
        }
    }
}

/// Empty where rules have no runbooks, or the rule's name is not one.
fn runbook(template: &str, rule: &str) -> String {
    let plain = rule.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'));
    let url = if plain { template.replace("{rule}", rule) } else { String::new() };
    clean::link(&url).map(|l| l.url).unwrap_or_default()
}

pub fn steps(alert: &Alert, now: Time) -> Vec<StepRow> {
    let row = |step: &crate::alert::Step| StepRow {
        revision: step.revision,
        transition: step.transition.as_str(),
        change: change(step.transition, step.reason),
        severity: step.severity.as_str(),
        confirmation: step.confirmation.as_str(),
        time: Moment::new(step.time, now),
        because: clean::text(&step.because),
        evidence: step
            .article_id
            .as_ref()
            .and_then(|id| alert.evidence.iter().position(|e| e.article_id == *id))
            .map(|at| at + 1),
    };
    alert.history.iter().rev().map(row).collect()
}
