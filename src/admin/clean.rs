//! The one place through which the words of articles pass on their way to the page.
//!
//! Mark-up is escaped by the templates; here goes what HTML would carry through: control, escape, zero-width and bidi
//! characters, links that are no http(s).

/// The longest text that the page shows of one field, in characters.
pub const TEXT_MAX: usize = 1_000;

/// Characters that are invisible, change the direction of their neighbours, or stack without end.
fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

fn is_combining(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}')
}

/// One line of plain words: hostile characters out, white space folded, three combining marks in a row at most, cut at
/// `max` characters with an ellipsis.
pub fn line(text: &str, max: usize) -> String {
    let mut kept = String::with_capacity(text.len().min(4 * max));
    let (mut count, mut marks, mut gap) = (0, 0, false);
    for c in text.chars() {
        if c.is_whitespace() {
            gap = count > 0;
            continue;
        }
        if is_hostile(c) {
            continue;
        }
        marks = if is_combining(c) { marks + 1 } else { 0 };
        if marks > 3 {
            continue;
        }
        if count + usize::from(gap) >= max {
            kept.push('…');
            break;
        }
        if std::mem::take(&mut gap) {
            kept.push(' ');
            count += 1;
        }
        kept.push(c);
        count += 1;
    }
    kept
}

/// A field of an article as the page shows it.
pub fn text(text: &str) -> String {
    line(text, TEXT_MAX)
}

/// A sentence cut at the first place where its quote stands, for highlighting: before, quote, after. The quote is
/// empty where the sentence does not hold it.
pub fn highlight(sentence: &str, quote: &str) -> (String, String, String) {
    let (sentence, quote) = (text(sentence), text(quote));
    match sentence.find(&quote) {
        Some(at) if !quote.is_empty() => {
            let end = at + quote.len();
            (sentence[..at].to_owned(), quote, sentence[end..].to_owned())
        }
        _ => (sentence, String::new(), String::new()),
    }
}

/// A link that a browser may follow, and the host that the reader is shown.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct Link {
    pub url: String,
    pub host: String,
}

/// `url` where it is http(s) without a user name and of sane length; anything else is no link.
pub fn link(url: &str) -> Option<Link> {
    const URL_MAX: usize = 2_000;
    if url.len() > URL_MAX || url.chars().any(|c| is_hostile(c) || c.is_whitespace()) {
        return None;
    }
    let parsed: axum::http::Uri = url.parse().ok()?;
    let scheme = parsed.scheme_str()?.to_ascii_lowercase();
    let authority = parsed.authority()?;
    if !(scheme == "https" || scheme == "http")
        || authority.as_str().contains('@')
        || authority.host().is_empty()
    {
        return None;
    }
    Some(Link { url: url.to_owned(), host: line(authority.host(), 80) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_html_would_carry_through_is_taken_out() {
        assert_eq!(line("a\u{202e}b\u{200b}c\u{7}\u{1b}[31md\r\n e", 99), "abc[31md e");
        assert_eq!(line(&"e\u{301}".repeat(2), 99), "e\u{301}e\u{301}");
        assert_eq!(line(&format!("x{}", "\u{301}".repeat(500)), 999).chars().count(), 4);
        assert_eq!(line("abcdef", 3), "abc…");
        assert_eq!(line("ab cd", 2), "ab…");
        assert_eq!(line("  ", 3), "");
    }

    #[test]
    fn the_quote_is_found_in_its_sentence() {
        let (a, b, c) = highlight("It may\nsuspend the pact soon.", "may suspend");
        assert_eq!((a.as_str(), b.as_str(), c.as_str()), ("It ", "may suspend", " the pact soon."));
        assert_eq!(highlight("x", "y").0, "x");
        assert_eq!(highlight("x", "").1, "");
    }

    #[test]
    fn only_links_of_the_web_are_links() {
        assert_eq!(link("https://example.org/a?b=1#c").map(|l| l.host), Some("example.org".to_owned()));
        for bad in [
            "javascript:alert(1)",
            "data:text/html,x",
            "//x.org/",
            "https://user@x.org/",
            "ftp://x.org/",
            "x",
        ] {
            assert_eq!(link(bad), None, "{bad}");
        }
        assert_eq!(link("https://x.org/\u{202e}"), None);
    }
}
