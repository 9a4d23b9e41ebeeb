//! Whether an act is told as done, as possible, or not at all: the way up from its trigger.

use super::clause::Clause;
use super::sentence::Sentence;
use super::tree::DEPTH_MAX;
use crate::rules::{Grammar, Ruleset};
use crate::signal::Stance;
use crate::text::{Rel, Tag};

/// Why an act is not told as one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NotTold {
    Negated,
    Denied,
    Refused,
    /// Somebody wants it of somebody else.
    Requested,
    /// Alleged within an accusation, which is the act.
    Alleged,
    /// Behind "if": a condition, not a statement.
    Conditional,
    /// Undone: "lifted the ban".
    Undone,
}

impl NotTold {
    pub fn as_str(self) -> &'static str {
        match self {
            NotTold::Negated => "negated",
            NotTold::Denied => "denied",
            NotTold::Refused => "refused",
            NotTold::Requested => "requested",
            NotTold::Alleged => "alleged",
            NotTold::Conditional => "conditional",
            NotTold::Undone => "undone",
        }
    }
}

/// How an act is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Told {
    pub stance: Stance,
    /// The word that made it prospective.
    pub because: Option<usize>,
    pub not: Option<NotTold>,
    /// Stands in a clause that is itself a background: after, since.
    pub clause_verb: usize,
}

/// Reads the stance of the trigger at `unit`.
pub fn read(sentence: &Sentence<'_>, rules: &Ruleset, clause: &Clause, unit: usize) -> Told {
    let mut walk = Walk {
        sentence,
        grammar: &rules.grammar,
        told: Told { stance: Stance::Actual, because: None, not: None, clause_verb: unit },
    };
    walk.untrue();
    if sentence.tree.is_noun(unit) {
        walk.noun(unit, clause);
    } else {
        walk.up(unit);
    }
    walk.told
}

struct Walk<'a, 's> {
    sentence: &'a Sentence<'s>,
    grammar: &'a Grammar,
    told: Told,
}

impl Walk<'_, '_> {
    fn prospective(&mut self, because: usize) {
        if self.told.stance == Stance::Actual {
            self.told.stance = Stance::Prospective;
            self.told.because = Some(because);
        }
    }

    fn not(&mut self, reason: NotTold) {
        self.told.not.get_or_insert(reason);
    }

    /// A noun: its own modifiers, then the verb that holds it.
    fn noun(&mut self, noun: usize, clause: &Clause) {
        let tree = &self.sentence.tree;
        for child in tree.children(noun) {
            if tree.rel[child] == Rel::Det && self.sentence.form(child) == "no" {
                self.not(NotTold::Negated);
            } else if matches!(tree.rel[child], Rel::Amod | Rel::Compound)
                && self.sentence.is(child, &self.grammar.hedge)
            {
                self.prospective(child);
            }
        }
        let Some(governor) = tree.governor(noun) else { return };
        self.told.clause_verb = governor;
        // "despite the invasion", "in reply to the Danish expulsion of": told as a fact, whatever stands above.
        let is_after = self.sentence.is_behind(noun, &self.grammar.after);
        if is_after || self.sentence.form(governor) == "following" {
            return;
        }
        let rel = tree.rel[noun];
        if tree.is_verb(governor) {
            let is_held = matches!(rel, Rel::Obj | Rel::NsubjPass | Rel::Obl | Rel::Xcomp | Rel::Nsubj);
            if is_held && clause.light != Some(governor) {
                self.held(governor, rel);
            } else if is_held && self.sentence.is(governor, &self.grammar.ahead) {
                self.prospective(governor);
            }
            // "to discuss Danish attacks": an act with its owner stays a fact under a purpose.
            let is_fact = clause.light.is_none()
                && tree.children(noun).any(|c| {
                    matches!(tree.rel[c], Rel::NmodPoss | Rel::Amod)
                        && (self.sentence.actor(c).is_some()
                            || tree.children(c).any(|inner| self.sentence.actor(inner).is_some()))
                })
                && !self.sentence.is(governor, &self.grammar.ahead);
            if is_fact {
                self.told.stance = Stance::Actual;
                self.own(governor);
                return;
            }
            self.up(governor);
        } else if tree.is_noun(governor) && matches!(rel, Rel::Nmod | Rel::Compound | Rel::Conj | Rel::Acl) {
            self.under_noun(governor);
            self.noun(governor, clause);
        } else {
            self.up(governor);
        }
    }

