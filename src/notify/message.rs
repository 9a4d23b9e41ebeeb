//! The facts of a revision, one for all channels, and the templates that make words of them.

use std::sync::Arc;

use serde::Serialize;

use super::clean::{Link, link, one_line, slack};
use super::delivery::{Delivery, Told};
use super::receipt::Receipt;
use crate::alert::{Alert, Confirmation, Reason, Transition};
use crate::article::Time;
use crate::signal::{Code, Stance};

const HEADLINE_MAX: usize = 240;
const SENTENCE_MAX: usize = 500;
/// Episodes that a digest lists.
const LISTED: usize = 20;

/// "PAK: possible treaty-suspension → IND (simla-agreement): reported, 1 origin", by codes.
pub fn headline(alert: &Alert) -> String {
    let join = |codes: &[Code]| codes.iter().map(Code::as_str).collect::<Vec<_>>().join(", ");
    let act = &alert.headline;
    let who = if act.source.is_empty() { "somebody".to_owned() } else { join(&act.source) };
    let whom = if act.target.is_empty() || act.target == act.source {
        String::new()
    } else {
        format!(" → {}", join(&act.target))
    };
    let instrument = act.instrument.as_ref().map(|id| format!(" ({id})")).unwrap_or_default();
    let may = if act.stance == Stance::Prospective { "possible " } else { "" };
    let attested = match alert.confirmation {
        Confirmation::Reported if !alert.claimed_by.is_empty() => {
            format!("claimed by {}", join(&alert.claimed_by))
        }
        other => other.to_string(),
    };
    let origins = alert.counts.origins;
    let plural = if origins == 1 { "" } else { "s" };
    one_line(
        &format!("{who}: {may}{}{whom}{instrument}: {attested}, {origins} origin{plural}", act.kind),
        HEADLINE_MAX,
    )
}

/// The sentence that proves it, with its source.
pub fn sentence(alert: &Alert) -> String {
    alert.evidence.first().map_or_else(String::new, |item| {
        let publisher = if item.publisher.is_empty() { "unknown source" } else { &item.publisher };
        format!(
            "“{}” ({}, {})",
            one_line(&item.evidence.sentence, SENTENCE_MAX),
            one_line(publisher, 80),
            item.published_at
        )
    })
}

/// What a message says; all text of others is clean, links are safe.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Facts {
    pub headline: String,
    pub sentence: String,
    pub publisher: String,
    pub published_at: Option<Time>,
    pub source: Option<Link>,
    pub claimed_by: String,
    /// Why it fired: the row of the table, ladder or check that decided.
    pub because: String,
    pub rules: String,
    /// What changed since the sink was told last.
    pub changed: String,
    pub severity: String,
    pub transition: String,
    pub reason: String,
    pub confirmation: String,
    pub dyad: String,
    pub family: String,
    pub episode: String,
    pub tension: String,
    pub page: bool,
    pub late: bool,
    pub closed: bool,
    pub page_url: String,
    pub silence_url: String,
    pub verdict_url: String,
    pub runbook_url: Option<String>,
    /// Of a digest: why, counts by pair, its lines, and how many are not listed.
    pub digest: Option<String>,
    pub by_dyad: String,
    pub items: Vec<Item>,
    pub unlisted: usize,
}

/// One line of a digest.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Item {
    pub headline: String,
    pub severity: String,
    pub since: Time,
    pub page_url: String,
}

/// Puts something in words, from any thread.
pub type Wording<T> = Arc<dyn Fn(&T) -> String + Send + Sync>;

/// How alerts and actors are put in words; handed in by the daemon.
#[derive(Clone)]
pub struct Words {
    /// The alert in one line.
    pub alert: Wording<Alert>,
    /// "Aland and Bland".
    pub actors: Wording<[Code]>,
}

impl Default for Words {
    /// By codes.
    fn default() -> Words {
        let join = |codes: &[Code]| codes.iter().map(Code::as_str).collect::<Vec<_>>().join(", ");
        Words { alert: Arc::new(headline), actors: Arc::new(join) }
    }
}

/// What the facts need besides the alert.
#[derive(Clone, Default)]
pub struct Context {
    pub words: Words,
    pub public_url: String,
    /// `{rule}` is replaced.
    pub runbook_url: String,
}

impl Context {
    fn page(&self, alert: &Alert) -> String {
        format!("{}/alerts/{}", self.public_url.trim_end_matches('/'), alert.episode_id)
    }

    fn line(&self, alert: &Alert) -> String {
        let verb = match (alert.transition, alert.reason) {
            (Transition::Retracted, _) => "Taken back: ",
            (_, Reason::Merged) => "Merged into another episode: ",
            (Transition::Resolved, _) => "Over: ",
            _ => "",
        };
        one_line(&format!("{verb}{}", (self.words.alert)(alert)), HEADLINE_MAX)
    }

