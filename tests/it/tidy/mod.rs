//! What can be checked is a test: which room may know which, what the core never does, sizes, links, commands.
//!
//! Every check lists all its findings as `file:line: what`, so that one run is enough to mend them.

mod docs;
mod source;

use crate::harness::root;
use source::Source;

/// The core: no I/O, no clock, no logging, no async.
const CORE: &[&str] = &["article", "text", "lexicon", "rules", "detect", "signal", "alert", "assess"];

/// Which room may name which others. An arrow that is missing here is one that somebody has to argue for.
const ARROWS: &[(&str, &[&str])] = &[
    ("article", &[]),
    ("text", &[]),
    ("lexicon", &["article", "text", "signal"]),
    ("rules", &["article", "text", "lexicon", "signal"]),
    ("detect", &["article", "text", "lexicon", "rules", "signal"]),
    ("signal", &["article"]),
    ("alert", &["article", "signal"]),
    // `lexicon` for the diagnostics of its tables only.
    ("assess", &["article", "lexicon", "signal", "alert"]),
    ("notify", &["article", "signal", "alert", "config"]),
    ("kafka", &["config"]),
    ("admin", &["article", "signal", "alert", "config", "notify"]),
    ("config", &["article", "text", "lexicon", "rules", "signal", "alert", "assess"]),
];

/// Rooms that wire others together and may name all.
const WIRING: &[&str] = &["daemon", "cli", "lib", "main"];

/// What a core room never touches, as beginnings of paths.
const FORBIDDEN: &[&str] = &[
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "std::time::SystemTime",
    "std::time::Instant",
    "std::io::stdin",
    "std::io::stdout",
    "std::io::stderr",
    "tokio",
    "tracing",
    "rdkafka",
    "reqwest",
    "axum",
    "futures",
    "println",
    "eprintln",
    "dbg",
    "jiff::Timestamp::now",
    "Timestamp::now",
    "jiff::Zoned::now",
    "Zoned::now",
    "SystemTime",
    "Instant",
];

/// Longest file and function, in lines.
const FILE_MAX: usize = 600;
const FUNCTION_MAX: usize = 70;

/// Flat tables, which may be longer: `file` or `file::function`.
const TABLES: &[&str] =
    &["src/text/arc.rs::move_features", "src/daemon/metrics.rs::new", "src/admin/fixture.rs::alert"];

fn sources() -> Vec<Source> {
    let sources = source::sources(root());
    assert!(
        sources.iter().any(|s| CORE.contains(&s.room.as_str())),
        "no source found: the checks check nothing"
    );
    sources
}

fn none(what: &str, findings: Vec<String>) {
    assert!(findings.is_empty(), "{what}:\n  {}\n", findings.join("\n  "));
}

#[test]
fn rooms_know_only_what_the_table_allows() {
    let mut findings = Vec::new();
    for source in sources().iter().filter(|s| !WIRING.contains(&s.room.as_str())) {
        let Some((_, allowed)) = ARROWS.iter().find(|(room, _)| *room == source.room) else {
            findings.push(format!("{}: room `{}` is not in the table of arrows", source.path, source.room));
            continue;
        };
        for (line, path) in source.paths() {
            let Some(other) = path.strip_prefix("crate::").and_then(|p| p.split("::").next()) else {
                continue;
            };
            let is_room = other.starts_with(|c: char| c.is_lowercase()) && other != source.room;
            if is_room && !allowed.contains(&other) {
                findings.push(format!("{}:{line}: `{}` may not know `{other}`", source.path, source.room));
            }
        }
    }
    none("arrows that the design does not have", findings);
}

#[test]
fn the_core_has_no_io_no_clock_no_logging_no_async() {
    let mut findings = Vec::new();
    for source in sources().iter().filter(|s| CORE.contains(&s.room.as_str())) {
        for (line, path) in source.paths() {
            let hit = |f: &&&str| path == **f || path.starts_with(&format!("{f}::"));
            if let Some(what) = FORBIDDEN.iter().find(hit) {
                findings.push(format!("{}:{line}: {what}", source.path));
            }
            if path == "async" || path == "await" {
                findings.push(format!("{}:{line}: {path}", source.path));
            }
        }
    }
    none("the core takes all it knows as arguments", findings);
}

