//! Bytes of the news topic → [`Article`], or a reason to refuse them.

mod read;
mod time;

pub use read::{Refusal, read};
pub use time::{DAY, HOUR, MINUTE, SECOND, Time, TimeError};

/// Whether an article may be used; agencies withhold and cancel ("kill") what they sent.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    #[default]
    Usable,
    Withheld,
    Canceled,
}

/// Who publishes an article, by its own word.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Source {
    pub name: String,
    pub domain: String,
}

/// One article, checked. Text fields are as they came (HTML remains included).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Article {
    pub id: String,
    /// Counts up with each correction; 1 where the feed gives none.
    pub version: u32,
    pub published_at: Time,
    pub title: String,
    pub body: String,
    /// BCP 47; `None` where the feed does not tell.
    pub language: Option<String>,
    pub url: Option<String>,
    pub source: Source,
    /// The agency that a reprint comes from.
    pub origin: Option<String>,
    pub status: Status,
    /// The id of the article that this one replaces.
    pub supersedes: Option<String>,
}

impl Article {
    /// A usable article of bare text: pasted, an example, a trial.
    pub fn of_text(id: &str, title: String, body: String, published_at: Time) -> Article {
        Article {
            id: id.to_owned(),
            version: 1,
            published_at,
            title,
            body,
            language: None,
            url: None,
            source: Source::default(),
            origin: None,
            status: Status::Usable,
            supersedes: None,
        }
    }
}
