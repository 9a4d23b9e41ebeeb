//! The client's settings, for all of our consumers and producers.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaResult;

use super::sasl::Tokens;
use crate::config::Kafka;

/// A file with a secret cannot be read. The secret is never shown.
#[derive(Debug, thiserror::Error)]
#[error("{key}: reading {path}: {source}")]
pub struct SecretError {
    key: &'static str,
    path: PathBuf,
    source: std::io::Error,
}

/// Properties of ours that librdkafka does not know: OAUTHBEARER's token is fetched in Rust.
const OURS: [&str; 3] =
    ["sasl.oauthbearer.token.endpoint.url", "sasl.oauthbearer.client.id", "sasl.oauthbearer.scope"];

/// What every client has in common. Secrets are read from their files here and nowhere else; a file that is missing
/// was refused by [`check_secrets`] before.
pub fn client(kafka: &Kafka) -> ClientConfig {
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", &kafka.brokers)
        .set("client.id", &kafka.instance)
        // Keys go to the partitions that Java clients would choose.
        .set("partitioner", "murmur2_random")
        .set("socket.timeout.ms", "10000")
        .set("topic.metadata.refresh.interval.ms", "30000")
        .set("log_level", "4");
    let secrets =
        [("sasl.password", &kafka.sasl_password_file), ("ssl.key.password", &kafka.ssl_key_password_file)];
    for (property, path) in secrets {
        if let Some(secret) = path.as_deref().and_then(secret) {
            config.set(property, secret);
        }
    }
    for (key, value) in kafka.properties.iter().filter(|(key, _)| !OURS.contains(&key.as_str())) {
        config.set(key, value);
    }
    config
}

/// Where OAUTHBEARER's tokens come from.
pub fn tokens(kafka: &Kafka) -> Tokens {
    Tokens::new(kafka, kafka.sasl_password_file.as_deref().and_then(secret))
}

fn secret(path: &Path) -> Option<String> {
    std::fs::read_to_string(path).ok().map(|text| text.trim_end().to_owned())
}

/// Every file with a secret can be read.
///
/// # Errors
/// The first that cannot.
pub fn check_secrets(kafka: &Kafka) -> Result<(), SecretError> {
    let files = [
        ("kafka.sasl_password_file", &kafka.sasl_password_file),
        ("kafka.ssl_key_password_file", &kafka.ssl_key_password_file),
    ];
    for (key, path) in files {
        let Some(path) = path else { continue };
        std::fs::read_to_string(path).map_err(|source| SecretError { key, path: path.clone(), source })?;
    }
    Ok(())
}

/// Logs what librdkafka reports, but for the end of a partition, which is no error; knows where tokens come from.
#[derive(Default)]
pub struct Calm(pub Tokens);

impl rdkafka::ClientContext for Calm {
    const ENABLE_REFRESH_OAUTH_TOKEN: bool = true;

    fn log(&self, level: RDKafkaLogLevel, fac: &str, message: &str) {
        log(level, fac, message);
    }

    fn error(&self, error: rdkafka::error::KafkaError, reason: &str) {
        report(&error, reason);
    }

    fn generate_oauth_token(
        &self,
        config: Option<&str>,
    ) -> Result<rdkafka::client::OAuthToken, Box<dyn std::error::Error>> {
        self.0.fetch(config)
    }
}

impl rdkafka::consumer::ConsumerContext for Calm {}

/// librdkafka's own log lines. A broker that is away is told once, by whoever waits for it, not at every attempt.
pub fn log(level: RDKafkaLogLevel, fac: &str, message: &str) {
    let is_away =
        matches!(fac, "FAIL" | "ERROR") && message.contains("broker") || message.contains("Connect to ");
    if is_away || level as i32 > RDKafkaLogLevel::Warning as i32 {
        tracing::debug!(fac, message, "librdkafka");
    } else {
        tracing::warn!(fac, message, "librdkafka");
    }
}

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
    let consumer: BaseConsumer<Calm> =
        client(kafka).set("group.id", "demarche-look").create_with_context(Calm(tokens(kafka)))?;
    let metadata = consumer.fetch_metadata(Some(topic), wait)?;
    let found = metadata.topics().iter().find(|t| t.name() == topic && t.error().is_none());
    Ok(found.map(|t| t.partitions().len() as i32).filter(|n| *n > 0))
}
