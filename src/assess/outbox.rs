//! Where a fold puts the revisions that it makes.

use crate::alert::Alert;

/// Revisions in order; a muted one takes none, for folds that only remake a state.
#[derive(Debug, Default)]
pub struct Outbox {
    alerts: Vec<Alert>,
    is_muted: bool,
}

impl Outbox {
    pub fn muted() -> Outbox {
        Outbox { alerts: Vec::new(), is_muted: true }
    }

    pub fn is_muted(&self) -> bool {
        self.is_muted
    }

    pub fn push(&mut self, alert: &Alert) {
        if !self.is_muted {
            self.alerts.push(alert.clone());
        }
    }

    pub fn is_empty(&self) -> bool {
        self.alerts.is_empty()
    }

    pub fn take(&mut self) -> Vec<Alert> {
        std::mem::take(&mut self.alerts)
    }
}
