//! What has elapsed, vouched for by the owners of all inputs; when the feed is blind; who is behind.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::article::Time;
use crate::signal::Watermark;

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct Input {
    time: Time,
    behind: bool,
    #[serde(default)]
    last: Option<Time>,
}

/// Watermarks of all inputs, and the sum of the steps that count.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Watermarks {
    inputs: BTreeMap<String, Input>,
    expected: Vec<String>,
    /// W: the minimum over the expected inputs; absent until each has spoken.
    pub time: Option<Time>,
    /// Milliseconds of steps of W that were taken with open eyes.
    pub elapsed: i64,
    /// The newest receipt that was seen while behind: what waits is counted by it, since W then tells how far the
    /// backlog has been read and not what time it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heard: Option<Time>,
}

impl Watermarks {
    /// Takes in one record; gives the step of W that counts, in milliseconds.
    pub fn take(&mut self, record: &Watermark, feed_silence: i64) -> i64 {
        let input = Input { time: record.time, behind: record.behind, last: record.last };
        let known = self.inputs.entry(record.input.clone()).or_insert_with(|| input.clone());
        // A successor whose clock is slower takes no time back.
        let time = known.time.max(input.time);
        *known = Input { time, ..input };
        if self.expected != record.inputs {
            self.expected.clone_from(&record.inputs);
            self.inputs.retain(|name, _| record.inputs.contains(name));
        }
        let all = self.expected.iter().map(|name| self.inputs.get(name).map(|i| i.time));
        let Some(least) = all.collect::<Option<Vec<Time>>>().and_then(|times| times.into_iter().min()) else {
            return 0;
        };
        let Some(before) = self.time else {
            self.time = Some(least);
            return 0;
        };
        let step = least.since(before).max(0);
        self.time = Some(before.max(least));
        // The part of the step that was taken before the feed went blind counts.
        let counted = match (feed_silence, self.newest()) {
            (0, _) => step,
            (_, None) => 0,
            (silence, Some(last)) => {
                let sees_until = last.plus(silence);
                if before > sees_until { 0 } else { step.min(sees_until.since(before).max(0)) }
            }
        };
        self.elapsed += counted;
        counted
    }

    /// Something was received at `time`.
    pub fn hear(&mut self, time: Time) {
        self.heard = self.heard.max(Some(time));
    }

    fn newest(&self) -> Option<Time> {
        self.inputs.values().filter_map(|i| i.last).max()
    }

    /// Some input's reader is more than a minute from its end.
    pub fn is_behind(&self) -> bool {
        self.inputs.values().any(|input| input.behind)
    }

    /// No article for longer than `feed_silence` on any input.
    pub fn is_blind(&self, feed_silence: i64) -> bool {
        match (feed_silence, self.time) {
            (0, _) | (_, None) => false,
            (silence, Some(time)) => self.newest().is_none_or(|last| time.since(last) > silence),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::{HOUR, MINUTE};

    fn mark(input: &str, time: i64, last: i64) -> Watermark {
        Watermark {
            schema: 1,
            input: input.into(),
            inputs: vec!["n/0".into(), "n/1".into()],
            time: Time(time),
            behind: false,
            last: Some(Time(last)),
        }
    }

    #[test]
    fn a_partition_without_an_owner_holds_time() {
        let mut marks = Watermarks::default();
        assert_eq!(marks.take(&mark("n/0", 0, 0), HOUR), 0);
        assert_eq!(marks.time, None);
        marks.take(&mark("n/1", 0, 0), HOUR);
        assert_eq!(marks.take(&mark("n/0", 5 * MINUTE, 0), HOUR), 0);
        assert_eq!(marks.take(&mark("n/1", 9 * MINUTE, 0), HOUR), 5 * MINUTE);
    }

    #[test]
    fn steps_taken_while_blind_never_count() {
        let mut marks = Watermarks::default();
        for input in ["n/0", "n/1"] {
            marks.take(&mark(input, 0, 0), HOUR);
        }
        marks.take(&mark("n/0", 12 * HOUR, 0), HOUR);
        marks.take(&mark("n/1", 12 * HOUR, 0), HOUR);
        assert_eq!(marks.elapsed, HOUR);
        assert!(marks.is_blind(HOUR));
        marks.take(&mark("n/0", 13 * HOUR, 13 * HOUR), HOUR);
        marks.take(&mark("n/1", 13 * HOUR, 0), HOUR);
        assert_eq!(marks.elapsed, 2 * HOUR);
        assert!(!marks.is_blind(HOUR));
    }
}
