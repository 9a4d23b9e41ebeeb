//! Who says so: the subject of a verb of saying above the act, or "according to".

use super::clause;
use super::entity::{Finder, Standing};
use super::tree::DEPTH_MAX;
use crate::signal::Speaker;
use crate::text::Rel;

/// The speaker of the clause that `unit` stands in, and whether it is somebody without power over acts.
pub fn of(finder: &Finder<'_>, unit: usize) -> (Option<Speaker>, bool) {
    let (sentence, grammar) = (finder.sentence, &finder.rules.grammar);
    let tree = &sentence.tree;
    let mut at = unit;
    for _ in 0..DEPTH_MAX {
        let rel = tree.rel[at];
        if let Some(governor) = tree.governor(at)
            && rel == Rel::Ccomp
            && (sentence.is(governor, &grammar.say) || sentence.is(governor, &grammar.deny))
        {
            return named(finder, clause::subject(sentence, grammar, governor, 0));
        }
        // "…, the ministry said": the verb of saying hangs on the act.
        let said = tree.children(at).find(|c| {
            sentence.is(*c, &grammar.say) && (tree.rel[*c] == Rel::Parataxis || is_tail(finder, at, *c))
        });
        if let Some(said) = said {
            return named(finder, clause::subject(sentence, grammar, said, 0));
        }
        match tree.governor(at) {
            Some(governor) => at = governor,
            None => break,
        }
    }
    let according = (0..sentence.len()).find(|u| sentence.form(*u) == "according");
    match according.and_then(|u| (u + 1..sentence.len()).find(|n| tree.is_noun(*n))) {
        Some(noun) => named(finder, Some(top_noun(finder, noun))),
        None => (None, false),
    }
}

/// "…, the Danish ministry said" where the parser took it for another clause: a verb of saying behind the act with a
/// subject of its own, joined by nothing and saying nothing else.
fn is_tail(finder: &Finder<'_>, act: usize, said: usize) -> bool {
    let tree = &finder.sentence.tree;
    let has = |wanted: fn(Rel) -> bool| tree.child(said, wanted).is_some();
    said > act
        && matches!(tree.rel[said], Rel::Advcl | Rel::Conj)
        && has(|rel| rel == Rel::Nsubj)
        && !has(|rel| matches!(rel, Rel::Cc | Rel::Ccomp | Rel::Obj | Rel::Xcomp))
        && tree.children(said).all(|c| tree.rel[c] != Rel::Mark || finder.sentence.form(c) == "as")
}

fn top_noun(finder: &Finder<'_>, noun: usize) -> usize {
    let tree = &finder.sentence.tree;
    let mut at = noun;
    for _ in 0..DEPTH_MAX {
        match tree.governor(at) {
            Some(governor)
                if tree.is_noun(governor)
                    && matches!(tree.rel[at], Rel::Compound | Rel::Flat | Rel::NmodPoss | Rel::Amod) =>
            {
                at = governor;
            }
            _ => break,
        }
    }
    at
}

fn named(finder: &Finder<'_>, head: Option<usize>) -> (Option<Speaker>, bool) {
    let Some(head) = head else { return (None, false) };
    let (sentence, tree) = (finder.sentence, &finder.sentence.tree);
    let inner = tree.below(head, &|u| !super::tree::Tree::is_clause(tree.rel[u]) && tree.rel[u] != Rel::Acl);
    let first = inner.iter().copied().min().unwrap_or(head);
    let last = inner.iter().copied().max().unwrap_or(head);
    let is_powerless = inner.iter().any(|u| sentence.is(*u, &finder.rules.grammar.powerless));
    let entity = finder.phrase(head);
    let actor = entity.filter(|e| e.standing == Standing::Itself && e.codes.len() == 1).map(|e| e.codes[0]);
    let name: String = sentence.slice(first, last).chars().take(120).collect();
    (Some(Speaker { name, actor }), is_powerless)
}
