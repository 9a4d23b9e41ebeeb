//! Which revisions would have paged somebody, by the default configuration.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::alert::{Alert, Reason, Severity, Transition};
use crate::article::{MINUTE, Time};
use crate::signal::Dyad;

/// At most one page a dyad in so long, unless critical.
const PAGE_EVERY: i64 = 30 * MINUTE;

/// One act told on several dyads is one page, where they open within so long; as in `notify`.
const SAME_ACT: i64 = 10 * MINUTE;

/// One page.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Page {
    /// The article that set it off.
    pub article_id: String,
    pub dyad: Dyad,
    pub time: Time,
    pub severity: Severity,
    pub episode_id: String,
    pub transition: Transition,
    pub because: String,
}

/// The pages among all revisions: what opens at or escalates to `high`; `critical` always.
pub fn pages(alerts: &[Alert]) -> Vec<Page> {
    let mut told: BTreeMap<&str, Severity> = BTreeMap::new();
    let mut paged: BTreeMap<Dyad, Time> = BTreeMap::new();
    let mut acts: BTreeMap<&str, (Time, Severity)> = BTreeMap::new();
    let mut list = Vec::new();
    for alert in alerts {
        let before = told.insert(&alert.episode_id, alert.severity);
        let is_raised = matches!(alert.transition, Transition::Opened | Transition::Escalated)
            && before.is_none_or(|before| alert.severity > before);
        let is_moved = matches!(alert.reason, Reason::Reopened | Reason::Merged);
        if !alert.is_open() || alert.severity < Severity::High || !is_raised || is_moved {
            continue;
        }
        let time = alert.updated_at;
        let rests = paged.get(&alert.dyad).is_some_and(|at| time.since(*at) < PAGE_EVERY);
        if rests && alert.severity < Severity::Critical {
            continue;
        }
        if alert.transition == Transition::Opened {
            let first = acts.get(alert.act.as_str());
            if first.is_some_and(|(at, woke)| time.since(*at) < SAME_ACT && alert.severity <= *woke) {
                continue;
            }
            acts.insert(&alert.act, (time, alert.severity));
        }
        paged.insert(alert.dyad, time);
        let step = alert.history.last();
        list.push(Page {
            article_id: step.and_then(|s| s.article_id.clone()).unwrap_or_default(),
            dyad: alert.dyad,
            time,
            severity: alert.severity,
            episode_id: alert.episode_id.clone(),
            transition: alert.transition,
            because: step.map(|s| s.because.clone()).unwrap_or_default(),
        });
    }
    list
}
