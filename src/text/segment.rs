//! Text → tokens and sentences in one pass.

use super::abbreviation::{is_abbreviation, is_dotted, is_title};
use super::token::{CaseClass, Token, TokenKind, case_of};

/// Longer sentences are cut: nobody writes them, and trees of them mean nothing.
pub const SENTENCE_TOKENS_MAX: usize = 160;
/// The longest word that is looked at for clitics and hyphens, in bytes.
const WORD_MAX: usize = 256;

/// Tokens `first..last`, bytes `start..end`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SentenceSpan {
    pub first: u32,
    pub last: u32,
    pub start: u32,
    pub end: u32,
}

/// A text cut up.
#[derive(Default, Debug, Clone)]
pub struct Segmented {
    pub tokens: Vec<Token>,
    pub sentences: Vec<SentenceSpan>,
}

/// Cuts `text`; `out` is overwritten. Linear in the text's length, whatever its bytes.
pub fn segment(text: &str, out: &mut Segmented) {
    out.tokens.clear();
    out.sentences.clear();
    let mut cutter = Cutter { text, out, open: 0, breaks: false };
    let mut chars = text.char_indices().peekable();
    let mut space = true;
    while let Some((at, c)) = chars.next() {
        if c.is_whitespace() || is_invisible(c) {
            if matches!(c, '\n' | '\u{2028}' | '\u{2029}') {
                cutter.end_sentence();
            }
            space |= c.is_whitespace();
            continue;
        }
        let mut end = at + c.len_utf8();
        if is_word(c) {
            while let Some((next, d)) = chars.peek().copied() {
                if !continues(text, at, next, c, d) {
                    break;
                }
                chars.next();
                end = next + d.len_utf8();
            }
            cutter.word(at, end, space);
        } else {
            while let Some((next, d)) = chars.peek()
                && *d == c
                && matches!(c, '.' | '-')
            {
                end = next + d.len_utf8();
                chars.next();
            }
            cutter.mark(at, end, space);
        }
        space = false;
    }
    cutter.end_sentence();
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric()
        || c == '$'
        || c == '€'
        || c == '£'
        || c == '%'
        || c == '@'
        || c == '#'
        || c == '&'
        || unicode_normalization::char::is_combining_mark(c)
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{ad}')
}

/// Whether `d` at `next` goes on with the word that began with `first` at `start`.
fn continues(text: &str, start: usize, next: usize, first: char, d: char) -> bool {
    if next - start > WORD_MAX {
        return false;
    }
    let after = text[next + d.len_utf8()..].chars().next();
    let follows = after.is_some_and(|c| c.is_alphanumeric());
    if matches!(d, '%' | '€' | '£') {
        return false;
    }
    if is_word(d) {
        return d.is_alphanumeric()
            || unicode_normalization::char::is_combining_mark(d)
            || matches!(d, '&' | '$');
    }
    match d {
        '\'' | '’' | 'ʼ' | '-' | '‑' | '_' => follows,
        '.' => {
            let so_far = &text[start..next];
            let is_digits =
                so_far.ends_with(|c: char| c.is_ascii_digit()) && after.is_some_and(|c| c.is_ascii_digit());
            let is_letters = so_far.chars().count() == 1 && first.is_alphabetic() || is_dotted(so_far);
            is_digits || is_letters && (follows || is_dotted(so_far) || first.is_uppercase())
        }
        ',' | ':' => {
            text[..next].ends_with(|c: char| c.is_ascii_digit()) && after.is_some_and(|c| c.is_ascii_digit())
        }
        _ => false,
    }
}

struct Cutter<'a, 'o> {
    text: &'a str,
    out: &'o mut Segmented,
    /// First token of the sentence that is open.
    open: usize,
    /// A mark that ends the sentence was seen; closing quotes may follow.
    breaks: bool,
}

impl Cutter<'_, '_> {
    fn push(&mut self, start: usize, end: usize, kind: TokenKind, space_before: bool) {
        if self.breaks {
            self.end_sentence();
        }
        let case = if kind == TokenKind::Word { case_of(&self.text[start..end]) } else { CaseClass::None };
        self.out.tokens.push(Token { start: start as u32, end: end as u32, kind, case, space_before });
        if self.out.tokens.len() - self.open >= SENTENCE_TOKENS_MAX {
            self.end_sentence();
        }
    }

