//! Who does what to whom around one word: agent, patient, phrases behind prepositions.

use super::entity::Finder;
use super::sentence::Sentence;
use super::tree::{DEPTH_MAX, Tree};
use crate::rules::Grammar;
use crate::text::{Rel, Tag};

/// The grammatical surroundings of a trigger.
#[derive(Clone, Debug, Default)]
pub struct Clause {
    /// Head of the phrase that acts.
    pub agent: Option<usize>,
    /// Head of the phrase that is acted on.
    pub patient: Option<usize>,
    /// The verb that lends its subject to a trigger noun: "launched strikes".
    pub light: Option<usize>,
    pub is_passive: bool,
}

/// Finds the surroundings of the trigger at `unit`.
pub fn around(finder: &Finder<'_>, unit: usize) -> Clause {
    if finder.sentence.tree.is_noun(unit) {
        of_noun(finder, unit)
    } else {
        of_verb(finder.sentence, &finder.rules.grammar, unit)
    }
}

/// A verb with an auxiliary "be", or a participle that hangs on a noun.
pub fn is_passive(sentence: &Sentence<'_>, verb: usize) -> bool {
    let tree = &sentence.tree;
    if tree.child(verb, |rel| matches!(rel, Rel::AuxPass | Rel::NsubjPass)).is_some() {
        return true;
    }
    if sentence.field == crate::signal::Field::Title
        && matches!(tree.tag[verb], Tag::Vbn | Tag::Vbd)
        && lacks_object(sentence, verb)
    {
        return true;
    }
    let bare = tree.child(verb, |rel| matches!(rel, Rel::Aux | Rel::Nsubj | Rel::Obj)).is_none();
    tree.tag[verb] == Tag::Vbn && bare && matches!(tree.rel[verb], Rel::Acl | Rel::Amod | Rel::Advcl)
}

/// "Kabul hit from air": a headline leaves "is" out.
fn lacks_object(sentence: &Sentence<'_>, verb: usize) -> bool {
    let tree = &sentence.tree;
    let ends = verb + 1 >= sentence.len()
        || matches!(
            tree.pos[verb + 1],
            crate::text::Pos::Adp | crate::text::Pos::Punct | crate::text::Pos::Adv
        );
    ends && tree.child(verb, |rel| matches!(rel, Rel::Obj | Rel::Ccomp | Rel::Xcomp)).is_none()
        && tree.child(verb, |rel| rel == Rel::Nsubj).is_some()
}

pub fn of_verb(sentence: &Sentence<'_>, grammar: &Grammar, verb: usize) -> Clause {
    let tree = &sentence.tree;
    let is_passive = is_passive(sentence, verb);
    let mut clause = Clause { is_passive, ..Clause::default() };
    if is_passive {
        clause.agent = tree
            .child(verb, |rel| rel == Rel::OblAgent)
            .or_else(|| by_phrase(sentence, verb))
            .or_else(|| before_hyphen(sentence, verb))
            .or_else(|| by_phrase_near(sentence, verb));
        clause.patient = tree.child(verb, |rel| rel == Rel::NsubjPass).or_else(|| match tree.rel[verb] {
            Rel::Acl | Rel::Amod => tree.governor(verb),
            Rel::Conj => tree.governor(verb).and_then(|g| tree.child(g, |rel| rel == Rel::NsubjPass)),
            _ => tree.child(verb, |rel| rel == Rel::Nsubj),
        });
    } else {
        clause.agent = subject(sentence, grammar, verb, 0);
        clause.patient = object(sentence, verb);
    }
    clause
}

fn by_phrase(sentence: &Sentence<'_>, unit: usize) -> Option<usize> {
    let tree = &sentence.tree;
    tree.children(unit).find(|child| {
        matches!(tree.rel[*child], Rel::Obl | Rel::Nmod | Rel::OblAgent)
            && tree.children(*child).any(|c| tree.rel[c] == Rel::Case && sentence.form(c) == "by")
    })
}

/// "a Danish-brokered truce", "Oman-mediated talks": who stands before the hyphen of a participle acts.
pub fn before_hyphen(sentence: &Sentence<'_>, participle: usize) -> Option<usize> {
    let hyphen = participle.checked_sub(1).filter(|at| sentence.form(*at) == "-")?;
    hyphen.checked_sub(1).filter(|name| sentence.actor(*name).is_some())
}

