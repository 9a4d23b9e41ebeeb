//! `demarche score`: precision and recall against coded cases.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use serde::Deserialize;

use super::{Exit, PackArgs};
use crate::article;
use crate::detect::{Scratch, detect};
use crate::rules::Ruleset;
use crate::signal::{Code, Kind, Polarity, Signal, Stance};

#[derive(Args, Debug)]
pub struct ScoreArgs {
    /// Case files: NDJSON articles, each with `expect`
    #[arg(required = true)]
    cases: Vec<PathBuf>,
    /// Show every miss and every false signal
    #[arg(long)]
    errors: bool,
    #[command(flatten)]
    packs: PackArgs,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    body: String,
    expect: Vec<Wanted>,
}

#[derive(Deserialize)]
struct Wanted {
    kind: Kind,
    stance: Stance,
    #[serde(default)]
    source: Vec<Code>,
    #[serde(default)]
    target: Vec<Code>,
}

/// Kind, stance, source, target.
type Key = (Kind, Option<Stance>, Vec<Code>, Vec<Code>);

const KEYS: [&str; 4] = ["kind", "kind+stance", "kind+roles", "all"];

#[derive(Default)]
struct Totals {
    counts: [[usize; 3]; 4],
    by_kind: BTreeMap<Kind, [usize; 3]>,
    silent: [usize; 2],
    polarity: [usize; 2],
}

pub fn run(args: &ScoreArgs) -> Exit {
    let rules = match args.packs.load() {
        Ok(rules) => rules,
        Err(exit) => return exit,
    };
    match score(args, &rules) {
        Ok(()) => Exit::Fine,
        Err(error) => {
            eprintln!("demarche score: {error:#}");
            Exit::Failed
        }
    }
}

fn score(args: &ScoreArgs, rules: &Ruleset) -> anyhow::Result<()> {
    let mut totals = Totals::default();
    let mut scratch = Scratch::default();
    let mut count = 0;
    for path in &args.cases {
        let text = std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
        for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let place = || format!("{}:{}", path.display(), index + 1);
            let case: Case = serde_json::from_str(line).with_context(place)?;
            let article = article::read(line.as_bytes()).with_context(place)?;
            let found = detect(rules, &article, article.published_at, &mut scratch).signals;
            totals.add(&case, &found);
            if args.errors {
                errors(&case, &found);
            }
            count += 1;
        }
    }
    totals.print(count);
    Ok(())
}

fn keys(kind: Kind, stance: Stance, source: &[Code], target: &[Code]) -> [Key; 4] {
    let sorted = |codes: &[Code]| {
        let mut list = codes.to_vec();
        list.sort_unstable();
        list
    };
    let (source, target) = (sorted(source), sorted(target));
    [
        (kind, None, Vec::new(), Vec::new()),
        (kind, Some(stance), Vec::new(), Vec::new()),
        (kind, None, source.clone(), target.clone()),
        (kind, Some(stance), source, target),
    ]
}

impl Totals {
    fn add(&mut self, case: &Case, found: &[Signal]) {
        let wanted: Vec<_> =
            case.expect.iter().map(|w| keys(w.kind, w.stance, &w.source, &w.target)).collect();
        let given: Vec<_> = found.iter().map(|s| keys(s.kind, s.stance, &s.source, &s.target)).collect();
        for key in 0..KEYS.len() {
            let a: BTreeSet<_> = wanted.iter().map(|k| &k[key]).collect();
            let b: BTreeSet<_> = given.iter().map(|k| &k[key]).collect();
            let both = a.intersection(&b).count();
            self.counts[key][0] += both;
            self.counts[key][1] += b.len() - both;
            self.counts[key][2] += a.len() - both;
        }
        let a: BTreeSet<Kind> = case.expect.iter().map(|w| w.kind).collect();
        let b: BTreeSet<Kind> = found.iter().map(|s| s.kind).collect();
        for kind in a.union(&b) {
            let slot = match (a.contains(kind), b.contains(kind)) {
                (true, true) => 0,
                (false, _) => 1,
                _ => 2,
            };
            self.by_kind.entry(*kind).or_default()[slot] += 1;
        }
        if case.expect.is_empty() {
            self.silent[usize::from(!found.is_empty())] += 1;
        }
        self.add_polarity(case, found);
    }

    /// On pairs that the case tells of in one polarity only: whether the signals have the same.
    fn add_polarity(&mut self, case: &Case, found: &[Signal]) {
        let is_up = |kind: Kind| kind.polarity() == Polarity::Escalatory;
        let mut gold: BTreeMap<BTreeSet<Code>, BTreeSet<bool>> = BTreeMap::new();
        let mut given = gold.clone();
        for w in &case.expect {
            gold.entry(w.source.iter().chain(&w.target).copied().collect())
                .or_default()
                .insert(is_up(w.kind));
        }
        for s in found {
            given
                .entry(s.source.iter().chain(&s.target).copied().collect())
                .or_default()
                .insert(is_up(s.kind));
        }
        for (pair, signs) in gold.iter().filter(|(_, signs)| signs.len() == 1) {
            if let Some(other) = given.get(pair) {
                self.polarity[usize::from(other != signs)] += 1;
            }
        }
    }

    fn print(&self, cases: usize) {
        let share = |part: usize, rest: usize| part as f64 / ((part + rest).max(1)) as f64;
        for (name, [hit, false_, missed]) in KEYS.iter().zip(self.counts) {
            let (p, r) = (share(hit, false_), share(hit, missed));
            let f1 = if p + r > 0.0 { 2.0 * p * r / (p + r) } else { 0.0 };
            println!("{name:12} P {p:.3} R {r:.3} F1 {f1:.3}");
        }
        println!(
            "silent on no-signal cases {:.3}   polarity right {:.3}   cases {cases}",
            share(self.silent[0], self.silent[1]),
            share(self.polarity[0], self.polarity[1]),
        );
        for (kind, [hit, false_, missed]) in &self.by_kind {
            println!("  {kind:22} hit {hit:3} false {false_:3} missed {missed:3}");
        }
    }
}

fn errors(case: &Case, found: &[Signal]) {
    let show = |kind: Kind, stance: Stance, source: &[Code], target: &[Code]| {
        let join = |codes: &[Code]| codes.iter().map(Code::as_str).collect::<Vec<_>>().join(",");
        format!("{kind} {} {} > {}", stance.as_str(), join(source), join(target))
    };
    let wanted: BTreeSet<_> =
        case.expect.iter().map(|w| show(w.kind, w.stance, &w.source, &w.target)).collect();
    let given: BTreeMap<_, _> =
        found.iter().map(|s| (show(s.kind, s.stance, &s.source, &s.target), s)).collect();
    if wanted.len() == given.len() && wanted.iter().all(|w| given.contains_key(w)) {
        return;
    }
    println!("{} {} | {}", case.id, case.title, case.body);
    for missed in wanted.iter().filter(|w| !given.contains_key(*w)) {
        println!("    missed {missed}");
    }
    for (text, signal) in given.iter().filter(|(text, _)| !wanted.contains(*text)) {
        println!("    false  {text}  ({}, {:?})", signal.told.rule.id, signal.told.evidence.quote);
    }
}
