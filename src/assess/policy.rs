//! What analysts decide: severity rows, weights, ladders and gaps, read from TOML.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::telling::Telling;
use crate::alert::{Family, Level, Severity};
use crate::article::{HOUR, MINUTE, Time};
use crate::lexicon::{Diagnostic, SourceFile, parse_toml};
use crate::signal::{Code, Dyad, Kind, Stance};

/// One row of the severity table.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    pub id: String,
    #[serde(default)]
    pub kinds: Vec<Kind>,
    #[serde(default)]
    pub stance: Option<Stance>,
    /// One of these must have happened between the pair within `novel_days` before.
    #[serde(default)]
    pub after: Vec<Kind>,
    /// The pair's tension must have reached this level.
    #[serde(default)]
    pub tense: Option<Level>,
    /// The other side has done such an act within `novel_days`, and this one has not: an answer in kind.
    #[serde(default)]
    pub answer: bool,
    /// The row fits acts on one of these objects only: words, any of which stands in the object.
    #[serde(default)]
    pub objects: Vec<String>,
    /// The row fits acts on an accord with a name of its own only.
    #[serde(default)]
    pub named_accord: bool,
    /// In place of the table's.
    #[serde(default)]
    pub novel_days: Option<i64>,
    pub first: Severity,
    pub next: Severity,
    pub daily: Severity,
    /// At most this where nobody is named on the other side.
    #[serde(default)]
    pub unnamed: Option<Severity>,
}

