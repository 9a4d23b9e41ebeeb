//! `run --embedded`: librdkafka's broker inside the process, a feed, and alerts on the terminal.

use std::io::{BufRead, IsTerminal, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use rdkafka::producer::{BaseRecord, DefaultProducerContext, Producer, ThreadedProducer};

use super::run::{Plan, Progress, RunError, Stages, run};
use super::shared::{Shared, now};
use crate::alert::Alert;
use crate::article::Time;
use crate::config::{Settings, compiled_in};
use crate::kafka::{Broker, EMBEDDED_LIMITS, Reader, Topics, client};
use crate::notify::{headline, sentence};

/// The publisher never runs further ahead of detect: the broker keeps 5 MiB a partition and forgets the rest.
const AHEAD_BYTES: usize = 1 << 20;
/// One partition of news keeps the feed in its order.
const PARTITIONS: i32 = 1;

/// Where the articles come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Feed {
    /// The sample feed, shifted so that its last item is now.
    Sample,
    Stdin,
    File(PathBuf),
}

/// Runs all stages on a broker inside the process.
///
/// # Errors
/// Bad configuration, an unreadable feed, or a failure of the daemon.
pub fn embedded(mut settings: Settings, feed: Feed, exit_when_idle: bool) -> Result<(), RunError> {
    let failed = |what: &str| RunError::Failed(what.to_owned());
    let broker = Broker::start(&Topics::of(&settings.kafka)).map_err(|e| RunError::Failed(e.to_string()))?;
    settings.kafka.brokers = broker.address();
    settings.kafka.partitions = PARTITIONS;
    settings.kafka.from = "earliest".into();
    let articles = lines(&feed)?;
    eprintln!("{EMBEDDED_LIMITS}; page at http://{}/", settings.http.listen);
    let held = settings.clone();
    let plan = Plan {
        settings,
        // What notify would tell is printed here; a terminal needs no receipts.
        stages: Stages { notify: false, ..Stages::ALL },
        embedded: true,
        started: Some(Box::new(move |shared, progress| {
            let sent = Arc::new(Sent::default());
            let (a, b, c) = (shared.clone(), progress.clone(), sent.clone());
            let settings = held.clone();
            std::thread::spawn(move || publish(&settings, articles, &a, &b, &c));
            std::thread::spawn(move || print(&held, &shared, &progress, &sent, exit_when_idle));
        })),
    };
    let outcome = run(plan);
    drop(broker);
    outcome.map_err(|e| match e {
        RunError::Failed(text) if text.is_empty() => failed("ended without a reason"),
        other => other,
    })
}

/// How much of the feed is on its way.
#[derive(Default)]
struct Sent {
    articles: std::sync::atomic::AtomicU64,
    is_all: std::sync::atomic::AtomicBool,
}

type Lines = Box<dyn Iterator<Item = std::io::Result<String>> + Send>;

fn lines(feed: &Feed) -> Result<Lines, RunError> {
    Ok(match feed {
        Feed::Sample => {
            let text = compiled_in("sample-feed.ndjson").unwrap_or_default();
            Box::new(shifted(text).into_iter().map(Ok))
        }
        Feed::Stdin => Box::new(std::io::BufReader::new(std::io::stdin()).lines()),
        Feed::File(path) => {
            let file = std::fs::File::open(path)
                .map_err(|e| RunError::Failed(format!("--feed {}: {e}", path.display())))?;
            Box::new(std::io::BufReader::new(file).lines())
        }
    })
}

/// Moves all dates so that the last article was published now.
fn shifted(text: &str) -> Vec<String> {
    let mut values: Vec<serde_json::Value> =
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let time =
        |value: &serde_json::Value| value["published_at"].as_str().and_then(|t| t.parse::<Time>().ok());
    let last = values.iter().filter_map(time).max().unwrap_or_default();
    // Whole minutes, so that two runs a moment apart are told alike.
    let shift = now().0 / 60_000 * 60_000 - last.0;
    for value in &mut values {
        if let Some(old) = time(value) {
            value["published_at"] = old.plus(shift).to_string().into();
        }
    }
    values.iter().map(ToString::to_string).collect()
}