#[test]
fn the_core_does_not_panic() {
    let mut findings = Vec::new();
    let words = ["unwrap", "expect", "panic", "todo", "unimplemented", "unwrap_err", "expect_err"];
    for source in sources().iter().filter(|s| CORE.contains(&s.room.as_str())) {
        let lines: Vec<&str> = source.text.lines().collect();
        for pair in source::tokens(&source.code).windows(2) {
            let (line, word) = pair[0];
            let called = pair[1].1 == "(" || pair[1].1 == "!";
            let argued = (line.saturating_sub(3)..line).any(|l| lines[l].contains("// cannot fail:"));
            if words.contains(&word) && called && !argued {
                findings.push(format!(
                    "{}:{line}: {word} (say why above it: `// cannot fail: ...`)",
                    source.path
                ));
            }
        }
    }
    none("the hot path may not end the process", findings);
}

#[test]
fn files_and_functions_fit_a_reader() {
    let mut findings = Vec::new();
    for source in sources() {
        let lines = source.text.lines().count();
        if lines > FILE_MAX && !TABLES.contains(&source.path.as_str()) {
            findings.push(format!("{}: {lines} lines, more than {FILE_MAX}", source.path));
        }
        for (name, line, lines) in source.functions() {
            if lines > FUNCTION_MAX && !TABLES.contains(&format!("{}::{name}", source.path).as_str()) {
                findings.push(format!(
                    "{}:{line}: fn {name} has {lines} lines, more than {FUNCTION_MAX}",
                    source.path
                ));
            }
        }
    }
    none("too long for a reader (flat tables go to TABLES)", findings);
}

/// Values of `key = "…"` and `key = ["…", …]` in a file or folder of config/; a table's own shape does not matter here.
fn toml_strings(place: &str, keys: &[&str]) -> Vec<String> {
    fn collect(value: &toml::Value, keys: &[&str], wanted: bool, found: &mut Vec<String>) {
        match value {
            toml::Value::String(text) if wanted => found.push(text.clone()),
            toml::Value::Array(items) => items.iter().for_each(|v| collect(v, keys, wanted, found)),
            toml::Value::Table(table) => {
                table.iter().for_each(|(k, v)| collect(v, keys, keys.contains(&k.as_str()), found));
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    let path = root().join("config").join(place);
    let files = if path.is_file() { vec![path] } else { source::files(&path, ".toml") };
    assert!(!files.is_empty(), "no {place} in config/");
    for file in files {
        let text = std::fs::read_to_string(&file).expect("UTF-8");
        let value: toml::Table = text.parse().unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        collect(&toml::Value::Table(value), keys, false, &mut found);
    }
    found
}

#[test]
fn no_country_and_no_treaty_stands_in_the_core() {
    let (mut codes, mut names) = (Vec::new(), Vec::new());
    for region in ["africa", "americas", "asia-pacific", "europe", "middle-east"] {
        let states = format!("actors/states-{region}.toml");
        codes.extend(toml_strings(&states, &["code"]));
        names.extend(toml_strings(&states, &["name", "names", "demonyms", "capitals"]));
        names.extend(toml_strings(&format!("actors/leaders-{region}.toml"), &["name"]));
    }
    names.retain(|n| n.len() > 3);
    assert!(codes.len() > 190 && names.len() > 400, "{} codes, {} names", codes.len(), names.len());
    let treaties = toml_strings("treaties", &["id"]);
    let mut findings = Vec::new();
    for source in sources().iter().filter(|s| CORE.contains(&s.room.as_str())) {
        for (line, literal) in &source.literals {
            let words: Vec<&str> = literal.split(|c: char| !c.is_alphanumeric()).collect();
            let hit = codes.iter().find(|c| words.contains(&c.as_str()));
            let hit = hit.or_else(|| {
                names.iter().find(|n| literal.split(' ').any(|w| w == n.as_str()) || literal == *n)
            });
            if let Some(what) = hit.or_else(|| treaties.iter().find(|t| *t == literal)) {
                findings.push(format!("{}:{line}: {what:?} belongs into config/", source.path));
            }
        }
    }
    none("countries, people and treaties are data", findings);
}
