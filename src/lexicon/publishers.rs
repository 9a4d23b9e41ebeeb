//! `config/sources/`: publishers by domain, agencies by the credit that their reprints carry.

use rustc_hash::FxHashMap;
use serde::Deserialize;

use super::{Diagnostic, SourceFile, fold, parse_toml};
use crate::signal::{Class, Code};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PublisherRow {
    domain: String,
    name: String,
    class: Class,
    #[serde(default)]
    country: Option<Code>,
    #[serde(default)]
    owner: Option<String>,
    #[serde(default)]
    agency: Option<String>,
    #[serde(default)]
    credits: Vec<String>,
    #[serde(default)]
    state: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PublisherFile {
    #[serde(default)]
    publisher: Vec<PublisherRow>,
}

/// One publisher.
#[derive(Debug, Clone)]
pub struct Publisher {
    pub domain: String,
    pub name: String,
    pub class: Class,
    pub country: Option<Code>,
    /// Publishers under one roof share it.
    pub owner: Option<String>,
    /// The agency that it is, as `origin` names it.
    pub agency: Option<String>,
    /// Owned or run by its state: no independent word on that state.
    pub is_state: bool,
}

/// All publishers.
#[derive(Debug, Default)]
pub struct Publishers {
    by_domain: FxHashMap<String, Publisher>,
    by_credit: FxHashMap<String, String>,
}

impl Publishers {
    /// Reads all files of the folder.
    ///
    /// # Errors
    /// Every fault found, each with its place.
    pub fn read(files: &[&SourceFile]) -> Result<Publishers, Vec<Diagnostic>> {
        let (mut publishers, mut faults) = (Publishers::default(), Vec::new());
        for file in files {
            match parse_toml::<PublisherFile>(file) {
                Ok(rows) => rows.publisher.into_iter().for_each(|row| publishers.take(row)),
                Err(fault) => faults.push(fault),
            }
        }
        if faults.is_empty() { Ok(publishers) } else { Err(faults) }
    }

    /// The publisher of `host` or of a domain above it: `edition.cnn.com` finds `cnn.com`.
    pub fn by_domain(&self, host: &str) -> Option<&Publisher> {
        let host = host.trim().trim_end_matches('.').to_ascii_lowercase();
        let mut rest = host.strip_prefix("www.").unwrap_or(&host);
        loop {
            if let Some(publisher) = self.by_domain.get(rest) {
                return Some(publisher);
            }
            rest = rest.split_once('.')?.1;
        }
    }

    /// The agency that a credit line names: "Reuters" → `reuters`.
    pub fn agency(&self, credit: &str) -> Option<&str> {
        self.by_credit.get(&fold(credit.trim())).map(String::as_str)
    }

    pub fn len(&self) -> usize {
        self.by_domain.len()
    }

    pub fn is_empty(&self) -> bool {
        self.by_domain.is_empty()
    }

    fn take(&mut self, row: PublisherRow) {
        if let Some(agency) = &row.agency {
            for credit in row.credits.iter().chain([&row.name, agency]) {
                self.by_credit.insert(fold(credit), agency.clone());
            }
        }
        let publisher = Publisher {
            domain: row.domain.to_ascii_lowercase(),
            name: row.name,
            class: row.class,
            country: row.country,
            owner: row.owner,
            agency: row.agency,
            is_state: row.state,
        };
        self.by_domain.insert(publisher.domain.clone(), publisher);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_by_host_and_credit() {
        let text = "[[publisher]]\ndomain = \"example.org\"\nname = \"Example\"\nclass = \"wire\"\nagency = \"example\"\ncredits = [\"EXA\"]";
        let file = SourceFile { path: "sources/x.toml".into(), text: text.into() };
        let publishers = Publishers::read(&[&file]).unwrap();
        assert_eq!(publishers.by_domain("www.news.example.org").unwrap().class, Class::Wire);
        assert!(publishers.by_domain("example.com").is_none());
        assert_eq!(publishers.agency("exa"), Some("example"));
    }
}
