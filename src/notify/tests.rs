//! The rules of telling, one a test; and the providers' answers by local receivers.

use crate::config::{Only, Sink};

/// PagerDuty under the name "pager".
fn pager(per_minute: u32) -> Sink {
    Sink::Pagerduty {
        name: "pager".into(),
        routing_key_file: "key".into(),
        url: String::new(),
        only: Only::default(),
        per_minute,
    }
}

/// Slack by an incoming webhook, under the name "chat".
fn chat() -> Sink {
    Sink::Slack {
        name: "chat".into(),
        webhook_url_file: Some("url".into()),
        token_file: None,
        channel: None,
        url: String::new(),
        only: Only::default(),
        per_minute: 30,
    }
}

mod crowd;
mod desk;
mod hour;
mod moves;
mod receiver;
mod slow;
