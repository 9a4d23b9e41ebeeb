//! Places that alerts are told to, as the settings name them.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What one sink hears of; an absent part lets all through.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Only {
    /// The least severity: `info`, `low`, `medium`, `high`, `critical`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<String>,
    /// Pairs: `AAA-BBB`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dyads: Vec<String>,
    /// Kinds of act; one of the episode's suffices.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<String>,
    /// First and last hour of the day (UTC, the last one not included): `[6, 22]`. What comes outside waits, unless
    /// critical.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hours: Option<[u8; 2]>,
}

fn pagerduty_url() -> String {
    "https://events.pagerduty.com".into()
}

fn slack_url() -> String {
    "https://slack.com/api".into()
}

/// Half of what PagerDuty and Slack take in a minute, so that others may use the same key.
fn people_per_minute() -> u32 {
    30
}

/// One place that alerts are told to. Secrets stand in files of their own.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, tag = "type", rename_all = "snake_case")]
pub enum Sink {
    /// Lines of the daemon's own log.
    Log {
        name: String,
        #[serde(default)]
        only: Only,
    },
    /// CloudEvents JSON by POST.
    Webhook {
        name: String,
        url: String,
        /// File with the key of the HMAC-SHA256 signature.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        secret_file: Option<PathBuf>,
        /// A minijinja template that makes the body in place of the CloudEvent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        template_file: Option<PathBuf>,
        #[serde(default)]
        only: Only,
        /// Deliveries a minute; 0: without limit.
        #[serde(default)]
        per_minute: u32,
    },
    /// Prometheus Alertmanager, API v2; every instance of a cluster.
    Alertmanager {
        name: String,
        urls: Vec<String>,
        #[serde(default)]
        only: Only,
    },
    /// PagerDuty, Events API v2.
    Pagerduty {
        name: String,
        /// File with the integration key.
        routing_key_file: PathBuf,
        #[serde(default = "pagerduty_url")]
        url: String,
        #[serde(default)]
        only: Only,
        /// Events a minute; more become one digest.
        #[serde(default = "people_per_minute")]
        per_minute: u32,
    },
    /// Slack: an incoming webhook, or a bot's token and a channel, whose messages are updated in place.
    Slack {
        name: String,
        /// File with the URL of an incoming webhook.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        webhook_url_file: Option<PathBuf>,
        /// File with a bot's token (scope `chat:write`).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        token_file: Option<PathBuf>,
        /// The channel's id, with a token.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        channel: Option<String>,
        #[serde(default = "slack_url")]
        url: String,
        #[serde(default)]
        only: Only,
        /// Messages a minute; more become one digest.
        #[serde(default = "people_per_minute")]
        per_minute: u32,
    },
}

impl Sink {
    pub fn name(&self) -> &str {
        match self {
            Sink::Log { name, .. }
            | Sink::Webhook { name, .. }
            | Sink::Alertmanager { name, .. }
            | Sink::Pagerduty { name, .. }
            | Sink::Slack { name, .. } => name,
        }
    }

    pub fn only(&self) -> &Only {
        match self {
            Sink::Log { only, .. }
            | Sink::Webhook { only, .. }
            | Sink::Alertmanager { only, .. }
            | Sink::Pagerduty { only, .. }
            | Sink::Slack { only, .. } => only,
        }
    }

    /// Deliveries a minute; 0: without limit.
    pub fn per_minute(&self) -> u32 {
        match self {
            Sink::Log { .. } | Sink::Alertmanager { .. } => 0,
            Sink::Webhook { per_minute, .. }
            | Sink::Pagerduty { per_minute, .. }
            | Sink::Slack { per_minute, .. } => *per_minute,
        }
    }

    /// What is wrong with this sink alone, in words.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let only = self.only();
        let name = self.name();
        let known =
            |text: &String| serde_json::from_value::<crate::alert::Severity>(text.as_str().into()).is_ok();
        if only.severity.as_ref().is_some_and(|s| !known(s)) {
            faults.push(format!("{name}: only.severity is none of info, low, medium, high, critical"));
        }
        if let Some(pair) = only.dyads.iter().find(|d| d.parse::<crate::signal::Dyad>().is_err()) {
            faults.push(format!("{name}: {pair:?} is no pair"));
        }
        let kinds = crate::signal::Kind::ALL;
        if let Some(kind) = only.kinds.iter().find(|k| !kinds.iter().any(|known| known.as_str() == **k)) {
            faults.push(format!("{name}: {kind:?} is no kind"));
        }
        if only.hours.is_some_and(|[from, to]| from > 24 || to > 24 || from == to) {
            faults.push(format!("{name}: only.hours wants two different hours from 0 to 24"));
        }
        if let Sink::Slack { webhook_url_file, token_file, channel, .. } = self {
            let chat = token_file.is_some() && channel.is_some();
            if webhook_url_file.is_some() == chat {
                faults.push(format!("{name}: give webhook_url_file, or token_file and channel"));
            }
        }
        faults
    }
}
