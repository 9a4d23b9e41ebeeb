//! Known acts of a dyad: what is new, a new step, or an echo.

use serde::{Deserialize, Serialize};

use super::policy::SAME_ACT;
use super::telling::{Side, Telling};
use crate::article::{DAY, Time};
use crate::signal::{Kind, Recency, Stance};

/// Known acts are remembered for so long.
const MEMORY: i64 = 365 * DAY;
/// More acts than this a dyad are forgotten, oldest first.
const ACTS_MAX: usize = 256;

/// How long acts of a kind are the same act.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Span {
    Standing,
    Stepwise,
    Momentary,
}

/// What a signal is to the dyad.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Novelty {
    New,
    /// A repetition or extension by the same side.
    Step,
    /// A known act, told for the first time without doubt: no new act, but it weighs in full from now on.
    Surer,
    /// A known act told again.
    Known,
    /// Told as background.
    Recap,
}

impl Novelty {
    pub fn is_new(self) -> bool {
        matches!(self, Novelty::New | Novelty::Step)
    }
}

/// One act as a span of time.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct KnownAct {
    pub kind: Kind,
    pub stance: Stance,
    pub side: Side,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instrument: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// The first report's event time.
    pub start: Time,
    /// The newest step's.
    pub step: Time,
    /// Closed by its reverse.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<Time>,
    /// Signals that told it; without any the act never was.
    pub reports: u32,
    /// Told by at least one report that names the actor without doubt.
    #[serde(default)]
    pub sure: bool,
}

/// All known acts of a dyad, by start.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Acts {
    list: Vec<KnownAct>,
}

impl Acts {
    /// What a report is to the dyad; looking changes nothing.
    pub fn novelty(&self, telling: &Telling, sure: bool) -> Novelty {
        self.look(telling, sure).0
    }

    /// Takes in a report: what it is.
    pub fn take(&mut self, telling: &Telling, sure: bool) -> Novelty {
        let time = telling.time;
        let (novelty, known) = self.look(telling, sure);
        match (novelty, known) {
            (Novelty::New, _) => self.insert(telling, sure, time),
            (Novelty::Step, Some(index)) => {
                let act = &mut self.list[index];
                if telling.object.is_some() && act.object != telling.object {
                    self.insert(telling, sure, time);
                } else {
                    act.step = act.step.max(time);
                    act.reports += 1;
                    act.sure |= sure;
                }
            }
            (_, Some(index)) => {
                self.list[index].reports += 1;
                self.list[index].sure |= novelty == Novelty::Surer;
            }
            _ => {}
        }
        if telling.deed.stance == Stance::Actual && novelty.is_new() {
            self.close_reverses(telling, time);
        }
        novelty
    }

    fn look(&self, telling: &Telling, sure: bool) -> (Novelty, Option<usize>) {
        let known = self.find(telling, telling.time);
        let novelty = match known {
            _ if telling.recency == Recency::Recap => Novelty::Recap,
            None if telling.is_copy => Novelty::Known,
            None => Novelty::New,
            Some(_) if telling.is_copy => Novelty::Known,
            Some(index) => self.compare(index, telling, telling.time),
        };
        match known {
            Some(index) if novelty == Novelty::Known && sure && !self.list[index].sure => {
                (Novelty::Surer, known)
            }
            _ => (novelty, known),
        }
    }

    /// How many acts of `kind` by `side` (`None`: by anybody) are known without doubt to have begun within `days`
    /// before `time`, that at `time` itself left out.
    pub fn count_before(&self, kind: Kind, side: Option<Side>, time: Time, days: i64) -> usize {
        let from = time.plus(-days * DAY);
        self.list
            .iter()
            .filter(|a| {
                a.kind == kind
                    && a.stance == Stance::Actual
                    && a.sure
                    && side.is_none_or(|side| a.side.meets(side))
                    && a.start >= from
                    && a.start < time
            })
            .count()
    }

    /// Actual acts by start, from `from` on.
    pub fn since(&self, from: Time) -> impl Iterator<Item = &KnownAct> {
        self.list.iter().filter(move |act| act.start >= from && act.stance == Stance::Actual)
    }

    /// Forgets what is too old.
    pub fn prune(&mut self, now: Time) {
        self.list.retain(|act| now.since(act.step) <= MEMORY);
        let excess = self.list.len().saturating_sub(ACTS_MAX);
        self.list.drain(..excess);
    }

    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    fn find(&self, telling: &Telling, time: Time) -> Option<usize> {
        let fits = |act: &KnownAct| {
            act.kind == telling.deed.kind
                && act.stance == telling.deed.stance
                && act.side == telling.deed.side
                && agrees(&act.instrument, &telling.instrument)
                && act.end.is_none_or(|end| time < end)
                && (near(act, time) || span(telling) != Span::Momentary)
        };
        // The latest act that fits; of the same object before one of another.
        let same_object = |act: &KnownAct| agrees(&act.object, &telling.object);
        let last = |wanted: &dyn Fn(&KnownAct) -> bool| self.list.iter().rposition(wanted);
        last(&|act| fits(act) && same_object(act))
            .or_else(|| (span(telling) == Span::Stepwise).then(|| last(&|act| fits(act))).flatten())
    }

    fn compare(&self, index: usize, telling: &Telling, time: Time) -> Novelty {
        let act = &self.list[index];
        match span(telling) {
            Span::Standing | Span::Momentary => Novelty::Known,
            Span::Stepwise if !agrees(&act.object, &telling.object) => Novelty::Step,
            Span::Stepwise => {
                let told_now = telling.act_date.is_none_or(|day| (time.date() - day).get_days().abs() <= 2);
                if told_now && time.since(act.step) > SAME_ACT { Novelty::Step } else { Novelty::Known }
            }
        }
    }

