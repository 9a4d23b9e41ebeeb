//! Turns of the news that the plain clauses lack: apposition, relative clauses, particles, announcements without a finite
//! verb, verbs that share a subject, gerunds.

#![allow(clippy::explicit_auto_deref)] // Without it the type of the list cannot be inferred.

use demarche::text::{Pos, Rel, Tag};

use super::newswire::{Newswire, Node, THINGS, TRANSITIVE, node};

/// Verb and particle, in present, past and participle.
const PARTICLES: &[([&str; 4], &str)] = &[
    (["shoot", "shoots", "shot", "shot"], "down"),
    (["carry", "carries", "carried", "carried"], "out"),
    (["call", "calls", "called", "called"], "off"),
    (["break", "breaks", "broke", "broken"], "off"),
    (["cut", "cuts", "cut", "cut"], "off"),
    (["rule", "rules", "ruled", "ruled"], "out"),
    (["shut", "shuts", "shut", "shut"], "down"),
    (["take", "takes", "took", "taken"], "over"),
    (["hand", "hands", "handed", "handed"], "over"),
    (["turn", "turns", "turned", "turned"], "down"),
    (["blow", "blows", "blew", "blown"], "up"),
    (["back", "backs", "backed", "backed"], "up"),
    (["pull", "pulls", "pulled", "pulled"], "out"),
    (["step", "steps", "stepped", "stepped"], "up"),
];
/// Verb and the preposition of its complement.
const TOWARDS: &[([&str; 4], &str)] = &[
    (["sail", "sails", "sailed", "sailed"], "through"),
    (["land", "lands", "landed", "landed"], "in"),
    (["withdraw", "withdraws", "withdrew", "withdrawn"], "from"),
    (["agree", "agrees", "agreed", "agreed"], "to"),
    (["call", "calls", "called", "called"], "for"),
    (["respond", "responds", "responded", "responded"], "to"),
    (["retaliate", "retaliates", "retaliated", "retaliated"], "against"),
    (["protest", "protests", "protested", "protested"], "against"),
    (["advance", "advances", "advanced", "advanced"], "into"),
    (["object", "objects", "objected", "objected"], "to"),
    (["pull", "pulls", "pulled", "pulled"], "out of"),
    (["fire", "fires", "fired", "fired"], "on"),
    (["cross", "crosses", "crossed", "crossed"], "into"),
    (["collide", "collides", "collided", "collided"], "with"),
    (["return", "returns", "returned", "returned"], "to"),
];
/// Verbs that take no object.
const ALONE: &[[&str; 3]] = &[
    ["collapse", "collapses", "collapsed"],
    ["begin", "begins", "began"],
    ["resume", "resumes", "resumed"],
    ["fail", "fails", "failed"],
    ["end", "ends", "ended"],
    ["continue", "continues", "continued"],
    ["stall", "stalls", "stalled"],
    ["escalate", "escalates", "escalated"],
    ["break", "breaks", "broke"],
];
/// Nouns that happen between two sides.
const BETWEEN: &[&str] =
    &["Talks", "Fighting", "Clashes", "Relations", "Tensions", "Negotiations", "Trade", "The ceasefire"];

fn comma() -> Node {
    node(",", Tag::Punct, Pos::Punct, Rel::Punct)
}

fn to() -> Node {
    node("to", Tag::To, Pos::Part, Rel::Mark)
}

fn case(form: &str) -> Node {
    node(form, Tag::In, Pos::Adp, Rel::Case)
}

/// A form of a listed verb by its tag.
fn form_of(forms: &[&str], tag: Tag) -> String {
    let at = match tag {
        Tag::Vbz => 1,
        Tag::Vbd => 2,
        Tag::Vbn => 3,
        _ => 0,
    };
    forms.get(at).unwrap_or(&forms[0]).to_string()
}

impl Newswire {
    /// A sentence with one of the turns.
    pub fn figure(&mut self) -> Node {
        match self.dice.roll() % 13 {
            12 => self.background(),
            0 | 1 => self.interrupted(),
            2 => self.announced(),
            3 | 4 => self.particle(),
            5 | 6 => self.towards(),
            7 | 8 => self.sharing(),
            9 => self.between(),
            10 => self.claimed(),
            _ => self.gerund(),
        }
    }

    fn plain_subject(&mut self) -> Node {
        match self.dice.roll() % 4 {
            0 | 1 => self.country(Rel::Nsubj),
            2 => self.organ(Rel::Nsubj),
            _ => self.person(Rel::Nsubj),
        }
    }

