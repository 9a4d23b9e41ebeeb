//! One configured sink: how a delivery reaches it.

use std::fmt;
use std::time::Duration;

use anyhow::Context as _;
use serde_json::Value;

use super::delivery::{Delivery, Told};
use super::desk::Open;
use super::message::{Context, Facts, Templates};
use super::{alertmanager, pagerduty, slack, webhook};
use crate::alert::Alert;
use crate::article::Time;
use crate::config::Sink;

/// How long a provider may take for an answer.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The longest `Retry-After` that is honoured: a wrong one must not silence a sink for a day.
const RETRY_AFTER_MAX: u64 = 600;

/// The alert of [`Outlet::trial`].
const TRIAL: &str = include_str!("../../config/templates/trial.json");

/// Why a sink did not take a delivery. Whether to try again belongs to it.
#[derive(Debug, thiserror::Error)]
pub enum SinkError {
    #[error("no answer: {0}")]
    NoAnswer(String),
    #[error("busy ({status})")]
    Busy { status: u16, retry_after: Option<Duration> },
    #[error("answered {status}: {body}")]
    Refused { status: u16, body: String },
    #[error("the template failed: {0}")]
    Template(#[from] minijinja::Error),
}

impl SinkError {
    /// Trying the same again may help.
    pub fn is_passing(&self) -> bool {
        match self {
            SinkError::NoAnswer(_) | SinkError::Busy { .. } => true,
            // Wrong keys are mended by people: nothing is lost until then.
            SinkError::Refused { status, .. } => matches!(status, 401 | 403 | 404),
            SinkError::Template(_) => false,
        }
    }

    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            SinkError::Busy { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}

/// A secret: never shown.
#[derive(Clone)]
struct Secret(String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

#[derive(Debug)]
enum Way {
    Log,
    Webhook { url: String, secret: Option<Secret>, is_own: bool },
    Alertmanager { urls: Vec<String> },
    Pagerduty { url: String, key: Secret },
    SlackHook { url: Secret },
    SlackChat { url: String, token: Secret, channel: String },
}

/// One sink, ready to send.
pub struct Outlet {
    pub name: String,
    way: Way,
    context: Context,
    templates: Templates,
    http: reqwest::Client,
    dry_run: bool,
}

fn secret(path: &std::path::Path, name: &str) -> anyhow::Result<Secret> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("sink {name}: secret {}", path.display()))?;
    let text = text.trim().to_owned();
    anyhow::ensure!(!text.is_empty(), "sink {name}: {} is empty", path.display());
    Ok(Secret(text))
}

impl Outlet {
    /// # Errors
    /// A secret or template that cannot be read.
    pub fn new(sink: &Sink, context: Context, dry_run: bool) -> anyhow::Result<Outlet> {
        let name = sink.name().to_owned();
        let mut own = None;
        let way = match sink {
            Sink::Log { .. } => Way::Log,
            Sink::Webhook { url, secret_file, template_file, .. } => {
                if let Some(path) = template_file {
                    own = Some(
                        std::fs::read_to_string(path)
                            .with_context(|| format!("sink {name}: template {}", path.display()))?,
                    );
                }
                let secret = secret_file.as_ref().map(|path| secret(path, &name)).transpose()?;
                Way::Webhook { url: url.clone(), secret, is_own: own.is_some() }
            }
            Sink::Alertmanager { urls, .. } => Way::Alertmanager { urls: urls.clone() },
            Sink::Pagerduty { routing_key_file, url, .. } => {
                Way::Pagerduty { url: trimmed(url), key: secret(routing_key_file, &name)? }
            }
            Sink::Slack { webhook_url_file, token_file, channel, url, .. } => {
                match (webhook_url_file, token_file, channel) {
                    (Some(path), ..) => Way::SlackHook { url: secret(path, &name)? },
                    (None, Some(path), Some(channel)) => Way::SlackChat {
                        url: trimmed(url),
                        token: secret(path, &name)?,
                        channel: channel.clone(),
                    },
                    _ => anyhow::bail!("sink {name}: give webhook_url_file, or token_file and channel"),
                }
            }
        };
        let http = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        let templates = Templates::new(own).with_context(|| format!("template of sink {name}"))?;
        Ok(Outlet { name, way, context, templates, http, dry_run })
    }

    pub fn is_alertmanager(&self) -> bool {
        matches!(self.way, Way::Alertmanager { .. })
    }

