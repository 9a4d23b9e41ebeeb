//! What a reader asks the view for: [`Filter`], [`Order`], [`Cursor`], [`Page`].

use std::str::FromStr;

use crate::alert::{Alert, Family, Severity};
use crate::article::Time;
use crate::signal::{Code, Dyad};

/// Rows of one page: the default and the most that anybody gets.
pub const LIMIT_DEFAULT: usize = 50;
pub const LIMIT_MAX: usize = 200;
/// The longest search, in bytes.
pub const SEARCH_MAX: usize = 200;

/// Open, ended or both.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum State {
    #[default]
    All,
    Open,
    Ended,
}

/// Which rows come first.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Order {
    /// Open ones before ended ones, grave ones before light ones, then the newest.
    #[default]
    Urgent,
    /// By the time of the newest revision.
    Newest,
}

/// Which episodes; the empty filter takes all.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Filter {
    pub state: State,
    /// This grave at least.
    pub severity: Option<Severity>,
    pub family: Option<Family>,
    pub dyad: Option<Dyad>,
    /// One side of the dyad.
    pub actor: Option<Code>,
    /// Words that all stand in the episode, lower-case.
    pub words: Vec<String>,
}

/// A value of the query string that means nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name}: {value:?} is not one of {known}")]
pub struct QueryError {
    pub name: &'static str,
    pub value: String,
    pub known: String,
}

impl Filter {
    /// `haystack` is the episode's searchable text in lower case.
    pub fn takes(&self, alert: &Alert, haystack: &str) -> bool {
        let state = match self.state {
            State::All => true,
            State::Open => alert.is_open(),
            State::Ended => !alert.is_open(),
        };
        state
            && self.severity.is_none_or(|s| alert.severity >= s)
            && self.family.is_none_or(|f| alert.family == f)
            && self.dyad.is_none_or(|d| alert.dyad == d)
            && self.actor.is_none_or(|c| alert.dyad.has(c))
            && self.words.iter().all(|w| haystack.contains(w.as_str()))
    }

    /// The words of a search, cut to [`SEARCH_MAX`].
    pub fn search(mut self, text: &str) -> Self {
        let text: String = text.chars().take(SEARCH_MAX).collect();
        self.words = text.to_lowercase().split_whitespace().map(str::to_owned).collect();
        self
    }
}

/// The place of a row in an order, and the way to say "after this one": stays true while rows come and go.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Cursor {
    /// Larger comes first.
    pub rank: u8,
    pub time: i64,
    pub id: String,
}

impl Cursor {
    pub fn of(alert: &Alert, order: Order) -> Self {
        let rank = match order {
            Order::Newest => 0,
            Order::Urgent if alert.is_open() => 1 + alert.severity as u8,
            Order::Urgent => 0,
        };
        Self { rank, time: alert.updated_at.0, id: alert.episode_id.clone() }
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.rank, self.time, self.id)
    }
}

impl FromStr for Cursor {
    type Err = QueryError;

    fn from_str(text: &str) -> Result<Self, QueryError> {
        let bad = || QueryError {
            name: "after",
            value: text.chars().take(80).collect(),
            known: "the `next` of an earlier answer".to_owned(),
        };
        let mut parts = text.splitn(3, '.');
        let rank = parts.next().and_then(|p| p.parse().ok()).ok_or_else(bad)?;
        let time = parts.next().and_then(|p| p.parse().ok()).ok_or_else(bad)?;
        let id = parts.next().filter(|p| p.len() <= 64).ok_or_else(bad)?;
        Ok(Self { rank, time, id: id.to_owned() })
    }
}

/// Which slice of an ordered list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Page {
    pub order: Order,
    pub after: Option<Cursor>,
    /// 1 to [`LIMIT_MAX`].
    pub limit: usize,
}

impl Default for Page {
    fn default() -> Self {
        Self { order: Order::default(), after: None, limit: LIMIT_DEFAULT }
    }
}

/// The query string of the list, as it comes.
#[derive(Clone, Debug, Default, serde::Deserialize)]
pub struct Query {
    pub state: Option<String>,
    pub severity: Option<String>,
    pub family: Option<String>,
    pub dyad: Option<String>,
    pub actor: Option<String>,
    pub q: Option<String>,
    pub order: Option<String>,
    pub after: Option<String>,
    pub limit: Option<String>,
}

/// `None` for an absent or empty value, so that an HTML form's empty fields mean "any".
fn given(value: &Option<String>) -> Option<&str> {
    value.as_deref().map(str::trim).filter(|v| !v.is_empty())
}

