//! Independent origins: reprints of one text count once.

use serde::{Deserialize, Serialize};

use crate::article::{DAY, Time};
use crate::signal::{Code, Signal};

/// Sketches that differ in no more bits are copies.
const COPY_BITS: u32 = 6;
/// Copies are looked for among the reports of so long before.
const WINDOW: i64 = 3 * DAY;
/// More origins than this an episode are not told apart.
const ORIGINS_MAX: usize = 64;

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct Origin {
    key: String,
    sketch: u64,
    time: Time,
    /// The state whose medium it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    country: Option<Code>,
}

/// Origins of an episode's reports.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Origins {
    list: Vec<Origin>,
}

impl Origins {
    /// Takes in a report; true where it is a copy of one that is known.
    pub fn take(&mut self, signal: &Signal) -> bool {
        let article = &signal.told.article;
        let key = article.origin.clone().unwrap_or_else(|| {
            if article.family.is_empty() { signal.told.article_id.clone() } else { article.family.clone() }
        });
        let sketch = u64::from_str_radix(&signal.told.content_hash, 16).unwrap_or(0);
        let time = signal.told.event_time;
        let is_copy = self.list.iter().any(|known| {
            known.key == key
                || (known.sketch ^ sketch).count_ones() <= COPY_BITS
                    && sketch != 0
                    && time.since(known.time).abs() <= WINDOW
        });
        if !is_copy && self.list.len() < ORIGINS_MAX {
            self.list.push(Origin { key, sketch, time, country: article.country });
        }
        is_copy
    }

    pub fn count(&self) -> u32 {
        self.list.len() as u32
    }

    /// Origins that are no medium of one of `parties`.
    pub fn independent(&self, parties: &[Code]) -> usize {
        self.list.iter().filter(|o| o.country.is_none_or(|country| !parties.contains(&country))).count()
    }
}
