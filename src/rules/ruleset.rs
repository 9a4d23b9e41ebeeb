//! Everything under `config/` that detection needs, compiled into one immutable value.

use rustc_hash::FxHashMap;

use super::class::{Classes, Lemma, Pattern};
use super::example::{self, Example};
use super::frame::Frame;
use super::grammar::Grammar;
use super::pack::{ExceptionRow, PackFile};
use super::topic::Topics;
use crate::lexicon::{Actors, Diagnostic, Gazetteer, Publishers, SourceFile, Treaties, parse_toml};
use crate::signal::short_hash;

/// A trigger's place: the frame and which of its triggers.
#[derive(Clone, Copy, Debug)]
pub struct TriggerRef {
    pub frame: u32,
    pub trigger: u32,
}

/// Words that keep a frame silent until a day.
#[derive(Clone, Debug)]
pub struct Exception {
    /// Frame id, or the file's path for all frames of it.
    pub frames: Vec<u32>,
    pub words: Vec<Pattern>,
    pub until: jiff::civil::Date,
    pub owner: String,
    pub reason: String,
}

/// Compiled rules, words, actors, treaties and publishers. Shared by all workers.
#[derive(Debug, Default)]
pub struct Ruleset {
    revision: String,
    pub gazetteer: Gazetteer,
    pub publishers: Publishers,
    pub classes: Classes,
    pub grammar: Grammar,
    pub topics: Topics,
    pub frames: Vec<Frame>,
    /// Lemma → triggers that start with it.
    pub triggers: FxHashMap<Lemma, Vec<TriggerRef>>,
    pub exceptions: Vec<Exception>,
    pub examples: Vec<Example>,
    pub warnings: Vec<Diagnostic>,
    /// Inflected form → lemma that rules name, the part of speech left open.
    forms: FxHashMap<String, Lemma>,
    /// Every form of every trigger: one form may be several lemmas', so these are kept apart.
    trigger_forms: rustc_hash::FxHashSet<String>,
}

impl Ruleset {
    /// 16 hexadecimal digits that change with any file.
    pub fn revision(&self) -> &str {
        &self.revision
    }

    /// Some frame waits for this lemma as a noun, or as a verb.
    pub fn waits_for(&self, lemma: Lemma, as_noun: bool) -> bool {
        self.triggers.get(&lemma).is_some_and(|list| {
            list.iter().any(|place| {
                self.frames[place.frame as usize].triggers[place.trigger as usize].is_noun == as_noun
            })
        })
    }

    /// The lemma of `form` as a verb that some frame or the grammar of speech waits for.
    pub fn is_verb(&self, form: &str) -> bool {
        let lemma = self.classes.lemmas.get(&crate::text::lemma(form, crate::text::Pos::Verb));
        self.waits_for(lemma, false) || self.grammar.say.lemmas.contains(&lemma)
    }

    /// A folded form may be a trigger's.
    pub fn is_trigger_form(&self, folded: &str) -> bool {
        self.trigger_forms.contains(folded)
    }

    /// The lemma that a folded form may be of, if rules name it; the part of speech is not known yet.
    pub fn form(&self, folded: &str) -> Lemma {
        self.forms.get(folded).copied().unwrap_or(Lemma::UNKNOWN)
    }

    pub fn frame(&self, id: &str) -> Option<&Frame> {
        self.frames.iter().find(|frame| frame.id == id)
    }
}

/// Compiles the files of `rules/`, `actors/`, `treaties/` and `sources/`; paths say which is which.
///
/// # Errors
/// Every fault found, in order of the files.
pub fn compile(files: &[SourceFile]) -> Result<Ruleset, Vec<Diagnostic>> {
    let below = |folder: &str| -> Vec<&SourceFile> {
        let mut list: Vec<_> =
            files.iter().filter(|f| f.path.split('/').rev().nth(1) == Some(folder)).collect();
        list.sort_by(|a, b| a.path.cmp(&b.path));
        list.retain(|f| f.path.ends_with(".toml"));
        list
    };
    let mut faults = Vec::new();
    let mut keep = |result: Result<_, Vec<Diagnostic>>| result.map_err(|list| faults.extend(list)).ok();
    let actors: Option<Actors> = keep(Actors::read(&below("actors")));
    let mut keep = |result: Result<_, Vec<Diagnostic>>| result.map_err(|list| faults.extend(list)).ok();
    let treaties: Option<Treaties> = keep(Treaties::read(&below("treaties")));
    let mut keep = |result: Result<_, Vec<Diagnostic>>| result.map_err(|list| faults.extend(list)).ok();
    let publishers: Option<Publishers> = keep(Publishers::read(&below("sources")));
    let gazetteer = Gazetteer::build(actors.unwrap_or_default(), treaties.unwrap_or_default());
    let mut ruleset = Ruleset { gazetteer, publishers: publishers.unwrap_or_default(), ..Ruleset::default() };
    ruleset.take_packs(&below("rules"), &mut faults);
    ruleset.revision = short_hash(files.iter().flat_map(|f| [f.path.as_str(), f.text.as_str()]));
    let (warnings, errors): (Vec<_>, Vec<_>) = faults.into_iter().partition(|f| f.is_warning);
    ruleset.warnings = warnings;
    if errors.is_empty() { Ok(ruleset) } else { Err(errors) }
}

