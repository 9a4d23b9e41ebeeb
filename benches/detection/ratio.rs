//! Two ways timed in turns, so that what else the machine does hits both alike.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// Times of one pass over the same articles.
pub struct Pair {
    pub ours: Duration,
    pub rival: Duration,
}

impl Pair {
    /// How many times as fast ours is.
    pub fn ratio(&self) -> f64 {
        self.rival.as_secs_f64() / self.ours.as_secs_f64()
    }
}

/// Runs both over all of `items`, `rounds` times in turns. For every item the fastest of its rounds counts, on either side:
/// a slice of some tens of microseconds is hardly ever hit by another process in each of its rounds.
pub fn compare<T>(
    items: &[T],
    rounds: usize,
    mut ours: impl FnMut(&T) -> usize,
    mut rival: impl FnMut(&T) -> usize,
) -> Pair {
    let mut best = vec![(Duration::MAX, Duration::MAX); items.len()];
    for _ in 0..rounds {
        for (item, best) in items.iter().zip(&mut best) {
            best.0 = best.0.min(timed(|| ours(item)));
        }
        for (item, best) in items.iter().zip(&mut best) {
            best.1 = best.1.min(timed(|| rival(item)));
        }
    }
    Pair { ours: best.iter().map(|b| b.0).sum(), rival: best.iter().map(|b| b.1).sum() }
}

/// The time of one pass, as [`compare`] takes it.
pub fn alone<T>(items: &[T], rounds: usize, mut run: impl FnMut(&T) -> usize) -> Duration {
    let mut best = vec![Duration::MAX; items.len()];
    for _ in 0..rounds {
        for (item, best) in items.iter().zip(&mut best) {
            *best = (*best).min(timed(|| run(item)));
        }
    }
    best.iter().sum()
}

fn timed(run: impl FnOnce() -> usize) -> Duration {
    let start = Instant::now();
    black_box(run());
    start.elapsed()
}
