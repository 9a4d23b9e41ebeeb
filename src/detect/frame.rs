//! Trying a frame on a trigger: the checks in their order, each with a name.

use super::act::Telling;
use super::clause::{self, Clause};
use super::date::When;
use super::entity::Finder;
use super::mention::What;
use super::recency::{self, Age};
use super::role::{Filled, Stage};
use super::sentence::Sentence;
use super::speech;
use super::stance::{self, NotTold};
use super::trace::Check;
use super::tree::Tree;
use crate::rules::{Frame, Needs, Pattern, Slot, Trigger};
use crate::signal::{Code, Kind, Stance};
use crate::text::{Pos, Rel, Tag};

/// Why a frame did not fire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    pub check: Check,
    pub detail: String,
}

impl Stop {
    fn at(check: Check, detail: impl Into<String>) -> Stop {
        Stop { check, detail: detail.into() }
    }
}

/// What a frame is tried on.
pub struct Attempt<'f, 's> {
    pub finder: &'f Finder<'s>,
    pub whens: &'f [When],
    pub unit: usize,
}

/// Tries one frame.
///
/// # Errors
/// The first check that stopped it.
pub fn attempt(attempt: &Attempt<'_, '_>, frame: &Frame, trigger: &Trigger) -> Result<Telling, Stop> {
    let (finder, unit) = (attempt.finder, attempt.unit);
    let sentence = finder.sentence;
    grammar(sentence, trigger, unit)?;
    particle(sentence, trigger, unit)?;
    let mut clause = clause::around(finder, unit);
    let object = object(finder, frame, trigger.rest.len(), &mut clause, unit)?;
    surroundings(finder, frame, &clause, unit)?;
    let told = stance::read(sentence, finder.rules, &clause, unit);
    let mut is_denial = false;
    match told.not {
        Some(NotTold::Denied) => is_denial = true,
        Some(NotTold::Alleged) if frame.is_accusable => {}
        Some(NotTold::Negated | NotTold::Refused) if frame.counts_negated => {}
        None if frame.counts_negated => return Err(Stop::at(Check::Negated, "wants a negation")),
        Some(reason) => return Err(Stop::at(check_of(reason), reason.as_str())),
        None => {}
    }
    let (speaker, is_powerless) = speech::of(finder, unit);
    if is_powerless {
        return Err(Stop::at(Check::Powerless, "said by somebody without power over it"));
    }
    let roles = roles(finder, frame, &clause, unit, speaker.as_ref().and_then(|s| s.actor))?;
    let kind = kind_of(finder, frame, &roles.source);
    second_side(finder, kind, &roles)?;
    let age = recency::read(sentence, finder.rules, attempt.whens, unit, kind, told.stance);
    let Age::Told(recency) = age.age else { return Err(Stop::at(Check::History, age.because)) };
    let offers = kind == Kind::MediationOffer
        && told.because.is_some_and(|because| {
            sentence.is(because, &finder.rules.grammar.offer) || sentence.form(because) == "to"
        })
        && !has_modal(sentence, told.clause_verb);
    let is_ahead = age.is_ahead && is_event(kind);
    let in_doubt = has_modal(sentence, told.clause_verb);
    let decides = frame.counts_negated && !in_doubt && told.not == Some(NotTold::Negated);
    let fixed = frame.stance.map(|stance| if in_doubt { Stance::Prospective } else { stance });
    let stance = fixed.unwrap_or(match told.stance {
        // "will not renew the accord": the refusal is the act.
        _ if offers || decides => Stance::Actual,
        Stance::Actual if is_ahead => Stance::Prospective,
        stance => stance,
    });
    let mut telling = Telling {
        kind,
        stance,
        source: roles.source.codes.clone(),
        target: roles.target.codes.clone(),
        instrument: roles.instrument.clone(),
        recency,
        phase: frame.phase,
        object: object.filter(|_| frame.names_object),
        speaker,
        act_date: age.day,
        frame: frame.id.clone(),
        status: frame.status,
        is_joint: frame.is_joint,
        is_denial,
        confidence: 80 + frame.confidence,
        reasons: Vec::new(),
        field: sentence.field,
        sentence: sentence.index,
        sentence_span: (sentence.start, sentence.end),
        quote_span: quote(sentence, unit),
        with_each: roles.with_each,
        within_accusation: told.not == Some(NotTold::Alleged),
    };
    weigh(&mut telling, &roles);
    Ok(telling)
}

