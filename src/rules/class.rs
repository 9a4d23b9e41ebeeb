//! Classes of lemmas and the patterns that frames match words with.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};

use super::pack::ClassRow;
use crate::lexicon::{Diagnostic, SourceFile, Vocabulary, WordId};

/// The number of a lemma in [`Classes::lemmas`]; [`WordId::UNKNOWN`] for words that no rule names.
pub type Lemma = WordId;

/// All classes by name, and the lemmas that rules name.
#[derive(Debug, Default)]
pub struct Classes {
    pub lemmas: Vocabulary,
    by_name: FxHashMap<String, Pattern>,
}

/// A set of lemmas and phrases of lemmas, and of what the gazetteer finds.
#[derive(Debug, Default, Clone)]
pub struct Pattern {
    pub lemmas: FxHashSet<Lemma>,
    /// Longer phrases by their first lemma.
    pub phrases: FxHashMap<Lemma, Vec<Vec<Lemma>>>,
    pub takes_treaty: bool,
    pub takes_actor: bool,
    pub takes_group: bool,
    pub takes_bloc: bool,
    pub takes_region: bool,
}

impl Pattern {
    pub fn is_empty(&self) -> bool {
        self.lemmas.is_empty()
            && self.phrases.is_empty()
            && !(self.takes_treaty
                || self.takes_actor
                || self.takes_group
                || self.takes_bloc
                || self.takes_region)
    }

    /// Some word or phrase stands in `lemmas` at `at`.
    pub fn matches_at(&self, lemmas: &[Lemma], at: usize) -> bool {
        let Some(first) = lemmas.get(at) else { return false };
        self.lemmas.contains(first)
            || self
                .phrases
                .get(first)
                .is_some_and(|list| list.iter().any(|phrase| lemmas[at..].starts_with(phrase)))
    }

    fn extend(&mut self, other: &Pattern) {
        self.lemmas.extend(&other.lemmas);
        for (first, list) in &other.phrases {
            self.phrases.entry(*first).or_default().extend(list.iter().cloned());
        }
        self.takes_treaty |= other.takes_treaty;
        self.takes_actor |= other.takes_actor;
        self.takes_group |= other.takes_group;
        self.takes_bloc |= other.takes_bloc;
        self.takes_region |= other.takes_region;
    }

    fn add(&mut self, phrase: Vec<Lemma>) {
        match phrase.as_slice() {
            [] => {}
            [single] => {
                self.lemmas.insert(*single);
            }
            [first, ..] => self.phrases.entry(*first).or_default().push(phrase),
        }
    }
}

/// The rows of each class by its name, with the file that they stand in.
type Rows<'a> = BTreeMap<&'a str, Vec<(&'a SourceFile, &'a [toml::Spanned<String>])>>;

impl Classes {
    /// The class of this name; empty where none has it.
    pub fn get(&self, name: &str) -> Pattern {
        self.by_name.get(name).cloned().unwrap_or_default()
    }

    /// The single words of a class.
    pub fn words(&self, name: &str) -> Vec<String> {
        let pattern = self.get(name);
        let mut words: Vec<String> = self
            .lemmas
            .iter()
            .filter(|(_, id)| pattern.lemmas.contains(id))
            .map(|(w, _)| w.to_owned())
            .collect();
        words.sort();
        words
    }

    /// Takes in the classes of all files; classes may name each other, without circles.
    pub(super) fn take(
        &mut self,
        files: &[(&SourceFile, &BTreeMap<String, ClassRow>)],
        faults: &mut Vec<Diagnostic>,
    ) {
        let mut rows: Rows<'_> = BTreeMap::new();
        for (file, classes) in files {
            for (name, row) in *classes {
                if let Some((other, _)) = rows.get(name.as_str()).and_then(|known| known.first()) {
                    let message = format!("class {name} stands in {} too", other.path);
                    let fault = Diagnostic::error(
                        "class-twice",
                        &file.path,
                        row.first().map_or(0..0, toml::Spanned::span),
                        message,
                    );
                    faults.push(fault.help("classes are common to all files: give it a name of its own"));
                }
                rows.entry(name).or_default().push((file, row));
            }
        }
        let names: Vec<&str> = rows.keys().copied().collect();
        for name in names {
            self.resolve(name, &rows, &mut Vec::new(), faults);
        }
    }

