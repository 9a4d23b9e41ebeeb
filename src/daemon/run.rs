//! `demarche run`: settings → listeners and workers → shutdown under a deadline.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use futures::FutureExt as _;
use tokio::sync::watch;

use super::assess_stage::AssessStage;
use super::detect_stage::DetectStage;
use super::metrics::Metrics;
use super::notify_task;
use super::shared::Shared;
use super::watchdog::Watchdog;
use crate::admin::{self, Health, Limits, Reach, Services, View, Weight};
use crate::assess::Policy;
use crate::config::Settings;
use crate::kafka::{
    Counters, End, Reader, Stage, TopicError, Topics, Worker, WorkerPlan, ensure, partitions,
};

/// Pause between attempts where the broker is not there.
const RETRY: Duration = Duration::from_secs(2);

/// Which stages this process runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stages {
    pub detect: bool,
    pub assess: bool,
    pub notify: bool,
    pub view: bool,
}

impl Stages {
    pub const ALL: Stages = Stages { detect: true, assess: true, notify: true, view: true };
}

/// Hears of the shared parts.
pub type Started = Box<dyn FnOnce(Arc<Shared>, Arc<Progress>) + Send>;

/// What to run.
pub struct Plan {
    pub settings: Settings,
    pub stages: Stages,
    /// Partitions are assigned by hand and no offsets are stored: the embedded broker.
    pub embedded: bool,
    /// Called with the shared parts once everything runs; the embedded feed hangs on it.
    pub started: Option<Started>,
}

/// How far the workers are; the embedded feed waits by it.
#[derive(Default)]
pub struct Progress {
    pub detect: parking_lot::Mutex<Option<Arc<Counters>>>,
    pub assess: parking_lot::Mutex<Option<Arc<Counters>>>,
}

/// Why the daemon ended with a failure.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// Exit code 78.
    #[error("{0}")]
    Config(String),
    #[error("{0}")]
    Failed(String),
}

/// Runs until asked to stop.
///
/// # Errors
/// Bad configuration, or a failure that only a person can mend.
pub fn run(plan: Plan) -> Result<(), RunError> {
    let config = |e: &dyn std::fmt::Display| RunError::Config(e.to_string());
    let rules = plan.settings.packs().load().map_err(|e| config(&e))?;
    let policy = Arc::new(plan.settings.policy().map_err(|e| config(&e))?);
    let metrics = Metrics::new().map_err(|e| RunError::Failed(e.to_string()))?;
    metrics.rules(rules.revision());
    let health = Arc::new(Health::new());
    let shared = Arc::new(Shared::new(rules, metrics, health));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|e| RunError::Failed(e.to_string()))?;
    let view = Arc::new(View::default());
    let (stop_http, stopped) = watch::channel(false);
    let served = runtime.block_on(listen(&plan.settings, &shared, &view, stopped))?;
    runtime.spawn(signals(shared.clone(), plan.settings.clone()));
    #[cfg(target_os = "linux")]
    runtime.spawn(super::supervisor::tell(shared.clone()));
    let progress = Arc::new(Progress::default());
    let workers = Workers::start(&plan, &shared, &policy, &view, &progress);
    if let Some(started) = plan.started {
        started(shared.clone(), progress.clone());
    }
    let outcome = workers.wait(&shared, &plan.settings, &progress);
    let _ = stop_http.send(true);
    runtime.block_on(async {
        for server in served {
            let _ = tokio::time::timeout(Duration::from_secs(5), server).await;
        }
    });
    runtime.shutdown_timeout(Duration::from_secs(1));
    outcome
}

