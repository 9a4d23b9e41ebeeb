//! Variants of a sentence, nearer to the news than the treebank: names as one word, no last period, all lower case.

use super::Gold;
use crate::text::Tag;

/// A small generator of pseudo-random numbers (splitmix64).
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// True with the given probability.
    pub fn chance(&mut self, probability: f64) -> bool {
        (self.roll() >> 11) as f64 / ((1u64 << 53) as f64) < probability
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        (self.roll() % bound.max(1) as u64) as usize
    }

    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for at in (1..list.len()).rev() {
            list.swap(at, self.below(at + 1));
        }
    }
}

const NAMES_JOINED: f64 = 0.6;
const PERIOD_DROPPED: f64 = 0.15;
const LOWERED: f64 = 0.12;

/// One variant of a sentence.
pub fn vary(gold: &Gold, dice: &mut Dice) -> Gold {
    let mut gold = gold.clone();
    let is_lowered = dice.chance(LOWERED);
    join_hyphens(&mut gold, is_lowered);
    if dice.chance(NAMES_JOINED) {
        join_names(&mut gold);
    }
    if dice.chance(PERIOD_DROPPED) && gold.forms.last().is_some_and(|form| form == ".") {
        gold.drop_last();
    }
    if is_lowered {
        let names = gold.forms.iter_mut().filter(|form| !form.contains(' '));
        names.for_each(|form| *form = form.to_lowercase());
    }
    gold
}

/// The same as the cutter of texts: a word with hyphens is one, unless it begins with a capital.
pub fn join_hyphens(gold: &mut Gold, is_lowered: bool) {
    let mut at = 1;
    while at + 1 < gold.len() {
        let is_hyphen = gold.tags[at] == Tag::Hyph as u8 && !gold.spaces[at - 1] && !gold.spaces[at];
        let is_name = !is_lowered && gold.forms[at - 1].chars().next().is_some_and(char::is_uppercase);
        if !(is_hyphen && !is_name && gold.join(at - 1, at + 1, "")) {
            at += 1;
        }
    }
}

/// Runs of proper nouns that are one subtree become one word.
fn join_names(gold: &mut Gold) {
    let is_name = |tag: u8| tag == Tag::Nnp as u8 || tag == Tag::Nnps as u8;
    let mut at = 0;
    while at < gold.len() {
        let end = (at..gold.len()).find(|i| !is_name(gold.tags[*i])).unwrap_or(gold.len());
        if end > at + 1 {
            gold.join(at, end - 1, " ");
        }
        at += 1;
    }
}
