//! `demarche run`: the daemon.

use clap::{Args, ValueEnum};

use super::{Exit, SettingsArgs};
use crate::daemon::{Feed, Plan, RunError, Stages, embedded, run as run_daemon};

#[derive(Args, Debug)]
pub struct RunArgs {
    #[command(flatten)]
    settings: SettingsArgs,
    /// Stages that this process runs
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [StageName::Detect, StageName::Assess, StageName::Notify, StageName::View])]
    stages: Vec<StageName>,
    /// Where detect begins on its first start: latest or earliest
    #[arg(long, value_name = "POSITION")]
    from: Option<String>,
    /// A broker inside the process, for trying out
    #[arg(long)]
    embedded: bool,
    /// Articles (NDJSON file, or - for stdin) in place of the sample feed
    #[arg(long, value_name = "FILE", requires = "embedded")]
    feed: Option<String>,
    /// End when the feed is read and every alert is out
    #[arg(long, requires = "embedded")]
    exit_when_idle: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum StageName {
    Detect,
    Assess,
    Notify,
    View,
}

pub fn run(args: &RunArgs) -> Exit {
    let mut flags = args.settings.clone();
    flags.set.extend(args.from.iter().map(|from| format!("kafka.from={from}")));
    let settings = match flags.load() {
        Ok(layers) => layers.settings,
        Err(exit) => return exit,
    };
    let has = |stage| args.stages.contains(&stage);
    let stages = Stages {
        detect: has(StageName::Detect),
        assess: has(StageName::Assess),
        notify: has(StageName::Notify),
        view: has(StageName::View),
    };
    let outcome = if args.embedded {
        let feed = match args.feed.as_deref() {
            None => Feed::Sample,
            Some("-") => Feed::Stdin,
            Some(path) => Feed::File(path.into()),
        };
        embedded(settings, feed, args.exit_when_idle)
    } else {
        run_daemon(Plan { settings, stages, embedded: false, started: None })
    };
    match outcome {
        Ok(()) => Exit::Fine,
        Err(RunError::Config(text)) => {
            eprintln!("{text}");
            Exit::BadConfig
        }
        Err(RunError::Failed(text)) => {
            eprintln!("demarche run: {text}");
            Exit::Failed
        }
    }
}