    /// The verb that a trigger noun is the object or subject of.
    fn held(&mut self, verb: usize, rel: Rel) {
        let sentence = self.sentence;
        let is_object = rel != Rel::Nsubj;
        if is_object && sentence.is(verb, &self.grammar.plan) {
            self.prospective(verb);
        } else if is_object && sentence.is(verb, &self.grammar.request) {
            self.not(NotTold::Requested);
        } else if is_object && sentence.is(verb, &self.grammar.refuse) {
            self.not(NotTold::Refused);
        } else if is_object && sentence.is(verb, &self.grammar.deny) {
            self.not(NotTold::Denied);
        } else if is_object && sentence.is(verb, &self.grammar.undo) {
            self.not(NotTold::Undone);
        }
    }

    /// From a verb to the root: auxiliaries, negation, what governs it.
    fn up(&mut self, verb: usize) {
        let tree = &self.sentence.tree;
        let mut at = verb;
        let mut is_first = true;
        for _ in 0..DEPTH_MAX {
            if tree.is_verb(at) || is_first {
                self.own(at);
            }
            is_first = false;
            let Some(governor) = tree.governor(at) else { return };
            let rel = tree.rel[at];
            if self.sentence.is(governor, &self.grammar.hesitate) {
                // "will not hesitate to bomb": two negations make a threat.
                self.prospective(governor);
                return;
            }
            match rel {
                Rel::Advcl => {
                    self.adverbial(at, governor);
                    return;
                }
                Rel::Acl | Rel::Ccomp if tree.is_noun(governor) => {
                    if self.is_enacted(governor) {
                        return;
                    }
                    self.claimed(governor);
                    self.under_noun(governor);
                    if self.is_infinitive(at) {
                        self.plan_by_noun(governor);
                    }
                }
                Rel::Xcomp | Rel::Ccomp | Rel::Acl => self.governed(governor, at),
                Rel::AclRelcl | Rel::Parataxis => return,
                Rel::Conj => {
                    if !tree.is_verb(governor) {
                        return;
                    }
                    // "may recall its envoy and close the border": shared auxiliaries, if no subject of its own.
                    if tree.child(at, |rel| matches!(rel, Rel::Nsubj | Rel::NsubjPass)).is_some() {
                        self.reported_only(governor);
                        return;
                    }
                    self.own_auxiliaries(governor, at);
                }
                _ if tree.is_verb(governor) => {}
                _ => {}
            }
            at = governor;
        }
    }

    /// Auxiliaries, negation and hedges of a verb.
    fn own(&mut self, verb: usize) {
        let tree = &self.sentence.tree;
        for child in tree.children(verb) {
            let form = self.sentence.form(child);
            match tree.rel[child] {
                Rel::Aux if tree.tag[child] == Tag::Md => self.prospective(child),
                Rel::Advmod | Rel::Cc if is_negation(form) => self.not(NotTold::Negated),
                Rel::Advmod if self.sentence.is(child, &self.grammar.hedge) => self.prospective(child),
                Rel::Nsubj | Rel::NsubjPass if form == "nobody" || form == "none" => {
                    self.not(NotTold::Negated)
                }
                Rel::Nsubj | Rel::NsubjPass | Rel::Obj
                    if tree
                        .children(child)
                        .any(|c| tree.rel[c] == Rel::Det && self.sentence.form(c) == "no")
                        && !self.sentence.is(child, &self.grammar.choice) =>
                {
                    self.not(NotTold::Negated);
                }
                Rel::Mark if self.sentence.is(child, &self.grammar.condition) => {
                    self.not(NotTold::Conditional)
                }
                _ => {}
            }
        }
    }

