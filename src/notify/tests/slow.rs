//! A sink that does not answer holds up no other.

use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use super::receiver::{Answer, Receiver};
use crate::admin::fixture::alert;
use crate::alert::Severity;
use crate::article::{DAY, Time};
use crate::config::{Notify, Only, Sink};
use crate::notify::{Context, Delivery, Desk, Line, Outlet, Seen};

const START: Time = Time(1_000 * DAY);
const PATIENCE: Duration = Duration::from_secs(30);

fn hook(name: &str, url: &str) -> Sink {
    Sink::Webhook {
        name: name.into(),
        url: url.into(),
        secret_file: None,
        template_file: None,
        only: Only::default(),
        per_minute: 0,
    }
}

#[test]
fn a_sink_that_does_not_answer_holds_up_no_other_and_loses_nothing() {
    let gate = Arc::new((Mutex::new(false), Condvar::new()));
    let held = gate.clone();
    let waits: Arc<Answer> = Arc::new(move |_, _| {
        let (lock, bell) = &*held;
        let open = bell.wait_while(lock.lock().unwrap(), |open| !*open).unwrap();
        drop(open);
        (200, "", String::new())
    });
    let quick: Arc<Answer> = Arc::new(|_, _| (200, "", String::new()));
    let (slow, fast) = (Receiver::start(waits), Receiver::start(quick));
    let sinks = vec![hook("slow", &slow.url), hook("fast", &fast.url)];
    let mut desk = Desk::new(&Notify { sinks: sinks.clone(), ..Notify::default() }, START);
    desk.begin(START);
    for n in 0..3 {
        let mut one = alert(&format!("{n:016}"), Severity::High, START.0);
        one.act = format!("act{n}");
        desk.observe(one, Seen::Live);
    }
    let (finished, done) = crossbeam_channel::unbounded();
    let line = |sink: &Sink| {
        let outlet = Outlet::new(sink, Context::default(), false).unwrap();
        Line::start(outlet, || START, finished.clone()).unwrap()
    };
    let lines = [line(&sinks[0]), line(&sinks[1])];
    let deliveries: Vec<Delivery> = desk.round(START);
    assert_eq!(deliveries.len(), 6);
    for delivery in &deliveries {
        lines[usize::from(delivery.sink == "fast")].send(delivery).unwrap();
    }
    for _ in 0..3 {
        let first = done.recv_timeout(PATIENCE).unwrap();
        assert!(first.delivery.sink == "fast" && first.outcome.is_ok());
        desk.delivered(&first.delivery, None, START);
    }
    assert_eq!((desk.owed("slow"), desk.told_open("fast").len()), (3, 3));
    *gate.0.lock().unwrap() = true;
    gate.1.notify_all();
    for _ in 0..3 {
        let late = done.recv_timeout(PATIENCE).unwrap();
        assert!(late.delivery.sink == "slow" && late.outcome.is_ok());
        desk.delivered(&late.delivery, None, START);
    }
    assert_eq!(desk.told_open("slow").len(), 3);
}
