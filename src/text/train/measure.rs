//! How well a model does on a treebank.

use super::{Case, Gold};
use crate::text::{Parse, ParseScratch, Parser, Pos, Tag, Word};

/// Shares of words, punctuation included.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Measure {
    pub words: usize,
    pub tags_right: f64,
    pub heads_right: f64,
    /// Head and relation right.
    pub arcs_right: f64,
}

/// Parses the sentences with predicted tags and compares.
pub fn measure(parser: &Parser, treebank: &[Gold]) -> Measure {
    let (mut scratch, mut parse) = (ParseScratch::default(), Parse::default());
    let (mut words, mut tags, mut heads, mut arcs) = (0usize, 0usize, 0usize, 0usize);
    for gold in treebank {
        let case = Case::of(gold.clone());
        let hint = |form: &str| form.contains(' ').then_some(Pos::Propn);
        let list: Vec<Word<'_>> =
            case.gold.forms.iter().map(|form| Word { form, hint: hint(form) }).collect();
        parser.parse(&list, &mut scratch, &mut parse);
        for at in 0..list.len() {
            let head = if parse.head[at] == Parse::ROOT { list.len() as u16 } else { parse.head[at] };
            words += 1;
            tags += usize::from(
                parse.tag[at] as u8 == gold.tags[at] || Tag::from_index(gold.tags[at].into()).is_none(),
            );
            let is_head = head == gold.heads[at];
            heads += usize::from(is_head);
            arcs += usize::from(is_head && parse.rel[at] as u8 == gold.rels[at]);
        }
    }
    let share = |count: usize| count as f64 / words.max(1) as f64;
    Measure { words, tags_right: share(tags), heads_right: share(heads), arcs_right: share(arcs) }
}
