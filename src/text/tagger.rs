//! Words → fine tags, from left to right.

use super::feature::{Atom, NO_LABEL};
use super::weights::{Scorer, WIDE, mix};

/// Features of one word.
pub type TagFeatures = [u32; 30];

/// Tags all words; `tags` is overwritten. `allowed` has the tags that each word may bear, as bits.
pub fn tag(atoms: &[Atom], allowed: &[u64], scorer: &impl Scorer<WIDE>, tags: &mut Vec<u8>) {
    tags.clear();
    for (at, allowed) in allowed.iter().enumerate().take(atoms.len()) {
        let best = scorer.best(&tag_features(atoms, tags, at), *allowed);
        tags.push(best as u8);
    }
}

/// Looks at the word, its neighbours and the two tags before it.
pub fn tag_features(atoms: &[Atom], tags: &[u8], at: usize) -> TagFeatures {
    let none = Atom::default();
    let around = |step: isize| at.checked_add_signed(step).and_then(|i| atoms.get(i)).unwrap_or(&none);
    let back = |step: usize| at.checked_sub(step).and_then(|i| tags.get(i)).map_or(NO_LABEL, |t| *t);
    let word = |step: isize| u64::from(around(step).word);
    let here = around(0);
    let (t1, t2) = (u64::from(back(1)), u64::from(back(2)));
    let shape = u64::from(here.shape) | if at == 0 { 64 } else { 0 };
    let [s1, s2, s3, s4] = here.suffix.map(u64::from);
    let (after, before) = (around(1), around(-1));
    let shapes = shape << 16 | u64::from(after.shape) << 8 | u64::from(before.shape);
    [
        mix(100, 0, 0),
        mix(101, word(0), 0),
        mix(102, s1, shape),
        mix(103, s2, shape),
        mix(104, s3, shape),
        mix(105, s4, 0),
        mix(106, u64::from(here.prefix), 0),
        mix(107, shape, 0),
        mix(108, t1, 0),
        mix(109, t1 << 8 | t2, 0),
        mix(110, word(0), t1),
        mix(111, word(-1), 0),
        mix(112, word(1), 0),
        mix(113, word(-2), 0),
        mix(114, word(2), 0),
        mix(115, word(-1), word(0)),
        mix(116, word(0), word(1)),
        mix(117, u64::from(after.suffix[2]), t1),
        mix(118, u64::from(before.suffix[2]), 0),
        mix(119, t1 << 8 | t2, word(0)),
        mix(120, t1, word(1)),
        mix(121, shapes, t1),
        mix(122, s3, t1),
        mix(123, s2, t1 << 8 | t2),
        mix(124, word(-1), word(1)),
        mix(125, s2, u64::from(after.suffix[1])),
        mix(126, u64::from(after.suffix[1]) << 8 | shape, t1),
        mix(127, word(1), word(2)),
        mix(128, s2, word(1)),
        mix(129, s2, u64::from(after.suffix[1]) ^ u64::from(around(2).suffix[1]) << 32),
    ]
}