/// A pair at war: what it does every day is no news.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct War {
    pub dyad: Dyad,
    pub since: jiff::civil::Date,
    #[serde(default)]
    pub until: Option<jiff::civil::Date>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SeverityFile {
    novel_days: i64,
    daily_acts: usize,
    sure_confidence: f64,
    unsure_at_most: Severity,
    groups: Vec<Code>,
    groups_at_most: Severity,
    bodies: Vec<Code>,
    bodies_at_most: Severity,
    #[serde(default)]
    war: Vec<War>,
    row: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LevelsRow {
    elevated: f64,
    high: f64,
    critical: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WeightsFile {
    half_life_hours: i64,
    grid_hours: i64,
    levels: LevelsRow,
    hysteresis: f64,
    burst_least: u32,
    burst_probability: f64,
    weight: BTreeMap<Kind, [f64; 2]>,
}

/// A sequence of kinds within a window.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ladder {
    pub id: String,
    pub steps: Vec<Kind>,
    pub days: i64,
    pub severity: Severity,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LadderFile {
    #[serde(default)]
    ladder: Vec<Ladder>,
}

/// The files do not make a policy.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Faults(Vec<Diagnostic>),
}

/// Everything that assessing is told. Immutable, shared.
#[derive(Clone, Debug)]
pub struct Policy {
    pub rows: Vec<Row>,
    pub novel_days: i64,
    pub daily_acts: usize,
    /// Signals with less confidence are doubted.
    pub sure_confidence: f64,
    /// What a doubted act is at most.
    pub unsure_at_most: Severity,
    /// Codes of armed groups.
    pub groups: Vec<Code>,
    /// What an act between a state and a group that stands for no territory is at most.
    pub groups_at_most: Severity,
    /// Organisations that have no forces of their own, and what an act of force that names one as a side is at most.
    pub bodies: Vec<Code>,
    pub bodies_at_most: Severity,
    pub wars: Vec<War>,
    pub ladders: Vec<Ladder>,
    /// Thousandths of a weight point: actual, prospective.
    pub weights: BTreeMap<Kind, [i64; 2]>,
    /// Milliseconds a cell of the decay grid.
    pub grid: i64,
    /// What is left after so many cells, in parts of 2³⁰; the last entry is still above 2⁻¹⁰.
    pub decay: Vec<i64>,
    /// Index at which each level begins, in thousandths.
    pub levels: [(Level, i64); 3],
    pub hysteresis: f64,
    pub burst_least: u32,
    pub burst_probability: f64,
    /// A feed without articles for longer is blind, in milliseconds; 0 switches it off.
    pub feed_silence: i64,
}

/// A signal received later than this after its event waits while an input is behind.
pub const FRESH: i64 = 10 * MINUTE;
/// Nothing waits for longer.
pub const WAIT_MAX: i64 = 15 * MINUTE;
/// Momentary acts are the same act for so long from the first report; stepwise ones need it between steps.
pub const SAME_ACT: i64 = 36 * HOUR;

impl Policy {
    /// Reads the three files.
    ///
    /// # Errors
    /// Every fault, with its place.
    pub fn from_toml(
        severity: &SourceFile,
        weights: &SourceFile,
        ladders: &SourceFile,
    ) -> Result<Policy, PolicyError> {
        let mut faults = Vec::new();
        let severity_rows = parse_toml::<SeverityFile>(severity).map_err(|f| faults.push(f)).ok();
        let weight_rows = parse_toml::<WeightsFile>(weights).map_err(|f| faults.push(f)).ok();
        let ladder_rows = parse_toml::<LadderFile>(ladders).map_err(|f| faults.push(f)).ok();
        let (Some(severity_rows), Some(weight_rows), Some(ladder_rows)) =
            (severity_rows, weight_rows, ladder_rows)
        else {
            return Err(PolicyError::Faults(faults));
        };
        for kind in Kind::ALL.iter().filter(|kind| !weight_rows.weight.contains_key(kind)) {
            faults.push(Diagnostic::error("weight", &weights.path, 0..0, format!("no weight for {kind}")));
        }
        if weight_rows.half_life_hours < 1 || weight_rows.grid_hours < 1 {
            faults.push(Diagnostic::error(
                "grid",
                &weights.path,
                0..0,
                "half_life_hours and grid_hours must be 1 or more",
            ));
        }
        if !faults.is_empty() {
            return Err(PolicyError::Faults(faults));
        }
        Ok(Policy::make(severity_rows, &weight_rows, ladder_rows))
    }

    fn make(severity: SeverityFile, weights: &WeightsFile, ladders: LadderFile) -> Policy {
        let thousandths = |points: f64| (points * 1_000.0).round() as i64;
        let cells = weights.half_life_hours as f64 / weights.grid_hours as f64;
        let decay =
            (0..).map(|n| f64::powf(0.5, f64::from(n) / cells)).take_while(|left| *left > 1.0 / 1_024.0);
        let levels = &weights.levels;
        Policy {
            rows: severity.row,
            novel_days: severity.novel_days,
            daily_acts: severity.daily_acts,
            sure_confidence: severity.sure_confidence,
            unsure_at_most: severity.unsure_at_most,
            groups: severity.groups,
            groups_at_most: severity.groups_at_most,
            bodies: severity.bodies,
            bodies_at_most: severity.bodies_at_most,
            wars: severity.war,
            ladders: ladders.ladder,
            weights: weights
                .weight
                .iter()
                .map(|(k, w)| (*k, [thousandths(w[0]), thousandths(w[1])]))
                .collect(),
            grid: weights.grid_hours * HOUR,
            decay: decay.map(|left| (left * f64::from(1 << 30)).round() as i64).collect(),
            levels: [
                (Level::Elevated, thousandths(levels.elevated)),
                (Level::High, thousandths(levels.high)),
                (Level::Critical, thousandths(levels.critical)),
            ],
            hysteresis: weights.hysteresis,
            burst_least: weights.burst_least,
            burst_probability: weights.burst_probability,
            feed_silence: HOUR,
        }
    }

    /// Told without doubt.
    pub fn is_sure(&self, telling: &Telling) -> bool {
        telling.confidence >= self.sure_confidence
    }

    /// A side of the pair is an armed group.
    pub fn has_group(&self, dyad: Dyad) -> bool {
        self.groups.contains(&dyad.first) || self.groups.contains(&dyad.second)
    }

    /// A side of the pair is an organisation without forces.
    pub fn has_body(&self, dyad: Dyad) -> bool {
        self.bodies.contains(&dyad.first) || self.bodies.contains(&dyad.second)
    }

    /// The pair is at war on that day.
    pub fn is_war(&self, dyad: Dyad, time: Time) -> bool {
        let day = time.date();
        self.wars
            .iter()
            .any(|war| war.dyad == dyad && day >= war.since && war.until.is_none_or(|until| day <= until))
    }

    /// Thousandths of a point that an act of this kind adds.
    pub fn weight(&self, kind: Kind, stance: Stance) -> i64 {
        let [actual, prospective] = self.weights.get(&kind).copied().unwrap_or([0, 0]);
        if stance == Stance::Actual { actual } else { prospective }
    }
}

/// The family that a kind opens an episode of; `None` for those that only join.
pub fn opens(kind: Kind) -> Option<Family> {
    use Kind::*;
    Some(match kind {
        ArmedAttack | MilitantAttack | CeasefireViolation | NuclearSignalling | MilitaryPosture
        | ThreatOfForce | Ultimatum | Incursion | Sabotage => Family::Force,
        TreatySuspension => Family::Treaty,
        DiplomaticDowngrade | Sanctions | Closure | Seizure | SovereigntyClaim | Evacuation | Accusation
        | FormalProtest => Family::Relations,
        MediationOffer | TalksRejected => Family::Diplomacy,
        RestraintAppeal | Contact | Ceasefire | TreatyCommitment | Pullback | Normalisation | Release => {
            return None;
        }
    })
}

/// The families that a joiner joins.
pub fn joins(kind: Kind) -> &'static [Family] {
    match kind {
        Kind::Ceasefire | Kind::Pullback => &[Family::Force],
        Kind::TreatyCommitment => &[Family::Treaty],
        Kind::Normalisation | Kind::Release => &[Family::Relations],
        Kind::RestraintAppeal | Kind::Contact => Family::ALL,
        _ => &[],
    }
}

/// How long an episode lives after its last new act.
pub fn gap(family: Family) -> i64 {
    if family == Family::Force { 48 * HOUR } else { 7 * 24 * HOUR }
}
