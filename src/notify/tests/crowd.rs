//! Ten thousand alerts within a minute: few messages, nothing lost, nothing left open.

use std::collections::BTreeSet;

use crate::admin::fixture::alert;
use crate::alert::{Alert, Reason, Severity, Transition};
use crate::article::{DAY, MINUTE, SECOND, Time};
use crate::config::{Notify, Only, Sink};
use crate::notify::{Context, Delivery, Desk, Seen, pagerduty, slack};

const START: Time = Time(1_000 * DAY);
const ALERTS: i64 = 10_000;
const PAIRS: i64 = 200;
const PER_MINUTE: u32 = 30;

fn settings() -> Notify {
    let chat = Sink::Slack {
        name: "chat".into(),
        webhook_url_file: None,
        token_file: Some("token".into()),
        channel: Some("C1".into()),
        url: String::new(),
        only: Only::default(),
        per_minute: PER_MINUTE,
    };
    Notify { sinks: vec![super::pager(PER_MINUTE), chat], ..Notify::default() }
}

fn nth(n: i64, at: Time) -> Alert {
    let mut one = alert(&format!("{n:016}"), Severity::High, at.0);
    one.dyad = format!("AAA-{:03}", n % PAIRS).parse().unwrap();
    one.act = format!("act{n}");
    one
}

/// The providers: incidents that are open, and how many requests there were.
#[derive(Default)]
struct Providers {
    incidents: BTreeSet<String>,
    events: usize,
    messages: usize,
}

impl Providers {
    /// Takes a delivery as the senders would make it; gives the provider's name of it.
    fn take(&mut self, delivery: &Delivery) -> Option<String> {
        let facts = Context::default().facts(delivery).unwrap();
        if delivery.sink == "chat" {
            self.messages += 1;
            let (_, body) = slack::call(delivery, serde_json::json!({}), "C1");
            return Some(body["ts"].as_str().map_or(format!("{}.0", self.messages), str::to_owned));
        }
        let (requests, name) = pagerduty::requests(delivery, &facts, "", "R1");
        for (path, body) in requests {
            self.events += 1;
            let key = body["dedup_key"].as_str().unwrap_or_default().to_owned();
            match (path, body["event_action"].as_str()) {
                ("/v2/enqueue", Some("trigger")) => drop(self.incidents.insert(key)),
                ("/v2/enqueue", _) => drop(self.incidents.remove(&key)),
                _ => {}
            }
        }
        name
    }

    /// Rounds until nothing is owed; when that was.
    fn serve(&mut self, desk: &mut Desk, mut now: Time) -> Time {
        let end = now.plus(60 * MINUTE);
        while desk.owed("pager") + desk.owed("chat") > 0 {
            assert!(now < end, "{} and {} are owed", desk.owed("pager"), desk.owed("chat"));
            for delivery in desk.round(now) {
                let name = self.take(&delivery);
                desk.delivered(&delivery, name, now);
            }
            now = now.plus(2 * SECOND);
        }
        now
    }
}

#[test]
fn ten_thousand_alerts_are_few_messages_and_leave_no_incident_open() {
    let mut desk = Desk::new(&settings(), START.plus(-DAY));
    desk.begin(START.plus(-DAY));
    let mut providers = Providers::default();
    for n in 0..ALERTS {
        let now = START.plus(n * MINUTE / ALERTS);
        desk.observe(nth(n, now), Seen::Live);
        if n % 500 == 0 {
            for delivery in desk.round(now) {
                let name = providers.take(&delivery);
                desk.delivered(&delivery, name, now);
            }
        }
    }
    let told = providers.serve(&mut desk, START.plus(MINUTE));
    let minutes = told.since(START) / MINUTE + 1;
    let allowed = usize::try_from(minutes).unwrap() * (PER_MINUTE as usize + 1);
    assert!(providers.messages <= allowed && providers.events <= allowed, "{minutes} min");
    assert!(minutes <= 5, "the last was told after {minutes} min");
    for n in 0..ALERTS {
        assert!(desk.receipt("chat", &format!("{n:016}")).is_some(), "{n} was told");
    }
    assert!(!providers.incidents.is_empty());
    let messages = providers.messages;
    for n in 0..ALERTS {
        let mut over = nth(n, told);
        (over.revision, over.transition, over.reason) = (2, Transition::Resolved, Reason::Quiet);
        over.ended_at = Some(told);
        desk.observe(over, Seen::Live);
    }
    let ended = providers.serve(&mut desk, told);
    assert_eq!(providers.incidents, BTreeSet::new(), "no incident is left open");
    assert!(desk.told_open("chat").is_empty() && desk.told_open("pager").is_empty());
    let minutes = usize::try_from(ended.since(told) / MINUTE + 1).unwrap();
    assert!(providers.messages - messages <= minutes * (PER_MINUTE as usize + 1), "ends are digests too");
}
