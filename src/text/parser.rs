//! Dependency parsing by transitions (arc-hybrid), a linear model choosing each.

use std::sync::OnceLock;

use super::model::{Linear, ModelError, Reader, feature};
use super::tagger::{Seen, Tagger};
use super::{Pos, Rel, Tag};

/// A word for the parser; `hint` binds its part of speech.
#[derive(Clone, Copy, Debug)]
pub struct Word<'a> {
    pub form: &'a str,
    pub hint: Option<Pos>,
}

/// A parsed sentence, one entry a word. The head of the root is `u16::MAX`.
#[derive(Default, Debug, Clone)]
pub struct Parse {
    pub pos: Vec<Pos>,
    pub tag: Vec<Tag>,
    pub head: Vec<u16>,
    pub rel: Vec<Rel>,
}

/// Buffers that are kept between sentences.
#[derive(Default)]
pub struct ParseScratch {
    seen: Vec<Seen>,
    hints: Vec<Option<Pos>>,
    classes: Vec<u8>,
    scores: Vec<i32>,
    state: State,
}

/// One step of the parser.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Move {
    Shift,
    /// The next word governs the top of the stack.
    Left(Rel),
    /// The second of the stack governs its top.
    Right(Rel),
}

/// Stack, next word and arcs so far. The root is the word behind the last.
#[derive(Default, Debug, Clone)]
pub struct State {
    pub stack: Vec<u16>,
    pub next: usize,
    pub count: usize,
    pub head: Vec<u16>,
    pub rel: Vec<u8>,
    left: Vec<[u16; 2]>,
    right: Vec<[u16; 2]>,
    children: Vec<u8>,
}

const NONE: u16 = u16::MAX;

impl State {
    pub fn start(&mut self, count: usize) {
        self.stack.clear();
        self.next = 0;
        self.count = count;
        for list in [&mut self.left, &mut self.right] {
            list.clear();
            list.resize(count + 1, [NONE; 2]);
        }
        self.head.clear();
        self.head.resize(count, NONE);
        self.rel.clear();
        self.rel.resize(count + 1, u8::MAX);
        self.children.clear();
        self.children.resize(count + 1, 0);
    }

    pub fn is_done(&self) -> bool {
        self.next == self.count && self.stack.is_empty()
    }

    pub fn allows(&self, step: Move) -> bool {
        match step {
            Move::Shift => self.next < self.count,
            Move::Left(rel) => !self.stack.is_empty() && (self.next < self.count) == (rel != Rel::Root),
            Move::Right(rel) => self.stack.len() >= 2 && rel != Rel::Root,
        }
    }

    pub fn apply(&mut self, step: Move) {
        match step {
            Move::Shift => {
                self.stack.push(self.next as u16);
                self.next += 1;
            }
            Move::Left(rel) => {
                if let Some(top) = self.stack.pop() {
                    self.arc(self.next as u16, top, rel);
                }
            }
            Move::Right(rel) => {
                if let (Some(top), Some(below)) = (self.stack.pop(), self.stack.last().copied()) {
                    self.arc(below, top, rel);
                }
            }
        }
    }

    fn arc(&mut self, head: u16, child: u16, rel: Rel) {
        self.head[child as usize] = head;
        self.rel[child as usize] = rel as u8;
        let side = if child < head { &mut self.left } else { &mut self.right };
        let [outer, _] = side[head as usize];
        side[head as usize] = [child, outer];
        self.children[head as usize] = self.children[head as usize].saturating_add(1);
    }

