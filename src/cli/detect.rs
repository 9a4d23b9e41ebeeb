//! `demarche detect`: NDJSON articles on stdin → signals on stdout.

use std::io::{self, Write};

use clap::{Args, ValueEnum};
use rayon::prelude::*;

use super::batch::Batches;
use super::{Exit, PackArgs};
use crate::article;
use crate::detect::{Detection, Scratch, detect};
use crate::rules::Ruleset;

/// Lines that are read before they are worked on together.
const BATCH: usize = 2_048;

#[derive(Args, Debug)]
pub struct DetectArgs {
    /// What to print
    #[arg(long, value_enum, default_value_t = Records::Signals)]
    records: Records,
    #[command(flatten)]
    packs: PackArgs,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Records {
    /// One signal a line
    Signals,
    /// Denials and article-versions too
    All,
}

pub fn run(args: &DetectArgs) -> Exit {
    let rules = match args.packs.load() {
        Ok(rules) => rules,
        Err(exit) => return exit,
    };
    match all(&rules, args.records) {
        Ok(0) => Exit::Fine,
        Ok(_) => Exit::Failed,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Fine,
        Err(error) => {
            eprintln!("demarche detect: {error}");
            Exit::Failed
        }
    }
}

/// Works through stdin; gives the number of bad lines.
fn all(rules: &Ruleset, records: Records) -> io::Result<usize> {
    let mut batches = Batches::new(io::stdin().lock(), BATCH);
    let mut output = io::BufWriter::new(io::stdout().lock());
    let mut bad = 0;
    loop {
        let lines = batches.next()?;
        if lines.is_empty() {
            output.flush()?;
            return Ok(bad);
        }
        let results: Vec<_> = lines
            .par_iter()
            .map_init(Scratch::default, |scratch, (number, line)| (*number, one(rules, line, scratch)))
            .collect();
        for (number, result) in results {
            match result {
                Ok(detection) => print(&mut output, &detection, records)?,
                Err(refusal) => {
                    bad += 1;
                    eprintln!("line {number}: {} ({refusal})", refusal.cause());
                }
            }
        }
        output.flush()?;
    }
}

fn one(rules: &Ruleset, line: &[u8], scratch: &mut Scratch) -> Result<Detection, article::Refusal> {
    let article = article::read(line)?;
    Ok(detect(rules, &article, article.published_at, scratch))
}

fn print(output: &mut impl Write, detection: &Detection, records: Records) -> io::Result<()> {
    for signal in &detection.signals {
        serde_json::to_writer(&mut *output, signal)?;
        output.write_all(b"\n")?;
    }
    if records == Records::All {
        for denial in &detection.denials {
            serde_json::to_writer(&mut *output, denial)?;
            output.write_all(b"\n")?;
        }
        if let Some(version) = &detection.version {
            serde_json::to_writer(&mut *output, version)?;
            output.write_all(b"\n")?;
        }
    }
    Ok(())
}
