//! Noun phrases → actors: who stands for which state, and how much.

use super::context::Context;
use super::mention::What;
use super::sentence::Sentence;
use super::tree::DEPTH_MAX;
use crate::lexicon::{ActorKind, Form};
use crate::rules::Ruleset;
use crate::signal::Code;
use crate::text::{Pos, Rel};

/// How a noun phrase stands for its actors, weakest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Standing {
    /// An opposition, a party, a former minister: in the state, not for it.
    Nobody,
    /// A place within the state.
    Place,
    /// A thing or a person of the state: its ship, its citizen.
    Thing,
    /// The state, its government, forces or people in office.
    Itself,
}

/// Actors that a noun phrase stands for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entity {
    pub codes: Vec<Code>,
    pub standing: Standing,
    /// Found through a pronoun or a definite phrase.
    pub is_guess: bool,
}

impl Entity {
    fn of(codes: Vec<Code>, standing: Standing) -> Option<Entity> {
        (!codes.is_empty()).then_some(Entity { codes, standing, is_guess: false })
    }

    fn guess(codes: Vec<Code>) -> Option<Entity> {
        (!codes.is_empty()).then_some(Entity { codes, standing: Standing::Itself, is_guess: true })
    }
}

/// Reads noun phrases of one sentence.
pub struct Finder<'s> {
    pub sentence: &'s Sentence<'s>,
    pub rules: &'s Ruleset,
    pub context: &'s Context,
}

/// Relations that hold a noun phrase together around its head.
fn is_inner(rel: Rel) -> bool {
    matches!(rel, Rel::Compound | Rel::Flat | Rel::Amod | Rel::NmodPoss | Rel::Appos | Rel::Nummod)
}

