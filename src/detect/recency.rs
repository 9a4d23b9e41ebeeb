//! News, background or history: how an act's place in time and in the sentence tells.

use super::date::When;
use super::sentence::Sentence;
use super::stance::clause_verb;
use super::tree::{DEPTH_MAX, Tree};
use crate::rules::Ruleset;
use crate::signal::{Kind, Recency, Stance};
use crate::text::{Rel, Tag};

/// Up to here an act is part of the present affair, whatever its place in the sentence.
const PRESENT_DAYS: i64 = 14;
/// Up to here an act counts where it is still in force.
const IN_FORCE_DAYS: i64 = 366;
/// Up to here a main clause tells it as news.
const NEWS_DAYS: i64 = 4;

/// What the time of an act makes of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Age {
    Told(Recency),
    /// Too long ago, or told as history.
    History,
}

/// The age of an act, and the word that told it.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    pub age: Age,
    pub because: &'static str,
    pub day: Option<jiff::civil::Date>,
    /// Dated after publication.
    pub is_ahead: bool,
}

/// Reads the age of the act that `unit` tells.
pub fn read(
    sentence: &Sentence<'_>,
    rules: &Ruleset,
    whens: &[When],
    unit: usize,
    kind: Kind,
    stance: Stance,
) -> Reading {
    // "may meet in January": a month without a year lies ahead of what has not happened.
    let when = nearest(sentence, rules, whens, unit)
        .filter(|when| stance == Stance::Actual || when.has_year || when.days_ago <= PRESENT_DAYS);
    let background = background(sentence, rules, unit, stance);
    let is_ahead = background.is_none() && when.is_some_and(|when| when.days_ago < 0);
    let day = when.and_then(|when| when.day);
    let reading = |age, because| Reading { age, because, day, is_ahead };
    if let Some(when) = when {
        let days = when.days_ago;
        if days > IN_FORCE_DAYS {
            return reading(Age::History, "dated more than a year ago");
        }
        if days > PRESENT_DAYS {
            let lasts = when.is_since || is_perfect(sentence, clause_verb(sentence, unit)) && lasts(kind);
            return if lasts {
                reading(Age::Told(Recency::Recap), "in force for weeks")
            } else {
                reading(Age::History, "dated weeks ago")
            };
        }
        if when.is_since && days > 1 {
            return reading(Age::Told(Recency::Recap), "in force since");
        }
        if days > NEWS_DAYS && !sentence.is_lead {
            return reading(Age::Told(Recency::Recap), "dated days ago");
        }
    }
    match background {
        Some((age, because)) => reading(age, because),
        None => reading(Age::Told(Recency::News), "main clause"),
    }
}

/// Acts of these kinds go on until they are undone.
fn lasts(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::TreatySuspension
            | Kind::TreatyCommitment
            | Kind::SovereigntyClaim
            | Kind::Sanctions
            | Kind::Closure
            | Kind::DiplomaticDowngrade
            | Kind::Seizure
            | Kind::Ceasefire
            | Kind::Normalisation
            | Kind::MilitaryPosture
            | Kind::MediationOffer
    )
}

/// The expression of time that belongs to the act: in its clause, or hanging on it.
fn nearest<'w>(sentence: &Sentence<'_>, rules: &Ruleset, whens: &'w [When], unit: usize) -> Option<&'w When> {
    let tree = &sentence.tree;
    let verb = clause_verb(sentence, unit);
    let belongs = |when: &&When| {
        (when.first..=when.last).any(|at| tree.is_below(at, unit) && own_clause(tree, at, unit))
            || (when.first..=when.last)
                .any(|at| clause_verb(sentence, at) == verb && !in_noun(sentence, at, unit))
    };
    // "recalled its envoy in 2008 after it had been insulted": an old date of the main clause holds for what hangs on it.
    let is_above = |when: &&When| {
        when.days_ago > IN_FORCE_DAYS
            && when.has_year
            && hangs_on(sentence, clause_verb(sentence, when.first), verb)
            && !in_noun(sentence, when.first, unit)
    };
    let belongs = |when: &&When| belongs(when) || is_above(when);
    let is_apart = |when: &&When| dates_another(sentence, rules, when, unit);
    whens
        .iter()
        .filter(|when| !is_apart(when))
        .filter(belongs)
        .max_by_key(|when| (tree.is_below(when.first, unit), -when.days_ago.abs()))
}

