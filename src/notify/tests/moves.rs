//! Label sets of Alertmanager, incidents that move, and starts within the warm-up.

use serde_json::Value;

use crate::admin::fixture::alert;
use crate::alert::{Alert, Reason, Severity, Transition};
use crate::article::{DAY, HOUR, MINUTE, Time};
use crate::config::{Notify, Only, Sink};
use crate::notify::{Context, Delivery, Desk, Digest, Kept, Seen, alertmanager};

const START: Time = Time(1_000 * DAY);

fn settings() -> Notify {
    let am = Sink::Alertmanager { name: "am".into(), urls: Vec::new(), only: Only::default() };
    Notify { sinks: vec![am, super::chat()], ..Notify::default() }
}

fn desk() -> Desk {
    let mut desk = Desk::new(&settings(), START.plus(-DAY));
    desk.begin(START.plus(-DAY));
    desk
}

fn at(id: &str, revision: u32, severity: Severity, time: Time) -> Alert {
    let mut one = alert(id, severity, time.0);
    (one.revision, one.act, one.history[0].revision) = (revision, format!("act-{id}"), revision);
    one
}

/// A round that all take: what Alertmanager was sent.
fn posts(desk: &mut Desk, now: Time) -> Vec<Vec<Value>> {
    let mut all = Vec::new();
    for delivery in desk.round(now) {
        let mut name = None;
        if delivery.sink == "am" {
            all.push(alertmanager::body(&delivery, &Context::default(), now));
            name = Some(alertmanager::name(&delivery.alerts[0], delivery.before.as_ref()));
        }
        desk.delivered(&delivery, name, now);
    }
    all
}

fn labels(value: &Value) -> (String, String) {
    let text = |name: &str| value["labels"][name].as_str().unwrap().to_owned();
    (text("severity"), text("page"))
}

/// Whether it ends with this POST.
fn ends(value: &Value, now: Time) -> bool {
    value["endsAt"].as_str().unwrap() == now.to_string()
}

#[test]
fn a_changed_label_set_ends_the_old_alert_in_the_same_post() {
    let mut desk = desk();
    desk.observe(at("a", 1, Severity::Medium, START), Seen::Live);
    let first = posts(&mut desk, START);
    assert_eq!((first.len(), first[0].len()), (1, 1));
    desk.observe(at("a", 2, Severity::High, START), Seen::Live);
    let now = START.plus(MINUTE);
    let second = &posts(&mut desk, now)[0];
    assert_eq!(second.len(), 2);
    assert_eq!(second[0]["labels"], first[0][0]["labels"], "what ends is what began");
    assert!(ends(&second[0], now) && !ends(&second[1], now));
    let (severity, page) = labels(&second[1]);
    assert_eq!((severity.as_str(), page.as_str()), ("high", "yes"));
}

#[test]
fn a_fall_of_severity_keeps_the_labels_and_wakes_nobody() {
    let mut desk = desk();
    desk.observe(at("a", 1, Severity::High, START), Seen::Live);
    let first = posts(&mut desk, START);
    let mut fallen = at("a", 2, Severity::Medium, START);
    (fallen.transition, fallen.reason) = (Transition::Deescalated, Reason::Severity);
    desk.observe(fallen, Seen::Live);
    let second = posts(&mut desk, START.plus(MINUTE));
    assert_eq!((second[0].len(), &second[0][0]["labels"]), (1, &first[0][0]["labels"]));
    assert_eq!(second[0][0]["annotations"]["severity_now"], "medium");
    let again = desk.told_open("am");
    let said = alertmanager::again(&again[0], &Context::default(), START.plus(2 * MINUTE));
    assert_eq!(said["labels"], first[0][0]["labels"], "a repeat renews the same alert");
    let mut over = at("a", 3, Severity::Medium, START);
    (over.transition, over.reason, over.ended_at) =
        (Transition::Resolved, Reason::Quiet, Some(START.plus(HOUR)));
    desk.observe(over, Seen::Live);
    let third = posts(&mut desk, START.plus(HOUR));
    assert_eq!(third[0][0]["labels"], first[0][0]["labels"]);
    assert!(third[0].len() == 1 && ends(&third[0][0], START.plus(HOUR)));
}

