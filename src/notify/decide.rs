//! Whether and how a sink hears of a revision: the rules of telling. Each decision is made by one sink's receipts alone.

use super::counter::Counter;
use super::delivery::{Decision, Digest, Quiet, Told};
use super::desk::Desk;
use super::receipt::Receipt;
use super::route::Manner;
use crate::alert::{Alert, Reason, Severity};
use crate::article::Time;

impl Desk {
    /// Whether and how `sink` hears of this revision.
    pub fn decide(&self, sink: &str, alert: &Alert, now: Time) -> Decision {
        let Some(counter) = self.counters.get(sink) else { return Decision::Keep(Quiet::Routed) };
        let before = counter.receipts.get(&alert.episode_id);
        if before.is_some_and(|b| b.revision >= alert.revision) {
            return Decision::Keep(Quiet::Known);
        }
        if counter.refused.get(&alert.episode_id) == Some(&alert.revision) {
            return Decision::Keep(Quiet::Refused);
        }
        if !alert.is_open() {
            return counter.close(alert, before);
        }
        let open = before.filter(|b| !b.is_closed);
        let merged = self.heirs.get(&alert.episode_id);
        if open.is_none() && merged.is_some_and(|merged| counter.waits_for_move(merged)) {
            return Decision::Wait(Quiet::Moving);
        }
        if let Some(quiet) = self.outside(counter, alert, open.is_some(), now) {
            return quiet;
        }
        match before {
            None => self.open(counter, alert, now),
            Some(before) => self.update(counter, alert, before, now),
        }
    }

    /// Routes, silences, hours, and what is never told to people.
    fn outside(&self, counter: &Counter, alert: &Alert, is_told: bool, now: Time) -> Option<Decision> {
        let route = &counter.route;
        if !is_told && !route.takes(alert) {
            return Some(Decision::Keep(Quiet::Routed));
        }
        if !is_told && route.manner.is_people() && alert.severity < Severity::Medium {
            return Some(Decision::Keep(Quiet::TooLow));
        }
        if route.manner != Manner::Log && self.silences.values().any(|s| s.mutes(alert, now)) {
            return Some(Decision::Wait(Quiet::Silenced));
        }
        if alert.severity < Severity::Critical && !route.is_awake(now) {
            return Some(Decision::Wait(Quiet::Hours));
        }
        None
    }

    fn is_old(&self, alert: &Alert, now: Time) -> bool {
        self.max_age > 0 && now.since(alert.last_act_at) > self.max_age
    }

    /// Why an opening is no news to the sink's people, if it is none.
    fn staleness(&self, counter: &Counter, alert: &Alert, now: Time) -> Option<Digest> {
        if self.is_old(alert, now) {
            return Some(Digest::Old);
        }
        let was_there = self.at_start.contains(&alert.episode_id);
        let (begun, is_first) = self.begun(counter);
        if alert.last_act_at >= begun {
            return was_there.then_some(Digest::Missed);
        }
        match is_first {
            true => (was_there || now.since(begun) < self.warmup).then_some(Digest::Warmup),
            false => was_there.then_some(Digest::NewSink),
        }
    }

    fn open(&self, counter: &Counter, alert: &Alert, now: Time) -> Decision {
        if counter.waits_for_first(alert) {
            return Decision::Wait(Quiet::SameAct);
        }
        let digest = self.staleness(counter, alert, now);
        let is_late = digest.is_some_and(|d| d != Digest::Missed);
        let first = counter.same_act(alert, now);
        // One act wakes once, unless it is graver between these two.
        let is_told = first.as_ref().is_some_and(|(_, woke)| woke.is_some_and(|s| s >= alert.severity));
        let wakes = !is_late && !is_told && self.wakes(counter, alert, None, now);
        let joins = first.map(|(name, _)| name);
        let told = Told { page: wakes, wakes, is_late, joins, ..Told::default() };
        self.manner(counter, alert, told, digest.filter(|_| counter.route.manner.is_people()), now)
    }

    fn update(&self, counter: &Counter, alert: &Alert, before: &Receipt, now: Time) -> Decision {
        let is_raised = alert.severity > before.severity;
        if !alert.is_material_since(before.revision) && !is_raised && !before.is_closed {
            return Decision::Keep(Quiet::NotMaterial);
        }
        let is_old = self.is_old(alert, now);
        if before.is_closed && is_old {
            return Decision::Keep(Quiet::Over);
        }
        let wakes = is_raised && !is_old && self.wakes(counter, alert, Some(before), now);
        let page = wakes || before.page && !before.is_closed;
        let told = Told { page, wakes, is_late: is_old, ..Told::default() };
        self.manner(counter, alert, told, None, now)
    }

    /// What the sink's manner and its limit make of it.
    fn manner(
        &self,
        counter: &Counter,
        alert: &Alert,
        told: Told,
        digest: Option<Digest>,
        now: Time,
    ) -> Decision {
        let manner = counter.route.manner;
        let has_incident = counter.open(&alert.episode_id).is_some_and(|r| r.reference.is_some());
        if manner == Manner::Pager && !told.page && !has_incident && told.joins.is_none() {
            // A page that rests or comes late is told without waking; all else is no pager's business.
            let is_grave = self.pages && alert.severity >= Severity::High && alert.reason != Reason::Reopened;
            if !is_grave || !(digest.is_some() || counter.rests(alert.dyad, now)) {
                return Decision::Keep(Quiet::NoPage);
            }
        }
        if let Some(digest) = digest {
            return Decision::Gather(digest, told);
        }
        let is_urgent = told.wakes && alert.severity == Severity::Critical;
        if counter.is_full() && !is_urgent {
            // What has a message or an incident of its own is updated there, later.
            return match manner.is_people() && !has_incident {
                true => Decision::Gather(Digest::RateLimit, told),
                false => Decision::Wait(Quiet::RateLimited),
            };
        }
        Decision::Send(told)
    }

    /// Opens at or escalates to high, critical always; one a dyad in half an hour unless critical.
    fn wakes(&self, counter: &Counter, alert: &Alert, before: Option<&Receipt>, now: Time) -> bool {
        let is_grave = alert.severity >= Severity::High && before.is_none_or(|b| b.severity < alert.severity);
        let may = alert.severity == Severity::Critical || !counter.rests(alert.dyad, now);
        self.pages && is_grave && may
    }
}
