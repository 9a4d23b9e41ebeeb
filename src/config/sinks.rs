//! Places that alerts are told to, as the settings name them.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One place that alerts are told to. Secrets stand in files of their own.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, tag = "type", rename_all = "snake_case")]
pub enum Sink {
    /// Lines of the daemon's own log.
    Log { name: String },
    /// CloudEvents JSON by POST.
    Webhook {
        name: String,
        url: String,
        /// File with the key of the HMAC-SHA256 signature.
        #[serde(default, skip_serializing_if = "Option::is_none")]
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
