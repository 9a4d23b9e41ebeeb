//! Layers of settings: shipped, file, environment, flags; the later wins, and each value knows where it comes from.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use toml::{Table, Value};

use super::packs::compiled_in;
use super::settings::{Fault, Settings};
use crate::lexicon::{Diagnostic, SourceFile};

/// Where a value comes from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Origin {
    Shipped,
    File(String),
    Environment(String),
    Flag,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Shipped => f.write_str("shipped"),
            Origin::File(path) => f.write_str(path),
            Origin::Environment(name) => f.write_str(name),
            Origin::Flag => f.write_str("flag"),
        }
    }
}

/// The settings cannot be used; every fault is told.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct SettingsError(pub Vec<String>);

/// The merged settings and where each value comes from.
#[derive(Clone, Debug)]
pub struct Layers {
    pub settings: Settings,
    /// By key: `kafka.brokers`.
    pub origins: BTreeMap<String, Origin>,
}

impl Layers {
    /// The shipped settings, those of `file` on top, then `environment` (`DEMARCHE_KAFKA_BROKERS`; others are left
    /// alone), then `flags` (`kafka.brokers=host:port`).
    ///
    /// # Errors
    /// Every fault with its place.
    pub fn load(
        file: Option<&Path>,
        environment: impl Iterator<Item = (String, String)>,
        flags: &[String],
    ) -> Result<Layers, SettingsError> {
        let shipped = SourceFile {
            path: "demarche.toml".into(),
            text: compiled_in("demarche.toml").unwrap_or_default().to_owned(),
        };
        let mut table = parse(&shipped)?;
        let mut origins = BTreeMap::new();
        keys(&table, "", &mut |key| drop(origins.insert(key, Origin::Shipped)));
        let source = file.map(read).transpose()?;
        if let Some(source) = &source {
            let over = parse(source)?;
            // Faults of the file are told with its lines, before other layers hide them.
            check(&over, source)?;
            keys(&over, "", &mut |key| drop(origins.insert(key, Origin::File(source.path.clone()))));
            merge(&mut table, over);
        }
        let known = known_keys();
        for (name, value) in environment {
            let Some(key) = known.iter().find(|key| variable(key) == name) else { continue };
            set(&mut table, key, value_of(&value));
            origins.insert(key.clone(), Origin::Environment(name));
        }
        for flag in flags {
            let (key, value) = flag
                .split_once('=')
                .ok_or_else(|| SettingsError(vec![format!("--set {flag}: write KEY=VALUE")]))?;
            set(&mut table, key.trim(), value_of(value.trim()));
            origins.insert(key.trim().to_owned(), Origin::Flag);
        }
        let merged = SourceFile { path: "settings".into(), text: table.to_string() };
        let settings: Settings = crate::lexicon::parse_toml(&merged)
            .map_err(|fault: Diagnostic| SettingsError(vec![fault.render(&merged.text)]))?;
        let shown = source.as_ref().unwrap_or(&merged);
        let faults: Vec<String> = settings.faults().iter().map(|fault| place(fault, shown)).collect();
        if faults.is_empty() { Ok(Layers { settings, origins }) } else { Err(SettingsError(faults)) }
    }
}

fn read(path: &Path) -> Result<SourceFile, SettingsError> {
    let text = std::fs::read_to_string(path)
        .map_err(|e| SettingsError(vec![format!("reading {}: {e}", path.display())]))?;
    Ok(SourceFile { path: path.display().to_string(), text })
}

fn parse(source: &SourceFile) -> Result<Table, SettingsError> {
    crate::lexicon::parse_toml(source).map_err(|fault| SettingsError(vec![fault.render(&source.text)]))
}

