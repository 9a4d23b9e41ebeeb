//! The command line: one file a command.

mod backtest;
mod batch;
mod check;
mod config;
mod dead_letters;
mod detect;
mod explain;
mod notify;
mod publish;
mod replay;
mod rules;
mod run;
mod score;
mod state;
mod tail;

use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::config::Packs;

/// How a command ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Exit {
    Fine,
    Failed,
    BadConfig,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        match exit {
            Exit::Fine => ExitCode::SUCCESS,
            Exit::Failed => ExitCode::from(1),
            Exit::BadConfig => ExitCode::from(78),
        }
    }
}

/// Reads the world's diplomatic news and tells the people on call which moves raise or lower the temperature
/// between states.
#[derive(Parser, Debug)]
#[command(name = "demarche", version, about, long_about = None, propagate_version = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// Folders that take the place of what is compiled in.
#[derive(Args, Debug, Clone, Default)]
pub struct PackArgs {
    /// Folder of rule files in place of the shipped ones
    #[arg(long, value_name = "DIR", global = true)]
    rules: Option<std::path::PathBuf>,
    /// Folder of actors in place of the shipped ones
    #[arg(long, value_name = "DIR", global = true)]
    actors: Option<std::path::PathBuf>,
    /// Folder of treaties in place of the shipped ones
    #[arg(long, value_name = "DIR", global = true)]
    treaties: Option<std::path::PathBuf>,
    /// Folder of publishers in place of the shipped ones
    #[arg(long, value_name = "DIR", global = true)]
    sources: Option<std::path::PathBuf>,
}

impl PackArgs {
    fn packs(&self) -> Packs {
        Packs {
            rules: self.rules.clone(),
            actors: self.actors.clone(),
            treaties: self.treaties.clone(),
            sources: self.sources.clone(),
        }
    }

    /// The compiled ruleset, or the faults on stderr.
    fn load(&self) -> Result<crate::rules::Ruleset, Exit> {
        self.packs().load().map_err(|error| {
            eprintln!("{error}");
            Exit::BadConfig
        })
    }
}

/// Where settings come from, besides the shipped ones and the environment (DEMARCHE_KAFKA_BROKERS …).
#[derive(Args, Debug, Clone, Default)]
pub struct SettingsArgs {
    /// Settings on top of the shipped ones
    #[arg(long, value_name = "FILE")]
    config: Option<std::path::PathBuf>,
    /// One setting on top of all: kafka.brokers=host:9092
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
}

impl SettingsArgs {
    /// The merged settings, or all faults on stderr.
    fn load(&self) -> Result<crate::config::Layers, Exit> {
        let environment =
            std::env::vars_os().filter_map(|(k, v)| k.into_string().ok().zip(v.into_string().ok()));
        crate::config::Layers::load(self.config.as_deref(), environment, &self.set).map_err(|error| {
            eprintln!("{error}");
            Exit::BadConfig
        })
    }
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Run the daemon
    Run(run::RunArgs),
    /// Would the daemon start? Settings, packs, secrets, broker, topics
    Check(check::CheckArgs),
    /// Articles (NDJSON file or stdin) → the news topic
    Publish(publish::PublishArgs),
    /// A topic → the terminal, from its beginning
    Tail(tail::TailArgs),
    /// What could not be handled: list it, send it again
    DeadLetters(dead_letters::DeadLettersArgs),
    /// What assess remembers: check it, make it anew
    State(state::StateArgs),
    /// Articles (NDJSON on stdin) → signals, one a line
    Detect(detect::DetectArgs),
    /// Show what is made of a text, and which check stopped what gave nothing
    Explain(explain::ExplainArgs),
    /// Try the sinks out
    Notify(notify::NotifyArgs),
    /// List, check or test the rules
    Rules(rules::RulesArgs),
    /// Run archive files through the same core as the daemon: alerts, pages, or two packs compared
    Backtest(backtest::BacktestArgs),
    /// Recorded signals → the alerts that the daemon made of them
    Replay(replay::ReplayArgs),
    /// Show the settings in force and where each comes from, or what each means
    Config(config::ConfigArgs),
    /// Accuracy against a file of coded cases
    Score(score::ScoreArgs),
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    log();
    let exit = match cli.command {
        Command::Run(args) => run::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Publish(args) => publish::run(&args),
        Command::Tail(args) => tail::run(&args),
        Command::DeadLetters(args) => dead_letters::run(&args),
        Command::State(args) => state::run(&args),
        Command::Detect(args) => detect::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Notify(args) => notify::run(&args),
        Command::Rules(args) => rules::run(&args),
        Command::Replay(args) => replay::run(&args),
        Command::Backtest(args) => backtest::run(&args),
        Command::Config(args) => config::run(&args),
        Command::Score(args) => score::run(&args),
    };
    exit.into()
}

/// Logs for people on a terminal, JSON otherwise; `DEMARCHE_LOG` filters as `RUST_LOG` does.
fn log() {
    use std::io::IsTerminal;
    let filter = tracing_subscriber::EnvFilter::try_from_env("DEMARCHE_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info,librdkafka=off,rdkafka=off"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let set = if std::io::stderr().is_terminal() { builder.try_init() } else { builder.json().try_init() };
    if let Err(error) = set {
        eprintln!("no log: {error}");
    }
}
