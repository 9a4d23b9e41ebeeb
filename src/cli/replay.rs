//! `demarche replay`: recorded signals → the alerts that the daemon made of them, byte for byte.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use clap::Args;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};

use super::{Exit, SettingsArgs};
use crate::alert::Alert;
use crate::article::Time;
use crate::assess::{Partition, Policy};
use crate::kafka::{Reader, Stored, Topics, client};
use crate::signal::Record;

/// How long the broker may be silent before the end of what was there is reached.
const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Args, Debug)]
pub struct ReplayArgs {
    /// Topic of signals in place of the live one
    #[arg(long)]
    topic: Option<String>,
    /// Print what records from then on gave; those before only prepare the state (RFC 3339 or a date)
    #[arg(long, value_name = "TIME", value_parser = super::backtest::time)]
    from: Option<Time>,
    /// Leave out records stamped then or later
    #[arg(long, value_name = "TIME", value_parser = super::backtest::time)]
    to: Option<Time>,
    /// Write the alerts to the topic PREFIX.alerts in place of stdout; never the live prefix
    #[arg(long, value_name = "PREFIX")]
    into: Option<String>,
    #[command(flatten)]
    settings: SettingsArgs,
}

pub fn run(args: &ReplayArgs) -> Exit {
    let settings = match args.settings.load() {
        Ok(layers) => layers.settings,
        Err(exit) => return exit,
    };
    let policy = match settings.policy() {
        Ok(policy) => Arc::new(policy),
        Err(error) => {
            eprintln!("{error}");
            return Exit::BadConfig;
        }
    };
    match replay(args, &settings.kafka, &policy) {
        Ok(()) => Exit::Fine,
        Err(error) => {
            eprintln!("demarche replay: {error:#}");
            Exit::Failed
        }
    }
}

fn replay(args: &ReplayArgs, kafka: &crate::config::Kafka, policy: &Arc<Policy>) -> anyhow::Result<()> {
    if let Some(prefix) = &args.into {
        ensure!(*prefix != kafka.prefix, "{prefix} is the live prefix; nothing is ever replayed into it");
    }
    let live = Topics::of(kafka).signals;
    let topic = args.topic.as_ref().unwrap_or(&live);
    let mut sink = match &args.into {
        Some(prefix) => Sink::topic(kafka, format!("{prefix}.alerts"))?,
        None => Sink::Lines(io::BufWriter::new(io::stdout())),
    };
    let mut reader = Reader::open(kafka, topic, None).with_context(|| topic.clone())?;
    let count = crate::kafka::partitions(kafka, topic, PATIENCE)?.unwrap_or(1);
    let mut partitions: BTreeMap<i32, Partition> = BTreeMap::new();
    let (mut records, mut alerts) = (0u64, 0u64);
    while let Some(stored) = reader.next(PATIENCE)? {
        let stamp = Time(stored.timestamp.unwrap_or_default());
        if args.to.is_some_and(|to| stamp >= to) {
            continue;
        }
        let partition = partitions.entry(stored.partition).or_insert_with(|| {
            let mut fresh = Partition::new(policy.clone(), stored.partition as u32, count as u32);
            fresh.restored();
            fresh
        });
        fold(partition, &stored);
        records += 1;
        let made = partition.take_alerts();
        if args.from.is_none_or(|from| stamp >= from) {
            alerts += made.len() as u64;
            made.iter().try_for_each(|alert| sink.put(alert))?;
        }
    }
    ensure!(reader.is_whole(), "{topic}: the broker fell silent before the end");
    sink.end()?;
    eprintln!("{records} records, {alerts} revisions");
    Ok(())
}

/// What the live stage could not read is a dead letter there; here it is named and left out.
fn fold(partition: &mut Partition, stored: &Stored) {
    match Record::from_json(&stored.header("ce_type"), stored.value.as_deref().unwrap_or_default()) {
        Ok(record) => partition.apply(&record),
        Err(error) => eprintln!("{}/{}: {error}", stored.partition, stored.offset),
    }
}

/// Where alerts go.
enum Sink {
    Lines(io::BufWriter<io::Stdout>),
    Topic { producer: BaseProducer, topic: String },
}

impl Sink {
    fn topic(kafka: &crate::config::Kafka, topic: String) -> anyhow::Result<Sink> {
        let producer = client(kafka).set("enable.idempotence", "true").create()?;
        Ok(Sink::Topic { producer, topic })
    }

    fn put(&mut self, alert: &Alert) -> anyhow::Result<()> {
        let line = serde_json::to_vec(alert)?;
        match self {
            Sink::Lines(output) => {
                output.write_all(&line)?;
                output.write_all(b"\n")?;
            }
            Sink::Topic { producer, topic } => {
                let headers = OwnedHeaders::new()
                    .insert(Header { key: "ce_type", value: Some(Alert::CE_TYPE) })
                    .insert(Header { key: "ce_specversion", value: Some("1.0") });
                let mut record = BaseRecord::to(topic).key(&alert.episode_id).payload(&line).headers(headers);
                loop {
                    match producer.send(record) {
                        Ok(()) => break,
                        Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), back)) => {
                            record = back;
                            producer.poll(Duration::from_millis(10));
                        }
                        Err((error, _)) => bail!("{topic}: {error}"),
                    }
                }
            }
        }
        Ok(())
    }

    fn end(&mut self) -> anyhow::Result<()> {
        match self {
            Sink::Lines(output) => output.flush()?,
            Sink::Topic { producer, .. } => producer.flush(Duration::from_secs(60))?,
        }
        Ok(())
    }
}