    fn insert(&mut self, telling: &Telling, sure: bool, time: Time) {
        let act = KnownAct {
            kind: telling.deed.kind,
            stance: telling.deed.stance,
            side: telling.deed.side,
            instrument: telling.instrument.clone(),
            object: telling.object.clone(),
            start: time,
            step: time,
            end: None,
            reports: 1,
            sure,
        };
        let at = self.list.partition_point(|known| known.start <= time);
        self.list.insert(at, act);
    }

    /// What a signal undoes is over from its time on: by the same side, or jointly.
    fn close_reverses(&mut self, telling: &Telling, time: Time) {
        for act in &mut self.list {
            let reversed = reverses(telling.deed.kind).contains(&act.kind)
                && act.end.is_none()
                && act.side.meets(telling.deed.side)
                && act.start < time
                && agrees(&act.instrument, &telling.instrument)
                && (telling.object.is_none() || agrees(&act.object, &telling.object));
            if reversed {
                act.end = Some(time);
            }
        }
    }
}

fn span(telling: &Telling) -> Span {
    match telling.deed.kind {
        Kind::TreatySuspension | Kind::TreatyCommitment if telling.instrument.is_some() => Span::Standing,
        Kind::SovereigntyClaim => Span::Standing,
        Kind::Sanctions | Kind::Closure | Kind::DiplomaticDowngrade | Kind::Seizure | Kind::Normalisation => {
            Span::Stepwise
        }
        _ => Span::Momentary,
    }
}

fn near(act: &KnownAct, time: Time) -> bool {
    time.since(act.start).abs() < SAME_ACT
}

/// A missing one matches the one that is known.
fn agrees(a: &Option<String>, b: &Option<String>) -> bool {
    a.is_none() || b.is_none() || a == b
}

fn reverses(kind: Kind) -> &'static [Kind] {
    match kind {
        Kind::TreatyCommitment => &[Kind::TreatySuspension],
        Kind::TreatySuspension => &[Kind::TreatyCommitment],
        Kind::Normalisation => {
            &[Kind::Sanctions, Kind::Closure, Kind::DiplomaticDowngrade, Kind::SovereigntyClaim]
        }
        Kind::Sanctions | Kind::Closure | Kind::DiplomaticDowngrade | Kind::SovereigntyClaim => {
            &[Kind::Normalisation]
        }
        Kind::Release => &[Kind::Seizure],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::HOUR;
    use crate::assess::tests_support::signal;

    fn take(acts: &mut Acts, kind: &str, roles: &str, hours: i64) -> Novelty {
        let signal = signal("AAA-BBB", kind, roles, hours);
        acts.take(&Telling::of(&signal, signal.told.dyad), true)
    }

    #[test]
    fn a_momentary_act_is_the_same_for_36_hours_from_the_first_report_and_not_renewed() {
        let mut acts = Acts::default();
        assert_eq!(take(&mut acts, "armed-attack", "AAA>BBB", 0), Novelty::New);
        assert_eq!(take(&mut acts, "armed-attack", "AAA>BBB", 20), Novelty::Known);
        assert_eq!(take(&mut acts, "armed-attack", "AAA>BBB", 35), Novelty::Known);
        assert_eq!(take(&mut acts, "armed-attack", "AAA>BBB", 37), Novelty::New);
    }

    #[test]
    fn the_other_sides_act_is_another_act() {
        let mut acts = Acts::default();
        take(&mut acts, "armed-attack", "AAA>BBB", 0);
        assert_eq!(take(&mut acts, "armed-attack", "BBB>AAA", 1), Novelty::New);
    }

    #[test]
    fn a_stepwise_act_is_a_new_step_after_36_hours() {
        let mut acts = Acts::default();
        assert_eq!(take(&mut acts, "sanctions", "AAA>BBB", 0), Novelty::New);
        assert_eq!(take(&mut acts, "sanctions", "AAA>BBB", 30), Novelty::Known);
        assert_eq!(take(&mut acts, "sanctions", "AAA>BBB", 40), Novelty::Step);
    }

    #[test]
    fn a_reverse_by_the_same_side_closes_the_span() {
        let mut acts = Acts::default();
        take(&mut acts, "sovereignty-claim", "AAA>BBB", 0);
        assert_eq!(take(&mut acts, "sovereignty-claim", "AAA>BBB", 900), Novelty::Known);
        take(&mut acts, "normalisation", "AAA>BBB", 1_000);
        assert_eq!(take(&mut acts, "sovereignty-claim", "AAA>BBB", 1_100), Novelty::New);
    }

    #[test]
    fn a_doubted_act_spends_no_novelty_and_a_surer_report_is_known_as_such() {
        let mut acts = Acts::default();
        let told = signal("AAA-BBB", "armed-attack", "AAA>BBB", 0);
        let told = Telling::of(&told, told.told.dyad);
        assert_eq!(acts.take(&told, false), Novelty::New);
        let later = told.time.plus(2 * HOUR);
        assert_eq!(acts.count_before(Kind::ArmedAttack, None, later, 30), 0);
        assert_eq!(acts.take(&told, true), Novelty::Surer);
        assert_eq!(acts.count_before(Kind::ArmedAttack, Some(Side::First), later, 30), 1);
        assert_eq!(acts.count_before(Kind::ArmedAttack, Some(Side::Second), later, 30), 0);
    }
}
