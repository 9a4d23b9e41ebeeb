//! People told by the daemon: a real Kafka, a real Alertmanager and a webhook that is busy at first; then a kill, and an
//! Alertmanager that knows nothing.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::daemon::{articles, settings};
use crate::harness::alertmanager::Alertmanager;
use crate::harness::daemon::Daemon;
use crate::harness::http_sink::HttpSink;
use crate::harness::kafka::Record;
use crate::harness::{http, kafka, real, wait_until};

const PATIENCE: Duration = Duration::from_secs(120);

/// Deliveries by the CloudEvent's id.
fn deliveries(hook: &HttpSink) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for request in hook.requests() {
        let event: serde_json::Value = serde_json::from_str(&request.body).expect("a CloudEvent");
        assert!(request.header("x-demarche-signature").is_some_and(|s| s.starts_with("sha256=")));
        *counts.entry(event["id"].as_str().expect("an id").to_owned()).or_default() += 1;
    }
    counts
}

/// Waits until this Alertmanager has both episodes firing.
fn wait_firing(alertmanager: &Alertmanager) {
    wait_until(PATIENCE, "both episodes fire in Alertmanager", || {
        let alerts = alertmanager.alerts();
        let has = |family: &str| alerts.iter().any(|a| a["labels"]["family"] == family);
        (has("treaty") && has("diplomacy")).then_some(())
    });
}

#[test]
fn each_change_is_told_once_and_a_kill_repeats_nothing() {
    let kafka = real!(kafka::shared());
    let alertmanager = real!(Alertmanager::start(None));
    let dir = crate::harness::new_dir("telling");
    let secret = dir.join("secret");
    std::fs::write(&secret, "key").expect("a file");
    let hook = HttpSink::start();
    hook.answer_next(429, "retry-after: 1\r\n");
    let with = |alertmanager: &Alertmanager| {
        format!(
            "{}sinks = [{{ type = \"alertmanager\", name = \"am\", urls = [{:?}] }}, \
             {{ type = \"webhook\", name = \"hook\", url = {:?}, secret_file = {:?} }}]\n\
             [http]\npublic_url = \"http://demarche.example\"\n",
            settings(kafka, "telling"),
            alertmanager.url(),
            hook.url("/hook"),
            secret.to_str().expect("UTF-8"),
        )
    };
    let mut daemon = Daemon::start(&with(&alertmanager), &[]);
    daemon.wait_ready(PATIENCE);
    kafka.produce("telling.news", &articles());
    wait_firing(&alertmanager);
    for alert in alertmanager.alerts() {
        assert_eq!(alert["labels"]["alertname"], "DemarcheEpisode");
        let link = alert["generatorURL"].as_str().expect("a link");
        assert!(link.starts_with("http://demarche.example/alerts/"), "{link}");
        assert!(!alert["annotations"]["description"].to_string().is_empty());
    }
    let told = wait_until(PATIENCE, "the webhook has all", || {
        let told = deliveries(&hook);
        let delivered = daemon.metric("demarche_sink_deliveries_total", &["sink=\"hook\"", "delivered"]);
        // All but the refused one: what was refused is tried again, or its next revision is.
        (told.len() >= 2 && delivered + 1.0 >= told.values().sum::<usize>() as f64).then_some(told)
    });
    assert!(told.values().sum::<usize>() <= told.len() + 1, "only the refused one came twice: {told:?}");
    daemon.kill();

    // An Alertmanager that has forgotten all hears what is open; the webhook hears nothing.
    let forgetful = Alertmanager::start(None).expect("it started before");
    let mut daemon = Daemon::start(&with(&forgetful), &[]);
    daemon.wait_ready(PATIENCE);
    wait_firing(&forgetful);
    assert_eq!(deliveries(&hook), told, "nobody is told again");
    assert!(daemon.stop(PATIENCE).success());
    let _ = std::fs::remove_dir_all(dir);
}

/// Fresh news of our own, told with the time of now: talk, the deed, and an offer to mediate.
pub fn told_now(text: &str, id: &str) -> Record {
    let line = text.lines().find(|line| line.contains(&format!("\"id\": \"{id}\""))).expect("an article");
    let mut article: serde_json::Value = serde_json::from_str(line).expect("JSON");
    // A little ahead: the daemon clamps it to the time of arrival.
    let millis = demarche::daemon::now().0 + 5_000;
    article["published_at"] = demarche::article::Time(millis).to_string().into();
    Record::new(id, &article.to_string())
}

/// A later version of an article that its publisher has killed.
fn killed(id: &str) -> Record {
    let article = told_now(WATERS, id);
    let mut article: serde_json::Value =
        serde_json::from_slice(article.value.as_deref().expect("a value")).expect("JSON");
    (article["version"], article["status"]) = (2.into(), "canceled".into());
    Record::new(id, &article.to_string())
}

