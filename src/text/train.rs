//! Training of the tagger and the parser from a treebank; used by `examples/train_parser.rs` only.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use super::model::{Linear, write_names};
use super::parser::{MAGIC, Move, State, move_name};
use super::tagger::{self, Seen};
use super::{Parse, ParseScratch, Parser, Pos, Rel, Tag, Word};

/// A sentence of a treebank. The head of the root is the number of words.
#[derive(Clone, Debug, Default)]
pub struct Gold {
    pub forms: Vec<String>,
    pub class: Vec<(Tag, Pos)>,
    pub head: Vec<u16>,
    pub rel: Vec<Rel>,
}

/// Reads CoNLL-U.
pub fn read_conllu(text: &str) -> Vec<Gold> {
    let mut list = Vec::new();
    for block in text.split("\n\n") {
        let mut gold = Gold::default();
        let rows: Vec<Vec<&str>> = block
            .lines()
            .filter(|line| !line.starts_with('#'))
            .map(|line| line.split('\t').collect::<Vec<_>>())
            .filter(|row| row.len() >= 8 && row[0].parse::<usize>().is_ok())
            .collect();
        for row in &rows {
            let head: usize = row[6].parse().unwrap_or(0);
            gold.forms.push(row[1].to_owned());
            gold.class.push((penn(row[4], row[3]), Pos::from_name(row[3]).unwrap_or(Pos::X)));
            gold.head.push(if head == 0 { rows.len() as u16 } else { head as u16 - 1 });
            gold.rel.push(if head == 0 { Rel::Root } else { Rel::from_treebank(row[7]) });
        }
        if !gold.forms.is_empty() {
            list.push(gold);
        }
    }
    list
}

fn penn(tag: &str, pos: &str) -> Tag {
    match Tag::from_name(tag) {
        Some(tag) => tag,
        None if pos == "PUNCT" => Tag::Punct,
        None => Tag::Other,
    }
}

/// A small generator of pseudo-random numbers (xorshift): training gives the same model every time.
pub struct Dice(pub u64);

impl Dice {
    pub fn step(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub fn chance(&mut self, percent: u64) -> bool {
        self.step() % 100 < percent
    }

    fn shuffle<T>(&mut self, list: &mut [T]) {
        for i in (1..list.len()).rev() {
            list.swap(i, (self.step() % (i as u64 + 1)) as usize);
        }
    }
}

/// Words joined as the gazetteer joins names, and hyphens cut as the tokeniser cuts them.
pub fn join_names(gold: &Gold, dice: &mut Dice) -> Gold {
    let n = gold.forms.len();
    let mut group: Vec<usize> = (0..n).collect();
    for at in 1..n {
        let both = gold.class[at].1 == Pos::Propn && gold.class[at - 1].1 == Pos::Propn;
        let tied = |a: usize, b: usize| {
            gold.head[a] as usize == b && matches!(gold.rel[a], Rel::Flat | Rel::Compound)
        };
        if both && (tied(at - 1, at) || tied(at, at - 1)) && dice.chance(60) {
            group[at] = group[at - 1];
        }
    }
    let mut index = vec![0u16; n + 1];
    let mut out = Gold::default();
    let mut starts = Vec::new();
    for at in 0..n {
        if group[at] == at {
            starts.push(at);
        }
        index[at] = starts.len() as u16 - 1;
    }
    index[n] = starts.len() as u16;
    for start in starts {
        let members: Vec<usize> = (start..n).filter(|m| group[*m] == start).collect();
        let inside = |m: &usize| members.iter().all(|o| gold.head[*m] as usize != *o);
        let top = members.iter().copied().find(|m| inside(m)).unwrap_or(start);
        out.forms.push(members.iter().map(|m| gold.forms[*m].as_str()).collect::<Vec<_>>().join(" "));
        out.class.push(gold.class[top]);
        out.head.push(index[gold.head[top] as usize]);
        out.rel.push(gold.rel[top]);
    }
    out
}

struct Weights {
    rows: FxHashMap<u32, usize>,
    weight: Vec<f32>,
    total: Vec<f32>,
    classes: usize,
    time: f32,
}

impl Weights {
    fn new(classes: usize) -> Weights {
        Weights { rows: FxHashMap::default(), weight: Vec::new(), total: Vec::new(), classes, time: 1.0 }
    }

    fn score(&self, features: &[u32], scores: &mut Vec<f32>) {
        scores.clear();
        scores.resize(self.classes, 0.0);
        for feature in features {
            if let Some(row) = self.rows.get(feature) {
                let row = &self.weight[row * self.classes..(row + 1) * self.classes];
                scores.iter_mut().zip(row).for_each(|(s, w)| *s += w);
            }
        }
    }

