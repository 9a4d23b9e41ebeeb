//! Reading topics whole: state on assignment, alerts, receipts and control for notify and the page.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::message::{Headers, Message};
use rdkafka::{Offset, TopicPartitionList};

use super::client::{Calm, client};
use crate::config::Kafka;

/// A record as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    pub partition: i32,
    pub offset: i64,
    pub key: String,
    /// `None` is a tombstone.
    pub value: Option<Vec<u8>>,
    pub ce_type: String,
    pub timestamp: Option<i64>,
}

/// Reads a topic from its beginning, committed records only, and goes on with what comes.
pub struct Reader {
    consumer: BaseConsumer<Calm>,
    /// Last stable offset of each partition when reading began; those reached are taken out.
    ends: HashMap<i32, i64>,
    at: HashMap<i32, i64>,
}

impl Reader {
    /// All partitions of `topic`, or those given.
    ///
    /// # Errors
    /// The broker does not answer, or there is no such topic.
    pub fn open(kafka: &Kafka, topic: &str, only: Option<&[i32]>) -> KafkaResult<Reader> {
        let wait = Duration::from_secs(10);
        let consumer: BaseConsumer<Calm> = client(kafka)
            .set("group.id", format!("{}-reader", kafka.instance))
            .set("enable.auto.commit", "false")
            .set("auto.offset.reset", "earliest")
            .set("isolation.level", "read_committed")
            .set("enable.partition.eof", "true")
            .set("fetch.queue.backoff.ms", "50")
            .create_with_context(Calm)?;
        let metadata = consumer.fetch_metadata(Some(topic), wait)?;
        let all: Vec<i32> =
            metadata.topics().iter().flat_map(|t| t.partitions().iter().map(|p| p.id())).collect();
        let mut list = TopicPartitionList::new();
        let mut ends = HashMap::new();
        // The end that uncommitted readers see: an open transaction must end before the state is whole.
        let plain: BaseConsumer = client(kafka)
            .set("group.id", "demarche-ends")
            .set("isolation.level", "read_uncommitted")
            .create()?;
        for partition in all.iter().filter(|p| only.is_none_or(|only| only.contains(p))) {
            list.add_partition_offset(topic, *partition, Offset::Beginning)?;
            let (low, high) = plain.fetch_watermarks(topic, *partition, wait)?;
            if high > low {
                ends.insert(*partition, high);
            }
        }
        consumer.assign(&list)?;
        Ok(Reader { consumer, ends, at: HashMap::new() })
    }

    /// All that was there when reading began has been read.
    pub fn is_whole(&self) -> bool {
        self.ends.is_empty()
    }

    /// Offsets left until then.
    pub fn left(&self) -> i64 {
        self.ends.iter().map(|(p, end)| end - self.at.get(p).copied().unwrap_or(0)).sum()
    }

    /// The next record, if one comes in time.
    ///
    /// # Errors
    /// The broker refuses: a topic was deleted, rights are missing.
    pub fn next(&mut self, wait: Duration) -> KafkaResult<Option<Stored>> {
        let end = Instant::now() + wait;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            match self.consumer.poll(left) {
                Some(Ok(message)) => {
                    let (partition, offset) = (message.partition(), message.offset());
                    let stored = stored(&message);
                    drop(message);
                    self.reach(partition, offset + 1);
                    return Ok(Some(stored));
                }
                // Positions do not step over control records: the end of the partition says that all was read.
                Some(Err(KafkaError::PartitionEOF(partition))) => self.reach_end(partition),
                Some(Err(error)) => return Err(error),
                None => return Ok(None),
            }
            if self.is_whole() && left.is_zero() {
                return Ok(None);
            }
        }
    }

    fn reach(&mut self, partition: i32, position: i64) {
        self.at.insert(partition, position);
        if self.ends.get(&partition).is_some_and(|end| position >= *end) {
            self.ends.remove(&partition);
        }
    }

    /// End of what is stable: done, unless a transaction that was open at the start still holds records back.
    fn reach_end(&mut self, partition: i32) {
        let position = self.consumer.position().ok().and_then(|list| {
            list.elements().iter().find(|e| e.partition() == partition).and_then(|e| match e.offset() {
                Offset::Offset(at) => Some(at),
                _ => None,
            })
        });
        let stable = self
            .consumer
            .fetch_watermarks(&self.topic(), partition, Duration::from_secs(5))
            .map(|(_, high)| high)
            .unwrap_or(0);
        let end = self.ends.get(&partition).copied().unwrap_or(0);
        if stable >= end || position.is_some_and(|at| at >= end) {
            self.ends.remove(&partition);
        }
    }

    fn topic(&self) -> String {
        self.consumer
            .assignment()
            .ok()
            .and_then(|list| list.elements().first().map(|e| e.topic().to_owned()))
            .unwrap_or_default()
    }
}

fn stored(message: &impl Message) -> Stored {
    let header = |name: &str| {
        message.headers().and_then(|headers| {
            headers
                .iter()
                .find(|h| h.key == name)
                .and_then(|h| h.value.map(|v| String::from_utf8_lossy(v).into_owned()))
        })
    };
    Stored {
        partition: message.partition(),
        offset: message.offset(),
        key: String::from_utf8_lossy(message.key().unwrap_or_default()).into_owned(),
        value: message.payload().map(<[u8]>::to_vec),
        ce_type: header("ce_type").unwrap_or_default(),
        timestamp: message.timestamp().to_millis(),
    }
}
