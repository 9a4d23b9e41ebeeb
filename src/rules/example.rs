//! Examples inside a pack, and the short form in which they say what they expect.

use std::str::FromStr;

use super::pack::{ExampleRow, PackFile};
use crate::article::Time;
use crate::lexicon::{Diagnostic, SourceFile};
use crate::signal::{Code, Kind, Recency, Stance};

/// What an example claims.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ExampleKind {
    /// Gives exactly what it expects, of the kinds of its file.
    Match,
    /// Gives nothing of the kinds of its file.
    NoMatch,
    /// Known to be wrong; reported where it begins to be right.
    Todo,
}

/// A text and what must come out of it.
#[derive(Clone, PartialEq, Debug)]
pub struct Example {
    pub path: String,
    pub span: std::ops::Range<usize>,
    pub kind: ExampleKind,
    /// The kinds that the file is about.
    pub about: Vec<Kind>,
    pub title: String,
    pub text: String,
    pub published_at: Time,
    pub expect: Vec<Expected>,
}

/// `actual CHL > BOL`, `recap prospective IRN > DEU,FRA [npt]`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Expected {
    pub kind: Kind,
    pub stance: Stance,
    pub source: Vec<Code>,
    pub target: Vec<Code>,
    pub instrument: Option<String>,
    pub recency: Option<Recency>,
}

impl std::fmt::Display for Expected {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let join = |codes: &[Code]| codes.iter().map(Code::as_str).collect::<Vec<_>>().join(",");
        let recap = if self.recency == Some(Recency::Recap) { "recap " } else { "" };
        write!(
            f,
            "{recap}{} {} {} > {}",
            self.kind,
            self.stance.as_str(),
            join(&self.source),
            join(&self.target)
        )?;
        match &self.instrument {
            Some(id) => write!(f, " [{id}]"),
            None => Ok(()),
        }
    }
}

/// The short form cannot be read.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("cannot read {text:?}: {what}; write e.g. \"actual AAA > BBB [some-accord]\"")]
pub struct ExpectedError {
    text: String,
    what: String,
}

impl Expected {
    /// Reads the short form; `default` is the kind where it names none.
    ///
    /// # Errors
    /// What cannot be read, with an example of what can.
    pub fn parse(text: &str, default: Option<Kind>) -> Result<Expected, ExpectedError> {
        let wrong = |what: &str| ExpectedError { text: text.to_owned(), what: what.to_owned() };
        let (head, target) = text.split_once('>').ok_or_else(|| wrong("no `>`"))?;
        let (target, instrument) = match target.split_once('[') {
            Some((target, rest)) => (target, Some(rest.trim_end().trim_end_matches(']').to_owned())),
            None => (target, None),
        };
        let codes = |list: &str| -> Result<Vec<Code>, ExpectedError> {
            let parts = list.split([',', '+', ' ']).map(str::trim).filter(|part| !part.is_empty());
            let mut codes = parts
                .map(|part| Code::from_str(part).map_err(|e| wrong(&e.to_string())))
                .collect::<Result<Vec<_>, _>>()?;
            codes.sort();
            Ok(codes)
        };
        let (mut kind, mut stance, mut recency, mut source) = (default, None, None, Vec::new());
        for word in head.split_whitespace() {
            match word {
                "actual" => stance = Some(Stance::Actual),
                "prospective" => stance = Some(Stance::Prospective),
                "recap" => recency = Some(Recency::Recap),
                "news" => recency = Some(Recency::News),
                _ => match word.parse::<Kind>() {
                    Ok(named) => kind = Some(named),
                    Err(_) => source = codes(word)?,
                },
            }
        }
        Ok(Expected {
            kind: kind.ok_or_else(|| wrong("no kind"))?,
            stance: stance.ok_or_else(|| wrong("no stance"))?,
            source,
            target: codes(target)?,
            instrument,
            recency,
        })
    }
}

/// When examples are published, unless they say otherwise: 2025-06-02T12:00:00Z.
const DEFAULT_TIME: Time = Time(1_748_865_600_000);

pub(super) fn read(file: &SourceFile, pack: &PackFile, faults: &mut Vec<Diagnostic>) -> Vec<Example> {
    let default = pack.kind.as_ref().map(|kind| *kind.get_ref());
    let mut about: Vec<Kind> = default.into_iter().collect();
    for frame in &pack.frame {
        about.extend(frame.kind.into_iter().chain(frame.kind_of_group));
    }
    about.sort();
    about.dedup();
    let lists = [
        (ExampleKind::Match, &pack.matches),
        (ExampleKind::NoMatch, &pack.no_match),
        (ExampleKind::Todo, &pack.todo),
    ];
    let mut examples = Vec::new();
    for (kind, rows) in lists {
        for row in rows {
            examples.extend(one(file, kind, row, default, &about, faults));
        }
    }
    examples
}

fn one(
    file: &SourceFile,
    kind: ExampleKind,
    row: &ExampleRow,
    default: Option<Kind>,
    about: &[Kind],
    faults: &mut Vec<Diagnostic>,
) -> Option<Example> {
    let mut expect = Vec::new();
    for text in &row.expect {
        match Expected::parse(text.get_ref(), default) {
            Ok(expected) => expect.push(expected),
            Err(error) => {
                faults.push(Diagnostic::error("example", &file.path, text.span(), error.to_string()));
            }
        }
    }
    if kind == ExampleKind::Match && expect.is_empty() {
        let fault = Diagnostic::error("example", &file.path, row.text.span(), "a match without `expect`");
        faults.push(fault.help("say what must come out, or make it a [[no-match]]"));
        return None;
    }
    let published_at = match row.published_at.as_deref().map(str::parse) {
        None => DEFAULT_TIME,
        Some(Ok(time)) => time,
        Some(Err(error)) => {
            faults.push(Diagnostic::error(
                "example",
                &file.path,
                row.text.span(),
                format!("published-at: {error}"),
            ));
            return None;
        }
    };
    Some(Example {
        path: file.path.clone(),
        span: row.text.span(),
        kind,
        about: about.to_vec(),
        title: row.title.clone().unwrap_or_default(),
        text: row.text.get_ref().clone(),
        published_at,
        expect,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_short_form() {
        let expected =
            Expected::parse("recap prospective IRN > FRA,DEU [npt]", Some(Kind::TreatySuspension)).unwrap();
        assert_eq!(expected.to_string(), "recap treaty-suspension prospective IRN > DEU,FRA [npt]");
        assert!(Expected::parse("CHL > BOL", Some(Kind::Contact)).is_err());
        assert!(Expected::parse("contact actual CHL", None).is_err());
        let open = Expected::parse("military-posture actual PRK >", None).unwrap();
        assert!(open.target.is_empty());
    }
}
