//! The daemon on a real broker: from articles to alerts, killed and started, with broken records among them.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::harness::daemon::{Daemon, demarche};
use crate::harness::kafka::{self, Kafka, Record};
use crate::harness::{real, secure, wait_until};

const PATIENCE: Duration = Duration::from_secs(60);

/// Settings of a daemon whose topics nobody else has.
pub fn settings(kafka: &Kafka, prefix: &str) -> String {
    format!(
        "[kafka]\nbrokers = {:?}\nprefix = {prefix:?}\ngroup = {prefix:?}\nnews = \"{prefix}.news\"\nfrom = \"earliest\"\n\
         partitions = 2\nsession_timeout_ms = 6000\n[notify]\nmax_age = 0\n",
        kafka.bootstrap
    )
}

pub fn articles() -> Vec<Record> {
    let text = include_str!("fixtures/crossing.ndjson");
    let key = |line: &str| {
        let value: serde_json::Value = serde_json::from_str(line).expect("an article");
        value["id"].as_str().expect("an id").to_owned()
    };
    text.lines().map(|line| Record::new(&key(line), line)).collect()
}

/// The newest revision of each episode, by family.
fn newest(kafka: &Kafka, prefix: &str) -> BTreeMap<String, serde_json::Value> {
    let mut alerts: Vec<serde_json::Value> =
        kafka.read_all(&format!("{prefix}.alerts")).iter().map(Record::json).collect();
    alerts.sort_by_key(|a| a["revision"].as_u64());
    alerts.into_iter().map(|a| (a["family"].as_str().unwrap_or_default().to_owned(), a)).collect()
}

fn wait_alerts(kafka: &Kafka, prefix: &str) -> BTreeMap<String, serde_json::Value> {
    wait_until(PATIENCE, "alerts of both families", || {
        let alerts = newest(kafka, prefix);
        (alerts.contains_key("treaty") && alerts.contains_key("diplomacy")).then_some(alerts)
    })
}

#[test]
fn two_articles_end_as_two_alerts_that_name_each_other() {
    let kafka = real!(kafka::shared());
    let mut daemon = Daemon::start(&settings(kafka, "two"), &[]);
    daemon.wait_ready(PATIENCE);
    kafka.produce("two.news", &articles());
    let alerts = wait_alerts(kafka, "two");
    let others = |family: &str| alerts[family]["others"].to_string();
    let id = |family: &str| alerts[family]["episode_id"].as_str().expect("an id").to_owned();
    wait_until(PATIENCE, "each names the other", || {
        let alerts = newest(kafka, "two");
        let names = |a: &str, b: &str| alerts[a]["others"].to_string().contains(&id(b));
        (names("treaty", "diplomacy") && names("diplomacy", "treaty")).then_some(())
    });
    assert!(!others("treaty").is_empty());
    assert!(daemon.metric("demarche_alerts_total", &["transition=\"opened\""]) >= 2.0);
    assert!(daemon.stop(PATIENCE).success());
}

#[test]
fn a_kill_in_between_doubles_and_loses_nothing() {
    let kafka = real!(kafka::shared());
    let articles = articles();
    let mut daemon = Daemon::start(&settings(kafka, "killed"), &[]);
    daemon.wait_ready(PATIENCE);
    kafka.produce("killed.news", &articles[..1]);
    wait_until(PATIENCE, "the first alert", || {
        newest(kafka, "killed").contains_key("diplomacy").then_some(())
    });
    daemon.kill();
    kafka.produce("killed.news", &articles[1..]);
    let mut daemon = Daemon::start(&settings(kafka, "killed"), &[]);
    daemon.wait_ready(PATIENCE);
    wait_alerts(kafka, "killed");
    assert!(daemon.stop(PATIENCE).success());
    let revisions: Vec<(String, u64)> = kafka
        .read_all("killed.alerts")
        .iter()
        .map(Record::json)
        .map(|a| (a["episode_id"].to_string(), a["revision"].as_u64().expect("a number")))
        .collect();
    let mut unique = revisions.clone();
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), revisions.len(), "a revision was written twice: {revisions:?}");
}

