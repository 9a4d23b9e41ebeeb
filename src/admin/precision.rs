//! What people say of each rule, as metrics: made of the verdicts when they are asked for.

use std::sync::Arc;

use prometheus::core::{Collector, Desc};
use prometheus::proto::MetricFamily;
use prometheus::{GaugeVec, Opts};

use super::control::ControlLog;
use super::services::Services;
use crate::alert::{Tally, tally};
use crate::article::Time;

/// Rules that are shown, those with the most verdicts first: three series each.
const RULES_MAX: usize = 300;

/// Verdicts and precision by rule over 30 days; a rule without verdicts has no series.
pub struct Precision {
    verdicts: GaugeVec,
    precision: GaugeVec,
    control: Arc<dyn ControlLog>,
    clock: Arc<dyn Fn() -> Time + Send + Sync>,
}

impl Precision {
    /// # Errors
    /// None with these names.
    pub fn new(services: &Services) -> prometheus::Result<Precision> {
        let verdicts = Opts::new(
            "demarche_rule_verdicts",
            "Verdicts of people on alerts that a rule made, over the last 30 days",
        );
        let precision = Opts::new(
            "demarche_rule_precision_ratio",
            "Share of right ones among the verdicts on a rule over the last 30 days",
        );
        Ok(Precision {
            verdicts: GaugeVec::new(verdicts, &["rule", "verdict"])?,
            precision: GaugeVec::new(precision, &["rule"])?,
            control: services.control.clone(),
            clock: services.clock.clone(),
        })
    }
}

impl Collector for Precision {
    fn desc(&self) -> Vec<&Desc> {
        let mut all = self.verdicts.desc();
        all.extend(self.precision.desc());
        all
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let verdicts = self.control.verdicts();
        let mut tallies: Vec<(String, Tally)> = tally(&verdicts, (self.clock)()).into_iter().collect();
        tallies.sort_by_key(|(rule, t)| (std::cmp::Reverse(t.right + t.wrong), rule.clone()));
        self.verdicts.reset();
        self.precision.reset();
        for (rule, tally) in tallies.into_iter().take(RULES_MAX) {
            let set = |verdict: &str, count: u32| {
                self.verdicts.with_label_values(&[rule.as_str(), verdict]).set(f64::from(count));
            };
            set("right", tally.right);
            set("wrong", tally.wrong);
            if let Some(share) = tally.precision() {
                self.precision.with_label_values(&[&rule]).set(share);
            }
        }
        let mut all = self.verdicts.collect();
        all.extend(self.precision.collect());
        all
    }
}