/// Active alerts of a family, as (severity, page).
fn firing(alertmanager: &Alertmanager, family: &str) -> Vec<(String, String)> {
    let text =
        |alert: &serde_json::Value, name: &str| alert["labels"][name].as_str().unwrap_or("").to_owned();
    let alerts = alertmanager.alerts();
    let ours = alerts.iter().filter(|a| a["labels"]["family"] == family);
    ours.map(|a| (text(a, "severity"), text(a, "page"))).collect()
}

/// Transitions that the webhook was told of a family's episodes, in order, and whether each pages.
fn transitions(hook: &HttpSink, family: &str) -> Vec<(String, bool)> {
    let events = hook.requests().into_iter().map(|r| r.body);
    let events = events.map(|body| serde_json::from_str::<serde_json::Value>(&body).expect("a CloudEvent"));
    let told = |event: serde_json::Value| {
        let alert = &event["data"]["alert"];
        let transition = alert["transition"].as_str().unwrap_or("").to_owned();
        (alert["family"] == family).then(|| (transition, event["data"]["page"] == true))
    };
    events.filter_map(told).collect()
}

const WATERS: &str = include_str!("fixtures/waters.ndjson");
const TOKEN: &str = "write-token-write-token-write-token";

/// Sends with the token; the answer must be a success.
fn act(daemon: &Daemon, method: &str, path: &str, body: &str) -> serde_json::Value {
    let bearer = format!("Bearer {TOKEN}");
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    let answer = http::send(&daemon.http, method, path, &headers, body.as_bytes()).expect("an answer");
    assert!(answer.status < 300, "{method} {path}: {} {}", answer.status, answer.body);
    answer.json()
}

#[test]
fn a_silence_holds_back_a_page_and_a_killed_text_is_taken_back() {
    let kafka = real!(kafka::shared());
    let alertmanager = real!(Alertmanager::start(None));
    let dir = crate::harness::new_dir("waters");
    let tokens = dir.join("tokens");
    std::fs::write(&tokens, format!("write {TOKEN}\n")).expect("a file");
    let hook = HttpSink::start();
    let mut daemon = Daemon::start(
        &format!(
            "{}sinks = [{{ type = \"alertmanager\", name = \"am\", urls = [{:?}] }}, \
             {{ type = \"webhook\", name = \"hook\", url = {:?} }}]\n\
             [http]\npublic_url = \"http://demarche.example\"\ntokens = {:?}\n",
            settings(kafka, "waters"),
            alertmanager.url(),
            hook.url("/hook"),
            tokens.to_str().expect("UTF-8"),
        ),
        &[],
    );
    daemon.wait_ready(PATIENCE);
    let told = |family: &str, count: usize, what: &str| {
        wait_until(PATIENCE, what, || {
            let told = transitions(&hook, family);
            (told.len() >= count).then_some(told)
        })
    };
    kafka.produce("waters.news", &[told_now(WATERS, "waters-1")]);
    assert_eq!(told("treaty", 1, "the talk is told")[0], ("opened".into(), false));
    let silence = act(
        &daemon,
        "POST",
        "/api/v1/silences",
        r#"{"dyad":"ISR-JOR","family":"treaty","ends_at":"4h","author":"a test"}"#,
    );
    kafka.produce("waters.news", &[told_now(WATERS, "waters-2")]);
    wait_until(PATIENCE, "the deed is an alert", || {
        let alerts = kafka.read_all("waters.alerts");
        alerts.iter().any(|a| a.json()["severity"] == "high").then_some(())
    });
    // What is told after it says that notify has read that far.
    kafka.produce("waters.news", &[told_now(WATERS, "waters-3")]);
    told("diplomacy", 1, "the offer is told");
    assert!(transitions(&hook, "treaty").iter().all(|(_, page)| !page), "the page is held back");
    assert_eq!(firing(&alertmanager, "treaty"), [("medium".into(), "no".into())]);

    act(&daemon, "DELETE", &format!("/api/v1/silences/{}", silence["id"].as_str().expect("an id")), "");
    wait_until(PATIENCE, "the page is told when the silence ends", || {
        transitions(&hook, "treaty").iter().any(|(_, page)| *page).then_some(())
    });
    wait_until(PATIENCE, "one label set has taken the other's place", || {
        (firing(&alertmanager, "treaty") == [("high".into(), "yes".into())]).then_some(())
    });
    kafka.produce("waters.news", &[killed("waters-2"), killed("waters-1")]);
    wait_until(PATIENCE, "Alertmanager knows that it is over", || {
        firing(&alertmanager, "treaty").is_empty().then_some(())
    });
    let ends = wait_until(PATIENCE, "the webhook too", || {
        let told = transitions(&hook, "treaty");
        let ends = told.iter().filter(|(t, _)| t == "retracted" || t == "resolved").count();
        (ends > 0).then_some(ends)
    });
    assert_eq!(ends, 1, "once");
    assert!(daemon.stop(PATIENCE).success());
    let _ = std::fs::remove_dir_all(dir);
}
