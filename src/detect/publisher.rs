//! Who publishes an article: the data's word by domain, the article's own only where the domain is unknown.

use crate::article::Article;
use crate::rules::Ruleset;
use crate::signal::{ArticleRef, Class};

/// The article's part of a signal.
pub fn reference(article: &Article, rules: &Ruleset) -> ArticleRef {
    let domain = if article.source.domain.is_empty() {
        host(article.url.as_deref())
    } else {
        article.source.domain.clone()
    };
    let known = rules.publishers.by_domain(&domain);
    let own_name = if domain.is_empty() { article.source.name.clone() } else { domain.to_ascii_lowercase() };
    let publisher = known.map_or(own_name, |p| p.domain.clone());
    let family = known.and_then(|p| p.owner.clone()).unwrap_or_else(|| publisher.clone());
    let country =
        known.filter(|p| p.is_state || matches!(p.class, Class::Government)).and_then(|p| p.country);
    ArticleRef {
        version: article.version,
        family,
        class: known.map_or(Class::Unknown, |p| p.class),
        country,
        origin: origin(article, rules).or_else(|| known.and_then(|p| p.agency.clone())),
        url: article.url.clone(),
        title: article.title.chars().take(300).collect(),
        published_at: article.published_at,
        publisher,
    }
}

/// The agency: the record's word, or a credit in the text such as "(Reuters)" or "- AFP".
fn origin(article: &Article, rules: &Ruleset) -> Option<String> {
    if let Some(origin) = &article.origin {
        let agency = rules.publishers.agency(origin).map(str::to_owned);
        return Some(agency.unwrap_or_else(|| origin.trim().to_lowercase()));
    }
    let head: String = article.body.chars().take(160).collect();
    let tail: String = {
        let count = article.body.chars().count();
        article.body.chars().skip(count.saturating_sub(80)).collect()
    };
    let head_end = head.find([':', '—', '–']).map_or(head.len(), |at| at + 4).min(head.len());
    let head = head.get(..head_end).unwrap_or(&head);
    for part in [head, tail.as_str()] {
        for word in part.split(|c: char| !(c.is_alphanumeric() || c == '-')).filter(|w| w.len() >= 2) {
            let credited =
                [format!("({word})"), format!("- {word}"), format!("— {word}"), format!("/{word}")];
            if credited.iter().any(|form| part.contains(form.as_str()))
                && let Some(agency) = rules.publishers.agency(word)
            {
                return Some(agency.to_owned());
            }
        }
    }
    None
}

fn host(url: Option<&str>) -> String {
    let Some(url) = url else { return String::new() };
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    host.rsplit('@').next().unwrap_or_default().split(':').next().unwrap_or_default().to_owned()
}
