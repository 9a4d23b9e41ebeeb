//! Names that mean other things, and how the words around tell.

use serde::Deserialize;

use super::actors::place;
use super::{Diagnostic, SourceFile, fold};
use crate::signal::Code;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct GuardRow {
    name: String,
    code: String,
    #[serde(default)]
    unless_next: Vec<String>,
    #[serde(default)]
    unless_prev: Vec<String>,
    #[serde(default)]
    unless_article: Vec<String>,
    #[serde(default)]
    only_article: Vec<String>,
    #[serde(default)]
    only_next: Vec<String>,
    #[serde(default)]
    only_prev: Vec<String>,
    #[serde(default)]
    capital_only: bool,
    #[serde(default)]
    prefer: Option<String>,
    #[serde(default)]
    #[allow(dead_code)]
    note: Option<String>,
}

/// Conditions on one reading of one name; each phrase is folded and split into words.
#[derive(Debug, Clone, Default)]
pub struct Guard {
    pub name: Vec<String>,
    pub code: Option<Code>,
    pub unless_next: Vec<Vec<String>>,
    pub unless_prev: Vec<Vec<String>>,
    pub unless_article: Vec<Vec<String>>,
    pub only_article: Vec<Vec<String>>,
    pub only_next: Vec<Vec<String>>,
    pub only_prev: Vec<Vec<String>>,
    pub is_capital_only: bool,
    /// Where several actors share the name, this one is meant if the text does not tell.
    pub is_preferred: bool,
}

impl Guard {
    pub(super) fn from_row(file: &SourceFile, row: GuardRow, faults: &mut Vec<Diagnostic>) -> Option<Guard> {
        let Ok(code) = row.code.parse() else {
            let message = format!("{:?} is no actor code", row.code);
            faults.push(Diagnostic::error("code", &file.path, place(file, &row.code), message));
            return None;
        };
        let phrases = |list: Vec<String>| list.iter().map(|text| words(text)).collect();
        Some(Guard {
            name: words(&row.name),
            code: Some(code),
            unless_next: phrases(row.unless_next),
            unless_prev: phrases(row.unless_prev),
            unless_article: phrases(row.unless_article),
            only_article: phrases(row.only_article),
            only_next: phrases(row.only_next),
            only_prev: phrases(row.only_prev),
            is_capital_only: row.capital_only,
            is_preferred: row.prefer.is_some(),
        })
    }
}

/// Folded words of a phrase, as the tokeniser would cut them.
pub(super) fn words(text: &str) -> Vec<String> {
    let mut segmented = crate::text::Segmented::default();
    crate::text::segment(text, &mut segmented);
    segmented.tokens.iter().map(|token| fold(token.text(text))).collect()
}
