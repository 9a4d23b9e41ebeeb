//! Stops the intake when most of what comes in is broken: a feed that changed its format, not one bad record.

use std::collections::VecDeque;

/// Articles that are looked back on.
const WINDOW: usize = 1_000;
/// No judgement on fewer.
const LEAST: usize = 100;

/// The last articles, good or bad.
pub struct Breaker {
    percent: u32,
    last: VecDeque<bool>,
    bad: usize,
    is_open: bool,
}

impl Breaker {
    /// Opens at this percentage of dead letters; 0 never.
    pub fn new(percent: u32) -> Breaker {
        Breaker { percent, last: VecDeque::with_capacity(WINDOW), bad: 0, is_open: false }
    }

    /// Closed again, with nothing to look back on.
    pub fn anew(&self) -> Breaker {
        Breaker::new(self.percent)
    }

    pub fn good(&mut self) {
        self.take(false);
    }

    /// True where this one opened it.
    pub fn bad(&mut self) -> bool {
        self.take(true);
        let share = self.bad as u64 * 100;
        let is_too_much = share >= u64::from(self.percent) * self.last.len() as u64;
        let opens = self.percent > 0 && self.last.len() >= LEAST && is_too_much && !self.is_open;
        self.is_open |= opens;
        opens
    }

    /// Nothing more is taken in.
    pub fn is_open(&self) -> bool {
        self.is_open
    }

    fn take(&mut self, is_bad: bool) {
        if self.last.len() == WINDOW && self.last.pop_front() == Some(true) {
            self.bad -= 1;
        }
        self.last.push_back(is_bad);
        self.bad += usize::from(is_bad);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_on_many_and_not_on_a_few() {
        let mut breaker = Breaker::new(50);
        assert!((0..99).all(|_| !breaker.bad()), "too few to judge");
        assert!(breaker.bad() && breaker.is_open());
        let mut breaker = Breaker::new(50);
        (0..1_000).for_each(|_| breaker.good());
        assert!((0..499).all(|_| !breaker.bad()));
        assert!(breaker.bad());
        let mut never = Breaker::new(0);
        assert!((0..5_000).all(|_| !never.bad()));
    }
}