    fn update(&mut self, features: &[u32], good: usize, bad: usize) {
        for feature in features {
            let fresh = self.rows.len();
            let row = *self.rows.entry(*feature).or_insert(fresh);
            if row == fresh {
                self.weight.resize((fresh + 1) * self.classes, 0.0);
                self.total.resize((fresh + 1) * self.classes, 0.0);
            }
            for (class, sign) in [(good, 1.0), (bad, -1.0)] {
                self.weight[row * self.classes + class] += sign;
                self.total[row * self.classes + class] += sign * self.time;
            }
        }
    }

    /// Averaged weights as small integers; those that round to nothing are left out.
    fn rows(&self, least: f32) -> Vec<(u32, Vec<(u8, i8)>)> {
        let mean = |at: usize| self.weight[at] - self.total[at] / self.time;
        let mut keys: Vec<_> = self.rows.iter().map(|(k, v)| (*k, *v)).collect();
        keys.sort_unstable();
        let mut list = Vec::new();
        for (key, row) in keys {
            let weights: Vec<(u8, i8)> = (0..self.classes)
                .map(|class| (class as u8, mean(row * self.classes + class)))
                .filter(|(_, weight)| weight.abs() >= least)
                .map(|(class, weight)| (class, (weight * SCALE).round().clamp(-127.0, 127.0) as i8))
                .filter(|(_, weight)| *weight != 0)
                .collect();
            if !weights.is_empty() {
                list.push((key, weights));
            }
        }
        list
    }
}

/// Integer steps a unit of averaged weight.
const SCALE: f32 = 6.0;

/// How the training runs.
#[derive(Clone, Copy)]
pub struct Plan {
    pub epochs: usize,
    pub seed: u64,
    /// Averaged weights below this are dropped.
    pub least: f32,
}

/// Trains both models; gives the bytes of the model file. `told` hears of each epoch and its wrong moves.
pub fn train(sentences: &[Gold], plan: Plan, mut told: impl FnMut(usize, usize)) -> Vec<u8> {
    let classes: Vec<(Tag, Pos)> =
        sentences.iter().flat_map(|s| s.class.iter().copied()).collect::<BTreeSet<_>>().into_iter().collect();
    let tag_rows = train_tagger(sentences, &classes, plan);
    let linear = Linear::from_rows(&tag_rows);
    let tagger = tagger::Tagger { linear, classes: classes.clone() };
    let mut moves = BTreeSet::from([Move::Shift]);
    for sentence in sentences {
        for (at, rel) in sentence.rel.iter().enumerate() {
            moves.insert(if sentence.head[at] as usize > at { Move::Left(*rel) } else { Move::Right(*rel) });
        }
    }
    let moves: Vec<Move> = moves.into_iter().filter(|m| *m != Move::Right(Rel::Root)).collect();
    let move_rows = train_moves(sentences, &tagger, &moves, plan, &mut told);
    let mut out = MAGIC.to_vec();
    write_names(
        &classes.iter().map(|(t, p)| format!("{}|{}", t.as_str(), p.as_str())).collect::<Vec<_>>(),
        &mut out,
    );
    Linear::write(&tag_rows, &mut out);
    write_names(&moves.iter().map(|m| move_name(*m)).collect::<Vec<_>>(), &mut out);
    Linear::write(&move_rows, &mut out);
    out
}

fn train_tagger(sentences: &[Gold], classes: &[(Tag, Pos)], plan: Plan) -> Vec<(u32, Vec<(u8, i8)>)> {
    let mut weights = Weights::new(classes.len());
    let mut dice = Dice(plan.seed);
    let mut order: Vec<usize> = (0..sentences.len()).collect();
    let (mut scores, mut list) = (Vec::new(), Vec::new());
    for _ in 0..plan.epochs.min(8) {
        dice.shuffle(&mut order);
        for index in &order {
            let gold = &sentences[*index];
            let seen: Vec<Seen> = gold.forms.iter().map(|f| Seen::of(f)).collect();
            let mut tags: Vec<u8> = Vec::new();
            for at in 0..seen.len() {
                list.clear();
                tagger::features(&seen, &tags, at, |f| list.push(f));
                weights.score(&list, &mut scores);
                let guess = argmax(&scores, |_| true);
                let right = classes.binary_search(&gold.class[at]).unwrap_or(0);
                if guess != right {
                    weights.update(&list, right, guess);
                }
                weights.time += 1.0;
                // The tags before are the model's own guesses: as in use.
                tags.push(guess as u8);
            }
        }
    }
    weights.rows(plan.least)
}

fn argmax(scores: &[f32], allowed: impl Fn(usize) -> bool) -> usize {
    let mut best = usize::MAX;
    for (index, score) in scores.iter().enumerate() {
        if allowed(index) && (best == usize::MAX || *score > scores[best]) {
            best = index;
        }
    }
    best.min(scores.len().saturating_sub(1))
}

fn train_moves(
    sentences: &[Gold],
    tagger: &tagger::Tagger,
    moves: &[Move],
    plan: Plan,
    told: &mut impl FnMut(usize, usize),
) -> Vec<(u32, Vec<(u8, i8)>)> {
    let mut weights = Weights::new(moves.len());
    let mut dice = Dice(plan.seed ^ 0x5eed);
    let mut order: Vec<usize> = (0..sentences.len()).collect();
    let (mut scores, mut list) = (Vec::new(), Vec::new());
    let (mut ints, mut tags) = (Vec::new(), Vec::new());
    let mut state = State::default();
    for epoch in 0..plan.epochs {
        dice.shuffle(&mut order);
        let mut wrong = 0usize;
        for index in &order {
            let gold = &sentences[*index];
            let seen: Vec<Seen> = gold.forms.iter().map(|f| Seen::of(f)).collect();
            let hints = vec![None; seen.len()];
            tagger.tag(&seen, &hints, &mut ints, &mut tags);
            state.start(seen.len());
            while !state.is_done() {
                list.clear();
                state.features(&seen, &tags, |f| list.push(f));
                weights.score(&list, &mut scores);
                let guess = argmax(&scores, |m| state.allows(moves[m]));
                let costs = costs(&state, gold);
                let free = |m: usize| state.allows(moves[m]) && is_free(&state, gold, moves[m], &costs);
                if (0..moves.len()).any(free) {
                    let right = argmax(&scores, free);
                    if !free(guess) {
                        weights.update(&list, right, guess);
                        wrong += 1;
                    }
                    weights.time += 1.0;
                    let follow = if epoch >= 1 && dice.chance(90) { guess } else { right };
                    state.apply(moves[follow]);
                } else {
                    state.apply(moves[guess]);
                }
            }
        }
        told(epoch, wrong);
    }
    weights.rows(plan.least)
}

/// Gold arcs that shift, left and right would make unreachable.
fn costs(state: &State, gold: &Gold) -> [usize; 3] {
    let n = state.count;
    let head = |i: usize| gold.head[i] as usize;
    let top = state.stack.last().map(|t| *t as usize);
    let under = state.stack.len().checked_sub(2).map(|i| state.stack[i] as usize);
    let mut costs = [0; 3];
    if state.next < n {
        let b = state.next;
        costs[0] += state.stack.iter().filter(|s| head(**s as usize) == b).count();
        let lost_head = state.stack.iter().rev().skip(1).any(|s| head(b) == *s as usize);
        costs[0] += usize::from(lost_head);
    }
    if let Some(top) = top {
        let children = (state.next..n).filter(|d| head(*d) == top).count();
        let in_buffer = |from: usize| head(top) >= from && head(top) <= n;
        costs[1] += children;
        costs[1] += usize::from(
            under.is_some_and(|u| head(top) == u) || in_buffer(state.next + 1) && head(top) != state.next,
        );
        costs[2] += children;
        costs[2] += usize::from(in_buffer(state.next));
    }
    costs
}

/// The move costs nothing and its label is right where its arc is.
fn is_free(state: &State, gold: &Gold, step: Move, costs: &[usize; 3]) -> bool {
    let least = [Move::Shift, Move::Left(Rel::Dep), Move::Right(Rel::Dep)]
        .iter()
        .zip(costs)
        .filter(|(m, _)| match m {
            Move::Left(_) => !state.stack.is_empty(),
            other => state.allows(**other),
        })
        .map(|(_, c)| *c)
        .min()
        .unwrap_or(0);
    let top = state.stack.last().map(|t| *t as usize);
    let under = state.stack.len().checked_sub(2).map(|i| state.stack[i] as usize);
    let right_label = |head: Option<usize>, rel: Rel| match top {
        Some(top) if head == Some(gold.head[top] as usize) => gold.rel[top] == rel,
        _ => true,
    };
    match step {
        Move::Shift => costs[0] == least,
        Move::Left(rel) => costs[1] == least && right_label(Some(state.next), rel),
        Move::Right(rel) => costs[2] == least && right_label(under, rel),
    }
}

/// Shares of right part of speech, head, and head with label; punctuation left out of the latter two.
pub fn measure(parser: &Parser, sentences: &[Gold]) -> [f64; 3] {
    let (mut scratch, mut parse) = (ParseScratch::default(), Parse::default());
    let (mut words, mut arcs, mut right) = (0, 0, [0; 3]);
    for gold in sentences {
        let list: Vec<Word<'_>> = gold.forms.iter().map(|form| Word { form, hint: None }).collect();
        parser.parse(&list, &mut scratch, &mut parse);
        for at in 0..list.len() {
            words += 1;
            right[0] += usize::from(parse.pos[at] == gold.class[at].1);
            if gold.class[at].1 == Pos::Punct {
                continue;
            }
            arcs += 1;
            let head = if parse.head[at] == u16::MAX { list.len() } else { parse.head[at] as usize };
            let same = head == gold.head[at] as usize;
            right[1] += usize::from(same);
            right[2] += usize::from(same && parse.rel[at] == gold.rel[at]);
        }
    }
    let share = |n: usize, of: usize| n as f64 / of.max(1) as f64;
    [share(right[0], words), share(right[1], arcs), share(right[2], arcs)]
}
