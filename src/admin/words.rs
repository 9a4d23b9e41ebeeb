//! Records in words that a person reads at three in the morning.

use std::sync::Arc;

use super::clean;
use crate::alert::{Alert, Confirmation};
use crate::article::{DAY, HOUR, MINUTE, Time};
use crate::signal::{Act, Code, Dyad, Kind, Stance};

/// The name of an actor's code ("PAK" → "Pakistan"), where the gazetteer has one. Handed in by the daemon.
#[derive(Clone)]
pub struct Names(Arc<dyn Fn(Code) -> Option<String> + Send + Sync>);

impl Default for Names {
    /// Codes only.
    fn default() -> Self {
        Self(Arc::new(|_| None))
    }
}

impl Names {
    pub fn new(name: impl Fn(Code) -> Option<String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(name))
    }

    pub fn of(&self, code: Code) -> String {
        if code == Code::ANY {
            return "somebody".to_owned();
        }
        (self.0)(code).unwrap_or_else(|| code.as_str().to_owned())
    }

    /// "India and Pakistan".
    pub fn all(&self, codes: &[Code]) -> String {
        let names: Vec<String> = codes.iter().map(|c| self.of(*c)).collect();
        match names.split_last() {
            None => "somebody".to_owned(),
            Some((only, [])) => only.clone(),
            Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        }
    }

    /// "India – Pakistan".
    pub fn dyad(&self, dyad: Dyad) -> String {
        match (dyad.first == Code::ANY, dyad.second == Code::ANY) {
            (true, _) => self.of(dyad.second),
            (_, true) => self.of(dyad.first),
            _ => format!("{} – {}", self.of(dyad.first), self.of(dyad.second)),
        }
    }

    /// The act in one line: "Pakistan may suspend the Simla Agreement (towards India)".
    pub fn act(&self, act: &Act) -> String {
        let joint = act.source.len() > 1 && act.source == act.target;
        let who = self.all(&act.source);
        let verb = verb(act.kind, act.stance, &act.instrument.as_deref().map(instrument));
        if joint || act.target.is_empty() {
            return format!("{who} {verb}");
        }
        let target = self.all(&act.target);
        match towards(act.kind) {
            "" => format!("{who} {verb} {target}"),
            link => format!("{who} {verb} {link} {target}"),
        }
    }

    /// The alert in one line: the act, how well it is attested, by how many.
    pub fn alert(&self, alert: &Alert) -> String {
        let origins = count(alert.counts.origins as usize, "origin");
        let claim = match alert.claimed_by.as_slice() {
            [] => String::new(),
            by => format!(", claimed by {}", self.all(by)),
        };
        format!("{}: {}{claim}, {origins}", self.act(&alert.headline), alert.confirmation)
    }
}

