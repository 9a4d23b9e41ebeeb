//! The records of the control topic: [`Silence`] and [`Verdict`], what people say back. Key: [`Control::key`].

use serde::{Deserialize, Serialize};

use super::{Alert, Family, Severity};
use crate::article::{DAY, Time};
use crate::signal::Dyad;

/// "Tell nobody of these until then." An absent part matches all; one that matches everything is refused.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Silence {
    pub schema: u32,
    /// 16 hexadecimal digits.
    pub id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub episode_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dyad: Option<Dyad>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub family: Option<Family>,
    /// Graver episodes than this are told all the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub up_to: Option<Severity>,
    pub starts_at: Time,
    pub ends_at: Time,
    /// Who asked for it, in their own words.
    pub author: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub comment: String,
}

/// The longest silence: one that is forgotten must not hide a war.
pub const SILENCE_MAX: i64 = 30 * DAY;

impl Silence {
    /// Whether people are told nothing of `alert` at `now`.
    pub fn mutes(&self, alert: &Alert, now: Time) -> bool {
        self.starts_at <= now
            && now < self.ends_at
            && self.episode_id.as_ref().is_none_or(|id| *id == alert.episode_id)
            && self.dyad.is_none_or(|d| d == alert.dyad)
            && self.family.is_none_or(|f| f == alert.family)
            && self.up_to.is_none_or(|s| alert.severity <= s)
    }

    /// Names neither an episode nor a dyad.
    pub fn is_too_wide(&self) -> bool {
        self.episode_id.is_none() && self.dyad.is_none()
    }
}

/// What the people on call say of an alert.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Judgement {
    Right,
    WrongKind,
    WrongActors,
    NotNews,
    Duplicate,
}

impl Judgement {
    pub const ALL: &'static [Judgement] = &[
        Judgement::Right,
        Judgement::WrongKind,
        Judgement::WrongActors,
        Judgement::NotNews,
        Judgement::Duplicate,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Judgement::Right => "right",
            Judgement::WrongKind => "wrong-kind",
            Judgement::WrongActors => "wrong-actors",
            Judgement::NotNews => "not-news",
            Judgement::Duplicate => "duplicate",
        }
    }
}

/// A judgement of one episode; a later one of the same episode takes its place.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Verdict {
    pub schema: u32,
    pub episode_id: String,
    /// The revision that was judged.
    pub revision: u32,
    pub verdict: Judgement,
    /// The rules that had fired, so that their precision can be counted when the episode is gone.
    pub rules: Vec<String>,
    pub at: Time,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub author: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub comment: String,
}

/// Any record of the control topic.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Control {
    Silence(Silence),
    Verdict(Verdict),
}

impl Control {
    pub const SCHEMA: u32 = 1;
    /// The CloudEvents type on the control topic.
    pub const CE_TYPE: &'static str = "demarche.control.v1";

    /// The record's key; a tombstone with it takes the record back.
    pub fn key(&self) -> String {
        match self {
            Control::Silence(silence) => Self::silence_key(&silence.id),
            Control::Verdict(verdict) => format!("verdict:{}", verdict.episode_id),
        }
    }

    pub fn silence_key(id: &str) -> String {
        format!("silence:{id}")
    }
}

/// Verdicts on one rule.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Tally {
    pub right: u32,
    pub wrong: u32,
}

impl Tally {
    /// Share of right ones; none without verdicts.
    pub fn precision(self) -> Option<f64> {
        let all = self.right + self.wrong;
        (all > 0).then(|| f64::from(self.right) / f64::from(all))
    }
}

/// Verdicts by rule over the 30 days before `now`. A duplicate is no fault of the rule and is left out.
pub fn tally<'a>(
    verdicts: impl IntoIterator<Item = &'a Verdict>,
    now: Time,
) -> std::collections::BTreeMap<String, Tally> {
    let mut tallies = std::collections::BTreeMap::<String, Tally>::new();
    for verdict in verdicts {
        let old = now.since(verdict.at) > 30 * DAY;
        if old || verdict.verdict == Judgement::Duplicate {
            continue;
        }
        for rule in &verdict.rules {
            let tally = tallies.entry(rule.clone()).or_default();
            match verdict.verdict {
                Judgement::Right => tally.right += 1,
                _ => tally.wrong += 1,
            }
        }
    }
    tallies
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(verdict: Judgement, at: i64) -> Verdict {
        Verdict {
            schema: 1,
            episode_id: "e".into(),
            revision: 1,
            verdict,
            rules: vec!["r".into()],
            at: Time(at),
            author: String::new(),
            comment: String::new(),
        }
    }

    #[test]
    fn precision_counts_the_last_thirty_days() {
        let now = Time(40 * DAY);
        let all = [
            verdict(Judgement::Right, 39 * DAY),
            verdict(Judgement::NotNews, 39 * DAY),
            verdict(Judgement::Duplicate, 39 * DAY),
            verdict(Judgement::WrongKind, DAY),
        ];
        let tally = tally(&all, now)["r"];
        assert_eq!(tally, Tally { right: 1, wrong: 1 });
        assert_eq!(tally.precision(), Some(0.5));
        assert_eq!(Tally::default().precision(), None);
    }

    #[test]
    fn control_records_round_trip_with_their_type() {
        let record = Control::Verdict(verdict(Judgement::WrongActors, 0));
        let json = serde_json::to_string(&record).unwrap();
        assert!(json.starts_with(r#"{"type":"verdict","#) && json.contains("wrong-actors"), "{json}");
        assert_eq!(serde_json::from_str::<Control>(&json).unwrap(), record);
        assert_eq!(record.key(), "verdict:e");
    }
}