/// "were sent to the frontier by Peru": the parser hangs "by" on the place; the nearest one before the next clause.
fn by_phrase_near(sentence: &Sentence<'_>, verb: usize) -> Option<usize> {
    let tree = &sentence.tree;
    let mut list = (verb + 1..sentence.len())
        .take_while(|at| !tree.is_verb(*at) && !matches!(sentence.form(*at), ";" | ":" | "\""));
    let by = list.find(|at| sentence.form(*at) == "by" && tree.rel[*at] == Rel::Case)?;
    tree.governor(by).filter(|head| *head > by && tree.is_noun(*head))
}

/// The subject of a verb, through coordination, control and relative clauses.
pub fn subject(sentence: &Sentence<'_>, grammar: &Grammar, verb: usize, depth: usize) -> Option<usize> {
    let tree = &sentence.tree;
    if depth > DEPTH_MAX {
        return None;
    }
    if let Some(own) = tree.child(verb, |rel| rel == Rel::Nsubj) {
        let is_relative = matches!(sentence.form(own), "which" | "who" | "that");
        return match (is_relative, tree.rel[verb]) {
            (true, Rel::AclRelcl) => tree.governor(verb),
            (true, Rel::Conj) => subject_of_governor(sentence, grammar, verb, depth),
            _ => Some(own),
        };
    }
    match tree.rel[verb] {
        Rel::Conj => subject_of_governor(sentence, grammar, verb, depth),
        Rel::Xcomp | Rel::Ccomp => {
            let governor = tree.governor(verb)?;
            let wants_other = sentence.is(governor, &grammar.request)
                || sentence.is(governor, &grammar.accuse)
                || sentence.is(governor, &grammar.see);
            let object = object(sentence, governor).or_else(|| tree.child(governor, |rel| rel == Rel::Iobj));
            match object {
                Some(object) if wants_other => Some(object),
                _ if is_passive(sentence, governor) => {
                    tree.child(governor, |rel| matches!(rel, Rel::NsubjPass | Rel::Nsubj))
                }
                _ => subject(sentence, grammar, governor, depth + 1),
            }
        }
        Rel::Advcl => {
            let governor = tree.governor(verb)?;
            if (sentence.is(governor, &grammar.accuse) || sentence.is(governor, &grammar.request))
                && let Some(object) =
                    object(sentence, governor).or_else(|| asked(sentence, governor).filter(|o| *o < verb))
            {
                return Some(object);
            }
            if is_passive(sentence, governor) {
                return tree.child(governor, |rel| matches!(rel, Rel::NsubjPass | Rel::Nsubj));
            }
            subject(sentence, grammar, governor, depth + 1)
        }
        Rel::Acl => acl_subject(sentence, grammar, verb, depth),
        Rel::AclRelcl => tree.governor(verb),
        Rel::Parataxis if tree.governor(verb).is_some_and(|g| !tree.is_verb(g)) => tree.governor(verb),
        _ => None,
    }
}

/// "called on Peru to", "appealed to both sides to": whom a request goes to.
pub fn asked(sentence: &Sentence<'_>, verb: usize) -> Option<usize> {
    let tree = &sentence.tree;
    tree.children(verb).find(|child| {
        matches!(tree.rel[*child], Rel::Obl | Rel::Nmod | Rel::Obj | Rel::Iobj)
            && tree.children(*child).any(|c| {
                tree.rel[c] == Rel::Case && matches!(sentence.form(c), "on" | "upon" | "to" | "with")
            })
    })
}

fn subject_of_governor(
    sentence: &Sentence<'_>,
    grammar: &Grammar,
    verb: usize,
    depth: usize,
) -> Option<usize> {
    let governor = sentence.tree.governor(verb)?;
    if is_passive(sentence, governor) {
        let tree = &sentence.tree;
        return tree.child(governor, |rel| matches!(rel, Rel::NsubjPass | Rel::Nsubj));
    }
    subject(sentence, grammar, governor, depth + 1)
}

/// "troops crossing": the noun; "its decision to leave", "made an offer to host": whose decision.
fn acl_subject(sentence: &Sentence<'_>, grammar: &Grammar, verb: usize, depth: usize) -> Option<usize> {
    let tree = &sentence.tree;
    let noun = tree.governor(verb)?;
    let is_infinitive = tree.children(verb).any(|c| tree.rel[c] == Rel::Mark && sentence.form(c) == "to");
    if !is_infinitive {
        return Some(noun);
    }
    if let Some(owner) = tree.child(noun, |rel| matches!(rel, Rel::NmodPoss)) {
        return Some(owner);
    }
    if let Some(owner) =
        tree.children(noun).find(|c| sentence.actor(*c).is_some() && tree.rel[*c] != Rel::Nmod)
    {
        return Some(owner);
    }
    let governor = tree.governor(noun)?;
    if tree.is_verb(governor) && matches!(tree.rel[noun], Rel::Obj | Rel::Obl | Rel::Xcomp) {
        return subject(sentence, grammar, governor, depth + 1);
    }
    None
}

