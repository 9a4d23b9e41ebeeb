//! `demarche check`: would the daemon start? Settings, packs, secrets, broker, topics.

use clap::Args;

use super::{Exit, SettingsArgs};
use crate::config::{Paging, Settings, Sink};
use crate::kafka::{Topics, check_secrets, inspect};

#[derive(Args, Debug)]
pub struct CheckArgs {
    /// Files only: the broker is not asked
    #[arg(long)]
    offline: bool,
    #[command(flatten)]
    settings: SettingsArgs,
}

pub fn run(args: &CheckArgs) -> Exit {
    let settings = match args.settings.load() {
        Ok(layers) => layers.settings,
        Err(exit) => return exit,
    };
    let mut faults = files(&settings);
    if settings.notify.paging == Paging::Metrics
        && settings.notify.sinks.iter().any(|sink| !matches!(sink, Sink::Log { .. }))
    {
        println!("note: paging = \"metrics\": sinks tell without paging, the shipped Prometheus rules page");
    }
    if faults.is_empty() && !args.offline {
        match inspect(&settings.kafka, &Topics::of(&settings.kafka)) {
            Ok(notes) => notes.iter().for_each(|note| println!("{note}")),
            Err(error) => faults.push(error.to_string()),
        }
    }
    for fault in &faults {
        eprintln!("{fault}");
    }
    if faults.is_empty() { Exit::Fine } else { Exit::BadConfig }
}

/// Faults of everything that stands in files.
fn files(settings: &Settings) -> Vec<String> {
    let mut faults = Vec::new();
    match settings.packs().load() {
        Ok(rules) => println!("rules: {} frames, revision {}", rules.frames.len(), rules.revision()),
        Err(error) => faults.push(error.to_string()),
    }
    match settings.policy() {
        Ok(policy) => {
            println!("policy: {} severity rows, {} ladders", policy.rows.len(), policy.ladders.len())
        }
        Err(error) => faults.push(error.to_string()),
    }
    if let Err(error) = check_secrets(&settings.kafka) {
        faults.push(error.to_string());
    }
    faults
}
