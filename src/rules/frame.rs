//! One compiled frame: what triggers it, what must stand around, where its actors are.

use serde::Deserialize;

use super::class::{Classes, Lemma, Pattern};
use super::pack::{FrameRow, PackFile, Status};
use super::slot::Slot;
use crate::lexicon::{Diagnostic, SourceFile};
use crate::signal::{Kind, Phase, Stance};

/// What an actor must be to fill a role.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Is {
    #[default]
    Anybody,
    /// A state or an organisation, speaking or acting as such.
    State,
    /// A named armed group, or attackers without a name.
    Group,
}

/// Which roles must be filled for a signal.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Needs {
    #[default]
    Source,
    Target,
    Both,
    /// One of the two.
    Either,
    /// The words alone suffice.
    Nothing,
}

/// A lemma (and a particle behind it) that a frame starts from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trigger {
    pub lemma: Lemma,
    /// Further lemmas that must follow or hang on it: "pull out", "call back".
    pub rest: Vec<Lemma>,
    pub is_noun: bool,
}

/// One way of telling a kind.
#[derive(Clone, Debug)]
pub struct Frame {
    /// `kind/id` of the file.
    pub id: String,
    pub kind: Kind,
    pub kind_of_group: Option<Kind>,
    pub status: Status,
    pub triggers: Vec<Trigger>,
    pub object: Pattern,
    pub object_not: Pattern,
    pub scope: Pattern,
    pub scope_not: Pattern,
    pub sentence: Pattern,
    pub sentence_not: Pattern,
    pub agent: Pattern,
    pub agent_not: Pattern,
    pub source: Vec<Slot>,
    pub target: Vec<Slot>,
    pub source_is: Is,
    pub target_is: Is,
    pub needs: Needs,
    pub is_joint: bool,
    /// Joint where several act and nobody else is named: "X and Y restore ties".
    pub is_mutual: bool,
    /// Those behind "with" act too: "held a drill with".
    pub with_acts: bool,
    pub phase: Option<Phase>,
    pub stance: Option<Stance>,
    pub is_accusable: bool,
    pub counts_negated: bool,
    pub takes_instrument: bool,
    pub names_object: bool,
    pub confidence: i32,
}

impl Frame {
    pub(super) fn from_row(
        file: &SourceFile,
        pack: &PackFile,
        row: &FrameRow,
        classes: &mut Classes,
        faults: &mut Vec<Diagnostic>,
    ) -> Option<Frame> {
        let id = row.id.get_ref();
        let Some(kind) = row.kind.or_else(|| pack.kind.as_ref().map(|k| *k.get_ref())) else {
            let fault =
                Diagnostic::error("no-kind", &file.path, row.id.span(), format!("frame {id} has no kind"));
            faults.push(fault.help("write `kind = …` in the frame or at the head of the file"));
            return None;
        };
        let mut triggers = Vec::new();
        triggers.extend(row.verb.iter().filter_map(|text| trigger(text, false, classes)));
        triggers.extend(row.noun.iter().filter_map(|text| trigger(text, true, classes)));
        if triggers.is_empty() {
            let fault = Diagnostic::error(
                "no-trigger",
                &file.path,
                row.id.span(),
                format!("frame {id} can never match"),
            );
            faults.push(fault.help("give it a verb or a noun"));
        }
        let mut pattern = |words: &[toml::Spanned<String>]| classes.pattern(file, words, faults);
        let (object, object_not) = (pattern(&row.object), pattern(&row.object_not));
        let (scope, scope_not) = (pattern(&row.scope), pattern(&row.scope_not));
        let (sentence, sentence_not) = (pattern(&row.sentence), pattern(&row.sentence_not));
        let (agent, agent_not) = (pattern(&row.agent), pattern(&row.agent_not));
        let mut source = slots(file, &row.source, faults);
        if source.is_empty() {
            source.push(Slot::Agent);
        }
        let target = slots(file, &row.target, faults);
        Some(Frame {
            id: format!("{kind}/{id}"),
            kind,
            kind_of_group: row.kind_of_group,
            status: row.status.unwrap_or(pack.status),
            triggers,
            object,
            object_not,
            scope,
            scope_not,
            sentence,
            sentence_not,
            agent,
            agent_not,
            source,
            target,
            source_is: row.source_is.unwrap_or_default(),
            target_is: row.target_is.unwrap_or_default(),
            needs: row.needs.unwrap_or_default(),
            is_joint: row.joint,
            is_mutual: row.mutual,
            with_acts: row.with_acts,
            phase: row.phase,
            stance: row.stance,
            is_accusable: row.accusable,
            counts_negated: row.negated,
            takes_instrument: row.instrument,
            names_object: row.names_object,
            confidence: row.confidence,
        })
    }
}

fn trigger(text: &toml::Spanned<String>, is_noun: bool, classes: &mut Classes) -> Option<Trigger> {
    let mut lemmas = classes.phrase(text.get_ref());
    if lemmas.is_empty() {
        return None;
    }
    // The head of a noun phrase is its last word: "military action"; of a verb its first: "pull out".
    let lemma = if is_noun { lemmas.pop()? } else { lemmas.remove(0) };
    Some(Trigger { lemma, rest: lemmas, is_noun })
}

fn slots(file: &SourceFile, texts: &[toml::Spanned<String>], faults: &mut Vec<Diagnostic>) -> Vec<Slot> {
    let mut list = Vec::new();
    for text in texts {
        match text.get_ref().parse() {
            Ok(slot) => list.push(slot),
            Err(error) => {
                let fault = Diagnostic::error("unknown-slot", &file.path, text.span(), format!("{error}"));
                faults.push(fault.help(format!("known are {}", Slot::NAMES)));
            }
        }
    }
    list
}
