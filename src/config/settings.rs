//! The settings file: a mirror of the TOML, then a value that cannot be wrong.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::packs::{Packs, compiled_in};
use crate::lexicon::{Diagnostic, SourceFile};

/// Once per topic, or at least once.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// Kafka transactions from news to alerts.
    #[default]
    ExactlyOnce,
    /// For brokers without transactions: offsets after delivery; ids make repeats harmless.
    AtLeastOnce,
}

/// Who pages about the world.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Paging {
    /// The sinks of `notify`.
    #[default]
    Notify,
    /// Prometheus or Grafana rules.
    Metrics,
}

/// The link to Kafka.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Kafka {
    /// `host:port`, comma-separated.
    pub brokers: String,
    /// Topic of the news.
    pub news: String,
    /// What our topics begin with: `demarche` gives `demarche.signals`.
    pub prefix: String,
    /// Create topics that are missing.
    pub create_topics: bool,
    /// Partitions of `signals` and `state`, where they are created.
    pub partitions: i32,
    /// Replicas of topics that are created.
    pub replication: i32,
    pub delivery: Delivery,
    /// Unique and stable name of this process: a StatefulSet's ordinal, not a container's id.
    pub instance: String,
    /// Where detect begins on its first start: `latest` or `earliest`.
    pub from: String,
    /// Milliseconds between commits that hold no signal and no alert.
    pub commit_interval_ms: u64,
    /// Milliseconds until the broker gives up on a silent member.
    pub session_timeout_ms: u32,
    /// Milliseconds until the broker aborts an open transaction.
    pub transaction_timeout_ms: u32,
    /// Milliseconds of the final drain on shutdown.
    pub drain_timeout_ms: u64,
    /// Seconds of lag without progress until the daemon is not ready.
    pub stall_seconds: u64,
    /// Further settings of librdkafka: `"security.protocol" = "ssl"`.
    pub client: std::collections::BTreeMap<String, String>,
    /// File with the password of SASL.
    pub sasl_password_file: Option<PathBuf>,
}

impl Default for Kafka {
    fn default() -> Kafka {
        Kafka {
            brokers: "127.0.0.1:9092".into(),
            news: "diplomatic.news".into(),
            prefix: "demarche".into(),
            create_topics: true,
            partitions: 4,
            replication: 1,
            delivery: Delivery::default(),
            instance: "demarche-0".into(),
            from: "latest".into(),
            commit_interval_ms: 200,
            session_timeout_ms: 10_000,
            transaction_timeout_ms: 10_000,
            drain_timeout_ms: 15_000,
            stall_seconds: 60,
            client: std::collections::BTreeMap::new(),
            sasl_password_file: None,
        }
    }
}

/// What detect is told.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Detect {
    /// Seconds without an article until the feed is blind; 0 switches it off.
    pub feed_silence: u64,
    /// Share of dead letters (percent of the last 1,000 articles) at which intake pauses.
    pub dead_letter_percent: u32,
    pub rules: Option<PathBuf>,
    pub actors: Option<PathBuf>,
    pub treaties: Option<PathBuf>,
    pub sources: Option<PathBuf>,
}

impl Default for Detect {
    fn default() -> Detect {
        Detect {
            feed_silence: 3_600,
            dead_letter_percent: 50,
            rules: None,
            actors: None,
            treaties: None,
            sources: None,
        }
    }
}

/// What assess is told.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Assess {
    pub severity: Option<PathBuf>,
    pub weights: Option<PathBuf>,
    pub ladders: Option<PathBuf>,
    /// Pairs whose tension is a metric of its own: `IND-PAK`; 50 at most.
    pub watchlist: Vec<String>,
}

/// One place that alerts are told to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, tag = "type", rename_all = "snake_case")]
pub enum Sink {
    /// Lines on stdout.
    Log { name: String },
    /// CloudEvents JSON by POST.
    Webhook {
        name: String,
        url: String,
        /// File with the key of the HMAC-SHA256 signature.
        #[serde(default)]
        secret_file: Option<PathBuf>,
    },
    /// Prometheus Alertmanager, API v2; every instance of a cluster.
    Alertmanager { name: String, urls: Vec<String> },
}