    /// Calls `each` with the features of the state.
    pub fn features(&self, words: &[Seen], tags: &[u8], mut each: impl FnMut(u32)) {
        let n = self.stack.len();
        let stack = |k: usize| n.checked_sub(k + 1).map_or(NONE, |i| self.stack[i]);
        let (s0, s1, s2) = (stack(0), stack(1), stack(2));
        let ahead = |k: usize| if self.next + k < self.count { (self.next + k) as u16 } else { NONE };
        let (b0, b1, b2) = (ahead(0), ahead(1), ahead(2));
        let word = |i: u16| words.get(i as usize).map_or(11, |w| w.lower);
        let tag = |i: u16| match tags.get(i as usize) {
            Some(tag) => u32::from(*tag),
            None if i as usize == self.count => 254,
            None => 255,
        };
        let rel = |i: u16| self.rel.get(i as usize).map_or(255, |r| u32::from(*r));
        let arc = |side: &[[u16; 2]], i: u16, k: usize| side.get(i as usize).map_or(NONE, |a| a[k]);
        let (s0l, s0r, s0l2, s0r2) = (
            arc(&self.left, s0, 0),
            arc(&self.right, s0, 0),
            arc(&self.left, s0, 1),
            arc(&self.right, s0, 1),
        );
        let (s1l, s1r, s1r2) = (arc(&self.left, s1, 0), arc(&self.right, s1, 0), arc(&self.right, s1, 1));
        let (b0l, b0l2) = (arc(&self.left, b0, 0), arc(&self.left, b0, 1));
        let gap = if s0 == NONE || b0 == NONE { 9 } else { u32::from(b0 - s0).min(6) };
        let gap1 = if s0 == NONE || s1 == NONE { 9 } else { u32::from(s0 - s1).min(6) };
        let valency = |i: u16| self.children.get(i as usize).map_or(0, |c| u32::from(*c).min(4));
        let root = u32::from(self.next == self.count);
        let list: [(u32, [u32; 4]); 54] = [
            (101, [word(s0), 0, 0, root]),
            (102, [tag(s0), 0, 0, root]),
            (103, [word(s0), tag(s0), 0, 0]),
            (104, [word(b0), 0, 0, 0]),
            (105, [tag(b0), 0, 0, root]),
            (106, [word(b0), tag(b0), 0, 0]),
            (107, [word(s1), 0, 0, 0]),
            (108, [tag(s1), 0, 0, 0]),
            (109, [word(s1), tag(s1), 0, 0]),
            (110, [tag(b1), word(b1), 0, 0]),
            (111, [tag(b1), 0, 0, 0]),
            (112, [tag(b2), word(b2), 0, 0]),
            (113, [tag(s2), 0, 0, 0]),
            (114, [word(s2), 0, 0, 0]),
            (115, [word(s0), word(b0), 0, 0]),
            (116, [tag(s0), tag(b0), 0, 0]),
            (117, [word(s0), tag(b0), 0, 0]),
            (118, [tag(s0), word(b0), 0, 0]),
            (119, [word(s0), tag(s0), tag(b0), 0]),
            (120, [tag(s0), word(b0), tag(b0), 0]),
            (121, [word(s1), word(s0), 0, 0]),
            (122, [tag(s1), tag(s0), 0, 0]),
            (123, [word(s1), tag(s0), 0, 0]),
            (124, [tag(s1), word(s0), 0, 0]),
            (125, [word(s1), tag(s1), tag(s0), 0]),
            (126, [tag(s1), tag(s0), tag(b0), 0]),
            (127, [tag(s0), tag(b0), tag(b1), 0]),
            (128, [tag(s2), tag(s1), tag(s0), 0]),
            (129, [tag(b0), tag(b1), tag(b2), 0]),
            (130, [tag(s1), tag(b0), tag(b1), 0]),
            (131, [tag(s0), tag(s0l), rel(s0l), tag(b0)]),
            (132, [tag(s0), tag(s0r), rel(s0r), tag(b0)]),
            (133, [tag(s1), tag(s1r), rel(s1r), tag(s0)]),
            (134, [tag(s1), tag(s1l), rel(s1l), tag(s0)]),
            (135, [tag(b0), tag(b0l), rel(b0l), tag(s0)]),
            (136, [tag(s1), tag(s0), tag(s0r), rel(s0r)]),
            (137, [tag(s1), tag(s0), tag(s0l), rel(s0l)]),
            (138, [word(s0), word(s0r), 0, tag(b0)]),
            (139, [word(s0), rel(s0l), rel(s0l2), 0]),
            (140, [word(s0), rel(s0r), rel(s0r2), 0]),
            (141, [word(b0), rel(b0l), rel(b0l2), 0]),
            (142, [word(s1), rel(s1r), rel(s1r2), tag(s0)]),
            (143, [gap, tag(s0), tag(b0), 0]),
            (144, [gap1, tag(s1), tag(s0), 0]),
            (145, [gap, word(s0), 0, 0]),
            (146, [gap1, word(s1), 0, 0]),
            (147, [word(s0), valency(s0), root, 0]),
            (148, [tag(s0), valency(s0), tag(b0), 0]),
            (149, [word(s1), valency(s1), tag(s0), 0]),
            (150, [word(s1), word(s0), word(s0l), 0]),
            (151, [tag(s1), word(s0l), tag(s0), 0]),
            (152, [word(s0l), word(s0), tag(b0), 0]),
            (153, [tag(s2), tag(s0), tag(b0), 0]),
            (154, [word(s0r), tag(s0r), tag(b0), tag(s0)]),
        ];
        for (template, values) in list {
            each(feature(template, &values));
        }
    }
}

