//! Slots of a frame → actors.

use super::clause::{self, Clause};
use super::entity::{Entity, Finder, Standing, add};
use super::mention::What;
use crate::lexicon::Form;
use crate::rules::{Is, Slot};
use crate::signal::Code;
use crate::text::{Pos, Rel};

/// What roles are filled from.
pub struct Stage<'f, 's> {
    pub finder: &'f Finder<'s>,
    pub clause: &'f Clause,
    pub trigger: usize,
    /// Parties of the treaty that the sentence names.
    pub parties: &'f [Code],
    pub speaker: Option<Code>,
    /// The act is about two others: mediation, an appeal.
    pub is_third_party: bool,
}

/// Actors found for a role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filled {
    pub codes: Vec<Code>,
    pub is_guess: bool,
    /// Which slot gave them, for the trace.
    pub slot: String,
}

impl Stage<'_, '_> {
    /// The source: the first slot that gives actors that may act.
    pub fn source(&self, slots: &[Slot], is: Is) -> Filled {
        self.first(slots, is, Standing::Itself, &[])
    }

    /// The target: the first slot that gives actors that are no source.
    pub fn target(&self, slots: &[Slot], is: Is, source: &[Code]) -> Filled {
        self.first(slots, is, Standing::Place, source)
    }

    fn first(&self, slots: &[Slot], is: Is, least: Standing, not: &[Code]) -> Filled {
        let mut single = Filled::default();
        for slot in slots {
            for entity in self.entities(slot, least, not) {
                let mut codes: Vec<Code> =
                    entity.codes.iter().copied().filter(|c| !not.contains(c)).collect();
                codes.retain(|code| self.is(*code, is));
                codes.sort_unstable();
                codes.dedup();
                if entity.standing >= least && !codes.is_empty() {
                    let filled = Filled { codes, is_guess: entity.is_guess, slot: format!("{slot:?}") };
                    // A third party deals with a pair: one side alone is taken only where no slot gives two.
                    if !self.is_third_party || least == Standing::Itself || filled.codes.len() > 1 {
                        return filled;
                    }
                    if single.codes.is_empty() {
                        single = filled;
                    }
                }
            }
        }
        single
    }

    /// The actor of the sentence that is named last before the trigger and is none of `target`; else the next one.
    pub fn other(&self, target: &[Code], is: Is) -> Filled {
        let sentence = self.finder.sentence;
        let named = |unit: usize| {
            let (code, form) = sentence.actor(unit)?;
            (form != Form::Place && !target.contains(&code) && self.is(code, is)).then_some(code)
        };
        let before = (0..self.trigger).rev().find_map(named);
        let code = before.or_else(|| (self.trigger..sentence.len()).find_map(named));
        Filled { codes: code.into_iter().collect(), is_guess: true, slot: "Sentence".into() }
    }

    /// The opponent of `target` in the article: a source that no slot of the sentence gave.
    pub fn opponent(&self, target: &[Code], is: Is) -> Filled {
        let mut codes = self.finder.context.opponent(target).unwrap_or_default();
        codes.retain(|code| self.is(*code, is) && !target.contains(code));
        Filled { codes, is_guess: true, slot: "Article".into() }
    }

    pub fn is(&self, code: Code, is: Is) -> bool {
        match is {
            Is::Anybody => true,
            Is::State => !self.finder.is_group(code),
            Is::Group => self.finder.is_group(code),
        }
    }

    /// Candidates of one slot, best first.
    fn entities(&self, slot: &Slot, least: Standing, not: &[Code]) -> Vec<Entity> {
        let finder = self.finder;
        let phrase =
            |unit: Option<usize>| unit.and_then(|u| finder.phrase(u)).into_iter().collect::<Vec<_>>();
        match slot {
            Slot::Agent => self.agent(least),
            Slot::Object => phrase(self.clause.patient),
            Slot::ObjectOwner => self.object_owner(),
            Slot::Owner => self.owned(
                self.trigger,
                if least == Standing::Itself { Standing::Thing } else { Standing::Place },
            ),
            Slot::Prep(word) => clause::behind(finder, self.clause, self.trigger, word)
                .into_iter()
                .filter_map(|unit| finder.phrase(unit))
                .collect(),
            Slot::Scope => self.scope(false),
            Slot::Place => self.scope(true),
            Slot::Sentence => self.all(not),
            Slot::Article => self.article(not),
            Slot::Answered => finder.context.assailant(not).map(guess).into_iter().collect(),
            Slot::Reason => self.reason(not),
            Slot::Mediator => {
                let mediator = finder.context.mediator.clone();
                (!mediator.is_empty()).then(|| guess(mediator)).into_iter().collect()
            }
            Slot::Parties => {
                (!self.parties.is_empty()).then(|| plain(self.parties.to_vec())).into_iter().collect()
            }
            Slot::Speaker => self.speaker.map(|code| plain(vec![code])).into_iter().collect(),
            Slot::Region => self.regions(),
            Slot::CompAgent => self.complement_agent(),
            Slot::Subject => self.clause_subject(),
        }
    }

