use crate::admin::fixture::alert;
use crate::alert::{Alert, Control, Reason, Severity, Silence, Transition};
use crate::article::{DAY, HOUR, MINUTE, Time};
use crate::config::{Notify, Only, Sink};
use crate::notify::{Delivery, Desk, Digest, Kept, Seen};

const START: Time = Time(1_000 * DAY);

fn settings() -> Notify {
    let hook = Sink::Webhook {
        name: "hook".into(),
        url: String::new(),
        secret_file: None,
        template_file: None,
        only: Only::default(),
        per_minute: 0,
    };
    Notify { sinks: vec![super::pager(3), super::chat(), hook], ..Notify::default() }
}

/// A desk whose sinks have been there for a day.
fn desk() -> Desk {
    let mut desk = Desk::new(&settings(), START);
    for kept in Desk::new(&settings(), START.plus(-DAY)).begin(START.plus(-DAY)) {
        desk.restore(kept);
    }
    desk
}

fn at(id: &str, severity: Severity, time: Time) -> Alert {
    let mut alert = alert(id, severity, time.0);
    alert.act = format!("act-{id}");
    alert
}

/// A round in which every sink takes all; what each was told, by sink.
fn round(desk: &mut Desk, now: Time) -> Vec<Delivery> {
    let all = desk.round(now);
    for delivery in &all {
        let key = delivery.told.joins.clone().or_else(|| delivery.before.as_ref()?.reference.clone());
        let key = key.unwrap_or_else(|| delivery.alerts[0].episode_id.clone());
        desk.delivered(delivery, Some(key), now);
    }
    all
}

fn to<'a>(all: &'a [Delivery], sink: &str) -> Vec<&'a Delivery> {
    all.iter().filter(|d| d.sink == sink).collect()
}

#[test]
fn one_page_a_dyad_in_half_an_hour_unless_critical() {
    let mut desk = desk();
    desk.observe(at("a", Severity::High, START), Seen::Live);
    let told = round(&mut desk, START);
    assert!(to(&told, "pager")[0].told.wakes && to(&told, "chat")[0].told.wakes, "each sink by itself");
    desk.observe(at("b", Severity::High, START), Seen::Live);
    assert!(round(&mut desk, START.plus(MINUTE)).iter().all(|d| !d.told.wakes));
    desk.observe(at("c", Severity::Critical, START), Seen::Live);
    assert!(round(&mut desk, START.plus(2 * MINUTE)).iter().all(|d| d.told.wakes));
    desk.observe(at("d", Severity::High, START.plus(HOUR)), Seen::Live);
    assert!(round(&mut desk, START.plus(HOUR)).iter().all(|d| d.told.wakes));
}

#[test]
fn low_goes_to_machines_and_medium_wakes_nobody() {
    let mut desk = desk();
    desk.observe(at("a", Severity::Low, START), Seen::Live);
    desk.observe(at("b", Severity::Medium, START), Seen::Live);
    let told = round(&mut desk, START);
    assert_eq!((to(&told, "pager").len(), to(&told, "chat").len(), to(&told, "hook").len()), (0, 1, 2));
    assert!(told.iter().all(|d| !d.told.page));
}

#[test]
fn what_was_told_is_ended_and_what_was_not_is_not() {
    let mut desk = desk();
    desk.observe(at("a", Severity::High, START), Seen::Live);
    round(&mut desk, START);
    for id in ["a", "never"] {
        let mut over = at(id, Severity::High, START);
        (over.revision, over.transition, over.reason) = (2, Transition::Retracted, Reason::Denied);
        over.ended_at = Some(START);
        desk.observe(over, Seen::Live);
    }
    let told = round(&mut desk, START.plus(MINUTE));
    assert_eq!(told.len(), 3);
    assert!(told.iter().all(|d| d.told.is_closed && d.alerts[0].episode_id == "a"));
    assert!(round(&mut desk, START.plus(2 * MINUTE)).is_empty());
}

#[test]
fn old_news_is_a_digest_to_people_and_wakes_nobody() {
    let mut desk = desk();
    for id in ["a", "b", "c"] {
        desk.observe(at(id, Severity::Critical, START.plus(-2 * DAY)), Seen::Live);
    }
    let told = round(&mut desk, START);
    assert!(told.iter().all(|d| !d.told.wakes && !d.told.page));
    let chat = to(&told, "chat");
    assert_eq!((chat.len(), chat[0].digest, chat[0].alerts.len()), (1, Some(Digest::Old), 3));
    assert_eq!(to(&told, "hook").len(), 3);
}

#[test]
fn a_first_start_tells_what_is_open_after_the_warm_up() {
    let mut desk = Desk::new(&settings(), START);
    desk.observe(at("a", Severity::High, START.plus(-HOUR)), Seen::AtStart);
    assert!(to(&round(&mut desk, START.plus(MINUTE)), "chat").is_empty());
    let told = round(&mut desk, START.plus(31 * MINUTE));
    assert_eq!(to(&told, "chat")[0].digest, Some(Digest::Warmup));
    desk.observe(at("b", Severity::High, START.plus(MINUTE)), Seen::Live);
    assert!(round(&mut desk, START.plus(32 * MINUTE)).iter().all(|d| d.told.wakes), "news is news");
}

#[test]
fn missed_while_down_is_one_message_that_wakes_by_its_gravest() {
    let mut desk = desk();
    desk.observe(at("a", Severity::High, START.plus(-HOUR)), Seen::AtStart);
    desk.observe(at("b", Severity::Medium, START.plus(-HOUR)), Seen::AtStart);
    let told = round(&mut desk, START);
    let chat = to(&told, "chat");
    assert_eq!((chat.len(), chat[0].digest, chat[0].told.wakes), (1, Some(Digest::Missed), true));
    assert_eq!(chat[0].alerts[0].episode_id, "a", "gravest first");
}

