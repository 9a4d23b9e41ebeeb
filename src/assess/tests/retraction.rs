//! What is taken back has never been.

use super::*;
use crate::alert::{Confirmation, Counts, Family};
use crate::signal::Kind;

/// What must be the same of an episode, whatever its name and history.
type Standing = (Family, String, Severity, Confirmation, Vec<Kind>, Counts, Time, Time, Option<Time>);

fn standing(partition: &Partition, dyad: &str) -> (Vec<Standing>, i64, Vec<String>) {
    let Some(state) = partition.state(dyad) else { return Default::default() };
    let mut list: Vec<Standing> = state
        .episodes
        .iter()
        .map(|e| &e.alert)
        .map(|a| {
            let spans = (a.started_at, a.last_act_at, a.ended_at);
            let kinds = a.kinds.clone();
            (
                a.family,
                a.instrument.clone(),
                a.severity,
                a.confirmation,
                kinds,
                a.counts,
                spans.0,
                spans.1,
                spans.2,
            )
        })
        .collect();
    list.sort_by(|a, b| (a.0, &a.1, a.6).cmp(&(b.0, &b.1, b.6)));
    let index = state.tension.index(&policy(), Time(START + 40_000 * HOUR).min(state.clock.now));
    let acts = serde_json::to_value(&state.acts).unwrap();
    let acts = acts["list"].as_array().unwrap().iter().map(ToString::to_string).collect();
    (list, index, acts)
}

/// Plays a stream in which about a tenth of the reports are killed later, with those reports or without them.
fn with_and_without(seed: u64) -> [Partition; 2] {
    let mut chance = Chance(seed);
    let mut seen = std::collections::BTreeSet::new();
    let plain: Vec<Record> = stream(seed, 400, 4)
        .into_iter()
        .filter(|record| match record {
            // The generator repeats itself: an article that is killed must be the only one of its name.
            Record::Signal(signal) => seen.insert(signal.told.article_id.clone()),
            other => !matches!(other, Record::ArticleVersion(_)),
        })
        .collect();
    let mut partitions = [fresh(1), fresh(1)];
    let mut pending: Vec<(usize, Record)> = Vec::new();
    for (place, record) in plain.iter().enumerate() {
        let is_wrong = matches!(record, Record::Signal(_)) && chance.below(10) == 0;
        if is_wrong {
            let Record::Signal(signal) = record else { unreachable!() };
            let hours = signal.told.received_at.since(Time(START)) / HOUR;
            pending.push((place + chance.below(25) as usize, killed(record, hours + 1)));
        }
        partitions[0].apply(record);
        if !is_wrong {
            partitions[1].apply(record);
        }
        pending.retain(|(due, kill)| {
            if *due <= place {
                partitions[0].apply(kill);
            }
            *due > place
        });
    }
    pending.iter().for_each(|(_, kill)| partitions[0].apply(kill));
    // One more report of each pair brings both clocks to the same time.
    for n in 0..4 {
        let last = news(&format!("A{n:02}-ZZZ"), "restraint-appeal", &format!("A{n:02}>ZZZ"), 260);
        partitions.iter_mut().for_each(|partition| partition.apply(&last));
    }
    partitions
}

#[test]
fn processing_then_retracting_equals_never_having_had_it() {
    for seed in 0..24 {
        let [with, without] = with_and_without(seed);
        for n in 0..4 {
            let dyad = format!("A{n:02}-ZZZ");
            let (a, b) = (standing(&with, &dyad), standing(&without, &dyad));
            a.2.iter().zip(&b.2).for_each(|(a, b)| assert_eq!(a, b, "seed {seed}, {dyad}"));
            assert_eq!(a, b, "seed {seed}, {dyad}");
        }
    }
}

