//! The settings: a mirror of the TOML. The doc comment of a key is its reference.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::layer::SettingsError;
use super::packs::{Packs, compiled_in};
use super::sinks::Sink;
use crate::lexicon::SourceFile;

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
    /// Partitions of topics that are created.
    pub partitions: i32,
    /// Replicas of topics that are created.
    pub replication: i32,
    /// `exactly_once` or `at_least_once`.
    pub delivery: Delivery,
    /// Unique and stable name of this process: a StatefulSet's ordinal, not a container's id.
    pub instance: String,
    /// Consumer groups are called `<group>-detect` and `<group>-assess`.
    pub group: String,
    /// Where detect begins on its first start: `latest` or `earliest`.
    pub from: String,
    /// `classic` (cooperative-sticky, static members) or `consumer` (KIP-848).
    pub group_protocol: String,
    /// Milliseconds between commits that hold no signal and no alert.
    pub commit_interval_ms: u64,
    /// Milliseconds until the group gives a silent member's partitions to others.
    pub session_timeout_ms: u32,
    /// Milliseconds until the broker aborts an open transaction.
    pub transaction_timeout_ms: u32,
    /// Kilobytes fetched ahead, over all partitions of a stage.
    pub fetch_ahead_kb: u32,
    /// Further properties of librdkafka: `"security.protocol" = "ssl"`.
    pub properties: BTreeMap<String, String>,
    /// File with the password of SASL PLAIN and SCRAM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sasl_password_file: Option<PathBuf>,
    /// File with the password of the client's TLS key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ssl_key_password_file: Option<PathBuf>,
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
            group: "demarche".into(),
            from: "latest".into(),
            group_protocol: "classic".into(),
            commit_interval_ms: 200,
            session_timeout_ms: 10_000,
            transaction_timeout_ms: 10_000,
            fetch_ahead_kb: 16_384,
            properties: BTreeMap::new(),
            sasl_password_file: None,
            ssl_key_password_file: None,
        }
    }
}

/// What detect is told.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Detect {
    /// Seconds without an article until the feed is blind; 0 switches it off.
    pub feed_silence: u64,
    /// Percent of dead letters among the last 1,000 articles at which intake pauses; 0 switches it off.
    pub dead_letter_percent: u32,
    /// Folder of rule files in place of the shipped ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rules: Option<PathBuf>,
    /// Folder of actors in place of the shipped ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actors: Option<PathBuf>,
    /// Folder of treaties in place of the shipped ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub treaties: Option<PathBuf>,
    /// Folder of publishers in place of the shipped ones.
    #[serde(skip_serializing_if = "Option::is_none")]
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
    /// Table of severities in place of the shipped one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<PathBuf>,
    /// Table of tension weights in place of the shipped one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weights: Option<PathBuf>,
    /// Escalation ladders in place of the shipped ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ladders: Option<PathBuf>,
    /// Pairs whose tension is a metric of its own: `IND-PAK`; 50 at most.
    pub watchlist: Vec<String>,
}

/// What notify is told.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Notify {
    /// Who pages about the world: `notify` (sinks) or `metrics` (Prometheus or Grafana rules).
    pub paging: Paging,
    /// Seconds: nothing pages whose newest act is older; 0 switches it off.
    pub max_age: u64,
    /// Seconds after a first start in which what is open becomes one digest.
    pub warmup: u64,
    /// Log what would be sent and send nothing.
    pub dry_run: bool,
    /// Where alerts are told.
    pub sinks: Vec<Sink>,
}

impl Default for Notify {
    fn default() -> Notify {
        Notify {
            paging: Paging::default(),
            max_age: 86_400,
            warmup: 1_800,
            dry_run: false,
            sinks: vec![Sink::Log { name: "log".into(), only: super::sinks::Only::default() }],
        }
    }
}

/// The listener for machines.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Ops {
    /// `/metrics`, `/livez`, `/readyz`; may bind anywhere.
    pub listen: String,
    /// Seconds of lag without progress until the daemon is not ready.
    pub stall_seconds: u64,
    /// End the process when it stalls, so that its supervisor starts it anew.
    pub exit_on_stall: bool,
    /// Milliseconds for finishing, committing and leaving on SIGTERM.
    pub drain_timeout_ms: u64,
}

impl Default for Ops {
    fn default() -> Ops {
        Ops {
            listen: "127.0.0.1:9464".into(),
            stall_seconds: 60,
            exit_on_stall: false,
            drain_timeout_ms: 15_000,
        }
    }
}

