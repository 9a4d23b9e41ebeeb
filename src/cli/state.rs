//! `demarche state`: is what assess remembers whole, and making it anew from the signals.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::producer::{BaseRecord, DefaultProducerContext, Producer, ThreadedProducer};
use rdkafka::{Offset, TopicPartitionList};

use super::{Exit, SettingsArgs};
use crate::assess::Partition;
use crate::config::{Kafka, Settings};
use crate::kafka::{Reader, Topics, client, partitions};
use crate::signal::Record;

/// How long the broker may take.
const WAIT: Duration = Duration::from_secs(15);

#[derive(Args, Debug)]
pub struct StateArgs {
    #[command(subcommand)]
    command: StateCommand,
}

#[derive(Subcommand, Debug)]
enum StateCommand {
    /// Read the state as assess would, and name every record that it could not go on from
    Check(SettingsArgs),
    /// Make the state anew from the signals, up to where assess has read; assess must be stopped
    Repair(SettingsArgs),
}

pub fn run(args: &StateArgs) -> Exit {
    let (StateCommand::Check(flags) | StateCommand::Repair(flags)) = &args.command;
    let settings = match flags.load() {
        Ok(layers) => layers.settings,
        Err(exit) => return exit,
    };
    let outcome = match &args.command {
        StateCommand::Check(_) => check(&settings),
        StateCommand::Repair(_) => repair(&settings),
    };
    match outcome {
        Ok(true) => Exit::Fine,
        Ok(false) => Exit::Failed,
        Err(error) => {
            eprintln!("demarche state: {error:#}");
            Exit::Failed
        }
    }
}

fn fresh(settings: &Settings, count: i32) -> anyhow::Result<Vec<Partition>> {
    let policy = Arc::new(settings.policy()?);
    Ok((0..count).map(|p| Partition::new(policy.clone(), p as u32, count as u32)).collect())
}

fn count(kafka: &Kafka, topic: &str) -> anyhow::Result<i32> {
    partitions(kafka, topic, WAIT)?.with_context(|| format!("there is no topic {topic}"))
}

fn check(settings: &Settings) -> anyhow::Result<bool> {
    let kafka = &settings.kafka;
    let topics = Topics::of(kafka);
    let mut parts = fresh(settings, count(kafka, &topics.signals)?)?;
    let mut reader = Reader::open(kafka, &topics.state, None)?;
    let (mut records, mut faults) = (0u64, 0u64);
    while !reader.is_whole() {
        let Some(stored) = reader.next(Duration::from_secs(5))? else { continue };
        records += 1;
        let place = format!("{}/{} at offset {}", topics.state, stored.partition, stored.offset);
        let Some(part) = parts.get_mut(stored.partition as usize) else {
            bail!("{place}: the signals topic has no such partition");
        };
        if let Err(error) = part.restore(&stored.key, stored.value.as_deref()) {
            faults += 1;
            println!("{place}: {error}");
        }
    }
    let dyads: usize = parts.iter().map(Partition::dyads).sum();
    println!("{records} records, {dyads} dyads in {} partitions, {faults} faults", parts.len());
    if faults > 0 {
        println!("stop assess and run `demarche state repair`");
    }
    Ok(faults == 0)
}

fn repair(settings: &Settings) -> anyhow::Result<bool> {
    let kafka = &settings.kafka;
    let topics = Topics::of(kafka);
    let count = count(kafka, &topics.signals)?;
    let ends = committed(kafka, &topics.signals, count)?;
    let mut wanted = fold(settings, &topics, count, &ends)?;
    // What is there and is not wanted gets a tombstone.
    let mut reader = Reader::open(kafka, &topics.state, None)?;
    while !reader.is_whole() {
        if let Some(stored) = reader.next(Duration::from_secs(5))? {
            wanted.entry((stored.partition, stored.key)).or_insert(None);
        }
    }
    let producer: ThreadedProducer<DefaultProducerContext> = client(kafka)
        .set("transactional.id", format!("{}-{}-repair", kafka.group, kafka.instance))
        .create()?;
    producer.init_transactions(WAIT)?;
    producer.begin_transaction()?;
    for ((partition, key), value) in &wanted {
        let mut record: BaseRecord<'_, str, [u8]> =
            BaseRecord::to(&topics.state).partition(*partition).key(key);
        if let Some(value) = value {
            record = record.payload(value);
        }
        producer.send(record).map_err(|(error, _)| error)?;
    }
    producer.commit_transaction(WAIT * 4)?;
    let kept = wanted.values().flatten().count();
    println!("{kept} records written, {} tombstones", wanted.len() - kept);
    Ok(true)
}

type States = BTreeMap<(i32, String), Option<Vec<u8>>>;

/// What the state must be after the signals below `ends`.
fn fold(settings: &Settings, topics: &Topics, count: i32, ends: &[i64]) -> anyhow::Result<States> {
    let mut parts = fresh(settings, count)?;
    parts.iter_mut().for_each(Partition::restored);
    let mut reader = Reader::open(&settings.kafka, &topics.signals, None)?;
    let mut wanted = States::new();
    while !reader.is_whole() {
        let Some(stored) = reader.next(Duration::from_secs(5))? else { continue };
        let place = stored.partition as usize;
        if stored.offset >= ends[place] {
            continue;
        }
        // What cannot be read was a dead letter then, and is none of the state.
        let Ok(record) =
            Record::from_json(&stored.header("ce_type"), stored.value.as_deref().unwrap_or_default())
        else {
            continue;
        };
        parts[place].apply(&record);
        for (key, value) in parts[place].effects().state {
            wanted.insert((stored.partition, key), value);
        }
        parts[place].commit();
    }
    Ok(wanted)
}

/// Where the group of assess stands; refuses while it has members.
fn committed(kafka: &Kafka, signals: &str, count: i32) -> anyhow::Result<Vec<i64>> {
    let group = format!("{}-assess", kafka.group);
    let consumer: BaseConsumer = client(kafka).set("group.id", &group).create()?;
    let known = consumer.fetch_group_list(Some(&group), WAIT)?;
    if known.groups().iter().any(|g| g.name() == group && !g.members().is_empty()) {
        bail!("assess is running (group {group} has members): stop it first");
    }
    let mut list = TopicPartitionList::new();
    list.add_partition_range(signals, 0, count - 1);
    let list = consumer.committed_offsets(list, WAIT)?;
    let at = |offset| if let Offset::Offset(at) = offset { at } else { 0 };
    Ok(list.elements().iter().map(|e| at(e.offset())).collect())
}
