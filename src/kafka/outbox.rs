//! What a record brings forth, to be sent in its transaction.

/// One record to send.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Out {
    pub topic: String,
    /// Chosen explicitly, or by the key.
    pub partition: Option<i32>,
    pub key: Option<Vec<u8>>,
    /// `None` is a tombstone.
    pub value: Option<Vec<u8>>,
    pub headers: Vec<(&'static str, Vec<u8>)>,
    /// Milliseconds; the producer's own clock where absent.
    pub timestamp: Option<i64>,
}

impl Out {
    /// A CloudEvents record in binary mode.
    pub fn event(topic: &str, key: &str, ce_type: &str, id: &str, time: &str, value: Vec<u8>) -> Out {
        let header = |name, text: &str| (name, text.as_bytes().to_vec());
        Out {
            topic: topic.to_owned(),
            key: Some(key.as_bytes().to_vec()),
            value: Some(value),
            headers: vec![
                header("ce_specversion", "1.0"),
                header("ce_id", id),
                header("ce_source", "demarche"),
                header("ce_type", ce_type),
                header("ce_time", time),
                header("content-type", "application/json"),
            ],
            ..Out::default()
        }
    }
}

/// Gathers what a batch brings forth.
#[derive(Default, Debug)]
pub struct Outbox {
    pub records: Vec<Out>,
    /// Somebody waits for this: commit at once.
    pub is_urgent: bool,
}

impl Outbox {
    pub fn push(&mut self, out: Out) {
        self.records.push(out);
    }
}