    /// A run of word characters: clitics and hyphens between names are cut off.
    fn word(&mut self, start: usize, end: usize, space: bool) {
        let word = &self.text[start..end];
        if self.breaks && !self.starts_sentence(word, space) {
            self.breaks = false;
        }
        let cut = clitic(word).map_or(end, |at| start + at);
        let mut from = start;
        let mut space = space;
        if from < cut {
            for (piece, is_hyphen) in pieces(&self.text[from..cut]) {
                let to = from + piece;
                let is_number = self.text[from..to]
                    .chars()
                    .next()
                    .is_some_and(|c| c.is_ascii_digit() || matches!(c, '$' | '€' | '£'));
                let kind = match (is_hyphen, is_number) {
                    (true, _) => TokenKind::Punct,
                    (_, true) => TokenKind::Number,
                    _ => TokenKind::Word,
                };
                self.push(from, to, kind, space);
                space = false;
                from = to;
            }
        }
        if cut < end {
            self.push(cut, end, TokenKind::Word, space);
        }
        // "U.S." keeps its last period, which may end the sentence too.
        self.breaks = word.ends_with('.');
    }

    /// After a period: a capital, a digit or a quote begins a sentence; lower case goes on, unless all is lower case.
    fn starts_sentence(&self, word: &str, space: bool) -> bool {
        let Some(first) = word.chars().next() else { return false };
        if !space {
            return false;
        }
        let before = self.word_before_mark();
        if is_title(before) {
            return false;
        }
        if is_abbreviation(before) {
            // "in the U.S. The army": only a capital that is no likely name goes on as a new sentence.
            return first.is_uppercase() && STARTERS.contains(&word.to_lowercase().as_str());
        }
        !first.is_lowercase() || self.is_lower_text()
    }

    /// The word before the mark that may end the sentence.
    fn word_before_mark(&self) -> &str {
        let tokens = &self.out.tokens;
        let word = tokens.iter().rev().take(4).find(|t| t.kind == TokenKind::Word);
        word.map_or("", |t| t.text(self.text).trim_end_matches('.'))
    }

    /// The open sentence has no capital at all.
    fn is_lower_text(&self) -> bool {
        self.out.tokens[self.open..].iter().all(|t| matches!(t.case, CaseClass::Lower | CaseClass::None))
    }

    fn mark(&mut self, start: usize, end: usize, space: bool) {
        let text = &self.text[start..end];
        let closes = matches!(text, "\"" | "”" | "’" | "'" | ")" | "]" | "»") && !space;
        if self.breaks && !closes {
            let opens = space && matches!(text, "\"" | "“" | "‘" | "'" | "(" | "[" | "—" | "–" | "-" | "•");
            if !opens || is_title(self.word_before_mark()) {
                self.breaks = opens && !is_title(self.word_before_mark());
            }
        }
        let breaks = self.breaks;
        self.breaks = self.breaks && !closes;
        self.push(start, end, TokenKind::Punct, space);
        self.breaks = match text {
            "." => !self.is_inside_abbreviation(),
            "!" | "?" | "…" | "..." => true,
            ";" | "•" => false,
            _ => breaks && closes,
        };
    }

    /// The period just pushed belongs to a title: "Gen."
    fn is_inside_abbreviation(&self) -> bool {
        is_title(self.word_before_mark()) && self.out.tokens.len() >= 2
    }

    fn end_sentence(&mut self) {
        self.breaks = false;
        let last = self.out.tokens.len();
        if last == self.open {
            return;
        }
        let (start, end) = (self.out.tokens[self.open].start, self.out.tokens[last - 1].end);
        self.out.sentences.push(SentenceSpan { first: self.open as u32, last: last as u32, start, end });
        self.open = last;
    }
}

/// Words that begin sentences and hardly ever names.
const STARTERS: &[&str] = &[
    "the",
    "a",
    "an",
    "in",
    "on",
    "it",
    "its",
    "he",
    "she",
    "they",
    "but",
    "and",
    "after",
    "this",
    "that",
    "these",
    "those",
    "at",
    "for",
    "as",
    "however",
    "there",
    "we",
    "i",
    "if",
    "when",
    "while",
    "earlier",
    "both",
    "two",
    "some",
    "many",
    "several",
    "officials",
    "according",
    "meanwhile",
    "also",
    "his",
    "her",
    "their",
    "last",
    "no",
    "one",
];