/// Acts that take place on a day: told of a day to come, they have not happened. Words have their deadlines.
fn is_event(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Contact | Kind::Normalisation | Kind::Release | Kind::Pullback | Kind::MilitaryPosture
    )
}

fn check_of(reason: NotTold) -> Check {
    match reason {
        NotTold::Negated => Check::Negated,
        NotTold::Denied => Check::Denied,
        NotTold::Refused => Check::Refused,
        NotTold::Requested => Check::Requested,
        NotTold::Alleged => Check::Alleged,
        NotTold::Conditional => Check::Conditional,
        NotTold::Undone => Check::Undone,
    }
}

/// A verb trigger must be a verb, a noun trigger a noun.
fn grammar(sentence: &Sentence<'_>, trigger: &Trigger, unit: usize) -> Result<(), Stop> {
    let pos = sentence.tree.pos[unit];
    let fits = if trigger.is_noun {
        pos == Pos::Noun || pos == Pos::Propn && !sentence.is_within_name(unit)
    } else {
        matches!(pos, Pos::Verb)
            || pos == Pos::Adj && matches!(sentence.tree.tag[unit], Tag::Vbn | Tag::Vbg | Tag::Jj)
    };
    if fits { Ok(()) } else { Err(Stop::at(Check::Grammar, format!("{pos:?}"))) }
}

/// "pull out", "call back": the rest of a trigger of several words.
fn particle(sentence: &Sentence<'_>, trigger: &Trigger, unit: usize) -> Result<(), Stop> {
    let rest = &trigger.rest;
    if rest.is_empty() {
        return Ok(());
    }
    let lemmas = &sentence.lemmas;
    let fits = if trigger.is_noun {
        unit >= rest.len() && lemmas[unit - rest.len()..unit] == rest[..]
    } else {
        let next = lemmas[unit + 1..].starts_with(rest);
        let tree = &sentence.tree;
        let hangs = tree.children(unit).any(|child| {
            lemmas[child] == rest[0]
                || matches!(tree.rel[child], Rel::Obl | Rel::Nmod | Rel::Advcl | Rel::Obj)
                    && child > unit
                    && tree
                        .children(child)
                        .any(|c| matches!(tree.rel[c], Rel::Case | Rel::Mark) && lemmas[c] == rest[0])
        });
        next || hangs && (rest.len() == 1 || has_run(lemmas, unit, rest))
    };
    if fits { Ok(()) } else { Err(Stop::at(Check::Particle, "its particle is missing")) }
}

fn has_run(lemmas: &[crate::rules::Lemma], after: usize, rest: &[crate::rules::Lemma]) -> bool {
    lemmas[after + 1..].windows(rest.len()).any(|window| window == rest)
}

/// The object's head must be of the frame's words; gives its text.
fn object(
    finder: &Finder<'_>,
    frame: &Frame,
    rest: usize,
    clause: &mut Clause,
    unit: usize,
) -> Result<Option<String>, Stop> {
    let sentence = finder.sentence;
    let tree = &sentence.tree;
    let mut heads: Vec<usize> = clause.patient.into_iter().collect();
    if tree.is_noun(unit) {
        heads.extend(
            tree.children(unit).filter(|c| matches!(tree.rel[*c], Rel::Compound | Rel::Amod | Rel::Nmod)),
        );
    }
    let joined: Vec<usize> =
        heads.iter().flat_map(|head| tree.children(*head).filter(|c| tree.rel[*c] == Rel::Conj)).collect();
    heads.extend(joined);
    if !frame.object_not.is_empty() && heads.iter().any(|head| phrase_fits(finder, *head, &frame.object_not))
    {
        return Err(Stop::at(Check::Object, "its object is excluded"));
    }
    if frame.object.is_empty() {
        return Ok(heads.first().map(|head| object_text(sentence, *head)));
    }
    if let Some(head) = heads.iter().find(|head| phrase_fits(finder, **head, &frame.object)) {
        return Ok(Some(object_text(sentence, *head)));
    }
    // The parser may have hung the object elsewhere: the first noun phrase behind a verb.
    if !tree.is_noun(unit) && !clause.is_passive {
        let near = (unit + 1 + rest..(unit + 9).min(sentence.len()))
            .take_while(|at| !matches!(tree.pos[*at], Pos::Verb | Pos::Punct | Pos::Adp | Pos::Sconj))
            .find(|at| unit_fits(finder, *at, &frame.object));
        if let Some(at) = near {
            clause.patient = Some(at);
            return Ok(Some(object_text(sentence, at)));
        }
    }
    Err(Stop::at(Check::Object, "no object of the frame"))
}

