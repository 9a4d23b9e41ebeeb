//! Reading one JSON record of the news topic.

use serde::Deserialize;

use super::{Article, Source, Status, Time};

/// The largest record in bytes; brokers and feeds that send more are broken or hostile.
pub const RECORD_MAX: usize = 8 << 20;
/// The longest id in bytes: it is a key on three topics.
pub const ID_MAX: usize = 512;
/// The longest title in bytes.
pub const TITLE_MAX: usize = 16 << 10;
/// The longest body in bytes; the longest real articles have about 200 kB.
pub const BODY_MAX: usize = 4 << 20;
/// The longest of the other text fields (url, names, language) in bytes.
pub const FIELD_MAX: usize = 8 << 10;

/// Why a record is refused. [`Refusal::cause`] is the metric's label and the dead letter's header.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("the record is empty (a tombstone or no value)")]
    Empty,
    #[error("the record has {size} bytes, more than {max}")]
    RecordTooLarge { size: usize, max: usize },
    #[error("not UTF-8 at byte {at}")]
    NotUtf8 { at: usize },
    #[error("not JSON: {what}")]
    NotJson { what: String },
    #[error("a field is missing or of the wrong type: {what}")]
    WrongShape { what: String },
    #[error("field `{field}` is empty")]
    EmptyField { field: &'static str },
    #[error("field `{field}` has {size} bytes, more than {max}")]
    FieldTooLong { field: &'static str, size: usize, max: usize },
    #[error("`published_at` is not an RFC 3339 time with an offset: {what}")]
    BadTime { what: String },
    #[error("`published_at` {time} lies before 1970")]
    BeforeEpoch { time: Time },
    #[error("`published_at` {time} lies more than a day after its arrival at {received}")]
    FromTheFuture { time: Time, received: Time },
}

impl Refusal {
    /// A stable name of the cause, from a small set.
    pub fn cause(&self) -> &'static str {
        match self {
            Refusal::Empty => "empty",
            Refusal::RecordTooLarge { .. } => "record-too-large",
            Refusal::NotUtf8 { .. } => "not-utf8",
            Refusal::NotJson { .. } => "not-json",
            Refusal::WrongShape { .. } => "wrong-shape",
            Refusal::EmptyField { .. } => "empty-field",
            Refusal::FieldTooLong { .. } => "field-too-long",
            Refusal::BadTime { .. } => "bad-time",
            Refusal::BeforeEpoch { .. } => "before-1970",
            Refusal::FromTheFuture { .. } => "from-the-future",
        }
    }

    /// Every cause, so that counters stand at 0 from the start.
    pub const CAUSES: [&'static str; 10] = [
        "empty",
        "record-too-large",
        "not-utf8",
        "not-json",
        "wrong-shape",
        "empty-field",
        "field-too-long",
        "bad-time",
        "before-1970",
        "from-the-future",
    ];
}

/// The record as it stands in the file: unknown fields are ignored, `null` counts as absent.
#[derive(Deserialize)]
struct Wire {
    id: String,
    version: Option<u32>,
    published_at: String,
    title: Option<String>,
    body: Option<String>,
    language: Option<String>,
    url: Option<String>,
    source: Option<WireSource>,
    origin: Option<String>,
    status: Option<Status>,
    supersedes: Option<String>,
}

#[derive(Deserialize, Default)]
struct WireSource {
    name: Option<String>,
    domain: Option<String>,
}

/// Reads one record. The time of arrival is not known here: [`Refusal::FromTheFuture`] is the driver's.
///
/// # Errors
/// The reason why the record is no article; never a panic, whatever the bytes.
pub fn read(bytes: &[u8]) -> Result<Article, Refusal> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(Refusal::Empty);
    }
    if bytes.len() > RECORD_MAX {
        return Err(Refusal::RecordTooLarge { size: bytes.len(), max: RECORD_MAX });
    }
    let text = std::str::from_utf8(bytes).map_err(|e| Refusal::NotUtf8 { at: e.valid_up_to() })?;
    let wire: Wire = serde_json::from_str(text).map_err(|e| match e.classify() {
        serde_json::error::Category::Data => Refusal::WrongShape { what: e.to_string() },
        _ => Refusal::NotJson { what: e.to_string() },
    })?;
    check(wire)
}