/// The object of an active verb, "that" and "which" resolved to their noun.
pub fn object(sentence: &Sentence<'_>, verb: usize) -> Option<usize> {
    let tree = &sentence.tree;
    let own = tree.child(verb, |rel| rel == Rel::Obj);
    match own {
        Some(unit)
            if matches!(sentence.form(unit), "which" | "that" | "whom")
                && tree.rel[verb] == Rel::AclRelcl =>
        {
            tree.governor(verb)
        }
        Some(unit) => Some(unit),
        // "airspace that Iran closed": an object left out of a relative clause that has its own subject.
        None if tree.rel[verb] == Rel::AclRelcl => {
            let own_subject = tree.child(verb, |rel| rel == Rel::Nsubj)?;
            let is_relative = matches!(sentence.form(own_subject), "which" | "who" | "that");
            if is_relative { None } else { tree.governor(verb) }
        }
        None if tree.rel[verb] == Rel::Conj => {
            // "summoned and expelled the envoy": the object may hang on the last of them.
            let governor = tree.governor(verb)?;
            (governor > verb).then(|| tree.child(governor, |rel| rel == Rel::Obj)).flatten()
        }
        None => None,
    }
}

fn of_noun(finder: &Finder<'_>, noun: usize) -> Clause {
    let (sentence, grammar) = (finder.sentence, &finder.rules.grammar);
    let tree = &sentence.tree;
    let patient = tree.children(noun).find(|c| tree.rel[*c] == Rel::Nmod && finder.case_of(*c) == Some("of"));
    let mut clause = Clause {
        patient,
        agent: by_phrase(sentence, noun).or_else(|| patient.and_then(|of| by_phrase(sentence, of))),
        ..Clause::default()
    };
    let mut head = noun;
    for _ in 0..DEPTH_MAX {
        let Some(governor) = tree.governor(head) else { break };
        let rel = tree.rel[head];
        // "put tariffs on Serbia over the invasion": what stands behind such words is not held by the verb.
        let case = finder.case_of(head);
        let is_apart = case.is_some_and(|form| {
            matches!(form, "over" | "for" | "during" | "about" | "against" | "before" | "from" | "by")
        }) || sentence.is_behind(head, &grammar.after);
        if is_apart {
            break;
        }
        if tree.is_verb(governor) {
            let is_held = matches!(rel, Rel::Obj | Rel::Obl | Rel::NsubjPass | Rel::Xcomp);
            if is_held && (sentence.is(governor, &grammar.light) || sentence.is(governor, &grammar.carry)) {
                clause.light = Some(governor);
            }
            break;
        }
        // "a wave of strikes", "a series of attacks", "strikes and shelling"
        if !(rel == Rel::Conj || rel == Rel::Nmod && case.is_none_or(|form| form == "of")) {
            break;
        }
        head = governor;
    }
    if clause.agent.is_none()
        && let Some(light) = clause.light
    {
        clause.agent = of_verb(sentence, grammar, light).agent;
    }
    clause
}

/// The nearest phrase behind preposition `word` below `unit` (clauses of their own left out), or below the
/// light verb of a trigger noun.
pub fn behind(finder: &Finder<'_>, clause: &Clause, unit: usize, word: &str) -> Vec<usize> {
    let tree = &finder.sentence.tree;
    let mut found = Vec::new();
    for top in [Some(unit), clause.light].into_iter().flatten() {
        let agent = clause.agent;
        let after = &finder.rules.grammar.after;
        let enter = |child: usize| {
            let behind_after = finder.sentence.is_behind(child, after);
            Some(child) != agent
                && !(behind_after && finder.case_of(child) != Some(word))
                && !(Tree::is_clause(tree.rel[child]) || tree.rel[child] == Rel::Conj && tree.is_verb(child))
        };
        for below in tree.below(top, &enter) {
            if below != top && finder.case_of(below) == Some(word) {
                found.push(below);
            }
        }
        if !found.is_empty() {
            break;
        }
    }
    found
}