    /// Sends once. Gives the provider's own name of the message.
    ///
    /// # Errors
    /// See [`SinkError`].
    pub async fn send(&self, delivery: &Delivery, now: Time) -> Result<Option<String>, SinkError> {
        let Some(facts) = self.context.facts(delivery) else { return Ok(None) };
        if self.dry_run || matches!(self.way, Way::Log) {
            self.log(delivery, &facts);
            return Ok(None);
        }
        match &self.way {
            Way::Log => Ok(None),
            Way::Webhook { url, secret, is_own } => {
                let body = match is_own {
                    true => self.templates.render("own", &facts)?.into_bytes(),
                    false => webhook::body(delivery, &facts),
                };
                let kind = if *is_own { "application/json" } else { "application/cloudevents+json" };
                let mut request = self.http.post(url).header("content-type", kind);
                if let Some(Secret(key)) = secret {
                    request =
                        request.header("x-demarche-signature", webhook::signature(key.as_bytes(), &body));
                }
                post(request.body(body)).await.map(|_| None)
            }
            Way::Alertmanager { urls } => {
                let list = alertmanager::body(delivery, &self.context, now);
                if !list.is_empty() {
                    self.to_all(urls, &Value::Array(list)).await?;
                }
                let name = |alert| alertmanager::name(alert, delivery.before.as_ref());
                Ok(delivery.alerts.first().map(|alert| name(alert)))
            }
            Way::Pagerduty { url, key } => self.pagerduty(url, &key.0, delivery, &facts).await,
            Way::SlackHook { url } => {
                if delivery.told.joins.is_some() {
                    return Ok(None);
                }
                let body = self.slack_message(&facts)?;
                post(self.http.post(&url.0).json(&body)).await.map(|_| None)
            }
            Way::SlackChat { url, token, channel } => {
                self.slack_chat(url, &token.0, channel, delivery, &facts).await
            }
        }
    }

    fn log(&self, delivery: &Delivery, facts: &Facts) {
        tracing::info!(
            sink = self.name,
            episode = facts.episode,
            dyad = facts.dyad,
            family = facts.family,
            severity = facts.severity,
            transition = facts.transition,
            page = facts.page,
            late = facts.late,
            episodes = delivery.alerts.len(),
            changed = facts.changed,
            evidence = facts.sentence,
            dry_run = self.dry_run,
            "{}",
            facts.headline
        );
    }

    /// Every instance of a cluster; one that took it suffices, the others hear it by gossip and by the next repeat.
    async fn to_all(&self, urls: &[String], body: &Value) -> Result<(), SinkError> {
        let mut outcome = Ok(());
        let mut taken = urls.is_empty();
        for url in urls {
            let url = format!("{}/api/v2/alerts", trimmed(url));
            match post(self.http.post(&url).json(body)).await {
                Ok(_) => taken = true,
                Err(error) => {
                    tracing::debug!(sink = self.name, url, %error, "an instance did not take it");
                    outcome = Err(error);
                }
            }
        }
        if taken { Ok(()) } else { outcome }
    }

    /// Says to Alertmanager again what is open. A 400 may have stored the good ones: each is then said by itself.
    ///
    /// # Errors
    /// The last instance's, where none took it.
    pub async fn repeat(&self, open: &[Open], now: Time) -> Result<(), SinkError> {
        let Way::Alertmanager { urls } = &self.way else { return Ok(()) };
        if self.dry_run {
            return Ok(());
        }
        for batch in open.chunks(alertmanager::BATCH) {
            let list: Vec<Value> =
                batch.iter().map(|open| alertmanager::again(open, &self.context, now)).collect();
            match self.to_all(urls, &Value::Array(list.clone())).await {
                Err(SinkError::Refused { status: 400, .. }) => {
                    for one in list {
                        let _ = self.to_all(urls, &Value::Array(vec![one])).await;
                    }
                }
                other => other?,
            }
        }
        Ok(())
    }

    async fn pagerduty(
        &self,
        url: &str,
        key: &str,
        delivery: &Delivery,
        facts: &Facts,
    ) -> Result<Option<String>, SinkError> {
        let text = self.templates.render("plain", facts)?;
        let (requests, reference) = pagerduty::requests(delivery, facts, &text, key);
        for (path, body) in requests {
            let bytes = body.to_string().into_bytes();
            if bytes.len() > pagerduty::EVENT_MAX {
                return Err(SinkError::Refused { status: 413, body: "event above 512 KB".into() });
            }
            let request = self.http.post(format!("{url}{path}")).header("content-type", "application/json");
            post(request.body(bytes)).await?;
        }
        Ok(reference)
    }

