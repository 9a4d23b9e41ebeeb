//! The fold over a feed: the core's own functions, in order, with watermarks from the feed's dates.

use std::sync::Arc;

use super::feed::Feed;
use crate::alert::Alert;
use crate::article::{MINUTE, Time};
use crate::assess::{Partition, Policy};
use crate::signal::{Record, Watermark};

/// Feed time between watermarks.
const STEP: i64 = 10 * MINUTE;

/// Folds the feed; every revision of every alert, in order. What was told before `from` prepares the state
/// and prints nothing.
pub fn play(feed: &Feed, policy: &Arc<Policy>, from: Option<Time>) -> Vec<Alert> {
    let mut partition = Partition::new(policy.clone(), 0, 1);
    partition.restored();
    let mut alerts = Vec::new();
    let mut marked: Option<Time> = None;
    for told in &feed.told {
        if marked.is_none_or(|at| told.at.since(at) >= STEP) {
            marked = Some(told.at);
            partition.apply(&watermark(told.at));
        }
        for record in &told.records {
            partition.apply(record);
        }
        take(&mut partition, from.is_none_or(|from| told.at >= from), &mut alerts);
    }
    if let Some(last) = feed.last {
        partition.apply(&watermark(last));
        take(&mut partition, true, &mut alerts);
    }
    alerts
}

fn take(partition: &mut Partition, is_wanted: bool, alerts: &mut Vec<Alert>) {
    let new = partition.take_alerts();
    if is_wanted {
        alerts.extend(new);
    }
}

fn watermark(time: Time) -> Record {
    let input = "feed/0".to_owned();
    Record::Watermark(Watermark {
        schema: Record::SCHEMA,
        inputs: vec![input.clone()],
        input,
        time,
        behind: false,
        last: Some(time),
    })
}
