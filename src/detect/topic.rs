//! Articles and sentences in which words of conflict mean something else.

use crate::lexicon::fold;
use crate::rules::{Lemma, Ruleset};

/// The topic that an article is of, if one silences it.
pub fn of_article<'r>(rules: &'r Ruleset, title: &str, lemmas: &[Lemma]) -> Option<&'r str> {
    let title = fold(title);
    for topic in &rules.topics.list {
        if topic.titles.iter().any(|head| title.starts_with(head.as_str())) {
            return Some(&topic.name);
        }
        // Long articles may mention anything; the share counts, not the number alone.
        let needed = topic.article.map(|least| least.max(lemmas.len() as u32 / 120));
        if needed.is_some_and(|needed| topic.count(lemmas) >= needed) {
            return Some(&topic.name);
        }
    }
    None
}

/// The topic that a sentence is of, if one silences it.
pub fn of_sentence<'r>(rules: &'r Ruleset, lemmas: &[Lemma]) -> Option<&'r str> {
    rules.topics.list.iter().find(|topic| topic.silences(lemmas)).map(|topic| topic.name.as_str())
}