#[test]
fn what_is_broken_becomes_a_dead_letter_and_the_next_article_is_read() {
    let kafka = real!(kafka::shared());
    let mut daemon = Daemon::start(&settings(kafka, "dead"), &[]);
    daemon.wait_ready(PATIENCE);
    let broken = [
        ("not-json", r#"{"id": "#),
        ("wrong-shape", r#"{"id": 7, "published_at": "2025-01-01T00:00:00Z", "title": "x"}"#),
        ("bad-time", r#"{"id": "a", "published_at": "soon", "title": "x"}"#),
        ("from-the-future", r#"{"id": "b", "published_at": "9998-12-31T00:00:00Z", "title": "x"}"#),
        ("empty-field", r#"{"id": "c", "published_at": "2025-01-01T00:00:00Z", "body": ""}"#),
        ("empty", ""),
    ];
    let mut records: Vec<Record> = broken.iter().map(|(_, value)| Record::new("k", value)).collect();
    let mut binary = Record::new("k", "");
    binary.value = Some(b"{\"id\": \"\xff\"}".to_vec());
    records.push(binary);
    records.extend(articles());
    kafka.produce("dead.news", &records);
    wait_alerts(kafka, "dead");
    let letters = wait_until(PATIENCE, "the dead letters", || {
        let letters = kafka.read_all("dead.dead-letters");
        (letters.len() == broken.len() + 1).then_some(letters)
    });
    let mut causes: Vec<&str> = letters.iter().filter_map(|l| l.header("demarche_cause")).collect();
    causes.sort_unstable();
    let mut wanted: Vec<&str> = broken.iter().map(|(cause, _)| *cause).chain(["not-utf8"]).collect();
    wanted.sort_unstable();
    assert_eq!(causes, wanted);
    let positions: Vec<String> = letters.iter().map(Record::key_text).collect();
    assert!(positions.iter().all(|p| p.starts_with("dead.news/")), "{positions:?}");
    assert_eq!(daemon.metric("demarche_dead_letters_total", &[]), 7.0);
    assert!(daemon.stop(PATIENCE).success());
}

#[test]
fn embedded_gives_the_same_alerts_twice() {
    let run = || {
        let dir = tempfile::tempdir().expect("a folder");
        let feed = dir.path().join("feed.ndjson");
        std::fs::write(&feed, include_str!("fixtures/crossing.ndjson")).expect("a file");
        let output = demarche()
            .args(["run", "--embedded", "--exit-when-idle", "--feed"])
            .arg(&feed)
            .env("DEMARCHE_OPS_LISTEN", "127.0.0.1:0")
            .env("DEMARCHE_HTTP_LISTEN", "127.0.0.1:0")
            .output()
            .expect("the binary starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    };
    let (first, second) = (run(), run());
    assert_eq!(first, second);
    assert!(first.lines().count() >= 2, "{first}");
}

#[test]
fn bad_settings_are_refused_with_their_place() {
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("demarche.toml");
    std::fs::write(&file, "[kafka]\nbroker = \"x\"\n[ops]\nlisten = \"here\"\n").expect("a file");
    let output =
        demarche().args(["check", "--offline", "--config"]).arg(&file).output().expect("the binary starts");
    assert_eq!(output.status.code(), Some(78));
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(text.contains("demarche.toml:2") && text.contains("kafka.brokers"), "{text}");
}

fn with_properties(kafka: &Kafka, prefix: &str, more: &str, properties: &[(&str, &str)]) -> String {
    let text = settings(kafka, prefix).replace("[notify]", &format!("{more}[notify]"));
    let lines: String = properties.iter().map(|(k, v)| format!("{k:?} = {v:?}\n")).collect();
    format!("{text}[kafka.properties]\n{lines}")
}

#[test]
fn tls_with_an_authority_of_ones_own_carries_it_all() {
    let kafka = real!(secure::tls(false));
    let properties: Vec<(&str, &str)> = kafka.client.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    let mut daemon = Daemon::start(&with_properties(&kafka, "tls", "", &properties), &[]);
    daemon.wait_ready(PATIENCE);
    kafka.produce("tls.news", &articles());
    wait_alerts(&kafka, "tls");
    assert!(daemon.stop(PATIENCE).success());
}

/// The rights that docs/reliability.md lists are enough, and the password stands nowhere but in its file.
#[test]
fn the_rights_that_are_written_down_suffice() {
    let kafka = real!(secure::authorized());
    let allow = |words: &str| {
        let words = format!("--add --allow-principal User:demarche --resource-pattern-type prefixed {words}");
        kafka.tool("org.apache.kafka.tools.AclCommand", &words.split(' ').collect::<Vec<_>>());
    };
    allow("--operation Read --operation Write --operation Describe --operation Create --topic acl.");
    allow("--operation Read --group acl-");
    allow("--operation Read --group demarche-");
    allow("--operation Write --operation Describe --transactional-id acl-");
    let dir = tempfile::tempdir().expect("a folder");
    let password = dir.path().join("password");
    std::fs::write(&password, "demarche\n").expect("a file");
    let more = format!("sasl_password_file = {password:?}\n");
    let login = secure::login("demarche");
    let text = with_properties(&kafka, "acl", &more, &login[..3]);
    let mut daemon = Daemon::start(&text, &[]);
    daemon.wait_ready(PATIENCE);
    kafka.produce("acl.news", &articles());
    wait_alerts(&kafka, "acl");
    assert!(daemon.stop(PATIENCE).success());
}
