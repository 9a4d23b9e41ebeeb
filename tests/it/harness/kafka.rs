//! A real Apache Kafka: one node on free loopback ports, shared by the tests of this binary or of a test's own.

use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::{Header, Headers, Message, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rdkafka::{Offset, TopicPartitionList};

use super::process::Process;
use super::secure;

/// How long a broker may take to answer, on a machine that is busy with other things too.
const PATIENCE: Duration = Duration::from_secs(60);

/// A record as a test sees it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record {
    pub partition: i32,
    pub offset: i64,
    pub key: Option<Vec<u8>>,
    /// `None` is a tombstone.
    pub value: Option<Vec<u8>>,
    pub headers: Vec<(String, String)>,
    /// Milliseconds since 1970.
    pub timestamp: Option<i64>,
}

impl Record {
    pub fn new(key: &str, value: &str) -> Self {
        Self { partition: -1, key: Some(key.into()), value: Some(value.into()), ..Self::default() }
    }

    pub fn key_text(&self) -> String {
        String::from_utf8_lossy(self.key.as_deref().unwrap_or_default()).into_owned()
    }

    /// The value as JSON; fails where it is none.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(self.value.as_deref().expect("a value")).expect("a JSON value")
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

/// A broker: ours, or the one of `DEMARCHE_TEST_KAFKA`.
pub struct Kafka {
    pub bootstrap: String,
    /// What clients need besides the address (TLS, SASL).
    pub client: Vec<(String, String)>,
    /// Files that its clients need (keys), kept as long as the broker.
    pub files: Option<tempfile::TempDir>,
    node: Option<Node>,
}

struct Node {
    process: Option<Process>,
    dir: PathBuf,
    port: u16,
    controller: u16,
}

/// The broker that all tests of this binary share: topics need names of their own, and nobody stops it.
pub fn shared() -> Result<&'static Kafka, String> {
    static SHARED: OnceLock<Result<Kafka, String>> = OnceLock::new();
    let kafka = SHARED.get_or_init(|| match std::env::var("DEMARCHE_TEST_KAFKA") {
        Ok(address) if !address.is_empty() => {
            Ok(Kafka { bootstrap: address, client: Vec::new(), files: None, node: None })
        }
        _ => Kafka::start(&[], &[]),
    });
    kafka.as_ref().map_err(Clone::clone)
}

impl Kafka {
    /// A broker that runs elsewhere, with nothing known of it yet.
    pub fn elsewhere() -> Self {
        Self { bootstrap: String::new(), client: Vec::new(), files: None, node: None }
    }

    /// A broker of the test's own; `properties` are added to `server.properties` and win (`@PORT@` and `@CONTROLLER@`
    /// stand for its ports), `client` is what its clients need.
    pub fn start(properties: &[(&str, &str)], client: &[(&str, &str)]) -> Result<Self, String> {
        let mut kafka = Self::prepare(client)?;
        kafka.boot(properties);
        Ok(kafka)
    }

    /// Ports and a folder, and nothing running: for a broker that comes up late. `boot` starts it.
    pub fn prepare(client: &[(&str, &str)]) -> Result<Self, String> {
        let libs = super::cache().join("kafka-4.1.1/libs/.complete");
        if !libs.exists() {
            return Err("no Apache Kafka in .cache; tests/run fetches it, or set DEMARCHE_TEST_KAFKA".into());
        }
        let (port, controller) = (super::free_port(), super::free_port());
        let node = Node { process: None, dir: super::new_dir("kafka"), port, controller };
        let client = client.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect();
        Ok(Self { bootstrap: format!("127.0.0.1:{port}"), client, files: None, node: Some(node) })
    }

    /// Starts the node and waits until it answers; on the same folder again, it is a restart.
    pub fn boot(&mut self, properties: &[(&str, &str)]) {
        let node = self.node.as_mut().expect("a broker of our own");
        let text: String = properties.iter().map(|(k, v)| format!("{k}={v}\n")).collect();
        let extra = node.dir.join("extra.properties");
        if !text.is_empty() || !extra.exists() {
            std::fs::write(
                &extra,
                text.replace("@PORT@", &node.port.to_string())
                    .replace("@CONTROLLER@", &node.controller.to_string()),
            )
            .expect("a file");
        }
        let words = [
            super::root().join("scripts/kafka-broker").display().to_string(),
            node.dir.display().to_string(),
            node.port.to_string(),
            node.controller.to_string(),
            extra.display().to_string(),
        ];
        node.process = Some(Process::start(&node.dir, &words.each_ref().map(String::as_str)));
        self.wait_up();
    }

