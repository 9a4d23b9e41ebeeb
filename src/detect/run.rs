//! The way through the room: document → sentences → tellings → acts → signals.

use super::act::Telling;
use super::context::Context;
use super::date;
use super::document::{Candidate, Document, Part};
use super::emit::{self, Source};
use super::entity::{Finder, Standing};
use super::frame::{Attempt, attempt};
use super::mention::What;
use super::merge;
use super::publisher;
use super::sentence::{Position, Sentence, Workbench};
use super::topic;
use super::trace::{Check, Notes, SentenceTrace, Trace, TriggerTrace};
use crate::article::{Article, Status, Time};
use crate::lexicon::Form;
use crate::rules::Ruleset;
use crate::signal::{ArticleVersion, Denial, Field, Kind, Polarity, Record, Signal};
use crate::text::Rel;

/// Why a whole article was not read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Skip {
    /// Withheld or canceled.
    Status,
    /// In a language that the packs do not read.
    Language,
    /// About something in which words of conflict mean something else.
    Topic(String),
}

impl Skip {
    /// A label from a small set.
    pub fn as_str(&self) -> &'static str {
        match self {
            Skip::Status => "status",
            Skip::Language => "language",
            Skip::Topic(_) => "topic",
        }
    }
}

/// What an article gives.
#[derive(Clone, Debug, Default)]
pub struct Detection {
    /// Openers by weight, then joiners; ties by id. `dyad` is the first of `dyads`.
    pub signals: Vec<Signal>,
    pub denials: Vec<Denial>,
    pub version: Option<ArticleVersion>,
    pub skipped: Option<Skip>,
}

impl Detection {
    /// The records for the signals topic, one a dyad. The article-version is not among them: it goes to every
    /// partition, behind them.
    pub fn records(&self) -> Vec<Record> {
        let mut list = Vec::new();
        for signal in &self.signals {
            for dyad in &signal.told.dyads {
                let mut copy = signal.clone();
                copy.told.dyad = *dyad;
                list.push(Record::Signal(Box::new(copy)));
            }
        }
        for denial in &self.denials {
            for dyad in &denial.told.dyads {
                let mut copy = denial.clone();
                copy.told.dyad = *dyad;
                list.push(Record::Denial(Box::new(copy)));
            }
        }
        list
    }
}

/// Buffers that a worker keeps between articles.
#[derive(Default)]
pub struct Scratch {
    bench: Workbench,
}

/// Reads one article. Pure: equal arguments give equal results.
pub fn detect(rules: &Ruleset, article: &Article, received_at: Time, scratch: &mut Scratch) -> Detection {
    run(rules, article, received_at, scratch, &mut Notes::default())
}

/// As [`detect`], with the trace of every sentence.
pub fn explain(
    rules: &Ruleset,
    article: &Article,
    received_at: Time,
    scratch: &mut Scratch,
) -> (Detection, Trace) {
    let mut notes = Notes { is_on: true, ..Notes::default() };
    let detection = run(rules, article, received_at, scratch, &mut notes);
    (detection, notes.trace)
}

fn run(
    rules: &Ruleset,
    article: &Article,
    received_at: Time,
    scratch: &mut Scratch,
    notes: &mut Notes,
) -> Detection {
    let skip = |skip| Detection { skipped: Some(skip), ..Detection::default() };
    let mut detection = if article.status != Status::Usable {
        skip(Skip::Status)
    } else if article.language.as_deref().is_some_and(|l| !is_english(l)) {
        skip(Skip::Language)
    } else {
        let document = Document::read(article, rules);
        if !looks_english(&document) {
            skip(Skip::Language)
        } else if let Some(topic) = topic::of_article(rules, &article.title, &document.lemmas) {
            skip(Skip::Topic(topic.to_owned()))
        } else {
            return read(rules, article, received_at, &document, scratch, notes);
        }
    };
    notes.trace.article = detection.skipped.as_ref().map(|skip| match skip {
        Skip::Topic(topic) => format!("topic: {topic}"),
        other => other.as_str().to_owned(),
    });
    detection.version = emit::version(article, received_at, &[]);
    detection
}

fn source<'a>(rules: &'a Ruleset, article: &'a Article, received_at: Time, parts: &'a [Part]) -> Source<'a> {
    let text: Vec<&str> = parts.iter().map(|part| part.plain.text()).collect();
    Source {
        article,
        reference: publisher::reference(article, rules),
        received_at,
        parts,
        rules,
        content_hash: crate::signal::hex64(super::sketch::sketch(&text.join("\n"))),
    }
}

