//! `demarche dead-letters`: what could not be handled, and sending it again once that is mended.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use rdkafka::producer::{BaseRecord, DefaultProducerContext, Producer, ThreadedProducer};

use super::{Exit, SettingsArgs};
use crate::config::Kafka;
use crate::kafka::{Reader, Stored, Topics, client};

#[derive(Args, Debug)]
pub struct DeadLettersArgs {
    #[command(subcommand)]
    command: DeadLettersCommand,
}

#[derive(Subcommand, Debug)]
enum DeadLettersCommand {
    /// One JSON line a dead letter: cause, place, detail, rule revision
    List(ListArgs),
    /// Send them to the topic that they came from, as they came
    Replay(ReplayArgs),
}

#[derive(Args, Debug)]
struct ListArgs {
    #[command(flatten)]
    filter: Filter,
    /// Counts by cause only
    #[arg(long)]
    summary: bool,
    #[command(flatten)]
    settings: SettingsArgs,
}

#[derive(Args, Debug)]
struct ReplayArgs {
    #[command(flatten)]
    filter: Filter,
    /// Say what would be sent, and send nothing
    #[arg(long)]
    dry_run: bool,
    /// Records a second at the most
    #[arg(long, value_name = "N", default_value_t = 100)]
    rate: u32,
    #[command(flatten)]
    settings: SettingsArgs,
}

#[derive(Args, Debug)]
struct Filter {
    /// Only this cause (not-json, bad-time, panic …)
    #[arg(long)]
    cause: Option<String>,
    /// Only the record that came from here: TOPIC/PARTITION/OFFSET
    #[arg(long, value_name = "PLACE")]
    place: Option<String>,
    /// Only dead letters behind this offset of the dead-letter topic: goes on where a replay ended
    #[arg(long, value_name = "OFFSET")]
    after: Option<i64>,
}

impl Filter {
    fn takes(&self, letter: &Stored) -> bool {
        self.cause.as_ref().is_none_or(|cause| *cause == letter.header("demarche_cause"))
            && self.place.as_ref().is_none_or(|place| *place == letter.key)
            && self.after.is_none_or(|after| letter.offset > after)
    }
}

pub fn run(args: &DeadLettersArgs) -> Exit {
    let settings = match &args.command {
        DeadLettersCommand::List(list) => &list.settings,
        DeadLettersCommand::Replay(replay) => &replay.settings,
    };
    let kafka = match settings.load() {
        Ok(layers) => layers.settings.kafka,
        Err(exit) => return exit,
    };
    let outcome = match &args.command {
        DeadLettersCommand::List(list) => show(list, &kafka),
        DeadLettersCommand::Replay(replay) => send(replay, &kafka),
    };
    match outcome {
        Ok(()) => Exit::Fine,
        Err(error) => {
            eprintln!("demarche dead-letters: {error:#}");
            Exit::Failed
        }
    }
}

fn letters(kafka: &Kafka, filter: &Filter) -> anyhow::Result<Vec<Stored>> {
    let topic = Topics::of(kafka).dead_letters;
    let mut reader = Reader::open(kafka, &topic, None).with_context(|| topic.clone())?;
    let mut found = Vec::new();
    while !reader.is_whole() {
        found.extend(reader.next(Duration::from_secs(5))?.filter(|letter| filter.takes(letter)));
    }
    Ok(found)
}

fn show(args: &ListArgs, kafka: &Kafka) -> anyhow::Result<()> {
    let letters = letters(kafka, &args.filter)?;
    if args.summary {
        let mut causes = BTreeMap::<String, usize>::new();
        letters.iter().for_each(|letter| *causes.entry(letter.header("demarche_cause")).or_default() += 1);
        causes.iter().for_each(|(cause, count)| println!("{count:>8}  {cause}"));
        return Ok(());
    }
    for letter in &letters {
        let line = serde_json::json!({
            "offset": letter.offset,
            "cause": letter.header("demarche_cause"),
            "place": letter.key,
            "detail": letter.header("demarche_detail"),
            "revision": letter.header("demarche_revision"),
            "timestamp": letter.header("demarche_timestamp"),
            "bytes": letter.value.as_ref().map_or(0, Vec::len),
            "cut": !letter.header("demarche_cut").is_empty(),
        });
        println!("{line}");
    }
    Ok(())
}

fn send(args: &ReplayArgs, kafka: &Kafka) -> anyhow::Result<()> {
    if args.rate == 0 {
        bail!("--rate must be 1 or more");
    }
    let letters = letters(kafka, &args.filter)?;
    let producer: ThreadedProducer<DefaultProducerContext> =
        client(kafka).set("enable.idempotence", "true").create()?;
    let (mut sent, mut cut) = (0, 0);
    for letter in &letters {
        if !letter.header("demarche_cut").is_empty() {
            cut += 1;
            eprintln!("{}: was cut, the rest of it is lost: not sent", letter.key);
            continue;
        }
        let topic = letter.header("demarche_topic");
        println!("{} {} → {topic}", letter.offset, letter.key);
        if args.dry_run {
            continue;
        }
        let key = letter.header("demarche_key");
        let mut record: BaseRecord<'_, str, [u8]> =
            BaseRecord::to(&topic).payload(letter.value.as_deref().unwrap_or_default());
        if !key.is_empty() {
            record = record.key(&key);
        }
        producer.send(record).map_err(|(error, _)| error).with_context(|| letter.key.clone())?;
        producer.flush(Duration::from_secs(30)).with_context(|| letter.key.clone())?;
        sent += 1;
        std::thread::sleep(Duration::from_secs_f64(1.0 / f64::from(args.rate)));
    }
    let last = letters.last().map_or(-1, |letter| letter.offset);
    eprintln!("{sent} sent, {cut} cut; go on later with --after {last}");
    Ok(())
}
