//! Near-duplicate sketch of a text.

use std::hash::{Hash, Hasher};

use rustc_hash::FxHasher;

/// Words a shingle.
const SHINGLE: usize = 3;

/// 64-bit SimHash over shingles of folded words: reprints with trims differ in few bits.
pub fn sketch(text: &str) -> u64 {
    let mut votes = [0i32; 64];
    let mut window: Vec<u64> = Vec::with_capacity(SHINGLE);
    let mut folded = String::new();
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()) {
        crate::lexicon::fold_into(word, &mut folded);
        if window.len() == SHINGLE {
            window.remove(0);
        }
        window.push(hash(&folded));
        if window.len() == SHINGLE {
            let shingle = mix(hash(&window));
            for (bit, vote) in votes.iter_mut().enumerate() {
                *vote += if shingle >> bit & 1 == 1 { 1 } else { -1 };
            }
        }
    }
    votes.iter().enumerate().fold(0, |sum, (bit, vote)| if *vote > 0 { sum | 1 << bit } else { sum })
}

fn hash(value: impl Hash) -> u64 {
    let mut hasher = FxHasher::default();
    value.hash(&mut hasher);
    hasher.finish()
}

/// The finaliser of SplitMix64: spreads every bit over all.
fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}
