//! Two pages of reference are made of what they are about: `docs/configuration.md` of the settings' schema,
//! `docs/alerts.md` of the pack and its tables. `DEMARCHE_WRITE=1` (`scripts/make-references`) writes them; otherwise
//! this says what is not current.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use demarche::assess::{gap, joins, opens};
use demarche::config::{Packs, Settings};
use demarche::signal::Kind;
use serde_json::Value;

use crate::harness::root;

const MADE: &str = "*Made by `scripts/make-references`: do not edit.*\n\n";

/// One cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

/// The definition that a schema points to, itself where it points nowhere.
fn resolved<'a>(schema: &'a Value, all: &'a Value) -> &'a Value {
    let name = schema["$ref"].as_str().and_then(|r| r.strip_prefix("#/$defs/"));
    name.map_or(schema, |name| &all["$defs"][name])
}

/// The type in a word or two; a choice by its values.
fn type_of(schema: &Value, all: &Value) -> String {
    let schema = resolved(schema, all);
    if let Some(values) = schema["enum"].as_array() {
        return values
            .iter()
            .map(|v| format!("`{}`", v.as_str().unwrap_or_default()))
            .collect::<Vec<_>>()
            .join(", ");
    }
    if let Some(list) = schema["oneOf"].as_array() {
        let values: Vec<_> =
            list.iter().filter_map(|o| o["const"].as_str()).map(|v| format!("`{v}`")).collect();
        return if values.is_empty() { "table, see below".into() } else { values.join(", ") };
    }
    let name = |text: &str| match text {
        "array" => format!("list of {}", type_of(&schema["items"], all)),
        "object" => "table".into(),
        other => other.to_owned(),
    };
    match &schema["type"] {
        Value::String(text) => name(text),
        Value::Array(list) => {
            list.iter().filter_map(Value::as_str).filter(|t| *t != "null").map(name).collect()
        }
        _ => String::new(),
    }
}

fn keys(schema: &Value, all: &Value, out: &mut String) {
    let required: Vec<&str> =
        schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let _ = writeln!(out, "| key | type | default | meaning |\n| --- | --- | --- | --- |");
    for (name, key) in schema["properties"].as_object().expect("properties") {
        if name == "type" {
            continue;
        }
        let default = match (&key["default"], required.contains(&name.as_str())) {
            (_, true) => "required".to_owned(),
            (Value::Null, _) => "–".to_owned(),
            (value, _) => format!("`{value}`"),
        };
        let meaning =
            key["description"].as_str().or(resolved(key, all)["description"].as_str()).unwrap_or("");
        let _ =
            writeln!(out, "| `{name}` | {} | {} | {} |", type_of(key, all), cell(&default), cell(meaning));
    }
    out.push('\n');
}

fn configuration() -> String {
    let all = serde_json::to_value(schemars::schema_for!(Settings)).expect("JSON");
    let mut out = format!("# Settings\n\n{MADE}");
    out.push_str(
        "TOML. A file given with `--config` goes on top of the shipped `config/demarche.toml`, then environment variables\n\
         (`DEMARCHE_KAFKA_BROKERS`), then `--set kafka.brokers=host:9092`. Unknown keys are refused with their place.\n\
         `demarche config print` shows what is in force and where each value comes from, `demarche config schema` this page for\n\
         machines. Secrets stand in files of their own.\n\n",
    );
    for (name, section) in all["properties"].as_object().expect("sections") {
        let section = resolved(section, &all);
        let _ = writeln!(out, "## `[{name}]`\n");
        if let Some(text) = section["description"].as_str() {
            let _ = writeln!(out, "{text}\n");
        }
        keys(section, &all, &mut out);
    }
    for variant in all["$defs"]["Sink"]["oneOf"].as_array().expect("sinks") {
        let name = variant["properties"]["type"]["const"].as_str().expect("a name");
        let _ = writeln!(
            out,
            "### A sink of type `{name}`\n\n{}\n",
            variant["description"].as_str().unwrap_or("")
        );
        keys(variant, &all, &mut out);
    }
    let _ = writeln!(out, "### `only` of a sink\n");
    keys(&all["$defs"]["Only"], &all, &mut out);
    out
}