async fn listen(
    settings: &Settings,
    shared: &Arc<Shared>,
    view: &Arc<View>,
    stop: watch::Receiver<bool>,
) -> Result<Vec<tokio::task::JoinHandle<()>>, RunError> {
    let address =
        |text: &str| text.parse::<SocketAddr>().map_err(|e| RunError::Config(format!("{text}: {e}")));
    let bound = |e: admin::BindError| match e {
        admin::BindError::Exposed { .. } => RunError::Config(e.to_string()),
        _ => RunError::Failed(e.to_string()),
    };
    let services = services(settings, shared, view)?;
    let ops = admin::bind("ops", address(&settings.ops.listen)?, Reach::Open).await.map_err(bound)?;
    let reach = match (&settings.http.tokens, settings.http.allow_open) {
        (Some(_), _) => Reach::Protected,
        (None, true) => Reach::Open,
        (None, false) => Reach::Loopback,
    };
    let http = admin::bind("http", address(&settings.http.listen)?, reach).await.map_err(bound)?;
    tracing::info!(ops = %settings.ops.listen, page = %format!("http://{}/", settings.http.listen), "listening");
    let ops_router = admin::ops_router(&services);
    let http_router = admin::http_router(services);
    Ok(vec![
        tokio::spawn(admin::serve(ops, ops_router, Limits::default(), stop.clone())),
        tokio::spawn(admin::serve(http, http_router, Limits::default(), stop)),
    ])
}

fn services(settings: &Settings, shared: &Arc<Shared>, view: &Arc<View>) -> Result<Services, RunError> {
    let mut services = Services::new(shared.health.clone(), shared.metrics.registry.clone());
    services.view = view.clone();
    services.control = Arc::new(super::control::TopicControl::new(settings, shared.control.clone())?);
    services.public_url = settings.http.public_url.clone();
    services.open_to_all = settings.http.allow_open;
    services.runbook_url = settings.http.runbook_url.clone();
    if let Some(path) = &settings.http.tokens {
        let tokens = admin::auth::Tokens::from_file(path).map_err(|e| RunError::Config(e.to_string()))?;
        services.tokens = Arc::new(tokens);
    }
    let held = shared.clone();
    services.explain = Arc::new(move |pasted| {
        let article =
            crate::article::Article::of_text("pasted", pasted.title, pasted.body, super::shared::now());
        let mut scratch = crate::detect::Scratch::default();
        let (detection, trace) =
            crate::detect::explain(&held.rules(), &article, article.published_at, &mut scratch);
        Ok(
            serde_json::json!({"signals": detection.signals, "sentences": trace.sentences, "article": trace.article}),
        )
    });
    let held = shared.clone();
    services.names = admin::Names::new(move |code| Some(held.rules().gazetteer.actors.name(code)));
    let (held, again) = (shared.clone(), settings.clone());
    services.reload = Arc::new(move || {
        let (shared, settings) = (held.clone(), again.clone());
        tokio::task::spawn_blocking(move || reload(&shared, &settings))
            .map(|done| done.unwrap_or_else(|e| Err(e.to_string())))
            .boxed()
    });
    Ok(services)
}

/// Compiles the packs aside and swaps them, or keeps the old ones and says why.
fn reload(shared: &Shared, settings: &Settings) -> Result<String, String> {
    match settings.packs().load() {
        Ok(rules) => {
            let revision = rules.revision().to_owned();
            shared.metrics.rules(&revision);
            shared.metrics.reload_success.set(1);
            shared.swap_rules(rules);
            tracing::info!(revision, "rules reloaded");
            Ok(revision)
        }
        Err(error) => {
            shared.metrics.reload_success.set(0);
            tracing::error!(%error, "the new rules do not compile, the old ones stay");
            Err(error.to_string())
        }
    }
}

/// SIGTERM and Ctrl-C stop, a second time at once; SIGHUP reloads.
async fn signals(shared: Arc<Shared>, settings: Settings) {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut term), Ok(mut int), Ok(mut hup)) =
        (signal(SignalKind::terminate()), signal(SignalKind::interrupt()), signal(SignalKind::hangup()))
    else {
        tracing::error!("signals cannot be heard");
        return;
    };
    loop {
        let stops = tokio::select! {
            _ = term.recv() => true,
            _ = int.recv() => true,
            _ = hup.recv() => false,
        };
        if !stops {
            let (shared, settings) = (shared.clone(), settings.clone());
            let _ = tokio::task::spawn_blocking(move || reload(&shared, &settings)).await;
        } else if shared.stop.swap(true, Ordering::SeqCst) {
            tracing::warn!("asked to stop a second time: ending at once");
            std::process::exit(130);
        } else {
            tracing::info!("stopping: finishing the work in hand");
        }
    }
}

