//! Tables of weights that are addressed by hashed features.

/// Classes in a row of the tagger's and the labeller's tables.
pub const WIDE: usize = 48;
/// Moves in a row of the parser's table; the fourth is padding.
pub const NARROW: usize = 4;

/// Classes that are summed together; the tables' rows are whole blocks, or shorter than one.
const BLOCK: usize = 16;

/// Scores of all classes, each the sum of its weights.
pub type Scores<const N: usize> = [i16; N];

/// Rows of `N` small weights; the number of rows is a power of two.
#[derive(Debug)]
pub struct Table<const N: usize> {
    rows: Vec<[i8; N]>,
}

impl<const N: usize> Table<N> {
    /// Reads `bytes` as rows; `None` where they are not a power of two of whole rows.
    pub fn from_bytes(bytes: &[u8]) -> Option<Table<N>> {
        let (rows, rest) = bytes.as_chunks::<N>();
        if !rest.is_empty() || !rows.len().is_power_of_two() {
            return None;
        }
        Some(Table { rows: rows.iter().map(|row| row.map(|b| b as i8)).collect() })
    }

    /// Sums the rows of the features, a block of classes at a time: a block's sums stay in registers.
    pub fn score(&self, features: &[u32]) -> Scores<N> {
        let mask = self.rows.len() - 1;
        let mut sums = [0i16; N];
        for (block, out) in sums.chunks_mut(BLOCK).enumerate() {
            let from = block * BLOCK;
            let mut part = [0i16; BLOCK];
            for feature in features {
                let row = &self.rows[*feature as usize & mask];
                match row[from..].first_chunk::<BLOCK>() {
                    Some(weights) => (0..BLOCK).for_each(|at| part[at] += i16::from(weights[at])),
                    None => (0..row.len() - from).for_each(|at| part[at] += i16::from(row[from + at])),
                }
            }
            out.copy_from_slice(&part[..out.len()]);
        }
        sums
    }
}

/// What scores features: shipped tables of small weights, or those in training.
pub trait Scorer<const N: usize> {
    /// Index of the best class among those that `allowed` has as bits.
    fn best(&self, features: &[u32], allowed: u64) -> usize;
}

impl<const N: usize> Scorer<N> for Table<N> {
    fn best(&self, features: &[u32], allowed: u64) -> usize {
        let mut sums = self.score(features);
        let mut barred = !allowed & ((1u64 << N) - 1);
        while barred != 0 {
            sums[barred.trailing_zeros() as usize % N] = i16::MIN;
            barred &= barred - 1;
        }
        let top = sums.iter().fold(i16::MIN, |top, sum| top.max(*sum));
        sums.iter().position(|sum| *sum == top).unwrap_or(0)
    }
}

/// One feature: the number of its template and what it looks at, mixed.
#[inline]
pub fn mix(template: u32, a: u64, b: u64) -> u32 {
    let mut h = (u64::from(template) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ a;
    h = h.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    h = (h ^ (h >> 31) ^ b.wrapping_mul(0x94d0_49bb_1331_11eb)).wrapping_mul(0xd6e8_feb8_6659_fd93);
    (h >> 32) as u32
}