/// The head, or the head with the words right before it, is of the pattern.
fn phrase_fits(finder: &Finder<'_>, head: usize, pattern: &Pattern) -> bool {
    if unit_fits(finder, head, pattern) {
        return true;
    }
    let sentence = finder.sentence;
    let tree = &sentence.tree;
    let first = head.saturating_sub(4);
    // Phrases of several words end at the head: "diplomatic relations".
    (first..head).any(|at| {
        pattern.phrases.get(&sentence.lemmas[at]).is_some_and(|list| {
            list.iter()
                .any(|phrase| at + phrase.len() == head + 1 && sentence.lemmas[at..=head] == phrase[..])
        })
    }) || tree
        .child(head, |rel| matches!(rel, Rel::Appos | Rel::Flat))
        .is_some_and(|c| unit_fits(finder, c, pattern))
}

fn unit_fits(finder: &Finder<'_>, unit: usize, pattern: &Pattern) -> bool {
    let sentence = finder.sentence;
    if pattern.matches_at(&sentence.lemmas, unit) {
        return true;
    }
    match sentence.mention(unit) {
        Some(What::Treaty { .. }) => pattern.takes_treaty || word_of_name_fits(finder, unit, pattern),
        Some(What::Region { .. }) => pattern.takes_region,
        Some(What::Actor { code, .. }) => {
            use crate::lexicon::ActorKind::{ArmedGroup, Organisation};
            let kind = finder.rules.gazetteer.actors.kind(code);
            pattern.takes_actor
                || pattern.takes_group && kind == Some(ArmedGroup)
                || pattern.takes_bloc && kind == Some(Organisation)
        }
        Some(What::Person { in_office: true, .. }) => pattern.takes_actor,
        _ => pattern.takes_treaty && sentence.is(unit, &finder.rules.grammar.treaty_noun),
    }
}

/// "ceasefire agreement" made one unit is still a ceasefire.
fn word_of_name_fits(finder: &Finder<'_>, unit: usize, pattern: &Pattern) -> bool {
    let lemmas = &finder.rules.classes.lemmas;
    let mut words = finder.sentence.form(unit).split(' ');
    words.any(|word| {
        let lemma = lemmas.get(&crate::text::lemma(word, Pos::Noun));
        lemma != crate::lexicon::WordId::UNKNOWN && pattern.lemmas.contains(&lemma)
    })
}

fn object_text(sentence: &Sentence<'_>, head: usize) -> String {
    let tree = &sentence.tree;
    let first = tree
        .children(head)
        .filter(|c| *c < head && matches!(tree.rel[*c], Rel::Compound | Rel::Amod | Rel::Nummod))
        .filter(|c| sentence.mention(*c).is_none())
        .min()
        .unwrap_or(head);
    sentence.slice(first, head).chars().take(60).collect()
}

/// Words that must or must not stand below the trigger, or in the sentence.
fn surroundings(finder: &Finder<'_>, frame: &Frame, clause: &Clause, unit: usize) -> Result<(), Stop> {
    let sentence = finder.sentence;
    let anywhere =
        |pattern: &Pattern| (0..sentence.len()).any(|at| at != unit && unit_fits(finder, at, pattern));
    if !frame.sentence.is_empty() && !anywhere(&frame.sentence) {
        return Err(Stop::at(Check::Sentence, "no word that the frame wants in the sentence"));
    }
    if !frame.sentence_not.is_empty() && anywhere(&frame.sentence_not) {
        return Err(Stop::at(Check::Sentence, "a word that the frame excludes"));
    }
    if !frame.scope.is_empty() || !frame.scope_not.is_empty() {
        let tree = &sentence.tree;
        let agent = clause.agent;
        let top = clause.light.unwrap_or(unit);
        let below = tree.below(top, &|child| {
            Some(child) != agent && !matches!(tree.rel[child], Rel::Nsubj | Rel::Parataxis)
        });
        let any = |pattern: &Pattern| below.iter().any(|at| *at != unit && unit_fits(finder, *at, pattern));
        if !frame.scope.is_empty() && !any(&frame.scope) {
            return Err(Stop::at(Check::Scope, "no word that the frame wants below"));
        }
        if any(&frame.scope_not) {
            return Err(Stop::at(Check::Scope, "a word that the frame excludes below"));
        }
    }
    if !frame.agent.is_empty() || !frame.agent_not.is_empty() {
        let agent = clause.agent.map_or_else(Vec::new, |a| {
            let tree = &sentence.tree;
            tree.below(a, &|c| !Tree::is_clause(tree.rel[c]))
        });
        if !frame.agent.is_empty() && !agent.iter().any(|at| unit_fits(finder, *at, &frame.agent)) {
            return Err(Stop::at(Check::Agent, "its agent is not of the frame"));
        }
        if agent.iter().any(|at| unit_fits(finder, *at, &frame.agent_not)) {
            return Err(Stop::at(Check::Agent, "its agent is excluded"));
        }
    }
    Ok(())
}

