//! What it refuses to start with: exit 78, the file, the line and what would mend it.

use super::{PATIENCE, Rig};
use crate::harness::daemon::Daemon;
use crate::harness::{kafka, real, root};

/// Starts it, waits for its end, and gives the exit code and what it said.
fn refused(config: &str) -> (Option<i32>, String) {
    let mut daemon = Daemon::start(config, &[]);
    let status = daemon.wait(PATIENCE);
    (status.code(), daemon.log())
}

#[test]
fn topics_that_do_not_fit_together_are_refused() {
    let kafka = real!(kafka::shared());
    let rig = Rig::new(kafka, "misfit", 1);
    kafka.create_topic("misfit.signals", 3, &[]);
    kafka.create_topic("misfit.state", 2, &[("cleanup.policy", "compact")]);
    let (code, log) = refused(&rig.config("", ""));
    assert_eq!(code, Some(78), "{log}");
    assert!(
        log.contains("misfit.signals") && log.contains("misfit.state") && log.contains("partitions"),
        "{log}"
    );
}

#[test]
fn a_missing_topic_that_it_may_not_create_is_refused() {
    let kafka = real!(kafka::shared());
    let rig = Rig::new(kafka, "absent", 1);
    let config = rig.config("", "").replace("partitions = 2", "partitions = 2\ncreate_topics = false");
    let (code, log) = refused(&config);
    assert_eq!(code, Some(78), "{log}");
    assert!(log.contains("absent.") && log.contains("create_topics"), "{log}");
}

#[test]
fn a_bad_rule_pack_is_refused_with_its_place() {
    let rules = tempfile::tempdir().expect("a folder");
    for file in std::fs::read_dir(root().join("config/rules")).expect("the rules") {
        let file = file.expect("an entry").path();
        std::fs::copy(&file, rules.path().join(file.file_name().expect("a name"))).expect("a copy");
    }
    let file = rules.path().join("mine.toml");
    std::fs::write(&file, "kind = \"contact\"\n\n[[frame]]\nid = \"x\"\nverbz = [\"meet\"]\n")
        .expect("a file");
    let (code, log) = refused(&format!("[detect]\nrules = {:?}\n", rules.path().display().to_string()));
    assert_eq!(code, Some(78), "{log}");
    assert!(log.contains("mine.toml:5") && log.contains("verbz"), "the file, the line, the word: {log}");
}

#[test]
fn an_unknown_setting_is_refused_with_its_place() {
    let (code, log) = refused("[kafka]\nbroker = \"127.0.0.1:9092\"\n");
    assert_eq!(code, Some(78), "{log}");
    assert!(
        log.contains("demarche.toml:2") && log.contains("kafka.brokers"),
        "the place and what would mend it: {log}"
    );
}
