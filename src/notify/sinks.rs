//! All configured sinks, and how a delivery reaches each.

use std::time::Duration;

use backon::{BlockingRetryable, ExponentialBuilder};

use super::alertmanager;
use super::desk::{Desk, Told};
use super::message::{headline, sentence};
use super::webhook;
use crate::alert::Alert;
use crate::article::Time;
use crate::config::{Settings, Sink};

/// Why a sink did not take a delivery.
#[derive(Debug, thiserror::Error)]
pub enum SinkError {
    #[error("no answer: {0}")]
    NoAnswer(#[from] reqwest::Error),
    #[error("answered {status}: {body}")]
    Refused { status: u16, body: String },
    #[error("there is no sink {0:?}")]
    Unknown(String),
}

impl SinkError {
    /// Trying again may help.
    fn is_passing(&self) -> bool {
        match self {
            SinkError::NoAnswer(_) => true,
            SinkError::Refused { status, .. } => *status == 429 || *status >= 500,
            SinkError::Unknown(_) => false,
        }
    }
}

/// The configured sinks.
pub struct Sinks {
    list: Vec<Sink>,
    secrets: Vec<Option<Vec<u8>>>,
    public_url: String,
    http: reqwest::Client,
    runtime: tokio::runtime::Runtime,
}

impl Sinks {
    /// # Errors
    /// A secret that cannot be read.
    pub fn new(settings: &Settings) -> anyhow::Result<Sinks> {
        use anyhow::Context as _;
        let mut secrets = Vec::new();
        for sink in &settings.notify.sinks {
            secrets.push(match sink {
                Sink::Webhook { secret_file: Some(path), name, .. } => {
                    let secret = std::fs::read(path).with_context(|| format!("secret of sink {name}"))?;
                    Some(secret.trim_ascii_end().to_vec())
                }
                _ => None,
            });
        }
        Ok(Sinks {
            list: settings.notify.sinks.clone(),
            secrets,
            public_url: settings.http.public_url.clone(),
            http: reqwest::Client::builder().timeout(Duration::from_secs(10)).build()?,
            runtime: tokio::runtime::Builder::new_current_thread().enable_all().build()?,
        })
    }

    pub fn names(&self) -> Vec<String> {
        self.list.iter().map(|sink| sink.name().to_owned()).collect()
    }

    /// Delivers, with a few tries.
    ///
    /// # Errors
    /// The last try's.
    pub fn send(&self, name: &str, alert: &Alert, told: &Told) -> Result<(), SinkError> {
        let policy = ExponentialBuilder::default()
            .with_min_delay(Duration::from_millis(200))
            .with_max_times(3)
            .with_jitter();
        (|| self.once(name, alert, told, None)).retry(policy).when(SinkError::is_passing).call()
    }

    /// What Alertmanager must hear again so that it does not end by itself.
    pub fn repeat(&self, open: &[Alert], desk: &Desk) {
        for sink in self.list.iter().filter(|s| matches!(s, Sink::Alertmanager { .. })) {
            for alert in open {
                let Some(receipt) = desk.receipt(sink.name(), &alert.episode_id).filter(|r| !r.is_closed)
                else {
                    continue;
                };
                let told = Told { page: receipt.page, is_late: false, is_closed: false };
                if let Err(error) = self.once(sink.name(), alert, &told, None) {
                    tracing::warn!(sink = sink.name(), %error, "not repeated");
                }
            }
        }
    }

    fn once(
        &self,
        name: &str,
        alert: &Alert,
        told: &Told,
        before: Option<&super::desk::Receipt>,
    ) -> Result<(), SinkError> {
        let index =
            self.list.iter().position(|s| s.name() == name).ok_or_else(|| SinkError::Unknown(name.into()))?;
        match &self.list[index] {
            Sink::Log { .. } => {
                tracing::info!(
                    episode = alert.episode_id,
                    dyad = %alert.dyad,
                    family = %alert.family,
                    severity = %alert.severity,
                    transition = %alert.transition,
                    page = told.page,
                    late = told.is_late,
                    evidence = sentence(alert),
                    "{}",
                    headline(alert)
                );
                Ok(())
            }
            Sink::Webhook { url, .. } => {
                let body = webhook::body(alert, told, &self.public_url);
                let mut request = self.http.post(url).header("content-type", "application/cloudevents+json");
                if let Some(secret) = &self.secrets[index] {
                    request = request.header("x-demarche-signature", webhook::signature(secret, &body));
                }
                self.post(request.body(body))
            }
            Sink::Alertmanager { urls, .. } => {
                let now = Time(jiff::Timestamp::now().as_millisecond());
                let body = alertmanager::body(alert, told, before, now, &self.public_url).to_string();
                let mut outcome = Ok(());
                // Every instance of a cluster; one that took it suffices, the others hear it by gossip.
                let mut taken = false;
                for url in urls {
                    let url = format!("{}/api/v2/alerts", url.trim_end_matches('/'));
                    let request =
                        self.http.post(url).header("content-type", "application/json").body(body.clone());
                    match self.post(request) {
                        Ok(()) => taken = true,
                        Err(error) => outcome = Err(error),
                    }
                }
                if taken { Ok(()) } else { outcome }
            }
        }
    }

    fn post(&self, request: reqwest::RequestBuilder) -> Result<(), SinkError> {
        self.runtime.block_on(async {
            let response = request.send().await?;
            let status = response.status();
            if status.is_success() {
                return Ok(());
            }
            let body: String = response.text().await.unwrap_or_default().chars().take(300).collect();
            Err(SinkError::Refused { status: status.as_u16(), body })
        })
    }
}
