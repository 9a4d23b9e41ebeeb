//! `demarche rules list|check|test`.

use std::collections::BTreeMap;
use std::time::Duration;

use clap::{Args, Subcommand};

use super::{Exit, PackArgs, SettingsArgs};
use crate::alert::{Control, Tally, Verdict, tally};
use crate::article::Article;
use crate::config::Kafka;
use crate::detect::{Scratch, detect};
use crate::kafka::{Reader, Topics};
use crate::rules::{Example, ExampleKind, Expected, Ruleset};

#[derive(Args, Debug)]
pub struct RulesArgs {
    #[command(subcommand)]
    command: RulesCommand,
    #[command(flatten)]
    packs: PackArgs,
}

#[derive(Subcommand, Debug)]
enum RulesCommand {
    /// A table of all frames
    List {
        /// Read the verdicts of people from the control topic: right, wrong and precision over 30 days
        #[arg(long)]
        verdicts: bool,
        #[command(flatten)]
        settings: SettingsArgs,
    },
    /// Read and compile the packs; faults are shown with their place
    Check,
    /// Run the examples that stand in the packs
    Test,
}

pub fn run(args: &RulesArgs) -> Exit {
    let rules = match args.packs.load() {
        Ok(rules) => rules,
        Err(exit) => return exit,
    };
    match &args.command {
        RulesCommand::List { verdicts, settings } => match judged(*verdicts, settings) {
            Ok(tallies) => list(&rules, tallies.as_ref()),
            Err(exit) => exit,
        },
        RulesCommand::Check => check(&rules),
        RulesCommand::Test => test(&rules),
    }
}

/// Verdicts by rule, where they are asked for.
fn judged(wanted: bool, settings: &SettingsArgs) -> Result<Option<BTreeMap<String, Tally>>, Exit> {
    if !wanted {
        return Ok(None);
    }
    let settings = settings.load()?.settings;
    let verdicts = read_verdicts(&settings.kafka).map_err(|error| {
        eprintln!("the verdicts cannot be read: {error}");
        Exit::Failed
    })?;
    Ok(Some(tally(&verdicts, crate::daemon::now())))
}

/// All verdicts of the control topic.
fn read_verdicts(kafka: &Kafka) -> rdkafka::error::KafkaResult<Vec<Verdict>> {
    let mut reader = Reader::open(kafka, &Topics::of(kafka).control, None)?;
    let mut newest = BTreeMap::new();
    while !reader.is_whole() {
        let Some(stored) = reader.next(Duration::from_millis(200))? else { continue };
        match stored.value.as_deref().map(serde_json::from_slice::<Control>) {
            Some(Ok(Control::Verdict(verdict))) => drop(newest.insert(stored.key, verdict)),
            None => drop(newest.remove(&stored.key)),
            Some(_) => {}
        }
    }
    Ok(newest.into_values().collect())
}

fn list(rules: &Ruleset, tallies: Option<&BTreeMap<String, Tally>>) -> Exit {
    print!("{:<46} {:<22} {:<8} {:>8}", "frame", "kind", "status", "triggers");
    println!("{}", if tallies.is_some() { "    right    wrong precision" } else { "" });
    for frame in &rules.frames {
        let status = format!("{:?}", frame.status).to_lowercase();
        print!("{:<46} {:<22} {:<8} {:>8}", frame.id, frame.kind, status, frame.triggers.len());
        match tallies.map(|all| all.get(&frame.id).copied().unwrap_or_default()) {
            Some(Tally { right, wrong }) => {
                let share = Tally { right, wrong }.precision();
                let share = share.map_or_else(|| "-".to_owned(), |p| format!("{p:.2}"));
                println!(" {right:>8} {wrong:>8} {share:>9}");
            }
            None => println!(),
        }
    }
    Exit::Fine
}

fn check(rules: &Ruleset) -> Exit {
    for warning in &rules.warnings {
        eprintln!("{warning}");
    }
    println!(
        "{} frames, {} actors, {} people, {} treaties, {} publishers, {} examples; revision {}",
        rules.frames.len(),
        rules.gazetteer.actors.actors.len(),
        rules.gazetteer.people.len(),
        rules.gazetteer.treaties.list.len(),
        rules.publishers.len(),
        rules.examples.len(),
        rules.revision(),
    );
    Exit::Fine
}

fn test(rules: &Ruleset) -> Exit {
    let mut scratch = Scratch::default();
    let (mut passed, mut failed, mut todo) = (0, 0, 0);
    for example in &rules.examples {
        let found = found(rules, example, &mut scratch);
        let is_right = is_right(example, &found);
        match (example.kind, is_right) {
            (ExampleKind::Todo, true) => println!("todo is right now, make it a match: {:?}", example.text),
            (ExampleKind::Todo, false) => todo += 1,
            (_, true) => passed += 1,
            (_, false) => {
                failed += 1;
                let show =
                    |list: &[Expected]| list.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
                println!("{} at byte {}: {:?}", example.path, example.span.start, example.text);
                println!(
                    "    expected {}",
                    if example.expect.is_empty() { "nothing".into() } else { show(&example.expect) }
                );
                println!("    found    {}", if found.is_empty() { "nothing".into() } else { show(&found) });
            }
        }
    }
    println!("{passed} passed, {failed} failed, {todo} todo");
    if failed == 0 { Exit::Fine } else { Exit::Failed }
}

/// The signals of the kinds that the example's file is about.
fn found(rules: &Ruleset, example: &Example, scratch: &mut Scratch) -> Vec<Expected> {
    let article =
        Article::of_text("example", example.title.clone(), example.text.clone(), example.published_at);
    let detection = detect(rules, &article, article.published_at, scratch);
    let expected: Vec<_> = example.expect.iter().map(|e| e.kind).collect();
    let mut list: Vec<Expected> = detection
        .signals
        .into_iter()
        .filter(|signal| example.about.contains(&signal.kind) || expected.contains(&signal.kind))
        .map(|signal| Expected {
            kind: signal.kind,
            stance: signal.stance,
            source: signal.source,
            target: signal.target,
            instrument: signal.instrument,
            recency: Some(signal.recency),
        })
        .collect();
    list.sort();
    list
}

fn is_right(example: &Example, found: &[Expected]) -> bool {
    let same = |a: &Expected, b: &Expected| {
        (a.kind, a.stance) == (b.kind, b.stance)
            && a.source == b.source
            && a.target == b.target
            && (a.instrument.is_none() || a.instrument == b.instrument)
            && a.recency.is_none_or(|recency| b.recency == Some(recency))
    };
    found.len() == example.expect.len() && example.expect.iter().all(|e| found.iter().any(|f| same(e, f)))
}