impl Ruleset {
    fn take_packs(&mut self, files: &[&SourceFile], faults: &mut Vec<Diagnostic>) {
        let mut packs = Vec::new();
        for file in files {
            match parse_toml::<PackFile>(file) {
                Ok(pack) => packs.push((*file, pack)),
                Err(fault) => faults.push(fault),
            }
        }
        let classes: Vec<_> = packs.iter().map(|(file, pack)| (*file, &pack.class)).collect();
        self.classes.take(&classes, faults);
        self.grammar = Grammar::from_classes(&self.classes);
        for name in Grammar::NAMES.iter().filter(|name| self.classes.get(name).is_empty()) {
            let fault = Diagnostic::error(
                "no-grammar",
                "rules/grammar.toml",
                0..0,
                format!("class `{name}` is missing"),
            );
            faults.push(fault.help("the detector's own grammar needs it; the shipped grammar.toml has it"));
        }
        for (file, pack) in &packs {
            self.take_frames(file, pack, faults);
            self.topics.take(file, pack, &mut self.classes, faults);
            self.examples.extend(example::read(file, pack, faults));
        }
        self.index_forms();
        self.gazetteer.set_titles(self.classes.words("title"));
        self.gazetteer.set_offices(self.classes.words("office"));
        for (index, frame) in self.frames.iter().enumerate() {
            for (trigger, word) in frame.triggers.iter().enumerate() {
                let place = TriggerRef { frame: index as u32, trigger: trigger as u32 };
                self.triggers.entry(word.lemma).or_default().push(place);
            }
        }
        for (word, _) in self.classes.lemmas.iter().filter(|(_, id)| self.triggers.contains_key(id)) {
            for pos in [crate::text::Pos::Verb, crate::text::Pos::Noun] {
                self.trigger_forms.extend(crate::text::forms(word, pos));
            }
        }
    }

    /// Makes the inflections of every lemma; a lemma's own form goes before another's inflection.
    fn index_forms(&mut self) {
        let lemmas: Vec<(String, Lemma)> =
            self.classes.lemmas.iter().map(|(w, id)| (w.to_owned(), id)).collect();
        for (word, id) in &lemmas {
            for pos in [crate::text::Pos::Verb, crate::text::Pos::Noun] {
                for form in crate::text::forms(word, pos) {
                    self.forms.entry(form).or_insert(*id);
                }
            }
        }
        for (word, id) in lemmas {
            self.forms.insert(word, id);
        }
    }

    fn take_frames(&mut self, file: &SourceFile, pack: &PackFile, faults: &mut Vec<Diagnostic>) {
        let first = self.frames.len();
        for row in &pack.frame {
            let Some(frame) = Frame::from_row(file, pack, row, &mut self.classes, faults) else { continue };
            if self.frames.iter().any(|known| known.id == frame.id) {
                let message = format!("frame {} stands twice", frame.id);
                faults.push(Diagnostic::error("duplicate", &file.path, row.id.span(), message));
            }
            self.frames.push(frame);
        }
        for row in &pack.exception {
            self.take_exception(file, row, first, faults);
        }
    }

    fn take_exception(
        &mut self,
        file: &SourceFile,
        row: &ExceptionRow,
        first: usize,
        faults: &mut Vec<Diagnostic>,
    ) {
        let Ok(until) = row.until.parse() else {
            let message = format!("exception of {}: `until` {:?} is no date", row.owner, row.until);
            faults.push(Diagnostic::error("exception", &file.path, 0..0, message).help("write 2026-12-31"));
            return;
        };
        let wanted = |id: &str| row.frame.as_deref().is_none_or(|name| id.ends_with(&format!("/{name}")));
        let frames: Vec<u32> =
            (first..self.frames.len()).filter(|i| wanted(&self.frames[*i].id)).map(|i| i as u32).collect();
        let words = row
            .words
            .iter()
            .map(|word| self.classes.pattern(file, std::slice::from_ref(word), faults))
            .collect();
        self.exceptions.push(Exception {
            frames,
            words,
            until,
            owner: row.owner.clone(),
            reason: row.reason.clone(),
        });
    }
}