/// A trained tagger and parser; immutable, shared by all threads.
#[derive(Debug, Default)]
pub struct Parser {
    tagger: Tagger,
    linear: Linear,
    moves: Vec<Move>,
}

/// The first bytes of a model file.
pub const MAGIC: &[u8; 8] = b"DMPARSE1";

impl Parser {
    /// Reads a model as `examples/train_parser.rs` writes it (zstd).
    ///
    /// # Errors
    /// The bytes are not such a model.
    pub fn from_bytes(bytes: &[u8]) -> Result<Parser, ModelError> {
        let plain = zstd::decode_all(bytes).unwrap_or_default();
        let mut reader = Reader::new(&plain);
        let magic = reader.bytes(8, "magic")?;
        if magic != MAGIC {
            return Err(ModelError::Magic { found: magic.to_vec() });
        }
        let mut classes = Vec::new();
        for name in reader.names()? {
            let (tag, pos) = name.split_once('|').unwrap_or((&name, ""));
            let label = || ModelError::Label(name.clone());
            classes.push((Tag::from_name(tag).ok_or_else(label)?, Pos::from_name(pos).ok_or_else(label)?));
        }
        let tagger = Tagger { linear: Linear::read(classes.len(), &mut reader)?, classes };
        let mut moves = Vec::new();
        for name in reader.names()? {
            moves.push(move_of(&name).ok_or_else(|| ModelError::Label(name.clone()))?);
        }
        let linear = Linear::read(moves.len(), &mut reader)?;
        Ok(Parser { tagger, linear, moves })
    }

    /// The model that is compiled in.
    pub fn builtin() -> &'static Parser {
        static PARSER: OnceLock<Parser> = OnceLock::new();
        PARSER.get_or_init(|| {
            Parser::from_bytes(include_bytes!("../../assets/parser.model")).unwrap_or_default()
        })
    }

    /// Parses one sentence; `out` is overwritten.
    pub fn parse(&self, words: &[Word<'_>], scratch: &mut ParseScratch, out: &mut Parse) {
        let ParseScratch { seen, hints, classes, scores, state } = scratch;
        seen.clear();
        seen.extend(words.iter().map(|word| Seen::of(word.form)));
        hints.clear();
        hints.extend(words.iter().map(|word| word.hint));
        self.tagger.tag(seen, hints, scores, classes);
        state.start(words.len());
        while !state.is_done() {
            scores.clear();
            scores.resize(self.moves.len(), 0);
            state.features(seen, classes, |f| self.linear.add(f, scores));
            let allowed = (0..self.moves.len()).filter(|m| state.allows(self.moves[*m]));
            match allowed.max_by_key(|m| (scores[*m], usize::MAX - m)) {
                Some(best) => state.apply(self.moves[best]),
                None => break,
            }
        }
        out.pos.clear();
        out.tag.clear();
        for class in classes.iter() {
            let (tag, pos) = self.tagger.classes[*class as usize];
            out.tag.push(tag);
            out.pos.push(pos);
        }
        out.head.clear();
        out.head.extend(state.head.iter().map(|h| if *h as usize >= words.len() { NONE } else { *h }));
        out.rel.clear();
        out.rel.extend(
            state.rel[..words.len()].iter().map(|r| Rel::from_index(*r as usize).unwrap_or(Rel::Dep)),
        );
    }
}

/// The name of a move in the model file.
pub fn move_name(step: Move) -> String {
    match step {
        Move::Shift => "S".into(),
        Move::Left(rel) => format!("L {}", rel.as_str()),
        Move::Right(rel) => format!("R {}", rel.as_str()),
    }
}

fn move_of(name: &str) -> Option<Move> {
    match name.split_once(' ') {
        None => (name == "S").then_some(Move::Shift),
        Some(("L", rel)) => Rel::from_name(rel).map(Move::Left),
        Some((_, rel)) => Rel::from_name(rel).map(Move::Right),
    }
}