fn read(
    rules: &Ruleset,
    article: &Article,
    received_at: Time,
    document: &Document,
    scratch: &mut Scratch,
    notes: &mut Notes,
) -> Detection {
    let tellings = tellings(rules, article, document, scratch, notes);
    let acts = merge::merge(tellings, &mut |line| notes.merge(|| line));
    let mut detection = Detection::default();
    if !acts.is_empty() {
        // Sketch and publisher are worked out for the few articles that tell something.
        let source = source(rules, article, received_at, &document.parts);
        for act in &acts {
            if act.is_denial {
                detection.denials.push(source.denial(act));
            } else {
                detection.signals.push(source.signal(act));
            }
        }
    }
    let order = |signal: &Signal| match signal.kind.polarity() {
        Polarity::Escalatory => 0,
        Polarity::Crisis => 1,
        Polarity::Deescalatory => 2,
    };
    detection.signals.sort_by(|a, b| (order(a), a.kind, &a.told.id).cmp(&(order(b), b.kind, &b.told.id)));
    detection.denials.sort_by(|a, b| a.told.id.cmp(&b.told.id));
    detection.version = emit::version(article, received_at, &detection.signals);
    detection
}

fn tellings(
    rules: &Ruleset,
    article: &Article,
    document: &Document,
    scratch: &mut Scratch,
    notes: &mut Notes,
) -> Vec<Telling> {
    let mut context = Context::default();
    let mut found = Vec::new();
    let mut index = 0;
    for part in &document.parts {
        let mut is_lead = true;
        for span in &part.segmented.sentences {
            let (first, last) = (span.first as usize, span.last as usize);
            let text = &part.plain.text()[span.start as usize..span.end as usize];
            let candidate = part.is_candidate(first, last, context.count() > 0);
            let lemmas = &part.lemmas[first..last];
            let topic = topic::of_sentence(rules, lemmas);
            let stopped = match (candidate, topic) {
                (Candidate::NoTrigger, _) => Some(Check::NoTrigger),
                (Candidate::NoActor, _) => Some(Check::NoActor),
                (_, Some(_)) => Some(Check::Topic),
                _ => None,
            };
            if stopped.is_some() {
                notes.sentence(|| SentenceTrace {
                    text: text.to_owned(),
                    names: names(rules, part, first, last),
                    parse: Vec::new(),
                    triggers: Vec::new(),
                    stopped,
                });
                remember(&mut context, part, first, last);
                index += 1;
                is_lead = false;
                continue;
            }
            let position = Position {
                text: part.plain.text(),
                field: part.field,
                index,
                is_lead: is_lead || part.field == Field::Title,
                is_odd_case: part.is_headline || part.is_lower,
            };
            let mentions = part.mentions_in(span.first, span.last);
            let tokens = &part.segmented.tokens[first..last];
            let sentence = Sentence::parse(position, tokens, span.first, mentions, rules, &mut scratch.bench);
            notes.sentence(|| SentenceTrace {
                text: text.to_owned(),
                names: names(rules, part, first, last),
                parse: parse_lines(&sentence),
                triggers: Vec::new(),
                stopped: None,
            });
            let new = of_sentence(rules, article, &sentence, &context, notes);
            settle(&mut context, rules, &sentence);
            keep_acts(&mut context, &new);
            remember(&mut context, part, first, last);
            found.extend(new);
            index += 1;
            is_lead = false;
        }
    }
    found
}

/// Keeps in mind who acted on whom, and who offered to mediate.
fn keep_acts(context: &mut Context, new: &[Telling]) {
    for telling in new {
        // A third party is no side: the two whom it speaks to are.
        if telling.kind == Kind::MediationOffer {
            context.mediator.clone_from(&telling.source);
        }
        let is_third = matches!(telling.kind, Kind::MediationOffer | Kind::RestraintAppeal);
        match telling.target.as_slice() {
            [a, b] if is_third => context.acts.push((vec![*a], vec![*b])),
            _ if is_third => {}
            _ => context.acts.push((telling.source.clone(), telling.target.clone())),
        }
    }
}

/// Tries every trigger of a sentence; of the frames of one kind on one trigger the first that fires counts.
fn of_sentence(
    rules: &Ruleset,
    article: &Article,
    sentence: &Sentence<'_>,
    context: &Context,
    notes: &mut Notes,
) -> Vec<Telling> {
    let date = article.published_at.date();
    let whens = date::find(sentence, date);
    let finder = Finder { sentence, rules, context };
    let mut found: Vec<Telling> = Vec::new();
    for unit in 0..sentence.len() {
        let Some(places) = rules.triggers.get(&sentence.lemmas[unit]) else { continue };
        let from = found.len();
        for place in places {
            let frame = &rules.frames[place.frame as usize];
            let trigger = &frame.triggers[place.trigger as usize];
            if found[from..].iter().any(|known| known.kind == frame.kind) {
                continue;
            }
            let result = attempt(&Attempt { finder: &finder, whens: &whens, unit }, frame, trigger);
            let silenced = is_silenced(rules, place.frame, sentence, date);
            notes.trigger(|| TriggerTrace {
                word: sentence.form(unit).to_owned(),
                frame: frame.id.clone(),
                result: match &result {
                    Ok(_) if silenced => Check::Exception,
                    Ok(_) => Check::Fired,
                    Err(stop) => stop.check,
                },
                detail: match &result {
                    Ok(t) => format!("{} {:?} > {:?}", t.stance.as_str(), t.source, t.target),
                    Err(stop) => stop.detail.clone(),
                },
            });
            if let (Ok(telling), false) = (result, silenced) {
                found.extend(telling.apart());
            }
        }
    }
    found
}

