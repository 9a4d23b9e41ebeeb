//! An hour of alerts through the real senders to receivers that keep the providers' limits, with a clock of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use super::receiver::{Answer, GONE, LOST, Receiver, Request};
use crate::admin::fixture::alert;
use crate::alert::{Reason, Severity, Transition};
use crate::article::{DAY, MINUTE, Time};
use crate::config::{Notify, Only, Sink};
use crate::notify::{Context, Desk, Outlet, Seen, SinkError};

const START: Time = Time(1_000 * DAY);

fn context() -> Context {
    Context { public_url: "https://demarche.example".into(), ..Context::default() }
}

fn secret(dir: &tempfile::TempDir, text: &str) -> std::path::PathBuf {
    let path = dir.path().join("secret");
    std::fs::write(&path, text).unwrap();
    path
}

fn pagerduty(url: &str, key: std::path::PathBuf) -> Sink {
    Sink::Pagerduty {
        name: "sink".into(),
        routing_key_file: key,
        url: url.into(),
        only: Only::default(),
        per_minute: 30,
    }
}

fn chat(url: &str, token: std::path::PathBuf) -> Sink {
    Sink::Slack {
        name: "sink".into(),
        webhook_url_file: None,
        token_file: Some(token),
        channel: Some("C1".into()),
        url: url.into(),
        only: Only::default(),
        per_minute: 30,
    }
}

/// Three of ten requests fail in one of the ways that providers fail; `silence` is what it does in place of an answer.
fn moody(silence: u16, good: fn(usize, &Request) -> (u16, String)) -> Arc<Answer> {
    Arc::new(move |n, request| match n % 10 {
        3 => (429, "retry-after: 2\r\n", String::new()),
        6 => (silence, "", String::new()),
        9 => (503, "", String::new()),
        _ => {
            let (status, body) = good(n, request);
            (status, "", body)
        }
    })
}

/// 60 episodes on 20 pairs open, escalate and end within the hour.
fn play(sink: &Sink) -> Desk {
    let settings = Notify { sinks: vec![sink.clone()], ..Notify::default() };
    let mut desk = Desk::new(&settings, START);
    for kept in Desk::new(&settings, START.plus(-DAY)).begin(START.plus(-DAY)) {
        desk.restore(kept);
    }
    let outlet = Outlet::new(sink, context(), false).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for minute in 0..120 {
        let now = START.plus(minute * MINUTE);
        for n in (0..60_i64).filter(|_| minute < 60) {
            let step = minute - n % 20;
            let revision = match step {
                0 => 1,
                10 => 2,
                30 => 3,
                _ => continue,
            };
            let mut one = alert(&format!("{n:016}"), Severity::High, START.plus((n % 20) * MINUTE).0);
            (one.dyad, one.act) = (format!("AAA-D{:02}", n % 20).parse().unwrap(), format!("act{n}"));
            one.revision = revision;
            match revision {
                2 => {
                    (one.transition, one.reason, one.severity) =
                        (Transition::Escalated, Reason::Severity, Severity::Critical);
                }
                3 => {
                    (one.transition, one.reason, one.severity) =
                        (Transition::Resolved, Reason::Quiet, Severity::Critical);
                    one.ended_at = Some(now);
                }
                _ => {}
            }
            desk.observe(one, Seen::Live);
        }
        for half in 0..6 {
            let now = now.plus(half * 10_000);
            for delivery in desk.round(now) {
                match runtime.block_on(outlet.send(&delivery, now)) {
                    Ok(reference) => drop(desk.delivered(&delivery, reference, now)),
                    Err(error) => {
                        assert!(error.is_passing(), "{error}");
                        desk.failed(
                            &delivery,
                            Some(error.retry_after().map_or(1_000, |d| d.as_millis() as i64)),
                            now,
                        );
                    }
                }
            }
        }
    }
    desk
}

#[test]
fn an_hour_of_pagerduty_leaves_no_incident_open() {
    fn good(_: usize, request: &Request) -> (u16, String) {
        let event = &request.body;
        let summary = event["payload"]["summary"].as_str().unwrap_or("x");
        let is_known = request.path == "/v2/enqueue" || request.path == "/v2/change/enqueue";
        let fits = event["routing_key"] == "R123" && summary.len() <= 1_024 && is_known;
        (if fits { 202 } else { 400 }, "{}".into())
    }
    let dir = tempfile::tempdir().unwrap();
    // A lost answer repeats an event; its key makes that harmless.
    let receiver = Receiver::start(moody(LOST, good));
    let desk = play(&pagerduty(&receiver.url, secret(&dir, "R123\n")));
    assert_eq!(desk.owed("sink"), 0);
    let mut open = BTreeSet::new();
    let mut triggered = BTreeMap::<String, usize>::new();
    for request in receiver.accepted().iter().filter(|r| r.path == "/v2/enqueue") {
        let key = request.body["dedup_key"].as_str().unwrap().to_owned();
        match request.body["event_action"].as_str().unwrap() {
            "trigger" => {
                assert!(!triggered.contains_key(&key) || open.contains(&key), "{key} opened twice");
                *triggered.entry(key.clone()).or_default() += 1;
                open.insert(key);
            }
            _ => drop(open.remove(&key)),
        }
    }
    assert!(open.is_empty(), "left open: {open:?}");
    assert!(receiver.refused() > 10, "the receiver was moody");
    assert_eq!(desk_episodes(&triggered), 60, "every critical episode was an incident");
}

/// Episodes that had an incident, of either key.
fn desk_episodes(triggered: &BTreeMap<String, usize>) -> usize {
    triggered.keys().map(|k| k.trim_end_matches("-critical")).collect::<BTreeSet<_>>().len()
}

