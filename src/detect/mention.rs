//! Names in a text: the longest match of the gazetteer whose reading the words around allow.

use rustc_hash::FxHashSet;

use crate::article::Time;
use crate::lexicon::{Case, Entry, Form, Gazetteer, Role, WordId};
use crate::signal::Code;
use crate::text::{CaseClass, Token};

/// A name found in a text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Mention {
    /// First and last token, both within the field.
    pub first: u32,
    pub last: u32,
    pub what: What,
}

/// What a name stands for here.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum What {
    Actor {
        code: Code,
        form: Form,
    },
    /// In office when the article was published, or not.
    Person {
        code: Code,
        role: Role,
        in_office: bool,
    },
    Treaty {
        index: u32,
        is_generic: bool,
    },
    Region {
        index: u32,
    },
    Other,
}

/// The words of one field, looked up and folded.
pub struct Words<'a> {
    pub text: &'a str,
    pub tokens: &'a [Token],
    pub ids: &'a [WordId],
}

/// What the whole article holds: its words, and the full names of people.
#[derive(Default)]
pub struct ArticleWords {
    pub ids: FxHashSet<WordId>,
    pub full_names: FxHashSet<u32>,
}

/// Days for which somebody still acts after the end of a term that the data give, and before its start.
const OFFICE_SLACK_DAYS: i64 = 45;

/// Words between a state and the name of who acts for it: "'s newly elected deputy prime minister".
const TITLE_WORDS_MAX: usize = 6;

/// Finds all names of a field, in order, without overlap.
pub fn find(
    words: &Words<'_>,
    gazetteer: &Gazetteer,
    article: &ArticleWords,
    published: Time,
) -> Vec<Mention> {
    let search = Search { words, gazetteer, article, published };
    let mut found = Vec::new();
    let mut at = 0;
    while at < words.ids.len() {
        match search.longest(at, found.last()) {
            Some((mut length, what)) => {
                if let What::Person { code, .. } = what {
                    length += search.tail(at, length, code);
                }
                found.push(Mention { first: at as u32, last: (at + length - 1) as u32, what });
                at += length;
            }
            None => at += 1,
        }
    }
    found
}

/// Indices of people whose full name stands in the field.
pub fn full_names(words: &Words<'_>, gazetteer: &Gazetteer, into: &mut FxHashSet<u32>) {
    for at in 0..words.ids.len() {
        if !gazetteer.trie.starts_with(words.ids[at]) {
            continue;
        }
        gazetteer.trie.matches(&words.ids[at..], |_, values| {
            for value in values {
                if let Entry::Person { index, is_short: false } = gazetteer.entries[*value as usize] {
                    into.insert(index);
                }
            }
        });
    }
}

/// What names are looked for in, and with.
#[derive(Clone, Copy)]
struct Search<'a, 'w> {
    words: &'a Words<'w>,
    gazetteer: &'a Gazetteer,
    article: &'a ArticleWords,
    published: Time,
}

impl Search<'_, '_> {
    fn longest(self, at: usize, before: Option<&Mention>) -> Option<(usize, What)> {
        let Search { words, gazetteer, article, published } = self;
        if !gazetteer.trie.starts_with(words.ids[at]) {
            return None;
        }
        let mut best = None;
        gazetteer.trie.matches(&words.ids[at..], |length, values| {
            let reading = Reading { words, at, length, gazetteer, article, published, before };
            if let Some(what) = reading.choose(values) {
                best = Some((length, what));
            }
        });
        best
    }

    /// "president Xi" within "president Xi Jinping": how many tokens a name of the same state that starts inside
    /// reaches beyond.
    fn tail(self, at: usize, length: usize, code: Code) -> usize {
        let inside = (1..length).filter_map(|skip| {
            let (reach, what) = self.longest(at + skip, None)?;
            let is_same = matches!(what, What::Person { code: other, .. } if other == code);
            is_same.then(|| (skip + reach).saturating_sub(length))
        });
        inside.max().unwrap_or(0)
    }
}

struct Reading<'a, 'w> {
    words: &'a Words<'w>,
    at: usize,
    length: usize,
    gazetteer: &'a Gazetteer,
    article: &'a ArticleWords,
    published: Time,
    /// The name found last before this one.
    before: Option<&'a Mention>,
}

impl Reading<'_, '_> {
    /// The best reading of the phrase, if one is allowed here.
    fn choose(&self, values: &[u32]) -> Option<What> {
        let mut best: Option<(u8, What)> = None;
        let mut generic = 0;
        for value in values {
            let index = *value as usize;
            if !self.case_allows(self.gazetteer.cases[index]) {
                continue;
            }
            let Some((rank, what)) = self.read(self.gazetteer.entries[index]) else { continue };
            if best.is_none_or(|(known, _)| rank > known) {
                best = Some((rank, what));
            }
            generic += usize::from(matches!(what, What::Treaty { is_generic: true, .. }));
        }
        // "the peace deal" that several accords would claim names none of them.
        best.map(|(_, what)| what)
            .filter(|what| generic < 2 || !matches!(what, What::Treaty { is_generic: true, .. }))
    }

