//! [`Token`]: a word, number or mark with its place in the text.

/// What a token is made of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TokenKind {
    Word,
    Number,
    Punct,
}

/// How a token is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CaseClass {
    Lower,
    Title,
    Upper,
    Mixed,
    /// Has no letters.
    None,
}

/// Bytes `start..end` of the text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Token {
    pub start: u32,
    pub end: u32,
    pub kind: TokenKind,
    pub case: CaseClass,
    /// White space, or the beginning of the text, stands before it.
    pub space_before: bool,
}

impl Token {
    /// The token's words in the text that it was cut from; empty for another text.
    pub fn text<'a>(&self, source: &'a str) -> &'a str {
        source.get(self.start as usize..self.end as usize).unwrap_or_default()
    }
}

/// The case of a word.
pub fn case_of(word: &str) -> CaseClass {
    if word.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return ascii_case(word.as_bytes());
    }
    let mut letters = word.chars().filter(|c| c.is_alphabetic());
    let Some(first) = letters.next() else { return CaseClass::None };
    let (mut upper, mut lower) = (0, 0);
    for c in letters {
        if c.is_uppercase() { upper += 1 } else { lower += 1 }
    }
    match (first.is_uppercase(), upper, lower) {
        (true, 0, 0) => CaseClass::Upper,
        (true, _, 0) => CaseClass::Upper,
        (true, 0, _) => CaseClass::Title,
        (false, 0, _) => CaseClass::Lower,
        _ => CaseClass::Mixed,
    }
}

/// The case of a word of plain letters.
fn ascii_case(word: &[u8]) -> CaseClass {
    let Some((first, rest)) = word.split_first() else { return CaseClass::None };
    let upper = rest.iter().filter(|byte| byte.is_ascii_uppercase()).count();
    match (first.is_ascii_uppercase(), upper) {
        (false, 0) => CaseClass::Lower,
        (true, upper) if upper == rest.len() => CaseClass::Upper,
        (true, 0) => CaseClass::Title,
        _ => CaseClass::Mixed,
    }
}
