//! Training of the tagger and the parser from a treebank. Deterministic: the same files give the same model.

mod gold;
mod learner;
mod measure;
mod oracle;
mod vary;

pub use gold::{Gold, read_conllu};
pub use measure::{Measure, measure};
pub use vary::Dice;

use super::arc::{Words, move_features, rel_features};
use super::feature::{Atom, allowed};
use super::model::{Model, ModelError};
use super::parser::{count, relation};
use super::state::{Move, State};
use super::tagger::{tag, tag_features};
use super::weights::{NARROW, WIDE};
use super::{Pos, Rel, Tag};
use learner::Learner;
use oracle::costs;
use vary::vary;

/// How long and how large to train.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    pub tagger_epochs: usize,
    pub parser_epochs: usize,
    /// Parts of the treebank that are tagged by a tagger which has not seen them.
    pub folds: usize,
    /// Parsers that are trained in other orders and added up: a sum of linear models costs no more than one.
    pub members: usize,
    /// Rows of each table, as a power of two.
    pub tag_bits: u32,
    pub move_bits: u32,
    pub rel_bits: u32,
    /// Rows that were changed less often are left out of the model.
    pub changes_min: u32,
    pub seed: u64,
}

impl Default for Plan {
    fn default() -> Plan {
        Plan {
            tagger_epochs: 6,
            parser_epochs: 8,
            folds: 4,
            members: 3,
            tag_bits: 17,
            move_bits: 21,
            rel_bits: 17,
            changes_min: 2,
            seed: 20,
        }
    }
}

/// One sentence as tagger and parser see it.
struct Case {
    gold: Gold,
    atoms: Vec<Atom>,
    allowed: Vec<u64>,
}

impl Case {
    fn of(gold: Gold) -> Case {
        let mut buffer = String::new();
        let atoms = gold.forms.iter().map(|form| Atom::of(form, &mut buffer)).collect();
        let hint = |form: &String| form.contains(' ').then_some(Pos::Propn);
        let allowed = gold.forms.iter().map(|form| allowed(hint(form))).collect();
        Case { gold, atoms, allowed }
    }
}

/// Trains on `treebank` and gives the bytes of a model; `report` hears of each step.
pub fn train(treebank: &[Gold], plan: Plan, report: &mut dyn FnMut(&str)) -> Result<Vec<u8>, ModelError> {
    let mut dice = Dice::new(plan.seed);
    let mut taggers = Vec::new();
    for fold in 0..plan.folds {
        let parts = treebank.iter().enumerate().filter(|(at, _)| at % plan.folds != fold);
        let seen: Vec<&Gold> = parts.map(|(_, gold)| gold).collect();
        report(&format!("tagger without part {}", fold + 1));
        taggers.push(train_tagger(&seen, plan, &mut dice));
    }
    let mut sums: Option<(Learner<NARROW>, Learner<WIDE>)> = None;
    for member in 0..plan.members {
        report(&format!("parser {}", member + 1));
        let (moves, rels) = train_parser(treebank, &taggers, plan, &mut dice, report);
        match &mut sums {
            None => sums = Some((moves, rels)),
            Some((all_moves, all_rels)) => {
                all_moves.add(&moves);
                all_rels.add(&rels);
            }
        }
    }
    report("tagger");
    let all: Vec<&Gold> = treebank.iter().collect();
    let mut tags = train_tagger(&all, plan, &mut dice);
    taggers.iter().for_each(|part| tags.add(part));
    let (moves, rels) = sums.ok_or(ModelError::Shape)?;
    let least = plan.changes_min;
    Model::pack([&tags.small(least), &moves.small(least), &rels.small(least)])
}

