//! The harness itself: a real broker does what the tests of the daemon take for granted.

use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use std::time::Duration;

use crate::harness::kafka::{self, Record};
use crate::harness::skipped;

#[test]
fn records_come_back_as_they_went() {
    let kafka = match kafka::shared() {
        Ok(kafka) => kafka,
        Err(why) => skipped!("{why}"),
    };
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
    let kafka = match kafka::shared() {
        Ok(kafka) => kafka,
        Err(why) => skipped!("{why}"),
    };
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
    let mut kafka = match kafka::Kafka::start(&[], &[]) {
        Ok(kafka) => kafka,
        Err(why) => skipped!("{why}"),
    };
    kafka.create_topic("survives", 1, &[]);
    kafka.produce("survives", &[Record::new("k", "v")]);
    kafka.kill();
    kafka.boot(&[]);
    assert_eq!(kafka.read_all("survives").len(), 1);
}