    /// The facts of a delivery.
    pub fn facts(&self, delivery: &Delivery) -> Option<Facts> {
        let alert = delivery.alerts.first()?;
        let mut facts = self.of(alert, &delivery.told, delivery.before.as_ref());
        if let Some(digest) = delivery.digest {
            let by_dyad = delivery.by_dyad();
            facts.headline = one_line(&format!("{by_dyad}: {}", digest.words()), HEADLINE_MAX);
            facts.digest = Some(digest.words().to_owned());
            facts.by_dyad = by_dyad;
            let item = |alert: &Arc<Alert>| Item {
                headline: self.line(alert),
                severity: alert.severity.to_string(),
                since: alert.started_at,
                page_url: self.page(alert),
            };
            facts.items = delivery.alerts.iter().take(LISTED).map(item).collect();
            facts.unlisted = delivery.alerts.len().saturating_sub(LISTED);
            facts.page_url = format!("{}/", self.public_url.trim_end_matches('/'));
        }
        Some(facts)
    }

    /// The facts of one revision.
    pub fn of(&self, alert: &Alert, told: &Told, before: Option<&Receipt>) -> Facts {
        let page_url = self.page(alert);
        let best = alert.evidence.first();
        let because = alert.history.last().map_or("", |step| step.because.as_str());
        let rule = alert.rules.first().map_or("", String::as_str);
        let runbook = self.runbook_url.replace("{rule}", rule);
        Facts {
            headline: self.line(alert),
            sentence: best.map(|e| one_line(&e.evidence.sentence, SENTENCE_MAX)).unwrap_or_default(),
            publisher: best.map(|e| one_line(&e.publisher, 80)).unwrap_or_default(),
            published_at: best.map(|e| e.published_at),
            source: best.and_then(|e| e.url.as_deref()).and_then(link),
            claimed_by: if alert.claimed_by.is_empty() {
                String::new()
            } else {
                one_line(&(self.words.actors)(&alert.claimed_by), 120)
            },
            because: one_line(because, 300),
            rules: one_line(&alert.rules.join(", "), 200),
            changed: changed(alert, before),
            severity: alert.severity.to_string(),
            transition: alert.transition.to_string(),
            reason: alert.reason.to_string(),
            confirmation: alert.confirmation.to_string(),
            dyad: alert.dyad.to_string(),
            family: alert.family.to_string(),
            episode: alert.episode_id.clone(),
            tension: alert.tension.level.to_string(),
            page: told.page,
            late: told.is_late,
            closed: told.is_closed,
            silence_url: format!("{page_url}/silence"),
            verdict_url: format!("{page_url}/verdict"),
            page_url,
            runbook_url: link(&runbook).map(|l| l.url),
            digest: None,
            by_dyad: String::new(),
            items: Vec::new(),
            unlisted: 0,
        }
    }
}

/// What changed since `before`, by the alert's own history.
fn changed(alert: &Alert, before: Option<&Receipt>) -> String {
    let Some(before) = before else { return String::new() };
    let mut parts = Vec::new();
    if before.severity != alert.severity {
        parts.push(format!("severity {} → {}", before.severity, alert.severity));
    }
    let was = alert.history.iter().rev().find(|step| step.revision <= before.revision);
    if let Some(was) = was.filter(|was| was.confirmation != alert.confirmation) {
        parts.push(format!("{} → {}", was.confirmation, alert.confirmation));
    }
    let since = alert.history.iter().filter(|step| step.revision > before.revision);
    let mut reasons: Vec<&str> = since.map(|step| step.reason.as_str()).collect();
    reasons.dedup();
    reasons.truncate(5);
    if !reasons.is_empty() {
        parts.push(reasons.join(", "));
    }
    parts.join("; ")
}

impl Facts {
    /// The same facts with all text made harmless in Slack's mark-up.
    pub fn for_slack(mut self) -> Facts {
        for text in [
            &mut self.headline,
            &mut self.sentence,
            &mut self.publisher,
            &mut self.claimed_by,
            &mut self.because,
            &mut self.rules,
            &mut self.changed,
            &mut self.by_dyad,
        ] {
            *text = slack(text);
        }
        for item in &mut self.items {
            item.headline = slack(&item.headline);
        }
        self
    }
}

/// The shipped templates: name and text.
const SHIPPED: [(&str, &str); 3] = [
    ("plain", include_str!("../../config/templates/plain.txt")),
    ("slack", include_str!("../../config/templates/slack.txt")),
    ("digest", include_str!("../../config/templates/digest.txt")),
];

/// Makes words of facts.
pub struct Templates(minijinja::Environment<'static>);

impl Templates {
    /// The shipped ones, and one of the user's own named `own`.
    ///
    /// # Errors
    /// A template that cannot be read as one.
    pub fn new(own: Option<String>) -> Result<Templates, minijinja::Error> {
        let mut environment = minijinja::Environment::new();
        // The text is clean before it comes here; mark-up is the channel's business.
        environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
        environment.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
        environment.set_trim_blocks(true);
        for (name, text) in SHIPPED {
            environment.add_template(name, text)?;
        }
        if let Some(text) = own {
            environment.add_template_owned("own", text)?;
        }
        Ok(Templates(environment))
    }

    /// # Errors
    /// The template asks for what there is not.
    pub fn render(&self, name: &str, facts: &Facts) -> Result<String, minijinja::Error> {
        self.0.get_template(name)?.render(facts)
    }
}
