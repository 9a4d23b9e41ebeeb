//! `demarche backtest`: archive files through the same core as the daemon's, on all cores.

mod diff;
mod expect;
mod feed;
mod pages;
mod play;

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use anyhow::Context;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use self::feed::{Feed, Until};
use super::Exit;
use crate::alert::Alert;
use crate::article::Time;
use crate::assess::Policy;
use crate::config::{Packs, compiled_in};
use crate::lexicon::SourceFile;

#[derive(Args, Debug)]
pub struct BacktestArgs {
    /// Archive files: NDJSON articles, plain, .gz, .zst or .xz; `-` is stdin
    #[arg(long, value_name = "FILE", num_args = 1.., required = true)]
    feed: Vec<PathBuf>,
    /// Print what happened from then on; what came before only prepares the state (RFC 3339 or a date)
    #[arg(long, value_name = "TIME", value_parser = time)]
    from: Option<Time>,
    /// Leave out articles published then or later
    #[arg(long, value_name = "TIME", value_parser = time)]
    to: Option<Time>,
    /// Print the pages that the default configuration would have sent, in place of the alerts
    #[arg(long)]
    pages: bool,
    /// Print one readable line for each material transition, in place of the alerts
    #[arg(long, conflicts_with = "pages")]
    transitions: bool,
    /// Folder of rule files in place of the shipped ones; given twice, both are run and compared
    #[arg(long, value_name = "DIR", num_args = 1)]
    rules: Vec<PathBuf>,
    /// Folder of actors in place of the shipped ones
    #[arg(long, value_name = "DIR")]
    actors: Option<PathBuf>,
    /// Folder of treaties in place of the shipped ones
    #[arg(long, value_name = "DIR")]
    treaties: Option<PathBuf>,
    /// Folder of publishers in place of the shipped ones
    #[arg(long, value_name = "DIR")]
    sources: Option<PathBuf>,
    /// Folder with severity.toml, weights.toml and ladders.toml in place of the shipped ones
    #[arg(long, value_name = "DIR")]
    policy: Option<PathBuf>,
    /// Fail (exit 1) unless the alerts meet the expectations in this TOML file
    #[arg(long, value_name = "FILE")]
    expect: Option<PathBuf>,
    /// Write the outcome of the expectations as JUnit XML
    #[arg(long, value_name = "FILE", requires = "expect")]
    junit: Option<PathBuf>,
}

/// A time in RFC 3339, or a date: its first moment in UTC.
pub(super) fn time(text: &str) -> Result<Time, String> {
    let full = if text.len() == 10 { format!("{text}T00:00:00Z") } else { text.to_owned() };
    full.parse::<Time>().map_err(|e| e.to_string())
}

pub fn run(args: &BacktestArgs) -> Exit {
    match backtest(args) {
        Ok(exit) => exit,
        Err(error) if error.is::<crate::config::PackError>() || error.is::<crate::assess::PolicyError>() => {
            eprintln!("{error:#}");
            Exit::BadConfig
        }
        Err(error) => {
            let is_pipe =
                error.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe);
            if is_pipe {
                return Exit::Fine;
            }
            eprintln!("demarche backtest: {error:#}");
            Exit::Failed
        }
    }
}

fn backtest(args: &BacktestArgs) -> anyhow::Result<Exit> {
    anyhow::ensure!(args.rules.len() <= 2, "--rules is given once, or twice to compare");
    let mut policy = read_policy(args.policy.as_deref())?;
    // An archive has no outages of its own: its dates alone say what elapsed.
    policy.feed_silence = 0;
    let policy = Arc::new(policy);
    if let [a, b] = args.rules.as_slice() {
        let (a, b) = (once(args, Some(a), &policy)?, once(args, Some(b), &policy)?);
        diff::print(&mut io::stdout().lock(), &a, &b)?;
        return Ok(Exit::Fine);
    }
    let alerts = once(args, args.rules.first(), &policy)?;
    if let Some(path) = &args.expect {
        return expect::check(path, args.junit.as_deref(), &alerts.alerts);
    }
    print(args, &alerts.alerts)?;
    Ok(Exit::Fine)
}

/// A feed played once.
pub struct Played {
    pub alerts: Vec<Alert>,
    pub days: f64,
}

fn once(args: &BacktestArgs, rules: Option<&PathBuf>, policy: &Arc<Policy>) -> anyhow::Result<Played> {
    let packs = Packs {
        rules: rules.cloned(),
        actors: args.actors.clone(),
        treaties: args.treaties.clone(),
        sources: args.sources.clone(),
    };
    let ruleset = packs.load()?;
    let bar = bar();
    let start = Instant::now();
    let feed = Feed::read(&args.feed, &ruleset, Until { to: args.to }, &mut |n| bar.inc(n as u64))?;
    bar.finish_and_clear();
    let detected = start.elapsed();
    let start = Instant::now();
    let alerts = play::play(&feed, policy, args.from);
    let folded = start.elapsed();
    eprintln!(
        "{} articles, {} signals, {} refused; detect {:.0} articles/s, assess {:.0} signals/s",
        feed.articles,
        feed.signals,
        feed.refused,
        feed.articles as f64 / detected.as_secs_f64().max(1e-9),
        feed.signals as f64 / folded.as_secs_f64().max(1e-9),
    );
    let first = args.from.or(feed.first);
    let span = feed.last.zip(first).map_or(0, |(last, first)| last.since(first));
    Ok(Played { alerts, days: (span as f64 / crate::article::DAY as f64).max(1.0) })
}

fn bar() -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{spinner} {pos} articles {per_sec} {elapsed}");
    ProgressBar::new_spinner().with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()))
}

fn print(args: &BacktestArgs, alerts: &[Alert]) -> anyhow::Result<()> {
    let mut output = io::BufWriter::new(io::stdout().lock());
    if args.pages {
        for page in pages::pages(alerts) {
            serde_json::to_writer(&mut output, &page)?;
            output.write_all(b"\n")?;
        }
    } else if args.transitions {
        for alert in alerts.iter().filter(|alert| alert.is_material()) {
            writeln!(output, "{}", alert.line())?;
        }
    } else {
        for alert in alerts {
            serde_json::to_writer(&mut output, alert)?;
            output.write_all(b"\n")?;
        }
    }
    output.flush()?;
    Ok(())
}

/// The three files of the policy, from `folder` where it has them.
fn read_policy(folder: Option<&Path>) -> anyhow::Result<Policy> {
    let file = |name: &str| -> anyhow::Result<SourceFile> {
        let path = folder.map(|folder| folder.join(name)).filter(|path| path.exists());
        let text = match &path {
            Some(path) => {
                std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?
            }
            None => compiled_in(name).unwrap_or_default().to_owned(),
        };
        Ok(SourceFile { path: path.map_or(name.to_owned(), |p| p.display().to_string()), text })
    };
    Ok(Policy::from_toml(&file("severity.toml")?, &file("weights.toml")?, &file("ladders.toml")?)?)
}
