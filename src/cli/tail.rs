//! `demarche tail`: a topic → the terminal.

use std::io::Write;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::{Exit, SettingsArgs};
use crate::kafka::{Reader, Stored, Topics};

#[derive(Args, Debug)]
pub struct TailArgs {
    /// Which topic
    #[arg(value_enum, default_value_t = TopicName::Alerts)]
    topic: TopicName,
    /// End at the end of what is there
    #[arg(long)]
    once: bool,
    /// Key, partition, offset and type before each value
    #[arg(long)]
    places: bool,
    #[command(flatten)]
    settings: SettingsArgs,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum TopicName {
    News,
    Signals,
    State,
    Alerts,
    Notifications,
    Control,
    DeadLetters,
}

pub fn run(args: &TailArgs) -> Exit {
    let kafka = match args.settings.load() {
        Ok(layers) => layers.settings.kafka,
        Err(exit) => return exit,
    };
    let topics = Topics::of(&kafka);
    let topic = match args.topic {
        TopicName::News => &topics.news,
        TopicName::Signals => &topics.signals,
        TopicName::State => &topics.state,
        TopicName::Alerts => &topics.alerts,
        TopicName::Notifications => &topics.notifications,
        TopicName::Control => &topics.control,
        TopicName::DeadLetters => &topics.dead_letters,
    };
    match follow(args, &kafka, topic) {
        Ok(()) => Exit::Fine,
        Err(error) => {
            eprintln!("demarche tail: {topic}: {error:#}");
            Exit::Failed
        }
    }
}

fn follow(args: &TailArgs, kafka: &crate::config::Kafka, topic: &str) -> anyhow::Result<()> {
    let mut reader = Reader::open(kafka, topic, None)?;
    let mut output = std::io::BufWriter::new(std::io::stdout().lock());
    loop {
        let wait = if args.once { Duration::from_secs(5) } else { Duration::from_millis(200) };
        match reader.next(wait)? {
            Some(stored) => match print(&mut output, &stored, args.places) {
                Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => return Ok(()),
                outcome => outcome?,
            },
            None => output.flush()?,
        }
        if args.once && reader.is_whole() {
            output.flush()?;
            return Ok(());
        }
    }
}

fn print(output: &mut impl Write, stored: &Stored, places: bool) -> std::io::Result<()> {
    if places {
        let kind = stored.header("ce_type");
        write!(output, "{}/{} {} {kind} ", stored.partition, stored.offset, stored.key)?;
    }
    match &stored.value {
        Some(value) => output.write_all(value)?,
        None => output.write_all(b"null")?,
    }
    output.write_all(b"\n")
}
