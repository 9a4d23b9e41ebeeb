//! Rust source as the checks see it: comments, literals and tests blanked out, lines kept.

use std::path::{Path, PathBuf};

/// One file below `src/`.
pub struct Source {
    /// As in `src/detect/frame.rs`.
    pub path: String,
    /// The first folder (or file) below `src/`: `detect`.
    pub room: String,
    pub text: String,
    /// `text` without comments, string contents and `#[cfg(test)]` items; same lines.
    pub code: String,
    /// String literals outside tests, with their line.
    pub literals: Vec<(usize, String)>,
}

/// Files below `folder` with this ending, in order of name.
pub fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Ok(entries) = std::fs::read_dir(folder) else { return found };
    for path in entries.map(|e| e.expect("an entry").path()) {
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if path.to_string_lossy().ends_with(ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// All of `src/`, without files that are tests (`tests.rs`, `fixture.rs`, `tests/…`).
pub fn sources(root: &Path) -> Vec<Source> {
    let name = |p: &Path| p.strip_prefix(root).expect("below the root").to_string_lossy().into_owned();
    let is_test = |p: &str| p.ends_with("/tests.rs") || p.ends_with("/fixture.rs") || p.contains("/tests/");
    let read = |p: PathBuf| Source::new(name(&p), std::fs::read_to_string(&p).expect("UTF-8"));
    let all = files(&root.join("src"), ".rs").into_iter();
    all.filter(|p| !is_test(&name(p))).map(read).collect()
}

impl Source {
    pub fn new(path: String, text: String) -> Self {
        let room = path.trim_start_matches("src/").split(['/', '.']).next().unwrap_or_default().to_owned();
        let (code, literals) = blank(&text);
        let (code, tests) = without_tests(&code);
        let literals =
            literals.into_iter().filter(|(line, _)| !tests.iter().any(|t| t.contains(line))).collect();
        Self { path, room, text, code, literals }
    }

    /// How many `super::` lead from this file to the crate: 1 from `src/detect/mod.rs`, 2 from `src/detect/frame.rs`.
    fn depth(&self) -> usize {
        let folders = self.path.matches('/').count();
        if self.path.ends_with("mod.rs") { folders - 1 } else { folders }
    }

    /// All paths that the code names, `use` trees spelt out, as (line, `crate::signal::Kind`).
    pub fn paths(&self) -> Vec<(usize, String)> {
        let tokens = tokens(&self.code);
        let mut found = Vec::new();
        let mut at = 0;
        while at < tokens.len() {
            if tokens[at].1 == "use" {
                at = tree(&tokens, at + 1, "", &mut found);
            } else if is_word(tokens[at].1) {
                let (line, mut path) = (tokens[at].0, tokens[at].1.to_owned());
                while at + 2 < tokens.len() && tokens[at + 1].1 == "::" && is_word(tokens[at + 2].1) {
                    path = format!("{path}::{}", tokens[at + 2].1);
                    at += 2;
                }
                found.push((line, path));
                at += 1;
            } else {
                at += 1;
            }
        }
        let to_crate = format!("{}::", ["super"].repeat(self.depth()).join("::"));
        for (_, path) in &mut found {
            if let Some(rest) = path.strip_prefix(&to_crate) {
                *path = format!("crate::{rest}");
            }
        }
        found
    }

    /// Functions with their first line and number of lines.
    pub fn functions(&self) -> Vec<(String, usize, usize)> {
        let tokens = tokens(&self.code);
        let mut found = Vec::new();
        for (at, window) in tokens.windows(2).enumerate() {
            if window[0].1 != "fn" || !is_word(window[1].1) {
                continue;
            }
            let Some(open) = tokens[at..].iter().position(|t| t.1 == "{" || t.1 == ";") else { continue };
            if tokens[at + open].1 == ";" {
                continue;
            }
            let end = closing(&tokens, at + open);
            found.push((window[1].1.to_owned(), window[0].0, tokens[end].0 + 1 - window[0].0));
        }
        found
    }
}

fn is_word(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphanumeric() || c == '_')
}

/// Words, `::` and single other characters, with their line.
pub fn tokens(code: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    for (number, line) in code.lines().enumerate() {
        let mut rest = line;
        while let Some(first) = rest.chars().next() {
            let length = if is_word(rest) {
                rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len())
            } else if rest.starts_with("::") {
                2
            } else {
                first.len_utf8()
            };
            if !first.is_whitespace() {
                found.push((number + 1, &rest[..length]));
            }
            rest = &rest[length..];
        }
    }
    found
}

/// Spells a `use` tree out from `at`; returns the place after it (`;`, `,` or `}`).
fn tree(tokens: &[(usize, &str)], mut at: usize, prefix: &str, found: &mut Vec<(usize, String)>) -> usize {
    let mut path = prefix.to_owned();
    while at < tokens.len() {
        let (line, token) = tokens[at];
        match token {
            "{" => {
                at += 1;
                while at < tokens.len() && tokens[at].1 != "}" {
                    at = tree(tokens, at, &path, found);
                    if at < tokens.len() && tokens[at].1 == "," {
                        at += 1;
                    }
                }
                return at + 1;
            }
            ";" | "," | "}" => {
                found.push((tokens[at - 1].0, path));
                return at;
            }
            "::" => {
                if !path.is_empty() {
                    path += "::";
                }
            }
            "as" => {
                found.push((line, path));
                let end = tokens[at..].iter().position(|t| [";", ",", "}"].contains(&t.1));
                return end.map_or(tokens.len(), |e| at + e);
            }
            "self" if !prefix.is_empty() => path = path.trim_end_matches("::").to_owned(),
            _ => path += token,
        }
        at += 1;
    }
    at
}

