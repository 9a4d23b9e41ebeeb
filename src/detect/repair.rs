//! Faults of the parser that names and lexicon lay bare, mended before the tree is read.

use super::date::is_day;
use super::mention::What;
use super::sentence::Unit;
use crate::lexicon::Form;
use crate::rules::Ruleset;
use crate::signal::Field;
use crate::text::{Parse, Pos, Rel, Tag};

/// How far the verb may stand behind a subject that was torn from it.
const REACH: usize = 3;

/// Mends the parse of one sentence in place.
pub fn mend(parse: &mut Parse, units: &[Unit], field: Field, rules: &Ruleset) {
    let mut below = vec![0u64; units.len()];
    for child in 0..units.len() {
        if let Some(head) = parse.governor(child) {
            below[head] |= bit(parse.rel[child]);
        }
    }
    let mut bench = Bench { parse, units, rules, below };
    for unit in 0..units.len() {
        bench.verb_with_a_subject(unit);
        bench.verb_behind_and(unit);
        bench.joined_names(unit);
        bench.subject_torn_away(unit);
        bench.strikes_behind_a_weapon(unit);
        bench.case_of_a_modifier(unit);
        bench.verb_behind_a_relative(unit);
        bench.finite_behind_an_infinitive(unit);
    }
    bench.root_without_a_verb(field);
}

struct Bench<'a> {
    parse: &'a mut Parse,
    units: &'a [Unit],
    rules: &'a Ruleset,
    /// Relations of the children of each unit, as the parser gave them.
    below: Vec<u64>,
}

fn bit(rel: Rel) -> u64 {
    1 << (rel as u64 & 63)
}

