//! The broker inside the process: librdkafka's mock cluster, for trying out.

use rdkafka::error::KafkaResult;
use rdkafka::mocking::MockCluster;
use rdkafka::producer::DefaultProducerContext;

use super::topics::Topics;

/// What it cannot do, in one line.
pub const EMBEDDED_LIMITS: &str = "embedded broker: memory only, 5 MiB or 100,000 batches kept a partition, no \
isolation of transactions, no stored offsets; for trying out, not for keeping";

/// Lives as long as its clients need it.
pub struct Broker {
    cluster: MockCluster<'static, DefaultProducerContext>,
}

impl Broker {
    /// Starts it, with all topics, of one partition each: that way a feed is told in its own order.
    ///
    /// # Errors
    /// No port, no memory.
    pub fn start(topics: &Topics) -> KafkaResult<Broker> {
        let cluster = MockCluster::new(1)?;
        for topic in topics.all() {
            cluster.create_topic(topic, 1, 1)?;
        }
        Ok(Broker { cluster })
    }

    /// `host:port`.
    pub fn address(&self) -> String {
        self.cluster.bootstrap_servers()
    }
}
