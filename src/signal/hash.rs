//! Deterministic ids.

use sha2::{Digest, Sha256};

/// The first 16 hexadecimal digits of the SHA-256 of `parts`, each ended by a zero byte so that borders count.
pub fn short_hash<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.as_bytes());
        hasher.update([0]);
    }
    let digest = hasher.finalize();
    let mut head = [0; 8];
    head.copy_from_slice(&digest[..8]);
    hex64(u64::from_be_bytes(head))
}

/// 16 hexadecimal digits.
pub fn hex64(value: u64) -> String {
    format!("{value:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn borders_count() {
        assert_ne!(short_hash(["ab", "c"]), short_hash(["a", "bc"]));
        assert_eq!(short_hash(["ab"]).len(), 16);
    }
}
