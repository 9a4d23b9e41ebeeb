//! Lines of NDJSON in batches, each with its number: what `detect` and `backtest` work on together.

use std::io::{self, BufRead};

/// Numbers lines from 1 and leaves blank ones out.
pub struct Batches<R> {
    input: R,
    size: usize,
    number: usize,
}

impl<R: BufRead> Batches<R> {
    pub fn new(input: R, size: usize) -> Batches<R> {
        Batches { input, size, number: 0 }
    }

    /// The next lines with their numbers, `size` at most; empty at the end of the input.
    ///
    /// # Errors
    /// The input's own.
    pub fn next(&mut self) -> io::Result<Vec<(usize, Vec<u8>)>> {
        let mut lines = Vec::new();
        while lines.len() < self.size {
            let mut line = Vec::new();
            if self.input.read_until(b'\n', &mut line)? == 0 {
                break;
            }
            self.number += 1;
            if !line.iter().all(u8::is_ascii_whitespace) {
                lines.push((self.number, line));
            }
        }
        Ok(lines)
    }
}

#[cfg(test)]
mod tests {
    use super::Batches;

    #[test]
    fn blank_lines_are_counted_and_left_out() {
        let mut batches = Batches::new(&b"a\n\n b\nc"[..], 2);
        assert_eq!(batches.next().unwrap(), [(1, b"a\n".to_vec()), (3, b" b\n".to_vec())]);
        assert_eq!(batches.next().unwrap(), [(4, b"c".to_vec())]);
        assert!(batches.next().unwrap().is_empty());
    }
}
