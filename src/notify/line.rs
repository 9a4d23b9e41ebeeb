//! A sink's own thread: a slow one holds up no other. Bounded by the desk's limit of deliveries under way.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use crossbeam_channel::{Receiver, Sender, bounded};

use super::delivery::Delivery;
use super::desk::Open;
use super::sinks::{Outlet, SinkError};
use crate::article::Time;

/// More than the desk lets under way, so that a hand-over never waits.
const QUEUE: usize = 128;
/// Pauses after a failure: doubled from the first to the last, with jitter.
const FIRST_REST: Duration = Duration::from_secs(1);
const LAST_REST: Duration = Duration::from_secs(60);

enum Work {
    Send(Box<Delivery>),
    Repeat(Vec<Open>),
}

/// What became of a delivery.
pub struct Done {
    pub delivery: Delivery,
    pub outcome: Result<Option<String>, SinkError>,
    /// When to try again; `None` where the same would be refused again.
    pub rest: Option<Duration>,
}

/// The sink has more to do than it may hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct QueueFull;

/// One sink with its thread; ends when dropped.
pub struct Line {
    work: Option<Sender<Work>>,
    thread: Option<JoinHandle<()>>,
    stop: Arc<AtomicBool>,
    pub is_alertmanager: bool,
}

impl Line {
    /// # Errors
    /// No thread can be had.
    pub fn start(outlet: Outlet, clock: fn() -> Time, done: Sender<Done>) -> std::io::Result<Line> {
        let is_alertmanager = outlet.is_alertmanager();
        let (work, todo) = bounded(QUEUE);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let stop = Arc::new(AtomicBool::new(false));
        let stops = stop.clone();
        let thread = std::thread::Builder::new().name(format!("sink-{}", outlet.name)).spawn(move || {
            runtime.block_on(run(&outlet, clock, &todo, &done, &stops));
        })?;
        Ok(Line { work: Some(work), thread: Some(thread), stop, is_alertmanager })
    }

    /// Hands a delivery over.
    ///
    /// # Errors
    /// The queue is full.
    pub fn send(&self, delivery: &Delivery) -> Result<(), QueueFull> {
        let work = self.work.as_ref().ok_or(QueueFull)?;
        work.try_send(Work::Send(Box::new(delivery.clone()))).map_err(|_| QueueFull)
    }

    /// Left out where the queue is full: the next repeat comes in a minute.
    pub fn repeat(&self, open: Vec<Open>) {
        if let Some(work) = &self.work
            && !open.is_empty()
        {
            let _ = work.try_send(Work::Repeat(open));
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        drop(self.work.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn run(
    outlet: &Outlet,
    clock: fn() -> Time,
    todo: &Receiver<Work>,
    done: &Sender<Done>,
    stop: &AtomicBool,
) {
    let mut pauses: Option<ExponentialBackoff> = None;
    while let Ok(work) = todo.recv() {
        let delivery = match work {
            Work::Send(delivery) => *delivery,
            Work::Repeat(open) => {
                if let Err(error) = outlet.repeat(&open, clock()).await {
                    tracing::warn!(sink = outlet.name, %error, "not repeated");
                }
                continue;
            }
        };
        let outcome = match stop.load(Ordering::SeqCst) {
            true => Err(SinkError::Busy { status: 0, retry_after: None }),
            false => outlet.send(&delivery, clock()).await,
        };
        let rest = match &outcome {
            Ok(_) => {
                pauses = None;
                None
            }
            Err(error) if error.is_passing() => {
                let next = pauses.get_or_insert_with(schedule).next().unwrap_or(LAST_REST);
                Some(error.retry_after().map_or(next, |after| after.max(next)))
            }
            Err(_) => None,
        };
        let _ = done.send(Done { delivery, outcome, rest });
        if rest.is_some() {
            // The circuit is open: what is queued goes back untried.
            for work in todo.try_iter() {
                if let Work::Send(delivery) = work {
                    let outcome = Err(SinkError::Busy { status: 0, retry_after: None });
                    let _ = done.send(Done { delivery: *delivery, outcome, rest });
                }
            }
        }
    }
}

fn schedule() -> ExponentialBackoff {
    ExponentialBuilder::default()
        .with_min_delay(FIRST_REST)
        .with_max_delay(LAST_REST)
        .without_max_times()
        .with_jitter()
        .build()
}