    fn process(&self) -> &Process {
        self.node.as_ref().and_then(|n| n.process.as_ref()).expect("a running broker of our own")
    }

    fn wait_up(&self) {
        super::wait_until(PATIENCE, "Apache Kafka answers", || {
            self.process().assert_alive();
            self.admin().inner().fetch_metadata(None, Duration::from_secs(2)).ok()
        });
    }

    pub fn log(&self) -> String {
        self.process().log()
    }

    /// SIGSTOP: connections stay, nothing answers.
    pub fn freeze(&self) {
        self.process().signal("STOP");
    }

    /// SIGCONT.
    pub fn thaw(&self) {
        self.process().signal("CONT");
    }

    /// kill −9 of the broker, and waits for its end; `boot(&[])` brings it back on the same folder.
    pub fn kill(&mut self) {
        let node = self.node.as_mut().expect("a broker of our own");
        let process = node.process.take().expect("a running broker");
        process.signal("KILL");
        process.end_and_keep();
    }

    /// Runs one of Kafka's own command-line tools (`org.apache.kafka.tools.AclCommand`) as the broker's admin.
    pub fn tool(&self, class: &str, arguments: &[&str]) -> String {
        let dir = super::new_dir("kafka-tool");
        let file = dir.join("client.properties");
        let line = |(key, value): &(String, String)| match key.as_str() {
            "sasl.mechanisms" => format!("sasl.mechanism={value}\n"),
            "sasl.username" => format!("sasl.jaas.config={}\n", secure::plain_login(value)),
            "sasl.password" => String::new(),
            _ => format!("{key}={value}\n"),
        };
        let text: String = self.client.iter().map(line).collect();
        std::fs::write(&file, text).expect("a file");
        let java = super::find_tool(&["java"], "DEMARCHE_TEST_JAVA").expect("the broker has one");
        let output = std::process::Command::new(java)
            .arg("-cp")
            .arg(super::cache().join("kafka-4.1.1/libs/*"))
            .args([class, "--bootstrap-server", &self.bootstrap, "--command-config"])
            .arg(&file)
            .args(arguments)
            .output()
            .expect("java starts");
        let _ = std::fs::remove_dir_all(dir);
        let text =
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{class} {arguments:?}: {text}");
        text
    }

    /// A client configuration for this broker.
    pub fn client(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", &self.bootstrap);
        config.set_log_level(rdkafka::config::RDKafkaLogLevel::Emerg);
        for (key, value) in &self.client {
            config.set(key, value);
        }
        config
    }

    fn admin(&self) -> AdminClient<DefaultClientContext> {
        self.client().create().expect("an admin client")
    }

    /// Creates a topic with these topic settings.
    pub fn create_topic(&self, name: &str, partitions: i32, config: &[(&str, &str)]) {
        let mut topic = NewTopic::new(name, partitions, TopicReplication::Fixed(1));
        for (key, value) in config {
            topic = topic.set(key, value);
        }
        let admin = self.admin();
        let created = block_on(admin.create_topics([&topic], &AdminOptions::new())).expect("a request");
        created.into_iter().for_each(|r| drop(r.expect("the topic is made")));
        super::wait_until(PATIENCE, "the topic is known", || {
            let known = admin.inner().fetch_metadata(Some(name), PATIENCE).ok()?;
            (known.topics().first()?.partitions().len() == partitions as usize).then_some(())
        });
    }

    /// Partition counts of the topics that exist.
    pub fn topics(&self) -> Vec<(String, usize)> {
        let metadata = self.admin().inner().fetch_metadata(None, PATIENCE).expect("metadata");
        metadata.topics().iter().map(|t| (t.name().to_owned(), t.partitions().len())).collect()
    }