/// "1 origin", "3 origins".
pub fn count(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

/// "simla-agreement" → "the Simla Agreement".
pub fn instrument(id: &str) -> String {
    let small = ["of", "on", "and", "the", "for", "in", "to"];
    let word = |w: &str| {
        let mut chars = w.chars();
        match chars.next() {
            Some(first) if !small.contains(&w) => first.to_uppercase().chain(chars).collect(),
            _ => w.to_owned(),
        }
    };
    let words: Vec<String> = clean::line(id, 120).split('-').filter(|w| !w.is_empty()).map(word).collect();
    format!("the {}", words.join(" "))
}

/// "treaty-suspension" → "Treaty suspension".
pub fn title(word: &str) -> String {
    let text = word.replace('-', " ");
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// What the side does, up to its object.
fn verb(kind: Kind, stance: Stance, treaty: &Option<String>) -> String {
    let treaty = treaty.clone().unwrap_or_else(|| "a treaty".to_owned());
    let (actual, prospective) = match kind {
        Kind::TreatySuspension => {
            return match stance {
                Stance::Actual => format!("suspends or leaves {treaty}"),
                Stance::Prospective => format!("may suspend or leave {treaty}"),
            };
        }
        Kind::TreatyCommitment => {
            return match stance {
                Stance::Actual => format!("commits to {treaty}"),
                Stance::Prospective => format!("may commit to {treaty}"),
            };
        }
        Kind::ThreatOfForce => ("threatens force against", "may threaten force against"),
        Kind::Ultimatum => ("gives an ultimatum to", "may give an ultimatum to"),
        Kind::NuclearSignalling => ("takes a nuclear step", "speaks of a nuclear step"),
        Kind::MilitaryPosture => ("moves forces", "may move forces"),
        Kind::ArmedAttack => ("attacks", "may attack"),
        Kind::CeasefireViolation => ("breaks the truce", "may break the truce"),
        Kind::MilitantAttack => ("attacks", "may attack"),
        Kind::DiplomaticDowngrade => ("downgrades ties", "may downgrade ties"),
        Kind::FormalProtest => ("protests formally", "may protest formally"),
        Kind::Sanctions => ("imposes sanctions", "may impose sanctions"),
        Kind::Closure => ("closes a border, route or trade", "may close a border, route or trade"),
        Kind::Seizure => ("seizes people or goods", "may seize people or goods"),
        Kind::Accusation => ("accuses", "may accuse"),
        Kind::TalksRejected => ("rejects talks", "may reject talks"),
        Kind::Incursion => ("enters the space", "may have entered the space"),
        Kind::Sabotage => ("commits sabotage", "may commit sabotage"),
        Kind::SovereigntyClaim => ("claims territory", "may claim territory"),
        Kind::Evacuation => ("pulls its people out", "may pull its people out"),
        Kind::MediationOffer => ("offers to mediate", "may offer to mediate"),
        Kind::RestraintAppeal => ("urges restraint", "may urge restraint"),
        Kind::Contact => ("are in contact", "may be in contact"),
        Kind::Ceasefire => ("hold fire", "may hold fire"),
        Kind::Pullback => ("pulls forces back", "may pull forces back"),
        Kind::Normalisation => ("restores ties", "may restore ties"),
        Kind::Release => ("releases people or ships", "may release people or ships"),
    };
    if stance == Stance::Actual { actual.to_owned() } else { prospective.to_owned() }
}

/// The word between the act and its target.
fn towards(kind: Kind) -> &'static str {
    match kind {
        Kind::ThreatOfForce
        | Kind::Ultimatum
        | Kind::ArmedAttack
        | Kind::MilitantAttack
        | Kind::Accusation => "",
        Kind::TreatySuspension
        | Kind::TreatyCommitment
        | Kind::DiplomaticDowngrade
        | Kind::TalksRejected
        | Kind::Contact
        | Kind::Ceasefire
        | Kind::CeasefireViolation
        | Kind::Normalisation => "with",
        Kind::MediationOffer => "between",
        Kind::RestraintAppeal => "on",
        Kind::Incursion => "of",
        Kind::Evacuation | Kind::Pullback => "from",
        Kind::FormalProtest => "to",
        Kind::Seizure | Kind::Release | Kind::SovereigntyClaim => "of",
        _ => "towards",
    }
}

/// How long ago, in the two coarsest words: "3 h", "2 d", "just now".
pub fn age(now: Time, then: Time) -> String {
    let millis = now.since(then);
    match millis {
        m if m < -MINUTE => format!("in {}", span(-m)),
        m if m < MINUTE => "just now".to_owned(),
        m => format!("{} ago", span(m)),
    }
}

/// "45 min", "3 h", "2 d".
pub fn span(millis: i64) -> String {
    match millis {
        m if m < HOUR => format!("{} min", m / MINUTE),
        m if m < 2 * DAY => format!("{} h", m / HOUR),
        m => format!("{} d", m / DAY),
    }
}

/// "4 May 2025, 10:02 UTC".
pub fn clock(time: Time) -> String {
    let Ok(stamp) = jiff::Timestamp::from_millisecond(time.0) else { return time.to_string() };
    stamp.strftime("%-d %b %Y, %H:%M UTC").to_string()
}

/// What a confirmation means.
pub fn confirmation(confirmation: Confirmation) -> &'static str {
    match confirmation {
        Confirmation::Reported => "Told by too few independent origins to rely on.",
        Confirmation::Corroborated => "Two independent origins outside both parties tell it.",
        Confirmation::Confirmed => "The actor's own government, or a body with standing, says so.",
    }
}

/// Thousandths of a weight point as the page shows them: "3.5".
pub fn points(index: i64) -> String {
    format!("{}{}.{}", if index < 0 { "−" } else { "" }, index.abs() / 1_000, index.abs() % 1_000 / 100)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::admin::fixture;
    use crate::alert::Severity;

    #[test]
    fn an_alert_is_one_line() {
        let names = Names::new(|code| (code.as_str() == "AAA").then(|| "Aland".to_owned()));
        let alert = fixture::alert("a", Severity::High, 0);
        assert_eq!(
            names.alert(&alert),
            "Aland may suspend or leave the River Waters Treaty with BBB: reported, 2 origins"
        );
        assert_eq!(names.dyad(alert.dyad), "Aland – BBB");
    }

    #[test]
    fn joint_acts_and_unknown_targets_read_well() {
        let names = Names::default();
        let mut act = fixture::alert("a", Severity::High, 0).headline;
        (act.kind, act.stance) = (Kind::Contact, Stance::Actual);
        act.source = vec!["AAA".parse().unwrap(), "BBB".parse().unwrap()];
        act.target = act.source.clone();
        assert_eq!(names.act(&act), "AAA and BBB are in contact");
        (act.kind, act.source, act.target) = (Kind::MilitaryPosture, Vec::new(), Vec::new());
        assert_eq!(names.act(&act), "somebody moves forces");
    }

    #[test]
    fn spans_and_points() {
        let now = Time(10 * DAY);
        assert_eq!(age(now, now), "just now");
        assert_eq!(age(now, Time(10 * DAY - 90 * MINUTE)), "1 h ago");
        assert_eq!(age(now, Time(7 * DAY)), "3 d ago");
        assert_eq!(age(now, now.plus(HOUR)), "in 1 h");
        assert_eq!(points(3_540), "3.5");
        assert_eq!(points(-900), "−0.9");
        assert_eq!(clock(Time(0)), "1 Jan 1970, 00:00 UTC");
    }
}
