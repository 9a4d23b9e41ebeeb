//! The shipped model: three tables of weights in one compressed file.

use super::weights::{NARROW, Table, WIDE};

/// First bytes of a model file; the last digit is the format.
const MAGIC: &[u8; 8] = b"DMRPARS1";
/// Longest unpacked model, in bytes: a guard against a damaged file.
const UNPACKED_MAX: usize = 64 << 20;

/// Why bytes are no model.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ModelError {
    #[error("not a parser model: its first bytes are others")]
    Magic,
    #[error("the model cannot be unpacked")]
    Packed,
    #[error("the model's tables have other sizes than this program reads")]
    Shape,
}

/// Tables of tagger, parser and labeller.
#[derive(Debug)]
pub struct Model {
    pub tags: Table<WIDE>,
    pub moves: Table<NARROW>,
    pub rels: Table<WIDE>,
}

impl Model {
    pub fn read(bytes: &[u8]) -> Result<Model, ModelError> {
        let packed = bytes.strip_prefix(MAGIC).ok_or(ModelError::Magic)?;
        let plain = zstd::bulk::decompress(packed, UNPACKED_MAX).map_err(|_| ModelError::Packed)?;
        let (sizes, mut rest) = plain.split_first_chunk::<12>().ok_or(ModelError::Shape)?;
        let mut sizes = sizes.as_chunks::<4>().0.iter().map(|size| u32::from_le_bytes(*size) as usize);
        let mut part = || {
            let (part, others) = rest.split_at_checked(sizes.next()?)?;
            rest = others;
            Some(part)
        };
        let mut take = || part().ok_or(ModelError::Shape);
        let tags = Table::from_bytes(take()?).ok_or(ModelError::Shape)?;
        let moves = Table::from_bytes(take()?).ok_or(ModelError::Shape)?;
        let rels = Table::from_bytes(take()?).ok_or(ModelError::Shape)?;
        Ok(Model { tags, moves, rels })
    }

    /// Packs the three tables' bytes into a file's.
    pub fn pack(tables: [&[i8]; 3]) -> Result<Vec<u8>, ModelError> {
        let mut plain = Vec::new();
        for table in tables {
            plain.extend((table.len() as u32).to_le_bytes());
        }
        for table in tables {
            plain.extend(table.iter().map(|w| *w as u8));
        }
        let packed = zstd::bulk::compress(&plain, 19).map_err(|_| ModelError::Packed)?;
        Ok([&MAGIC[..], &packed].concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_bytes_are_refused() {
        assert_eq!(Model::read(b"PK").err(), Some(ModelError::Magic));
        assert_eq!(Model::read(b"DMRPARS1xyz").err(), Some(ModelError::Packed));
        let odd = Model::pack([&[0; 48 * 3], &[0; 4], &[0; 48]]).unwrap();
        assert_eq!(Model::read(&odd).err(), Some(ModelError::Shape));
        let even = Model::pack([&[0; 48 * 4], &[0; 4], &[0; 48]]).unwrap();
        assert!(Model::read(&even).is_ok());
    }
}