    /// Writes the records and waits for their acknowledgement.
    pub fn produce(&self, topic: &str, records: &[Record]) {
        let mut config = self.client();
        config.set("message.max.bytes", "50000000").set("partitioner", "murmur2_random");
        let producer: BaseProducer = config.create().expect("a producer");
        for record in records {
            let mut headers = OwnedHeaders::new();
            for (name, value) in &record.headers {
                headers = headers.insert(Header { key: name, value: Some(value) });
            }
            let mut message = BaseRecord::<[u8], [u8]>::to(topic).headers(headers);
            if record.partition >= 0 {
                message = message.partition(record.partition);
            }
            if let Some(key) = &record.key {
                message = message.key(key);
            }
            if let Some(value) = &record.value {
                message = message.payload(value);
            }
            if let Some(timestamp) = record.timestamp {
                message = message.timestamp(timestamp);
            }
            producer.send(message).map_err(|(e, _)| e).expect("a place in the queue");
            producer.poll(Duration::ZERO);
        }
        producer.flush(PATIENCE).expect("all records are acknowledged");
    }

    /// All committed records of a topic, partition by partition, up to the end as it was when each was reached.
    pub fn read_all(&self, topic: &str) -> Vec<Record> {
        self.read(topic, "read_committed")
    }

    /// As `read_all`, with the records of aborted and open transactions.
    pub fn read_uncommitted(&self, topic: &str) -> Vec<Record> {
        self.read(topic, "read_uncommitted")
    }

    fn read(&self, topic: &str, isolation: &str) -> Vec<Record> {
        let mut config = self.client();
        config.set("group.id", "demarche-test-reader").set("isolation.level", isolation);
        config.set("enable.partition.eof", "true").set("enable.auto.commit", "false");
        config.set("fetch.message.max.bytes", "50000000").set("receive.message.max.bytes", "100000000");
        let consumer: BaseConsumer = config.create().expect("a consumer");
        let metadata = consumer.fetch_metadata(Some(topic), PATIENCE).expect("metadata");
        let partitions = metadata.topics()[0].partitions().len();
        assert!(partitions > 0, "no topic {topic}");
        let mut list = TopicPartitionList::new();
        for partition in 0..partitions {
            list.add_partition_offset(topic, partition as i32, Offset::Beginning).expect("a partition");
        }
        consumer.assign(&list).expect("an assignment");
        let mut records = Vec::new();
        let mut ended = std::collections::BTreeSet::new();
        while ended.len() < partitions {
            match consumer.poll(PATIENCE).expect("the broker answers") {
                Ok(message) => records.push(owned(&message)),
                Err(KafkaError::PartitionEOF(partition)) => drop(ended.insert(partition)),
                Err(error) => panic!("reading {topic}: {error}"),
            }
        }
        records.sort_by_key(|r| (r.partition, r.offset));
        records
    }

    /// The committed offset of a group, per partition; −1001 where there is none.
    pub fn committed(&self, group: &str, topic: &str, partitions: i32) -> Vec<i64> {
        let consumer: BaseConsumer = self.client().set("group.id", group).create().expect("a consumer");
        let mut list = TopicPartitionList::new();
        list.add_partition_range(topic, 0, partitions - 1);
        let list = consumer.committed_offsets(list, PATIENCE).expect("offsets");
        list.elements().iter().map(|e| e.offset().to_raw().unwrap_or(-1001)).collect()
    }
}

impl Drop for Kafka {
    fn drop(&mut self) {
        if let Some(node) = self.node.take_if(|n| n.process.is_none()) {
            let _ = std::fs::remove_dir_all(node.dir);
        }
    }
}

fn owned(message: &impl Message) -> Record {
    let headers = message.headers().into_iter().flat_map(|h| h.iter());
    let text = |v: Option<&[u8]>| String::from_utf8_lossy(v.unwrap_or_default()).into_owned();
    Record {
        partition: message.partition(),
        offset: message.offset(),
        key: message.key().map(Into::into),
        value: message.payload().map(Into::into),
        headers: headers.map(|h| (h.key.to_owned(), text(h.value))).collect(),
        timestamp: message.timestamp().to_millis(),
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    futures::executor::block_on(future)
}