fn check(wire: Wire) -> Result<Article, Refusal> {
    let id = within("id", wire.id, ID_MAX)?;
    if id.trim().is_empty() {
        return Err(Refusal::EmptyField { field: "id" });
    }
    let published_at: Time =
        wire.published_at.parse().map_err(|e: super::TimeError| Refusal::BadTime { what: e.to_string() })?;
    if published_at < Time::EPOCH {
        return Err(Refusal::BeforeEpoch { time: published_at });
    }
    let title = within("title", wire.title.unwrap_or_default(), TITLE_MAX)?;
    let body = within("body", wire.body.unwrap_or_default(), BODY_MAX)?;
    let status = wire.status.unwrap_or_default();
    if status == Status::Usable && title.trim().is_empty() && body.trim().is_empty() {
        return Err(Refusal::EmptyField { field: "title and body" });
    }
    let source = wire.source.unwrap_or_default();
    Ok(Article {
        id,
        version: wire.version.unwrap_or(1).max(1),
        published_at,
        title,
        body,
        language: optional("language", wire.language)?,
        url: optional("url", wire.url)?,
        source: Source {
            name: optional("source.name", source.name)?.unwrap_or_default(),
            domain: optional("source.domain", source.domain)?.unwrap_or_default(),
        },
        origin: optional("origin", wire.origin)?,
        status,
        supersedes: optional("supersedes", wire.supersedes)?,
    })
}

fn within(field: &'static str, text: String, max: usize) -> Result<String, Refusal> {
    if text.len() > max { Err(Refusal::FieldTooLong { field, size: text.len(), max }) } else { Ok(text) }
}

fn optional(field: &'static str, text: Option<String>) -> Result<Option<String>, Refusal> {
    text.filter(|t| !t.trim().is_empty()).map(|t| within(field, t, FIELD_MAX)).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cause(json: &str) -> &'static str {
        read(json.as_bytes()).unwrap_err().cause()
    }

    #[test]
    fn reads_a_small_article() {
        let article =
            read(br#"{"id":"a1","published_at":"2025-01-02T03:04:05Z","title":"Envoys meet","new":1}"#)
                .unwrap();
        assert_eq!((article.version, article.status, article.body.as_str()), (1, Status::Usable, ""));
    }

    #[test]
    fn names_each_fault() {
        assert_eq!(cause(""), "empty");
        assert_eq!(cause("{"), "not-json");
        assert_eq!(cause(r#"{"id":"a"}"#), "wrong-shape");
        assert_eq!(cause(r#"{"id":7,"published_at":"2025-01-02T03:04:05Z"}"#), "wrong-shape");
        assert_eq!(cause(r#"{"id":"a","published_at":"soon","title":"x"}"#), "bad-time");
        assert_eq!(cause(r#"{"id":"a","published_at":"1969-01-02T03:04:05Z","title":"x"}"#), "before-1970");
        assert_eq!(cause(r#"{"id":"a","published_at":"2025-01-02T03:04:05Z","title":" "}"#), "empty-field");
        assert_eq!(read(b"{\"id\":\"\xff\"}").unwrap_err(), Refusal::NotUtf8 { at: 7 });
        let long = format!(
            r#"{{"id":"a","published_at":"2025-01-02T03:04:05Z","body":"{}"}}"#,
            "x".repeat(BODY_MAX + 1)
        );
        assert_eq!(cause(&long), "field-too-long");
    }

    #[test]
    fn a_killed_article_needs_no_text() {
        let json = br#"{"id":"a","published_at":"2025-01-02T03:04:05Z","status":"canceled","version":2}"#;
        assert_eq!(read(json).unwrap().status, Status::Canceled);
    }
}
