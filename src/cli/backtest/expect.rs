//! `--expect FILE`: what a feed must give, for a pipeline that tests its packs.

use std::path::Path;

use anyhow::Context;
use serde::Deserialize;

use super::pages::{Page, pages};
use crate::alert::{Alert, Family, Severity, Transition};
use crate::article::Time;
use crate::cli::Exit;
use crate::signal::Dyad;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    expect: Vec<Expectation>,
}

/// One thing to count among the revisions (or pages), and how many there must be.
#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
struct Expectation {
    name: String,
    /// Count pages in place of revisions.
    #[serde(default)]
    pages: bool,
    dyad: Option<Dyad>,
    family: Option<Family>,
    instrument: Option<String>,
    transition: Option<Transition>,
    /// This severity or worse.
    severity: Option<Severity>,
    /// RFC 3339; the revision's own time.
    from: Option<Time>,
    to: Option<Time>,
    exactly: Option<usize>,
    at_least: Option<usize>,
    at_most: Option<usize>,
}

impl Expectation {
    fn counts(&self, alert: &Alert) -> bool {
        self.dyad.is_none_or(|d| d == alert.dyad)
            && self.family.is_none_or(|f| f == alert.family)
            && self.instrument.as_ref().is_none_or(|i| *i == alert.instrument)
            && self.transition.is_none_or(|t| t == alert.transition)
            && self.severity.is_none_or(|s| alert.severity >= s)
            && self.within(alert.updated_at)
    }

    fn counts_page(&self, page: &Page) -> bool {
        self.dyad.is_none_or(|d| d == page.dyad)
            && self.transition.is_none_or(|t| t == page.transition)
            && self.severity.is_none_or(|s| page.severity >= s)
            && self.within(page.time)
    }

    fn within(&self, time: Time) -> bool {
        self.from.is_none_or(|from| time >= from) && self.to.is_none_or(|to| time < to)
    }

    /// What is wrong with `count`, in words.
    fn fault(&self, count: usize) -> Option<String> {
        let unmet = |limit: Option<usize>, is_met: fn(usize, usize) -> bool, words: &str| {
            limit.filter(|n| !is_met(count, *n)).map(|n| format!("wanted {words} {n}, found {count}"))
        };
        unmet(self.exactly, |c, n| c == n, "exactly")
            .or_else(|| unmet(self.at_least, |c, n| c >= n, "at least"))
            .or_else(|| unmet(self.at_most, |c, n| c <= n, "at most"))
    }
}

/// Holds the alerts against the file; every unmet expectation is a line on stderr.
///
/// # Errors
/// A file that cannot be read, or says nothing to count.
pub fn check(path: &Path, junit: Option<&Path>, alerts: &[Alert]) -> anyhow::Result<Exit> {
    let text = std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    let file: File = toml::from_str(&text).with_context(|| path.display().to_string())?;
    let outcomes = outcomes(&file, alerts)?;
    let failed = outcomes.iter().filter(|(_, fault)| fault.is_some()).count();
    for (name, fault) in &outcomes {
        match fault {
            Some(fault) => eprintln!("failed: {name}: {fault}"),
            None => println!("ok: {name}"),
        }
    }
    if let Some(junit) = junit {
        std::fs::write(junit, report(&outcomes)).with_context(|| format!("writing {}", junit.display()))?;
    }
    Ok(if failed == 0 { Exit::Fine } else { Exit::Failed })
}

fn outcomes(file: &File, alerts: &[Alert]) -> anyhow::Result<Vec<(String, Option<String>)>> {
    let pages = pages(alerts);
    file.expect
        .iter()
        .map(|wanted| {
            let has_limit = wanted.exactly.or(wanted.at_least).or(wanted.at_most).is_some();
            anyhow::ensure!(has_limit, "{}: one of exactly, at_least, at_most is needed", wanted.name);
            let count = if wanted.pages {
                pages.iter().filter(|page| wanted.counts_page(page)).count()
            } else {
                alerts.iter().filter(|alert| wanted.counts(alert)).count()
            };
            Ok((wanted.name.clone(), wanted.fault(count)))
        })
        .collect()
}

/// JUnit XML, as build servers read it.
fn report(outcomes: &[(String, Option<String>)]) -> String {
    let failed = outcomes.iter().filter(|(_, fault)| fault.is_some()).count();
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"backtest\" tests=\"{}\" failures=\"{failed}\">\n",
        outcomes.len()
    );
    for (name, fault) in outcomes {
        let name = escape(name);
        match fault {
            Some(fault) => xml.push_str(&format!(
                "  <testcase name=\"{name}\"><failure message=\"{}\"/></testcase>\n",
                escape(fault)
            )),
            None => xml.push_str(&format!("  <testcase name=\"{name}\"/>\n")),
        }
    }
    xml.push_str("</testsuite>\n");
    xml
}

fn escape(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control())
        .map(|c| match c {
            '&' => "&amp;".into(),
            '<' => "&lt;".into(),
            '>' => "&gt;".into(),
            '"' => "&quot;".into(),
            c => c.to_string(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_said_in_words() {
        let wanted = Expectation { at_most: Some(2), ..Expectation::default() };
        assert_eq!(wanted.fault(2), None);
        assert_eq!(wanted.fault(3).unwrap(), "wanted at most 2, found 3");
    }

    #[test]
    fn an_expectation_without_a_limit_is_refused() {
        let file: File = toml::from_str("[[expect]]\nname = \"a\"").unwrap();
        assert!(outcomes(&file, &[]).is_err());
        let file: File = toml::from_str("[[expect]]\nname = \"a <b>\"\nexactly = 1\npages = true").unwrap();
        let outcomes = outcomes(&file, &[]).unwrap();
        assert!(report(&outcomes).contains("failures=\"1\""));
        assert!(report(&outcomes).contains("a &lt;b&gt;"));
    }
}
