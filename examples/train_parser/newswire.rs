//! Sentences in the style of news agencies with their trees, made from a small grammar of our own: the treebank is
//! web text, in which "Russia expels two envoys" hardly occurs.

#![allow(clippy::explicit_auto_deref)] // Without it the type of the list cannot be inferred.

use demarche::text::train::{Dice, Gold};
use demarche::text::{Pos, Rel, Tag, forms};

/// A word and what hangs on it, left and right.
#[derive(Clone)]
pub struct Node {
    pub form: String,
    pub tag: Tag,
    pub pos: Pos,
    pub rel: Rel,
    pub left: Vec<Node>,
    pub right: Vec<Node>,
}

pub fn node(form: &str, tag: Tag, pos: Pos, rel: Rel) -> Node {
    Node { form: form.to_owned(), tag, pos, rel, left: Vec::new(), right: Vec::new() }
}

impl Node {
    pub fn rel(mut self, rel: Rel) -> Node {
        self.rel = rel;
        self
    }

    pub fn left(mut self, child: Node) -> Node {
        self.left.push(child);
        self
    }

    /// In front of all that stands left so far.
    pub fn front(mut self, child: Node) -> Node {
        self.left.insert(0, child);
        self
    }

    pub fn right(mut self, child: Node) -> Node {
        self.right.push(child);
        self
    }

    fn lay(&self, out: &mut Gold) -> usize {
        let lefts: Vec<usize> = self.left.iter().map(|child| child.lay(out)).collect();
        let here = out.forms.len();
        out.forms.push(self.form.clone());
        out.tags.push(self.tag as u8);
        out.spaces.push(true);
        out.rels.push(self.rel as u8);
        out.heads.push(0);
        let rights: Vec<usize> = self.right.iter().map(|child| child.lay(out)).collect();
        for child in lefts.into_iter().chain(rights) {
            out.heads[child] = here as u16;
        }
        here
    }
}

