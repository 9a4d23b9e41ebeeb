//! The plain way to the same words: `serde_json`, sentences by `unicode-segmentation`, and one `aho-corasick` automaton of
//! the names and of the forms of trigger words that the packs hold, with word borders checked. It knows no case, guards,
//! grammar or roles: what it finds is where detection only begins.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use demarche::config::Packs;
use demarche::rules::Ruleset;
use demarche::text::{Pos, forms};
use serde::Deserialize;
use unicode_segmentation::UnicodeSegmentation;

#[derive(Deserialize)]
struct Record {
    title: String,
    body: String,
}

/// The automaton.
pub struct Rival {
    automaton: AhoCorasick,
    pub phrases: usize,
}

impl Rival {
    pub fn new(rules: &Ruleset) -> anyhow::Result<Rival> {
        let phrases = phrases(rules)?;
        let automaton = AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::DFA))
            .match_kind(MatchKind::Standard)
            .ascii_case_insensitive(true)
            .build(&phrases)?;
        Ok(Rival { automaton, phrases: phrases.len() })
    }

    /// JSON in; how many phrases stand in its sentences, as whole words.
    pub fn count(&self, record: &[u8]) -> usize {
        let Ok(record) = serde_json::from_slice::<Record>(record) else { return 0 };
        [&record.title, &record.body].into_iter().map(|text| self.count_in(text)).sum()
    }

    fn count_in(&self, text: &str) -> usize {
        text.unicode_sentences().map(|sentence| self.scan(sentence)).sum()
    }

    /// The scan alone.
    pub fn scan(&self, text: &str) -> usize {
        let is_word = |c: char| c.is_alphanumeric();
        let found = self.automaton.find_overlapping_iter(text);
        found
            .filter(|found| {
                !text[..found.start()].ends_with(is_word) && !text[found.end()..].starts_with(is_word)
            })
            .count()
    }
}

/// Under these keys of the packs of actors and accords stand names.
const NAMES: [&str; 14] = [
    "name",
    "names",
    "short",
    "aliases",
    "adjectives",
    "demonyms",
    "capitals",
    "seats",
    "forces",
    "bodies",
    "places",
    "generic",
    "not-actors",
    "other",
];

/// Names of actors, people, regions and accords, and every form of a trigger word; each once.
fn phrases(rules: &Ruleset) -> anyhow::Result<Vec<String>> {
    let mut list = Vec::new();
    for file in Packs::default().files()? {
        if file.path.starts_with("actors/") || file.path.starts_with("treaties/") {
            collect(&toml::Value::Table(toml::from_str(&file.text)?), false, &mut list);
        }
    }
    for (word, _) in rules.classes.lemmas.iter() {
        let all = [Pos::Verb, Pos::Noun].into_iter().flat_map(|pos| forms(word, pos));
        list.extend(all.filter(|form| rules.is_trigger_form(form)));
    }
    for phrase in &mut list {
        *phrase = phrase.to_lowercase();
    }
    list.sort();
    list.dedup();
    Ok(list)
}

/// The strings below the keys that hold names.
fn collect(value: &toml::Value, is_name: bool, into: &mut Vec<String>) {
    match value {
        toml::Value::String(text) if is_name && !text.is_empty() => into.push(text.clone()),
        toml::Value::Array(list) => list.iter().for_each(|one| collect(one, is_name, into)),
        toml::Value::Table(table) => {
            for (key, one) in table {
                collect(one, NAMES.contains(&key.as_str()), into);
            }
        }
        _ => {}
    }
}