impl Finder<'_> {
    /// The actors of the phrase headed by `head`, those joined by "and" included.
    pub fn phrase(&self, head: usize) -> Option<Entity> {
        let mut found = self.single(head);
        let tree = &self.sentence.tree;
        let joins = |c: &usize| {
            tree.rel[*c] == Rel::Conj && !tree.is_verb(*c)
                || tree.children(*c).any(|k| tree.rel[k] == Rel::Case && self.sentence.form(k) == "including")
        };
        let mut others: Vec<usize> = tree.children(head).filter(|c| joins(c)).collect();
        let deeper: Vec<usize> =
            others.iter().flat_map(|o| tree.children(*o).filter(|c| joins(c)).collect::<Vec<_>>()).collect();
        others.extend(deeper);
        for other in others {
            let Some(entity) = self.single(other) else { continue };
            match &mut found {
                Some(first) if first.standing == entity.standing || entity.standing >= Standing::Thing => {
                    add(&mut first.codes, &entity.codes);
                }
                Some(_) => {}
                None => found = Some(entity),
            }
        }
        found
    }

    /// The actors of the phrase headed by `head` alone.
    pub fn single(&self, head: usize) -> Option<Entity> {
        let sentence = self.sentence;
        if let Some(entity) = self.named(head) {
            return Some(entity);
        }
        let grammar = &self.rules.grammar;
        if sentence.tree.pos[head] == Pos::Pron || is_pronoun(sentence.form(head)) {
            return self.pronoun(head);
        }
        if sentence.is(head, &grammar.nobody) {
            return Entity::of(self.owners(head), Standing::Nobody);
        }
        if sentence.is(head, &grammar.attacker) {
            return self.attackers(head);
        }
        if let Some(entity) = self.apposed(head) {
            return Some(entity);
        }
        let owners = self.owners(head);
        if !owners.is_empty() {
            let standing = self.standing(head);
            return Entity::of(owners, standing);
        }
        self.titled(head).or_else(|| self.definite(head))
    }

    /// "Kiribatian President Taneti Mamau" where the parser tore the name apart: actor and office right before it.
    fn titled(&self, head: usize) -> Option<Entity> {
        let (sentence, grammar) = (self.sentence, &self.rules.grammar);
        if sentence.tree.pos[head] != Pos::Propn {
            return None;
        }
        let (mut codes, mut has_office, mut is_nobody) = (Vec::new(), false, false);
        for unit in (head.saturating_sub(7)..head).rev() {
            let is_part = sentence.tree.is_noun(unit)
                || matches!(sentence.tree.pos[unit], Pos::Adj | Pos::Part)
                || matches!(sentence.form(unit), "of" | "for" | "the" | "and" | "'s");
            if !is_part || sentence.tree.is_verb(unit) {
                break;
            }
            has_office |= sentence.is(unit, &grammar.organ) || sentence.is(unit, &grammar.official);
            is_nobody |= sentence.is(unit, &grammar.nobody);
            if let Some((code, _)) = sentence.actor(unit) {
                add(&mut codes, &[code]);
                break;
            }
        }
        let standing = if is_nobody || self.is_former(head) { Standing::Nobody } else { Standing::Itself };
        if has_office || is_nobody { Entity::of(codes, standing) } else { None }
    }

    /// "the leader's sister, Kim Yo-jong": somebody in office, named beside a noun that says less.
    fn apposed(&self, head: usize) -> Option<Entity> {
        let tree = &self.sentence.tree;
        let beside = tree.children(head).find(|c| {
            matches!(tree.rel[*c], Rel::Appos | Rel::Flat)
                && matches!(self.sentence.mention(*c), Some(What::Person { in_office: true, .. }))
        })?;
        self.named(beside).filter(|entity| entity.standing == Standing::Itself)
    }

    /// The unit is a name itself.
    fn named(&self, head: usize) -> Option<Entity> {
        match self.sentence.mention(head)? {
            What::Actor { code, form } => {
                let code = match form {
                    Form::Seat | Form::Body | Form::Force => self.adjective_before(head).unwrap_or(code),
                    _ => code,
                };
                let standing = match form {
                    Form::Name | Form::Capital | Form::Seat | Form::Force | Form::Body => Standing::Itself,
                    Form::Adjective | Form::Demonym => Standing::Thing,
                    Form::Place => Standing::Place,
                };
                Entity::of(vec![code], standing)
            }
            What::Person { code, in_office, .. } => {
                let former = self.is_former(head);
                let standing = if in_office && !former { Standing::Itself } else { Standing::Nobody };
                Entity::of(vec![code], standing)
            }
            _ => None,
        }
    }

    /// "the Russian Ministry of Defence": the adjective tells whose it is.
    fn adjective_before(&self, head: usize) -> Option<Code> {
        let before = head.checked_sub(1)?;
        let unit = if self.sentence.form(before) == "'s" { before.checked_sub(1)? } else { before };
        self.sentence.actor(unit).map(|(code, _)| code)
    }

    fn is_former(&self, head: usize) -> bool {
        let sentence = self.sentence;
        let from = head.saturating_sub(4);
        (from..head).any(|unit| {
            matches!(sentence.form(unit), "former" | "ex" | "late" | "then" | "ousted" | "-elect" | "elect")
        })
    }

    /// Owners of a phrase: possessors, adjectives and compounds that name actors, "of X" behind it.
    pub fn owners(&self, head: usize) -> Vec<Code> {
        self.owners_by(head, "of")
            .or_else(|| self.owners_by(head, "from"))
            .unwrap_or_else(|| self.neighbours(head))
    }

    /// Owners inside the phrase and behind `case`, if there are any.
    fn owners_by(&self, head: usize, case: &str) -> Option<Vec<Code>> {
        let tree = &self.sentence.tree;
        let enter = |unit: usize| {
            let rel = tree.rel[unit];
            is_inner(rel)
                || rel == Rel::Nmod && self.case_of(unit) == Some(case)
                || rel == Rel::Nmod && self.is_seat_in(head, unit)
                || rel == Rel::Conj
                    && tree
                        .governor(unit)
                        .is_some_and(|g| g != head && (is_inner(tree.rel[g]) || tree.rel[g] == Rel::Nmod))
        };
        let mut codes = Vec::new();
        let mut parts = tree.below(head, &enter);
        parts.sort_unstable();
        for unit in parts {
            match self.sentence.mention(unit) {
                Some(What::Actor { code, .. }) => add(&mut codes, &[code]),
                Some(What::Person { code, in_office: true, .. }) if unit != head => add(&mut codes, &[code]),
                // "a Danish-led force" is Danish; "Danish-backed rebels" are not.
                None if self.sentence.form(unit) == "led" => {
                    let leader = super::clause::before_hyphen(self.sentence, unit);
                    if let Some((code, _)) = leader.and_then(|leader| self.sentence.actor(leader)) {
                        add(&mut codes, &[code]);
                    }
                }
                None if unit != head && is_possessive(self.sentence.form(unit)) => {
                    if let Some(entity) = self.pronoun(unit) {
                        add(&mut codes, &entity.codes);
                    }
                }
                _ => {}
            }
        }
        (!codes.is_empty()).then_some(codes)
    }

    /// "the foreign ministry in Lima": what sits in a capital is its state's.
    fn is_seat_in(&self, head: usize, unit: usize) -> bool {
        self.sentence.is(head, &self.rules.grammar.ministry)
            && self.case_of(unit) == Some("in")
            && matches!(self.sentence.mention(unit), Some(What::Actor { form: Form::Capital, .. }))
    }

    /// Owners by position alone, where the parser found none: the words right before the head, "of X" right behind.
    fn neighbours(&self, head: usize) -> Vec<Code> {
        let (sentence, tree) = (self.sentence, &self.sentence.tree);
        if !tree.is_noun(head) {
            return Vec::new();
        }
        for unit in (head.saturating_sub(4)..head).rev() {
            if let Some((code, _)) = sentence.actor(unit) {
                return vec![code];
            }
            let is_part = matches!(tree.pos[unit], Pos::Adj | Pos::Noun | Pos::Propn | Pos::Num)
                || sentence.form(unit) == "'s";
            if !is_part {
                break;
            }
        }
        if head + 1 < sentence.len() && sentence.form(head + 1) == "of" {
            for unit in head + 2..(head + 5).min(sentence.len()) {
                if let Some((code, _)) = sentence.actor(unit) {
                    return vec![code];
                }
                if !matches!(tree.pos[unit], Pos::Det | Pos::Adj | Pos::Noun | Pos::Propn | Pos::Num) {
                    break;
                }
            }
        }
        Vec::new()
    }

    fn standing(&self, head: usize) -> Standing {
        let (sentence, grammar, tree) = (self.sentence, &self.rules.grammar, &self.sentence.tree);
        let mut inner = tree.below(head, &|unit| is_inner(tree.rel[unit]));
        // "Kiribatian President Taneti Mamau" torn apart: the words right before the head belong to it.
        inner.extend((head.saturating_sub(4)..head).rev().take_while(|unit| {
            matches!(tree.pos[*unit], Pos::Adj | Pos::Noun | Pos::Propn) || sentence.form(*unit) == "'s"
        }));
        // "his country", "its government": as good as a name.
        if sentence.is(head, &grammar.definite)
            && tree.children(head).any(|c| is_possessive(sentence.form(c)))
        {
            return Standing::Itself;
        }
        let any = |pattern| inner.iter().any(|unit| sentence.is(*unit, pattern));
        if any(&grammar.nobody) || self.is_former(head) {
            Standing::Nobody
        } else if any(&grammar.organ) || any(&grammar.official) {
            Standing::Itself
        } else {
            Standing::Thing
        }
    }

    /// "gunmen", "Hezbollah fighters", "suspected Pakistani militants".
    fn attackers(&self, head: usize) -> Option<Entity> {
        let owners = self.owners(head);
        let group = |code: &Code| self.is_group(*code);
        let groups: Vec<Code> = owners.iter().copied().filter(group).collect();
        let is_definite = self.sentence.tree.children(head).any(|c| self.sentence.form(c) == "the");
        if groups.is_empty() {
            let spoken_of = if is_definite { self.context.latest(group) } else { None };
            if let Some(code) = spoken_of {
                return Entity::guess(vec![code]);
            }
            Entity::of(vec![self.unnamed_group()?], Standing::Itself)
        } else {
            Entity::of(groups, Standing::Itself)
        }
    }

    pub fn is_group(&self, code: Code) -> bool {
        self.rules.gazetteer.actors.kind(code) == Some(ActorKind::ArmedGroup)
    }

    /// The code of an armed group without a name, if the actors have one.
    pub fn unnamed_group(&self) -> Option<Code> {
        "ARMED_GROUP".parse().ok()
    }

    /// "it", "they", "its": the nearest subject before, else whom the text was about.
    fn pronoun(&self, unit: usize) -> Option<Entity> {
        let sentence = self.sentence;
        if !is_pronoun(sentence.form(unit)) {
            return self.relative(unit);
        }
        let tree = &sentence.tree;
        if let Some(accused) = self.accused_before(unit) {
            return Entity::guess(accused);
        }
        // "negotiated with Peru and accused it": an object is not the one who acts.
        let acting = if is_possessive(sentence.form(unit)) { Vec::new() } else { self.acting_on(unit) };
        if !acting.is_empty() {
            let fits = |code: &Code| !acting.contains(code);
            let named = (0..unit).rev().find_map(|before| match sentence.actor(before)? {
                (code, form) if form != Form::Place && fits(&code) => Some(code),
                _ => None,
            });
            return Entity::guess(named.or_else(|| self.context.latest(fits)).into_iter().collect());
        }
        let mut owner_of_thing = None;
        for before in (0..unit).rev() {
            let is_owner = tree.rel[before] == Rel::NmodPoss
                && sentence.actor(before).is_some()
                && !is_possessive(sentence.form(unit));
            let is_subject =
                matches!(tree.rel[before], Rel::Nsubj | Rel::NsubjPass) && !is_pronoun(sentence.form(before));
            if !(is_subject || is_owner) {
                continue;
            }
            match self.named_or_owned(before) {
                Some(entity) if is_owner || entity.standing == Standing::Itself => {
                    return Entity::guess(entity.codes);
                }
                Some(entity) => drop(owner_of_thing.get_or_insert(entity.codes)),
                None => {}
            }
        }
        if let Some(codes) = owner_of_thing {
            return Entity::guess(codes);
        }
        Entity::guess(self.context.subject.clone())
    }

    /// "condemned Russia over its invasion": what is blamed belongs to the blamed.
    fn accused_before(&self, unit: usize) -> Option<Vec<Code>> {
        let (sentence, tree, grammar) = (self.sentence, &self.sentence.tree, &self.rules.grammar);
        if !is_possessive(sentence.form(unit)) {
            return None;
        }
        let mut at = unit;
        for _ in 0..DEPTH_MAX {
            at = tree.governor(at)?;
            if tree.is_verb(at) && sentence.is(at, &grammar.blame) {
                let object = tree.child(at, |rel| rel == Rel::Obj).filter(|o| *o < unit)?;
                return self.named_or_owned(object).map(|entity| entity.codes);
            }
        }
        None
    }

    /// "which", "who", "that": the noun that the clause hangs on.
    fn relative(&self, unit: usize) -> Option<Entity> {
        if !matches!(self.sentence.form(unit), "which" | "who" | "that" | "whom") {
            return None;
        }
        let tree = &self.sentence.tree;
        let mut at = unit;
        for _ in 0..DEPTH_MAX {
            if matches!(tree.rel[at], Rel::AclRelcl) {
                return self.named_or_owned(tree.governor(at)?);
            }
            at = tree.governor(at)?;
        }
        None
    }

    /// As `single`, but never through a pronoun: ends every chain of guesses.
    fn named_or_owned(&self, head: usize) -> Option<Entity> {
        if let Some(entity) = self.named(head) {
            return (entity.standing > Standing::Nobody).then_some(entity);
        }
        let tree = &self.sentence.tree;
        let parts = tree.below(head, &|unit| is_inner(tree.rel[unit]) || tree.rel[unit] == Rel::Conj);
        let mut codes = Vec::new();
        for unit in parts {
            if let Some((code, _)) = self.sentence.actor(unit) {
                add(&mut codes, &[code]);
            }
        }
        codes.sort_unstable();
        Entity::of(codes, self.standing(head))
    }

    /// "the country", "the ministry", "both sides", "its neighbour".
    fn definite(&self, head: usize) -> Option<Entity> {
        let (sentence, grammar, tree) = (self.sentence, &self.rules.grammar, &self.sentence.tree);
        let is_definite = tree.children(head).any(|c| {
            matches!(
                sentence.form(c),
                "the" | "both" | "two" | "its" | "their" | "either" | "each" | "his" | "her"
            )
        });
        let is_two =
            matches!(sentence.form(head), "both" | "sides" | "countries" | "neighbours" | "neighbors")
                || tree
                    .children(head)
                    .any(|c| matches!(sentence.form(c), "both" | "two" | "either" | "rival"));
        if is_two && (sentence.is(head, &grammar.pair) || sentence.form(head) == "both") {
            return self.pair_before(head).and_then(Entity::guess);
        }
        // "In Baku, police detained …": the place tells whose police.
        if !is_definite
            && sentence.is(head, &grammar.bare)
            && let Some(code) = self.place_before(head)
        {
            return Entity::guess(vec![code]);
        }
        if is_definite && (sentence.is(head, &grammar.definite) || sentence.is(head, &grammar.organ)) {
            return Entity::guess(self.spoken_of(head));
        }
        None
    }

    /// Whom "the army", "the group", "the country" means: the nearest before of that make who does not act in the clause.
    fn spoken_of(&self, head: usize) -> Vec<Code> {
        let acting = self.acting_on(head);
        let wants_group =
            matches!(self.sentence.form(head), "group" | "movement" | "militia" | "rebels" | "insurgents");
        let fits = |code: &Code| !acting.contains(code) && self.is_group(*code) == wants_group;
        let tree = &self.sentence.tree;
        for before in (0..head).rev() {
            if matches!(tree.rel[before], Rel::Nsubj | Rel::NsubjPass)
                && let Some(entity) = self.named_or_owned(before)
            {
                let codes: Vec<Code> = entity.codes.into_iter().filter(fits).collect();
                if !codes.is_empty() {
                    return codes;
                }
            }
        }
        let subject: Vec<Code> = self.context.subject.iter().copied().filter(fits).collect();
        if subject.is_empty() { self.context.latest(fits).into_iter().collect() } else { subject }
    }

    /// A capital or place named before in the sentence.
    fn place_before(&self, unit: usize) -> Option<Code> {
        (0..unit).rev().find_map(|before| match self.sentence.mention(before)? {
            What::Actor { code, form: Form::Capital | Form::Place | Form::Name } => Some(code),
            _ => None,
        })
    }

    /// The two actors named last before `unit`, in this sentence or earlier ones.
    fn pair_before(&self, unit: usize) -> Option<Vec<Code>> {
        let acting = self.acting_on(unit);
        let codes = self.sentence.actors_of(0..unit, &acting);
        if codes.len() == 2 {
            return Some(codes);
        }
        if codes.len() > 2 {
            return Some(codes[codes.len() - 2..].to_vec());
        }
        let pair = if acting.is_empty() {
            self.context.pair()?.to_vec()
        } else {
            self.context.pair_without(&acting)?
        };
        match codes.first() {
            Some(one) if !pair.contains(one) => Some(vec![*one, self.context.latest_but(&codes)?]),
            _ => Some(pair),
        }
    }

    /// Those named in the subject of the verb that `unit` is an object or a phrase of: no pair that is acted on holds them.
    fn acting_on(&self, unit: usize) -> Vec<Code> {
        let tree = &self.sentence.tree;
        let mut codes = Vec::new();
        let Some(verb) = tree.governor(unit).filter(|verb| tree.is_verb(*verb)) else { return codes };
        if !matches!(tree.rel[unit], Rel::Obj | Rel::Iobj | Rel::Obl) {
            return codes;
        }
        let subject = super::clause::subject(self.sentence, &self.rules.grammar, verb, 0);
        let Some(subject) = subject.filter(|subject| *subject != unit) else { return codes };
        for part in tree.below(subject, &|c| is_inner(tree.rel[c]) || tree.rel[c] == Rel::Conj) {
            if let Some((code, _)) = self.sentence.actor(part) {
                add(&mut codes, &[code]);
            }
        }
        codes
    }

    /// The preposition of a noun phrase, folded.
    pub fn case_of(&self, head: usize) -> Option<&str> {
        let tree = &self.sentence.tree;
        let case = tree.child(head, |rel| rel == Rel::Case)?;
        Some(self.sentence.form(case))
    }
}

/// Adds codes that are not there yet.
pub fn add(codes: &mut Vec<Code>, more: &[Code]) {
    for code in more {
        if !codes.contains(code) {
            codes.push(*code);
        }
    }
}

fn is_pronoun(form: &str) -> bool {
    matches!(
        form,
        "it" | "its"
            | "they"
            | "their"
            | "them"
            | "he"
            | "she"
            | "his"
            | "her"
            | "him"
            | "itself"
            | "themselves"
    )
}

fn is_possessive(form: &str) -> bool {
    matches!(form, "its" | "their" | "his" | "her")
}