    /// What a first conjunct lends to a later one.
    fn own_auxiliaries(&mut self, verb: usize, conjunct: usize) {
        let tree = &self.sentence.tree;
        let own = |unit| tree.child(unit, |rel| matches!(rel, Rel::Aux | Rel::AuxPass)).is_some();
        let finite = matches!(tree.tag[conjunct], Tag::Vbd | Tag::Vbz | Tag::Vbp);
        if own(conjunct) || finite {
            return;
        }
        for child in tree.children(verb) {
            match tree.rel[child] {
                Rel::Aux if tree.tag[child] == Tag::Md => self.prospective(child),
                Rel::Advmod if is_negation(self.sentence.form(child)) && child + 2 >= verb => {
                    self.not(NotTold::Negated);
                }
                _ => {}
            }
        }
    }

    /// The verb above a complement: plans, requests, denials.
    fn governed(&mut self, governor: usize, below: usize) {
        let (sentence, grammar) = (self.sentence, self.grammar);
        let says = sentence.is(governor, &grammar.say) && !self.is_infinitive(below);
        if sentence.is(governor, &grammar.request) && !says {
            if !self.orders_own(governor) {
                self.not(NotTold::Requested);
            }
        } else if sentence.is(governor, &grammar.refuse) {
            self.not(NotTold::Refused);
        } else if sentence.is(governor, &grammar.deny) {
            self.not(NotTold::Denied);
        } else if sentence.is(governor, &grammar.accuse) {
            self.not(NotTold::Alleged);
        } else if sentence.is(governor, &grammar.plan)
            || sentence.is(governor, &grammar.promise) && self.is_infinitive(below)
        {
            self.prospective(governor);
        }
    }

    /// "ordered the army to strike": whoever commands acts.
    fn orders_own(&self, verb: usize) -> bool {
        let (sentence, tree) = (self.sentence, &self.sentence.tree);
        let orders = matches!(
            sentence.form(verb),
            "order"
                | "orders"
                | "ordered"
                | "ordering"
                | "instruct"
                | "instructs"
                | "instructed"
                | "directs"
                | "directed"
        );
        let object = tree.child(verb, |rel| matches!(rel, Rel::Obj | Rel::Iobj));
        orders
            && object.is_some_and(|o| {
                sentence.is(o, &self.grammar.organ)
                    || matches!(
                        sentence.mention(o),
                        Some(super::mention::What::Actor { form: crate::lexicon::Form::Force, .. })
                    )
            })
    }

    fn reported_only(&mut self, governor: usize) {
        if self.sentence.is(governor, &self.grammar.deny) {
            self.not(NotTold::Denied);
        }
    }

    fn adverbial(&mut self, verb: usize, governor: usize) {
        let tree = &self.sentence.tree;
        let (sentence, grammar) = (self.sentence, self.grammar);
        let marks =
            tree.children(verb).filter(|c| matches!(tree.rel[*c], Rel::Mark | Rel::Case | Rel::Advmod));
        for mark in marks {
            if sentence.is(mark, &grammar.condition) {
                self.not(NotTold::Conditional);
            }
            let form = sentence.form(mark);
            if form == "to"
                && sentence.is(governor, &grammar.request)
                && super::clause::asked(sentence, governor).is_some_and(|asked| asked < verb)
            {
                self.not(NotTold::Requested);
            }
            let thinks = matches!(form, "at" | "of" | "about" | "on") && tree.tag[verb] == Tag::Vbg;
            if thinks && sentence.is(governor, &grammar.plan) {
                self.prospective(governor);
            }
            if form == "to" && !sentence.is(governor, &grammar.decide) {
                // Purpose: "sent envoys to negotiate"; under a plan it is part of the plan.
                self.prospective(mark);
            }
            // "warns Peru against holding drills".
            if form == "against" && tree.tag[verb] == Tag::Vbg {
                self.not(NotTold::Requested);
            }
            if form == "without" || form == "instead" {
                self.not(NotTold::Negated);
            }
            if matches!(form, "of" | "for") && sentence.is(governor, &grammar.accuse) {
                self.not(NotTold::Alleged);
            }
            if form == "from" && sentence.is(governor, &grammar.refuse) {
                self.not(NotTold::Refused);
            }
        }
        if sentence.is(governor, &grammar.accuse) && tree.tag[verb] == Tag::Vbg {
            self.not(NotTold::Alleged);
        }
        self.within_allegation(governor);
    }

