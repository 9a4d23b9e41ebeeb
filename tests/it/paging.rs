//! One development pages once and by one path, with every shipped rule loaded: a real Kafka, Prometheus and
//! Alertmanager, and the daemon between them.

use std::time::Duration;

use crate::daemon::settings;
use crate::harness::alertmanager::Alertmanager;
use crate::harness::daemon::Daemon;
use crate::harness::prometheus::Prometheus;
use crate::harness::{kafka, real, root, wait_until};
use crate::telling::told_now;

const PATIENCE: Duration = Duration::from_secs(120);
const BLOWS: &str = include_str!("fixtures/blows.ndjson");

/// The shipped rules; those about the world without their waits, which a test cannot sit out.
fn rules(dir: &std::path::Path) -> Vec<String> {
    let shipped =
        |name: &str| std::fs::read_to_string(root().join("deploy/prometheus").join(name)).expect("rules");
    let files = ["recording.rules.yml", "world.rules.yml", "daemon.rules.yml"];
    let written = files.map(|name| {
        let mut text = shipped(name).replace("interval: \"30s\"", "interval: \"1s\"");
        if name == "world.rules.yml" {
            let is_wait = |line: &str| line.trim_start().starts_with("for:");
            text = text.lines().filter(|line| !is_wait(line)).map(|line| format!("{line}\n")).collect();
        }
        let file = dir.join(name);
        std::fs::write(&file, text).expect("a file");
        file.to_str().expect("UTF-8").to_owned()
    });
    written.to_vec()
}

#[test]
fn one_development_pages_once_and_by_one_path() {
    let kafka = real!(kafka::shared());
    let alertmanager = real!(Alertmanager::start(None));
    let sinks = format!(
        "sinks = [{{ type = \"alertmanager\", name = \"am\", urls = [{:?}] }}]\n\
         [http]\npublic_url = \"http://demarche.example\"\n[assess]\nwatchlist = [\"ECU-PER\"]\n",
        alertmanager.url()
    );
    let mut daemon = Daemon::start(&format!("{}{sinks}", settings(kafka, "paging")), &[]);
    daemon.wait_ready(PATIENCE);
    let dir = crate::harness::new_dir("paging");
    let prometheus = Prometheus::start(&format!(
        "global: {{ scrape_interval: 1s, evaluation_interval: 1s }}\nrule_files: {:?}\n\
         alerting: {{ alertmanagers: [{{ static_configs: [{{ targets: [{:?}] }}] }}] }}\n\
         scrape_configs:\n- job_name: demarche\n  static_configs: [{{ targets: [{:?}] }}]\n",
        rules(&dir),
        alertmanager.address,
        daemon.ops
    ));
    let prometheus = real!(prometheus);
    kafka.produce("paging.news", &[told_now(BLOWS, "blows-1")]);
    wait_until(PATIENCE, "the first blow pages", || (!alertmanager.alerts().is_empty()).then_some(()));
    kafka.produce("paging.news", &[told_now(BLOWS, "blows-2")]);
    wait_until(PATIENCE, "Prometheus' rule about it fires", || {
        let firing = prometheus
            .query("ALERTS%7Balertname%3D%22DemarcheCriticalEpisodeOpen%22%2Calertstate%3D%22firing%22%7D");
        firing.as_array().is_some_and(|list| !list.is_empty()).then_some(())
    });
    let label =
        |alert: &serde_json::Value, name: &str| alert["labels"][name].as_str().unwrap_or("").to_owned();
    let alerts = wait_until(PATIENCE, "both paths are at Alertmanager", || {
        let alerts = alertmanager.alerts();
        let has = |name: &str, severity: &str| {
            alerts.iter().any(|a| label(a, "alertname") == name && label(a, "severity") == severity)
        };
        (has("DemarcheCriticalEpisodeOpen", "critical") && has("DemarcheEpisode", "critical"))
            .then_some(alerts.clone())
    });
    let pages = alerts.iter().filter(|a| label(a, "page") == "yes");
    let pages: Vec<String> = pages.map(|a| label(a, "alertname")).collect();
    assert_eq!(pages, ["DemarcheEpisode"], "{alerts:#?}");
    assert!(daemon.stop(PATIENCE).success());
    let _ = std::fs::remove_dir_all(dir);
}