    /// The reading of one entry with its rank: what is surer wins.
    fn read(&self, entry: Entry) -> Option<(u8, What)> {
        match entry {
            Entry::Other => Some((9, What::Other)),
            Entry::Treaty { index, is_generic } => {
                let fits = !is_generic || self.treaty_cued(index) && !self.is_indefinite();
                fits.then_some((8, What::Treaty { index, is_generic }))
            }
            Entry::Region { index } => Some((3, What::Region { index })),
            Entry::Actor { code, form } => {
                let preferred = self.guards(code)?;
                let rank = match form {
                    Form::Name => 6,
                    Form::Capital | Form::Seat | Form::Force | Form::Body => 5,
                    Form::Adjective | Form::Demonym => 4,
                    Form::Place => 2,
                };
                let seen = u8::from(preferred);
                Some((rank + seen, What::Actor { code, form }))
            }
            Entry::Person { index, is_short } => self.person(index, is_short),
        }
    }

    fn person(&self, index: u32, is_short: bool) -> Option<(u8, What)> {
        let person = &self.gazetteer.people[index as usize];
        let known = self.article.full_names.contains(&index);
        let in_office = self.in_office(person.from, person.to);
        let is_vague = person.is_common && (!self.follows_office() || self.precedes_capital());
        if is_short && !known && (is_vague || !in_office || self.follows_capital()) {
            return None;
        }
        // "Spanish prime minister Pedro Sánchez" is not his Colombian namesake, whoever is in office.
        let is_told = self.state_before() == Some(person.code);
        let rank = 4 + u8::from(in_office) * 2 + u8::from(known) + u8::from(is_told) * 3;
        Some((rank, What::Person { code: person.code, role: person.role, in_office }))
    }

    /// A surname behind another capitalised word that is no title is somebody else's: "Sara Netanyahu".
    fn follows_capital(&self) -> bool {
        let Some(before) = self.at.checked_sub(1) else { return false };
        let token = &self.words.tokens[before];
        let text = token.text(self.words.text);
        token.case == CaseClass::Title
            && before > 0
            && self.words.tokens[before].space_before
            && self.words.tokens[self.at].space_before
            && !self.gazetteer.is_title(text)
    }

    /// "envoy Simon Gass" is nobody called Simon: another capitalised word goes on with the name.
    fn precedes_capital(&self) -> bool {
        self.words
            .tokens
            .get(self.at + self.length)
            .is_some_and(|next| next.case == CaseClass::Title && next.space_before)
    }

    /// "President Paz": the office tells that a common surname is meant.
    fn follows_office(&self) -> bool {
        self.at.checked_sub(1).is_some_and(|before| {
            self.words.tokens[self.at].space_before
                && self.gazetteer.is_office(self.words.tokens[before].text(self.words.text))
        })
    }

    /// The state named before a title that leads up to this name: "Spanish prime minister", "Chad's new leader".
    fn state_before(&self) -> Option<Code> {
        let before = self.before?;
        let What::Actor { code, form: Form::Name | Form::Adjective } = before.what else { return None };
        let between = self.words.tokens.get(before.last as usize + 1..self.at)?;
        let is_close = between.len() <= TITLE_WORDS_MAX && self.follows_office();
        is_close.then_some(code)
    }

    fn in_office(&self, from: Option<jiff::civil::Date>, to: Option<jiff::civil::Date>) -> bool {
        let date = self.published.date();
        let slack = jiff::Span::new().days(OFFICE_SLACK_DAYS);
        let starts = from.and_then(|d| d.checked_sub(slack).ok()).is_none_or(|from| date >= from);
        let ends = to.and_then(|d| d.checked_add(slack).ok()).is_none_or(|to| date <= to);
        starts && ends
    }

    /// "a peace treaty" is a new one.
    fn is_indefinite(&self) -> bool {
        self.at.checked_sub(1).is_some_and(|before| {
            matches!(self.words.tokens[before].text(self.words.text), "a" | "an" | "A" | "An" | "new")
        })
    }

    fn treaty_cued(&self, index: u32) -> bool {
        self.gazetteer.treaty_cues[index as usize]
            .iter()
            .any(|cue| cue.iter().all(|id| self.article.ids.contains(id)))
    }

    fn case_allows(&self, case: Case) -> bool {
        let tokens = &self.words.tokens[self.at..self.at + self.length];
        match case {
            Case::Any => true,
            Case::Upper => tokens.iter().all(|t| t.text(self.words.text).chars().all(|c| !c.is_lowercase())),
            Case::Capital => is_capital(tokens[0].text(self.words.text)),
            Case::Whole => {
                let last = tokens[tokens.len() - 1].text(self.words.text);
                !is_capital(tokens[0].text(self.words.text)) || is_capital(last)
            }
        }
    }

