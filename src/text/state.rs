//! The arc-hybrid transition system: a stack, a buffer, and the tree so far.

use super::Rel;
use super::feature::NO_LABEL;

/// No node.
pub const NONE: u16 = u16::MAX;

/// A move of the parser.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Move {
    /// The buffer's first word goes onto the stack.
    Shift,
    /// The stack's top becomes a dependent of the buffer's first word.
    Left,
    /// The stack's top becomes a dependent of the word below it.
    Right,
}

impl Move {
    pub const ALL: [Move; 3] = [Move::Shift, Move::Left, Move::Right];
}

/// What hangs on a node so far.
#[derive(Clone, Copy, Debug)]
pub struct Node {
    pub head: u16,
    pub rel: u8,
    /// Outermost and second outermost dependents on each side.
    pub left: [u16; 2],
    pub right: [u16; 2],
    pub left_count: u8,
    pub right_count: u8,
    /// Relations of the dependents on each side, as bits.
    pub left_rels: u64,
    pub right_rels: u64,
}

/// Nothing hangs on it, and it on nothing.
pub const BARE: Node = Node {
    head: NONE,
    rel: NO_LABEL,
    left: [NONE; 2],
    right: [NONE; 2],
    left_count: 0,
    right_count: 0,
    left_rels: 0,
    right_rels: 0,
};

/// A half-built tree over `n` words; node `n` is the root and stands last in the buffer.
#[derive(Default, Debug)]
pub struct State {
    pub nodes: Vec<Node>,
    pub stack: Vec<u16>,
    /// First node of the buffer.
    pub next: u16,
    pub n: u16,
}

impl State {
    pub fn start(&mut self, n: u16) {
        self.nodes.clear();
        self.nodes.resize(usize::from(n) + 1, BARE);
        self.stack.clear();
        self.next = 0;
        self.n = n;
    }

    /// Only the root is left.
    pub fn is_done(&self) -> bool {
        self.next >= self.n && self.stack.is_empty()
    }

    /// The possible moves, as bits.
    pub fn allowed(&self) -> u64 {
        let can_shift = self.next < self.n;
        let can_left = !self.stack.is_empty() && (can_shift || self.stack.len() == 1);
        let can_right = self.stack.len() > 1;
        u64::from(can_shift) | u64::from(can_left) << 1 | u64::from(can_right) << 2
    }

    /// Head and dependent of the arc that a move would make.
    pub fn arc(&self, step: Move) -> Option<(u16, u16)> {
        let (top, below) = (self.on_stack(0), self.on_stack(1));
        let head = match step {
            Move::Shift => return None,
            Move::Left => self.next,
            Move::Right => below,
        };
        (top != NONE && head != NONE).then_some((head, top))
    }

    pub fn shift(&mut self) {
        self.stack.push(self.next);
        self.next += 1;
    }

    /// Makes the arc of [`State::arc`] and takes the dependent off the stack.
    pub fn attach(&mut self, head: u16, dependent: u16, rel: Rel) {
        self.stack.pop();
        let bit = 1u64 << rel as u8;
        let node = &mut self.nodes[usize::from(dependent)];
        (node.head, node.rel) = (head, rel as u8);
        let node = &mut self.nodes[usize::from(head)];
        if dependent < head {
            node.left = [dependent, node.left[0]];
            node.left_count = node.left_count.saturating_add(1);
            node.left_rels |= bit;
        } else {
            node.right = [dependent, node.right[0]];
            node.right_count = node.right_count.saturating_add(1);
            node.right_rels |= bit;
        }
    }

    /// The node `depth` below the stack's top.
    pub fn on_stack(&self, depth: usize) -> u16 {
        self.stack.len().checked_sub(depth + 1).map_or(NONE, |at| self.stack[at])
    }

    /// The node `ahead` behind the buffer's first.
    pub fn in_buffer(&self, ahead: u16) -> u16 {
        let at = self.next.saturating_add(ahead);
        if at <= self.n { at } else { NONE }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verb_takes_subject_and_object() {
        let mut state = State::default();
        state.start(3);
        state.shift();
        assert_eq!(state.arc(Move::Left), Some((1, 0)));
        state.attach(1, 0, Rel::Nsubj);
        state.shift();
        state.shift();
        assert_eq!(state.allowed(), 0b100);
        state.attach(1, 2, Rel::Obj);
        assert_eq!(state.allowed(), 0b010);
        state.attach(3, 1, Rel::Root);
        assert!(state.is_done());
        assert_eq!(state.nodes[1].left, [0, NONE]);
        assert_eq!(state.nodes[1].right, [2, NONE]);
    }
}