#[test]
fn whoever_was_told_hears_that_nothing_is_left() {
    let before = news("AAA-BBB", "sanctions", "AAA>BBB", 1);
    let wrong = news("AAA-BBB", "armed-attack", "AAA>BBB", 5);
    let alerts = play(&[before, wrong.clone(), killed(&wrong, 6)]);
    let last = alerts.iter().rfind(|a| a.family == Family::Force).unwrap();
    assert_eq!((last.transition, last.is_open(), last.evidence.len()), (Transition::Retracted, false, 0));
    assert_eq!(last.tension.index, 5_267, "the tension is that of the sanctions alone");
}

#[test]
fn an_escalation_that_is_killed_is_lowered_and_the_rest_stands() {
    let threat = news("AAA-BBB", "threat-of-force", "AAA>BBB", 1);
    let strike = news("AAA-BBB", "armed-attack", "AAA>BBB", 5);
    let alerts = play(&[threat, strike.clone(), killed(&strike, 6)]);
    let severities: Vec<_> = alerts.iter().map(|a| (a.transition, a.severity)).collect();
    assert_eq!(
        severities,
        [
            (Transition::Opened, Severity::Medium),
            (Transition::Escalated, Severity::High),
            (Transition::Deescalated, Severity::Medium)
        ]
    );
}

#[test]
fn an_act_that_the_correction_still_tells_only_changes_its_words() {
    let mut first = signal("AAA-BBB", "armed-attack", "AAA>BBB", 1);
    let mut second = first.clone();
    second.told.id = "second-version".into();
    second.told.article.version = 2;
    second.told.evidence.quote = "other words".into();
    first.told.evidence.quote = "first words".into();
    let correction = Record::ArticleVersion(ArticleVersion {
        schema: 1,
        article_id: first.told.article_id.clone(),
        version: 2,
        supersedes: None,
        status: Status::Usable,
        acts: vec![second.act().hash()],
        received_at: Time(START + 2 * HOUR),
    });
    let alerts = play(&[Record::Signal(Box::new(first)), Record::Signal(Box::new(second)), correction]);
    let last = alerts.last().unwrap();
    assert_eq!((alerts.len(), last.counts.reports, last.is_open()), (2, 1, true));
    assert_eq!(last.evidence[0].evidence.quote, "other words");
}

#[test]
fn a_lower_version_that_comes_later_counts_for_nothing() {
    let mut second = signal("AAA-BBB", "armed-attack", "AAA>BBB", 1);
    let mut first = signal("AAA-BBB", "closure", "AAA>BBB", 1);
    first.told.article_id = second.told.article_id.clone();
    second.told.article.version = 2;
    let version = Record::ArticleVersion(ArticleVersion {
        schema: 1,
        article_id: second.told.article_id.clone(),
        version: 2,
        supersedes: None,
        status: Status::Usable,
        acts: vec![second.act().hash()],
        received_at: Time(START + HOUR),
    });
    let alerts = play(&[Record::Signal(Box::new(second)), version, Record::Signal(Box::new(first))]);
    assert_eq!(alerts.len(), 1);
}

#[test]
fn what_was_received_more_than_seven_days_before_stands() {
    let strike = news("AAA-BBB", "armed-attack", "AAA>BBB", 1);
    let alerts = play(&[strike.clone(), killed(&strike, 24 * 8 + 2)]);
    assert_eq!(alerts.len(), 1);
}

#[test]
fn a_killed_report_leaves_its_other_origins() {
    let first = signal("AAA-BBB", "armed-attack", "AAA>BBB", 1);
    let mut second = signal("AAA-BBB", "armed-attack", "AAA>BBB", 3);
    second.told.article_id = "another".into();
    let (first, second) = (Record::Signal(Box::new(first)), Record::Signal(Box::new(second)));
    let alerts = play(&[first.clone(), second, killed(&first, 4)]);
    let last = alerts.last().unwrap();
    assert_eq!((last.counts.reports, last.counts.origins, last.severity), (1, 1, Severity::High));
    assert_eq!(last.started_at, Time(START + 3 * HOUR), "the act began with the report that is left");
    assert_eq!(last.episode_id, alerts[0].episode_id);
}
