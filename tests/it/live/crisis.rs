//! Two articles end as two alerts: on the topic, at an Alertmanager, at a webhook, on the page and in the metrics.

use super::{CROSSING, PATIENCE, Rig, family, on};
use crate::harness::alertmanager::Alertmanager;
use crate::harness::daemon::Daemon;
use crate::harness::http_sink::HttpSink;
use crate::harness::{http, kafka, prometheus, real, wait_until};

#[test]
fn two_articles_end_as_two_alerts_that_name_each_other() {
    let kafka = real!(kafka::shared());
    let alertmanager = real!(Alertmanager::start(None));
    let rig = Rig::new(kafka, "crisis", 3);
    let webhook = HttpSink::start();
    let sinks = format!(
        "sinks = [{{ type = \"log\", name = \"log\" }}, \
         {{ type = \"alertmanager\", name = \"am\", urls = [\"{}\"] }}, \
         {{ type = \"webhook\", name = \"hook\", url = \"{}\" }}]",
        alertmanager.url(),
        webhook.url("/hook")
    );
    let link = "[http]\npublic_url = \"https://demarche.example.org\"\n";
    let mut daemon = Daemon::start(&rig.config(&sinks, link), &[]);
    daemon.wait_ready(PATIENCE);
    rig.publish(CROSSING);

    let alerts = rig.wait_alerts("an offer and a threatened treaty between the two", |alerts| {
        let ours = on(alerts, "ISR-JOR");
        let (offer, treaty) = (family(&ours, "diplomacy")?, family(&ours, "treaty")?);
        (named(offer, treaty) && named(treaty, offer)).then(|| vec![offer.clone(), treaty.clone()])
    });
    assert_eq!(on(&rig.newest(), "ISR-JOR").len(), 2, "and no third");
    assert_eq!(alerts[0]["kinds"][0], "mediation-offer");
    assert_eq!(alerts[1]["instrument"], "israel-jordan-peace-treaty");
    assert_eq!(alerts[1]["headline"]["stance"], "prospective");

    wait_until(PATIENCE, "both at the Alertmanager", || {
        let told = alertmanager.alerts();
        let there =
            |a: &&serde_json::Value| told.iter().any(|t| t["labels"]["episode_id"] == a["episode_id"]);
        (alerts.iter().filter(there).count() == 2).then_some(())
    });
    wait_until(PATIENCE, "both at the webhook", || {
        let told = webhook.requests();
        let there = |a: &&serde_json::Value| {
            told.iter().any(|r| r.body.contains(a["episode_id"].as_str().expect("an id")))
        };
        (alerts.iter().filter(there).count() == 2).then_some(())
    });
    seen_on_the_page(&daemon, &alerts);
    counted(&daemon);
    assert!(daemon.stop(PATIENCE).success(), "SIGTERM ends it with 0");
}

fn named(alert: &serde_json::Value, other: &serde_json::Value) -> bool {
    let others = alert["others"].as_array().into_iter().flatten();
    others.into_iter().any(|o| o["episode_id"] == other["episode_id"])
}

fn seen_on_the_page(daemon: &Daemon, alerts: &[serde_json::Value]) {
    let list = wait_until(PATIENCE, "the list of alerts", || {
        let list = http::get(&daemon.http, "/").ok().filter(|a| a.status == 200)?;
        alerts.iter().all(|a| list.body.contains(a["episode_id"].as_str().expect("an id"))).then_some(list)
    });
    assert!(list.head.to_lowercase().contains("content-security-policy"), "{}", list.head);
    for alert in alerts {
        let page =
            http::get(&daemon.http, &format!("/alerts/{}", alert["episode_id"].as_str().expect("an id")))
                .expect("the page answers");
        assert_eq!(page.status, 200);
        assert!(page.body.contains("<mark"), "the evidence is highlighted: {}", page.body);
    }
    let api = http::get(&daemon.http, "/api/v1/episodes").expect("the API answers");
    assert!(
        alerts.iter().all(|a| api.body.contains(a["episode_id"].as_str().expect("an id"))),
        "{}",
        api.body
    );
}

fn counted(daemon: &Daemon) {
    assert_eq!(daemon.metric("demarche_articles_total", &["outcome=\"signals\""]), 2.0);
    assert_eq!(
        daemon.metric("demarche_signals_total", &["kind=\"mediation-offer\"", "stance=\"actual\""]),
        1.0
    );
    assert!(daemon.metric("demarche_alerts_total", &["transition=\"opened\""]) >= 2.0);
    assert_eq!(daemon.metric("demarche_dead_letters_total", &[]), 0.0);
    let check = real!(prometheus::run_promtool(&["check", "metrics"], &daemon.metrics()));
    assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stderr));
}

/// It makes no difference whether news about others came first.
#[test]
fn news_of_others_before_it_changes_nothing() {
    let kafka = real!(kafka::shared());
    let alone = Rig::new(kafka, "alone", 1);
    alone.publish(CROSSING);
    let after = Rig::new(kafka, "after-others", 1);
    after.publish(&super::restart::feed(60, "2025-04-10T06:00:00Z"));
    after.publish(CROSSING);
    let daemons = [alone.start(), after.start()];
    let both = |rig: &Rig<'_>| {
        rig.wait_alerts("two alerts on the pair that name each other", |alerts| {
            let ours = on(alerts, "ISR-JOR");
            let (offer, treaty) = (family(&ours, "diplomacy")?, family(&ours, "treaty")?);
            (named(offer, treaty) && named(treaty, offer)).then(|| [offer.clone(), treaty.clone()])
        })
    };
    assert_eq!(both(&alone), both(&after));
    drop(daemons);
}
