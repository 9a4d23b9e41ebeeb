//! The compiled names: one trie of actors, people, accords, disputed regions and look-alikes.

use jiff::civil::Date;
use rustc_hash::{FxHashMap, FxHashSet};

use super::ambiguous::words;
use super::{Actors, Form, Guard, Role, Treaties, Trie, Vocabulary, WordId};
use crate::signal::Code;

/// What a phrase of the gazetteer stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Entry {
    Actor {
        code: Code,
        form: Form,
    },
    /// Index into [`Gazetteer::people`]; a short form is a surname alone.
    Person {
        index: u32,
        is_short: bool,
    },
    /// Index into [`Gazetteer::treaties`].
    Treaty {
        index: u32,
        is_generic: bool,
    },
    /// Index into [`Gazetteer::regions`].
    Region {
        index: u32,
    },
    /// Holds an actor's name but is something else: a newspaper, a sea, a football club.
    Other,
}

/// Somebody who acts for an actor while in office.
#[derive(Clone, Debug)]
pub struct Person {
    pub code: Code,
    pub role: Role,
    pub from: Option<Date>,
    pub to: Option<Date>,
    /// The short form is too common to count before the full name was seen.
    pub is_common: bool,
}

/// A disputed region or frontier and those to whom it matters.
#[derive(Clone, Debug)]
pub struct Region {
    pub name: String,
    pub sides: Vec<Code>,
    pub is_frontier: bool,
}

/// All names, compiled; immutable and shared.
#[derive(Debug, Default)]
pub struct Gazetteer {
    pub vocabulary: Vocabulary,
    pub trie: Trie,
    pub entries: Vec<Entry>,
    /// Parallel to `entries`: written in capitals only ("US", "IS"), or with a capital first.
    pub cases: Vec<Case>,
    pub people: Vec<Person>,
    pub regions: Vec<Region>,
    pub treaties: Treaties,
    pub actors: Actors,
    /// Name → guards on its readings.
    guards: FxHashMap<Vec<WordId>, Vec<CompiledGuard>>,
    /// By treaty: each cue as words; parties' names are cues too.
    pub treaty_cues: Vec<Vec<Vec<WordId>>>,
    /// Words that stand before a surname: "President", "Minister".
    titles: FxHashSet<String>,
    /// Those that tell an office: "President", not "Mr".
    offices: FxHashSet<String>,
}

/// A guard with its phrases as words of the gazetteer's vocabulary.
#[derive(Debug, Clone)]
pub struct CompiledGuard {
    pub guard: Guard,
    pub unless_next: Vec<Vec<WordId>>,
    pub unless_prev: Vec<Vec<WordId>>,
    pub unless_article: Vec<Vec<WordId>>,
    pub only_next: Vec<Vec<WordId>>,
    pub only_prev: Vec<Vec<WordId>>,
    pub only_article: Vec<Vec<WordId>>,
}

/// How a name must be written to count.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Case {
    Any,
    /// As an acronym: no lower-case letter.
    Upper,
    /// With a capital in front.
    Capital,
    /// Not with a capital in front and none at the last word: "Brazil reports" is no newspaper.
    Whole,
}

