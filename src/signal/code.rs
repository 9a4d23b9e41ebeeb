//! Actor codes (`PAK`, `UN`, `HEZBOLLAH`) and pairs of them.

use std::fmt;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The longest code in bytes; longer ones are refused when the actors are read.
pub const CODE_MAX: usize = 15;

/// An actor code: 2 to 15 of `A–Z`, `0–9` and `_`, held inline so that it is copied for nothing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code {
    bytes: [u8; CODE_MAX],
    len: u8,
}

/// The text is no actor code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an actor code: {0:?} (2 to 15 of A-Z, 0-9, _)")]
pub struct CodeError(String);

impl Code {
    /// Stands in a dyad for a side that nobody named.
    pub const ANY: Code = Code { bytes: *b"ANY\0\0\0\0\0\0\0\0\0\0\0\0", len: 3 };

    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.len as usize]).unwrap_or_default()
    }
}

impl FromStr for Code {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        let fits = (2..=CODE_MAX).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
        if !fits {
            return Err(CodeError(text.chars().take(40).collect()));
        }
        let mut bytes = [0; CODE_MAX];
        bytes[..text.len()].copy_from_slice(text.as_bytes());
        Ok(Code { bytes, len: text.len() as u8 })
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// An unordered pair of codes, the smaller first: `IND-PAK`; a side nobody named is `ANY`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Dyad {
    pub first: Code,
    pub second: Code,
}

impl Dyad {
    pub fn new(a: Code, b: Code) -> Dyad {
        if a <= b { Dyad { first: a, second: b } } else { Dyad { first: b, second: a } }
    }

    pub fn has(&self, code: Code) -> bool {
        self.first == code || self.second == code
    }
}

impl fmt::Display for Dyad {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.first, self.second)
    }
}

impl FromStr for Dyad {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        let (a, b) = text.split_once('-').ok_or_else(|| CodeError(text.chars().take(40).collect()))?;
        Ok(Dyad::new(a.parse()?, b.parse()?))
    }
}

impl Serialize for Dyad {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Dyad {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorts_the_pair() {
        let dyad: Dyad = "PAK-IND".parse().unwrap();
        assert_eq!(dyad.to_string(), "IND-PAK");
        assert_eq!(Dyad::new("UKR".parse().unwrap(), Code::ANY).to_string(), "ANY-UKR");
    }

    #[test]
    fn refuses_what_is_no_code() {
        for text in ["", "A", "pak", "A-B", "ABCDEFGHIJKLMNOP"] {
            assert!(text.parse::<Code>().is_err(), "{text}");
        }
    }
}
