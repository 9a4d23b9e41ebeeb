//! A sparse linear model: hashed features → weights of classes.

/// The model's bytes are not what this build reads.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    #[error("the model ends at byte {at}, {what} was expected")]
    Short { at: usize, what: &'static str },
    #[error("not a model of this kind: it begins with {found:?}")]
    Magic { found: Vec<u8> },
    #[error("the model names an unknown label {0:?}")]
    Label(String),
}

/// Weights by feature, read-only: an open hash table over 32-bit feature hashes.
#[derive(Debug, Default)]
pub struct Linear {
    /// Hash, first entry, count; a free slot has count 0. The length is a power of two.
    slots: Vec<(u32, u32, u16)>,
    entries: Vec<(u8, i8)>,
}

impl Linear {
    /// Adds the weights of `feature` to `scores`.
    pub fn add(&self, feature: u32, scores: &mut [i32]) {
        let mask = self.slots.len() - 1;
        let mut at = feature as usize & mask;
        loop {
            let (hash, first, count) = self.slots[at];
            if count == 0 {
                return;
            }
            if hash == feature {
                for (class, weight) in &self.entries[first as usize..first as usize + count as usize] {
                    scores[*class as usize] += i32::from(*weight);
                }
                return;
            }
            at = (at + 1) & mask;
        }
    }

    /// Builds the table from rows of (feature, weights).
    pub fn from_rows(rows: &[(u32, Vec<(u8, i8)>)]) -> Linear {
        let size = (rows.len() * 2).next_power_of_two().max(2);
        let mut linear = Linear { slots: vec![(0, 0, 0); size], entries: Vec::new() };
        for (feature, weights) in rows.iter().filter(|(_, weights)| !weights.is_empty()) {
            let first = linear.entries.len() as u32;
            linear.entries.extend_from_slice(weights);
            let mut at = *feature as usize & (size - 1);
            while linear.slots[at].2 != 0 {
                at = (at + 1) & (size - 1);
            }
            linear.slots[at] = (*feature, first, weights.len() as u16);
        }
        linear
    }

    /// Rows: count, then feature (4 bytes), count of weights (1), class and weight (2 each).
    pub fn write(rows: &[(u32, Vec<(u8, i8)>)], out: &mut Vec<u8>) {
        out.extend((rows.len() as u32).to_le_bytes());
        for (feature, weights) in rows {
            out.extend(feature.to_le_bytes());
            out.push(weights.len() as u8);
            for (class, weight) in weights {
                out.push(*class);
                out.push(*weight as u8);
            }
        }
    }

    pub fn read(classes: usize, reader: &mut Reader<'_>) -> Result<Linear, ModelError> {
        let count = reader.u32("count of features")? as usize;
        let mut rows = Vec::with_capacity(count.min(1 << 22));
        for _ in 0..count {
            let feature = reader.u32("feature")?;
            let n = reader.bytes(1, "count of weights")?[0] as usize;
            let pairs = reader.bytes(n * 2, "weights")?;
            let weights =
                pairs.chunks(2).filter(|p| (p[0] as usize) < classes).map(|p| (p[0], p[1] as i8)).collect();
            rows.push((feature, weights));
        }
        Ok(Linear::from_rows(&rows))
    }
}

/// Reads a model's bytes in order.
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader { bytes, at: 0 }
    }

    pub fn bytes(&mut self, count: usize, what: &'static str) -> Result<&'a [u8], ModelError> {
        let slice =
            self.bytes.get(self.at..self.at + count).ok_or(ModelError::Short { at: self.at, what })?;
        self.at += count;
        Ok(slice)
    }

    pub fn u32(&mut self, what: &'static str) -> Result<u32, ModelError> {
        let mut value = [0; 4];
        value.copy_from_slice(self.bytes(4, what)?);
        Ok(u32::from_le_bytes(value))
    }

    pub fn names(&mut self) -> Result<Vec<String>, ModelError> {
        let count = self.u32("count of labels")? as usize;
        let mut list = Vec::new();
        for _ in 0..count {
            let n = self.bytes(1, "length of a label")?[0] as usize;
            list.push(String::from_utf8_lossy(self.bytes(n, "label")?).into_owned());
        }
        Ok(list)
    }
}

pub fn write_names(names: &[String], out: &mut Vec<u8>) {
    out.extend((names.len() as u32).to_le_bytes());
    for name in names {
        out.push(name.len() as u8);
        out.extend(name.as_bytes());
    }
}

/// Mixes a template's number and its values into a feature.
pub fn feature(template: u32, values: &[u32]) -> u32 {
    let mut hash = u64::from(template).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    for value in values {
        hash = (hash.rotate_left(23) ^ u64::from(*value)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    }
    hash ^= hash >> 32;
    (hash as u32) | 1
}

/// FNV-1a of a string.
pub fn word_hash(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, b| (hash ^ u32::from(b)).wrapping_mul(0x0100_0193))
}
