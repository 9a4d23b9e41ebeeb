//! Acts of an article → signals and denials with their dyads, ids and evidence.

use super::act::Telling;
use super::document::Part;
use crate::article::{Article, DAY, Time};
use crate::rules::{Ruleset, Status};
use crate::signal::{
    ArticleRef, ArticleVersion, Code, Denial, Denied, Dyad, Evidence, Field, Kind, Record, RuleRef, Signal,
    Told, short_hash,
};

/// More pairs than this are cut.
const DYADS_MAX: usize = 6;
/// The longest sentence that evidence carries, in characters.
const SENTENCE_MAX: usize = 1_000;

/// What all signals of an article share.
pub struct Source<'a> {
    pub article: &'a Article,
    pub reference: ArticleRef,
    pub received_at: Time,
    pub parts: &'a [Part],
    pub rules: &'a Ruleset,
    pub content_hash: String,
}

impl Source<'_> {
    pub fn signal(&self, act: &Telling) -> Signal {
        Signal {
            kind: act.kind,
            event: act.kind.root(act.stance, act.phase),
            stance: act.stance,
            source: act.source.clone(),
            target: act.target.clone(),
            instrument: act.instrument.clone(),
            recency: act.recency,
            phase: act.phase,
            object: act.object.clone(),
            told: self.told(act),
        }
    }

    pub fn denial(&self, act: &Telling) -> Denial {
        let denies = Denied {
            kind: act.kind,
            source: act.source.clone(),
            target: act.target.clone(),
            instrument: act.instrument.clone(),
        };
        Denial { denies, told: self.told(act) }
    }

    fn told(&self, act: &Telling) -> Told {
        let (dyads, truncated) = self.dyads(act);
        let published = self.article.published_at;
        let is_clamped = published > self.received_at && published.since(self.received_at) <= DAY;
        let join = |codes: &[Code]| codes.iter().map(Code::as_str).collect::<Vec<_>>().join(",");
        let id = short_hash([
            self.article.id.as_str(),
            &self.article.version.to_string(),
            act.kind.as_str(),
            if act.is_denial { "denial" } else { act.stance.as_str() },
            &join(&act.source),
            &join(&act.target),
            act.instrument.as_deref().unwrap_or_default(),
        ]);
        let confidence = f64::from(act.confidence.clamp(5, 99)) / 100.0;
        Told {
            schema: Record::SCHEMA,
            id,
            dyad: dyads[0],
            dyads,
            truncated,
            article_id: self.article.id.clone(),
            article: self.reference.clone(),
            rule: RuleRef {
                id: act.frame.clone(),
                revision: self.rules.revision().to_owned(),
                shadow: act.status == Status::Shadow,
            },
            confidence,
            confidence_reasons: act.reasons.clone(),
            evidence: self.evidence(act),
            speaker: act.speaker.clone(),
            event_time: if is_clamped { self.received_at } else { published },
            received_at: self.received_at,
            act_date: act.act_date,
            content_hash: self.content_hash.clone(),
            clamped: is_clamped,
        }
    }

    fn evidence(&self, act: &Telling) -> Evidence {
        let part = self.parts.iter().find(|part| part.field == act.field);
        let Some(part) = part else {
            return Evidence {
                field: Field::Body,
                quote: String::new(),
                start: 0,
                end: 0,
                sentence: String::new(),
            };
        };
        let (from, to) = act.quote_span;
        let (first, last) = act.sentence_span;
        let text = part.plain.text();
        Evidence {
            field: act.field,
            quote: text[from..to].chars().take(SENTENCE_MAX).collect(),
            start: part.plain.original(from),
            end: part.plain.original_end(to),
            sentence: text[first..last].chars().take(SENTENCE_MAX).collect(),
        }
    }

    /// The pairs in dispute, sorted; at least one.
    fn dyads(&self, act: &Telling) -> (Vec<Dyad>, bool) {
        let date = self.article.published_at.date();
        let key = |code: &Code| self.rules.gazetteer.actors.dyad_key(*code, date);
        let keys = |codes: &[Code]| {
            let mut list: Vec<Code> = codes.iter().map(key).collect();
            list.sort_unstable();
            list.dedup();
            list
        };
        let (source, target) = (keys(&act.source), keys(&act.target));
        let third_party = matches!(act.kind, Kind::MediationOffer | Kind::RestraintAppeal)
            && !target.iter().any(|code| source.contains(code));
        let mut pairs = if third_party && target.len() > 1 {
            all_pairs(&target, &target)
        } else if act.kind == Kind::MediationOffer && target.len() == 1 || act.kind == Kind::Evacuation {
            target.iter().map(|code| Dyad::new(Code::ANY, *code)).collect()
        } else {
            all_pairs(&source, &target)
        };
        if pairs.is_empty() {
            let side = source.first().or(target.first()).copied().unwrap_or(Code::ANY);
            pairs.push(Dyad::new(Code::ANY, side));
        }
        pairs.sort_unstable();
        pairs.dedup();
        let truncated = pairs.len() > DYADS_MAX;
        pairs.truncate(DYADS_MAX);
        (pairs, truncated)
    }
}

fn all_pairs(a: &[Code], b: &[Code]) -> Vec<Dyad> {
    let mut pairs = Vec::new();
    for x in a {
        for y in b.iter().filter(|y| *y != x) {
            pairs.push(Dyad::new(*x, *y));
        }
    }
    pairs
}

/// The version record of an article that replaces, corrects or kills another; `signals` are what it tells now.
pub fn version(article: &Article, received_at: Time, signals: &[Signal]) -> Option<ArticleVersion> {
    let is_plain = article.supersedes.is_none()
        && article.version <= 1
        && article.status == crate::article::Status::Usable;
    if is_plain {
        return None;
    }
    let mut acts: Vec<String> = signals.iter().map(|signal| signal.act().hash()).collect();
    acts.sort();
    acts.dedup();
    Some(ArticleVersion {
        schema: Record::SCHEMA,
        article_id: article.id.clone(),
        version: article.version,
        supersedes: article.supersedes.clone(),
        status: article.status,
        acts,
        received_at,
    })
}
