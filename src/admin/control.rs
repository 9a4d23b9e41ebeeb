//! [`ControlLog`]: where silences and verdicts are kept. The daemon keeps them on the control topic.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use futures::future::BoxFuture;

use crate::alert::{Control, Silence, Verdict};

/// Why a record was not kept.
#[derive(Debug, thiserror::Error)]
#[error("the control topic did not take it: {0}")]
pub struct ControlError(pub String);

/// The control topic as the page and the API see it. `append` and `remove` return when the record is safe; reading
/// gives what has been read back from the topic.
pub trait ControlLog: Send + Sync {
    fn silences(&self) -> Vec<Silence>;
    fn verdicts(&self) -> Vec<Verdict>;
    fn append(&self, record: Control) -> BoxFuture<'_, Result<(), ControlError>>;
    /// Writes a tombstone.
    fn remove(&self, key: String) -> BoxFuture<'_, Result<(), ControlError>>;
}

/// The control records by key, bounded; the daemon's log keeps what it reads in one of these.
#[derive(Default)]
pub struct MemoryControl {
    records: Mutex<BTreeMap<String, Control>>,
}

/// Records held; past it the ones longest over go.
pub const CONTROL_MAX: usize = 20_000;

impl MemoryControl {
    /// Takes a record of the topic, or its tombstone.
    pub fn observe(&self, key: &str, record: Option<Control>) {
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        match record {
            Some(record) => records.insert(key.to_owned(), record),
            None => records.remove(key),
        };
        if records.len() > CONTROL_MAX {
            let age = |record: &Control| match record {
                Control::Silence(silence) => silence.ends_at,
                Control::Verdict(verdict) => verdict.at,
            };
            let oldest = records.iter().min_by_key(|(_, r)| age(r)).map(|(key, _)| key.clone());
            oldest.and_then(|key| records.remove(&key));
        }
    }

    fn each<T>(&self, pick: impl Fn(&Control) -> Option<T>) -> Vec<T> {
        let records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        records.values().filter_map(pick).collect()
    }
}

impl ControlLog for MemoryControl {
    fn silences(&self) -> Vec<Silence> {
        self.each(|r| if let Control::Silence(s) = r { Some(s.clone()) } else { None })
    }

    fn verdicts(&self) -> Vec<Verdict> {
        self.each(|r| if let Control::Verdict(v) = r { Some(v.clone()) } else { None })
    }

    fn append(&self, record: Control) -> BoxFuture<'_, Result<(), ControlError>> {
        self.observe(&record.key(), Some(record));
        Box::pin(async { Ok(()) })
    }

    fn remove(&self, key: String) -> BoxFuture<'_, Result<(), ControlError>> {
        self.observe(&key, None);
        Box::pin(async { Ok(()) })
    }
}