struct Workers {
    threads: Vec<(&'static str, JoinHandle<Result<(), RunError>>)>,
}

impl Workers {
    fn start(
        plan: &Plan,
        shared: &Arc<Shared>,
        policy: &Arc<Policy>,
        view: &Arc<View>,
        progress: &Arc<Progress>,
    ) -> Workers {
        let mut threads = Vec::new();
        let mut spawn = |name: &'static str, work: Box<dyn FnOnce() -> Result<(), RunError> + Send>| {
            shared.health.expect(name, "starting");
            match std::thread::Builder::new().name(name.into()).spawn(work) {
                Ok(thread) => threads.push((name, thread)),
                Err(error) => shared.health.bad(name, Weight::Dead, error.to_string()),
            }
        };
        for name in ["detect", "assess"] {
            let wanted = if name == "detect" { plan.stages.detect } else { plan.stages.assess };
            if !wanted {
                continue;
            }
            let keeper = Keeper {
                name,
                settings: plan.settings.clone(),
                shared: shared.clone(),
                policy: policy.clone(),
                embedded: plan.embedded,
                progress: progress.clone(),
            };
            spawn(name, Box::new(move || keeper.keep()));
        }
        if plan.stages.notify || plan.stages.view {
            let (settings, shared) = (plan.settings.clone(), shared.clone());
            spawn("control", Box::new(move || super::control::read(&settings, &shared)));
        }
        if plan.stages.notify {
            let (settings, shared) = (plan.settings.clone(), shared.clone());
            spawn("notify", Box::new(move || notify_task::run(&settings, &shared)));
        }
        if plan.stages.view {
            let (settings, shared, view) = (plan.settings.clone(), shared.clone(), view.clone());
            spawn("view", Box::new(move || view_task(&settings, &shared, &view)));
        }
        Workers { threads }
    }

    /// Waits for the word to stop, or for a worker that ends by itself; then for all, under the deadline.
    fn wait(mut self, shared: &Shared, settings: &Settings, progress: &Progress) -> Result<(), RunError> {
        let mut watchdog = Watchdog::new(&settings.ops);
        while !shared.is_stopping() && !self.threads.iter().any(|(_, t)| t.is_finished()) {
            shared.metrics.ready.set(i64::from(shared.health.is_ready()));
            for (stage, slot) in [("detect", &progress.detect), ("assess", &progress.assess)] {
                let counters = slot.lock().clone();
                if let Some(counters) = counters
                    && watchdog.look(stage, &counters, shared)
                {
                    return Err(RunError::Failed(format!(
                        "{stage} stands still: ending, to be started anew"
                    )));
                }
            }
            std::thread::park_timeout(Duration::from_millis(50));
        }
        shared.stop.store(true, Ordering::SeqCst);
        let drain = Duration::from_millis(settings.ops.drain_timeout_ms);
        let end = Instant::now() + drain;
        while Instant::now() < end && self.threads.iter().any(|(_, t)| !t.is_finished()) {
            std::thread::park_timeout(Duration::from_millis(10));
        }
        let mut outcome = Ok(());
        for (name, thread) in self.threads.drain(..) {
            if !thread.is_finished() {
                return Err(RunError::Failed(format!("{name} did not end within {} ms", drain.as_millis())));
            }
            match thread.join() {
                Ok(Ok(())) => {}
                Ok(Err(error)) => outcome = Err(error),
                Err(panic) => {
                    outcome = Err(RunError::Failed(format!(
                        "{name} panicked: {}",
                        super::detect_stage::panic_text(&*panic)
                    )))
                }
            }
        }
        outcome
    }
}

/// Keeps one stage running: waits for the broker, starts the worker, starts it anew after a failure.
struct Keeper {
    name: &'static str,
    settings: Settings,
    shared: Arc<Shared>,
    policy: Arc<Policy>,
    embedded: bool,
    progress: Arc<Progress>,
}

impl Keeper {
    fn keep(&self) -> Result<(), RunError> {
        while !self.shared.is_stopping() {
            let Some(signals) = topics_ready(&self.settings, &self.shared)? else { continue };
            match self.once(signals) {
                Ok(End::Stopped) => {}
                Ok(End::Fenced) => {
                    let text = format!(
                        "{}: another process runs as {:?}: give each its own kafka.instance",
                        self.name, self.settings.kafka.instance
                    );
                    return Err(RunError::Failed(text));
                }
                Err(error) => {
                    self.shared.health.bad(self.name, Weight::Unready, error.to_string());
                    tracing::error!(%error, stage = self.name, "the worker ended, a new one starts");
                    pause(&self.shared);
                }
            }
        }
        Ok(())
    }