/// Both roles and the instrument.
struct Roles {
    source: Filled,
    target: Filled,
    instrument: Option<String>,
    with_each: Option<Code>,
}

fn roles(
    finder: &Finder<'_>,
    frame: &Frame,
    clause: &Clause,
    unit: usize,
    speaker: Option<Code>,
) -> Result<Roles, Stop> {
    let treaty = frame.takes_instrument.then(|| treaty_near(finder, unit)).flatten();
    let treaties = &finder.rules.gazetteer.treaties.list;
    let accord = treaty.map(|index| &treaties[index as usize]);
    let parties: Vec<Code> = accord.map(|t| t.parties.clone()).unwrap_or_default();
    let is_third_party = matches!(frame.kind, Kind::MediationOffer | Kind::RestraintAppeal);
    let mut stage = Stage { finder, clause, trigger: unit, parties: &[], speaker, is_third_party };
    let own: Vec<Slot> = frame.source.iter().filter(|slot| !is_last(slot)).cloned().collect();
    let mut source = stage.source(&own, frame.source_is);
    if frame.with_acts {
        let with = stage.source(&[Slot::Prep("with".into())], frame.source_is);
        super::entity::add(&mut source.codes, &with.codes);
    }
    let others: Vec<Code> = parties.iter().copied().filter(|p| !source.codes.contains(p)).collect();
    let few = others.len() <= 3 && parties.iter().any(|p| source.codes.contains(p));
    let fallback: Vec<Code> = match accord.and_then(|t| t.organisation) {
        _ if few => others,
        Some(organisation) if !source.codes.contains(&organisation) => vec![organisation],
        _ => Vec::new(),
    };
    stage.parties = &fallback;
    // An open accord is aimed at whom the text names beside it, not at whoever stands in the sentence.
    let is_open = accord.is_some_and(|t| t.parties.is_empty() || t.parties.len() > 4);
    let is_far = |slot: &&Slot| matches!(slot, Slot::Sentence | Slot::Article);
    let slots: Vec<Slot> = frame.target.iter().filter(|slot| !(is_open && is_far(slot))).cloned().collect();
    // Two who act together need nobody whom the sentence merely names.
    let is_whole = (frame.is_joint || frame.is_mutual) && source.codes.len() > 1;
    let slots: Vec<Slot> =
        slots.into_iter().filter(|slot| !is_whole || matches!(slot, Slot::Prep(_) | Slot::Object)).collect();
    let mut target = stage.target(&slots, frame.target_is, &source.codes);
    if source.codes.is_empty() && frame.source.contains(&Slot::Sentence) {
        source = stage.other(&target.codes, frame.source_is);
    }
    if source.codes.is_empty() && frame.source.contains(&Slot::Article) && !target.codes.is_empty() {
        source = stage.opponent(&target.codes, frame.source_is);
    }
    let with_each = match (source.codes.as_slice(), target.codes.as_slice()) {
        ([one], [_, _]) if frame.kind == Kind::Contact && target.is_guess => Some(*one),
        _ => None,
    };
    if frame.is_joint || frame.is_mutual && target.codes.is_empty() && source.codes.len() > 1 {
        join(&mut source, &mut target);
    }
    let (has_source, has_target) = (!source.codes.is_empty(), !target.codes.is_empty());
    let enough = match frame.needs {
        Needs::Source => has_source,
        Needs::Target => has_target,
        Needs::Both => has_source && has_target,
        Needs::Either => has_source || has_target,
        Needs::Nothing => true,
    };
    if frame.is_joint && source.codes.len() < 2 {
        return Err(Stop::at(Check::Target, format!("one side only: {:?}", source.codes)));
    }
    if !enough {
        let check = if has_source { Check::Target } else { Check::Source };
        return Err(Stop::at(check, format!("source {:?}, target {:?}", source.codes, target.codes)));
    }
    source.codes.sort_unstable();
    target.codes.sort_unstable();
    Ok(Roles { source, target, instrument: accord.map(|t| t.id.clone()), with_each })
}