/// Rows of `config/severity.toml` that a kind may meet, in their order.
fn severity_rows(kind: &str, rows: &[toml::Value]) -> String {
    let mut out = String::from("| row | stance | first | next | daily |\n| --- | --- | --- | --- | --- |\n");
    let text =
        |row: &toml::Value, key: &str| row.get(key).and_then(toml::Value::as_str).unwrap_or("–").to_owned();
    let applies = |row: &&toml::Value| {
        let kinds = row.get("kinds").and_then(toml::Value::as_array);
        kinds.is_none_or(|kinds| kinds.iter().any(|k| k.as_str() == Some(kind)))
    };
    for row in rows.iter().filter(applies) {
        let cells: Vec<String> =
            ["id", "stance", "first", "next", "daily"].iter().map(|k| text(row, k)).collect();
        let _ = writeln!(out, "| {} |", cells.join(" | "));
    }
    out
}

fn alerts() -> String {
    let rules = Packs::default().load().unwrap_or_else(|e| panic!("the shipped pack: {e}"));
    let table = std::fs::read_to_string(root().join("config/severity.toml")).expect("the table");
    let table: toml::Table = table.parse().expect("TOML");
    let rows = table["row"].as_array().expect("rows");
    let mut out = format!("# Alerts\n\n{MADE}");
    out.push_str(
        "What each kind of act does: the family whose episode it opens, the severity by the table's rows (the first that fits\n\
         decides; `first`, `next` and `daily` are by how often that side of the pair did it), and the rules of the shipped pack\n\
         that find it. `high` and `critical` page. A rule's id stands in the alert's `rules`; how to read one is in\n\
         [rules.md](rules.md), what to do at night in [operating.md](operating.md).\n\n",
    );
    let mut by_kind = BTreeMap::<&str, Vec<String>>::new();
    for frame in &rules.frames {
        let status = format!("{:?}", frame.status).to_lowercase();
        let mark = if status == "stable" { String::new() } else { format!(" ({status})") };
        by_kind.entry(frame.kind.as_str()).or_default().push(format!("`{}`{mark}", frame.id));
    }
    for kind in Kind::ALL {
        let _ = writeln!(out, "## {kind}\n");
        match opens(*kind) {
            Some(family) => {
                let hours = gap(family) / demarche::article::HOUR;
                let _ = writeln!(
                    out,
                    "Opens an episode of `{family}`, which ends {hours} h after its last new act.\n\n{}",
                    severity_rows(kind.as_str(), rows)
                );
            }
            None => {
                let families: Vec<String> = joins(*kind).iter().map(|f| format!("`{f}`")).collect();
                let _ = writeln!(out, "Opens nothing; joins open episodes of {}.\n", families.join(", "));
            }
        }
        let rules = by_kind.get(kind.as_str()).map_or_else(|| "none".to_owned(), |list| list.join(", "));
        let _ = writeln!(out, "Rules: {rules}.\n");
    }
    out
}

fn write(name: &str, text: &str) {
    std::fs::write(root().join(name), format!("{}\n", text.trim_end())).expect("the file");
}

fn read(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).unwrap_or_default()
}

#[test]
fn the_reference_of_settings_is_current() {
    let text = configuration();
    if std::env::var("DEMARCHE_WRITE").is_ok() {
        write("docs/configuration.md", &text);
    }
    let is_current = read("docs/configuration.md").trim_end() == text.trim_end();
    assert!(is_current, "not current: run scripts/make-references");
}

/// The pack changes with every rule: only what a kind does must be current, `demarche rules list` says the rest.
#[test]
fn the_reference_of_alerts_says_what_each_kind_does() {
    if std::env::var("DEMARCHE_WRITE").is_ok() {
        write("docs/alerts.md", &alerts());
    }
    let text = read("docs/alerts.md");
    for kind in Kind::ALL {
        let section = text.split(&format!("\n## {kind}\n")).nth(1).unwrap_or_default();
        let section = section.split("\n## ").next().unwrap_or_default();
        let does = opens(*kind).map_or("Opens nothing; joins".to_owned(), |family| {
            format!("Opens an episode of `{family}`, which ends {} h", gap(family) / demarche::article::HOUR)
        });
        assert!(
            section.contains(&does),
            "docs/alerts.md on {kind} lacks {does:?}: run scripts/make-references"
        );
    }
}