    /// The opponents of those who act; for third parties the pair in dispute.
    fn article(&self, source: &[Code]) -> Vec<Entity> {
        let context = self.finder.context;
        let found = if self.is_third_party { context.pair_without(source) } else { context.opponent(source) };
        found.map(guess).into_iter().collect()
    }

    fn agent(&self, least: Standing) -> Vec<Entity> {
        let finder = self.finder;
        let mut list = Vec::new();
        let is_noun = finder.sentence.tree.is_noun(self.trigger);
        if let Some(agent) = self.clause.agent
            && let Some(entity) = finder.phrase(agent)
            && agent != self.trigger
        {
            list.push(entity);
        }
        if list.is_empty() && !is_noun && !self.clause.is_passive {
            list.extend(self.maker());
        }
        if list.is_empty() && !is_noun && !self.clause.is_passive {
            list.extend(self.before_verb());
        }
        if is_noun {
            list.extend(self.owned(self.trigger, Standing::Thing).into_iter().map(|mut entity| {
                entity.standing = entity.standing.max(least);
                entity
            }));
        }
        list
    }

    /// "signs a law suspending the accord": a paper acts for whoever made it.
    fn maker(&self) -> Option<Entity> {
        let (sentence, tree) = (self.finder.sentence, &self.finder.sentence.tree);
        let paper = self.clause.agent.filter(|_| tree.rel[self.trigger] == Rel::Acl)?;
        let verb = tree.governor(paper).filter(|verb| tree.is_verb(*verb))?;
        let clause = clause::of_verb(sentence, &self.finder.rules.grammar, verb);
        let maker = clause.agent.filter(|agent| *agent != paper)?;
        self.finder.phrase(maker).filter(|entity| entity.standing == Standing::Itself)
    }

    /// The noun phrase left of the verb, by position alone: for sentences that the parser tore.
    fn before_verb(&self) -> Option<Entity> {
        let (sentence, tree) = (self.finder.sentence, &self.finder.sentence.tree);
        let mut at = self.trigger;
        for _ in 0..12 {
            at = at.checked_sub(1)?;
            if matches!(tree.pos[at], Pos::Verb | Pos::Sconj | Pos::Cconj)
                || matches!(sentence.form(at), "that" | ";" | "\"" | ":")
            {
                return None;
            }
            if !(tree.is_noun(at) || sentence.actor(at).is_some()) {
                continue;
            }
            // A phrase behind a preposition is no subject: go on before it.
            let first = (0..at)
                .rev()
                .take_while(|u| {
                    !matches!(tree.pos[*u], Pos::Verb | Pos::Punct | Pos::Adp | Pos::Aux)
                        && !super::date::is_day(sentence.form(*u))
                })
                .last()
                .unwrap_or(at);
            if first > 0 && tree.pos[first - 1] == Pos::Adp {
                at = first;
                continue;
            }
            let mut entity = self.finder.single(at).filter(|e| e.standing == Standing::Itself)?;
            entity.is_guess = true;
            return Some(entity);
        }
        None
    }

    /// Possessors, adjectives and compounds of a trigger noun.
    fn owned(&self, noun: usize, least: Standing) -> Vec<Entity> {
        let finder = self.finder;
        let tree = &finder.sentence.tree;
        let mut codes = Vec::new();
        for child in tree.children(noun) {
            if !matches!(tree.rel[child], Rel::NmodPoss | Rel::Amod | Rel::Compound | Rel::Nmod) {
                continue;
            }
            if tree.rel[child] == Rel::Nmod && !matches!(finder.case_of(child), Some("between")) {
                continue;
            }
            if let Some(entity) = finder.phrase(child).filter(|e| e.standing >= least) {
                add(&mut codes, &entity.codes);
            }
        }
        (!codes.is_empty()).then(|| plain(codes)).into_iter().collect()
    }

    fn object_owner(&self) -> Vec<Entity> {
        let Some(patient) = self.clause.patient else { return Vec::new() };
        let finder = self.finder;
        let tree = &finder.sentence.tree;
        let heads =
            std::iter::once(patient).chain(tree.children(patient).filter(|c| tree.rel[*c] == Rel::Conj));
        let mut codes = Vec::new();
        for head in heads {
            add(&mut codes, &finder.owners(head));
        }
        let mut list: Vec<Entity> = (!codes.is_empty()).then(|| plain(codes)).into_iter().collect();
        // "Romania said that a Russian drone entered its airspace": its may be the speaker's.
        let is_possessed = tree
            .children(patient)
            .any(|c| matches!(finder.sentence.form(c), "its" | "their" | "his" | "her"));
        if is_possessed {
            list.extend(self.other_subjects());
        }
        list
    }