/// "the treaty of 1944", "the first visit since the war began in 2011", "until 2026": a date that is not the act's.
fn dates_another(sentence: &Sentence<'_>, rules: &Ruleset, when: &When, unit: usize) -> bool {
    let form = |at: Option<usize>| at.map_or("", |at| sentence.form(at));
    let before = when.first.checked_sub(1);
    if matches!(form(before), "until" | "till" | "through") {
        return true;
    }
    let treaty_before = (when.first.saturating_sub(2)..when.first).any(|at| {
        at != unit
            && (matches!(sentence.mention(at), Some(super::mention::What::Treaty { .. }))
                || sentence.is(at, &rules.grammar.treaty_noun))
    });
    // "the treaty of 1919 was signed" dates the signing.
    let makes = sentence.is(unit, &rules.grammar.enact);
    if treaty_before && form(before) == "of" && !makes {
        return true;
    }
    let since = (when.first.saturating_sub(8)..when.first).rev().find(|at| sentence.form(*at) == "since");
    since.is_some_and(|since| {
        (since.saturating_sub(9)..since).any(|at| sentence.is(at, &rules.grammar.ordinal))
    })
}

/// `verb` tells the time or cause of the clause of `main`.
fn hangs_on(sentence: &Sentence<'_>, main: usize, verb: usize) -> bool {
    let tree = &sentence.tree;
    main != verb && tree.rel[verb] == Rel::Advcl && tree.governor(verb) == Some(main)
}

/// No clause of its own lies between `at` and `above`.
fn own_clause(tree: &Tree, at: usize, above: usize) -> bool {
    let mut here = at;
    for _ in 0..DEPTH_MAX {
        if here == above {
            return true;
        }
        if Tree::is_clause(tree.rel[here]) {
            return false;
        }
        match tree.governor(here) {
            Some(governor) => here = governor,
            None => return false,
        }
    }
    false
}

/// The date describes a noun that is not the act: "the 1972 accord".
fn in_noun(sentence: &Sentence<'_>, at: usize, unit: usize) -> bool {
    let tree = &sentence.tree;
    let mut here = at;
    for _ in 0..DEPTH_MAX {
        let Some(governor) = tree.governor(here) else { return false };
        if governor == unit {
            return false;
        }
        if matches!(
            tree.rel[here],
            Rel::Nummod | Rel::Amod | Rel::Compound | Rel::NmodPoss | Rel::Nmod | Rel::Acl | Rel::Appos
        ) {
            return true;
        }
        if tree.is_verb(governor) {
            return false;
        }
        here = governor;
    }
    false
}

/// "has been", "have": the perfect tells what still holds.
fn is_perfect(sentence: &Sentence<'_>, verb: usize) -> bool {
    let tree = &sentence.tree;
    tree.children(verb)
        .any(|c| tree.rel[c] == Rel::Aux && matches!(sentence.form(c), "has" | "have" | "'s" | "'ve" | "had"))
}

/// "the visit comes amid talk that Peru may leave the accord": what has not happened yet is no earlier act there.
fn comes_amid(sentence: &Sentence<'_>, noun: usize) -> bool {
    let tree = &sentence.tree;
    tree.children(noun).any(|c| tree.rel[c] == Rel::Case && matches!(sentence.form(c), "amid" | "amidst"))
        && tree
            .governor(noun)
            .is_some_and(|verb| matches!(sentence.form(verb), "come" | "comes" | "came" | "coming"))
}

/// Why the act stands in the background, if it does.
fn background(
    sentence: &Sentence<'_>,
    rules: &Ruleset,
    unit: usize,
    stance: Stance,
) -> Option<(Age, &'static str)> {
    let recap = |because| Some((Age::Told(Recency::Recap), because));
    let (tree, grammar) = (&sentence.tree, &rules.grammar);
    let mut at = unit;
    let mut is_reported = false;
    for _ in 0..DEPTH_MAX {
        let rel = tree.rel[at];
        if tree
            .children(at)
            .any(|c| matches!(tree.rel[c], Rel::Mark | Rel::Case) && sentence.is(c, &grammar.after))
            && !(stance == Stance::Prospective && comes_amid(sentence, at))
        {
            return recap("behind after, since or amid");
        }
        if rel == Rel::AclRelcl {
            return recap("in a relative clause");
        }
        if rel == Rel::Acl && tree.tag[at] == Tag::Vbn && at == unit {
            return recap("a participle beside a noun");
        }
        let Some(governor) = tree.governor(at) else { break };
        if sentence.form(governor) == "following" && rel == Rel::Obj {
            return recap("behind after, since or amid");
        }
        if tree.is_noun(governor) && sentence.is(governor, &grammar.history) {
            return Some((Age::History, "told of an anniversary, a book or a film"));
        }
        is_reported |= rel == Rel::Ccomp && sentence.is(governor, &grammar.say);
        at = governor;
    }
    let verb = clause_verb(sentence, unit);
    let has_had = tree.children(verb).any(|c| tree.rel[c] == Rel::Aux && sentence.form(c) == "had");
    if has_had && !is_reported {
        return recap("past perfect");
    }
    let earlier = tree.children(verb).any(|c| tree.rel[c] == Rel::Advmod && sentence.is(c, &grammar.earlier));
    if earlier { recap("told as earlier") } else { None }
}