#[test]
fn a_merged_episode_goes_on_in_place_even_where_its_heir_is_heard_first() {
    let mut desk = desk();
    desk.observe(at("later", 1, Severity::High, START), Seen::Live);
    let first = posts(&mut desk, START);
    let mut merged = at("later", 2, Severity::High, START);
    (merged.transition, merged.reason) = (Transition::Resolved, Reason::Merged);
    (merged.ended_at, merged.continues) = (Some(START), Some("earlier".into()));
    let mut heir = at("earlier", 5, Severity::High, START);
    (heir.transition, heir.reason) = (Transition::Updated, Reason::Reopened);
    desk.observe(heir, Seen::Live);
    desk.observe(merged, Seen::Live);
    let all: Vec<Delivery> = desk.round(START.plus(HOUR));
    assert!(all.iter().all(|d| d.alerts[0].episode_id == "later" && d.told.is_shared), "the heir waits");
    for delivery in &all {
        let body = alertmanager::body(delivery, &Context::default(), START.plus(HOUR));
        assert!(delivery.sink != "am" || body.is_empty(), "nothing ends");
        desk.delivered(delivery, (delivery.sink == "am").then(|| "later".to_owned()), START.plus(HOUR));
    }
    let moved = posts(&mut desk, START.plus(HOUR));
    assert_eq!((moved.len(), moved[0].len()), (1, 1));
    assert_eq!(moved[0][0]["labels"], first[0][0]["labels"], "the same alert, with another link");
    assert!(moved[0][0]["generatorURL"].as_str().unwrap().ends_with("/alerts/earlier"));
}

#[test]
fn an_immaterial_revision_does_not_hide_the_material_one_before_it() {
    let mut desk = desk();
    desk.observe(at("a", 1, Severity::High, START), Seen::Live);
    posts(&mut desk, START);
    let mut quiet = at("a", 2, Severity::High, START);
    (quiet.reason, quiet.history[0].reason) = (Reason::Reports, Reason::Reports);
    desk.observe(quiet.clone(), Seen::Live);
    assert!(posts(&mut desk, START.plus(MINUTE)).is_empty());
    let mut step = quiet.history[0].clone();
    (step.revision, step.reason) = (3, Reason::Confirmation);
    quiet.history.push(step.clone());
    (step.revision, step.reason) = (4, Reason::Reports);
    quiet.history.push(step);
    quiet.revision = 4;
    desk.observe(quiet, Seen::Live);
    assert_eq!(posts(&mut desk, START.plus(2 * MINUTE)).len(), 1);
}

#[test]
fn a_restart_within_the_warm_up_wakes_nobody_for_what_was_there() {
    let mut first = Desk::new(&settings(), START);
    let kept: Vec<Kept> = first.begin(START);
    first.observe(at("a", 1, Severity::High, START.plus(-HOUR)), Seen::AtStart);
    assert!(first.round(START).iter().all(|d| d.sink == "am" && !d.told.wakes));
    let restarted = START.plus(10 * MINUTE);
    let mut second = Desk::new(&settings(), restarted);
    for kept in kept {
        let json = serde_json::to_string(&kept).unwrap();
        second.restore(serde_json::from_str(&json).unwrap());
    }
    second.observe(at("a", 1, Severity::High, START.plus(-HOUR)), Seen::AtStart);
    assert!(second.round(restarted).iter().all(|d| d.sink == "am" && !d.told.wakes));
    let told = second.round(START.plus(31 * MINUTE));
    assert!(told[0].sink == "chat" && told[0].digest == Some(Digest::Warmup) && !told[0].told.wakes);
}