fn publish(settings: &Settings, articles: Lines, shared: &Shared, progress: &Progress, sent: &Sent) {
    let producer: Result<ThreadedProducer<DefaultProducerContext>, _> =
        client(&settings.kafka).set("linger.ms", "1").create();
    let Ok(producer) = producer else {
        tracing::error!("the feed's producer cannot start");
        return;
    };
    let (mut bytes, mut waiting) = (0usize, std::collections::VecDeque::new());
    for line in articles {
        let Ok(line) = line else { break };
        if line.trim().is_empty() {
            continue;
        }
        bytes += line.len();
        waiting.push_back(line.len());
        while bytes > AHEAD_BYTES && !shared.is_stopping() {
            let done = read_so_far(progress);
            let ahead = sent.articles.load(Ordering::SeqCst).saturating_sub(done) as usize;
            while waiting.len() > ahead + 1 {
                bytes -= waiting.pop_front().unwrap_or(0);
            }
            if bytes > AHEAD_BYTES {
                std::thread::park_timeout(Duration::from_millis(1));
            }
        }
        if shared.is_stopping() {
            return;
        }
        let mut record: BaseRecord<'_, str, str> =
            BaseRecord::to(&settings.kafka.news).key("").payload(&line);
        while let Err((error, back)) = producer.send(record) {
            record = back;
            if error.rdkafka_error_code() != Some(rdkafka::types::RDKafkaErrorCode::QueueFull) {
                tracing::error!(%error, "the feed cannot be published");
                return;
            }
            std::thread::park_timeout(Duration::from_millis(1));
        }
        sent.articles.fetch_add(1, Ordering::SeqCst);
    }
    let _ = producer.flush(Duration::from_secs(30));
    sent.is_all.store(true, Ordering::SeqCst);
}

fn read_so_far(progress: &Progress) -> u64 {
    progress.detect.lock().as_ref().map_or(0, |c| c.messages.load(Ordering::SeqCst))
}

fn assessed(progress: &Progress) -> u64 {
    progress.assess.lock().as_ref().map_or(0, |c| c.messages.load(Ordering::SeqCst))
}

/// Revisions of alerts that were made so far.
fn made(shared: &Shared) -> u64 {
    let pairs = crate::alert::Transition::ALL
        .iter()
        .flat_map(|t| crate::alert::Severity::ALL.iter().map(move |s| [t.as_str(), s.as_str()]));
    pairs.map(|pair| shared.metrics.alerts.with_label_values(&pair).get()).sum()
}

/// Alerts as they come: lines for people on a terminal, NDJSON otherwise. Ends the daemon when idle, if asked to.
fn print(settings: &Settings, shared: &Shared, progress: &Progress, sent: &Sent, exit_when_idle: bool) {
    let topics = Topics::of(&settings.kafka);
    let reader = || Reader::open(&settings.kafka, &topics.alerts, None);
    let Ok(mut alerts) = reader() else {
        tracing::error!("the alerts cannot be read");
        return;
    };
    let is_terminal = std::io::stdout().is_terminal();
    let mut output = std::io::stdout();
    let (mut printed, mut quiet) = (0u64, 0);
    while !shared.is_stopping() {
        match alerts.next(Duration::from_millis(50)) {
            Ok(Some(stored)) => {
                quiet = 0;
                printed += 1;
                let alert = stored.value.as_deref().map(serde_json::from_slice::<Alert>);
                let Some(Ok(alert)) = alert else { continue };
                let line = if is_terminal { readable(&alert) } else { serde_json::to_string(&alert).ok() };
                if let Some(line) = line
                    && writeln!(output, "{line}").is_err()
                {
                    break;
                }
            }
            Ok(None) => quiet += 1,
            Err(error) => tracing::debug!(%error, "reading alerts"),
        }
        let done = sent.is_all.load(Ordering::SeqCst)
            && read_so_far(progress) >= sent.articles.load(Ordering::SeqCst)
            && assessed(progress) >= shared.signals_sent.load(Ordering::SeqCst)
            && printed >= made(shared);
        // Ten rounds without an alert and with everything read: nothing is in flight.
        if exit_when_idle && done && quiet >= 10 {
            shared.stop.store(true, Ordering::SeqCst);
        }
    }
    let _ = output.flush();
}

fn readable(alert: &Alert) -> Option<String> {
    if !alert.is_material() {
        return None;
    }
    Some(format!(
        "{}  {:<8} {:<9} {:<12} {:<11} {}\n    {}",
        alert.updated_at,
        alert.severity,
        alert.family,
        alert.transition,
        alert.dyad,
        headline(alert),
        sentence(alert)
    ))
}
