//! Archive files: NDJSON, plain or packed with gzip, zstd or xz.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use anyhow::Context;
use rayon::prelude::*;

use crate::article::{self, Time};
use crate::cli::batch::Batches;
use crate::detect::{Scratch, detect};
use crate::rules::Ruleset;
use crate::signal::Record;

/// Lines that are read before they are worked on together.
const BATCH: usize = 4_096;

/// What one article told.
#[derive(Debug)]
pub struct Told {
    pub at: Time,
    pub article_id: String,
    pub version: u32,
    /// In order; the article-version last.
    pub records: Vec<Record>,
}

/// All that a feed told, in order of (`published_at`, `id`, `version`).
#[derive(Debug, Default)]
pub struct Feed {
    pub told: Vec<Told>,
    pub articles: usize,
    pub signals: usize,
    pub refused: usize,
    pub first: Option<Time>,
    pub last: Option<Time>,
}

/// Which part of a feed is read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Until {
    /// Articles published then or later are left out.
    pub to: Option<Time>,
}

impl Feed {
    /// Reads the files and detects, on all cores. `tick` is called with the number of articles of each batch.
    ///
    /// # Errors
    /// A file that cannot be read; lines that are no articles are counted and named on stderr.
    pub fn read(
        files: &[std::path::PathBuf],
        rules: &Ruleset,
        until: Until,
        tick: &mut dyn FnMut(usize),
    ) -> anyhow::Result<Feed> {
        let mut feed = Feed::default();
        for path in files {
            feed.read_file(path, rules, until, tick)
                .with_context(|| format!("reading {}", path.display()))?;
        }
        feed.told.sort_by(|a, b| (a.at, &a.article_id, a.version).cmp(&(b.at, &b.article_id, b.version)));
        Ok(feed)
    }

    fn read_file(
        &mut self,
        path: &Path,
        rules: &Ruleset,
        until: Until,
        tick: &mut dyn FnMut(usize),
    ) -> anyhow::Result<()> {
        let mut batches = Batches::new(open(path)?, BATCH);
        loop {
            let lines = batches.next()?;
            if lines.is_empty() {
                return Ok(());
            }
            tick(lines.len());
            let results: Vec<_> = lines
                .par_iter()
                .map_init(Scratch::default, |scratch, (number, line)| (*number, one(rules, line, scratch)))
                .collect();
            for (number, result) in results {
                match result {
                    Ok(told) if until.to.is_some_and(|to| told.at >= to) => {}
                    Ok(told) => self.take(told),
                    Err(refusal) => {
                        self.refused += 1;
                        eprintln!("{}:{number}: {} ({refusal})", path.display(), refusal.cause());
                    }
                }
            }
        }
    }

    fn take(&mut self, told: Told) {
        self.articles += 1;
        self.first = Some(self.first.map_or(told.at, |first| first.min(told.at)));
        self.last = self.last.max(Some(told.at));
        self.signals += told.records.iter().filter(|r| matches!(r, Record::Signal(_))).count();
        if !told.records.is_empty() {
            self.told.push(told);
        }
    }
}

fn one(rules: &Ruleset, line: &[u8], scratch: &mut Scratch) -> Result<Told, article::Refusal> {
    let article = article::read(line)?;
    let detection = detect(rules, &article, article.published_at, scratch);
    let mut records = detection.records();
    records.extend(detection.version.map(Record::ArticleVersion));
    Ok(Told { at: article.published_at, version: article.version, article_id: article.id, records })
}

/// Opens a file by the end of its name; `-` is stdin.
fn open(path: &Path) -> io::Result<Box<dyn BufRead>> {
    if path == Path::new("-") {
        return Ok(Box::new(BufReader::new(io::stdin())));
    }
    let file = BufReader::with_capacity(1 << 20, File::open(path)?);
    let unpacked: Box<dyn Read> = match path.extension().and_then(|e| e.to_str()) {
        Some("gz") => Box::new(flate2::bufread::MultiGzDecoder::new(file)),
        Some("zst") => Box::new(zstd::stream::read::Decoder::with_buffer(file)?),
        Some("xz") => Box::new(io::Cursor::new(unxz(file)?)),
        _ => return Ok(Box::new(file)),
    };
    Ok(Box::new(BufReader::with_capacity(1 << 20, unpacked)))
}

/// The whole file: the decoder has no streaming form.
fn unxz(mut file: impl BufRead) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    lzma_rs::xz_decompress(&mut file, &mut bytes)
        .map_err(|e| io::Error::new(io::ErrorKind::InvalidData, format!("xz: {e:?}")))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn lines(path: &Path) -> Vec<String> {
        open(path).unwrap().lines().map(Result::unwrap).collect()
    }

    #[test]
    fn packed_files_are_read_by_the_end_of_their_name() {
        let dir = tempfile::tempdir().unwrap();
        let text = b"{\"id\":\"a\"}\n{\"id\":\"b\"}\n";
        let at = |name: &str| dir.path().join(name);
        std::fs::write(at("f.ndjson"), text).unwrap();
        let mut gz = flate2::write::GzEncoder::new(File::create(at("f.gz")).unwrap(), Default::default());
        gz.write_all(text).unwrap();
        gz.finish().unwrap();
        std::fs::write(at("f.zst"), zstd::encode_all(&text[..], 1).unwrap()).unwrap();
        let mut xz = Vec::new();
        lzma_rs::xz_compress(&mut &text[..], &mut xz).unwrap();
        std::fs::write(at("f.xz"), xz).unwrap();
        for name in ["f.ndjson", "f.gz", "f.zst", "f.xz"] {
            assert_eq!(lines(&at(name)).len(), 2, "{name}");
        }
    }
}