    /// `None` where a guard forbids the reading; else whether a guard prefers it.
    fn guards(&self, code: Code) -> Option<bool> {
        let Some(guards) = self.gazetteer.guards_at(&self.words.ids[self.at..self.at + self.length]) else {
            return Some(false);
        };
        let mut preferred = false;
        for guard in guards.iter().filter(|guard| guard.guard.code == Some(code)) {
            if !self.allows(guard) {
                return None;
            }
            preferred |= guard.guard.is_preferred;
        }
        Some(preferred)
    }

    fn allows(&self, guard: &crate::lexicon::CompiledGuard) -> bool {
        let ids = self.words.ids;
        let (before, after) = (&ids[..self.at], &ids[self.at + self.length..]);
        let next = |phrase: &Vec<WordId>| after.starts_with(phrase);
        let prev = |phrase: &Vec<WordId>| before.ends_with(phrase);
        let anywhere = |phrase: &Vec<WordId>| phrase.iter().all(|id| self.article.ids.contains(id));
        !guard.unless_next.iter().any(next)
            && !guard.unless_prev.iter().any(prev)
            && !guard.unless_article.iter().any(anywhere)
            && (guard.only_next.is_empty() || guard.only_next.iter().any(next))
            && (guard.only_prev.is_empty() || guard.only_prev.iter().any(prev))
            && (guard.only_article.is_empty() || guard.only_article.iter().any(anywhere))
            && (!guard.guard.is_capital_only || self.case_allows(Case::Capital))
    }
}

/// Does not begin with a small letter.
fn is_capital(word: &str) -> bool {
    word.chars().next().is_some_and(|c| !c.is_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexicon::{Actors, SourceFile, Treaties};
    use crate::text::{Segmented, segment};

    const NAMES: &str = r#"
        names = ["Colombia Reports"]
        [[actor]]
        code = "COL"
        kind = "state"
        name = "Colombia"
        adjectives = ["Colombian"]
        [[actor]]
        code = "ESP"
        kind = "state"
        name = "Spain"
        adjectives = ["Spanish"]
        [leaders.COL]
        people = [{ name = "Pedro Sánchez", role = "defence-minister", from = "2025-03" }]
        [leaders.ESP]
        people = [{ name = "Pedro Sánchez", short = "Sánchez", role = "head-of-government", from = "2018-06", common = true }]
    "#;

    /// Codes of the people found in `text`, published in 2025.
    fn people(text: &str) -> Vec<String> {
        let code = |what: &What| match what {
            What::Person { code, .. } => Some(code.to_string()),
            _ => None,
        };
        names(text).iter().filter_map(code).collect()
    }

    fn names(text: &str) -> Vec<What> {
        let file = SourceFile { path: "actors/test.toml".into(), text: NAMES.into() };
        let mut gazetteer = Gazetteer::build(Actors::read(&[&file]).unwrap(), Treaties::default());
        gazetteer.set_titles(["minister".to_owned()]);
        gazetteer.set_offices(["minister".to_owned()]);
        let mut segmented = Segmented::default();
        segment(text, &mut segmented);
        let id = |token: &Token| gazetteer.vocabulary.get(&crate::lexicon::fold(token.text(text)));
        let ids: Vec<WordId> = segmented.tokens.iter().map(id).collect();
        let words = Words { text, tokens: &segmented.tokens, ids: &ids };
        let published = "2025-09-08T12:00:00Z".parse().unwrap();
        let found = find(&words, &gazetteer, &ArticleWords::default(), published);
        found.iter().map(|mention| mention.what).collect()
    }

    #[test]
    fn a_state_that_reports_is_no_newspaper() {
        let is_other = |text: &str| names(text).first() == Some(&What::Other);
        assert!(is_other("Colombia Reports wrote on Monday of a truce."));
        assert!(!is_other("Colombia reports on Monday a truce."));
    }

    #[test]
    fn the_state_before_the_title_tells_namesakes_apart() {
        assert_eq!(people("Spanish prime minister Pedro Sánchez accused Israel."), ["ESP"]);
        assert_eq!(people("Colombian defence minister Pedro Sánchez accused Venezuela."), ["COL"]);
    }

    #[test]
    fn an_office_before_a_common_surname_lets_it_count() {
        assert_eq!(people("Prime Minister Sánchez spoke in Madrid."), ["ESP"]);
        assert_eq!(people("Prime Minister Sánchez Galdós spoke in Madrid."), Vec::<String>::new());
        assert_eq!(people("The singer Sánchez spoke in Madrid."), Vec::<String>::new());
    }
}