#[test]
fn a_restart_tells_nothing_again() {
    let mut first = desk();
    first.observe(at("a", Severity::High, START), Seen::Live);
    let mut receipts = Vec::new();
    for delivery in first.round(START) {
        receipts.extend(first.delivered(&delivery, None, START));
    }
    let mut second = desk();
    for receipt in receipts {
        let json = serde_json::to_string(&Kept::Receipt(receipt)).unwrap();
        second.restore(serde_json::from_str(&json).unwrap());
    }
    second.observe(at("a", Severity::High, START), Seen::AtStart);
    assert!(round(&mut second, START.plus(MINUTE)).is_empty());
    let mut next = at("b", Severity::High, START.plus(2 * MINUTE));
    next.revision = 1;
    second.observe(next, Seen::Live);
    assert!(round(&mut second, START.plus(2 * MINUTE)).iter().all(|d| !d.told.wakes), "the rest is kept too");
}

#[test]
fn the_same_act_on_several_pairs_is_one_message() {
    let mut desk = desk();
    let mut first = at("a", Severity::High, START);
    first.act = "same".into();
    let mut second = at("b", Severity::High, START);
    (second.act, second.dyad) = ("same".into(), "AAA-CCC".parse().unwrap());
    desk.observe(first.clone(), Seen::Live);
    desk.observe(second, Seen::Live);
    let told = round(&mut desk, START);
    assert!(to(&told, "pager").len() == 1 && to(&told, "pager")[0].told.wakes);
    let told = round(&mut desk, START.plus(1_000));
    let joined = to(&told, "pager")[0];
    assert_eq!((joined.told.joins.as_deref(), joined.told.wakes), (Some("a"), false));
    (first.revision, first.ended_at, first.transition) = (2, Some(START), Transition::Resolved);
    desk.observe(first, Seen::Live);
    let told = round(&mut desk, START.plus(MINUTE));
    assert!(to(&told, "pager")[0].told.is_shared, "the incident stays while the other is open");
}

#[test]
fn a_silence_holds_openings_until_it_ends_and_never_an_end() {
    let mut desk = desk();
    let silence = Silence {
        schema: 1,
        id: "s".into(),
        episode_id: None,
        dyad: Some("AAA-BBB".parse().unwrap()),
        family: None,
        up_to: None,
        starts_at: START,
        ends_at: START.plus(HOUR),
        author: "me".into(),
        comment: String::new(),
    };
    desk.observe(at("told", Severity::High, START), Seen::Live);
    round(&mut desk, START);
    desk.control("silence:s", Some(Control::Silence(silence)));
    desk.observe(at("a", Severity::Medium, START), Seen::Live);
    let mut over = at("told", Severity::High, START);
    (over.revision, over.ended_at, over.transition) = (2, Some(START), Transition::Resolved);
    desk.observe(over, Seen::Live);
    let told = round(&mut desk, START.plus(MINUTE));
    assert!(told.len() == 3 && told.iter().all(|d| d.told.is_closed));
    assert_eq!(to(&round(&mut desk, START.plus(HOUR)), "chat").len(), 1);
}

#[test]
fn more_than_the_limit_is_one_digest_that_counts_by_pair() {
    let mut desk = desk();
    for n in 0..15 {
        let mut one = at(&format!("e{n:02}"), Severity::High, START);
        one.dyad = format!("AAA-X{n:02}").parse().unwrap();
        desk.observe(one, Seen::Live);
    }
    let told = round(&mut desk, START);
    let pager = to(&told, "pager");
    let (single, digests): (Vec<&Delivery>, Vec<&Delivery>) =
        pager.into_iter().partition(|d| d.digest.is_none());
    assert_eq!((single.len(), digests.len(), digests[0].alerts.len()), (3, 1, 12));
    assert!(digests[0].by_dyad().starts_with("1 more on AAA-X03"), "{}", digests[0].by_dyad());
}

#[test]
fn a_merged_episode_hands_its_incident_on() {
    let mut desk = desk();
    desk.observe(at("later", Severity::High, START), Seen::Live);
    round(&mut desk, START);
    let mut merged = at("later", Severity::High, START);
    (merged.revision, merged.transition, merged.reason) = (2, Transition::Resolved, Reason::Merged);
    (merged.ended_at, merged.continues) = (Some(START), Some("earlier".into()));
    let mut heir = at("earlier", Severity::High, START);
    (heir.revision, heir.transition, heir.reason) = (5, Transition::Updated, Reason::Reopened);
    desk.observe(merged, Seen::Live);
    let told = round(&mut desk, START.plus(MINUTE));
    assert!(to(&told, "pager")[0].told.is_shared, "the incident is not resolved");
    desk.observe(heir, Seen::Live);
    let told = round(&mut desk, START.plus(2 * MINUTE));
    let pager = to(&told, "pager")[0];
    assert!(!pager.told.wakes && pager.before.as_ref().unwrap().reference.as_deref() == Some("later"));
}

#[test]
fn a_failure_is_tried_again_and_a_refusal_is_not() {
    let mut desk = desk();
    desk.observe(at("a", Severity::High, START), Seen::Live);
    for delivery in desk.round(START) {
        let rest = (delivery.sink != "hook").then_some(5_000);
        desk.failed(&delivery, rest, START);
    }
    assert!(desk.round(START.plus(1_000)).is_empty());
    let told = round(&mut desk, START.plus(6_000));
    assert_eq!((to(&told, "pager").len(), to(&told, "chat").len(), to(&told, "hook").len()), (1, 1, 0));
    assert!(told.iter().all(|d| d.told.wakes), "nobody was woken before");
}
