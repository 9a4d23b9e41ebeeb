//! All metrics in one place. The text behind each name is its help.

use prometheus::{
    Gauge, GaugeVec, Histogram, HistogramOpts, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts,
    Registry,
};

use crate::alert::{Severity, Transition};
use crate::article::Refusal;
use crate::signal::{Kind, Stance};

/// Counters and gauges of the daemon.
#[derive(Clone)]
pub struct Metrics {
    pub registry: Registry,
    pub articles: IntCounterVec,
    pub signals: IntCounterVec,
    pub alerts: IntCounterVec,
    pub dead_letters: IntCounterVec,
    pub latency: Histogram,
    pub lag: IntGaugeVec,
    pub transactions: IntCounterVec,
    pub deliveries: IntCounterVec,
    pub rules_info: IntGaugeVec,
    pub reload_success: IntGauge,
    pub last_article: Gauge,
    pub watermark: Gauge,
    pub blind: IntGauge,
    pub behind: IntGauge,
    pub dyads: IntGauge,
    pub tension: GaugeVec,
    pub open: IntGaugeVec,
    pub clamped: IntCounter,
    pub ready: IntGauge,
}

/// What becomes of an article; the labels of `demarche_articles_total`.
pub const OUTCOMES: [&str; 6] = ["signals", "silent", "topic", "language", "status", "dead-letter"];

impl Metrics {
    /// Registers all of them with a fresh registry; labelled counters stand at 0 from the start.
    pub fn new() -> prometheus::Result<Metrics> {
        let registry = Registry::new();
        let counter = |name: &str, help: &str, labels: &[&str]| -> prometheus::Result<IntCounterVec> {
            let vec = IntCounterVec::new(Opts::new(name, help), labels)?;
            registry.register(Box::new(vec.clone()))?;
            Ok(vec)
        };
        let gauge = |name: &str, help: &str, labels: &[&str]| -> prometheus::Result<IntGaugeVec> {
            let vec = IntGaugeVec::new(Opts::new(name, help), labels)?;
            registry.register(Box::new(vec.clone()))?;
            Ok(vec)
        };
        let single = |name: &str, help: &str| -> prometheus::Result<IntGauge> {
            let one = IntGauge::new(name, help)?;
            registry.register(Box::new(one.clone()))?;
            Ok(one)
        };
        let float = |name: &str, help: &str| -> prometheus::Result<Gauge> {
            let one = Gauge::new(name, help)?;
            registry.register(Box::new(one.clone()))?;
            Ok(one)
        };
        let buckets =
            vec![0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0, 600.0, 3_600.0];
        let latency = Histogram::with_opts(
            HistogramOpts::new(
                "demarche_event_to_alert_seconds",
                "Seconds from the arrival of an article's record to the alert that it made",
            )
            .buckets(buckets),
        )?;
        registry.register(Box::new(latency.clone()))?;
        let tension = GaugeVec::new(
            Opts::new(
                "demarche_tension",
                "Tension index of the watchlist's dyads; `other` is the highest of all others",
            ),
            &["dyad"],
        )?;
        registry.register(Box::new(tension.clone()))?;
        let clamped = IntCounter::new(
            "demarche_dates_clamped_total",
            "Articles dated up to a day after their arrival",
        )?;
        registry.register(Box::new(clamped.clone()))?;
        let metrics = Metrics {
            articles: counter(
                "demarche_articles_total",
                "Articles read, by what became of them",
                &["outcome"],
            )?,
            signals: counter(
                "demarche_signals_total",
                "Signals found, by kind and stance",
                &["kind", "stance"],
            )?,
            alerts: counter(
                "demarche_alerts_total",
                "Revisions of alerts, by transition and severity",
                &["transition", "severity"],
            )?,
            dead_letters: counter(
                "demarche_dead_letters_total",
                "Records that could not be handled, by cause",
                &["cause"],
            )?,
            latency,
            lag: gauge(
                "demarche_consumer_lag",
                "Records between a stage and the end of its inputs",
                &["stage"],
            )?,
            transactions: counter(
                "demarche_transactions_total",
                "Transactions of a stage, by outcome",
                &["stage", "outcome"],
            )?,
            deliveries: counter(
                "demarche_sink_deliveries_total",
                "Deliveries to a sink, by outcome",
                &["sink", "outcome"],
            )?,
            rules_info: gauge(
                "demarche_rules_info",
                "1, labelled with the revision of the rules in force",
                &["revision"],
            )?,
            reload_success: single(
                "demarche_reload_success",
                "1 where the last reload of rules succeeded, 0 where the old ones were kept",
            )?,
            last_article: float("demarche_last_article_timestamp_seconds", "Arrival of the newest article")?,
            watermark: float(
                "demarche_watermark_timestamp_seconds",
                "What all inputs vouch to have read up to",
            )?,
            blind: single(
                "demarche_feed_blind",
                "1 where no article came for longer than detect.feed_silence",
            )?,
            behind: single("demarche_inputs_behind", "1 where an input is more than a minute from its end")?,
            dyads: single("demarche_dyads", "Dyads held in memory")?,
            tension,
            open: gauge("demarche_episodes_open", "Open episodes by severity", &["severity"])?,
            clamped,
            ready: single("demarche_ready", "1 where the daemon is ready")?,
            registry: registry.clone(),
        };
        let build = gauge("demarche_build_info", "1, labelled with the version of this build", &["version"])?;
        build.with_label_values(&[env!("CARGO_PKG_VERSION")]).set(1);
        metrics.begin_at_zero();
        Ok(metrics)
    }

    fn begin_at_zero(&self) {
        for outcome in OUTCOMES {
            self.articles.with_label_values(&[outcome]);
        }
        for kind in Kind::ALL {
            for stance in [Stance::Actual, Stance::Prospective] {
                self.signals.with_label_values(&[kind.as_str(), stance.as_str()]);
            }
        }
        for transition in Transition::ALL {
            for severity in Severity::ALL {
                self.alerts.with_label_values(&[transition.as_str(), severity.as_str()]);
            }
        }
        for cause in Refusal::CAUSES.iter().chain(&["panic", "unknown-record"]) {
            self.dead_letters.with_label_values(&[cause]);
        }
        for stage in ["detect", "assess"] {
            for outcome in ["committed", "aborted"] {
                self.transactions.with_label_values(&[stage, outcome]);
            }
            self.lag.with_label_values(&[stage]);
        }
        self.reload_success.set(1);
    }

    /// The rules in force.
    pub fn rules(&self, revision: &str) {
        self.rules_info.reset();
        self.rules_info.with_label_values(&[revision]).set(1);
    }
}
