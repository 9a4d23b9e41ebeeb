//! One sentence made ready: names joined into units, parsed, its words as the rules know them.

use super::mention::{Mention, What};
use super::repair;
use super::tree::Tree;
use crate::lexicon::{Form, fold_into};
use crate::rules::{Lemma, Pattern, Ruleset};
use crate::signal::{Code, Field};
use crate::text::{self, Parser, Pos, Rel, Token};

/// A word, or a whole name.
#[derive(Debug, Clone)]
pub struct Unit {
    /// Bytes of the field's text.
    pub start: usize,
    pub end: usize,
    pub mention: Option<What>,
    /// Lower case, without accents.
    pub folded: String,
    pub is_capital: bool,
}

/// A parsed sentence.
#[derive(Debug)]
pub struct Sentence<'a> {
    pub text: &'a str,
    pub field: Field,
    /// Counts over the article, the title first.
    pub index: usize,
    /// Begins a paragraph of the body, or is the title.
    pub is_lead: bool,
    /// As in [`Position`].
    pub is_odd_case: bool,
    pub start: usize,
    pub end: usize,
    pub units: Vec<Unit>,
    pub lemmas: Vec<Lemma>,
    pub tree: Tree,
}

/// What the parser needs between calls.
#[derive(Default)]
pub struct Workbench {
    scratch: text::ParseScratch,
    parse: text::Parse,
}

/// Where a sentence stands in its article.
#[derive(Clone, Copy)]
pub struct Position<'a> {
    pub text: &'a str,
    pub field: Field,
    pub index: usize,
    pub is_lead: bool,
    /// The words have capitals that tell nothing: a headline, or all lower case.
    pub is_odd_case: bool,
}

impl<'a> Sentence<'a> {
    /// Parses the tokens of one sentence; `mentions` are those within it, token indices from `first`.
    pub fn parse(
        position: Position<'a>,
        tokens: &[Token],
        first: u32,
        mentions: &[Mention],
        rules: &Ruleset,
        bench: &mut Workbench,
    ) -> Sentence<'a> {
        let units = units(position.text, tokens, first, mentions);
        let mut forms: Vec<String> = Vec::new();
        for unit in &units {
            let form = &position.text[unit.start..unit.end];
            let keep = unit.mention.is_some() || !position.is_odd_case;
            forms.push(if keep { form.to_owned() } else { form.to_lowercase() });
        }
        let words: Vec<text::Word<'_>> = units
            .iter()
            .zip(&forms)
            .enumerate()
            .map(|(at, (unit, form))| text::Word {
                form,
                hint: hint(unit)
                    .or_else(|| verb_hint(&units, at, rules, position.is_odd_case))
                    .or_else(|| compound_hint(&units, at))
                    .or_else(|| name_hint(&units, at, position.is_odd_case)),
            })
            .collect();
        Parser::builtin().parse(&words, &mut bench.scratch, &mut bench.parse);
        repair::mend(&mut bench.parse, &units, position.field, rules);
        let tree = Tree::from_parse(&bench.parse);
        let lemmas = units
            .iter()
            .zip(&tree.pos)
            .map(|(unit, pos)| rules.classes.lemmas.get(&text::lemma(&unit.folded, *pos)))
            .collect();
        let start = units.first().map_or(0, |u| u.start);
        let end = units.last().map_or(0, |u| u.end);
        let Position { text, field, index, is_lead, is_odd_case } = position;
        Sentence { text, field, index, is_lead, is_odd_case, start, end, units, lemmas, tree }
    }

    pub fn len(&self) -> usize {
        self.units.len()
    }

    pub fn is(&self, unit: usize, pattern: &Pattern) -> bool {
        pattern.matches_at(&self.lemmas, unit)
    }

    /// The form as a rule would write it: "to", "with".
    pub fn form(&self, unit: usize) -> &str {
        &self.units[unit].folded
    }

    pub fn mention(&self, unit: usize) -> Option<What> {
        self.units[unit].mention
    }

    /// The actor named by the unit itself.
    pub fn actor(&self, unit: usize) -> Option<(Code, Form)> {
        match self.units[unit].mention? {
            What::Actor { code, form } => Some((code, form)),
            What::Person { code, in_office: true, .. } => Some((code, Form::Seat)),
            _ => None,
        }
    }

    /// A capitalised word beside another one, in a sentence whose capitals tell something: "Chief of Naval Operations".
    pub fn is_within_name(&self, unit: usize) -> bool {
        let is_name = |at: usize| {
            self.units.get(at).is_some_and(|u| u.is_capital && u.mention.is_none())
                && self.tree.pos[at] == Pos::Propn
        };
        !self.is_odd_case && is_name(unit) && (unit > 1 && is_name(unit - 1) || unit > 0 && is_name(unit + 1))
    }

    /// The phrase of `head` stands behind a preposition of `pattern`.
    pub fn is_behind(&self, head: usize, pattern: &Pattern) -> bool {
        self.tree.children(head).any(|c| self.tree.rel[c] == Rel::Case && self.is(c, pattern))
    }

    /// Actors named by `units` themselves, each once: no places, none of `not`.
    pub fn actors_of(&self, units: impl IntoIterator<Item = usize>, not: &[Code]) -> Vec<Code> {
        let mut codes = Vec::new();
        for unit in units {
            if let Some((code, form)) = self.actor(unit)
                && form != Form::Place
                && !not.contains(&code)
                && !codes.contains(&code)
            {
                codes.push(code);
            }
        }
        codes
    }

    pub fn has(&self, pattern: &Pattern) -> bool {
        (0..self.len()).any(|unit| pattern.matches_at(&self.lemmas, unit))
    }

    pub fn slice(&self, first: usize, last: usize) -> &'a str {
        &self.text[self.units[first].start..self.units[last].end]
    }
}

