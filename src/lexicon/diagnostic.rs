//! What is wrong with a file of data or rules, where, and what would mend it.

use std::fmt;
use std::ops::Range;

use serde::de::DeserializeOwned;

/// One file of the configuration, read by whoever may do I/O. `path` is shown to people: `actors/states.toml`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SourceFile {
    pub path: String,
    pub text: String,
}

/// One fault. `code` is stable and documented in `docs/rules.md`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagnostic {
    pub code: &'static str,
    pub path: String,
    /// Bytes of the file; empty where the whole file is meant.
    pub span: Range<usize>,
    pub message: String,
    /// What would mend it; may be empty.
    pub help: String,
    /// A warning does not refuse the pack.
    pub is_warning: bool,
}

impl Diagnostic {
    pub fn error(
        code: &'static str,
        path: &str,
        span: Range<usize>,
        message: impl Into<String>,
    ) -> Diagnostic {
        let (path, message) = (path.to_owned(), message.into());
        Diagnostic { code, path, span, message, help: String::new(), is_warning: false }
    }

    pub fn warning(
        code: &'static str,
        path: &str,
        span: Range<usize>,
        message: impl Into<String>,
    ) -> Diagnostic {
        Diagnostic { is_warning: true, ..Diagnostic::error(code, path, span, message) }
    }

    pub fn help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help = help.into();
        self
    }

    /// The fault with its line underlined; `text` is the file's.
    pub fn render(&self, text: &str) -> String {
        use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
        let level = if self.is_warning { Level::WARNING } else { Level::ERROR };
        let end = self.span.end.min(text.len());
        let start = self.span.start.min(end);
        let snippet = Snippet::source(text)
            .path(&self.path)
            .annotation(AnnotationKind::Primary.span(start..end).label(&self.message));
        let group = level.primary_title(&self.message).id(self.code).element(snippet);
        let mut report = vec![group];
        if !self.help.is_empty() {
            report.push(annotate_snippets::Group::with_title(Level::HELP.secondary_title(&self.help)));
        }
        Renderer::plain().render(&report)
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} [{}] {}", self.path, self.code, self.message)?;
        if self.help.is_empty() { Ok(()) } else { write!(f, " ({})", self.help) }
    }
}

/// Reads one TOML file into its mirror.
///
/// # Errors
/// The first fault that the reader finds, with its place.
pub fn parse_toml<T: DeserializeOwned>(file: &SourceFile) -> Result<T, Diagnostic> {
    toml::from_str(&file.text).map_err(|error: toml::de::Error| {
        Diagnostic::error("toml", &file.path, error.span().unwrap_or(0..0), error.message().to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_the_place() {
        let file = SourceFile { path: "rules/x.toml".into(), text: "a = 1\nb = ?\n".into() };
        let fault = parse_toml::<toml::Table>(&file).unwrap_err();
        let shown = fault.help("write a value").render(&file.text);
        assert!(shown.contains("rules/x.toml:2") && shown.contains("write a value"), "{shown}");
    }
}