/// Where a clitic begins: "Iran|'s", "did|n't", "they|'re".
fn clitic(word: &str) -> Option<usize> {
    let lower = word.to_lowercase();
    if lower.len() != word.len() {
        return None;
    }
    let straight = lower.replace('’', "'");
    for tail in ["'s", "'re", "'ve", "'ll", "'d", "'m"] {
        if straight.ends_with(tail) {
            let letters = tail.len() - 1;
            return word.char_indices().rev().nth(letters).map(|(at, _)| at).filter(|at| *at > 0);
        }
    }
    if straight.ends_with("n't") && straight.len() > 3 {
        return word.char_indices().rev().nth(2).map(|(at, _)| at);
    }
    if lower == "cannot" {
        return Some(3);
    }
    None
}

/// Cuts "Israel-Hamas" and "US-led" at the hyphen; leaves "cease-fire" whole. Gives lengths and whether a hyphen.
fn pieces(word: &str) -> Vec<(usize, bool)> {
    if word.contains(['-', '‑']) {
        let parts: Vec<&str> = word.split(['-', '‑']).collect();
        let is_name =
            |part: &str| part.chars().next().is_some_and(char::is_uppercase) && part.chars().count() > 1;
        let splits = parts.len() <= 4
            && parts.iter().all(|part| !part.is_empty())
            && is_name(parts[0])
            && parts[1..].iter().all(|part| part.chars().count() > 2)
            && !(parts[0].eq_ignore_ascii_case("al") || parts[0].eq_ignore_ascii_case("el"));
        if splits {
            let mut list = Vec::new();
            for (index, part) in parts.iter().enumerate() {
                if index > 0 {
                    let hyphen = word[list.iter().map(|(n, _)| *n).sum::<usize>()..]
                        .chars()
                        .next()
                        .map_or(1, char::len_utf8);
                    list.push((hyphen, true));
                }
                list.push((part.len(), false));
            }
            return list;
        }
    }
    vec![(word.len(), false)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cut(text: &str) -> Vec<Vec<String>> {
        let mut out = Segmented::default();
        segment(text, &mut out);
        out.sentences
            .iter()
            .map(|s| {
                out.tokens[s.first as usize..s.last as usize]
                    .iter()
                    .map(|t| t.text(text).to_owned())
                    .collect()
            })
            .collect()
    }

    #[test]
    fn abbreviations_end_no_sentence() {
        assert_eq!(cut("The U.S. envoy met Gen. Smith. He left.").len(), 2);
        assert_eq!(cut("Troops left the U.S. The army said so.").len(), 2);
        assert_eq!(cut("J. D. Vance arrived at 5 p.m. in Rome.").len(), 1);
    }

    #[test]
    fn quotes_stay_with_their_sentence() {
        let cut = cut("“We will act.” The minister left.");
        assert_eq!(cut.len(), 2);
        assert_eq!(cut[0].last().map(String::as_str), Some("”"));
    }

    #[test]
    fn clitics_and_names_are_cut() {
        assert_eq!(
            cut("Iran's envoy didn't sign the India-Pakistan pact"),
            [["Iran", "'s", "envoy", "did", "n't", "sign", "the", "India", "-", "Pakistan", "pact"]
                .map(str::to_owned)
                .to_vec()]
        );
        assert_eq!(
            cut("a cease-fire for US$1.5 million")[0],
            ["a", "cease-fire", "for", "US$1.5", "million"]
        );
    }

    #[test]
    fn lower_case_text_has_sentences() {
        assert_eq!(cut("iran closed its airspace. iraq did not follow.").len(), 2);
    }

    proptest! {
        #[test]
        fn spans_are_in_order_and_on_borders(text in "\\PC{0,200}|[a-zA-Z.'’\" \\n-]{0,300}") {
            let mut out = Segmented::default();
            segment(&text, &mut out);
            let mut last = 0;
            for token in &out.tokens {
                prop_assert!(token.start >= last && token.end > token.start);
                prop_assert!(text.is_char_boundary(token.start as usize) && text.is_char_boundary(token.end as usize));
                last = token.end;
            }
            let count: usize = out.sentences.iter().map(|s| (s.last - s.first) as usize).sum();
            prop_assert_eq!(count, out.tokens.len());
        }
    }
}