    fn once(&self, signals: i32) -> Result<End, crate::kafka::WorkerError> {
        let kafka = &self.settings.kafka;
        let topics = Topics::of(kafka);
        let is_detect = self.name == "detect";
        let topic = if is_detect { topics.news.clone() } else { topics.signals.clone() };
        let news = partitions(kafka, &topics.news, Duration::from_secs(10))?.unwrap_or(1);
        let count = if is_detect { news } else { signals };
        let plan = WorkerPlan {
            kafka: kafka.clone(),
            topic,
            group: format!("{}-{}", kafka.group, self.name),
            id: format!("{}-{}-{}", kafka.group, kafka.instance, self.name),
            // assess must never skip a signal: without an offset it begins at the beginning.
            reset: if is_detect { kafka.from.clone() } else { "earliest".into() },
            assign: self.embedded.then(|| (0..count).map(|p| (p, 0)).collect()),
        };
        let stage: Box<dyn Stage> = if is_detect {
            Box::new(DetectStage::new(
                self.shared.clone(),
                topics,
                news,
                signals,
                self.settings.detect.dead_letter_percent,
            ))
        } else {
            let (shared, policy) = (self.shared.clone(), self.policy.clone());
            Box::new(AssessStage::new(shared, &self.settings, policy, signals, !self.embedded))
        };
        let worker = Worker::new(plan, self.shared.stop.clone(), Arc::default());
        let slot = if is_detect { &self.progress.detect } else { &self.progress.assess };
        *slot.lock() = Some(worker.counters.clone());
        worker.run(stage)
    }
}

/// The partitions of signals, once broker and topics are there; `None` where it is worth another try.
pub fn topics_ready(settings: &Settings, shared: &Shared) -> Result<Option<i32>, RunError> {
    let topics = Topics::of(&settings.kafka);
    match ensure(&settings.kafka, &topics, true) {
        Ok(count) => {
            shared.health.good("broker");
            Ok(Some(count))
        }
        Err(error) if error.is_passing() => {
            let reason = format!("{}: {error}", settings.kafka.brokers);
            shared.health.bad("broker", Weight::Unready, reason.clone());
            tracing::warn!(reason, "waiting for the broker");
            pause(shared);
            Ok(None)
        }
        Err(error @ (TopicError::Missing { .. } | TopicError::Partitions { .. })) => {
            Err(RunError::Config(error.to_string()))
        }
        Err(error) => Err(RunError::Failed(error.to_string())),
    }
}

/// Waits before another try, but no longer than until the word to stop.
pub fn pause(shared: &Shared) {
    let end = Instant::now() + RETRY;
    while Instant::now() < end && !shared.is_stopping() {
        std::thread::park_timeout(Duration::from_millis(20));
    }
}

/// Holds the alerts topic for the page.
fn view_task(settings: &Settings, shared: &Shared, view: &View) -> Result<(), RunError> {
    let topics = Topics::of(&settings.kafka);
    while !shared.is_stopping() {
        if topics_ready(settings, shared)?.is_none() {
            continue;
        }
        let mut reader = match Reader::open(&settings.kafka, &topics.alerts, None) {
            Ok(reader) => reader,
            Err(error) => {
                shared.health.bad("view", Weight::Unready, error.to_string());
                pause(shared);
                continue;
            }
        };
        while !shared.is_stopping() {
            match reader.next(Duration::from_millis(100)) {
                Ok(Some(stored)) => match stored.value.as_deref().map(serde_json::from_slice) {
                    Some(Ok(alert)) => view.observe(&alert),
                    Some(Err(error)) => tracing::warn!(%error, key = stored.key, "an alert cannot be read"),
                    None => view.forget(&stored.key),
                },
                Ok(None) => {}
                Err(error) => {
                    tracing::warn!(%error, "reading alerts");
                    break;
                }
            }
            if reader.is_whole() {
                shared.health.good("view");
            }
        }
    }
    Ok(())
}
