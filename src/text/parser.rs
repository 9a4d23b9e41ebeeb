//! [`Parser`]: words → tags and a dependency tree.

use std::sync::OnceLock;

use super::arc::{Words, move_features, rel_features};
use super::feature::{Atom, allowed};
use super::model::{Model, ModelError};
use super::state::{Move, State};
use super::tagger::tag;
use super::weights::{NARROW, Scorer, WIDE};
use super::{Pos, Rel, Tag};

/// The longest sentence that gets a tree, in words: longer ones come out flat.
pub const WORDS_MAX: usize = 1_000;

/// A word, or a whole name as one word.
#[derive(Clone, Copy, Debug)]
pub struct Word<'a> {
    pub form: &'a str,
    /// Its class where that is known: names from a gazetteer are [`Pos::Propn`].
    pub hint: Option<Pos>,
}

/// Tags and tree of one sentence; all lists are as long as the sentence.
#[derive(Clone, Default, Debug)]
pub struct Parse {
    pub pos: Vec<Pos>,
    pub tag: Vec<Tag>,
    /// Index of each word's head; [`Parse::ROOT`] for the root's.
    pub head: Vec<u16>,
    pub rel: Vec<Rel>,
}

/// The work space of one caller, used again for each sentence.
#[derive(Default, Debug)]
pub struct ParseScratch {
    buffer: String,
    atoms: Vec<Atom>,
    allowed: Vec<u64>,
    tags: Vec<u8>,
    counts: Vec<[u16; 3]>,
    state: State,
}

/// A tagger and parser; immutable and shared.
#[derive(Debug)]
pub struct Parser {
    model: Model,
}

impl Parse {
    /// The head of the root.
    pub const ROOT: u16 = u16::MAX;

    /// The head of a word, `None` for the root.
    pub fn governor(&self, word: usize) -> Option<usize> {
        self.head.get(word).filter(|head| **head != Parse::ROOT).map(|head| usize::from(*head))
    }

    /// The dependents of a word, from left to right.
    pub fn children(&self, word: usize) -> impl Iterator<Item = usize> + '_ {
        let heads = self.head.iter().enumerate();
        heads.filter(move |(_, head)| usize::from(**head) == word).map(|(child, _)| child)
    }

    /// The words from `word` up to the root, itself first.
    pub fn path(&self, word: usize) -> impl Iterator<Item = usize> + '_ {
        let start = (word < self.head.len()).then_some(word);
        std::iter::successors(start, |at| self.governor(*at)).take(self.head.len())
    }

    /// First and last word of the subtree of `word`.
    pub fn extent(&self, word: usize) -> (usize, usize) {
        let inside = |other: &usize| self.path(*other).any(|at| at == word);
        let first = (0..=word).find(inside).unwrap_or(word);
        let last = (word..self.head.len()).rev().find(inside).unwrap_or(word);
        (first, last)
    }

    fn clear(&mut self) {
        self.pos.clear();
        self.tag.clear();
        self.head.clear();
        self.rel.clear();
    }
}

impl Parser {
    /// Reads a model file.
    pub fn from_bytes(model: &[u8]) -> Result<Parser, ModelError> {
        Ok(Parser { model: Model::read(model)? })
    }

    /// The shipped model, unpacked at the first call.
    pub fn builtin() -> &'static Parser {
        static BUILTIN: OnceLock<Parser> = OnceLock::new();
        BUILTIN.get_or_init(|| {
            // cannot fail: a test reads the shipped file
            Parser::from_bytes(include_bytes!("../../assets/parser.model"))
                .expect("the shipped model is whole")
        })
    }

    /// Tags and parses a sentence; `out` is overwritten. Linear in the number of words.
    pub fn parse(&self, words: &[Word<'_>], scratch: &mut ParseScratch, out: &mut Parse) {
        out.clear();
        read(words, scratch);
        let ParseScratch { atoms, allowed, tags, counts, state, .. } = scratch;
        tag(atoms, allowed, &self.model.tags, tags);
        count(atoms, tags, counts);
        if words.len() <= WORDS_MAX {
            let words = Words { atoms, tags, counts };
            build(words, state, &self.model.moves, &self.model.rels);
        } else {
            state.start(0);
        }
        finish(tags, state, out);
        for (at, word) in words.iter().enumerate() {
            if is_not(word.form) && out.pos[at] == Pos::Adv {
                out.pos[at] = Pos::Part;
            }
        }
    }
}

