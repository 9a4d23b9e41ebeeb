//! The client's settings, for all of our consumers and producers.

use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaResult;

use crate::config::Kafka;

/// What every client has in common. Secrets are read from their files here and nowhere else.
pub fn client(kafka: &Kafka) -> ClientConfig {
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", &kafka.brokers)
        .set("client.id", &kafka.instance)
        // Keys go to the partitions that Java clients would choose.
        .set("partitioner", "murmur2_random")
        .set("socket.timeout.ms", "10000")
        .set("log_level", "4");
    if let Some(path) = &kafka.sasl_password_file
        && let Ok(secret) = std::fs::read_to_string(path)
    {
        config.set("sasl.password", secret.trim_end());
    }
    for (key, value) in &kafka.client {
        config.set(key, value);
    }
    config
}

/// Logs what librdkafka reports, but for the end of a partition, which is no error.
pub struct Calm;

impl rdkafka::ClientContext for Calm {
    fn error(&self, error: rdkafka::error::KafkaError, reason: &str) {
        report(&error, reason);
    }
}

impl rdkafka::consumer::ConsumerContext for Calm {}

/// One line for an error that librdkafka reports beside the calls.
pub fn report(error: &rdkafka::error::KafkaError, reason: &str) {
    use rdkafka::types::RDKafkaErrorCode as Code;
    match error.rdkafka_error_code() {
        Some(Code::PartitionEOF) => {}
        Some(Code::BrokerTransportFailure | Code::AllBrokersDown | Code::Resolve) => {
            tracing::debug!(%error, reason, "the broker is not there");
        }
        _ => tracing::warn!(%error, reason, "kafka"),
    }
}

/// How many partitions a topic has; `None` where there is no such topic.
///
/// # Errors
/// The broker does not answer.
pub fn partitions(kafka: &Kafka, topic: &str, wait: Duration) -> KafkaResult<Option<i32>> {
    let consumer: BaseConsumer = client(kafka).set("group.id", "demarche-look").create()?;
    let metadata = consumer.fetch_metadata(Some(topic), wait)?;
    let found = metadata.topics().iter().find(|t| t.name() == topic && t.error().is_none());
    Ok(found.map(|t| t.partitions().len() as i32).filter(|n| *n > 0))
}