    /// "X, who took office in March, …", "X, the minister of Y, …", "X, which borders Y, …".
    fn interrupted(&mut self) -> Node {
        let mut subject = if self.chance(50) { self.person(Rel::Nsubj) } else { self.organ(Rel::Nsubj) };
        let inner = match self.dice.roll() % 4 {
            3 => {
                // "X, which has claimed the island for years, …"
                let object = self.object(Rel::Obj);
                let pronoun = node("which", Tag::Wdt, Pos::Pron, Rel::Nsubj);
                let has = node(*self.pick(&["has", "had", "have"]), Tag::Vbz, Pos::Aux, Rel::Aux);
                let years = node(*self.pick(&["decades", "years", "months"]), Tag::Nns, Pos::Noun, Rel::Obl);
                let verb = self.verb(TRANSITIVE, Tag::Vbn, Rel::AclRelcl).left(pronoun).left(has);
                subject = self.country(Rel::Nsubj);
                verb.right(object).right(years.front(case("for")))
            }
            0 => {
                let owner = self.country(Rel::Nmod);
                let word = *self.pick(&[
                    "president",
                    "minister",
                    "envoy",
                    "ally",
                    "neighbour",
                    "leader",
                    "spokesman",
                ]);
                let head = node(word, Tag::Nn, Pos::Noun, Rel::Appos);
                head.left(node("the", Tag::Dt, Pos::Det, Rel::Det)).right(owner.front(case("of")))
            }
            1 => {
                let (object, place) = (self.object(Rel::Obj), self.place(Rel::Obl));
                let word = *self.pick(&["who", "which"]);
                let pronoun =
                    node(word, if word == "who" { Tag::Wp } else { Tag::Wdt }, Pos::Pron, Rel::Nsubj);
                self.verb(TRANSITIVE, Tag::Vbd, Rel::AclRelcl).left(pronoun).right(object).right(place)
            }
            _ => {
                let agent = self.country(Rel::OblAgent).front(case("by"));
                self.verb(TRANSITIVE, Tag::Vbn, Rel::Acl).right(agent)
            }
        };
        subject = subject.right(inner.front(comma())).right(comma());
        let object = self.object(Rel::Obj);
        let tag = self.finite(&subject);
        let verb = self.verb(TRANSITIVE, tag, Rel::Root).left(subject).right(object);
        self.tail(verb)
    }

    /// "Lavrov to meet Rubio in Geneva": a headline's future.
    fn announced(&mut self) -> Node {
        let subject = self.plain_subject();
        let object = self.object(Rel::Obj);
        let verb = self.verb(TRANSITIVE, Tag::Vb, Rel::Root).left(subject).left(to()).right(object);
        let place = self.place(Rel::Obl);
        let day = self.day();
        if self.chance(50) { verb.right(place) } else { verb.right(day) }
    }

    /// "X shoots down a jet", "X carries the attack out".
    fn particle(&mut self) -> Node {
        let (verb_forms, particle) = *self.pick(PARTICLES);
        let particle = node(particle, Tag::Rp, Pos::Adp, Rel::CompoundPrt);
        if self.chance(25) {
            let subject = self.object(Rel::NsubjPass);
            let be = node(*self.pick(&["is", "was", "were"]), Tag::Vbd, Pos::Aux, Rel::AuxPass);
            let agent = self.plain_subject().rel(Rel::OblAgent).front(case("by"));
            let verb = node(&form_of(&verb_forms, Tag::Vbn), Tag::Vbn, Pos::Verb, Rel::Root);
            return verb.left(subject).left(be).right(particle).right(agent);
        }
        let subject = self.subject(Rel::Nsubj);
        let tag = self.finite(&subject);
        let object = self.object(Rel::Obj);
        let verb = node(&form_of(&verb_forms, tag), tag, Pos::Verb, Rel::Root).left(subject);
        let verb = if self.chance(80) {
            verb.right(particle).right(object)
        } else {
            verb.right(object).right(particle)
        };
        self.tail(verb)
    }

    /// "X withdraws from the treaty", "X fires on a boat".
    fn towards(&mut self) -> Node {
        let (verb_forms, prepositions) = *self.pick(TOWARDS);
        let subject = self.subject(Rel::Nsubj);
        let tag = self.finite(&subject);
        let mut goal = if self.chance(50) {
            let word = *self.pick(THINGS);
            let noun = self.noun(word, Rel::Obl);
            self.owned(noun, 40)
        } else {
            self.country(Rel::Obl)
        };
        for preposition in prepositions.split(' ').rev() {
            goal = goal.front(case(preposition));
        }
        let verb = node(&form_of(&verb_forms, tag), tag, Pos::Verb, Rel::Root).left(subject).right(goal);
        self.tail(verb)
    }

