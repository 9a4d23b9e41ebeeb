//! `demarche explain`: why a text gives what it gives.

use std::io::{self, IsTerminal, Read, Write};

use clap::Args;

use super::{Exit, PackArgs};
use crate::article::{self, Article, Time};
use crate::detect::{Check, Detection, Scratch, Trace, explain};

#[derive(Args, Debug)]
pub struct ExplainArgs {
    /// The text; articles as NDJSON, or plain text, on stdin where it is left out
    text: Vec<String>,
    /// Publication time of a plain text (RFC 3339)
    #[arg(long, default_value = "2025-06-02T12:00:00Z")]
    published_at: Time,
    /// One JSON object an article in place of the readable form
    #[arg(long)]
    json: bool,
    /// Show tags and relations of every word
    #[arg(long)]
    parse: bool,
    #[command(flatten)]
    packs: PackArgs,
}

pub fn run(args: &ExplainArgs) -> Exit {
    let rules = match args.packs.load() {
        Ok(rules) => rules,
        Err(exit) => return exit,
    };
    let articles = match articles(args) {
        Ok(articles) => articles,
        Err(error) => {
            eprintln!("demarche explain: {error}");
            return Exit::Failed;
        }
    };
    let mut scratch = Scratch::default();
    let mut output = io::stdout().lock();
    let color = output.is_terminal();
    for article in &articles {
        let (detection, trace) = explain(&rules, article, article.published_at, &mut scratch);
        let printed = if args.json {
            let value = serde_json::json!({
                "id": article.id, "signals": detection.signals, "denials": detection.denials, "trace": trace,
            });
            writeln!(output, "{value}")
        } else {
            readable(&mut output, &detection, &trace, args.parse, color)
        };
        if printed.is_err() {
            break;
        }
    }
    Exit::Fine
}

fn articles(args: &ExplainArgs) -> anyhow::Result<Vec<Article>> {
    let plain = |text: String| Article::of_text("explained", String::new(), text, args.published_at);
    if !args.text.is_empty() {
        return Ok(vec![plain(args.text.join(" "))]);
    }
    let mut text = String::new();
    io::stdin().read_to_string(&mut text)?;
    if !text.trim_start().starts_with('{') {
        return Ok(vec![plain(text)]);
    }
    let mut list = Vec::new();
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        list.push(article::read(line.as_bytes()).map_err(|e| anyhow::anyhow!("line {}: {e}", index + 1))?);
    }
    Ok(list)
}

fn readable(
    output: &mut impl Write,
    detection: &Detection,
    trace: &Trace,
    parse: bool,
    color: bool,
) -> io::Result<()> {
    let paint = |code: &str, text: String| if color { format!("\x1b[{code}m{text}\x1b[0m") } else { text };
    if let Some(why) = &trace.article {
        writeln!(output, "the article is silent: {why}")?;
    }
    for sentence in &trace.sentences {
        let text: String = sentence.text.chars().filter(|c| !c.is_control()).collect();
        writeln!(output, "{}", paint("1", text))?;
        if !sentence.names.is_empty() {
            writeln!(output, "  names    {}", sentence.names.join("; "))?;
        }
        if let Some(check) = sentence.stopped {
            writeln!(output, "  {}", paint("33", format!("stopped  {check:?}")))?;
        }
        for line in sentence.parse.iter().filter(|_| parse) {
            writeln!(output, "  parse    {line}")?;
        }
        for trigger in &sentence.triggers {
            let line =
                format!("  {:<9}{} · {:?} · {}", trigger.word, trigger.frame, trigger.result, trigger.detail);
            let code = if trigger.result == Check::Fired { "32" } else { "2" };
            writeln!(output, "{}", paint(code, line))?;
        }
    }
    for merge in &trace.merges {
        writeln!(output, "merged     {merge}")?;
    }
    for signal in &detection.signals {
        let join =
            |codes: &[crate::signal::Code]| codes.iter().map(|c| c.as_str()).collect::<Vec<_>>().join(",");
        let line = format!(
            "signal     {} {} {} > {} · {:?} · {} · {:.2} {}",
            signal.kind,
            signal.stance.as_str(),
            join(&signal.source),
            join(&signal.target),
            signal.recency,
            signal.told.dyads.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
            signal.told.confidence,
            signal.told.confidence_reasons.join(", "),
        );
        writeln!(output, "{}", paint("1;32", line))?;
    }
    for denial in &detection.denials {
        writeln!(output, "denial     of {} by {:?}", denial.denies.kind, denial.denies.source)?;
    }
    Ok(())
}
