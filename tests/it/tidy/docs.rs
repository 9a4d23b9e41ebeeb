//! What the documents say: links that resolve, commands that parse.

use std::path::Path;

use super::{none, source};
use crate::harness::daemon::demarche;
use crate::harness::root;

/// The repository's Markdown, without what is ignored.
fn documents() -> Vec<(String, String)> {
    let mut found = Vec::new();
    let top = std::fs::read_dir(root()).expect("the repository").map(|e| e.expect("an entry").path());
    for path in top {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() && !["target", ".git", ".cache"].contains(&name.as_str()) {
            found.extend(source::files(&path, ".md"));
        } else if name.ends_with(".md") {
            found.push(path);
        }
    }
    found.sort();
    let name = |p: &Path| p.strip_prefix(root()).expect("below the root").to_string_lossy().into_owned();
    found.iter().map(|p| (name(p), std::fs::read_to_string(p).expect("UTF-8"))).collect()
}

/// Lines inside and outside of fenced code blocks: (line number, in code, text).
fn lines(text: &str) -> impl Iterator<Item = (usize, bool, &str)> {
    let mut code = false;
    text.lines().enumerate().map(move |(at, line)| {
        let fence = line.trim_start().starts_with("```");
        code ^= fence;
        (at + 1, code || fence, line)
    })
}

/// The anchors of a document, as code hosts make them from its headings.
fn anchors(text: &str) -> Vec<String> {
    let headings = lines(text).filter(|(_, code, line)| !code && line.starts_with('#'));
    let kept = |c: &char| c.is_alphanumeric() || *c == ' ' || *c == '-' || *c == '_';
    headings
        .map(|(_, _, l)| {
            l.trim_start_matches('#').trim().to_lowercase().chars().filter(kept).collect::<String>()
        })
        .map(|heading| heading.replace(' ', "-"))
        .collect()
}

#[test]
fn relative_links_resolve() {
    let mut findings = Vec::new();
    for (name, text) in documents() {
        for (line, code, words) in lines(&text) {
            if code {
                continue;
            }
            for target in words.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
                let target = target.split(' ').next().unwrap_or_default();
                if target.contains("://") || target.starts_with("mailto:") {
                    continue;
                }
                let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
                let path = if file.is_empty() {
                    root().join(&name)
                } else {
                    root().join(&name).with_file_name(file)
                };
                if !path.exists() {
                    findings.push(format!("{name}:{line}: no {target}"));
                } else if !anchor.is_empty() && path.is_file() {
                    let there = std::fs::read_to_string(&path).unwrap_or_default();
                    let is_document = file.is_empty() || file.ends_with(".md");
                    if is_document && !anchors(&there).iter().any(|a| a == anchor) {
                        findings.push(format!("{name}:{line}: no heading #{anchor} in {}", path.display()));
                    }
                }
            }
        }
    }
    none("links that lead nowhere", findings);
}

/// The words of a `demarche …` command in a code block, up to a pipe, redirection or comment; quotes as in a shell.
fn command(line: &str) -> Option<Vec<String>> {
    let line = line.trim().trim_start_matches("$ ");
    let line = line
        .strip_prefix("cargo run -- ")
        .map(|rest| format!("demarche {rest}"))
        .unwrap_or_else(|| line.into());
    let start = line.split('|').map(str::trim).find(|part| part.starts_with("demarche "))?.to_owned();
    let (mut words, mut word, mut quote, mut some) = (Vec::new(), String::new(), None, false);
    for c in start.chars().chain([' ']) {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (None, '\'' | '"') => (quote, some) = (Some(c), true),
            (None, ' ') => {
                if some || !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                some = false;
            }
            (None, '#' | '>' | '<' | ';' | '&') if word.is_empty() => break,
            (None, '\\') => {}
            (_, c) => word.push(c),
        }
    }
    Some(words)
}

/// With `--help` behind it, clap reads what stands before, refuses what it does not know, and runs nothing.
#[test]
fn commands_in_the_documents_parse() {
    let mut findings = Vec::new();
    for (name, text) in documents() {
        for (line, code, words) in lines(&text) {
            let Some(command) = code.then(|| command(words)).flatten() else { continue };
            let placeholder = |w: &String| w.contains(['[', ']', '…']);
            if command.iter().any(placeholder) {
                continue;
            }
            let output = demarche().args(&command[1..]).arg("--help").output().expect("the binary runs");
            if !output.status.success() {
                let why = String::from_utf8_lossy(&output.stderr);
                findings.push(format!(
                    "{name}:{line}: {}: {}",
                    words.trim(),
                    why.lines().next().unwrap_or_default()
                ));
            }
        }
    }
    none("commands that the program does not know", findings);
}

#[test]
fn a_command_is_read_as_a_shell_reads_it() {
    let words = command("$ cat feed.ndjson | demarche detect --records all 'a b' # what it prints")
        .expect("a command");
    assert_eq!(words, ["demarche", "detect", "--records", "all", "a b"]);
    assert_eq!(command("kcat -b x"), None);
}
