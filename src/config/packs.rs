//! The files of rules, actors, treaties and sources: compiled in, each folder replaceable by a path.

use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};

use crate::rules::{Diagnostic, Ruleset, SourceFile, compile};

static SHIPPED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/config");

/// The folders that make a ruleset.
const FOLDERS: [&str; 4] = ["rules", "actors", "treaties", "sources"];

/// A file that is compiled in: `severity.toml`.
pub fn compiled_in(path: &str) -> Option<&'static str> {
    SHIPPED.get_file(path).and_then(|file| file.contents_utf8())
}

/// Where each folder comes from; `None` is the one that is compiled in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Packs {
    pub rules: Option<PathBuf>,
    pub actors: Option<PathBuf>,
    pub treaties: Option<PathBuf>,
    pub sources: Option<PathBuf>,
}

/// The files cannot be read, or do not compile.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    #[error("reading {path}: {source}")]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{}", .0.join("\n"))]
    Faults(Vec<String>),
}

impl Packs {
    /// Reads the files and compiles them.
    ///
    /// # Errors
    /// A file that cannot be read, or every fault in the packs with its place underlined.
    pub fn load(&self) -> Result<Ruleset, PackError> {
        let files = self.files()?;
        compile(&files)
            .map_err(|faults| PackError::Faults(faults.iter().map(|f| render(f, &files)).collect()))
    }

    /// All files, in order of folder and name.
    ///
    /// # Errors
    /// A file or folder that cannot be read.
    pub fn files(&self) -> Result<Vec<SourceFile>, PackError> {
        let paths = [&self.rules, &self.actors, &self.treaties, &self.sources];
        let mut files = Vec::new();
        for (folder, path) in FOLDERS.iter().zip(paths) {
            match path {
                Some(path) => read_folder(folder, path, &mut files)?,
                None => shipped_folder(folder, &mut files),
            }
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(files)
    }
}

fn shipped_folder(folder: &str, files: &mut Vec<SourceFile>) {
    let Some(dir) = SHIPPED.get_dir(folder) else { return };
    for file in dir.files().filter(|f| f.path().extension().is_some_and(|e| e == "toml")) {
        if let Some(text) = file.contents_utf8() {
            files
                .push(SourceFile { path: file.path().to_string_lossy().into_owned(), text: text.to_owned() });
        }
    }
}

fn read_folder(folder: &str, path: &Path, files: &mut Vec<SourceFile>) -> Result<(), PackError> {
    let fail = |source| PackError::Read { path: path.to_owned(), source };
    for entry in std::fs::read_dir(path).map_err(fail)? {
        let file = entry.map_err(fail)?.path();
        if file.extension().is_none_or(|e| e != "toml") {
            continue;
        }
        let text = std::fs::read_to_string(&file)
            .map_err(|source| PackError::Read { path: file.clone(), source })?;
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        files.push(SourceFile { path: format!("{folder}/{name}"), text });
    }
    Ok(())
}

fn render(fault: &Diagnostic, files: &[SourceFile]) -> String {
    let text = files.iter().find(|f| f.path == fault.path).map_or("", |f| f.text.as_str());
    fault.render(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shipped_compiles() {
        let ruleset = Packs::default().load().unwrap_or_else(|e| panic!("{e}"));
        assert!(ruleset.frames.len() > 80);
        assert_eq!(ruleset.revision().len(), 16);
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let packs = Packs { rules: Some("/nowhere/rules".into()), ..Packs::default() };
        assert!(packs.load().unwrap_err().to_string().contains("/nowhere/rules"));
    }
}