#[test]
fn an_hour_of_slack_is_one_message_an_episode_updated_in_place() {
    fn good(n: usize, request: &Request) -> (u16, String) {
        let sections = request.body["blocks"].as_array().map_or(0, Vec::len);
        if sections > 50 || request.body["channel"] != "C1" {
            return (200, r#"{"ok":false,"error":"invalid_blocks"}"#.into());
        }
        let ts = request.body["ts"].as_str().map_or(format!("{n}.000"), str::to_owned);
        (200, format!(r#"{{"ok":true,"ts":"{ts}"}}"#))
    }
    let dir = tempfile::tempdir().unwrap();
    let receiver = Receiver::start(moody(GONE, good));
    let desk = play(&chat(&receiver.url, secret(&dir, "xoxb-1")));
    assert_eq!(desk.owed("sink"), 0);
    let accepted = receiver.accepted();
    assert!(accepted.iter().all(|r| r.headers.contains("authorization: bearer xoxb-1")));
    let posts = |r: &&Request| r.path == "/chat.postMessage" && r.body["thread_ts"].is_null();
    assert_eq!(accepted.iter().filter(posts).count(), 60, "one message an episode");
    let ends =
        accepted.iter().filter(|r| r.path == "/chat.update" && r.body["text"].to_string().contains("Over:"));
    assert_eq!(ends.count(), 60, "each is ended in place");
}

/// Mark-up, mentions, escapes, bidi, `javascript:`, line breaks, a megabyte.
fn hostile() -> crate::alert::Alert {
    let mut one = alert("0123456789abcdef", Severity::High, START.0);
    let text = format!(
        "<!channel> <@U1> *b* `c` <script>\u{1b}[2J\u{202e}\r\nX: y {{{{ 7 * 7 }}}} {}",
        "z".repeat(1 << 20)
    );
    one.evidence[0].evidence.sentence = text.clone();
    one.evidence[0].publisher = text.clone();
    one.evidence[0].url = Some("javascript:alert(1)".into());
    one.history[0].because = text.clone();
    one.headline.instrument = Some(text.clone());
    one.rules = vec![text];
    one
}

#[test]
fn hostile_words_reach_no_sink_as_mark_up() {
    let dir = tempfile::tempdir().unwrap();
    let good: Arc<Answer> = Arc::new(|_, _| (200, "", r#"{"ok":true,"ts":"1.2"}"#.into()));
    let receiver = Receiver::start(good);
    let file = secret(&dir, "key");
    let sinks = [pagerduty(&receiver.url, file.clone()), chat(&receiver.url, file)];
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let alertmanager =
        Sink::Alertmanager { name: "sink".into(), urls: vec![receiver.url.clone()], only: Only::default() };
    let hook = Sink::Webhook {
        name: "sink".into(),
        url: format!("{}/hook", receiver.url),
        secret_file: None,
        template_file: None,
        only: Only::default(),
        per_minute: 0,
    };
    for sink in sinks.iter().chain([&alertmanager, &hook]) {
        let settings = Notify { sinks: vec![sink.clone()], ..Notify::default() };
        let mut desk = Desk::new(&settings, START);
        desk.observe(hostile(), Seen::Live);
        let deliveries = desk.round(START);
        assert_eq!(deliveries.len(), 1);
        let outlet = Outlet::new(sink, context(), false).unwrap();
        runtime.block_on(outlet.send(&deliveries[0], START)).unwrap();
    }
    let accepted = receiver.accepted();
    assert_eq!(accepted.len(), 4);
    for request in &accepted {
        let text = request.body.to_string();
        assert!(text.len() < 40_000, "{} is {} bytes", request.path, text.len());
        assert!(!text.contains("javascript:") && !text.contains('\u{202e}') && !text.contains("\\u001b"));
        assert!(text.contains("https://demarche.example/alerts/0123456789abcdef"), "the link is kept");
    }
    let slack = accepted.iter().find(|r| r.path == "/chat.postMessage").unwrap();
    let marked = |block: &&Value| block["text"]["type"] == "mrkdwn";
    let blocks = slack.body["blocks"].as_array().unwrap();
    let text: String = blocks.iter().filter(marked).map(|b| b["text"]["text"].to_string()).collect();
    assert!(!text.contains("<!") && !text.contains("<@") && !slack.body["text"].to_string().contains("<!"));
}

#[test]
fn errors_say_whether_to_try_again_and_never_show_a_secret() {
    let dir = tempfile::tempdir().unwrap();
    let answer: Arc<Answer> = Arc::new(|n, _| match n {
        0 => (429, "retry-after: 7\r\n", String::new()),
        1 => (400, "", "bad\u{1b}[2J".into()),
        _ => (500, "", String::new()),
    });
    let receiver = Receiver::start(answer);
    let url = format!("{}/T0/B0/topsecret", receiver.url);
    let hook = |url: &str| Sink::Slack {
        name: "sink".into(),
        webhook_url_file: Some(secret(&dir, url)),
        token_file: None,
        channel: None,
        url: String::new(),
        only: Only::default(),
        per_minute: 0,
    };
    let outlet = Outlet::new(&hook(&url), context(), false).unwrap();
    let nobody = Outlet::new(&hook("http://127.0.0.1:1/topsecret"), context(), false).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let send = |outlet: &Outlet| runtime.block_on(outlet.trial(START)).unwrap_err();
    let errors = [send(&outlet), send(&outlet), send(&outlet), send(&nobody)];
    for error in &errors {
        assert!(!format!("{error:?} {error:#}").contains("topsecret"));
    }
    let [busy, refused, broken, lost] = errors.map(|e| e.downcast::<SinkError>().unwrap());
    assert_eq!(busy.retry_after().unwrap().as_secs(), 7);
    assert!(busy.is_passing() && !refused.is_passing() && broken.is_passing() && lost.is_passing());
}