    /// "X suspends the treaty, recalls its envoy and closes the border".
    fn sharing(&mut self) -> Node {
        let subject = self.plain_subject();
        let tag = self.finite(&subject);
        let object = self.object(Rel::Obj);
        let mut verb = self.verb(TRANSITIVE, tag, Rel::Root).left(subject).right(object);
        if self.chance(35) {
            let object = self.object(Rel::Obj);
            verb = verb.right(self.verb(TRANSITIVE, tag, Rel::Conj).left(comma()).right(object));
        }
        let object = self.object(Rel::Obj);
        let last = self
            .verb(TRANSITIVE, tag, Rel::Conj)
            .left(node("and", Tag::Cc, Pos::Cconj, Rel::Cc))
            .right(object);
        verb = verb.right(last);
        self.tail(verb)
    }

    /// "Talks between A and B over the dam collapse".
    fn between(&mut self) -> Node {
        let word = *self.pick(BETWEEN);
        let subject = match word.strip_prefix("The ") {
            Some(noun) => {
                node(noun, Tag::Nn, Pos::Noun, Rel::Nsubj).left(node("The", Tag::Dt, Pos::Det, Rel::Det))
            }
            None if word.ends_with('s') => node(word, Tag::Nns, Pos::Noun, Rel::Nsubj),
            None => node(word, Tag::Nn, Pos::Noun, Rel::Nsubj),
        };
        let other = self.country(Rel::Conj).front(node("and", Tag::Cc, Pos::Cconj, Rel::Cc));
        let mut sides = self.country(Rel::Nmod).front(case("between"));
        if self.chance(20) {
            let third = self.country(Rel::Conj).front(comma());
            sides = sides.right(third);
        }
        let mut subject = subject.right(sides.right(other));
        if self.chance(40) {
            let word = *self.pick(&["dam", "border", "islands", "ceasefire", "water", "prisoners"]);
            let topic = self.noun(word, Rel::Nmod).front(node("the", Tag::Dt, Pos::Det, Rel::Det));
            subject = subject.right(topic.front(case("over")));
        }
        let tag = self.finite(&subject);
        let verb = *self.pick(ALONE);
        let verb = node(&form_of(&verb, tag), tag, Pos::Verb, Rel::Root).left(subject);
        self.tail(verb)
    }

    /// "X rejects Y's claim that it carried out the attack", "X denies that …".
    fn claimed(&mut self) -> Node {
        let subject = self.plain_subject();
        let tag = self.finite(&subject);
        let word =
            *self.pick(&["claim", "claims", "report", "reports", "allegation", "accusation", "assertion"]);
        let object = self.noun(word, Rel::Obj);
        let object = self.owned(object, 30);
        let mark = node("that", Tag::In, Pos::Sconj, Rel::Mark);
        let inner = self.clause(Rel::Acl).front(mark);
        let verbs = ["reject", "dismiss", "deny", "repeat", "confirm", "dispute"];
        self.verb(&verbs, tag, Rel::Root).left(subject).right(object.right(inner))
    }

    /// "X protests after a destroyer sails through the strait".
    fn background(&mut self) -> Node {
        let clause = self.plain_clause(Rel::Root);
        let word = *self.pick(super::newswire::FORCES);
        let actor = self.noun(word, Rel::Nsubj);
        let actor = self.owned(actor, 60);
        let tag = self.finite(&actor);
        let (verb_forms, prepositions) = *self.pick(TOWARDS);
        let mut goal = self.place(Rel::Obl);
        goal.left.remove(0);
        for preposition in prepositions.split(' ').rev() {
            goal = goal.front(case(preposition));
        }
        let mark = node(*self.pick(&["after", "as", "when", "because"]), Tag::In, Pos::Sconj, Rel::Mark);
        let inner =
            node(&form_of(&verb_forms, tag), tag, Pos::Verb, Rel::Advcl).left(mark).left(actor).right(goal);
        clause.right(inner)
    }

    /// "X rules out withdrawing troops", "X considers closing the border".
    fn gerund(&mut self) -> Node {
        let subject = self.plain_subject();
        let tag = self.finite(&subject);
        let object = self.object(Rel::Obj);
        let inner = self.verb(TRANSITIVE, Tag::Vbg, Rel::Xcomp).right(object);
        let inner = self.tail(inner);
        if self.chance(30) {
            let out = node("out", Tag::Rp, Pos::Adp, Rel::CompoundPrt);
            let verb = node(&form_of(&["rule", "rules", "ruled", "ruled"], tag), tag, Pos::Verb, Rel::Root);
            return verb.left(subject).right(out).right(inner);
        }
        self.verb(&["consider", "stop", "begin", "suggest", "deny", "start"], tag, Rel::Root)
            .left(subject)
            .right(inner)
    }
}
