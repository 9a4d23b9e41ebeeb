//! A linear classifier over hashed features, learnt with a margin and steps that shrink for each weight (AdaGrad), and
//! averaged over all steps.

use crate::text::weights::Scorer;

/// Weights in training, and afterwards their average.
pub struct Learner<const N: usize> {
    rows: Vec<[f32; N]>,
    /// Each change times the step that it came at.
    late: Vec<[f64; N]>,
    /// How often each weight was changed.
    times: Vec<[f32; N]>,
    changes: Vec<u32>,
    step: f64,
}

/// How far the right class must lead, in the measure of [`RATE`]; found on the development part.
const MARGIN: f32 = 3.0;
/// The first change of a weight; the n-th is smaller by the root of n.
const RATE: f32 = 0.1;
/// The share of weights that are no larger than what becomes 127 in the model.
const UNCLIPPED: f64 = 1.0;

impl<const N: usize> Learner<N> {
    /// All weights 0, in two to the power of `bits` rows.
    pub fn new(bits: u32) -> Learner<N> {
        let rows = 1usize << bits;
        Learner {
            rows: vec![[0.0; N]; rows],
            late: vec![[0.0; N]; rows],
            times: vec![[0.0; N]; rows],
            changes: vec![0; rows],
            step: 1.0,
        }
    }

    /// Moves weight from the best wrong class to the best right one, unless that leads by the margin. Classes are
    /// bits. Gives the best right class and the best of all, before the change.
    pub fn learn(&mut self, features: &[u32], right: u64, allowed: u64) -> (usize, usize) {
        self.step += 1.0;
        let sums = self.sums(features);
        let (good, bad) = (top(&sums, right & allowed), top(&sums, allowed & !right));
        let (Some((good, good_sum)), Some((bad, bad_sum))) = (good, bad) else {
            let only = good.or(bad).map_or(0, |(class, _)| class);
            return (only, only);
        };
        let guess = if bad_sum > good_sum { bad } else { good };
        if good_sum - bad_sum > MARGIN {
            return (good, guess);
        }
        let mask = self.rows.len() - 1;
        for feature in features {
            let at = *feature as usize & mask;
            for (class, sign) in [(good, 1.0), (bad, -1.0)] {
                self.times[at][class] += 1.0;
                let change = sign * RATE / self.times[at][class].sqrt();
                self.rows[at][class] += change;
                self.late[at][class] += self.step * f64::from(change);
            }
            self.changes[at] += 1;
        }
        (good, guess)
    }

    /// Puts the mean over all steps in place of the last weights.
    pub fn average(&mut self) {
        for (row, late) in self.rows.iter_mut().zip(&self.late) {
            for (weight, late) in row.iter_mut().zip(late) {
                *weight = (f64::from(*weight) - late / self.step) as f32;
            }
        }
        self.late = Vec::new();
        self.times = Vec::new();
    }

    /// Adds the weights of another learner, trained on the same in another order.
    pub fn add(&mut self, other: &Learner<N>) {
        for (row, more) in self.rows.iter_mut().zip(&other.rows) {
            row.iter_mut().zip(more).for_each(|(weight, more)| *weight += more);
        }
        self.changes.iter_mut().zip(&other.changes).for_each(|(sum, more)| *sum += more);
    }

    /// The weights as small numbers; rows with fewer changes than `changes_min` are 0.
    pub fn small(&self, changes_min: u32) -> Vec<i8> {
        let mut sizes: Vec<f32> =
            self.rows.iter().flatten().map(|w| w.abs()).filter(|w| *w > 1.0e-6).collect();
        sizes.sort_by(f32::total_cmp);
        let rank = (sizes.len().saturating_sub(1) as f64 * UNCLIPPED) as usize;
        let largest = sizes.get(rank).copied().unwrap_or(1.0);
        let mut small = Vec::with_capacity(self.rows.len() * N);
        for (row, changes) in self.rows.iter().zip(&self.changes) {
            let is_kept = *changes >= changes_min;
            let scaled =
                |w: &f32| if is_kept { (w * 127.0 / largest).round().clamp(-127.0, 127.0) as i8 } else { 0 };
            small.extend(row.iter().map(scaled));
        }
        small
    }

    fn sums(&self, features: &[u32]) -> [f32; N] {
        let mask = self.rows.len() - 1;
        let mut sums = [0.0; N];
        for feature in features {
            for (sum, weight) in sums.iter_mut().zip(&self.rows[*feature as usize & mask]) {
                *sum += weight;
            }
        }
        sums
    }
}

/// The best class among those that are bits of `among`, and its sum.
fn top<const N: usize>(sums: &[f32; N], among: u64) -> Option<(usize, f32)> {
    let open = sums.iter().copied().enumerate().filter(|(class, _)| among >> class & 1 == 1);
    open.reduce(|best, other| if other.1 > best.1 { other } else { best })
}

impl<const N: usize> Scorer<N> for Learner<N> {
    fn best(&self, features: &[u32], allowed: u64) -> usize {
        top(&self.sums(features), allowed).map_or(0, |(class, _)| class)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_apart_by_a_feature_is_learnt() {
        let mut learner = Learner::<4>::new(4);
        for _ in 0..100 {
            learner.learn(&[1, 2], 0b01, 0b11);
            learner.learn(&[1, 3], 0b10, 0b11);
        }
        learner.average();
        assert_eq!((learner.best(&[1, 2], 0b11), learner.best(&[1, 3], 0b11)), (0, 1));
        let small = learner.small(1);
        assert!(small[2 * 4] > 0 && small[2 * 4 + 1] < 0);
    }
}