impl Bench<'_> {
    fn len(&self) -> usize {
        self.units.len()
    }

    fn form(&self, unit: usize) -> &str {
        self.units.get(unit).map_or("", |u| u.folded.as_str())
    }

    fn head(&self, unit: usize) -> Option<usize> {
        self.parse.governor(unit)
    }

    fn has_child(&self, unit: usize, wanted: &[Rel]) -> bool {
        wanted.iter().any(|rel| self.below[unit] & bit(*rel) != 0)
    }

    fn is_noun(&self, unit: usize) -> bool {
        matches!(self.parse.pos[unit], Pos::Noun | Pos::Propn)
    }

    /// Hangs a unit on another, unless that hangs on it.
    fn hang(&mut self, unit: usize, head: usize, rel: Rel) {
        if self.parse.path(head).any(|at| at == unit) {
            return;
        }
        self.parse.head[unit] = head as u16;
        self.parse.rel[unit] = rel;
    }

    /// Makes a unit the subject of a verb.
    fn hang_subject(&mut self, unit: usize, verb: usize) {
        let is_passive = self.has_child(verb, &[Rel::AuxPass]);
        self.hang(unit, verb, if is_passive { Rel::NsubjPass } else { Rel::Nsubj });
    }

    /// The form may be a verb that some frame or the grammar of speech waits for.
    fn may_be_verb(&self, unit: usize) -> bool {
        self.units[unit].mention.is_none()
            && !self.form(unit).ends_with("ing")
            && self.rules.is_verb(self.form(unit))
    }

    fn make_verb(&mut self, unit: usize) {
        self.parse.pos[unit] = Pos::Verb;
        self.parse.tag[unit] = if self.form(unit).ends_with('s') { Tag::Vbz } else { Tag::Vbp };
    }

    /// "Peru and Chile commence a joint exercise": a noun has no subject and object of its own.
    fn verb_with_a_subject(&mut self, unit: usize) {
        let is_taken_for_noun = self.is_noun(unit) || self.parse.pos[unit] == Pos::Adj;
        if is_taken_for_noun
            && self.has_child(unit, &[Rel::Nsubj])
            && !self.has_child(unit, &[Rel::Cop, Rel::Case, Rel::Det, Rel::NmodPoss, Rel::Aux])
            && self.may_be_verb(unit)
        {
            self.make_verb(unit);
        }
    }

    /// "announces new patrols and warns that": no noun stands between "and" and "that" with an ending in s.
    fn verb_behind_and(&mut self, unit: usize) {
        if unit == 0 || self.parse.pos[unit] != Pos::Noun || !self.form(unit).ends_with('s') {
            return;
        }
        let is_joined = self.form(unit - 1) == "and";
        let takes = matches!(self.form(unit + 1), "that" | "the" | "its" | "a" | "an" | "to" | "their");
        let Some(mut head) = self.head(unit).filter(|_| is_joined && takes && self.may_be_verb(unit)) else {
            return;
        };
        for _ in 0..REACH {
            if self.parse.pos[head] == Pos::Verb {
                self.make_verb(unit);
                self.hang(unit, head, Rel::Conj);
                return;
            }
            let Some(above) = self.head(head) else { return };
            head = above;
        }
    }

    /// "On Wednesday Finland released", "on the fringe of the meeting Finland signed": a name right before a finite verb
    /// without a subject is its subject, not a part of what stands before.
    fn subject_torn_away(&mut self, unit: usize) {
        let hangs = matches!(self.parse.rel[unit], Rel::Flat | Rel::Compound | Rel::Appos | Rel::Nmod);
        if !hangs || !self.acts(unit) || self.has_child(unit, &[Rel::Case]) {
            return;
        }
        let Some(head) = self.head(unit).filter(|head| *head < unit) else { return };
        let is_apart = is_day(self.form(head)) || self.is_noun(head) && self.units[head].mention.is_none();
        let is_phrase = is_day(self.form(head)) || self.has_child(head, &[Rel::Case]);
        if !(is_apart && is_phrase) {
            return;
        }
        let Some(verb) = self.next_verb(unit) else { return };
        if !self.has_child(verb, &[Rel::Nsubj, Rel::NsubjPass]) {
            self.hang_subject(unit, verb);
        }
    }

    /// The finite verb behind a name, with "and another name" between at most.
    fn next_verb(&self, unit: usize) -> Option<usize> {
        let mut at = unit + 1;
        while at < self.len() && at <= unit + 2 * REACH {
            let is_passed = matches!(self.parse.pos[at], Pos::Cconj | Pos::Det | Pos::Adv | Pos::Aux)
                || self.acts(at) && self.parse.pos[at] != Pos::Verb;
            if self.parse.pos[at] == Pos::Verb {
                let has_aux = self.has_child(at, &[Rel::Aux, Rel::AuxPass]);
                let is_finite = has_aux || matches!(self.parse.tag[at], Tag::Vbd | Tag::Vbz | Tag::Vbp);
                return is_finite.then_some(at);
            }
            if !is_passed {
                return None;
            }
            at += 1;
        }
        None
    }

    /// A name of somebody who may act.
    fn acts(&self, unit: usize) -> bool {
        match self.units[unit].mention {
            Some(What::Actor { form, .. }) => !matches!(form, Form::Adjective | Form::Demonym | Form::Place),
            Some(What::Person { .. }) => true,
            _ => false,
        }
    }

    /// "the Danish government and the Finns agreed", "the Navy of A and the Navy of B begin": two names around "and" are
    /// one phrase.
    fn joined_names(&mut self, unit: usize) {
        if self.form(unit) != "and" || unit == 0 {
            return;
        }
        let right = unit + 1 + usize::from(self.form(unit + 1) == "the");
        if right >= self.len() || !self.acts(right) || self.has_child(right, &[Rel::Case]) {
            return;
        }
        let left = unit - 1;
        let is_organ = self.is_noun(left) && self.units[left].mention.is_none() && self.has_name(left);
        if !(self.acts(left) || is_organ) {
            return;
        }
        let (of_left, of_right) = (self.head(left), self.head(right));
        if of_right == Some(left) && matches!(self.parse.rel[right], Rel::Nmod | Rel::Appos | Rel::Compound) {
            self.parse.rel[right] = Rel::Conj;
        } else if self.parse.rel[right] == Rel::Nsubj && of_left.is_none_or(|head| Some(head) == of_right) {
            // The first became the root, or a second subject.
            let Some(verb) = of_right.filter(|verb| *verb > right) else { return };
            if of_left.is_none() {
                self.parse.head[verb] = Parse::ROOT;
                self.parse.rel[verb] = Rel::Root;
            }
            self.hang(left, verb, Rel::Nsubj);
            self.hang(right, left, Rel::Conj);
        }
    }

    fn has_name(&self, noun: usize) -> bool {
        self.parse.children(noun).any(|child| {
            self.units[child].mention.is_some()
                && matches!(self.parse.rel[child], Rel::Amod | Rel::NmodPoss | Rel::Compound)
        })
    }

    /// "died in Danish missile strikes": a plural behind a weapon behind a preposition is a noun, the phrase's head.
    fn strikes_behind_a_weapon(&mut self, unit: usize) {
        const WEAPONS: [&str; 12] = [
            "missile",
            "drone",
            "air",
            "rocket",
            "artillery",
            "mortar",
            "bomb",
            "gun",
            "terror",
            "cyber",
            "naval",
            "tank",
        ];
        if unit == 0 || self.parse.pos[unit] != Pos::Verb || !self.form(unit).ends_with('s') {
            return;
        }
        let weapon = unit - 1;
        if !WEAPONS.contains(&self.form(weapon)) {
            return;
        }
        let first = (0..=weapon)
            .rev()
            .take_while(|at| {
                matches!(
                    self.parse.pos[*at],
                    Pos::Noun | Pos::Propn | Pos::Adj | Pos::Num | Pos::Det | Pos::Cconj
                )
            })
            .last()
            .unwrap_or(weapon);
        let Some(case) = first
            .checked_sub(1)
            .filter(|at| self.parse.pos[*at] == Pos::Adp || self.form(*at) == "following")
        else {
            return;
        };
        let head =
            (0..first).rev().find(|at| matches!(self.parse.pos[*at], Pos::Verb | Pos::Noun | Pos::Propn));
        self.parse.pos[unit] = Pos::Noun;
        self.parse.tag[unit] = Tag::Nns;
        if let Some(head) = head.filter(|head| *head != case) {
            let rel = if self.parse.pos[head] == Pos::Verb { Rel::Obl } else { Rel::Nmod };
            self.hang(unit, head, rel);
        }
        self.hang(case, unit, Rel::Case);
        for at in first..unit {
            match self.parse.pos[at] {
                Pos::Adj => self.hang(at, unit, Rel::Amod),
                Pos::Noun | Pos::Propn => self.hang(at, unit, Rel::Compound),
                Pos::Det => self.hang(at, unit, Rel::Det),
                _ => {}
            }
        }
    }

    /// "between Danish and Swedish forces": the preposition belongs to the forces.
    fn case_of_a_modifier(&mut self, unit: usize) {
        if self.parse.rel[unit] != Rel::Case {
            return;
        }
        let Some(modifier) = self.head(unit).filter(|head| *head > unit) else { return };
        if self.parse.rel[modifier] == Rel::Amod
            && let Some(noun) = self.head(modifier).filter(|noun| *noun > modifier && self.is_noun(*noun))
        {
            self.parse.head[unit] = noun as u16;
        }
    }

    /// "A nurse who had been held in Iran was freed": a verb with its own auxiliary behind a clause of the subject is the
    /// main one.
    fn verb_behind_a_relative(&mut self, verb: usize) {
        let is_finite = self.parse.pos[verb] == Pos::Verb && self.has_child(verb, &[Rel::Aux, Rel::AuxPass]);
        let hangs =
            matches!(self.parse.rel[verb], Rel::Advcl | Rel::Conj | Rel::Ccomp | Rel::Parataxis | Rel::Xcomp);
        if !(is_finite && hangs) || self.has_child(verb, &[Rel::Nsubj, Rel::NsubjPass, Rel::Mark, Rel::Cc]) {
            return;
        }
        let Some(clause) = self.head(verb).filter(|clause| *clause < verb) else { return };
        if !matches!(self.parse.rel[clause], Rel::AclRelcl | Rel::Acl) {
            return;
        }
        let Some(noun) = self.head(clause).filter(|noun| *noun < clause && self.is_noun(*noun)) else {
            return;
        };
        let (head, rel) = (self.parse.head[noun], self.parse.rel[noun]);
        self.parse.head[verb] = head;
        self.parse.rel[verb] = rel;
        self.hang_subject(noun, verb);
    }

    /// "urged them to talk, and volunteers to mediate": a finite verb is joined to a finite one, not to the infinitive.
    fn finite_behind_an_infinitive(&mut self, verb: usize) {
        let is_finite = self.parse.pos[verb] == Pos::Verb
            && matches!(self.parse.tag[verb], Tag::Vbz | Tag::Vbd)
            && self.parse.rel[verb] == Rel::Conj
            && !self.has_child(verb, &[Rel::Nsubj, Rel::NsubjPass]);
        let Some(infinitive) = self.head(verb).filter(|head| is_finite && self.parse.tag[*head] == Tag::Vb)
        else {
            return;
        };
        let above = self.parse.path(infinitive).skip(1).take(REACH * 2).find(|at| {
            self.parse.pos[*at] == Pos::Verb && matches!(self.parse.tag[*at], Tag::Vbz | Tag::Vbd | Tag::Vbp)
        });
        if let Some(above) = above {
            self.hang(verb, above, Rel::Conj);
        }
    }

    /// "A Danish official called on both sides …": a sentence whose root is a noun with a participle has its verb there.
    fn root_without_a_verb(&mut self, field: Field) {
        let Some(root) = (0..self.len()).find(|unit| self.head(*unit).is_none()) else { return };
        if self.parse.pos[root] == Pos::Verb || self.has_child(root, &[Rel::Nsubj, Rel::NsubjPass, Rel::Cop])
        {
            return;
        }
        let verb = self.parse.children(root).find(|child| {
            *child > root
                && self.parse.rel[*child] == Rel::Acl
                && matches!(self.parse.tag[*child], Tag::Vbn | Tag::Vbd)
                && self.form(child + 1) != "by"
                && !self.has_child(*child, &[Rel::AuxPass, Rel::OblAgent])
        });
        let Some(verb) = verb else { return };
        if field == Field::Title && !self.has_child(verb, &[Rel::Obj, Rel::Ccomp]) {
            return;
        }
        let subject = if self.is_noun(root) || self.units[root].mention.is_some() {
            root
        } else {
            match (root + 1..verb).rev().find(|at| self.is_noun(*at)) {
                Some(noun) => noun,
                None => return,
            }
        };
        let behind: Vec<usize> = self.parse.children(root).filter(|child| *child > verb).collect();
        for child in behind {
            self.parse.head[child] = verb as u16;
        }
        self.parse.head[verb] = Parse::ROOT;
        self.parse.rel[verb] = Rel::Root;
        self.parse.tag[verb] = Tag::Vbd;
        self.hang(subject, verb, Rel::Nsubj);
        if subject != root {
            self.hang(root, subject, Rel::Det);
        }
    }
}
