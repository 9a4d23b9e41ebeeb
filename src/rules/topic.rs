//! Subjects in which words of conflict mean something else: sport, film, games, business.

use rustc_hash::FxHashSet;

use super::class::{Classes, Pattern};
use super::pack::PackFile;
use crate::lexicon::{Diagnostic, SourceFile, fold};

/// One topic.
#[derive(Debug, Clone)]
pub struct Topic {
    pub name: String,
    pub pattern: Pattern,
    /// Different words that an article needs; none: never the whole article.
    pub article: Option<u32>,
    /// Different words that a sentence needs.
    pub sentence: Option<u32>,
    /// A sentence with one of these is spared.
    pub unless: Pattern,
    pub titles: Vec<String>,
}

/// All topics.
#[derive(Debug, Default, Clone)]
pub struct Topics {
    pub list: Vec<Topic>,
}

impl Topics {
    pub(super) fn take(
        &mut self,
        file: &SourceFile,
        pack: &PackFile,
        classes: &mut Classes,
        faults: &mut Vec<Diagnostic>,
    ) {
        for (name, row) in &pack.topic {
            self.list.push(Topic {
                name: name.clone(),
                pattern: classes.pattern(file, &row.words, faults),
                article: row.article,
                sentence: row.sentence,
                unless: classes.pattern(file, &row.unless, faults),
                titles: row.titles.iter().map(|t| fold(t)).collect(),
            });
        }
    }
}

impl Topic {
    /// The sentence has enough of the topic's words, and none that spares it.
    pub fn silences(&self, lemmas: &[super::Lemma]) -> bool {
        let spared = || (0..lemmas.len()).any(|at| self.unless.matches_at(lemmas, at));
        self.sentence.is_some_and(|least| self.count(lemmas) >= least) && !spared()
    }

    /// How many different words of the topic stand in `lemmas`.
    pub fn count(&self, lemmas: &[super::Lemma]) -> u32 {
        let mut seen = FxHashSet::default();
        for at in 0..lemmas.len() {
            if self.pattern.matches_at(lemmas, at) {
                seen.insert(lemmas[at]);
            }
        }
        seen.len() as u32
    }
}