/// Slots of a source that count only where the target is known.
fn is_last(slot: &Slot) -> bool {
    matches!(slot, Slot::Sentence | Slot::Article)
}

fn join(source: &mut Filled, target: &mut Filled) {
    let mut all = source.codes.clone();
    super::entity::add(&mut all, &target.codes);
    all.sort_unstable();
    source.codes.clone_from(&all);
    target.codes = all;
}

/// The treaty that hangs on the trigger, or the only one of the sentence.
fn treaty_near(finder: &Finder<'_>, unit: usize) -> Option<u32> {
    let sentence = finder.sentence;
    let tree = &sentence.tree;
    let mut found: Vec<(bool, usize, u32)> = Vec::new();
    for at in 0..sentence.len() {
        if let Some(What::Treaty { index, .. }) = sentence.mention(at) {
            found.push((!tree.is_below(at, unit), at.abs_diff(unit), index));
        }
    }
    found.sort_unstable();
    found.first().map(|(_, _, index)| *index)
}

/// What attackers without a name do counts only where a second state or an international body stands in the sentence.
fn second_side(finder: &Finder<'_>, kind: Kind, roles: &Roles) -> Result<(), Stop> {
    if !matches!(kind, Kind::ArmedAttack | Kind::MilitantAttack) {
        return Ok(());
    }
    let unnamed = finder.unnamed_group();
    let is_unnamed = |side: &Filled| !side.codes.is_empty() && side.codes.iter().all(|c| Some(*c) == unnamed);
    if !(is_unnamed(&roles.source) || is_unnamed(&roles.target) || roles.source.codes.is_empty()) {
        return Ok(());
    }
    let sentence = finder.sentence;
    let mut codes: Vec<Code> = Vec::new();
    for unit in 0..sentence.len() {
        let code = match sentence.mention(unit) {
            Some(What::Actor { code, .. } | What::Person { code, .. }) => code,
            Some(What::Region { .. }) => return Ok(()),
            _ => continue,
        };
        if Some(code) != unnamed {
            super::entity::add(&mut codes, &[code]);
        }
    }
    if codes.len() > 1 || sentence.has(&finder.rules.grammar.international) {
        return Ok(());
    }
    Err(Stop::at(Check::Target, "attackers without a name, and no second state"))
}

fn kind_of(finder: &Finder<'_>, frame: &Frame, source: &Filled) -> Kind {
    match frame.kind_of_group {
        Some(kind) if source.codes.first().is_some_and(|code| finder.is_group(*code)) => kind,
        _ => frame.kind,
    }
}

/// "may", "could" anywhere above: the offer itself is in doubt.
fn has_modal(sentence: &Sentence<'_>, verb: usize) -> bool {
    let tree = &sentence.tree;
    let mut at = verb;
    for _ in 0..super::tree::DEPTH_MAX {
        if tree
            .children(at)
            .any(|c| tree.tag[c] == Tag::Md && matches!(sentence.form(c), "may" | "might" | "could"))
        {
            return true;
        }
        match tree.governor(at) {
            Some(governor) => at = governor,
            None => break,
        }
    }
    false
}

fn quote(sentence: &Sentence<'_>, unit: usize) -> (usize, usize) {
    let tree = &sentence.tree;
    let below = tree.below(unit, &|c| !Tree::is_clause(tree.rel[c]));
    let first = below.iter().copied().min().unwrap_or(unit);
    let last = below.iter().copied().max().unwrap_or(unit);
    (sentence.units[first].start, sentence.units[last].end)
}

fn weigh(telling: &mut Telling, roles: &Roles) {
    let mut change = |points: i32, reason: &str| {
        telling.confidence += points;
        telling.reasons.push(format!(
            "{reason} {}{:.2}",
            if points < 0 { "-" } else { "+" },
            f64::from(points.abs()) / 100.0
        ));
    };
    if roles.source.is_guess {
        change(-15, "source by reference");
    } else if matches!(roles.source.slot.as_str(), "Scope" | "Sentence") {
        // Named near the act, not as its subject, owner or agent.
        change(-10, "source by nearness");
    }
    if roles.target.is_guess {
        change(-10, "target by reference");
    }
    if roles.target.codes.is_empty() {
        change(-5, "no target");
    }
}