fn is_silenced(rules: &Ruleset, frame: u32, sentence: &Sentence<'_>, date: jiff::civil::Date) -> bool {
    rules.exceptions.iter().any(|exception| {
        exception.frames.contains(&frame)
            && date <= exception.until
            && exception.words.iter().all(|word| sentence.has(word))
    })
}

/// Keeps in mind whom the sentence was about.
fn settle(context: &mut Context, rules: &Ruleset, sentence: &Sentence<'_>) {
    let mut subject = None;
    let finder = Finder { sentence, rules, context };
    for unit in 0..sentence.len() {
        if !matches!(sentence.tree.rel[unit], Rel::Nsubj | Rel::NsubjPass) {
            continue;
        }
        let Some(entity) = finder.phrase(unit).filter(|e| e.standing == Standing::Itself) else { continue };
        subject = Some(entity.codes);
        break;
    }
    if let Some(codes) = subject {
        context.subject = codes;
    }
}

/// Keeps in mind who was named.
fn remember(context: &mut Context, part: &Part, first: usize, last: usize) {
    let mentions = part.mentions_in(first as u32, last as u32);
    if mentions.iter().any(|m| matches!(m.what, What::Actor { .. } | What::Person { in_office: true, .. })) {
        context.turn();
    }
    for mention in mentions {
        match mention.what {
            What::Actor { code, form } if form != Form::Place => context.name(code),
            What::Person { code, in_office: true, .. } => context.name(code),
            _ => {}
        }
    }
}

fn names(rules: &Ruleset, part: &Part, first: usize, last: usize) -> Vec<String> {
    let tokens = &part.segmented.tokens;
    let text = part.plain.text();
    let mentions = part.mentions_in(first as u32, last as u32).iter();
    mentions
        .map(|m| {
            let form = &text[tokens[m.first as usize].start as usize..tokens[m.last as usize].end as usize];
            match m.what {
                What::Actor { code, form: kind } => format!("{form} = {code} ({kind:?})"),
                What::Person { code, role, in_office } => {
                    format!("{form} = {code} ({role:?}, in office: {in_office})")
                }
                What::Treaty { index, .. } => {
                    format!("{form} = {}", rules.gazetteer.treaties.list[index as usize].id)
                }
                What::Region { index } => {
                    format!("{form} = {:?}", rules.gazetteer.regions[index as usize].sides)
                }
                What::Other => format!("{form} = other"),
            }
        })
        .collect()
}

fn parse_lines(sentence: &Sentence<'_>) -> Vec<String> {
    let tree = &sentence.tree;
    (0..sentence.len())
        .map(|unit| {
            let governor =
                tree.governor(unit).map_or("root".to_owned(), |g| format!("{}:{}", g, sentence.form(g)));
            format!(
                "{unit}:{}/{:?}/{:?}/{:?} < {governor}",
                sentence.form(unit),
                tree.pos[unit],
                tree.tag[unit],
                tree.rel[unit]
            )
        })
        .collect()
}

fn is_english(language: &str) -> bool {
    let head = language.split(['-', '_']).next().unwrap_or_default();
    head.eq_ignore_ascii_case("en")
        || head.eq_ignore_ascii_case("eng")
        || head.eq_ignore_ascii_case("english")
}

/// Words so common that every English text of some length has them.
const ENGLISH: [&str; 24] = [
    "the", "of", "and", "to", "in", "a", "for", "on", "with", "that", "is", "was", "by", "has", "from", "as",
    "it", "said", "says", "after", "its", "at", "over", "his",
];
/// Shorter texts do not tell their language.
const LANGUAGE_TOKENS_MIN: usize = 25;

/// One word in twelve is a common English one, or the text is too short to tell.
fn looks_english(document: &Document) -> bool {
    let (mut words, mut english) = (0usize, 0usize);
    for part in document.parts.iter().filter(|part| part.field == Field::Body) {
        for token in &part.segmented.tokens {
            let text = token.text(part.plain.text());
            words += usize::from(text.chars().any(char::is_alphabetic));
            english += usize::from(ENGLISH.iter().any(|word| text.eq_ignore_ascii_case(word)));
        }
    }
    words < LANGUAGE_TOKENS_MIN || english * 12 >= words
}