/// The listener for people.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Http {
    /// The page, the API and `POST /-/reload`.
    pub listen: String,
    /// What alerts link to: `https://demarche.example.org`.
    pub public_url: String,
    /// File with lines `read TOKEN` and `write TOKEN`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens: Option<PathBuf>,
    /// Bind beyond loopback without tokens.
    pub allow_open: bool,
    /// Where "runbook" leads: `{rule}` is replaced.
    pub runbook_url: String,
}

impl Default for Http {
    fn default() -> Http {
        Http {
            listen: "127.0.0.1:9465".into(),
            public_url: String::new(),
            tokens: None,
            allow_open: false,
            runbook_url: String::new(),
        }
    }
}

/// All settings.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    pub kafka: Kafka,
    pub detect: Detect,
    pub assess: Assess,
    pub notify: Notify,
    pub ops: Ops,
    pub http: Http,
}

/// What is wrong with a value: its key, what is wrong, what would mend it.
pub(super) struct Fault(pub &'static str, pub String, pub &'static str);

impl Settings {
    /// Everything that is wrong with the values.
    pub(super) fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        for (key, value) in [("ops.listen", &self.ops.listen), ("http.listen", &self.http.listen)] {
            if value.parse::<SocketAddr>().is_err() {
                faults.push(Fault(key, format!("{value:?} is no address"), "write 127.0.0.1:9464"));
            }
        }
        let is_remote = self.http.listen.parse::<SocketAddr>().is_ok_and(|a| !a.ip().is_loopback());
        if is_remote && self.http.tokens.is_none() && !self.http.allow_open {
            let what = "the page would leave this machine without tokens".into();
            faults.push(Fault("http.listen", what, "set http.tokens, or http.allow_open = true"));
        }
        let tells = self.notify.sinks.iter().any(|sink| !matches!(sink, Sink::Log { .. }));
        if tells && self.http.public_url.is_empty() {
            let what = "a sink other than the log needs http.public_url: what its messages link to".into();
            faults.push(Fault("notify.sinks", what, "set http.public_url"));
        }
        for what in self.notify.sinks.iter().flat_map(Sink::faults) {
            faults.push(Fault("notify.sinks", what, "see docs/sinks.md"));
        }
        let mut names: Vec<&str> = self.notify.sinks.iter().map(Sink::name).collect();
        names.sort_unstable();
        if let Some(twice) = names.windows(2).find(|pair| pair[0] == pair[1]) {
            let what = format!("two sinks are called {:?}", twice[0]);
            faults.push(Fault("notify.sinks", what, "receipts are kept by name: give each its own"));
        }
        self.kafka_faults(&mut faults);
        if self.assess.watchlist.len() > 50 {
            faults.push(Fault(
                "assess.watchlist",
                "more than 50 pairs".into(),
                "each is a metric of its own",
            ));
        }
        for pair in self.assess.watchlist.iter().filter(|p| p.parse::<crate::signal::Dyad>().is_err()) {
            faults.push(Fault(
                "assess.watchlist",
                format!("{pair:?} is no pair"),
                "write two codes: AAA-BBB",
            ));
        }
        faults
    }

    fn kafka_faults(&self, faults: &mut Vec<Fault>) {
        let kafka = &self.kafka;
        if kafka.brokers.trim().is_empty() {
            faults.push(Fault("kafka.brokers", "no broker".into(), "write host:port"));
        }
        if kafka.partitions < 1 {
            faults.push(Fault("kafka.partitions", "must be 1 or more".into(), ""));
        }
        if !matches!(kafka.from.as_str(), "latest" | "earliest") {
            let what = format!("{:?} is unknown", kafka.from);
            faults.push(Fault("kafka.from", what, "write latest or earliest"));
        }
        if !matches!(kafka.group_protocol.as_str(), "classic" | "consumer") {
            let what = format!("{:?} is unknown", kafka.group_protocol);
            faults.push(Fault("kafka.group_protocol", what, "write classic or consumer"));
        }
        if kafka.instance.trim().is_empty() {
            faults.push(Fault("kafka.instance", "is empty".into(), "transactions need a stable name"));
        }
        let secret = |key: &str| key.contains("password") || key.contains("secret");
        if let Some(key) = kafka.properties.keys().find(|key| secret(key)) {
            let what = format!("{key} would stand in the open");
            faults.push(Fault(
                "kafka.properties",
                what,
                "use kafka.sasl_password_file or ssl_key_password_file",
            ));
        }
    }

    /// Folders that take the place of what is compiled in.
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
