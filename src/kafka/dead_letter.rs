//! Records that cannot be handled: kept as they came, with the cause in headers.

use rdkafka::Message;
use rdkafka::message::BorrowedMessage;

use super::outbox::Out;

/// Payloads above this are cut, and marked so.
const PAYLOAD_MAX: usize = 900_000;

/// Why.
#[derive(Clone, Debug)]
pub struct Cause {
    /// From a small set: the metric's label.
    pub name: &'static str,
    /// What was found, in words.
    pub detail: String,
    /// Revision of the rules that were in force.
    pub revision: String,
}

/// The dead letter of a message.
pub fn dead_letter(topic: &str, message: &BorrowedMessage<'_>, cause: &Cause) -> Out {
    let payload = message.payload().unwrap_or_default();
    let is_cut = payload.len() > PAYLOAD_MAX;
    let position = format!("{}/{}/{}", message.topic(), message.partition(), message.offset());
    let text = |value: String| value.into_bytes();
    let mut headers = vec![
        ("demarche_cause", text(cause.name.to_owned())),
        ("demarche_detail", text(cause.detail.chars().take(4_000).collect())),
        ("demarche_topic", text(message.topic().to_owned())),
        ("demarche_partition", text(message.partition().to_string())),
        ("demarche_offset", text(message.offset().to_string())),
        ("demarche_timestamp", text(message.timestamp().to_millis().unwrap_or(-1).to_string())),
        ("demarche_revision", text(cause.revision.clone())),
        ("demarche_key", message.key().unwrap_or_default().to_vec()),
    ];
    if is_cut {
        headers.push(("demarche_cut", text(payload.len().to_string())));
    }
    Out {
        topic: topic.to_owned(),
        key: Some(position.into_bytes()),
        value: Some(payload[..payload.len().min(PAYLOAD_MAX)].to_vec()),
        headers,
        ..Out::default()
    }
}