/// Where the brace that opens at `open` closes.
fn closing(tokens: &[(usize, &str)], open: usize) -> usize {
    let mut depth = 0;
    for (at, (_, token)) in tokens.iter().enumerate().skip(open) {
        match *token {
            "{" => depth += 1,
            "}" => {
                depth -= 1;
                if depth == 0 {
                    return at;
                }
            }
            _ => {}
        }
    }
    tokens.len() - 1
}

/// Blanks the items under `#[cfg(test)]`; returns the ranges of their lines too.
fn without_tests(code: &str) -> (String, Vec<std::ops::RangeInclusive<usize>>) {
    let tokens = tokens(code);
    let words = ["#", "[", "cfg", "(", "test", ")", "]"];
    let mut ranges = Vec::new();
    for at in 0..tokens.len().saturating_sub(words.len()) {
        if tokens[at..at + words.len()].iter().map(|t| t.1).ne(words) {
            continue;
        }
        let Some(open) = tokens[at..].iter().position(|t| t.1 == "{" || t.1 == ";") else { continue };
        let end = if tokens[at + open].1 == ";" { at + open } else { closing(&tokens, at + open) };
        ranges.push(tokens[at].0..=tokens[end].0);
    }
    let blanked = |(at, line)| if ranges.iter().any(|r| r.contains(&(at + 1))) { "" } else { line };
    (code.lines().enumerate().map(blanked).collect::<Vec<_>>().join("\n"), ranges)
}

/// Blanks comments and literals; returns the string literals with their line.
fn blank(text: &str) -> (String, Vec<(usize, String)>) {
    let chars: Vec<char> = text.chars().collect();
    let (mut code, mut literals, mut at, mut line) = (String::new(), Vec::new(), 0, 1);
    while at < chars.len() {
        let end = skip(&chars, at);
        if end == at {
            code.push(chars[at]);
            line += usize::from(chars[at] == '\n');
            at += 1;
            continue;
        }
        let piece: String = chars[at..end].iter().collect();
        if !piece.starts_with('/') && !piece.starts_with('\'') {
            let inner = piece.trim_start_matches(['b', 'c', 'r']).trim_matches('#').trim_matches('"');
            literals.push((line, inner.to_owned()));
            code.push_str("\"\"");
        }
        code.extend(piece.chars().filter(|c| *c == '\n'));
        line += piece.matches('\n').count();
        at = end;
    }
    (code, literals)
}

/// The end of the comment or literal that starts at `at`, or `at`.
fn skip(chars: &[char], at: usize) -> usize {
    let ahead = |n: usize| chars.get(at + n).copied().unwrap_or('\0');
    let find = |from: usize, what: &str| {
        let what: Vec<char> = what.chars().collect();
        (from..chars.len()).find(|&i| chars[i..].starts_with(&what)).map_or(chars.len(), |i| i + what.len())
    };
    let in_word = at > 0 && (chars[at - 1].is_alphanumeric() || chars[at - 1] == '_');
    match (ahead(0), ahead(1)) {
        ('/', '/') => find(at, "\n").saturating_sub(1).max(at + 2),
        ('/', '*') => find(at + 2, "*/"),
        ('"', _) => quoted(chars, at),
        ('b' | 'c', '"') if !in_word => quoted(chars, at + 1),
        ('r', '"' | '#') | ('b', 'r') if !in_word => {
            let start = at + if ahead(0) == 'b' { 2 } else { 1 };
            let hashes = chars[start.min(chars.len())..].iter().take_while(|c| **c == '#').count();
            if chars.get(start + hashes) == Some(&'"') {
                find(start + hashes + 1, &format!("\"{}", "#".repeat(hashes)))
            } else {
                at
            }
        }
        ('\'', '\\') => (at + 3..chars.len()).find(|&i| chars[i] == '\'').map_or(chars.len(), |i| i + 1),
        ('\'', _) if ahead(2) == '\'' => at + 3,
        _ => at,
    }
}

fn quoted(chars: &[char], open: usize) -> usize {
    let mut at = open + 1;
    while at < chars.len() && chars[at] != '"' {
        at += if chars[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(chars.len())
}

#[test]
fn the_scanner_sees_code_and_not_what_looks_like_it() {
    let text = "use a::{b, c::{self, d as e}};\n// std::fs\nfn f<'x>(c: char) { g(\"std::net \\\" }\", 'x', '{', r#\"}\"\"#); }\n\
                #[cfg(test)]\nmod tests {\n use std::fs; fn h() { i(\"IND\") }\n}\nfn j() { super::super::k::l() }\n";
    let source = Source::new("src/detect/x.rs".into(), text.into());
    let paths: Vec<String> = source.paths().into_iter().map(|(_, p)| p).collect();
    assert_eq!(paths[..3], ["a::b", "a::c", "a::c::d"]);
    assert!(paths.contains(&"crate::k::l".to_owned()), "{paths:?}");
    assert!(!paths.iter().any(|p| p.starts_with("std")), "{paths:?}");
    let functions: Vec<_> = source.functions().into_iter().map(|(n, _, lines)| (n, lines)).collect();
    assert_eq!(functions, [("f".to_owned(), 1), ("j".to_owned(), 1)]);
    assert_eq!(source.literals.len(), 2, "{:?}", source.literals);
}
