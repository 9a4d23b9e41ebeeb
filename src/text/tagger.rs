//! Tagging, left to right: each word gets a Penn tag and a part of speech together.

use super::model::{Linear, feature, word_hash};
use super::{Pos, Tag};

/// What is seen of a word.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen {
    pub lower: u32,
    pub exact: u32,
    pub suffix: [u32; 3],
    pub prefix: u32,
    pub shape: u32,
}

impl Seen {
    pub fn of(form: &str) -> Seen {
        let lower = form.to_lowercase();
        let tail = |n: usize| {
            let at = lower.char_indices().rev().nth(n - 1).map_or(0, |(at, _)| at);
            word_hash(&lower[at..])
        };
        let head = lower.char_indices().nth(2).map_or(lower.len(), |(at, _)| at);
        Seen {
            lower: word_hash(&lower),
            exact: word_hash(form),
            suffix: [tail(1), tail(2), tail(3)],
            prefix: word_hash(&lower[..head]),
            shape: shape(form),
        }
    }
}

fn shape(form: &str) -> u32 {
    let first = form.chars().next().unwrap_or(' ');
    let has = |wanted: fn(char) -> bool| u32::from(form.chars().any(wanted));
    let all_upper = u32::from(form.chars().all(|c| !c.is_lowercase()));
    u32::from(first.is_uppercase())
        | has(|c| c.is_ascii_digit()) << 1
        | has(|c| c == '-') << 2
        | all_upper << 3
        | has(|c| !c.is_alphanumeric()) << 4
        | has(|c| c == ' ') << 5
}

/// Calls `each` with the features of word `at`, given the tags before it.
pub fn features(words: &[Seen], tags: &[u8], at: usize, mut each: impl FnMut(u32)) {
    let none = Seen { lower: 7, ..Seen::default() };
    let word = |offset: isize| -> Seen {
        let index = at as isize + offset;
        usize::try_from(index).ok().and_then(|i| words.get(i)).copied().unwrap_or(none)
    };
    let tag = |back: usize| at.checked_sub(back).map_or(255, |i| u32::from(tags[i]));
    let (w, p1, p2, n1, n2) = (word(0), word(-1), word(-2), word(1), word(2));
    let is_first = u32::from(at == 0);
    let list: [(u32, &[u32]); 27] = [
        (1, &[w.lower]),
        (2, &[w.exact, is_first]),
        (3, &[w.suffix[0]]),
        (4, &[w.suffix[1]]),
        (5, &[w.suffix[2]]),
        (6, &[w.prefix]),
        (7, &[w.shape, is_first]),
        (8, &[tag(1)]),
        (9, &[tag(1), tag(2)]),
        (10, &[tag(1), w.lower]),
        (11, &[p1.lower]),
        (12, &[p2.lower]),
        (13, &[n1.lower]),
        (14, &[n2.lower]),
        (15, &[n1.suffix[2]]),
        (16, &[n1.suffix[1], n1.shape]),
        (17, &[w.suffix[2], tag(1)]),
        (18, &[w.shape, n1.shape, is_first]),
        (19, &[p1.lower, w.lower]),
        (20, &[w.lower, n1.lower]),
        (21, &[w.suffix[1], n1.suffix[1]]),
        (22, &[tag(1), n1.lower]),
        (23, &[tag(2), w.suffix[1]]),
        (24, &[w.suffix[2], n1.lower]),
        (25, &[w.shape, tag(1)]),
        (26, &[tag(1), tag(2), w.suffix[1]]),
        (27, &[n1.shape, w.suffix[2]]),
    ];
    for (template, values) in list {
        each(feature(template, values));
    }
}

/// A trained tagger.
#[derive(Debug, Default)]
pub struct Tagger {
    pub linear: Linear,
    pub classes: Vec<(Tag, Pos)>,
}

impl Tagger {
    /// Tags `words`; `hints` bind the part of speech where they are given. `classes` gets the class of each word.
    pub fn tag(&self, words: &[Seen], hints: &[Option<Pos>], scores: &mut Vec<i32>, classes: &mut Vec<u8>) {
        classes.clear();
        for (at, hint) in hints.iter().enumerate() {
            scores.clear();
            scores.resize(self.classes.len(), 0);
            features(words, classes, at, |f| self.linear.add(f, scores));
            let fits = |class: usize| hint.is_none_or(|pos| self.classes[class].1 == pos);
            let best = (0..scores.len()).filter(|c| fits(*c)).max_by_key(|c| (scores[*c], usize::MAX - c));
            classes.push(best.unwrap_or(0) as u8);
        }
    }
}