/// Unknown keys and wrong types of one file: all unknown keys, then the first wrong type.
fn check(table: &Table, source: &SourceFile) -> Result<(), SettingsError> {
    let known = known_keys();
    let mut faults = Vec::new();
    keys(table, "", &mut |key| {
        let is_known = known.contains(&key)
            || key.starts_with("kafka.properties.")
            || known.iter().any(|k| k.starts_with(&format!("{key}.")));
        if !is_known {
            let near = nearest(&key, &known).map(|k| format!("did you mean {k}?")).unwrap_or_default();
            let at = locate(&source.text, &key);
            let fault = Diagnostic::error("settings", &source.path, at, format!("unknown key {key}"));
            faults.push(fault.help(near).render(&source.text));
        }
    });
    if faults.is_empty()
        && let Err(fault) = crate::lexicon::parse_toml::<Settings>(source)
    {
        faults.push(fault.render(&source.text));
    }
    if faults.is_empty() { Ok(()) } else { Err(SettingsError(faults)) }
}

/// Every key of the mirror, also those that are absent unless set.
fn known_keys() -> Vec<String> {
    let schema = schemars::schema_for!(Settings);
    let root = schema.as_value();
    let mut found = Vec::new();
    let properties = |value: &serde_json::Value| -> Vec<(String, serde_json::Value)> {
        let map = value.get("properties").and_then(serde_json::Value::as_object);
        map.map(|m| m.iter().map(|(k, v)| (k.clone(), v.clone())).collect()).unwrap_or_default()
    };
    for (section, value) in properties(root) {
        let reference = value.get("$ref").and_then(serde_json::Value::as_str).unwrap_or_default();
        let definition = root.pointer(reference.trim_start_matches('#')).cloned().unwrap_or_default();
        found.extend(properties(&definition).into_iter().map(|(key, _)| format!("{section}.{key}")));
    }
    found
}

/// `kafka.brokers` → `DEMARCHE_KAFKA_BROKERS`.
fn variable(key: &str) -> String {
    format!("DEMARCHE_{}", key.to_uppercase().replace('.', "_"))
}

/// A value as TOML, or else as a string.
fn value_of(text: &str) -> Value {
    format!("v = {text}")
        .parse::<Table>()
        .ok()
        .and_then(|mut table| table.remove("v"))
        .unwrap_or_else(|| Value::String(text.to_owned()))
}

fn set(table: &mut Table, key: &str, value: Value) {
    // What comes after `kafka.properties.` is one key, dots and all.
    let parts: Vec<&str> = match key.strip_prefix("kafka.properties.") {
        Some(rest) => vec!["kafka", "properties", rest],
        None => key.split('.').collect(),
    };
    let Some((last, folders)) = parts.split_last() else { return };
    let mut at = table;
    for folder in folders {
        let slot = at.entry((*folder).to_owned()).or_insert_with(|| Value::Table(Table::new()));
        if !slot.is_table() {
            *slot = Value::Table(Table::new());
        }
        let Value::Table(next) = slot else { return };
        at = next;
    }
    at.insert((*last).to_owned(), value);
}

fn merge(under: &mut Table, over: Table) {
    for (key, value) in over {
        match (under.get_mut(&key), value) {
            (Some(Value::Table(under)), Value::Table(over)) => merge(under, over),
            (_, value) => drop(under.insert(key, value)),
        }
    }
}

fn keys(table: &Table, above: &str, take: &mut impl FnMut(String)) {
    for (key, value) in table {
        let path = if above.is_empty() { key.clone() } else { format!("{above}.{key}") };
        match value {
            Value::Table(inner) if !inner.is_empty() || above.is_empty() => keys(inner, &path, take),
            _ => take(path),
        }
    }
}

/// The known key that shares the longest beginning with this one.
fn nearest<'a>(key: &str, known: &'a [String]) -> Option<&'a String> {
    let shared = |other: &str| key.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count();
    known
        .iter()
        .max_by_key(|other| shared(other))
        .filter(|other| shared(other) > key.find('.').unwrap_or(0) + 1)
}