fn units(text: &str, tokens: &[Token], first: u32, mentions: &[Mention]) -> Vec<Unit> {
    let mut list = Vec::with_capacity(tokens.len());
    let mut mentions = mentions.iter().peekable();
    let mut at = 0;
    while at < tokens.len() {
        let index = first + at as u32;
        while mentions.peek().is_some_and(|m| m.last < index) {
            mentions.next();
        }
        let mention = mentions.peek().filter(|m| m.first == index);
        let last = mention.map_or(at, |m| ((m.last - first) as usize).min(tokens.len() - 1));
        let (start, end) = (tokens[at].start as usize, tokens[last].end as usize);
        let mut folded = String::new();
        fold_into(&text[start..end], &mut folded);
        let is_capital = text[start..end].chars().next().is_some_and(char::is_uppercase);
        let what = mention.map(|m| m.what);
        list.push(Unit { start, end, mention: what, folded, is_capital });
        at = last + 1;
    }
    list
}

/// Names come to the parser as proper nouns; adjectives are left to the tagger.
fn hint(unit: &Unit) -> Option<Pos> {
    match unit.mention? {
        What::Actor { form: Form::Adjective | Form::Demonym, .. } => None,
        What::Other => unit.is_capital.then_some(Pos::Propn),
        _ => Some(Pos::Propn),
    }
}

/// "high-ranking officials", "so-called drills": a participle with a hyphen before another word is an adjective.
fn compound_hint(units: &[Unit], at: usize) -> Option<Pos> {
    let form = &units[at].folded;
    let is_compound = form.contains('-') && (form.ends_with("ing") || form.ends_with("ed"));
    let next = &units.get(at + 1)?.folded;
    let is_word = next.chars().all(char::is_alphabetic)
        && !matches!(
            next.as_str(),
            "in" | "on" | "by" | "to" | "at" | "and" | "with" | "for" | "the" | "a" | "of"
        );
    (is_compound && is_word).then_some(Pos::Adj)
}

/// An unknown capitalised word behind another one: a part of somebody's name or title.
fn name_hint(units: &[Unit], at: usize, is_odd_case: bool) -> Option<Pos> {
    let before = units.get(at.checked_sub(1)?)?;
    let unit = &units[at];
    let is_part = unit.is_capital
        && unit.mention.is_none()
        && unit.end - unit.start > 2
        && before.is_capital
        && before.end - before.start > 1
        && at > 1;
    (is_part && !is_odd_case).then_some(Pos::Propn)
}

