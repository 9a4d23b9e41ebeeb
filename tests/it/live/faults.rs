//! Bad records, and a broker that is not there: counted, kept, said; and the next article is handled.

use super::{CROSSING, PATIENCE, Rig, on};
use crate::harness::daemon::Daemon;
use crate::harness::kafka::{self, Kafka, Record};
use crate::harness::{http, real, wait_until};

/// Bad records with the cause that each must be filed under.
fn bad_records() -> Vec<(&'static str, Record)> {
    let article = |fields: &str| Record::new("bad", &format!("{{{fields}}}"));
    let dated = r#""published_at": "2025-03-02T10:00:00Z""#;
    let huge = format!(r#""id": "huge", {dated}, "body": "{}""#, "calm ".repeat(4_000_000));
    let mut not_utf8 = Record::new("bad", "");
    not_utf8.value = Some([b"{\"id\": \"u\", \"title\": \"".as_slice(), &[0xff, 0xfe], b"\"}"].concat());
    vec![
        ("not-json", Record::new("bad", "{\"id\": \"cut off")),
        ("not-json", Record::new("bad", "no JSON at all")),
        ("wrong-shape", article(&format!(r#""id": 7, {dated}, "title": "x""#))),
        ("wrong-shape", article(&format!(r#""id": "t", {dated}, "title": ["x"]"#))),
        ("wrong-shape", article(r#""id": "m", "title": "no date""#)),
        ("wrong-shape", article(&format!(r#"{dated}, "title": "no id""#))),
        ("bad-time", article(r#""id": "d", "published_at": "yesterday", "title": "x""#)),
        ("from-the-future", article(r#""id": "f", "published_at": "9999-01-01T00:00:00Z", "title": "x""#)),
        // Beyond what the calendar can tell.
        ("bad-time", article(r#""id": "g", "published_at": "9999-12-31T23:59:59Z", "title": "x""#)),
        ("before-1970", article(r#""id": "o", "published_at": "1871-01-18T12:00:00Z", "title": "x""#)),
        ("empty", Record::new("bad", "")),
        ("not-utf8", not_utf8),
        ("record-too-large", article(&huge)),
    ]
}

#[test]
fn bad_records_are_dead_letters_and_the_next_article_is_handled() {
    let kafka = real!(kafka::shared());
    let rig = Rig::new(kafka, "bad-records", 1);
    let bad = bad_records();
    rig.kafka.produce(&rig.news(), &bad.iter().map(|(_, r)| r.clone()).collect::<Vec<_>>());
    rig.publish(CROSSING);
    let daemon = rig.start();
    rig.wait_alerts("alerts of the articles behind the bad ones", |a| {
        (on(a, "ISR-JOR").len() == 2).then_some(())
    });

    let mut letters = rig.kafka.read_all(&rig.topic("dead-letters"));
    letters.sort_by_key(|l| l.header("demarche_offset").and_then(|o| o.parse::<i64>().ok()));
    let causes: Vec<&str> = letters.iter().map(|l| l.header("demarche_cause").unwrap_or("none")).collect();
    assert_eq!(causes, bad.iter().map(|(cause, _)| *cause).collect::<Vec<_>>());
    for (at, ((cause, record), letter)) in bad.iter().zip(&letters).enumerate() {
        assert_eq!(letter.header("demarche_topic"), Some(rig.news().as_str()));
        assert_eq!(letter.header("demarche_partition"), Some("0"));
        assert_eq!(letter.header("demarche_offset"), Some(at.to_string().as_str()), "{cause}");
        let (sent, kept) =
            (record.value.as_deref().unwrap_or_default(), letter.value.as_deref().unwrap_or_default());
        assert!(sent.starts_with(kept), "{cause}: as it came");
        assert_eq!(
            letter.header("demarche_cut").is_some(),
            kept.len() < sent.len(),
            "{cause}: cut, and marked so"
        );
    }
    for cause in ["not-json", "wrong-shape", "empty", "record-too-large"] {
        let wanted = bad.iter().filter(|(c, _)| *c == cause).count();
        let counted = daemon.metric("demarche_dead_letters_total", &[&format!("cause=\"{cause}\"")]);
        assert_eq!(counted, wanted as f64, "{cause}");
    }
}

#[test]
fn a_broker_that_is_not_there_is_waited_for() {
    let mut kafka = real!(Kafka::prepare(&[]));
    let config = {
        let rig = Rig { kafka: &kafka, name: "late".into() };
        rig.config("", "")
    };
    let mut daemon = Daemon::start(&config, &[]);
    wait_until(PATIENCE, "readiness is false, with the broker as its reason", || {
        let answer = http::get(&daemon.ops, "/readyz").ok().filter(|a| a.status == 503)?;
        answer.body.to_lowercase().contains("broker").then_some(())
    });
    wait_until(PATIENCE, "the log says so", || daemon.log().to_lowercase().contains("broker").then_some(()));
    let lines = daemon.log().lines().count();
    assert!(lines < 30, "{lines} lines, not one at every attempt:\n{}", daemon.log());
    assert_eq!(http::get(&daemon.ops, "/livez").expect("an answer").status, 200, "but it lives");

    kafka.boot(&[]);
    daemon.wait_ready(PATIENCE);
    let rig = Rig { kafka: &kafka, name: "late".into() };
    rig.publish(CROSSING);
    rig.wait_alerts("alerts", |alerts| (on(alerts, "ISR-JOR").len() == 2).then_some(()));
    assert!(daemon.stop(PATIENCE).success());
}
