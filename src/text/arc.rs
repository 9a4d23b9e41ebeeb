//! What the parser looks at when it chooses a move and a relation.

use super::feature::{Atom, NO_LABEL};
use super::state::{BARE, NONE, Node, State};
use super::weights::mix;

/// Features of one state of the parser.
pub type MoveFeatures = [u32; 84];
/// Features of one arc.
pub type RelFeatures = [u32; 46];

/// The words of a sentence, tagged.
#[derive(Clone, Copy)]
pub struct Words<'a> {
    pub atoms: &'a [Atom],
    pub tags: &'a [u8],
    /// Before each word, and behind the last: how many verbs, commas and conjunctions came.
    pub counts: &'a [[u16; 3]],
}

/// The root's tag; not one of the set.
const ROOT: u8 = 62;

impl Words<'_> {
    fn word(&self, node: u16) -> u64 {
        self.atoms.get(usize::from(node)).map_or(u64::from(node == NONE), |a| u64::from(a.word))
    }

    fn tag(&self, node: u16) -> u64 {
        let tag = self.tags.get(usize::from(node)).copied();
        u64::from(tag.unwrap_or(if node == NONE { NO_LABEL } else { ROOT }))
    }

    fn suffix(&self, node: u16) -> u64 {
        self.atoms.get(usize::from(node)).map_or(0, |a| u64::from(a.suffix[1]))
    }

    /// Verbs, commas and conjunctions from `first` up to `last`, small numbers.
    fn between(&self, first: u16, last: u16) -> u64 {
        if first >= last || last == NONE {
            return 0;
        }
        let (from, to) = (self.counts[usize::from(first) + 1], self.counts[usize::from(last)]);
        (0..3).fold(0, |sum, kind| sum << 2 | u64::from(to[kind].saturating_sub(from[kind]).min(3)))
    }
}

fn distance(first: u16, last: u16) -> u64 {
    match last.saturating_sub(first) {
        0..=4 => u64::from(last.saturating_sub(first)),
        5..=6 => 5,
        7..=10 => 6,
        _ => 7,
    }
}

fn node(state: &State, at: u16) -> &Node {
    state.nodes.get(usize::from(at)).unwrap_or(&BARE)
}

fn two(a: u64, b: u64) -> u64 {
    a << 32 | b
}

fn tags(list: &[u64]) -> u64 {
    list.iter().fold(0, |sum, tag| sum << 6 | tag)
}

