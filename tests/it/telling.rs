//! People told by the daemon: a real Kafka, a real Alertmanager and a webhook that is busy at first; then a kill, and an
//! Alertmanager that knows nothing.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::daemon::{articles, settings};
use crate::harness::alertmanager::Alertmanager;
use crate::harness::daemon::Daemon;
use crate::harness::http_sink::HttpSink;
use crate::harness::{kafka, skipped, wait_until};

const PATIENCE: Duration = Duration::from_secs(60);

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
    let kafka = match kafka::shared() {
        Ok(kafka) => kafka,
        Err(why) => skipped!("{why}"),
    };
    let alertmanager = match Alertmanager::start(None) {
        Ok(alertmanager) => alertmanager,
        Err(why) => skipped!("{why}"),
    };
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
        (told.len() >= 2 && delivered >= told.len() as f64).then_some(told)
    });
    assert_eq!(told.values().sum::<usize>(), told.len() + 1, "only the refused one came twice: {told:?}");
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
