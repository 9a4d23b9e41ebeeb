//! Reading topics whole: state on assignment, alerts, receipts and control for notify and the page.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use rdkafka::message::{Headers, Message};
use rdkafka::{Offset, TopicPartitionList};

use super::client::{Calm, client, tokens};
use crate::config::Kafka;

/// How long the broker may take for an answer.
const WAIT: Duration = Duration::from_secs(10);

/// A record as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    pub partition: i32,
    pub offset: i64,
    pub key: String,
    /// `None` is a tombstone.
    pub value: Option<Vec<u8>>,
    pub headers: Vec<(String, Vec<u8>)>,
    pub timestamp: Option<i64>,
}

impl Stored {
    /// A header as text; empty where there is none.
    pub fn header(&self, name: &str) -> String {
        let found = self.headers.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| String::from_utf8_lossy(value).into_owned()).unwrap_or_default()
    }
}

/// Reads a topic from its beginning, committed records only, and goes on with what comes.
pub struct Reader {
    consumer: BaseConsumer<Calm>,
    /// Partitions not yet read to where they ended when reading began.
    open: HashSet<i32>,
    ends: HashMap<i32, i64>,
    at: HashMap<i32, i64>,
}

impl Reader {
    /// All partitions of `topic`, or those given. Waits until no transaction that was open hides records that were
    /// there already.
    ///
    /// # Errors
    /// The broker does not answer, or there is no such topic.
    pub fn open(kafka: &Kafka, topic: &str, only: Option<&[i32]>) -> KafkaResult<Reader> {
        let consumer: BaseConsumer<Calm> = client(kafka)
            .set("group.id", format!("{}-reader", kafka.instance))
            .set("enable.auto.commit", "false")
            .set("auto.offset.reset", "earliest")
            .set("isolation.level", "read_committed")
            .set("enable.partition.eof", "true")
            .set("fetch.queue.backoff.ms", "50")
            .create_with_context(Calm(tokens(kafka)))?;
        let plain: BaseConsumer<Calm> = client(kafka)
            .set("group.id", format!("{}-ends", kafka.instance))
            .set("isolation.level", "read_uncommitted")
            .create_with_context(Calm(tokens(kafka)))?;
        let metadata = consumer.fetch_metadata(Some(topic), WAIT)?;
        let known = metadata.topics().iter().flat_map(|t| t.partitions().iter().map(|p| p.id()));
        let partitions: Vec<i32> = known.filter(|p| only.is_none_or(|only| only.contains(p))).collect();
        if partitions.is_empty() {
            return Err(KafkaError::MetadataFetch(RDKafkaErrorCode::UnknownTopicOrPartition));
        }
        let mut list = TopicPartitionList::new();
        let (mut ends, mut at) = (HashMap::new(), HashMap::new());
        for partition in &partitions {
            let (low, high) = plain.fetch_watermarks(topic, *partition, WAIT)?;
            wait_stable(&consumer, topic, *partition, high, kafka)?;
            ends.insert(*partition, high);
            at.insert(*partition, low);
            list.add_partition_offset(topic, *partition, Offset::Beginning)?;
        }
        consumer.assign(&list)?;
        Ok(Reader { consumer, open: partitions.into_iter().collect(), ends, at })
    }

    /// All that was there when reading began has been read.
    pub fn is_whole(&self) -> bool {
        self.open.is_empty()
    }

    /// Offsets left until then.
    pub fn left(&self) -> i64 {
        self.open.iter().map(|p| self.ends.get(p).unwrap_or(&0) - self.at.get(p).unwrap_or(&0)).sum()
    }

    /// The next record, if one comes in time; `None` also once all that was there has been read.
    ///
    /// # Errors
    /// The broker refuses: a topic was deleted, rights are missing.
    pub fn next(&mut self, wait: Duration) -> KafkaResult<Option<Stored>> {
        let end = Instant::now() + wait;
        loop {
            match self.consumer.poll(end.saturating_duration_since(Instant::now())) {
                Some(Ok(message)) => {
                    let stored = stored(&message);
                    self.at.insert(stored.partition, stored.offset + 1);
                    return Ok(Some(stored));
                }
                // Positions do not step over control records: the end of the partition says that all was read.
                Some(Err(KafkaError::PartitionEOF(partition))) => {
                    if self.open.remove(&partition) && self.open.is_empty() {
                        return Ok(None);
                    }
                }
                Some(Err(error)) => {
                    let code = error.rdkafka_error_code();
                    let is_passing = matches!(
                        code,
                        Some(
                            RDKafkaErrorCode::AllBrokersDown
                                | RDKafkaErrorCode::BrokerTransportFailure
                                | RDKafkaErrorCode::OperationTimedOut
                                | RDKafkaErrorCode::Resolve
                        )
                    );
                    if !is_passing {
                        return Err(error);
                    }
                }
                None => return Ok(None),
            }
        }
    }
}

/// The end that committed readers see reaches the end that there was: nothing is hidden by an open transaction.
fn wait_stable(
    consumer: &BaseConsumer<Calm>,
    topic: &str,
    partition: i32,
    end: i64,
    kafka: &Kafka,
) -> KafkaResult<()> {
    let patience =
        Duration::from_millis(u64::from(kafka.transaction_timeout_ms)) * 2 + Duration::from_secs(20);
    let last = Instant::now() + patience;
    loop {
        let (_, stable) = consumer.fetch_watermarks(topic, partition, WAIT)?;
        if stable >= end {
            return Ok(());
        }
        if Instant::now() > last {
            tracing::warn!(topic, partition, stable, end, "a transaction has been open for long");
            return Err(KafkaError::MetadataFetch(RDKafkaErrorCode::OperationTimedOut));
        }
        std::thread::park_timeout(Duration::from_millis(20));
    }
}

fn stored(message: &impl Message) -> Stored {
    let headers = message.headers().into_iter().flat_map(Headers::iter);
    Stored {
        partition: message.partition(),
        offset: message.offset(),
        key: String::from_utf8_lossy(message.key().unwrap_or_default()).into_owned(),
        value: message.payload().map(<[u8]>::to_vec),
        headers: headers.map(|h| (h.key.to_owned(), h.value.unwrap_or_default().to_vec())).collect(),
        timestamp: message.timestamp().to_millis(),
    }
}
