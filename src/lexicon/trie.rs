//! A vocabulary of folded words and a trie over sequences of them.

use rustc_hash::FxHashMap;

/// A folded word's number; [`WordId::UNKNOWN`] for words that no phrase holds.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct WordId(pub u32);

impl WordId {
    pub const UNKNOWN: WordId = WordId(u32::MAX);
}

/// Folded words ↔ numbers.
#[derive(Default, Debug)]
pub struct Vocabulary {
    ids: FxHashMap<Box<str>, WordId>,
}

impl Vocabulary {
    /// The number of `folded`, given one if it has none.
    pub fn add(&mut self, folded: &str) -> WordId {
        let next = WordId(self.ids.len() as u32);
        match self.ids.get(folded) {
            Some(id) => *id,
            None => {
                self.ids.insert(folded.into(), next);
                next
            }
        }
    }

    pub fn get(&self, folded: &str) -> WordId {
        self.ids.get(folded).copied().unwrap_or(WordId::UNKNOWN)
    }

    /// All words, ordered by number.
    pub fn iter(&self) -> impl Iterator<Item = (&str, WordId)> {
        let mut list: Vec<_> = self.ids.iter().map(|(word, id)| (word.as_ref(), *id)).collect();
        list.sort_by_key(|(_, id)| *id);
        list.into_iter()
    }

    pub fn len(&self) -> usize {
        self.ids.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }
}

/// Sequences of words, each with the values that stand for it.
#[derive(Default, Debug)]
pub struct Trie {
    edges: FxHashMap<(u32, WordId), u32>,
    values: Vec<Vec<u32>>,
    /// One bit a word: some phrase begins with it.
    starts: Vec<u64>,
}

impl Trie {
    pub fn insert(&mut self, words: &[WordId], value: u32) {
        if self.values.is_empty() {
            self.values.push(Vec::new());
        }
        let Some(first) = words.first() else { return };
        let slot = first.0 as usize / 64;
        if self.starts.len() <= slot {
            self.starts.resize(slot + 1, 0);
        }
        self.starts[slot] |= 1 << (first.0 % 64);
        let mut node = 0;
        for word in words {
            let fresh = self.values.len() as u32;
            node = *self.edges.entry((node, *word)).or_insert(fresh);
            if node == fresh {
                self.values.push(Vec::new());
            }
        }
        let values = &mut self.values[node as usize];
        if !values.contains(&value) {
            values.push(value);
        }
    }

    /// Some phrase begins with `word`.
    pub fn starts_with(&self, word: WordId) -> bool {
        self.starts.get(word.0 as usize / 64).is_some_and(|bits| bits >> (word.0 % 64) & 1 == 1)
    }

    /// Calls `found(length, values)` for each phrase that `words` begins with, shortest first.
    pub fn matches(&self, words: &[WordId], mut found: impl FnMut(usize, &[u32])) {
        let mut node = 0;
        for (index, word) in words.iter().enumerate() {
            let Some(next) = self.edges.get(&(node, *word)) else { return };
            node = *next;
            let values = &self.values[node as usize];
            if !values.is_empty() {
                found(index + 1, values);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_every_prefix() {
        let mut words = Vocabulary::default();
        let mut trie = Trie::default();
        let ids: Vec<_> = ["south", "china", "sea"].iter().map(|w| words.add(w)).collect();
        trie.insert(&ids[..2], 1);
        trie.insert(&ids, 2);
        let mut seen = Vec::new();
        trie.matches(&ids, |length, values| seen.push((length, values.to_vec())));
        assert_eq!(seen, [(2, vec![1]), (3, vec![2])]);
        assert!(trie.starts_with(ids[0]) && !trie.starts_with(ids[1]));
        assert!(!trie.starts_with(WordId::UNKNOWN));
    }
}