fn read(words: &[Word<'_>], scratch: &mut ParseScratch) {
    scratch.atoms.clear();
    scratch.allowed.clear();
    for word in words {
        scratch.atoms.push(Atom::of(word.form, &mut scratch.buffer));
        scratch.allowed.push(allowed(word.hint));
    }
}

/// Counts verbs, commas and conjunctions from the left.
pub fn count(atoms: &[Atom], tags: &[u8], counts: &mut Vec<[u16; 3]>) {
    const VERBS: [u8; 7] = [
        Tag::Vb as u8,
        Tag::Vbd as u8,
        Tag::Vbp as u8,
        Tag::Vbz as u8,
        Tag::Vbn as u8,
        Tag::Vbg as u8,
        Tag::Md as u8,
    ];
    counts.clear();
    let mut sums = [0u16; 3];
    counts.push(sums);
    for (tag, _) in tags.iter().zip(atoms) {
        let kinds = [VERBS.contains(tag), *tag == Tag::Punct as u8, *tag == Tag::Cc as u8];
        for (sum, is) in sums.iter_mut().zip(kinds) {
            *sum = sum.saturating_add(u16::from(is));
        }
        counts.push(sums);
    }
    counts.push(sums);
}

fn build(words: Words<'_>, state: &mut State, moves: &impl Scorer<NARROW>, rels: &impl Scorer<WIDE>) {
    state.start(words.tags.len() as u16);
    while !state.is_done() {
        let step = Move::ALL[moves.best(&move_features(words, state), state.allowed()).min(2)];
        match state.arc(step) {
            None => state.shift(),
            Some((head, dependent)) => {
                let rel = relation(words, state, head, dependent, rels);
                state.attach(head, dependent, rel);
            }
        }
    }
}

/// The relation of an arc about to be made.
pub fn relation(words: Words<'_>, state: &State, head: u16, dependent: u16, rels: &impl Scorer<WIDE>) -> Rel {
    if head == state.n {
        return Rel::Root;
    }
    let all = ((1u64 << Rel::ALL.len()) - 1) & !(1 << Rel::Root as u8);
    let best = rels.best(&rel_features(words, state, head, dependent), all);
    Rel::ALL.get(best).copied().unwrap_or(Rel::Dep)
}

fn is_not(form: &str) -> bool {
    ["not", "n't", "n’t"].iter().any(|not| form.eq_ignore_ascii_case(not))
}

fn finish(tags: &[u8], state: &State, out: &mut Parse) {
    let n = tags.len();
    for (at, tag) in tags.iter().enumerate() {
        let tag = Tag::from_index(usize::from(*tag)).unwrap_or(Tag::Other);
        let (head, rel) = match state.nodes.get(at) {
            Some(node) if n <= WORDS_MAX => {
                (node.head, Rel::from_index(usize::from(node.rel)).unwrap_or(Rel::Dep))
            }
            _ => (Parse::ROOT, Rel::Root),
        };
        let head = if usize::from(head) < n { head } else { Parse::ROOT };
        out.tag.push(tag);
        out.head.push(head);
        out.rel.push(rel);
        out.pos.push(class(tag, rel));
    }
    unify(out);
}

/// Words beyond the first root hang on it, so that a sentence is one tree.
fn unify(out: &mut Parse) {
    let Some(first) = out.head.iter().position(|head| *head == Parse::ROOT) else { return };
    for at in first + 1..out.head.len() {
        if out.head[at] == Parse::ROOT {
            out.head[at] = first as u16;
            out.rel[at] = if out.tag[at] == Tag::Punct { Rel::Punct } else { Rel::Parataxis };
        }
    }
}

/// The class of a word by its tag and what it is to its head.
fn class(tag: Tag, rel: Rel) -> Pos {
    match tag {
        Tag::Nn | Tag::Nns => Pos::Noun,
        Tag::Nnp | Tag::Nnps => Pos::Propn,
        Tag::Jj | Tag::Jjr | Tag::Jjs => Pos::Adj,
        Tag::Md => Pos::Aux,
        Tag::Vb | Tag::Vbd | Tag::Vbp | Tag::Vbz | Tag::Vbn | Tag::Vbg => match rel {
            Rel::Aux | Rel::AuxPass | Rel::Cop => Pos::Aux,
            _ => Pos::Verb,
        },
        Tag::In | Tag::Wrb if rel == Rel::Mark => Pos::Sconj,
        Tag::To if rel == Rel::Case => Pos::Adp,
        Tag::In | Tag::Rp => Pos::Adp,
        Tag::To | Tag::PosS => Pos::Part,
        Tag::Dt | Tag::Wdt | Tag::Pdt if rel == Rel::Det => Pos::Det,
        Tag::Dt | Tag::Wdt | Tag::Pdt => Pos::Pron,
        Tag::Prp | Tag::PrpS | Tag::Wp | Tag::WpS | Tag::Ex => Pos::Pron,
        Tag::Rb | Tag::Rbr | Tag::Rbs | Tag::Wrb => Pos::Adv,
        Tag::Cc => Pos::Cconj,
        Tag::Cd => Pos::Num,
        Tag::Uh => Pos::Intj,
        Tag::Sym => Pos::Sym,
        Tag::Fw | Tag::Other | Tag::Ls => Pos::X,
        Tag::Punct | Tag::Hyph => Pos::Punct,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Segmented, segment};
    use proptest::prelude::*;

    fn parsed(text: &str) -> (Vec<String>, Parse) {
        let (mut cut, mut out) = (Segmented::default(), Parse::default());
        segment(text, &mut cut);
        let forms: Vec<&str> = cut.tokens.iter().map(|token| token.text(text)).collect();
        let words: Vec<Word<'_>> = forms.iter().map(|form| Word { form, hint: None }).collect();
        Parser::builtin().parse(&words, &mut ParseScratch::default(), &mut out);
        (forms.iter().map(|form| (*form).to_owned()).collect(), out)
    }

    /// "dependent relation head" of a word.
    fn arc(text: &str, word: &str) -> String {
        let (forms, parse) = parsed(text);
        let at = forms.iter().position(|form| form == word).unwrap();
        let head = parse.governor(at).map_or("-", |head| forms[head].as_str());
        format!("{} {head}", parse.rel[at].as_str())
    }

    #[test]
    fn the_shipped_model_is_whole() {
        assert!(Parser::from_bytes(include_bytes!("../../assets/parser.model")).is_ok());
    }

    #[test]
    fn present_tense_of_the_news() {
        let text = "Russia expels two envoys.";
        assert_eq!(arc(text, "expels"), "root -");
        assert_eq!(arc(text, "Russia"), "nsubj expels");
        assert_eq!(arc(text, "envoys"), "obj expels");
        assert_eq!(arc("Poland summons the German ambassador.", "ambassador"), "obj summons");
    }

    #[test]
    fn passive_and_agent() {
        let text = "Two diplomats were expelled by Poland on Monday.";
        assert_eq!(arc(text, "diplomats"), "nsubj:pass expelled");
        assert_eq!(arc(text, "Poland"), "obl:agent expelled");
        let (_, parse) = parsed(text);
        assert_eq!(parse.pos[2], Pos::Aux);
        assert_eq!(parse.extent(3), (0, parse.head.len() - 1));
    }

    #[test]
    fn hints_bind_the_class() {
        let words = [("Turkey", Some(Pos::Propn)), ("strikes", Some(Pos::Noun)), ("kill", Some(Pos::Verb))];
        let words = words.map(|(form, hint)| Word { form, hint });
        let mut out = Parse::default();
        Parser::builtin().parse(&words, &mut ParseScratch::default(), &mut out);
        assert_eq!(out.pos[..2], [Pos::Propn, Pos::Noun]);
        assert_eq!(out.tag[1], Tag::Nns);
    }

    #[test]
    fn a_long_list_comes_out_flat() {
        let words = vec![Word { form: "x", hint: None }; WORDS_MAX + 1];
        let mut out = Parse::default();
        Parser::builtin().parse(&words, &mut ParseScratch::default(), &mut out);
        assert_eq!(out.head.len(), WORDS_MAX + 1);
        assert_eq!(out.head.iter().filter(|head| **head == Parse::ROOT).count(), 1);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn every_sentence_is_one_tree(words in prop::collection::vec("[a-zA-Z,.'’0-9 -]{1,9}|\\PC{1,4}", 1..40)) {
            let list: Vec<Word<'_>> = words.iter().map(|form| Word { form, hint: None }).collect();
            let mut out = Parse::default();
            Parser::builtin().parse(&list, &mut ParseScratch::default(), &mut out);
            prop_assert_eq!(out.head.iter().filter(|head| **head == Parse::ROOT).count(), 1);
            for at in 0..list.len() {
                let top = out.path(at).last().unwrap();
                prop_assert_eq!(out.head[top], Parse::ROOT);
            }
        }
    }
}