    fn slack_message(&self, facts: &Facts) -> Result<Value, SinkError> {
        let marked = facts.clone().for_slack();
        let template = if facts.digest.is_some() { "digest" } else { "slack" };
        let text = self.templates.render(template, &marked)?;
        Ok(slack::message(facts, &marked, &text))
    }

    async fn slack_chat(
        &self,
        url: &str,
        token: &str,
        channel: &str,
        delivery: &Delivery,
        facts: &Facts,
    ) -> Result<Option<String>, SinkError> {
        let (method, body) = slack::call(delivery, self.slack_message(facts)?, channel);
        let ask = async |method: &str, body: &Value| {
            post(self.http.post(format!("{url}/{method}")).bearer_auth(token).json(body)).await
        };
        let mut answer = ask(method, &body).await?;
        let gone = ["message_not_found", "cant_update_message", "edit_window_closed"];
        let error = |answer: &Value| answer["error"].as_str().unwrap_or_default().to_owned();
        if method == "chat.update" && gone.contains(&error(&answer).as_str()) {
            let mut body = body.clone();
            body.as_object_mut().map(|o| o.remove("ts"));
            answer = ask("chat.postMessage", &body).await?;
        }
        if answer["ok"] != true {
            let what = error(&answer);
            return Err(match what.as_str() {
                "ratelimited" | "rate_limited" | "internal_error" | "fatal_error" | "service_unavailable" => {
                    SinkError::Busy { status: 200, retry_after: None }
                }
                "invalid_auth" | "not_authed" | "account_inactive" | "token_revoked" | "not_in_channel"
                | "channel_not_found" => SinkError::Refused { status: 403, body: what },
                _ => SinkError::Refused { status: 400, body: what },
            });
        }
        let ts = answer["ts"].as_str().map(str::to_owned);
        if let Some(ts) = ts.as_deref().filter(|_| method == "chat.update" && delivery.told.wakes) {
            let _ = ask("chat.postMessage", &slack::nudge(&facts.clone().for_slack(), channel, ts)).await?;
        }
        Ok(ts)
    }

    /// Tries the sink out: a message that pages, then its end.
    ///
    /// # Errors
    /// See [`SinkError`].
    pub async fn trial(&self, now: Time) -> anyhow::Result<()> {
        let mut alert: Alert = serde_json::from_str(TRIAL)?;
        (alert.started_at, alert.last_act_at, alert.updated_at) = (now, now, now);
        let mut delivery = Delivery {
            sink: self.name.clone(),
            told: Told { page: true, wakes: true, ..Told::default() },
            alerts: vec![std::sync::Arc::new(alert)],
            each: Vec::new(),
            before: None,
            digest: None,
        };
        self.send(&delivery, now).await?;
        delivery.told = Told { page: true, is_closed: true, ..Told::default() };
        self.send(&delivery, now).await?;
        Ok(())
    }
}

fn trimmed(url: &str) -> String {
    url.trim_end_matches('/').to_owned()
}

/// Posts and judges the answer; a JSON body where there is one.
async fn post(request: reqwest::RequestBuilder) -> Result<Value, SinkError> {
    // Without its URL: a webhook's URL is a secret.
    let lost = |error: reqwest::Error| SinkError::NoAnswer(error.without_url().to_string());
    let response = request.send().await.map_err(lost)?;
    let status = response.status();
    let after =
        response.headers().get("retry-after").and_then(|v| v.to_str().ok()?.trim().parse::<u64>().ok());
    if status.as_u16() == 429 || status.is_server_error() {
        let retry_after = after.map(|s| Duration::from_secs(s.min(RETRY_AFTER_MAX)));
        return Err(SinkError::Busy { status: status.as_u16(), retry_after });
    }
    let text = response.text().await.map_err(lost)?;
    if status.is_success() {
        return Ok(serde_json::from_str(&text).unwrap_or(Value::Null));
    }
    let body = super::clean::one_line(&text, 200);
    Err(SinkError::Refused { status: status.as_u16(), body })
}