const COUNTRIES: &[(&str, &str)] = &[
    ("Russia", "Russian"),
    ("China", "Chinese"),
    ("Israel", "Israeli"),
    ("Iran", "Iranian"),
    ("Turkey", "Turkish"),
    ("India", "Indian"),
    ("Pakistan", "Pakistani"),
    ("Ukraine", "Ukrainian"),
    ("Poland", "Polish"),
    ("Egypt", "Egyptian"),
    ("the United States", "American"),
    ("North Korea", "North Korean"),
    ("South Korea", "South Korean"),
    ("Japan", "Japanese"),
    ("Chad", "Chadian"),
    ("Kenya", "Kenyan"),
    ("Chile", "Chilean"),
    ("Peru", "Peruvian"),
    ("Sweden", "Swedish"),
    ("Georgia", "Georgian"),
    ("Saudi Arabia", "Saudi"),
    ("Yemen", "Yemeni"),
    ("Oman", "Omani"),
    ("Qatar", "Qatari"),
    ("Moscow", "Kiribatian"),
    ("Beijing", "Malagasy"),
    ("Tehran", "Ethiopian"),
    ("Kyiv", "Eritrean"),
    ("Islamabad", "Sudanese"),
    ("the European Union", "European"),
    ("NATO", "Afghan"),
    ("Hamas", "Palestinian"),
    ("Hezbollah", "Lebanese"),
    ("the Kremlin", "French"),
    ("Washington", "German"),
    ("the U.S.", "U.S."),
    ("Britain", "British"),
];
const FIRST: &[&str] = &[
    "Ivan", "Maria", "Ahmed", "Li", "Daniel", "Taneti", "Kim", "Abdul", "Sara", "John", "Sergei", "Narendra",
    "Emil", "Aung",
];
const LAST: &[&str] = &[
    "Petrov",
    "Noboa",
    "Hassan",
    "Wei",
    "Mamau",
    "Novak",
    "Silva",
    "Khan",
    "Okafor",
    "Brandt",
    "Castro",
    "Dlamini",
    "al-Rashid",
];
const TITLES: &[&[&str]] = &[
    &["President"],
    &["Prime", "Minister"],
    &["Foreign", "Minister"],
    &["Defence", "Minister"],
    &["Chancellor"],
    &["Secretary"],
    &["Defense", "Secretary"],
    &["foreign", "minister"],
    &["president"],
    &["prime", "minister"],
    &["spokesman"],
    &["ambassador"],
    &["Interior", "Minister"],
    &["Supreme", "Leader"],
    &["General"],
];
const ORGANS: &[&str] = &[
    "government",
    "army",
    "military",
    "navy",
    "parliament",
    "embassy",
    "ministry",
    "coast guard",
    "Foreign Ministry",
    "Defence Ministry",
    "authorities",
    "officials",
    "cabinet",
];
pub const FORCES: &[&str] = &[
    "troops",
    "forces",
    "soldiers",
    "warplanes",
    "jets",
    "drones",
    "tanks",
    "warships",
    "fighters",
    "commandos",
    "missiles",
    "gunmen",
    "militants",
    "rebels",
    "airstrikes",
    "strikes",
    "attacks",
    "raids",
    "shelling",
    "drone",
    "missile",
    "warship",
    "jet",
    "airstrike",
    "submarine",
    "police",
];
const PEOPLE: &[&str] = &[
    "diplomats",
    "envoys",
    "soldiers",
    "sailors",
    "citizens",
    "prisoners",
    "hostages",
    "civilians",
    "fishermen",
    "officials",
    "journalists",
    "people",
    "officers",
    "nationals",
    "militants",
    "fighters",
    "peacekeepers",
];
const ACTS: &[&str] = &[
    "attack",
    "strike",
    "airstrike",
    "raid",
    "decision",
    "move",
    "ban",
    "visit",
    "agreement",
    "deal",
    "truce",
    "ceasefire",
    "summit",
    "exercise",
    "test",
    "sanctions",
    "tariffs",
    "talks",
    "offer",
    "plan",
    "proposal",
    "protest",
    "threat",
    "missile test",
    "drone strike",
    "peace plan",
    "invasion",
    "blockade",
    "annexation",
    "withdrawal",
    "expulsion",
];
pub const THINGS: &[&str] = &[
    "border",
    "airspace",
    "embassy",
    "consulate",
    "ambassador",
    "envoy",
    "treaty",
    "pact",
    "accord",
    "ship",
    "tanker",
    "oil tanker",
    "village",
    "town",
    "base",
    "port",
    "airport",
    "convoy",
    "vessel",
    "flights",
    "trade",
    "ties",
    "relations",
    "diplomatic relations",
    "headquarters",
    "hospital",
    "territory",
    "warship",
    "fishing boat",
    "border crossing",
    "nuclear deal",
    "military base",
];
pub const TRANSITIVE: &[&str] = &[
    "expel",
    "recall",
    "close",
    "suspend",
    "attack",
    "bomb",
    "strike",
    "shell",
    "hit",
    "raid",
    "seize",
    "detain",
    "release",
    "free",
    "condemn",
    "denounce",
    "criticise",
    "reject",
    "sign",
    "ratify",
    "leave",
    "quit",
    "summon",
    "sanction",
    "target",
    "capture",
    "destroy",
    "kill",
    "launch",
    "fire",
    "deploy",
    "send",
    "mobilise",
    "impose",
    "lift",
    "ease",
    "announce",
    "cancel",
    "postpone",
    "reopen",
    "restore",
    "shut",
    "block",
    "invade",
    "annex",
    "violate",
    "break",
    "cross",
    "enter",
    "ban",
    "arrest",
    "free",
    "evacuate",
    "withdraw",
    "test",
    "threaten",
    "approve",
    "extend",
    "renew",
    "scrap",
    "abandon",
    "halt",
    "cut",
    "sever",
    "mediate",
    "broker",
    "host",
    "visit",
    "call",
    "demand",
    "accept",
    "welcome",
    "back",
    "join",
    "blame",
    "intercept",
    "sink",
    "ram",
    "jam",
    "hold",
];
const SAYING: &[&str] = &[
    "say", "announce", "report", "confirm", "claim", "declare", "warn", "state", "deny", "admit", "reveal",
    "insist",
];
const CONTROL: &[&str] = &[
    "threaten", "vow", "agree", "refuse", "offer", "plan", "decide", "want", "promise", "begin", "continue",
    "prepare", "pledge", "seek",
];
const PLACES: &[&str] = &[
    "Gaza",
    "Kabul",
    "Odesa",
    "Damascus",
    "Kashmir",
    "Geneva",
    "Donetsk Oblast",
    "Berlin",
    "Puławy County",
    "the West Bank",
    "the Black Sea",
    "Kharkiv",
    "Aden",
    "Sinai",
    "Taipei",
    "Goma",
];
const DAYS: &[&str] = &["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// Makes sentences.
pub struct Newswire {
    pub dice: Dice,
}

impl Newswire {
    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[(self.dice.roll() % list.len() as u64) as usize]
    }

    pub fn chance(&mut self, percent: u64) -> bool {
        self.dice.chance(percent as f64 / 100.0)
    }

    /// A name as one word, as the gazetteer joins it, or with its article and parts.
    pub fn country(&mut self, rel: Rel) -> Node {
        let name = self.pick(COUNTRIES).0;
        self.name(name, rel)
    }

    fn name(&mut self, name: &str, rel: Rel) -> Node {
        let (the, rest) = match name.strip_prefix("the ") {
            Some(rest) => (true, rest),
            None => (false, name),
        };
        let joined = self.chance(70);
        let words: Vec<&str> = rest.split(' ').collect();
        let mut head = if joined || words.len() == 1 {
            node(rest, Tag::Nnp, Pos::Propn, rel)
        } else {
            let (last, before) = words.split_last().unwrap_or((&rest, &[]));
            let head = node(last, Tag::Nnp, Pos::Propn, rel);
            before.iter().fold(head, |head, word| head.left(node(word, Tag::Nnp, Pos::Propn, Rel::Compound)))
        };
        if the {
            head = head.front(node("the", Tag::Dt, Pos::Det, Rel::Det));
        }
        head
    }

    fn adjective(&mut self) -> Node {
        let word = self.pick(COUNTRIES).1;
        node(word, Tag::Jj, Pos::Adj, Rel::Amod)
    }

    /// "Russian Foreign Minister Ivan Petrov", "Ivan Petrov", "the Russian president".
    pub fn person(&mut self, rel: Rel) -> Node {
        let title = *self.pick(TITLES);
        let (last_word, before) = title.split_last().unwrap_or((&"President", &[]));
        let proper = last_word.chars().next().is_some_and(char::is_uppercase);
        let (tag, pos) = if proper { (Tag::Nnp, Pos::Propn) } else { (Tag::Nn, Pos::Noun) };
        let mut role = node(last_word, tag, pos, Rel::Nmod);
        for word in before {
            let adjective = matches!(*word, "Prime" | "Foreign" | "prime" | "foreign" | "Supreme");
            let child = if adjective {
                node(word, Tag::Jj, Pos::Adj, Rel::Amod)
            } else {
                node(word, Tag::Nnp, Pos::Propn, Rel::Compound)
            };
            role = role.left(child);
        }
        role = if self.chance(75) {
            let a = self.adjective();
            role.front(a)
        } else {
            let c = self.country(Rel::NmodPoss);
            role.front(c.right(node("'s", Tag::PosS, Pos::Part, Rel::Case)))
        };
        if self.chance(15) {
            let role = role.rel(rel);
            return if role.left.iter().any(|c| c.rel == Rel::NmodPoss) {
                role
            } else {
                role.front(node("the", Tag::Dt, Pos::Det, Rel::Det))
            };
        }
        let (first, last) = (*self.pick(FIRST), *self.pick(LAST));
        let named = if self.chance(50) {
            node(&format!("{first} {last}"), Tag::Nnp, Pos::Propn, rel)
        } else {
            node(first, Tag::Nnp, Pos::Propn, rel).right(node(last, Tag::Nnp, Pos::Propn, Rel::Flat))
        };
        named.front(role)
    }

    /// "the Russian army", "Israel's cabinet", "The Russian Ministry of Defence".
    pub fn organ(&mut self, rel: Rel) -> Node {
        if self.chance(15) {
            let ministry = node("Ministry", Tag::Nnp, Pos::Propn, rel).right(
                node(
                    *self.pick(&["Defence", "Defense", "Justice", "Health"]),
                    Tag::Nnp,
                    Pos::Propn,
                    Rel::Nmod,
                )
                .left(node("of", Tag::In, Pos::Adp, Rel::Case)),
            );
            let adjective = self.adjective();
            return ministry.left(node("the", Tag::Dt, Pos::Det, Rel::Det)).left(adjective);
        }
        let organ = *self.pick(ORGANS);
        let head = self.noun(organ, rel);
        self.owned(head, 65)
    }

    /// A noun of one or more words; capitals make names of it.
    pub fn noun(&mut self, words: &str, rel: Rel) -> Node {
        let list: Vec<&str> = words.split(' ').collect();
        let (last, before) = list.split_last().unwrap_or((&words, &[]));
        let kind = |word: &str| {
            let plural = word.ends_with('s') && !matches!(word, "headquarters" | "ties");
            match (word.chars().next().is_some_and(char::is_uppercase), plural) {
                (true, _) => (Tag::Nnp, Pos::Propn),
                (false, true) => (Tag::Nns, Pos::Noun),
                (false, false) => (Tag::Nn, Pos::Noun),
            }
        };
        let (tag, pos) = kind(last);
        let mut head = node(last, tag, pos, rel);
        for word in before {
            let child = if matches!(*word, "diplomatic" | "nuclear" | "military") {
                node(word, Tag::Jj, Pos::Adj, Rel::Amod)
            } else {
                let (tag, pos) = kind(word);
                node(word, tag, pos, Rel::Compound)
            };
            head = head.left(child);
        }
        head
    }

    /// "the Russian X", "Russia's X", "its X".
    pub fn owned(&mut self, head: Node, adjectives: u64) -> Node {
        if self.chance(adjectives) {
            let adjective = self.adjective();
            let head = head.front(adjective);
            let plural = head.tag == Tag::Nns;
            if plural && self.chance(60) {
                head
            } else {
                head.front(node(if self.chance(80) { "the" } else { "a" }, Tag::Dt, Pos::Det, Rel::Det))
            }
        } else if self.chance(50) {
            let owner = self.country(Rel::NmodPoss).right(node("'s", Tag::PosS, Pos::Part, Rel::Case));
            head.front(owner)
        } else {
            head.front(node(
                if self.chance(60) { "its" } else { "their" },
                Tag::PrpS,
                Pos::Pron,
                Rel::NmodPoss,
            ))
        }
    }

    pub fn subject(&mut self, rel: Rel) -> Node {
        let head = match self.dice.roll() % 10 {
            0..=3 => self.country(rel),
            4 | 5 => self.person(rel),
            6 => self.organ(rel),
            7 | 8 => {
                let word = *self.pick(FORCES);
                let noun = self.noun(word, rel);
                self.owned(noun, 80)
            }
            _ => node(*self.pick(&["it", "they", "he", "she"]), Tag::Prp, Pos::Pron, rel),
        };
        if head.pos != Pos::Pron && self.chance(12) {
            let second = self.country(Rel::Conj);
            let other = self.country(Rel::Conj);
            let head = if self.chance(35) {
                head.right(second.front(node(",", Tag::Punct, Pos::Punct, Rel::Punct)))
            } else {
                head
            };
            head.right(other.front(node("and", Tag::Cc, Pos::Cconj, Rel::Cc)))
        } else {
            head
        }
    }

    pub fn object(&mut self, rel: Rel) -> Node {
        match self.dice.roll() % 8 {
            0 => self.country(rel),
            1 => self.person(rel),
            2 | 3 => {
                let word = *self.pick(THINGS);
                let head = self.noun(word, rel);
                self.owned(head, 45)
            }
            4 | 5 => {
                let word = *self.pick(ACTS);
                let head = self.noun(word, rel);
                let mut head = self.owned(head, 40);
                if self.chance(50) {
                    let prep = *self.pick(&["on", "against", "with", "from", "in", "near"]);
                    let target = self.country(Rel::Nmod);
                    head = head.right(target.front(node(prep, Tag::In, Pos::Adp, Rel::Case)));
                }
                head
            }
            _ => {
                let word = *self.pick(PEOPLE);
                let head = node(word, Tag::Nns, Pos::Noun, rel);
                let adjective = self.adjective();
                let head = head.front(adjective);
                let count = *self.pick(&["two", "three", "14", "dozens of", "several", "ten", "200"]);
                match count {
                    "dozens of" => head,
                    "several" => head.front(node("several", Tag::Jj, Pos::Adj, Rel::Amod)),
                    other => head.front(node(other, Tag::Cd, Pos::Num, Rel::Nummod)),
                }
            }
        }
    }

    pub fn place(&mut self, rel: Rel) -> Node {
        let place = *self.pick(PLACES);
        let prep = *self.pick(&["in", "near", "in", "at"]);
        self.name(place, rel).front(node(prep, Tag::In, Pos::Adp, Rel::Case))
    }

    pub fn day(&mut self) -> Node {
        let day = *self.pick(DAYS);
        node(day, Tag::Nnp, Pos::Propn, Rel::Obl).front(node("on", Tag::In, Pos::Adp, Rel::Case))
    }

    pub fn verb(&mut self, list: &[&str], tag: Tag, rel: Rel) -> Node {
        let base = *self.pick(list);
        let all = forms(base, Pos::Verb);
        let form = match tag {
            Tag::Vbz => &all[1],
            Tag::Vbd => &all[2],
            Tag::Vbg => all.last().unwrap_or(&all[0]),
            Tag::Vbn if all.len() >= 5 && !all[3].ends_with("ing") => &all[3],
            Tag::Vbn => &all[2],
            _ => &all[0],
        };
        let form =
            if tag == Tag::Vbg { all.iter().find(|f| f.ends_with("ing")).unwrap_or(form) } else { form };
        node(form, tag, Pos::Verb, rel)
    }

    pub fn finite(&mut self, subject: &Node) -> Tag {
        let plural = matches!(subject.tag, Tag::Nns | Tag::Nnps)
            || subject.right.iter().any(|c| c.rel == Rel::Conj)
            || subject.form == "they";
        if self.chance(40) {
            Tag::Vbd
        } else if plural {
            Tag::Vbp
        } else {
            Tag::Vbz
        }
    }

    /// A clause with a transitive verb, active or passive.
    pub fn clause(&mut self, rel: Rel) -> Node {
        if self.chance(22) {
            return self.passive(rel);
        }
        let subject = self.subject(Rel::Nsubj);
        let tag = self.finite(&subject);
        let mut verb = match self.dice.roll() % 6 {
            0 => {
                let modal = *self.pick(&["will", "may", "could", "would", "can", "might", "must"]);
                let verb = self.verb(TRANSITIVE, Tag::Vb, rel);
                verb.left(subject).left(node(modal, Tag::Md, Pos::Aux, Rel::Aux))
            }
            1 => {
                let has = match tag {
                    Tag::Vbz => "has",
                    Tag::Vbd => "had",
                    _ => "have",
                };
                let verb = self.verb(TRANSITIVE, Tag::Vbn, rel);
                verb.left(subject).left(node(
                    has,
                    if has == "has" { Tag::Vbz } else { Tag::Vbp },
                    Pos::Aux,
                    Rel::Aux,
                ))
            }
            _ => self.verb(TRANSITIVE, tag, rel).left(subject),
        };
        let object = self.object(Rel::Obj);
        verb = verb.right(object);
        self.tail(verb)
    }

    fn passive(&mut self, rel: Rel) -> Node {
        let subject = self.object(Rel::NsubjPass);
        let be = *self.pick(&["is", "are", "was", "were", "has been"]);
        let mut verb = self.verb(TRANSITIVE, Tag::Vbn, rel).left(subject);
        if be == "has been" {
            verb = verb.left(node("has", Tag::Vbz, Pos::Aux, Rel::Aux)).left(node(
                "been",
                Tag::Vbn,
                Pos::Aux,
                Rel::AuxPass,
            ));
        } else {
            verb = verb.left(node(be, Tag::Vbd, Pos::Aux, Rel::AuxPass));
        }
        if self.chance(60) {
            let agent = self.subject(Rel::OblAgent);
            verb = verb.right(agent.front(node("by", Tag::In, Pos::Adp, Rel::Case)));
        }
        self.tail(verb)
    }

    /// Place, day, participle or background behind a clause.
    pub fn tail(&mut self, verb: Node) -> Node {
        let mut verb = verb;
        if self.chance(25) {
            let place = self.place(Rel::Obl);
            verb = verb.right(place);
        }
        if self.chance(20) {
            let day = self.day();
            verb = verb.right(day);
        }
        if self.chance(14) {
            let mut participle = self.verb(TRANSITIVE, Tag::Vbg, Rel::Advcl).left(node(
                ",",
                Tag::Punct,
                Pos::Punct,
                Rel::Punct,
            ));
            let object = self.object(Rel::Obj);
            participle = participle.right(object);
            verb = verb.right(participle);
        } else if self.chance(14) {
            let word = *self.pick(ACTS);
            let head = self.noun(word, Rel::Obl);
            let head = self.owned(head, 60);
            let prep = *self.pick(&["after", "following", "amid", "over", "despite", "during"]);
            verb = verb.right(head.front(node(prep, Tag::In, Pos::Adp, Rel::Case)));
        } else if self.chance(10) {
            let inner = self.plain_clause(Rel::Advcl);
            let mark = *self.pick(&["after", "if", "because", "as", "unless", "while"]);
            verb = verb.right(inner.front(node(mark, Tag::In, Pos::Sconj, Rel::Mark)));
        }
        verb
    }

    pub fn plain_clause(&mut self, rel: Rel) -> Node {
        let subject = self.subject(Rel::Nsubj);
        let tag = self.finite(&subject);
        let object = self.object(Rel::Obj);
        self.verb(TRANSITIVE, tag, rel).left(subject).right(object)
    }

    /// "X says that …", "X threatens to …", "X accuses Y of …", "X urges Y to …", "X meets with Y".
    fn complex(&mut self) -> Node {
        let subject = self.subject(Rel::Nsubj);
        let tag = self.finite(&subject);
        match self.dice.roll() % 6 {
            0 | 1 => {
                let mut inner = self.clause(Rel::Ccomp);
                if self.chance(65) {
                    inner = inner.front(node("that", Tag::In, Pos::Sconj, Rel::Mark));
                }
                self.verb(SAYING, tag, Rel::Root).left(subject).right(inner)
            }
            2 => {
                let object = self.object(Rel::Obj);
                let inner = self
                    .verb(TRANSITIVE, Tag::Vb, Rel::Xcomp)
                    .left(node("to", Tag::To, Pos::Part, Rel::Mark))
                    .right(object);
                let inner = self.tail(inner);
                self.verb(CONTROL, tag, Rel::Root).left(subject).right(inner)
            }
            3 => {
                let (accused, object) = (self.country(Rel::Obj), self.object(Rel::Obj));
                let inner = self
                    .verb(TRANSITIVE, Tag::Vbg, Rel::Advcl)
                    .left(node("of", Tag::In, Pos::Sconj, Rel::Mark))
                    .right(object);
                self.verb(&["accuse"], tag, Rel::Root).left(subject).right(accused).right(inner)
            }
            4 => {
                let (urged, object) = (self.country(Rel::Obj), self.object(Rel::Obj));
                let inner = self
                    .verb(TRANSITIVE, Tag::Vb, Rel::Xcomp)
                    .left(node("to", Tag::To, Pos::Part, Rel::Mark))
                    .right(object);
                self.verb(&["urge", "tell", "order", "ask", "warn"], tag, Rel::Root)
                    .left(subject)
                    .right(urged)
                    .right(inner)
            }
            _ => {
                let other = if self.chance(60) { self.person(Rel::Obl) } else { self.organ(Rel::Obl) };
                let verb = self
                    .verb(&["meet", "speak", "talk", "clash", "hold talks"], tag, Rel::Root)
                    .left(subject);
                let verb = match verb.form.split_once(' ') {
                    Some((first, _)) => Node { form: first.to_owned(), ..verb }.right(node(
                        "talks",
                        Tag::Nns,
                        Pos::Noun,
                        Rel::Obj,
                    )),
                    None => verb,
                };
                let verb = verb.right(other.front(node("with", Tag::In, Pos::Adp, Rel::Case)));
                let place = self.place(Rel::Obl);
                verb.right(place)
            }
        }
    }

    /// One sentence with its tree.
    pub fn sentence(&mut self) -> Gold {
        let mut root = match self.dice.roll() % 16 {
            0..=4 => self.clause(Rel::Root),
            10..=15 => self.figure(),
            5 => {
                // "…, the ministry says."
                let speaker = self.subject(Rel::Nsubj);
                let tag = self.finite(&speaker);
                let said = self
                    .verb(&["say", "report", "add"], tag, Rel::Parataxis)
                    .left(node(",", Tag::Punct, Pos::Punct, Rel::Punct))
                    .left(speaker);
                let clause = self.plain_clause(Rel::Root);
                clause.right(said)
            }
            _ => self.complex(),
        };
        if self.chance(12) {
            let (first, second) = (self.plain_clause(Rel::Conj), node("and", Tag::Cc, Pos::Cconj, Rel::Cc));
            let first = Node { left: vec![second], ..first };
            root = root.right(first);
        }
        if self.chance(85) {
            root = root.right(node(".", Tag::Punct, Pos::Punct, Rel::Punct));
        }
        let mut gold = Gold::default();
        let top = root.lay(&mut gold);
        gold.heads[top] = gold.forms.len() as u16;
        if let Some(first) = gold.forms.first_mut() {
            let mut chars = first.chars();
            *first = chars.next().map(|c| c.to_uppercase().chain(chars).collect()).unwrap_or_default();
        }
        gold
    }
}