/// Where a key stands in a file: behind its section's head, at the beginning of a line.
fn locate(text: &str, key: &str) -> std::ops::Range<usize> {
    let (section, name) = key.split_once('.').unwrap_or(("", key));
    let from = text.find(&format!("[{section}]")).unwrap_or(0);
    let mut at = from;
    for line in text[from..].split_inclusive('\n') {
        let trimmed = line.trim_start();
        let is_key = trimmed.strip_prefix(name).is_some_and(|rest| rest.trim_start().starts_with(['=', '.']));
        if is_key {
            let start = at + (line.len() - trimmed.len());
            return start..start + line.trim_end().len() - (line.len() - trimmed.len());
        }
        at += line.len();
    }
    0..0
}

fn place(fault: &Fault, source: &SourceFile) -> String {
    let Fault(key, what, help) = fault;
    let at = locate(&source.text, key);
    Diagnostic::error("settings", &source.path, at, format!("{key}: {what}")).help(*help).render(&source.text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str, environment: &[(&str, &str)], flags: &[&str]) -> Result<Layers, SettingsError> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("demarche.toml");
        std::fs::write(&path, text).unwrap();
        let environment = environment.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        let flags: Vec<String> = flags.iter().map(|f| (*f).to_owned()).collect();
        Layers::load(Some(&path), environment, &flags)
    }

    #[test]
    fn what_is_shipped_is_the_default() {
        let layers = Layers::load(None, std::iter::empty(), &[]).unwrap();
        assert_eq!(layers.settings, Settings::default());
        layers.settings.policy().unwrap();
        assert_eq!(layers.origins["kafka.brokers"], Origin::Shipped);
    }

    #[test]
    fn the_later_layer_wins_and_is_named() {
        let text = "[kafka]\nbrokers = \"a:1\"\nprefix = \"x\"\nnews = \"n\"\n";
        let environment =
            [("DEMARCHE_KAFKA_BROKERS", "b:2"), ("DEMARCHE_KAFKA_PREFIX", "y"), ("DEMARCHE_X", "z")];
        let flags = ["kafka.brokers=c:3", "kafka.partitions=7", "kafka.properties.security.protocol=ssl"];
        let layers = load(text, &environment, &flags).unwrap();
        let kafka = &layers.settings.kafka;
        assert_eq!((kafka.brokers.as_str(), kafka.prefix.as_str(), kafka.news.as_str()), ("c:3", "y", "n"));
        assert_eq!((kafka.partitions, kafka.properties["security.protocol"].as_str()), (7, "ssl"));
        assert_eq!(layers.origins["kafka.brokers"], Origin::Flag);
        assert_eq!(layers.origins["kafka.prefix"], Origin::Environment("DEMARCHE_KAFKA_PREFIX".into()));
        assert!(layers.origins["kafka.news"].to_string().ends_with("demarche.toml"));
    }

    #[test]
    fn all_faults_are_told_with_their_place() {
        let error = load("[kafka]\nbrokers = \"\"\nfrom = \"noon\"\n", &[], &[]).unwrap_err().to_string();
        assert!(error.contains("demarche.toml:2") && error.contains("demarche.toml:3"), "{error}");
        let error =
            load("[kafka]\nbroker = \"x\"\n[http]\nlissen = \"\"\n", &[], &[]).unwrap_err().to_string();
        assert!(error.contains("kafka.broker") && error.contains("http.lissen"), "{error}");
        assert!(error.contains("did you mean kafka.brokers?"), "{error}");
        let error = load("[kafka]\npartitions = \"four\"\n", &[], &[]).unwrap_err().to_string();
        assert!(error.contains("demarche.toml:2"), "{error}");
    }

    #[test]
    fn secrets_do_not_stand_in_the_open() {
        let text = "[kafka.properties]\n\"sasl.password\" = \"tiger\"\n";
        let error = load(text, &[], &[]).unwrap_err().to_string();
        assert!(error.contains("sasl_password_file"), "{error}");
    }
}
