//! `config/treaties/`: accords, their parties and what newsrooms call them.

use serde::Deserialize;

use super::{Diagnostic, SourceFile, parse_toml};
use crate::signal::Code;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TreatyRow {
    id: String,
    name: String,
    #[serde(default)]
    aliases: Vec<String>,
    #[serde(default)]
    generic: Vec<String>,
    #[serde(default)]
    cues: Vec<String>,
    #[serde(default)]
    parties: Vec<Code>,
    #[serde(default)]
    organisation: Option<Code>,
    #[serde(default)]
    signed: Option<i16>,
    #[serde(default)]
    ended: Option<i16>,
    #[serde(default)]
    subject: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TreatyFile {
    #[serde(default)]
    treaty: Vec<TreatyRow>,
}

/// One accord.
#[derive(Debug, Clone)]
pub struct Treaty {
    /// Kebab-case: `simla-agreement`.
    pub id: String,
    pub name: String,
    /// Names that mean it wherever they stand.
    pub aliases: Vec<String>,
    /// Names that mean it where a cue or a party is near: "the nuclear deal".
    pub generic: Vec<String>,
    pub cues: Vec<String>,
    /// States; empty for open multilateral accords.
    pub parties: Vec<Code>,
    /// Whom an act against it is aimed at where nobody is named.
    pub organisation: Option<Code>,
    pub signed: Option<i16>,
    pub ended: Option<i16>,
    /// water, borders, arms, …
    pub subject: String,
}

/// All accords, in order of their ids.
#[derive(Debug, Default)]
pub struct Treaties {
    pub list: Vec<Treaty>,
}

impl Treaties {
    /// Reads all files of the folder.
    ///
    /// # Errors
    /// Every fault found, each with its place.
    pub fn read(files: &[&SourceFile]) -> Result<Treaties, Vec<Diagnostic>> {
        let (mut list, mut faults) = (Vec::<Treaty>::new(), Vec::new());
        for file in files {
            match parse_toml::<TreatyFile>(file) {
                Ok(rows) => list.extend(rows.treaty.into_iter().map(Treaty::from)),
                Err(fault) => faults.push(fault),
            }
        }
        list.sort_by(|a, b| a.id.cmp(&b.id));
        for pair in list.windows(2).filter(|pair| pair[0].id == pair[1].id) {
            let file = files.iter().find(|f| f.text.contains(&format!("\"{}\"", pair[0].id)));
            if let Some(file) = file {
                let span = super::actors::place(file, &pair[0].id);
                faults.push(Diagnostic::error(
                    "duplicate",
                    &file.path,
                    span,
                    format!("treaty {} stands twice", pair[0].id),
                ));
            }
        }
        if faults.is_empty() { Ok(Treaties { list }) } else { Err(faults) }
    }
}

impl From<TreatyRow> for Treaty {
    fn from(row: TreatyRow) -> Treaty {
        Treaty {
            id: row.id,
            name: row.name,
            aliases: row.aliases,
            generic: row.generic,
            cues: row.cues,
            parties: row.parties,
            organisation: row.organisation,
            signed: row.signed,
            ended: row.ended,
            subject: row.subject.unwrap_or_default(),
        }
    }
}
