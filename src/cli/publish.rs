//! `demarche publish`: NDJSON → a topic.

use std::io::{BufRead, IsTerminal};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use clap::Args;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{BaseRecord, DeliveryResult, Producer, ProducerContext, ThreadedProducer};

use super::{Exit, SettingsArgs};
use crate::kafka::{Calm, client, tokens};

#[derive(Args, Debug)]
pub struct PublishArgs {
    /// Articles, one a line; - is stdin
    #[arg(default_value = "-")]
    file: PathBuf,
    /// Topic in place of the news topic of the settings
    #[arg(long)]
    topic: Option<String>,
    /// Articles a second at the most
    #[arg(long, value_name = "N")]
    rate: Option<u32>,
    #[command(flatten)]
    settings: SettingsArgs,
}

pub fn run(args: &PublishArgs) -> Exit {
    let kafka = match args.settings.load() {
        Ok(layers) => layers.settings.kafka,
        Err(exit) => return exit,
    };
    match publish(args, &kafka) {
        Ok(count) => {
            eprintln!("{count} articles published");
            Exit::Fine
        }
        Err(error) => {
            eprintln!("demarche publish: {error:#}");
            Exit::Failed
        }
    }
}

/// Counts what was not delivered.
struct Deliveries {
    calm: Calm,
    lost: std::sync::Arc<std::sync::atomic::AtomicU64>,
}

impl rdkafka::ClientContext for Deliveries {
    const ENABLE_REFRESH_OAUTH_TOKEN: bool = true;

    fn error(&self, error: KafkaError, reason: &str) {
        self.calm.error(error, reason);
    }

    fn generate_oauth_token(
        &self,
        config: Option<&str>,
    ) -> Result<rdkafka::client::OAuthToken, Box<dyn std::error::Error>> {
        self.calm.generate_oauth_token(config)
    }
}

impl ProducerContext for Deliveries {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        if let Err((error, _)) = result {
            tracing::error!(%error, "not delivered");
            self.lost.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        }
    }
}

fn publish(args: &PublishArgs, kafka: &crate::config::Kafka) -> anyhow::Result<u64> {
    let input: Box<dyn BufRead> = if args.file.as_os_str() == "-" {
        Box::new(std::io::stdin().lock())
    } else {
        let file = std::fs::File::open(&args.file).with_context(|| args.file.display().to_string())?;
        Box::new(std::io::BufReader::new(file))
    };
    let lost = std::sync::Arc::default();
    let context = Deliveries { calm: Calm(tokens(kafka)), lost: std::sync::Arc::clone(&lost) };
    let producer: ThreadedProducer<Deliveries> = client(kafka)
        .set("enable.idempotence", "true")
        .set("compression.type", "lz4")
        .set("linger.ms", "5")
        .set("message.max.bytes", "10000000")
        .create_with_context(context)?;
    let topic = args.topic.as_deref().unwrap_or(&kafka.news);
    let bar = if std::io::stderr().is_terminal() {
        indicatif::ProgressBar::new_spinner()
    } else {
        indicatif::ProgressBar::hidden()
    };
    let (began, mut count) = (Instant::now(), 0u64);
    for line in input.split(b'\n') {
        let line = line?;
        if line.trim_ascii().is_empty() {
            continue;
        }
        if let Some(rate) = args.rate.filter(|rate| *rate > 0) {
            let due = Duration::from_secs_f64(count as f64 / f64::from(rate));
            std::thread::sleep(due.saturating_sub(began.elapsed()));
        }
        send(&producer, topic, &key(&line), &line)?;
        count += 1;
        bar.set_position(count);
        if count % 1_000 == 0 {
            bar.set_message(format!("{count} articles"));
        }
    }
    producer.flush(Duration::from_secs(60)).context("the broker did not take everything within a minute")?;
    bar.finish_and_clear();
    match lost.load(std::sync::atomic::Ordering::SeqCst) {
        0 => Ok(count),
        lost => bail!("{lost} of {count} articles were not delivered"),
    }
}

/// The article's id; nothing where the line is no article (it will be a dead letter, and should be).
fn key(line: &[u8]) -> String {
    #[derive(serde::Deserialize)]
    struct Head {
        id: String,
    }
    serde_json::from_slice::<Head>(line).map(|head| head.id).unwrap_or_default()
}

fn send(producer: &ThreadedProducer<Deliveries>, topic: &str, key: &str, line: &[u8]) -> anyhow::Result<()> {
    let mut record: BaseRecord<'_, str, [u8]> = BaseRecord::to(topic).payload(line);
    if !key.is_empty() {
        record = record.key(key);
    }
    loop {
        match producer.send(record) {
            Ok(()) => return Ok(()),
            Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), back)) => {
                record = back;
                std::thread::sleep(Duration::from_millis(1));
            }
            Err((error, _)) => return Err(error.into()),
        }
    }
}