    fn resolve(&mut self, name: &str, rows: &Rows<'_>, path: &mut Vec<String>, faults: &mut Vec<Diagnostic>) {
        if self.by_name.contains_key(name) {
            return;
        }
        path.push(name.to_owned());
        let mut pattern = Pattern::default();
        for (file, words) in rows.get(name).into_iter().flatten() {
            for word in *words {
                let Some(other) = word.get_ref().strip_prefix('@') else {
                    self.add_phrase(&mut pattern, word.get_ref());
                    continue;
                };
                if path.iter().any(|seen| seen == other) {
                    let message = format!("class @{other} takes in itself");
                    faults.push(Diagnostic::error("class-circle", &file.path, word.span(), message));
                    continue;
                }
                if built_in(other).is_none() && !rows.contains_key(other) {
                    faults.push(unknown_class(file, word, other, rows.keys().copied()));
                    continue;
                }
                self.resolve(other, rows, path, faults);
                pattern.extend(&self.named(other));
            }
        }
        path.pop();
        self.by_name.insert(name.to_owned(), pattern);
    }

    /// A pattern of words and `@classes`.
    pub(super) fn pattern(
        &mut self,
        file: &SourceFile,
        words: &[toml::Spanned<String>],
        faults: &mut Vec<Diagnostic>,
    ) -> Pattern {
        let mut pattern = Pattern::default();
        for word in words {
            match word.get_ref().strip_prefix('@') {
                Some(name) if built_in(name).is_some() || self.by_name.contains_key(name) => {
                    pattern.extend(&self.named(name));
                }
                Some(name) => {
                    faults.push(unknown_class(file, word, name, self.by_name.keys().map(String::as_str)));
                }
                None => self.add_phrase(&mut pattern, word.get_ref()),
            }
        }
        pattern
    }

    /// A phrase fits its words, and a name of that text which the gazetteer made one unit.
    fn add_phrase(&mut self, pattern: &mut Pattern, text: &str) {
        let phrase = self.phrase(text);
        if phrase.len() > 1 {
            pattern.lemmas.insert(self.lemmas.add(&crate::lexicon::fold(text)));
        }
        pattern.add(phrase);
    }

    /// The lemmas of a phrase, added where they are new.
    pub(super) fn phrase(&mut self, text: &str) -> Vec<Lemma> {
        phrase_lemmas(text).iter().map(|lemma| self.lemmas.add(lemma)).collect()
    }

    fn named(&self, name: &str) -> Pattern {
        built_in(name).unwrap_or_else(|| self.get(name))
    }
}

/// The words of a rule's phrase as the detector sees them: cut by the tokeniser, folded, in their basic form.
pub(super) fn phrase_lemmas(text: &str) -> Vec<String> {
    let mut segmented = crate::text::Segmented::default();
    crate::text::segment(text, &mut segmented);
    segmented
        .tokens
        .iter()
        .map(|token| {
            let folded = crate::lexicon::fold(token.text(text));
            match folded.as_str() {
                // Plurals that rules may write as newsrooms do; the detector sees their singular.
                "troops" | "talks" | "hostilities" | "waters" | "authorities" | "goods" | "skies"
                | "forces" => crate::text::lemma(&folded, crate::text::Pos::Noun),
                _ => folded,
            }
        })
        .collect()
}

fn built_in(name: &str) -> Option<Pattern> {
    let mut pattern = Pattern::default();
    match name {
        "treaty" => pattern.takes_treaty = true,
        "actor" => pattern.takes_actor = true,
        "group" => pattern.takes_group = true,
        "bloc" => pattern.takes_bloc = true,
        "region" => pattern.takes_region = true,
        _ => return None,
    }
    Some(pattern)
}

fn unknown_class<'a>(
    file: &SourceFile,
    word: &toml::Spanned<String>,
    name: &str,
    known: impl Iterator<Item = &'a str>,
) -> Diagnostic {
    let fault =
        Diagnostic::error("unknown-class", &file.path, word.span(), format!("no class is named @{name}"));
    let mut near: Vec<&str> = known.filter(|k| k.starts_with(&name[..name.len().min(3)])).collect();
    near.sort_unstable();
    match near.first() {
        Some(other) => fault.help(format!("did you mean @{other}?")),
        None => fault.help("classes stand under [class] in any file of rules/"),
    }
}