fn word<T: Copy>(
    name: &'static str,
    value: &Option<String>,
    known: &[(&'static str, T)],
) -> Result<Option<T>, QueryError> {
    let Some(value) = given(value) else { return Ok(None) };
    let found = known.iter().find(|(text, _)| *text == value).map(|(_, meaning)| *meaning);
    found.map(Some).ok_or_else(|| QueryError {
        name,
        value: value.chars().take(80).collect(),
        known: known.iter().map(|(text, _)| *text).collect::<Vec<_>>().join(", "),
    })
}

fn parsed<T: FromStr>(
    name: &'static str,
    value: &Option<String>,
    known: &str,
) -> Result<Option<T>, QueryError> {
    let Some(value) = given(value) else { return Ok(None) };
    let bad = |_| QueryError { name, value: value.chars().take(80).collect(), known: known.to_owned() };
    value.to_uppercase().parse().map(Some).map_err(bad)
}

impl Query {
    /// # Errors
    /// The first value that means nothing.
    pub fn read(&self) -> Result<(Filter, Page), QueryError> {
        let severities: Vec<_> = Severity::ALL.iter().map(|s| (s.as_str(), *s)).collect();
        let families: Vec<_> = Family::ALL.iter().map(|f| (f.as_str(), *f)).collect();
        let states = [("all", State::All), ("open", State::Open), ("ended", State::Ended)];
        let filter = Filter {
            state: word("state", &self.state, &states)?.unwrap_or_default(),
            severity: word("severity", &self.severity, &severities)?,
            family: word("family", &self.family, &families)?,
            dyad: parsed("dyad", &self.dyad, "two actor codes joined by a hyphen")?,
            actor: parsed("actor", &self.actor, "the actor codes")?,
            words: Vec::new(),
        };
        let orders = [("urgent", Order::Urgent), ("newest", Order::Newest)];
        let limit = match given(&self.limit) {
            None => LIMIT_DEFAULT,
            Some(text) => {
                text.parse().ok().filter(|n| (1..=LIMIT_MAX).contains(n)).ok_or_else(|| QueryError {
                    name: "limit",
                    value: text.chars().take(80).collect(),
                    known: format!("1 to {LIMIT_MAX}"),
                })?
            }
        };
        let page = Page {
            order: word("order", &self.order, &orders)?.unwrap_or_default(),
            after: given(&self.after).map(str::parse).transpose()?,
            limit,
        };
        Ok((filter.search(given(&self.q).unwrap_or_default()), page))
    }
}

/// A moment as the API and the page take it: RFC 3339, or a span from `now` such as `4h` or `30m`.
pub fn moment(text: &str, now: Time) -> Option<Time> {
    use crate::article::{DAY, HOUR, MINUTE};
    if let Ok(time) = text.parse() {
        return Some(time);
    }
    let unit = match text.chars().last()? {
        'm' => MINUTE,
        'h' => HOUR,
        'd' => DAY,
        _ => return None,
    };
    let count: i64 = text[..text.len() - 1].parse().ok().filter(|n| (1..=10_000).contains(n))?;
    Some(now.plus(count * unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_read_or_refused_with_what_is_known() {
        let query = Query {
            severity: Some("high".into()),
            family: Some(String::new()),
            dyad: Some("ind-pak".into()),
            q: Some("  Simla  PACT ".into()),
            limit: Some("7".into()),
            ..Query::default()
        };
        let (filter, page) = query.read().unwrap();
        assert_eq!(filter.severity, Some(Severity::High));
        assert_eq!(filter.family, None);
        assert_eq!(filter.dyad.map(|d| d.to_string()), Some("IND-PAK".to_owned()));
        assert_eq!(filter.words, ["simla", "pact"]);
        assert_eq!(page.limit, 7);
        let bad = Query { severity: Some("loud".into()), ..Query::default() }.read().unwrap_err();
        assert_eq!(bad.to_string(), "severity: \"loud\" is not one of info, low, medium, high, critical");
        assert!(Query { limit: Some("0".into()), ..Query::default() }.read().is_err());
        assert!(Query { after: Some("x".into()), ..Query::default() }.read().is_err());
    }

    #[test]
    fn moments_are_times_or_spans() {
        let now = Time(1_000);
        assert_eq!(moment("2h", now), Some(Time(1_000 + 7_200_000)));
        assert_eq!(moment("1970-01-01T00:00:05Z", now), Some(Time(5_000)));
        assert_eq!(moment("0h", now), None);
        assert_eq!(moment("h", now), None);
        assert_eq!(moment("5ü", now), None);
    }
}