impl Sink {
    pub fn name(&self) -> &str {
        match self {
            Sink::Log { name } | Sink::Webhook { name, .. } | Sink::Alertmanager { name, .. } => name,
        }
    }
}

/// What notify is told.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Notify {
    pub paging: Paging,
    /// Seconds: nothing pages whose newest act is older; 0 switches it off.
    pub max_age: u64,
    /// Seconds after a first start in which what is open becomes one digest.
    pub warmup: u64,
    pub sinks: Vec<Sink>,
}

impl Default for Notify {
    fn default() -> Notify {
        Notify {
            paging: Paging::default(),
            max_age: 86_400,
            warmup: 1_800,
            sinks: vec![Sink::Log { name: "log".into() }],
        }
    }
}

/// The listeners.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Listen {
    /// `/metrics`, `/livez`, `/readyz`.
    pub ops: String,
    /// The page and the API; loopback unless `allow_remote`.
    pub http: String,
    /// What alerts link to: `https://demarche.example.org`.
    pub public_url: Option<String>,
    /// File with bearer tokens for the page.
    pub token_file: Option<PathBuf>,
    /// Bind `http` beyond loopback without a token.
    pub allow_remote: bool,
}

impl Default for Listen {
    fn default() -> Listen {
        Listen {
            ops: "127.0.0.1:9464".into(),
            http: "127.0.0.1:9465".into(),
            public_url: None,
            token_file: None,
            allow_remote: false,
        }
    }
}

/// The whole file.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    pub kafka: Kafka,
    pub detect: Detect,
    pub assess: Assess,
    pub notify: Notify,
    pub listen: Listen,
}

/// The settings cannot be used; every fault is told.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct SettingsError(pub Vec<String>);

impl Settings {
    /// The shipped settings, those of `file` on top, then `DEMARCHE_OPS_LISTEN`, `DEMARCHE_HTTP_LISTEN` and
    /// `DEMARCHE_BROKERS`.
    ///
    /// # Errors
    /// Every fault with its place.
    pub fn load(file: Option<&Path>) -> Result<Settings, SettingsError> {
        let source = match file {
            Some(path) => SourceFile {
                path: path.display().to_string(),
                text: std::fs::read_to_string(path)
                    .map_err(|e| SettingsError(vec![format!("reading {}: {e}", path.display())]))?,
            },
            None => SourceFile {
                path: "demarche.toml".into(),
                text: compiled_in("demarche.toml").unwrap_or_default().to_owned(),
            },
        };
        let mut settings: Settings = crate::lexicon::parse_toml(&source)
            .map_err(|fault: Diagnostic| SettingsError(vec![fault.render(&source.text)]))?;
        let over = |name: &str, slot: &mut String| {
            if let Ok(value) = std::env::var(name) {
                *slot = value;
            }
        };
        over("DEMARCHE_OPS_LISTEN", &mut settings.listen.ops);
        over("DEMARCHE_HTTP_LISTEN", &mut settings.listen.http);
        over("DEMARCHE_BROKERS", &mut settings.kafka.brokers);
        settings.check(&source)?;
        Ok(settings)
    }

