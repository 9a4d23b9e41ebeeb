//! `demarche config`: the settings in force, and what each means.

use clap::{Args, Subcommand};

use super::{Exit, SettingsArgs};
use crate::config::{Layers, Settings};

#[derive(Args, Debug)]
pub struct ConfigArgs {
    #[command(subcommand)]
    command: ConfigCommand,
}

#[derive(Subcommand, Debug)]
enum ConfigCommand {
    /// The settings in force as TOML, each with where it comes from; secrets stand in files and are never read
    Print(SettingsArgs),
    /// JSON schema of the settings: every key, its type and its meaning
    Schema,
}

pub fn run(args: &ConfigArgs) -> Exit {
    match &args.command {
        ConfigCommand::Print(settings) => match settings.load() {
            Ok(layers) => print(&layers),
            Err(exit) => exit,
        },
        ConfigCommand::Schema => schema(),
    }
}

fn print(layers: &Layers) -> Exit {
    let text = match toml::to_string(&layers.settings) {
        Ok(text) => text,
        Err(error) => {
            eprintln!("demarche config print: {error}");
            return Exit::Failed;
        }
    };
    let mut section = String::new();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = name.trim_matches(['[', ']']).to_owned();
        }
        let key = line.split_once(" = ").map(|(key, _)| format!("{section}.{}", key.trim_matches('"')));
        let origin = key.and_then(|key| {
            let above = key.rsplit_once('.').map(|(above, _)| above.to_owned()).unwrap_or_default();
            layers.origins.get(&key).or_else(|| layers.origins.get(&above))
        });
        match origin {
            Some(origin) => println!("{line:<44} # {origin}"),
            None => println!("{line}"),
        }
    }
    Exit::Fine
}

fn schema() -> Exit {
    match serde_json::to_string_pretty(&schemars::schema_for!(Settings)) {
        Ok(text) => {
            println!("{text}");
            Exit::Fine
        }
        Err(error) => {
            eprintln!("demarche config schema: {error}");
            Exit::Failed
        }
    }
}
