//! The clock of a dyad: its newest event and what has elapsed since that was received.

use serde::{Deserialize, Serialize};

use crate::article::Time;

/// C, E and D of the design; D as the sum of counted steps at which the newest event was received.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Clock {
    /// C: never goes back.
    pub now: Time,
    /// E: the newest `event_time`.
    pub event: Time,
    /// D, on the scale of counted elapsed time, in milliseconds.
    pub mark: i64,
}

impl Clock {
    /// A signal was received when `elapsed` had been counted up to watermark `watermark`.
    pub fn signal(&mut self, event: Time, received: Time, elapsed: i64, watermark: Option<Time>) {
        if event > self.event {
            self.event = event;
            // How far the receipt lies ahead of (or behind) what the watermarks vouch for.
            self.mark = elapsed + watermark.map_or(0, |w| received.since(w));
        }
        self.now = self.now.max(self.event);
    }

    /// `elapsed` has been counted.
    pub fn elapse(&mut self, elapsed: i64) {
        let since = (elapsed - self.mark).max(0);
        self.now = self.now.max(self.event.plus(since));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::HOUR;

    #[test]
    fn never_goes_back_and_goes_on_with_the_watermark() {
        let mut clock = Clock::default();
        clock.signal(Time(100 * HOUR), Time(500 * HOUR), 0, Some(Time(500 * HOUR)));
        clock.elapse(2 * HOUR);
        assert_eq!(clock.now, Time(102 * HOUR));
        clock.signal(Time(90 * HOUR), Time(503 * HOUR), 2 * HOUR, Some(Time(502 * HOUR)));
        assert_eq!((clock.now, clock.event), (Time(102 * HOUR), Time(100 * HOUR)));
    }
}