/// Features of a state.
pub fn move_features(words: Words<'_>, state: &State) -> MoveFeatures {
    let [s0, s1, s2] = [0, 1, 2].map(|depth| state.on_stack(depth));
    let [b0, b1, b2] = [0, 1, 2].map(|ahead| state.in_buffer(ahead));
    let [n0, n1, m0] = [s0, s1, b0].map(|at| node(state, at));
    let word = |at| words.word(at);
    let tag = |at| words.tag(at);
    let rel = |at: u16| u64::from(node(state, at).rel);
    let [s0w, s1w, b0w, b1w, b2w] = [s0, s1, b0, b1, b2].map(word);
    let [s0t, s1t, s2t, b0t, b1t, b2t] = [s0, s1, s2, b0, b1, b2].map(tag);
    let b3t = tag(state.in_buffer(3));
    let [s0l, s0l2, s0r, s0r2] = [n0.left[0], n0.left[1], n0.right[0], n0.right[1]];
    let [s1l, s1r, s1r2] = [n1.left[0], n1.right[0], n1.right[1]];
    let [b0l, b0l2] = m0.left;
    let gap = distance(s0, b0);
    let gap_below = distance(s1, s0);
    let between = words.between(s0, b0);
    let between_below = words.between(s1, s0);
    [
        mix(0, s0w, 0),
        mix(1, s0t, 0),
        mix(2, s0w, s0t),
        mix(3, s1w, 0),
        mix(4, s1t, 0),
        mix(5, s1w, s1t),
        mix(6, b0w, 0),
        mix(7, b0t, 0),
        mix(8, b0w, b0t),
        mix(9, b1w, b1t),
        mix(10, b1t, 0),
        mix(11, b2w, b2t),
        mix(12, tags(&[b0t, b1t, b2t, b3t]), 0),
        mix(13, two(s0w, b0w), tags(&[s0t, b0t])),
        mix(14, s0w, tags(&[s0t, b0t])),
        mix(15, b0w, tags(&[s0t, b0t])),
        mix(16, tags(&[s0t, b0t]), 0),
        mix(17, two(s1w, s0w), 0),
        mix(18, s1w, tags(&[s1t, s0t])),
        mix(19, s0w, tags(&[s1t, s0t])),
        mix(20, tags(&[s1t, s0t]), 0),
        mix(21, tags(&[b0t, b1t]), 0),
        mix(22, two(s1w, b0w), 0),
        mix(23, tags(&[s1t, b0t]), 0),
        mix(24, tags(&[s0t, b0t, b1t]), 0),
        mix(25, tags(&[s1t, s0t, b0t]), 0),
        mix(26, tags(&[s2t, s1t, s0t]), 0),
        mix(27, tags(&[b0t, b1t, b2t]), 0),
        mix(28, tags(&[s1t, s0t, b0t, b1t]), 0),
        mix(29, tags(&[s0t, tag(s0l), b0t]), rel(s0l)),
        mix(30, tags(&[s0t, tag(s0r), b0t]), rel(s0r)),
        mix(31, tags(&[s0t, b0t, tag(b0l)]), rel(b0l)),
        mix(32, tags(&[s1t, s0t, tag(s1r)]), rel(s1r)),
        mix(33, tags(&[s1t, s0t, tag(s0l)]), rel(s0l)),
        mix(34, tags(&[s1t, s0t, tag(s1l)]), rel(s1l)),
        mix(35, tags(&[s0t, tag(s0l), tag(s0l2)]), 0),
        mix(36, tags(&[s0t, tag(s0r), tag(s0r2)]), 0),
        mix(37, tags(&[b0t, tag(b0l), tag(b0l2)]), 0),
        mix(38, tags(&[s1t, tag(s1r), tag(s1r2)]), 0),
        mix(39, s0t, n0.left_rels),
        mix(40, s0t, n0.right_rels),
        mix(41, s0w, n0.right_rels),
        mix(42, s1t, n1.right_rels),
        mix(43, s1w, n1.right_rels),
        mix(44, tags(&[s0t, b0t]), m0.left_rels),
        mix(45, tags(&[s1t, s0t]), n0.left_rels),
        mix(46, tags(&[s1t, s0t]), n1.right_rels),
        mix(47, tags(&[s0t, b0t]), n0.left_rels ^ n0.right_rels << 1),
        mix(48, tags(&[s1t, s0t]), n1.left_rels),
        mix(49, two(s1w, word(s0l)), s0t),
        mix(50, s1t, two(word(s0l), s0t)),
        mix(51, two(s1w, word(s0l)), s0w),
        mix(52, word(s0l), tags(&[s0t, b0t])),
        mix(53, word(b0l), tags(&[s0t, b0t])),
        mix(54, two(word(s0l), s0w), s1t),
        mix(55, tags(&[s0t, b0t, gap]), 1),
        mix(56, s0w, gap),
        mix(57, b0w, gap),
        mix(58, tags(&[s1t, s0t, gap_below]), 1),
        mix(59, tags(&[s0t, b0t]), between << 6 | 1),
        mix(60, tags(&[s1t, s0t]), between_below << 6 | 1),
        mix(61, s0w, u64::from(n0.left_count) << 8 | u64::from(n0.right_count)),
        mix(62, s0t, u64::from(n0.left_count) << 8 | u64::from(n0.right_count)),
        mix(63, b0t, u64::from(m0.left_count) << 8 | s0t),
        mix(64, tags(&[s2t, s1t, s0t, b0t]), 0),
        mix(65, s0w, tags(&[b0t, b1t])),
        mix(66, b0w, tags(&[s1t, s0t])),
        mix(67, two(s0w, b1w), b0t),
        mix(68, s1w, tags(&[s0t, b0t])),
        mix(69, two(b0w, b1w), s0t),
        mix(70, word(s1r), tags(&[s1t, s0t])),
        mix(71, word(s0r), tags(&[s0t, b0t])),
        mix(72, tags(&[s0t, b0t, b1t]), n0.right_rels),
        mix(73, tags(&[s1t, s0t, b0t]), n1.right_rels),
        mix(74, two(s0w, words.suffix(b0)), b0t),
        mix(75, tags(&[s1t, s0t, b0t]), two(word(s0l), 0)),
        mix(76, b0w, two(s0t, s2t)),
        mix(77, tags(&[s1t, s0t, b0t]), between << 6 | gap),
        mix(78, tags(&[s1t, s0t, b0t]), between_below << 6 | gap_below),
        mix(79, tags(&[s2t, s0t, b0t]), n0.left_rels),
        mix(80, two(s2t, s1w), tags(&[s0t, b0t])),
        mix(81, two(words.suffix(s0), words.suffix(b0)), tags(&[s0t, b0t])),
        mix(82, u64::from(state.stack.len().min(6) as u32), tags(&[s0t, b0t])),
        mix(83, b0w, m0.left_rels),
    ]
}

