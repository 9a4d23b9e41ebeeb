//! The harness itself: a real broker does what the tests of the daemon take for granted.

use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use std::time::Duration;

use crate::harness::kafka::{self, Record};
use crate::harness::{alertmanager, chromium, http, prometheus, real, secure, wait_until};

#[test]
fn records_come_back_as_they_went() {
    let kafka = real!(kafka::shared());
    kafka.create_topic("round-trip", 3, &[]);
    let mut sent = vec![Record::new("a", "one"), Record::new("b", "two"), Record::new("c", "")];
    for (partition, record) in sent.iter_mut().enumerate() {
        record.partition = partition as i32;
        record.timestamp = Some(1_700_000_000_000);
        record.headers = vec![("ce_type".into(), "demarche.test".into())];
    }
    sent[2].value = None;
    kafka.produce("round-trip", &sent);
    assert_eq!(kafka.read_all("round-trip"), sent);
}

#[test]
fn an_aborted_transaction_is_not_read() {
    let kafka = real!(kafka::shared());
    kafka.create_topic("aborted", 1, &[]);
    let producer: BaseProducer =
        kafka.client().set("transactional.id", "aborted").create().expect("a producer");
    let timeout = Duration::from_secs(60);
    producer.init_transactions(timeout).expect("a producer id");
    for (value, keep) in [("kept", true), ("dropped", false), ("kept too", true)] {
        producer.begin_transaction().expect("a transaction");
        producer
            .send(BaseRecord::to("aborted").key("k").payload(value))
            .map_err(|(e, _)| e)
            .expect("a place");
        producer.flush(timeout).expect("acknowledged");
        let end =
            if keep { producer.commit_transaction(timeout) } else { producer.abort_transaction(timeout) };
        end.expect("the transaction ends");
    }
    let values = |records: Vec<Record>| -> Vec<String> {
        records.into_iter().map(|r| String::from_utf8(r.value.expect("a value")).expect("text")).collect()
    };
    assert_eq!(values(kafka.read_all("aborted")), ["kept", "kept too"]);
    assert_eq!(values(kafka.read_uncommitted("aborted")), ["kept", "dropped", "kept too"]);
}

#[test]
fn a_killed_broker_comes_back_with_its_topics() {
    let mut kafka = real!(kafka::Kafka::start(&[], &[]));
    kafka.create_topic("survives", 1, &[]);
    kafka.produce("survives", &[Record::new("k", "v")]);
    kafka.kill();
    kafka.boot(&[]);
    assert_eq!(kafka.read_all("survives").len(), 1);
}

#[test]
fn tls_takes_clients_that_show_a_key_and_no_others() {
    let kafka = real!(secure::tls(true));
    kafka.create_topic("secret", 1, &[]);
    kafka.produce("secret", &[Record::new("k", "v")]);
    assert_eq!(kafka.read_all("secret").len(), 1);
    let mut client = kafka.client();
    client.remove("ssl.keystore.location");
    let stranger: BaseProducer = client.create().expect("a client");
    assert!(stranger.client().fetch_metadata(None, Duration::from_secs(3)).is_err());
}

#[test]
fn the_authorizer_gives_what_an_acl_says_and_no_more() {
    let kafka = real!(secure::authorized());
    kafka.create_topic("guarded", 1, &[]);
    let words =
        "--add --allow-principal User:demarche --operation Write --operation Describe --topic guarded";
    kafka.tool("org.apache.kafka.tools.AclCommand", &words.split(' ').collect::<Vec<_>>());
    for (user, may) in [("demarche", true), ("stranger", false)] {
        let mut client = kafka.client();
        for (key, value) in secure::login(user) {
            client.set(key, value);
        }
        let producer: BaseProducer = client.create().expect("a client");
        let metadata =
            producer.client().fetch_metadata(Some("guarded"), Duration::from_secs(30)).expect("an answer");
        assert_eq!(metadata.topics()[0].error().is_none(), may, "{user}");
    }
}

#[test]
fn prometheus_and_alertmanager_start_and_answer() {
    let alertmanager = real!(alertmanager::Alertmanager::start(None));
    let alert = r#"[{"labels": {"alertname": "Test", "page": "no"}}]"#;
    let answer = http::post(&alertmanager.address, "/api/v2/alerts", alert).expect("an answer");
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(alertmanager.alerts()[0]["labels"]["alertname"], "Test");

    let config = format!(
        "global: {{scrape_interval: 1s}}\nscrape_configs: [{{job_name: am, static_configs: [{{targets: ['{}']}}]}}]\n",
        alertmanager.address
    );
    let prometheus = real!(prometheus::Prometheus::start(&config));
    let up = wait_until(Duration::from_secs(60), "a scrape", || {
        prometheus.query("up").as_array().filter(|v| !v.is_empty()).cloned()
    });
    assert_eq!(up[0]["value"][1], "1");
}

#[test]
fn chromium_shows_a_page_and_its_console() {
    let page = "data:text/html,<p id=a></p><script>a.textContent=1%2B1;console.error('seen')</script>";
    let page = real!(chromium::open(page, 400, None));
    assert!(page.dom.contains("<p id=\"a\">2</p>"), "{}", page.dom);
    assert!(page.console.iter().any(|l| l.contains("seen")), "{:?}", page.console);
}
