//! An article made ready: text without mark-up, tokens, names, and which sentences are worth a parse.

use rustc_hash::FxHashSet;

use super::mention::{self, ArticleWords, Mention, What, Words};
use crate::article::Article;
use crate::lexicon::{WordId, fold_into};
use crate::rules::{Lemma, Ruleset};
use crate::signal::Field;
use crate::text::{self, CaseClass, Plain, Segmented};

/// One field of the article.
pub struct Part {
    pub field: Field,
    pub plain: Plain,
    pub segmented: Segmented,
    pub ids: Vec<WordId>,
    /// By token: a lemma that rules name, whatever its part of speech; unknown otherwise.
    pub lemmas: Vec<Lemma>,
    /// By token: it may be a trigger.
    triggers: Vec<bool>,
    pub mentions: Vec<Mention>,
    pub is_lower: bool,
    /// Title case or capitals throughout.
    pub is_headline: bool,
}

/// The whole article.
pub struct Document {
    pub parts: Vec<Part>,
    /// All lemmas, for topics.
    pub lemmas: Vec<Lemma>,
}

impl Document {
    pub fn read(article: &Article, rules: &Ruleset) -> Document {
        let mut parts = Vec::new();
        for (field, raw) in [(Field::Title, &article.title), (Field::Body, &article.body)] {
            if !raw.trim().is_empty() {
                parts.push(Part::read(field, raw, rules));
            }
        }
        let mut words = ArticleWords::default();
        for part in &parts {
            words.ids.extend(part.ids.iter().filter(|id| **id != WordId::UNKNOWN));
        }
        for part in &parts {
            let mut names = FxHashSet::default();
            mention::full_names(&part.words(), &rules.gazetteer, &mut names);
            words.full_names.extend(names);
        }
        for part in &mut parts {
            part.mentions = mention::find(&part.words(), &rules.gazetteer, &words, article.published_at);
        }
        let lemmas = parts.iter().flat_map(|part| part.lemmas.iter().copied()).collect();
        Document { parts, lemmas }
    }
}

impl Part {
    fn read(field: Field, raw: &str, rules: &Ruleset) -> Part {
        let plain = Plain::of(raw);
        let mut segmented = Segmented::default();
        text::segment(plain.text(), &mut segmented);
        if field == Field::Body {
            skip_dateline(plain.text(), &mut segmented);
        }
        let (mut ids, mut lemmas, mut triggers) = (Vec::new(), Vec::new(), Vec::new());
        let mut folded = String::new();
        let (mut title, mut lower) = (0usize, 0usize);
        for token in &segmented.tokens {
            fold_into(token.text(plain.text()), &mut folded);
            ids.push(rules.gazetteer.vocabulary.get(&folded));
            lemmas.push(rules.form(&folded));
            triggers.push(rules.is_trigger_form(&folded));
            match token.case {
                CaseClass::Lower if folded.len() > 3 => lower += 1,
                CaseClass::Title | CaseClass::Upper if folded.len() > 3 => title += 1,
                _ => {}
            }
        }
        let is_headline = title > lower * 2 && title + lower >= 3;
        let is_lower = title == 0 && lower > 0;
        Part { field, plain, segmented, ids, lemmas, triggers, mentions: Vec::new(), is_lower, is_headline }
    }

    fn words(&self) -> Words<'_> {
        Words { text: self.plain.text(), tokens: &self.segmented.tokens, ids: &self.ids }
    }

    /// Names within the tokens `first..last`.
    pub fn mentions_in(&self, first: u32, last: u32) -> &[Mention] {
        let from = self.mentions.partition_point(|m| m.first < first);
        let to = self.mentions.partition_point(|m| m.first < last);
        &self.mentions[from..to]
    }

    /// A sentence is worth a parse where it has a trigger, and an actor or something that continues one.
    pub fn is_candidate(&self, first: usize, last: usize, has_context: bool) -> Candidate {
        if !self.triggers[first..last].contains(&true) {
            return Candidate::NoTrigger;
        }
        let named = self.mentions_in(first as u32, last as u32).iter().any(|m| m.what != What::Other);
        if named || has_context { Candidate::Yes } else { Candidate::NoActor }
    }
}

/// How many tokens a dateline may have: "PORT MORESBY, 22 Jan. (Agency) --".
const DATELINE_MAX: usize = 16;

/// Takes "LIMA, May 2 (Agency) -" off the first sentence: where a report was filed is nobody's act.
fn skip_dateline(text: &str, segmented: &mut Segmented) {
    let Some(sentence) = segmented.sentences.first_mut() else { return };
    let tokens = &segmented.tokens[sentence.first as usize..sentence.last as usize];
    let is_word = |token: &text::Token| token.text(text).starts_with(char::is_alphabetic);
    let is_place = tokens.first().is_some_and(|t| t.case == CaseClass::Upper && t.text(text).len() > 2);
    let dash = tokens
        .iter()
        .take(DATELINE_MAX)
        .take_while(|t| !is_word(t) || t.text(text).starts_with(char::is_uppercase))
        .position(|t| matches!(t.text(text), "-" | "--" | "\u{2013}" | "\u{2014}" | ":"));
    let Some(dash) = dash.filter(|at| is_place && at + 2 < tokens.len()) else { return };
    sentence.start = tokens[dash + 1].start;
    sentence.first += dash as u32 + 1;
}

/// Whether a sentence goes to the parser.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Candidate {
    Yes,
    NoTrigger,
    NoActor,
}