impl Gazetteer {
    /// Compiles what was read; `vocabulary` may hold words already.
    pub fn build(actors: Actors, treaties: Treaties) -> Gazetteer {
        let mut gazetteer = Gazetteer::default();
        for row in &actors.names {
            let case = case_of(&row.text, &actors.guards, row.form);
            gazetteer.add(&row.text, Entry::Actor { code: row.code, form: row.form }, case);
        }
        for row in &actors.leaders {
            let index = gazetteer.people.len() as u32;
            let (code, role, from, to) = (row.code, row.role, row.from, row.to);
            gazetteer.people.push(Person { code, role, from, to, is_common: row.is_common });
            for name in &row.names {
                gazetteer.add(name, Entry::Person { index, is_short: false }, Case::Any);
            }
            if let Some(short) = &row.short {
                gazetteer.add(short, Entry::Person { index, is_short: true }, Case::Capital);
            }
        }
        for (names, sides, is_frontier) in &actors.regions {
            let index = gazetteer.regions.len() as u32;
            let name = names.first().cloned().unwrap_or_default();
            gazetteer.regions.push(Region { name, sides: sides.clone(), is_frontier: *is_frontier });
            for name in names {
                gazetteer.add(name, Entry::Region { index }, Case::Any);
            }
        }
        for (index, treaty) in treaties.list.iter().enumerate() {
            let index = index as u32;
            for name in std::iter::once(&treaty.name).chain(&treaty.aliases) {
                let case = if is_acronym(name) { Case::Upper } else { Case::Any };
                gazetteer.add(name, Entry::Treaty { index, is_generic: false }, case);
            }
            for name in &treaty.generic {
                gazetteer.add(name, Entry::Treaty { index, is_generic: true }, Case::Any);
            }
        }
        for name in &actors.not_actors {
            let case = if is_title(name) { Case::Whole } else { Case::Any };
            gazetteer.add(name, Entry::Other, case);
        }
        for guard in &actors.guards {
            gazetteer.add_guard(guard);
        }
        for treaty in &treaties.list {
            let mut cues: Vec<String> = treaty.cues.clone();
            let named = treaty.cues.is_empty();
            for row in actors.names.iter().filter(|row| named && treaty.parties.contains(&row.code)) {
                if matches!(row.form, Form::Name | Form::Adjective | Form::Capital) {
                    cues.push(row.text.clone());
                }
            }
            let cues = cues.iter().map(|cue| gazetteer.ids(cue)).collect();
            gazetteer.treaty_cues.push(cues);
        }
        gazetteer.actors = actors;
        gazetteer.treaties = treaties;
        gazetteer
    }

    /// Guards on the readings of a name.
    pub fn guards_at(&self, name: &[WordId]) -> Option<&[CompiledGuard]> {
        self.guards.get(name).map(Vec::as_slice)
    }

    /// The word can stand before a surname as a title.
    pub fn is_title(&self, word: &str) -> bool {
        self.titles.contains(&super::fold(word))
    }

    /// Sets the words that can stand before a surname.
    pub fn set_titles(&mut self, titles: impl IntoIterator<Item = String>) {
        self.titles = titles.into_iter().collect();
    }

    /// The word tells an office: somebody so called acts for a state.
    pub fn is_office(&self, word: &str) -> bool {
        self.offices.contains(&super::fold(word))
    }

    /// Sets the words that tell an office.
    pub fn set_offices(&mut self, offices: impl IntoIterator<Item = String>) {
        self.offices = offices.into_iter().collect();
    }

    fn add_guard(&mut self, guard: &Guard) {
        let mut ids = |list: &[Vec<String>]| -> Vec<Vec<WordId>> {
            list.iter().map(|phrase| phrase.iter().map(|word| self.vocabulary.add(word)).collect()).collect()
        };
        let compiled = CompiledGuard {
            unless_next: ids(&guard.unless_next),
            unless_prev: ids(&guard.unless_prev),
            unless_article: ids(&guard.unless_article),
            only_next: ids(&guard.only_next),
            only_prev: ids(&guard.only_prev),
            only_article: ids(&guard.only_article),
            guard: guard.clone(),
        };
        let name: Vec<WordId> = guard.name.iter().map(|word| self.vocabulary.add(word)).collect();
        self.guards.entry(name).or_default().push(compiled);
    }

    fn ids(&mut self, text: &str) -> Vec<WordId> {
        words(text).iter().map(|word| self.vocabulary.add(word)).collect()
    }

    fn add(&mut self, text: &str, entry: Entry, case: Case) {
        let ids = self.ids(text);
        let value = self.entries.len() as u32;
        self.entries.push(entry);
        self.cases.push(case);
        self.trie.insert(&ids, value);
    }
}

fn case_of(text: &str, guards: &[Guard], form: Form) -> Case {
    if is_acronym(text) {
        return Case::Upper;
    }
    let folded = words(text);
    let guarded = guards.iter().any(|guard| guard.is_capital_only && guard.name == folded);
    if guarded || form == Form::Place || form == Form::Capital { Case::Capital } else { Case::Any }
}

/// Several words, the last one with a capital: "Brazil Reports".
fn is_title(text: &str) -> bool {
    text.rsplit_once(' ').is_some_and(|(_, last)| last.starts_with(char::is_uppercase))
}

/// Capitals and digits only, no spaces or periods: "US", "IAEA", "M23".
fn is_acronym(text: &str) -> bool {
    text.len() >= 2
        && text.chars().all(|c| c.is_uppercase() || c.is_ascii_digit() || c == '-')
        && text.chars().any(char::is_uppercase)
}
