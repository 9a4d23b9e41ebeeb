//! What is worth telling: pure, by receipts and notify's own clock.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::alert::{Alert, Reason, Severity, Transition};
use crate::article::{MINUTE, SECOND, Time};
use crate::config::{Notify, Paging};
use crate::signal::Dyad;

/// At most one page a dyad in so long, unless critical.
const PAGE_EVERY: i64 = 30 * MINUTE;
/// A delivery that failed is tried again after this.
const TRY_AGAIN: i64 = 5 * SECOND;

/// What one sink was told last of an episode; the truth about deliveries.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Receipt {
    pub schema: u32,
    pub sink: String,
    pub episode_id: String,
    pub revision: u32,
    pub transition: Transition,
    pub severity: Severity,
    pub page: bool,
    pub dyad: Dyad,
    pub at: Time,
    /// It is over and the sink knows.
    pub is_closed: bool,
}

impl Receipt {
    /// Key on the notifications topic.
    pub fn key(&self) -> String {
        format!("{}|{}", self.sink, self.episode_id)
    }
}

/// How an alert is told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Told {
    pub page: bool,
    /// It is old news to the sink's people: told without waking anybody.
    pub is_late: bool,
    pub is_closed: bool,
}

/// Why nothing is sent; also the label of a metric.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Quiet {
    Known,
    NotMaterial,
    NeverTold,
    Over,
}

/// What to do about one sink and one revision.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Decision {
    Send(Told),
    Keep(Quiet),
}

/// Receipts and the rules of paging.
pub struct Desk {
    receipts: BTreeMap<String, Receipt>,
    paged: BTreeMap<Dyad, Time>,
    failed: BTreeMap<String, Time>,
    max_age: i64,
    warmup: i64,
    pages: bool,
    started: Time,
    /// When what had failed was last tried again.
    retried: Time,
    /// No receipt at all: what is open is not news to anybody.
    is_first_start: bool,
}

impl Desk {
    pub fn new(settings: &Notify, started: Time) -> Desk {
        let millis = |seconds: u64| i64::try_from(seconds).unwrap_or(0) * SECOND;
        Desk {
            receipts: BTreeMap::new(),
            paged: BTreeMap::new(),
            failed: BTreeMap::new(),
            max_age: millis(settings.max_age),
            warmup: millis(settings.warmup),
            pages: settings.paging == Paging::Notify,
            started,
            retried: started,
            is_first_start: true,
        }
    }

    /// A receipt that was kept.
    pub fn restore(&mut self, receipt: Receipt) {
        self.is_first_start = false;
        if receipt.page {
            let last = self.paged.entry(receipt.dyad).or_insert(receipt.at);
            *last = (*last).max(receipt.at);
        }
        self.receipts.insert(receipt.key(), receipt);
    }

    pub fn receipt(&self, sink: &str, episode: &str) -> Option<&Receipt> {
        self.receipts.get(&format!("{sink}|{episode}"))
    }

    /// Whether and how `sink` hears of this revision.
    pub fn decide(&self, sink: &str, alert: &Alert, now: Time) -> Decision {
        let is_over = !alert.is_open();
        let Some(before) = self.receipt(sink, &alert.episode_id) else {
            if is_over {
                return Decision::Keep(Quiet::NeverTold);
            }
            let is_old = self.max_age > 0 && now.since(alert.last_act_at) > self.max_age;
            let is_warming = self.is_first_start && now.since(self.started) < self.warmup;
            let is_late = is_old || is_warming && alert.updated_at < self.started;
            return Decision::Send(Told {
                page: !is_late && self.wakes(alert, None, now),
                is_late,
                is_closed: false,
            });
        };
        if before.revision >= alert.revision {
            return Decision::Keep(Quiet::Known);
        }
        if is_over {
            return if before.is_closed {
                Decision::Keep(Quiet::Over)
            } else {
                Decision::Send(Told { page: false, is_late: false, is_closed: true })
            };
        }
        let is_raised = alert.severity > before.severity;
        if !alert.is_material() && !is_raised && !before.is_closed {
            return Decision::Keep(Quiet::NotMaterial);
        }
        let is_old = self.max_age > 0 && now.since(alert.last_act_at) > self.max_age;
        let page = is_raised && !is_old && self.wakes(alert, Some(before), now);
        Decision::Send(Told {
            page: page || before.page && !before.is_closed,
            is_late: is_old,
            is_closed: false,
        })
    }

    /// Opens at or escalates to high, critical always; one a dyad in half an hour unless critical.
    fn wakes(&self, alert: &Alert, before: Option<&Receipt>, now: Time) -> bool {
        let is_reopened = alert.reason == Reason::Reopened || alert.reason == Reason::Merged;
        let is_grave = alert.severity >= Severity::High && before.is_none_or(|b| b.severity < alert.severity);
        let rests = self.paged.get(&alert.dyad).is_some_and(|at| now.since(*at) < PAGE_EVERY);
        self.pages && is_grave && !is_reopened && (alert.severity == Severity::Critical || !rests)
    }

    /// The sink took it.
    pub fn told(&mut self, sink: &str, alert: &Alert, told: &Told, now: Time) -> Receipt {
        let was_page = self.receipt(sink, &alert.episode_id).is_some_and(|r| r.page);
        if told.page && !was_page {
            self.paged.insert(alert.dyad, now);
        }
        let receipt = Receipt {
            schema: 1,
            sink: sink.to_owned(),
            episode_id: alert.episode_id.clone(),
            revision: alert.revision,
            transition: alert.transition,
            severity: alert.severity,
            page: told.page,
            dyad: alert.dyad,
            at: now,
            is_closed: told.is_closed,
        };
        self.receipts.insert(receipt.key(), receipt.clone());
        receipt
    }

    /// The sink did not take it.
    pub fn failed(&mut self, _sink: &str, episode: &str) {
        self.failed.entry(episode.to_owned()).or_insert(self.retried);
    }

    /// Episodes to try again.
    pub fn take_failed(&mut self, now: Time) -> BTreeSet<String> {
        let due = now.since(self.retried) >= TRY_AGAIN;
        if !due || self.failed.is_empty() {
            return BTreeSet::new();
        }
        self.retried = now;
        std::mem::take(&mut self.failed).into_keys().collect()
    }
}
