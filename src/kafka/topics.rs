//! Our topics: named, created where that is allowed, checked where they are there.

use std::time::Duration;

use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::error::KafkaError;

use super::client::{Calm, client, partitions, tokens};
use crate::config::Kafka;

/// How long the broker may take for metadata and topics.
const WAIT: Duration = Duration::from_secs(10);

/// Name, partitions (`None`: as configured) and settings of a topic.
type TopicRow<'a> = (&'a str, Option<i32>, Vec<(&'static str, &'static str)>);

/// Names of all topics.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topics {
    pub news: String,
    pub signals: String,
    pub state: String,
    pub alerts: String,
    pub notifications: String,
    pub control: String,
    pub dead_letters: String,
}

impl Topics {
    pub fn of(kafka: &Kafka) -> Topics {
        let ours = |name: &str| format!("{}.{name}", kafka.prefix);
        Topics {
            news: kafka.news.clone(),
            signals: ours("signals"),
            state: ours("state"),
            alerts: ours("alerts"),
            notifications: ours("notifications"),
            control: ours("control"),
            dead_letters: ours("dead-letters"),
        }
    }

    /// All of them, the news first.
    pub fn all(&self) -> [&str; 7] {
        [
            &self.news,
            &self.signals,
            &self.state,
            &self.alerts,
            &self.notifications,
            &self.control,
            &self.dead_letters,
        ]
    }

    /// Name, partitions (`None`: as configured) and settings of each topic of ours.
    fn table(&self) -> Vec<TopicRow<'_>> {
        let delete =
            |retention: &'static str| vec![("cleanup.policy", "delete"), ("retention.ms", retention)];
        let compact = vec![("cleanup.policy", "compact")];
        vec![
            // 400 days, 30 days, 7 days in milliseconds.
            (&self.signals, None, delete("34560000000")),
            (&self.state, None, compact.clone()),
            (&self.alerts, None, vec![("cleanup.policy", "compact"), ("min.compaction.lag.ms", "604800000")]),
            (&self.notifications, None, compact.clone()),
            (&self.control, Some(1), compact),
            (&self.dead_letters, Some(1), delete("2592000000")),
        ]
    }
}

/// The topics are not as they must be.
#[derive(Debug, thiserror::Error)]
pub enum TopicError {
    #[error("the broker does not answer: {0}")]
    Broker(#[from] KafkaError),
    #[error("topic {topic} is missing: create it, or set kafka.create_topics = true")]
    Missing { topic: String },
    #[error(
        "topic {topic} has {found} partitions, {other} has {wanted}: they must be the same: put the number back, or begin anew under another kafka.prefix"
    )]
    Partitions { topic: String, found: i32, other: String, wanted: i32 },
    #[error("topic {topic} cannot be created: {what}")]
    Create { topic: String, what: String },
}

impl TopicError {
    /// Trying again may help: the broker was not there.
    pub fn is_passing(&self) -> bool {
        matches!(self, TopicError::Broker(_))
    }
}

/// Creates what is missing and checks the rest; gives the number of partitions of `signals`.
///
/// # Errors
/// What is wrong, and what would mend it.
pub fn ensure(kafka: &Kafka, topics: &Topics, with_news: bool) -> Result<i32, TopicError> {
    let admin: AdminClient<Calm> = client(kafka).create_with_context(Calm(tokens(kafka)))?;
    if with_news && partitions(kafka, &topics.news, WAIT)?.is_none() {
        make(kafka, &admin, &topics.news, kafka.partitions, &[])?;
    }
    for (topic, count, settings) in topics.table() {
        if partitions(kafka, topic, WAIT)?.is_none() {
            make(kafka, &admin, topic, count.unwrap_or(kafka.partitions), &settings)?;
        }
    }
    let count = |topic: &str| -> Result<i32, TopicError> {
        // Metadata of a topic that was just made may lag behind.
        for _ in 0..50 {
            if let Some(count) = partitions(kafka, topic, WAIT)? {
                return Ok(count);
            }
        }
        Err(TopicError::Missing { topic: topic.to_owned() })
    };
    let (signals, state) = (count(&topics.signals)?, count(&topics.state)?);
    if signals != state {
        return Err(TopicError::Partitions {
            topic: topics.state.clone(),
            found: state,
            other: topics.signals.clone(),
            wanted: signals,
        });
    }
    Ok(signals)
}

/// What is there, a line a topic; nothing is changed.
///
/// # Errors
/// The broker does not answer, a topic is missing that may not be created, or partition counts differ.
pub fn inspect(kafka: &Kafka, topics: &Topics) -> Result<Vec<String>, TopicError> {
    let mut notes = Vec::new();
    let mut counts = Vec::new();
    for topic in topics.all() {
        let count = partitions(kafka, topic, WAIT)?;
        counts.push(count);
        notes.push(match count {
            Some(count) => format!("{topic}: {count} partitions"),
            None if kafka.create_topics => format!("{topic}: missing, would be created"),
            None => return Err(TopicError::Missing { topic: topic.to_owned() }),
        });
    }
    // As listed by `all`: signals and state stand second and third.
    if let [_, Some(signals), Some(state), ..] = counts[..]
        && signals != state
    {
        return Err(TopicError::Partitions {
            topic: topics.state.clone(),
            found: state,
            other: topics.signals.clone(),
            wanted: signals,
        });
    }
    Ok(notes)
}

fn make(
    kafka: &Kafka,
    admin: &AdminClient<Calm>,
    topic: &str,
    count: i32,
    settings: &[(&'static str, &'static str)],
) -> Result<(), TopicError> {
    if !kafka.create_topics {
        return Err(TopicError::Missing { topic: topic.to_owned() });
    }
    let mut new = NewTopic::new(topic, count, TopicReplication::Fixed(kafka.replication));
    for (key, value) in settings {
        new = new.set(key, value);
    }
    let options = AdminOptions::new().operation_timeout(Some(WAIT));
    let results = futures::executor::block_on(admin.create_topics([&new], &options))?;
    for result in results {
        match result {
            Ok(_) | Err((_, rdkafka::types::RDKafkaErrorCode::TopicAlreadyExists)) => {}
            Err((topic, code)) => return Err(TopicError::Create { topic, what: code.to_string() }),
        }
    }
    Ok(())
}