/// One parser and its labeller, averaged.
fn train_parser(
    treebank: &[Gold],
    taggers: &[Learner<WIDE>],
    plan: Plan,
    dice: &mut Dice,
    report: &mut dyn FnMut(&str),
) -> (Learner<NARROW>, Learner<WIDE>) {
    let mut moves = Learner::<NARROW>::new(plan.move_bits);
    let mut rels = Learner::<WIDE>::new(plan.rel_bits);
    let mut order: Vec<usize> = (0..treebank.len()).collect();
    let mut work = Work::default();
    for epoch in 0..plan.parser_epochs {
        dice.shuffle(&mut order);
        let mut wrong = 0;
        for at in &order {
            let case = Case::of(vary(&treebank[*at], dice));
            work.ready(&case, &taggers[at % plan.folds]);
            wrong += work.learn(&case, epoch > 0, dice, &mut moves, &mut rels);
        }
        report(&format!("pass {}: {wrong} moves wrong", epoch + 1));
    }
    moves.average();
    rels.average();
    (moves, rels)
}

fn train_tagger(treebank: &[&Gold], plan: Plan, dice: &mut Dice) -> Learner<WIDE> {
    let mut learner = Learner::<WIDE>::new(plan.tag_bits);
    let mut order: Vec<usize> = (0..treebank.len()).collect();
    let mut tags = Vec::new();
    for _ in 0..plan.tagger_epochs {
        dice.shuffle(&mut order);
        for at in &order {
            let case = Case::of(vary(treebank[*at], dice));
            tags.clear();
            for word in 0..case.atoms.len() {
                let features = tag_features(&case.atoms, &tags, word);
                let gold = 1 << case.gold.tags[word];
                let (_, guess) = learner.learn(&features, gold, case.allowed[word] | gold);
                tags.push(guess as u8);
            }
        }
    }
    learner.average();
    learner
}

/// Buffers of the parser's training.
#[derive(Default)]
struct Work {
    tags: Vec<u8>,
    counts: Vec<[u16; 3]>,
    state: State,
}

impl Work {
    fn ready(&mut self, case: &Case, tagger: &Learner<WIDE>) {
        tag(&case.atoms, &case.allowed, tagger, &mut self.tags);
        count(&case.atoms, &self.tags, &mut self.counts);
        self.state.start(case.atoms.len() as u16);
    }

    /// Parses once, and learns from each wrong move and relation; gives the number of wrong moves.
    fn learn(
        &mut self,
        case: &Case,
        explores: bool,
        dice: &mut Dice,
        moves: &mut Learner<NARROW>,
        rels: &mut Learner<WIDE>,
    ) -> usize {
        let words = Words { atoms: &case.atoms, tags: &self.tags, counts: &self.counts };
        let state = &mut self.state;
        let mut wrong = 0;
        while !state.is_done() {
            let features = move_features(words, state);
            let open = state.allowed();
            let costs = costs(state, &case.gold.heads);
            let least = (0..3).filter(|m| open >> m & 1 == 1).map(|m| costs[m]).min().unwrap_or(0);
            let right =
                (0..3).filter(|m| open >> m & 1 == 1 && costs[*m] == least).fold(0u64, |sum, m| sum | 1 << m);
            let (good, guess) = moves.learn(&features, right, open);
            let is_wrong = right >> guess & 1 == 0;
            wrong += usize::from(is_wrong);
            let step = Move::ALL[if is_wrong && explores && dice.chance(0.9) { guess } else { good }];
            match state.arc(step) {
                None => state.shift(),
                Some((head, dependent)) => {
                    let rel = relation(words, state, head, dependent, rels);
                    if case.gold.heads[usize::from(dependent)] == head && head != state.n {
                        let gold = 1 << case.gold.rels[usize::from(dependent)];
                        let all = ((1u64 << Rel::ALL.len()) - 1) & !(1 << Rel::Root as u8);
                        rels.learn(&rel_features(words, state, head, dependent), gold, all | gold);
                    }
                    state.attach(head, dependent, rel);
                }
            }
        }
        wrong
    }
}

/// The tag's number for the sentence's gold.
fn tag_number(text: &str) -> u8 {
    let tag = match text {
        "." | "," | ":" | "``" | "''" | "-LRB-" | "-RRB-" | "NFP" => Tag::Punct,
        "$" => Tag::Sym,
        _ => Tag::from_name(text).unwrap_or(Tag::Other),
    };
    tag as u8
}

fn rel_number(text: &str) -> u8 {
    Rel::from_treebank(text) as u8
}
