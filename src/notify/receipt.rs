//! What each sink was told last: the truth about deliveries, kept on the notifications topic.

use serde::{Deserialize, Serialize};

use crate::alert::{Severity, Transition};
use crate::article::Time;
use crate::signal::Dyad;

/// What one sink was told last of an episode.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Receipt {
    pub schema: u32,
    pub sink: String,
    pub episode_id: String,
    pub revision: u32,
    pub transition: Transition,
    pub severity: Severity,
    /// The gravest that was told since it was opened, where that is graver than `severity`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub highest: Option<Severity>,
    /// The episode pages at this sink.
    pub page: bool,
    pub dyad: Dyad,
    pub at: Time,
    /// It is over and the sink knows.
    pub is_closed: bool,
    /// This delivery woke people; when they were woken last of this episode.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub woke_at: Option<Time>,
    /// The provider's own name of it: PagerDuty's deduplication key, Slack's `ts`, Alertmanager's label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// PagerDuty's second key is in use.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_second: bool,
    /// The alert's `act`, and when its opening was told.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub act: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opened_at: Option<Time>,
    /// Told within a digest.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_digest: bool,
}

impl Receipt {
    pub const SCHEMA: u32 = 1;

    /// Key on the notifications topic.
    pub fn key(&self) -> String {
        format!("{}|{}", self.sink, self.episode_id)
    }

    /// The severity among the labels: it only rises, since a fall must wake nobody.
    pub fn label(&self) -> Severity {
        self.highest.unwrap_or(self.severity)
    }
}

/// A sink was first seen; without it, what is open is not news to its people.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Begun {
    pub schema: u32,
    pub sink: String,
    pub begun: Time,
    /// demarche itself was new then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_first: bool,
}

/// Any record of the notifications topic.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Kept {
    Receipt(Receipt),
    Begun(Begun),
}

impl Kept {
    pub fn key(&self) -> String {
        match self {
            Kept::Receipt(receipt) => receipt.key(),
            Kept::Begun(begun) => format!("{}|", begun.sink),
        }
    }
}