    /// "accuses Y of using drones to strike": a purpose within what is alleged is alleged.
    fn within_allegation(&mut self, verb: usize) {
        let tree = &self.sentence.tree;
        let mut at = verb;
        for _ in 0..DEPTH_MAX {
            let Some(above) = tree.governor(at) else { return };
            if !matches!(tree.rel[at], Rel::Advcl | Rel::Xcomp | Rel::Ccomp | Rel::Conj | Rel::Acl) {
                return;
            }
            if tree.rel[at] != Rel::Conj && self.sentence.is(above, &self.grammar.accuse) {
                self.not(NotTold::Alleged);
                return;
            }
            at = above;
        }
    }

    /// "signs a law extending the accord": a bill that is signed or passed is done.
    fn is_enacted(&self, noun: usize) -> bool {
        let (sentence, tree) = (self.sentence, &self.sentence.tree);
        sentence.is(noun, &self.grammar.bill)
            && tree
                .governor(noun)
                .is_some_and(|verb| tree.is_verb(verb) && sentence.is(verb, &self.grammar.enact))
    }

    /// "denies the claim that it had agreed", "dismissed reports that": the noun stands between denial and act.
    fn claimed(&mut self, noun: usize) {
        let tree = &self.sentence.tree;
        if let Some(verb) = tree.governor(noun)
            && matches!(tree.rel[noun], Rel::Obj | Rel::NsubjPass | Rel::Obl)
        {
            if self.sentence.is(verb, &self.grammar.deny) {
                self.not(NotTold::Denied);
            } else if self.sentence.is(noun, &self.grammar.plan_noun)
                && self.sentence.is(verb, &self.grammar.refuse)
            {
                // "prohibits all attempts at restoring ties".
                self.not(NotTold::Refused);
            }
        }
    }

    fn is_infinitive(&self, verb: usize) -> bool {
        let tree = &self.sentence.tree;
        tree.children(verb).any(|c| tree.rel[c] == Rel::Mark && self.sentence.form(c) == "to")
    }

    fn plan_by_noun(&mut self, noun: usize) {
        let tree = &self.sentence.tree;
        let is_ordinal = self.sentence.is(noun, &self.grammar.ordinal)
            || tree.children(noun).any(|c| self.sentence.is(c, &self.grammar.ordinal));
        if self.sentence.is(noun, &self.grammar.deadline) {
            self.not(NotTold::Requested);
        } else if !is_ordinal && !self.sentence.is(noun, &self.grammar.carry) {
            self.prospective(noun);
        }
    }

    /// "Reports that … are untrue."
    fn untrue(&mut self) {
        if self.sentence.has(&self.grammar.untrue) {
            self.not(NotTold::Denied);
        }
    }

    /// "threat of", "plans for", "denial of", "call for", "possibility of".
    fn under_noun(&mut self, noun: usize) {
        if self.sentence.is(noun, &self.grammar.deny_noun) {
            self.not(NotTold::Denied);
        } else if self.sentence.is(noun, &self.grammar.undo_noun) {
            self.not(NotTold::Undone);
        } else if self.sentence.is(noun, &self.grammar.plan_noun) {
            self.prospective(noun);
        }
    }
}

pub fn is_negation(form: &str) -> bool {
    matches!(form, "not" | "n't" | "never" | "neither" | "nor" | "hardly" | "nobody")
}

/// The verb of the clause that a unit stands in.
pub fn clause_verb(sentence: &Sentence<'_>, unit: usize) -> usize {
    let tree = &sentence.tree;
    let mut at = unit;
    for _ in 0..DEPTH_MAX {
        if tree.is_verb(at) {
            return at;
        }
        match tree.governor(at) {
            Some(governor) => at = governor,
            None => return at,
        }
    }
    at
}
