//! The one function that all text of others passes before it leaves the house.

use crate::alert::Alert;

/// The longest name and the longest text of a whole record, in characters.
const NAME_MAX: usize = 200;
const WORDS_MAX: usize = 2_000;

/// Without control, escape and bidirectional characters; line breaks stay, cut at `max` characters with an ellipsis.
pub fn clean(text: &str, max: usize) -> String {
    let mut out = String::new();
    for (count, c) in text.chars().filter(|c| is_harmless(*c)).enumerate() {
        if count == max {
            out.push('…');
            break;
        }
        out.push(if c == '\r' { '\n' } else { c });
    }
    out
}

/// As [`clean`], on one line.
pub fn one_line(text: &str, max: usize) -> String {
    // Reads no more of a huge text than can be needed.
    let head: String = text.chars().take(max.saturating_mul(4).saturating_add(64)).collect();
    let line = clean(&head, usize::MAX).split_whitespace().collect::<Vec<_>>().join(" ");
    clean(&line, max)
}

/// The text for Slack's mark-up: nothing in it can be a link, a mention or a format.
pub fn slack(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // Look-alikes: Slack has no escape for these.
            '*' => out.push('∗'),
            '_' => out.push('ˍ'),
            '~' => out.push('∼'),
            '`' => out.push('ˋ'),
            '@' => out.push('＠'),
            _ => out.push(c),
        }
    }
    out
}

/// A link as it may be shown and followed.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct Link {
    pub url: String,
    /// What is shown: its host.
    pub host: String,
}

/// The longest link that is passed on.
const LINK_MAX: usize = 2_000;

/// `http` and `https` only, without user and password, without anything that could end it early.
pub fn link(text: &str) -> Option<Link> {
    let is_plain = |c: char| {
        c.is_ascii_graphic() && !matches!(c, '<' | '>' | '|' | '"' | '\'' | '`' | '\\' | '^' | '{' | '}')
    };
    if text.len() > LINK_MAX || !text.chars().all(is_plain) {
        return None;
    }
    let url = reqwest::Url::parse(text).ok()?;
    let is_web = matches!(url.scheme(), "http" | "https");
    let host = url.host_str()?.to_owned();
    (is_web && url.username().is_empty() && url.password().is_none())
        .then(|| Link { url: url.as_str().to_owned(), host })
}

/// The alert with all text of others clean and on one line, links safe: for those who get the whole record.
pub fn alert(alert: &Alert) -> Alert {
    let mut tame = alert.clone();
    let line = |text: &mut String, max: usize| *text = one_line(text, max);
    let name = |text: &mut Option<String>| *text = text.take().map(|t| one_line(&t, NAME_MAX));
    line(&mut tame.instrument, NAME_MAX);
    name(&mut tame.headline.instrument);
    tame.rules.iter_mut().for_each(|rule| line(rule, NAME_MAX));
    tame.history.iter_mut().for_each(|step| line(&mut step.because, WORDS_MAX));
    tame.history.iter_mut().for_each(|step| name(&mut step.article_id));
    for item in &mut tame.evidence {
        line(&mut item.publisher, NAME_MAX);
        line(&mut item.title, WORDS_MAX);
        line(&mut item.article_id, NAME_MAX);
        line(&mut item.evidence.quote, WORDS_MAX);
        line(&mut item.evidence.sentence, WORDS_MAX);
        [&mut item.instrument, &mut item.object, &mut item.origin].into_iter().for_each(name);
        item.url = item.url.as_deref().and_then(link).map(|l| l.url);
    }
    tame
}

fn is_harmless(c: char) -> bool {
    let is_control = c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    let is_hidden = matches!(c,
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{ad}'
        | '\u{61c}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}');
    !is_control && !is_hidden
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_is_tamed() {
        let hostile = "a\u{1b}[31mred\u{202e}txt\u{0}\r\nb\tc";
        assert_eq!(clean(hostile, 100), "a[31mredtxt\n\nb\tc");
        assert_eq!(one_line(hostile, 100), "a[31mredtxt b c");
        assert_eq!(one_line(&"x".repeat(10), 3), "xxx…");
        assert_eq!(one_line(&"x ".repeat(1_000_000), 3), "x x…");
    }

    #[test]
    fn slack_sees_no_mark_up() {
        assert_eq!(slack("<!channel> & *b*"), "&lt;!channel&gt; &amp; ∗b∗");
    }

    #[test]
    fn links_lead_to_the_web_only() {
        assert_eq!(link("https://a.example/x?y=1").unwrap().host, "a.example");
        for bad in [
            "javascript:alert(1)",
            "data:text/html,x",
            "https://a.example/|evil",
            "https://user:secret@a.example/",
            "https://a.example/\nHost: b",
            "//a.example",
            "",
        ] {
            assert_eq!(link(bad), None, "{bad}");
        }
    }
}
