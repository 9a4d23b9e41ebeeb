//! The mirror of a rule file: `config/rules/*.toml`. Unknown keys are refused.

use serde::Deserialize;
use std::collections::BTreeMap;

use crate::signal::{Kind, Phase, Stance};

/// A rule on probation is counted and shown, never alerted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    Shadow,
    #[default]
    Stable,
}

/// One file. A file of kinds has `kind` and frames; others have classes, grammar or topics.
#[derive(Deserialize, Debug, Default)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct PackFile {
    /// Default kind of the file's frames.
    pub kind: Option<toml::Spanned<Kind>>,
    #[serde(default)]
    pub status: Status,
    /// Read, so that a pack may have it; the alert reference prints it.
    #[serde(default)]
    #[allow(dead_code)]
    pub runbook: Option<String>,
    /// Said in words, for `rules list` and the alert reference.
    #[serde(default)]
    #[allow(dead_code)]
    pub about: Option<String>,
    #[serde(default)]
    pub class: BTreeMap<String, ClassRow>,
    #[serde(default)]
    pub frame: Vec<FrameRow>,
    #[serde(default)]
    pub topic: BTreeMap<String, TopicRow>,
    #[serde(default, rename = "match")]
    pub matches: Vec<ExampleRow>,
    #[serde(default)]
    pub no_match: Vec<ExampleRow>,
    #[serde(default)]
    pub todo: Vec<ExampleRow>,
    #[serde(default)]
    pub exception: Vec<ExceptionRow>,
}

/// Lemmas that belong together; inflections are made. `@name` takes in another class.
pub(super) type ClassRow = Vec<toml::Spanned<String>>;

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct FrameRow {
    pub id: toml::Spanned<String>,
    pub kind: Option<Kind>,
    #[serde(default)]
    pub status: Option<Status>,
    #[serde(default)]
    pub verb: Vec<toml::Spanned<String>>,
    #[serde(default)]
    pub noun: Vec<toml::Spanned<String>>,
    /// Head of what is acted on.
    #[serde(default)]
    pub object: Vec<toml::Spanned<String>>,
    #[serde(default)]
    pub object_not: Vec<toml::Spanned<String>>,
    /// Some word below the trigger, its agent left out.
    #[serde(default)]
    pub scope: Vec<toml::Spanned<String>>,
    #[serde(default)]
    pub scope_not: Vec<toml::Spanned<String>>,
    /// Some word of the sentence.
    #[serde(default)]
    pub sentence: Vec<toml::Spanned<String>>,
    #[serde(default)]
    pub sentence_not: Vec<toml::Spanned<String>>,
    /// Head of the agent, where it is a common noun.
    #[serde(default)]
    pub agent: Vec<toml::Spanned<String>>,
    #[serde(default)]
    pub agent_not: Vec<toml::Spanned<String>>,
    #[serde(default)]
    pub source: Vec<toml::Spanned<String>>,
    #[serde(default)]
    pub target: Vec<toml::Spanned<String>>,
    #[serde(default)]
    pub source_is: Option<super::Is>,
    #[serde(default)]
    pub target_is: Option<super::Is>,
    #[serde(default)]
    pub needs: Option<super::Needs>,
    #[serde(default)]
    pub joint: bool,
    #[serde(default)]
    pub mutual: bool,
    /// Those behind "with" act too: "held a drill with".
    #[serde(default)]
    pub with_acts: bool,
    /// The kind where the source is an armed group.
    #[serde(default)]
    pub kind_of_group: Option<Kind>,
    #[serde(default)]
    pub phase: Option<Phase>,
    #[serde(default)]
    pub stance: Option<Stance>,
    /// An accusation of it is this act itself.
    #[serde(default)]
    pub accusable: bool,
    /// Counts although it is negated: "did not renew", "refuses to meet".
    #[serde(default)]
    pub negated: bool,
    /// Takes the instrument of the sentence.
    #[serde(default)]
    pub instrument: bool,
    /// The object's words go into the signal's `object`.
    #[serde(default)]
    pub names_object: bool,
    /// Added to the confidence, in hundredths.
    #[serde(default)]
    pub confidence: i32,
}

/// A subject of articles or sentences in which words of conflict mean something else.
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct TopicRow {
    pub words: Vec<toml::Spanned<String>>,
    /// So many different words of it in an article make the article one of this topic; absent: never.
    #[serde(default)]
    pub article: Option<u32>,
    /// So many in a sentence veto the sentence; absent: never.
    #[serde(default)]
    pub sentence: Option<u32>,
    /// A sentence with one of these is not vetoed.
    #[serde(default)]
    pub unless: ClassRow,
    /// Beginnings of titles that tell the topic by themselves.
    #[serde(default)]
    pub titles: Vec<String>,
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct ExampleRow {
    pub text: toml::Spanned<String>,
    #[serde(default)]
    pub title: Option<String>,
    /// RFC 3339; 2025-06-02T12:00:00Z where absent.
    #[serde(default)]
    pub published_at: Option<String>,
    /// `actual CHL > BOL`, one string a signal, the kind first where it is not the file's.
    #[serde(default)]
    pub expect: Vec<toml::Spanned<String>>,
}

/// Something that must not fire for a time, with somebody who answers for it.
#[derive(Deserialize, Debug, Clone)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct ExceptionRow {
    /// The frame's id; every frame of the file where absent.
    #[serde(default)]
    pub frame: Option<String>,
    /// Holds where a sentence has all of these words.
    pub words: Vec<toml::Spanned<String>>,
    pub owner: String,
    pub reason: String,
    /// The last day on which it holds, by the article's date.
    pub until: String,
}
