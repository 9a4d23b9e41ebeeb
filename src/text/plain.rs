//! A field's text without mark-up, with the way back to the bytes as they came.

use std::borrow::Cow;

/// Text and where each run of it stood in the original.
#[derive(Clone, Debug, Default)]
pub struct Plain {
    text: String,
    /// (byte of `text`, byte of the original), ascending: from there on both run in step.
    steps: Vec<(usize, usize)>,
    original_len: usize,
}

/// Tags that end a line.
const BLOCKS: &[&str] = &[
    "p",
    "br",
    "div",
    "li",
    "ul",
    "ol",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "tr",
    "td",
    "table",
    "blockquote",
    "section",
    "article",
    "header",
    "footer",
    "figure",
    "figcaption",
    "hr",
];
/// Tags whose content is no text.
const HIDDEN: &[&str] = &["script", "style", "noscript", "template", "svg"];

impl Plain {
    /// Takes tags out and decodes entities, where `raw` looks like mark-up; other text stays as it is.
    pub fn of(raw: &str) -> Plain {
        let mut plain = Plain { original_len: raw.len(), ..Plain::default() };
        let marked = raw.contains('<') || raw.contains('&');
        if !marked {
            plain.text = raw.to_owned();
            plain.steps.push((0, 0));
            return plain;
        }
        let mut at = 0;
        while at < raw.len() {
            let rest = &raw[at..];
            if rest.starts_with('<')
                && let Some(tag) = Tag::read(rest)
            {
                at = plain.tag(raw, at, &tag);
            } else if rest.starts_with('&')
                && let Some((decoded, length)) = entity(rest)
            {
                plain.put(&decoded, at);
                at += length;
            } else {
                let first = rest.chars().next().map_or(1, char::len_utf8);
                let next = rest[first..].find(['<', '&']).map_or(rest.len(), |n| n + first);
                plain.put(&rest[..next], at);
                at += next;
            }
        }
        plain
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// The original's byte where the text's byte `at` stood.
    pub fn original(&self, at: usize) -> usize {
        let index = self.steps.partition_point(|(text, _)| *text <= at);
        let Some((text, original)) = index.checked_sub(1).map(|i| self.steps[i]) else { return at };
        (original + (at - text)).min(self.original_len)
    }

    /// The original's byte behind the text's bytes `..at`.
    pub fn original_end(&self, at: usize) -> usize {
        match at.checked_sub(1) {
            Some(last) => (self.original(last) + 1).min(self.original_len),
            None => 0,
        }
    }

    fn put(&mut self, piece: &str, original: usize) {
        self.steps.push((self.text.len(), original));
        self.text.push_str(piece);
    }

    /// Skips a tag, and what it hides; gives where to go on.
    fn tag(&mut self, raw: &str, at: usize, tag: &Tag<'_>) -> usize {
        let end = at + tag.length;
        if BLOCKS.iter().any(|b| tag.name.eq_ignore_ascii_case(b)) {
            self.put("\n", at);
        }
        if !tag.is_end && HIDDEN.iter().any(|h| tag.name.eq_ignore_ascii_case(h)) {
            return hidden_end(raw, end, tag.name);
        }
        end
    }
}

/// Behind `</name`, or the end of the text.
fn hidden_end(raw: &str, from: usize, name: &str) -> usize {
    let bytes = raw.as_bytes();
    let mut at = from;
    while let Some(next) = raw[at..].find("</") {
        let start = at + next + 2;
        let same =
            bytes.get(start..start + name.len()).is_some_and(|b| b.eq_ignore_ascii_case(name.as_bytes()));
        if same {
            return raw[start..].find('>').map_or(raw.len(), |n| start + n + 1);
        }
        at = start;
    }
    raw.len()
}

struct Tag<'a> {
    name: &'a str,
    is_end: bool,
    length: usize,
}

/// The longest tag that is taken for one, in bytes.
const TAG_MAX: usize = 4_096;

impl<'a> Tag<'a> {
    fn read(rest: &'a str) -> Option<Tag<'a>> {
        if rest.starts_with("<!--") {
            let length = rest.find("-->").map_or(rest.len(), |n| n + 3);
            return Some(Tag { name: "", is_end: false, length });
        }
        let body = &rest[1..];
        let is_end = body.starts_with('/');
        let body = body.strip_prefix('/').unwrap_or(body);
        let first = body.chars().next()?;
        if !(first.is_ascii_alphabetic() || first == '!' || first == '?') {
            return None;
        }
        let window = rest.as_bytes();
        let inner = &window[1..window.len().min(TAG_MAX)];
        let close =
            1 + inner.iter().position(|b| matches!(b, b'>' | b'<')).filter(|at| inner[*at] == b'>')?;
        let name = body.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        Some(Tag { name, is_end, length: close + 1 })
    }
}

fn entity(rest: &str) -> Option<(Cow<'static, str>, usize)> {
    let window = rest.as_bytes();
    let end = window[..window.len().min(12)].iter().position(|b| *b == b';')?;
    let name = rest.get(1..end)?;
    let named = match name {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" | "ldquo" | "rdquo" => "\"",
        "apos" | "lsquo" | "rsquo" => "'",
        "nbsp" | "ensp" | "emsp" | "thinsp" => " ",
        "mdash" => "—",
        "ndash" => "–",
        "hellip" => "…",
        "euro" => "€",
        "pound" => "£",
        "eacute" => "é",
        "egrave" => "è",
        "ccedil" => "ç",
        "uuml" => "ü",
        "ouml" => "ö",
        "auml" => "ä",
        "oacute" => "ó",
        "aacute" => "á",
        "iacute" => "í",
        "ntilde" => "ñ",
        _ => "",
    };
    if !named.is_empty() {
        return Some((Cow::Borrowed(named), end + 1));
    }
    let number = name.strip_prefix('#')?;
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => number.parse().ok()?,
    };
    let c = char::from_u32(code).filter(|c| *c != '\0')?;
    Some((Cow::Owned(c.to_string()), end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn mark_up_goes_and_places_stay() {
        let raw = "<p>Envoys <b>met</b> in Rome &amp; Bern.</p><script>x<1</script><p>End</p>";
        let plain = Plain::of(raw);
        assert_eq!(plain.text().trim(), "Envoys met in Rome & Bern.\n\nEnd");
        let at = plain.text().find("met").unwrap();
        assert_eq!(&raw[plain.original(at)..plain.original_end(at + 3)], "met");
    }

    #[test]
    fn text_that_is_no_mark_up_stays() {
        assert_eq!(Plain::of("a < b & c").text(), "a < b & c");
        assert_eq!(Plain::of("AT&T & more").text(), "AT&T & more");
    }

    proptest! {
        #[test]
        fn never_panics_and_stays_within(raw in "(\\PC|<p>|</p>|&amp;|<|>|&|<script>){0,60}") {
            let plain = Plain::of(&raw);
            for at in 0..=plain.text().len() {
                prop_assert!(plain.original(at) <= raw.len());
            }
        }
    }
}