    fn check(&self, source: &SourceFile) -> Result<(), SettingsError> {
        let mut faults = Vec::new();
        let mut fault = |key: &str, message: String, help: &str| {
            let at = source.text.find(key).map_or(0..0, |at| at..at + key.len());
            faults.push(
                Diagnostic::error("settings", &source.path, at, message).help(help).render(&source.text),
            );
        };
        for (key, value) in [("ops", &self.listen.ops), ("http", &self.listen.http)] {
            if value.parse::<SocketAddr>().is_err() {
                fault(key, format!("`listen.{key}` {value:?} is no address"), "write 127.0.0.1:9464");
            }
        }
        let is_remote = self.listen.http.parse::<SocketAddr>().is_ok_and(|a| !a.ip().is_loopback());
        if is_remote && self.listen.token_file.is_none() && !self.listen.allow_remote {
            fault(
                "http",
                "`listen.http` leaves this machine without a token".into(),
                "set listen.token_file, or listen.allow_remote = true",
            );
        }
        let tells = self.notify.sinks.iter().any(|sink| !matches!(sink, Sink::Log { .. }));
        if tells && self.listen.public_url.is_none() {
            fault(
                "sinks",
                "a sink other than the log needs `listen.public_url`: what its messages link to".into(),
                "set listen.public_url",
            );
        }
        if self.kafka.brokers.trim().is_empty() {
            fault("brokers", "`kafka.brokers` is empty".into(), "write host:port");
        }
        if self.kafka.partitions < 1 {
            fault("partitions", "`kafka.partitions` must be 1 or more".into(), "");
        }
        if !matches!(self.kafka.from.as_str(), "latest" | "earliest") {
            fault(
                "from",
                format!("`kafka.from` {:?} is unknown", self.kafka.from),
                "write latest or earliest",
            );
        }
        if self.assess.watchlist.len() > 50 {
            fault("watchlist", "the watchlist holds 50 pairs at most".into(), "");
        }
        for pair in &self.assess.watchlist {
            if pair.parse::<crate::signal::Dyad>().is_err() {
                fault(pair, format!("{pair:?} in the watchlist is no pair"), "write IND-PAK");
            }
        }
        if faults.is_empty() { Ok(()) } else { Err(SettingsError(faults)) }
    }

    pub fn packs(&self) -> Packs {
        let detect = &self.detect;
        Packs {
            rules: detect.rules.clone(),
            actors: detect.actors.clone(),
            treaties: detect.treaties.clone(),
            sources: detect.sources.clone(),
        }
    }

    /// The policy of assess from its files.
    ///
    /// # Errors
    /// Every fault with its place.
    pub fn policy(&self) -> Result<crate::assess::Policy, SettingsError> {
        let file = |path: &Option<PathBuf>, name: &str| -> Result<SourceFile, SettingsError> {
            match path {
                Some(path) => Ok(SourceFile {
                    path: path.display().to_string(),
                    text: std::fs::read_to_string(path)
                        .map_err(|e| SettingsError(vec![format!("reading {}: {e}", path.display())]))?,
                }),
                None => {
                    Ok(SourceFile { path: name.into(), text: compiled_in(name).unwrap_or_default().into() })
                }
            }
        };
        let severity = file(&self.assess.severity, "severity.toml")?;
        let weights = file(&self.assess.weights, "weights.toml")?;
        let ladders = file(&self.assess.ladders, "ladders.toml")?;
        let mut policy = crate::assess::Policy::from_toml(&severity, &weights, &ladders)
            .map_err(|e| SettingsError(vec![e.to_string()]))?;
        policy.feed_silence = i64::try_from(self.detect.feed_silence).unwrap_or(i64::MAX / 2_000) * 1_000;
        Ok(policy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shipped_is_the_default() {
        let source =
            SourceFile { path: "demarche.toml".into(), text: compiled_in("demarche.toml").unwrap().into() };
        let settings: Settings = crate::lexicon::parse_toml(&source).unwrap();
        assert_eq!(settings, Settings::default());
        settings.policy().unwrap();
    }

    #[test]
    fn faults_are_told_with_their_place() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("demarche.toml");
        std::fs::write(&path, "[kafka]\nbrokers = \"\"\nfrom = \"noon\"\n").unwrap();
        let error = Settings::load(Some(&path)).unwrap_err().to_string();
        assert!(
            error.contains("brokers") && error.contains("noon") && error.contains("demarche.toml:3"),
            "{error}"
        );
        std::fs::write(&path, "[kafka]\nbroker = \"x\"\n").unwrap();
        assert!(Settings::load(Some(&path)).unwrap_err().to_string().contains("unknown field"));
    }
}