/// Features of the arc from `head` to `dependent`, whose own dependents are all known.
pub fn rel_features(words: Words<'_>, state: &State, head: u16, dependent: u16) -> RelFeatures {
    let (h, d) = (node(state, head), node(state, dependent));
    let is_left = u64::from(dependent < head);
    let word = |at| words.word(at);
    let tag = |at: u16| words.tag(at);
    let rel = |at: u16| u64::from(node(state, at).rel);
    let (hw, dw, ht, dt) = (word(head), word(dependent), tag(head), tag(dependent));
    let pair = tags(&[is_left, ht, dt]);
    let before = |at: u16| at.checked_sub(1).unwrap_or(NONE);
    let after = |at: u16| if at < state.n { at + 1 } else { NONE };
    let (first, last) = (head.min(dependent), head.max(dependent));
    let gap = distance(first, last);
    let between = words.between(first, last);
    let [dl, dl2] = d.left;
    let dr = d.right[0];
    let below = state.on_stack(1);
    [
        mix(200, pair, 0),
        mix(201, two(hw, dw), is_left),
        mix(202, hw, pair),
        mix(203, dw, pair),
        mix(204, dw, is_left),
        mix(205, hw, is_left),
        mix(206, dt, is_left),
        mix(207, ht, is_left),
        mix(208, word(dl), pair),
        mix(209, tag(dl), pair),
        mix(210, word(dl2), pair),
        mix(211, d.left_rels, pair),
        mix(212, d.right_rels, pair),
        mix(213, h.left_rels, pair),
        mix(214, h.right_rels, pair),
        mix(215, d.left_rels, tags(&[is_left, dt])),
        mix(216, gap, pair),
        mix(217, between << 3 | gap, pair),
        mix(218, words.suffix(dependent), pair),
        mix(219, words.suffix(head), pair),
        mix(220, tag(before(dependent)), pair),
        mix(221, tag(after(dependent)), pair),
        mix(222, tag(before(head)), pair),
        mix(223, tag(after(head)), pair),
        mix(224, two(word(dl), hw), is_left),
        mix(225, two(word(dl), dw), is_left),
        mix(226, two(word(dl), hw), dt),
        mix(227, rel(h.right[0]), pair),
        mix(228, word(h.left[0]), pair),
        mix(229, word(before(dependent)), tags(&[is_left, dt])),
        mix(230, word(after(dependent)), tags(&[is_left, dt])),
        mix(231, hw, two(h.right_rels, dt)),
        mix(232, hw, two(h.left_rels, dt)),
        mix(233, two(word(dl), word(dl2)), pair),
        mix(234, word(dr), pair),
        mix(235, tag(dr), two(rel(dr), pair)),
        mix(236, tag(below), pair),
        mix(237, dw, h.left_rels),
        mix(238, words.suffix(dependent), d.left_rels),
        mix(239, hw, d.left_rels),
        mix(240, two(hw, words.suffix(dependent)), pair),
        mix(241, u64::from(d.right_count) << 8 | u64::from(d.left_count), pair),
        mix(242, u64::from(h.right_count) << 8 | u64::from(h.left_count), pair),
        mix(243, word(before(head)), pair),
        mix(244, word(after(head)), pair),
        mix(245, word(state.next), pair),
    ]
}