    /// Subjects before the trigger, the nearest first, then whom the text was about.
    fn other_subjects(&self) -> Vec<Entity> {
        let (finder, tree) = (self.finder, &self.finder.sentence.tree);
        let mut list: Vec<Entity> = (0..self.trigger)
            .rev()
            .filter(|unit| matches!(tree.rel[*unit], Rel::Nsubj | Rel::NsubjPass))
            .filter_map(|unit| finder.phrase(unit))
            .filter(|entity| entity.standing == Standing::Itself)
            .map(|entity| Entity { is_guess: true, ..entity })
            .collect();
        if !finder.context.subject.is_empty() {
            list.push(guess(finder.context.subject.clone()));
        }
        list
    }

    /// Actors below the trigger, the agent's words left out.
    fn scope(&self, places: bool) -> Vec<Entity> {
        let tree = &self.finder.sentence.tree;
        let agent = self.clause.agent;
        let top = self.clause.light.unwrap_or(self.trigger);
        let after = &self.finder.rules.grammar.after;
        let enter = |child: usize| {
            let behind_after = self.finder.sentence.is_behind(child, after);
            Some(child) != agent
                && !behind_after
                && !matches!(tree.rel[child], Rel::Nsubj | Rel::Advcl | Rel::Parataxis)
        };
        let mut units = tree.below(top, &enter);
        units.sort_unstable();
        let mut codes = Vec::new();
        for unit in units {
            if Some(unit) == agent {
                continue;
            }
            let found = match self.finder.sentence.mention(unit) {
                Some(What::Actor { code, form }) => {
                    ((form == Form::Place) == places || !places).then_some(code)
                }
                Some(What::Person { code, in_office: true, .. }) => (!places).then_some(code),
                _ => None,
            };
            if let Some(code) = found {
                add(&mut codes, &[code]);
            }
        }
        (!codes.is_empty()).then(|| plain(codes)).into_iter().collect()
    }

    /// The one other actor of the sentence (two for a third party); of more, those of the trigger's own side of a comma.
    fn all(&self, not: &[Code]) -> Vec<Entity> {
        let sentence = self.finder.sentence;
        let most = if self.is_third_party { 2 } else { 1 };
        let mut codes = sentence.actors_of(0..sentence.len(), not);
        if codes.len() > most {
            let is_border = |unit: &usize| matches!(sentence.form(*unit), "," | ";");
            let first = (0..self.trigger).rev().find(is_border).map_or(0, |unit| unit + 1);
            let last = (self.trigger..sentence.len()).find(is_border).unwrap_or(sentence.len());
            codes = sentence.actors_of(first..last, not);
        }
        (!codes.is_empty() && codes.len() <= most).then(|| plain(codes)).into_iter().collect()
    }

    /// Actors below a word that names a reason or an addressee.
    fn reason(&self, not: &[Code]) -> Vec<Entity> {
        let (sentence, tree) = (self.finder.sentence, &self.finder.sentence.tree);
        let cues = (0..sentence.len())
            .filter(|unit| *unit != self.trigger && sentence.is(*unit, &self.finder.rules.grammar.reason));
        for cue in cues {
            let mut units = tree.below(cue, &|child| tree.rel[child] != Rel::Nsubj);
            units.sort_unstable();
            let codes = sentence.actors_of(units, not);
            if !codes.is_empty() && codes.len() <= 3 {
                return vec![guess(codes)];
            }
        }
        Vec::new()
    }

    fn regions(&self) -> Vec<Entity> {
        let sentence = self.finder.sentence;
        let mut list = Vec::new();
        for unit in 0..sentence.len() {
            if let Some(What::Region { index }) = sentence.mention(unit) {
                let sides = self.finder.rules.gazetteer.regions[index as usize].sides.clone();
                list.push(guess(sides));
            }
        }
        list
    }

    fn clause_subject(&self) -> Vec<Entity> {
        let (sentence, finder) = (self.finder.sentence, self.finder);
        let verb = super::stance::clause_verb(sentence, self.trigger);
        if verb == self.trigger || !sentence.tree.is_verb(verb) {
            return Vec::new();
        }
        let found = clause::of_verb(sentence, &finder.rules.grammar, verb)
            .agent
            .filter(|agent| *agent != self.trigger);
        let entity = found.and_then(|agent| finder.phrase(agent));
        entity.into_iter().map(|entity| Entity { is_guess: true, ..entity }).collect()
    }

    fn complement_agent(&self) -> Vec<Entity> {
        let (finder, tree) = (self.finder, &self.finder.sentence.tree);
        let below = tree.child(self.trigger, |rel| matches!(rel, Rel::Ccomp | Rel::Xcomp));
        let agent = below.and_then(|verb| tree.child(verb, |rel| matches!(rel, Rel::Nsubj | Rel::NsubjPass)));
        agent.and_then(|unit| finder.phrase(unit)).into_iter().collect()
    }
}

fn plain(codes: Vec<Code>) -> Entity {
    Entity { codes, standing: Standing::Itself, is_guess: false }
}

fn guess(codes: Vec<Code>) -> Entity {
    Entity { codes, standing: Standing::Itself, is_guess: true }
}
