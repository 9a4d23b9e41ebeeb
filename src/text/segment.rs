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
    let mut at = 0;
    let mut space = true;
    while let Some(c) = char_at(text, at) {
        let next = at + c.len_utf8();
        if c.is_whitespace() || is_invisible(c) {
            if matches!(c, '\n' | '\u{2028}' | '\u{2029}') {
                cutter.end_sentence();
            }
            space |= c.is_whitespace();
            at = next;
            continue;
        }
        if is_word(c) {
            let end = word_end(text, at, next, c);
            cutter.word(at, end, space);
            at = end;
        } else {
            let end = if matches!(c, '.' | '-') { run_end(text, at, c) } else { next };
            cutter.mark(at, end, space);
            at = end;
        }
        space = false;
    }
    cutter.end_sentence();
}

/// The character that begins at byte `at`, a border.
#[inline]
fn char_at(text: &str, at: usize) -> Option<char> {
    match text.as_bytes().get(at) {
        Some(byte) if byte.is_ascii() => Some(char::from(*byte)),
        _ => text.get(at..).and_then(|rest| rest.chars().next()),
    }
}

/// Where the word that begins with `first` at `start` ends.
fn word_end(text: &str, start: usize, next: usize, first: char) -> usize {
    let bytes = text.as_bytes();
    let mut end = next;
    loop {
        // Plain letters and digits, of which most words are made.
        let window = &bytes[end..bytes.len().min(start + WORD_MAX).max(end)];
        end += window.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        match char_at(text, end) {
            Some(d) if continues(text, start, end, first, d) => end += d.len_utf8(),
            _ => return end,
        }
    }
}

/// Where a run of the same mark ends: "...", "--".
fn run_end(text: &str, start: usize, mark: char) -> usize {
    let rest = text.as_bytes()[start..].iter();
    start + rest.take_while(|byte| char::from(**byte) == mark).count()
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
        || !c.is_ascii() && unicode_normalization::char::is_combining_mark(c)
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{ad}')
}

/// Whether `d` at `next` goes on with the word that began with `first` at `start`.
fn continues(text: &str, start: usize, next: usize, first: char, d: char) -> bool {
    if next - start > WORD_MAX || d.is_ascii_whitespace() {
        return false;
    }
    let after = char_at(text, next + d.len_utf8());
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
            let is_letters = so_far.len() == first.len_utf8() && first.is_alphabetic() || is_dotted(so_far);
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
        let text = self.text;
        let (mut from, mut space) = (start, space);
        if from < cut {
            pieces(&text[start..cut], |length, is_hyphen| {
                let kind = match text[from..].chars().next() {
                    _ if is_hyphen => TokenKind::Punct,
                    Some('0'..='9' | '$' | '€' | '£') => TokenKind::Number,
                    _ => TokenKind::Word,
                };
                self.push(from, from + length, kind, space);
                (from, space) = (from + length, false);
            });
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
            return first.is_uppercase() && STARTERS.iter().any(|starter| word.eq_ignore_ascii_case(starter));
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
    const TAILS: &[&str] = &["s", "re", "ve", "ll", "d", "m"];
    let Some((at, mark)) = word.char_indices().rev().take(3).find(|(_, c)| matches!(c, '\'' | '’')) else {
        return word.eq_ignore_ascii_case("cannot").then_some(3);
    };
    let tail = &word[at + mark.len_utf8()..];
    if at > 0 && TAILS.iter().any(|known| tail.eq_ignore_ascii_case(known)) {
        return Some(at);
    }
    let is_not = tail.eq_ignore_ascii_case("t") && word[..at].ends_with(['n', 'N']);
    (is_not && at > 1).then(|| at - 1)
}

/// Cuts "Israel-Hamas" and "US-led" at the hyphens and leaves "cease-fire" whole. Calls `each` with every piece's length
/// and whether it is a hyphen.
fn pieces(word: &str, mut each: impl FnMut(usize, bool)) {
    if !splits(word) {
        return each(word.len(), false);
    }
    for piece in word.split_inclusive(HYPHENS) {
        let part = piece.trim_end_matches(HYPHENS);
        each(part.len(), false);
        if part.len() < piece.len() {
            each(piece.len() - part.len(), true);
        }
    }
}

const HYPHENS: [char; 2] = ['-', '‑'];

/// A name of more than one letter stands before the first hyphen, and longer words behind each.
fn splits(word: &str) -> bool {
    let mut parts = word.split(HYPHENS);
    let first = parts.next().unwrap_or_default();
    let is_name = first.chars().next().is_some_and(char::is_uppercase) && first.chars().nth(1).is_some();
    let is_article = first.eq_ignore_ascii_case("al") || first.eq_ignore_ascii_case("el");
    let mut others = 0;
    for part in parts {
        others += 1;
        if others > 3 || part.chars().nth(2).is_none() {
            return false;
        }
    }
    others > 0 && is_name && !is_article
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
