//! Which alerts a sink hears of, and in which manner.

use crate::alert::{Alert, Severity};
use crate::article::{HOUR, Time};
use crate::config::Sink;
use crate::signal::Dyad;

/// What sort of listener a sink is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Manner {
    /// Hears all, silences too.
    Log,
    /// Hears each episode by itself, marked as late or not paging.
    Machine,
    /// People who read: digests, nothing low.
    Chat,
    /// People who are woken: only what pages.
    Pager,
}

impl Manner {
    pub fn is_people(self) -> bool {
        matches!(self, Manner::Chat | Manner::Pager)
    }
}

/// The rules of one sink.
#[derive(Clone, Debug)]
pub struct Route {
    pub manner: Manner,
    pub per_minute: u32,
    severity: Severity,
    dyads: Vec<Dyad>,
    kinds: Vec<String>,
    hours: Option<[u8; 2]>,
}

impl Route {
    pub fn of(sink: &Sink) -> Route {
        let only = sink.only();
        let severity = only.severity.as_deref();
        Route {
            manner: match sink {
                Sink::Log { .. } => Manner::Log,
                Sink::Webhook { .. } | Sink::Alertmanager { .. } => Manner::Machine,
                Sink::Slack { .. } => Manner::Chat,
                Sink::Pagerduty { .. } => Manner::Pager,
            },
            per_minute: sink.per_minute(),
            severity: Severity::ALL
                .iter()
                .copied()
                .find(|s| Some(s.as_str()) == severity)
                .unwrap_or(Severity::Info),
            dyads: only.dyads.iter().filter_map(|d| d.parse().ok()).collect(),
            kinds: only.kinds.clone(),
            hours: only.hours,
        }
    }

    pub fn takes(&self, alert: &Alert) -> bool {
        alert.severity >= self.severity
            && (self.dyads.is_empty() || self.dyads.contains(&alert.dyad))
            && (self.kinds.is_empty()
                || alert.kinds.iter().any(|k| self.kinds.iter().any(|wanted| wanted == k.as_str())))
    }

    /// Whether it is within the sink's hours.
    pub fn is_awake(&self, now: Time) -> bool {
        let Some([from, to]) = self.hours else { return true };
        let hour = (now.0.div_euclid(HOUR)).rem_euclid(24);
        let (from, to) = (i64::from(from), i64::from(to));
        if from < to { (from..to).contains(&hour) } else { hour >= from || hour < to }
    }
}
