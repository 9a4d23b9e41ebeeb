//! A parsed sentence as a tree with the questions that the detector asks of it.

use crate::text::{Parse, Pos, Rel, Tag};

/// Children in order, for each unit.
#[derive(Default, Debug)]
pub struct Tree {
    pub pos: Vec<Pos>,
    pub tag: Vec<Tag>,
    pub head: Vec<u16>,
    pub rel: Vec<Rel>,
    first: Vec<u16>,
    next: Vec<u16>,
}

/// No unit.
const NONE: u16 = u16::MAX;

/// The longest way up a tree that is followed; deeper nesting is a parser's error.
pub const DEPTH_MAX: usize = 24;

impl Tree {
    pub fn from_parse(parse: &Parse) -> Tree {
        let n = parse.head.len();
        let mut tree = Tree {
            pos: parse.pos.clone(),
            tag: parse.tag.clone(),
            head: parse.head.clone(),
            rel: parse.rel.clone(),
            first: vec![NONE; n],
            next: vec![NONE; n],
        };
        for child in (0..n).rev() {
            let head = tree.head[child] as usize;
            if head < n && head != child {
                tree.next[child] = tree.first[head];
                tree.first[head] = child as u16;
            }
        }
        tree
    }

    pub fn len(&self) -> usize {
        self.head.len()
    }

    /// The governor, `None` for the root.
    pub fn governor(&self, unit: usize) -> Option<usize> {
        let head = self.head[unit] as usize;
        (head < self.len() && head != unit).then_some(head)
    }

    pub fn children(&self, unit: usize) -> Children<'_> {
        Children { tree: self, at: self.first[unit] }
    }

    pub fn child(&self, unit: usize, wanted: impl Fn(Rel) -> bool) -> Option<usize> {
        self.children(unit).find(|child| wanted(self.rel[*child]))
    }

    /// All units below `unit`, itself first, in no order of text. `enter` says which children to go into.
    pub fn below(&self, unit: usize, enter: &dyn Fn(usize) -> bool) -> Vec<usize> {
        let mut list = vec![unit];
        let mut at = 0;
        while at < list.len() {
            for child in self.children(list[at]) {
                if enter(child) {
                    list.push(child);
                }
            }
            at += 1;
        }
        list
    }

    pub fn is_verb(&self, unit: usize) -> bool {
        matches!(self.pos[unit], Pos::Verb | Pos::Aux)
    }

    pub fn is_noun(&self, unit: usize) -> bool {
        matches!(self.pos[unit], Pos::Noun | Pos::Propn)
    }

    /// A clause of its own hangs on this relation.
    pub fn is_clause(rel: Rel) -> bool {
        matches!(rel, Rel::Ccomp | Rel::Advcl | Rel::AclRelcl | Rel::Parataxis | Rel::Csubj)
    }

    /// `unit` hangs on `above`, at any depth.
    pub fn is_below(&self, unit: usize, above: usize) -> bool {
        let mut at = unit;
        for _ in 0..DEPTH_MAX {
            if at == above {
                return true;
            }
            match self.governor(at) {
                Some(head) => at = head,
                None => return false,
            }
        }
        false
    }
}

/// The children of a unit, left to right.
pub struct Children<'a> {
    tree: &'a Tree,
    at: u16,
}

impl Iterator for Children<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        if self.at == NONE {
            return None;
        }
        let here = self.at as usize;
        self.at = self.tree.next[here];
        Some(here)
    }
}
