//! Ten thousand alerts within a minute, measured and never judged by a clock:
//! `cargo test --test it load -- --ignored --nocapture`. Prints the page's and the API's latency in that minute and after it,
//! the daemon's memory, its series, and what each sink was told.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use demarche::alert::{Alert, Severity, Transition};
use demarche::article::Time;

use crate::harness::daemon::Daemon;
use crate::harness::http_sink::HttpSink;
use crate::harness::kafka::{self, Kafka, Record};
use crate::harness::{http, real, wait_until};

const PATIENCE: Duration = Duration::from_secs(180);
const ALERTS: usize = 10_000;
const BATCHES: usize = 60;
const API: &str = "/api/v1/episodes?limit=200";

/// The n-th alert of one of 2,000 pairs, as of now.
fn nth(model: &Alert, n: usize, revision: u32) -> Record {
    let mut alert = model.clone();
    let now = Time(demarche::daemon::now().0 + 1_000);
    alert.episode_id = format!("{n:016x}");
    alert.act = format!("{n:016x}");
    let letter = |n: usize| char::from(b'A' + u8::try_from(n % 26).expect("a letter"));
    alert.dyad = format!("AAA-{}{}{}", letter(n / 26 + 1), letter(n), letter(n % 2_000 / 676))
        .parse()
        .expect("a pair");
    alert.severity = if n.is_multiple_of(10) { Severity::High } else { Severity::Medium };
    (alert.revision, alert.started_at, alert.last_act_at, alert.updated_at) = (revision, now, now, now);
    alert.ended_at = (revision > 1).then_some(now);
    alert.transition = if revision > 1 { Transition::Resolved } else { Transition::Opened };
    Record::new(&alert.episode_id, &serde_json::to_string(&alert).expect("JSON"))
}

/// So long from one request of a reader to the next.
const PACE: Duration = Duration::from_millis(50);

/// Milliseconds of requests at a steady pace, while `busy` says so.
fn latencies(daemon: &Daemon, path: &str, mut busy: impl FnMut(usize) -> bool) -> Vec<f64> {
    let mut all = Vec::new();
    while busy(all.len()) {
        let start = Instant::now();
        let answer = http::get(&daemon.http, path).expect("an answer");
        assert_eq!(answer.status, 200, "{path}");
        all.push(start.elapsed().as_secs_f64() * 1_000.0);
        std::thread::sleep(PACE.saturating_sub(start.elapsed()));
    }
    all.sort_by(f64::total_cmp);
    all
}

fn share(sorted: &[f64], part: f64) -> f64 {
    let at = (sorted.len() as f64 * part) as usize;
    sorted.get(at.min(sorted.len().saturating_sub(1))).copied().unwrap_or(0.0)
}

/// Publishes one revision of all, spread over a minute, while the page is read; latencies of page and API.
fn play(kafka: &Kafka, daemon: &Daemon, model: &Alert, revision: u32) -> [Vec<f64>; 2] {
    let is_over = AtomicBool::new(false);
    let is_busy = |_: usize| !is_over.load(Ordering::SeqCst);
    std::thread::scope(|scope| {
        let page = scope.spawn(|| latencies(daemon, "/", is_busy));
        let api = scope.spawn(|| latencies(daemon, API, is_busy));
        let start = Instant::now();
        for batch in 0..BATCHES {
            let size = ALERTS / BATCHES + 1;
            let numbers = (batch * size..(batch + 1) * size).filter(|n| *n < ALERTS);
            let records: Vec<Record> = numbers.map(|n| nth(model, n, revision)).collect();
            kafka.produce("load.alerts", &records);
            let due = Duration::from_secs(60) * u32::try_from(batch + 1).expect("small") / 60;
            std::thread::sleep(due.saturating_sub(start.elapsed()));
        }
        is_over.store(true, Ordering::SeqCst);
        [page.join().expect("the page's reader"), api.join().expect("the API's reader")]
    })
}

#[test]
#[ignore = "a measurement of minutes; see docs/operating.md"]
fn ten_thousand_alerts_in_a_minute() {
    let kafka = real!(kafka::shared());
    let line = include_str!("fixtures/alerts.ndjson").lines().next().expect("an alert");
    let model: Alert = serde_json::from_str(line).expect("an alert");
    let dir = crate::harness::new_dir("load");
    let secret = dir.join("secret");
    let (hook, chat, pager) = (HttpSink::start(), HttpSink::start(), HttpSink::start());
    std::fs::write(&secret, chat.url("/chat")).expect("a file");
    let file = secret.to_str().expect("UTF-8");
    let config = format!(
        "{}sinks = [{{ type = \"webhook\", name = \"hook\", url = {:?} }}, \
         {{ type = \"slack\", name = \"chat\", webhook_url_file = {file:?} }}, \
         {{ type = \"pagerduty\", name = \"pager\", routing_key_file = {file:?}, url = {:?} }}]\n\
         [http]\npublic_url = \"http://demarche.example\"\n",
        crate::daemon::settings(kafka, "load"),
        hook.url("/hook"),
        pager.url("")
    );
    let mut daemon = Daemon::start(&config, &[]);
    daemon.wait_ready(PATIENCE);
    println!("memory at the start: {} MiB", daemon.resident_mib());
    for revision in [1, 2] {
        let busy = play(kafka, &daemon, &model, revision);
        let wanted = ALERTS * usize::try_from(revision).expect("small");
        wait_until(PATIENCE, "the webhook has all", || (hook.requests().len() >= wanted).then_some(()));
        // The same rows are held, and nothing comes.
        let idle = ["/", API].map(|path| latencies(&daemon, path, |n| n < 600));
        for (name, (idle, busy)) in ["page", "API "].iter().zip(idle.iter().zip(&busy)) {
            println!(
                "{name}: idle p50 {:.1} p99 {:.1} ms; in the minute p50 {:.1} p99 {:.1} ms ({} requests); ratio of p99 {:.1}",
                share(idle, 0.5),
                share(idle, 0.99),
                share(busy, 0.5),
                share(busy, 0.99),
                busy.len(),
                share(busy, 0.99) / share(idle, 0.99)
            );
        }
        println!(
            "revision {revision}: webhook {}, Slack {}, PagerDuty {} requests; {} MiB; {} series",
            hook.requests().len(),
            chat.requests().len(),
            pager.requests().len(),
            daemon.resident_mib(),
            daemon.metrics().lines().filter(|l| !l.starts_with('#')).count()
        );
    }
    let mut told = std::collections::BTreeMap::<String, usize>::new();
    for request in hook.requests() {
        let event: serde_json::Value = serde_json::from_str(&request.body).expect("a CloudEvent");
        *told.entry(event["id"].as_str().expect("an id").to_owned()).or_default() += 1;
    }
    assert_eq!((told.len(), told.values().max()), (2 * ALERTS, Some(&1)), "each revision once");
    assert!(daemon.metrics().lines().filter(|l| !l.starts_with('#')).count() < 3_000);
    assert!(daemon.stop(PATIENCE).success());
    let _ = std::fs::remove_dir_all(dir);
}