/// "Israel strikes the port", "the two sides agree a truce", "envoy Lars Holm meets with": between somebody who acts and a
/// phrase, a form that may be a plural noun is the verb of a headline's present tense.
fn verb_hint(units: &[Unit], at: usize, rules: &Ruleset, is_odd_case: bool) -> Option<Pos> {
    let unit = &units[at];
    let form = &unit.folded;
    // "Nauru formally re-establishes": an adverb between changes nothing.
    let skips =
        usize::from(at > 1 && units[at - 1].folded.ends_with("ly") && units[at - 1].mention.is_none());
    let (before, next) = (units.get(at.checked_sub(1 + skips)?)?, units.get(at + 1)?);
    let is_word = form.len() > 2 && form.starts_with(char::is_alphabetic);
    if unit.mention.is_some() || unit.is_capital && !is_odd_case || !is_word {
        return None;
    }
    let base = text::lemma(form, Pos::Verb);
    // A word that is no noun of any frame is taken for a verb more readily: "Peru expels senior envoys".
    let noun = rules.classes.lemmas.get(&text::lemma(form, Pos::Noun));
    let is_open = !rules.waits_for(noun, true) && is_plain(&next.folded);
    if !rules.is_verb(form) || !(takes(next) || is_open) {
        return None;
    }
    let lemma_before = rules.classes.lemmas.get(&text::lemma(&before.folded, Pos::Noun));
    let is_plural = before.mention.is_none() && before.folded.ends_with('s');
    let is_organ = rules.grammar.organ.lemmas.contains(&lemma_before)
        || rules.grammar.definite.lemmas.contains(&lemma_before)
        || rules.grammar.pair.lemmas.contains(&lemma_before)
        || rules.grammar.attacker.lemmas.contains(&lemma_before);
    let is_named = match before.mention {
        Some(What::Actor { form, .. }) => !matches!(form, Form::Adjective | Form::Demonym),
        Some(What::Person { .. }) => true,
        Some(_) => false,
        None => before.is_capital && !is_odd_case && at > 2,
    };
    let is_joined = at > 1
        && units[at - 2].folded == "and"
        && !units[at.saturating_sub(8)..at].iter().any(|u| u.folded == "between");
    let is_irregular = *form != base && !["s", "ed", "ing"].iter().any(|tail| form.ends_with(tail));
    let fits = if is_irregular {
        is_named || is_organ
    } else if *form == base {
        is_plural && is_organ || is_named && is_joined
    } else {
        form.ends_with('s') && (is_named || is_organ && !is_plural)
    };
    fits.then_some(Pos::Verb)
}

/// A word that may open an object: no preposition, no auxiliary and no verb that would make the form before it a noun.
fn is_plain(next: &str) -> bool {
    const OTHERS: &[&str] = &[
        "of", "by", "and", "or", "are", "is", "was", "were", "has", "have", "had", "will", "would", "could",
        "may", "might", "who", "which", "as",
    ];
    let is_verb = next.ends_with("ed") || !next.ends_with('s') && text::lemma(next, Pos::Verb) != next;
    next.chars().all(|c| c.is_alphabetic() || c == '-') && !is_verb && !OTHERS.contains(&next)
}

/// What stands behind a verb rather than behind a plural noun.
fn takes(next: &Unit) -> bool {
    const OPENERS: &[&str] = &[
        "southern",
        "northern",
        "eastern",
        "western",
        "central",
        "parts",
        "the",
        "a",
        "an",
        "its",
        "their",
        "his",
        "her",
        "that",
        "to",
        "with",
        "it",
        "two",
        "three",
        "four",
        "five",
        "ten",
        "all",
        "several",
        "new",
        "at",
        "on",
        "off",
        "out",
        "back",
        "up",
        "down",
        "in",
        "into",
        "for",
        "from",
        "over",
        "against",
        "after",
        "during",
        "amid",
        "more",
        "dozens",
        "hundreds",
        "thousands",
        "each",
    ];
    OPENERS.contains(&next.folded.as_str())
        || next.mention.is_some()
        || next.folded.chars().all(|c| c.is_ascii_digit())
}
