//! The control topic: silences and verdicts, read whole by every process that shows or tells alerts.

use std::time::Duration;

use futures::future::BoxFuture;
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{FutureProducer, FutureRecord};

use super::run::{RunError, pause, topics_ready};
use super::shared::Shared;
use crate::admin::{ControlError, ControlLog, MemoryControl, Weight};
use crate::alert::{Control, Silence, Verdict};
use crate::config::Settings;
use crate::kafka::{Reader, Topics, client};

/// How long somebody at the page waits for the broker.
const WAIT: Duration = Duration::from_secs(10);

/// Writes to the topic; reads what [`read`] has taken from it.
pub struct TopicControl {
    memory: std::sync::Arc<MemoryControl>,
    producer: FutureProducer,
    topic: String,
}

impl TopicControl {
    /// # Errors
    /// The settings make no producer.
    pub fn new(settings: &Settings, memory: std::sync::Arc<MemoryControl>) -> Result<Self, RunError> {
        let producer = client(&settings.kafka)
            .set("enable.idempotence", "true")
            .set("message.timeout.ms", WAIT.as_millis().to_string())
            .create()
            .map_err(|e| RunError::Config(e.to_string()))?;
        Ok(Self { memory, producer, topic: Topics::of(&settings.kafka).control })
    }

    async fn write(&self, key: &str, value: Option<&[u8]>) -> Result<(), ControlError> {
        let header = Header { key: "ce_type", value: Some(Control::CE_TYPE) };
        let mut record = FutureRecord::to(&self.topic).key(key).headers(OwnedHeaders::new().insert(header));
        record.payload = value;
        let sent = self.producer.send(record, WAIT).await;
        sent.map(|_| ()).map_err(|(error, _)| ControlError(error.to_string()))
    }
}

impl ControlLog for TopicControl {
    fn silences(&self) -> Vec<Silence> {
        self.memory.silences()
    }

    fn verdicts(&self) -> Vec<Verdict> {
        self.memory.verdicts()
    }

    fn append(&self, record: Control) -> BoxFuture<'_, Result<(), ControlError>> {
        Box::pin(async move {
            let value = serde_json::to_vec(&record).map_err(|e| ControlError(e.to_string()))?;
            self.write(&record.key(), Some(&value)).await?;
            // Whoever wrote sees it at once; the reader takes it again, which changes nothing.
            self.memory.observe(&record.key(), Some(record));
            Ok(())
        })
    }

    fn remove(&self, key: String) -> BoxFuture<'_, Result<(), ControlError>> {
        Box::pin(async move {
            self.write(&key, None).await?;
            self.memory.observe(&key, None);
            Ok(())
        })
    }
}

/// Reads the topic into memory until asked to stop.
pub fn read(settings: &Settings, shared: &Shared) -> Result<(), RunError> {
    let topic = Topics::of(&settings.kafka).control;
    while !shared.is_stopping() {
        if topics_ready(settings, shared)?.is_none() {
            continue;
        }
        if let Err(error) = follow(settings, shared, &topic) {
            shared.health.bad("control", Weight::Warning, error.to_string());
            tracing::warn!(%error, "reading silences and verdicts");
            pause(shared);
        }
    }
    Ok(())
}

fn follow(settings: &Settings, shared: &Shared, topic: &str) -> rdkafka::error::KafkaResult<()> {
    let mut reader = Reader::open(&settings.kafka, topic, None)?;
    while !shared.is_stopping() {
        if let Some(stored) = reader.next(Duration::from_millis(200))? {
            match stored.value.as_deref().map(serde_json::from_slice::<Control>) {
                Some(Ok(record)) => shared.control.observe(&stored.key, Some(record)),
                Some(Err(error)) => {
                    tracing::warn!(%error, key = stored.key, "a control record cannot be read")
                }
                None => shared.control.observe(&stored.key, None),
            }
        }
        if reader.is_whole() {
            shared.health.good("control");
        }
    }
    Ok(())
}
