//! What tagger, parser and labeller see of a word.

use super::{Pos, Tag};

/// A word as hashes and small numbers: all that features are made of.
#[derive(Clone, Copy, Debug, Default)]
pub struct Atom {
    /// Hash of the lower-cased form; digits count as one, names of several words as one.
    pub word: u32,
    /// Hashes of the last one to four characters.
    pub suffix: [u32; 4],
    /// Hash of the first three characters.
    pub prefix: u32,
    /// How the word is written: capitals, digits, hyphens, marks.
    pub shape: u8,
}

/// Number of the absent tag or relation.
pub const NO_LABEL: u8 = 63;

const CAPITAL: u8 = 1;
const CAPITALS: u8 = 2;
const DIGIT: u8 = 4;
const HYPHEN: u8 = 8;
const SPACE: u8 = 16;
const LETTER: u8 = 32;

impl Atom {
    /// Reads a form; `buffer` is scratch space for its lower case.
    pub fn of(form: &str, buffer: &mut String) -> Atom {
        buffer.clear();
        let mut shape = 0;
        let (mut upper, mut lower) = (0u32, 0u32);
        for (at, c) in form.chars().enumerate() {
            match c {
                'A'..='Z' => {
                    shape |= LETTER | if at == 0 { CAPITAL } else { 0 };
                    upper += 1;
                    buffer.push(c.to_ascii_lowercase());
                }
                'a'..='z' => {
                    shape |= LETTER;
                    lower += 1;
                    buffer.push(c);
                }
                '0'..='9' => {
                    shape |= DIGIT;
                    buffer.push('0');
                }
                '-' | '‑' => {
                    shape |= HYPHEN;
                    buffer.push('-');
                }
                '’' | '‘' => buffer.push('\''),
                '“' | '”' => buffer.push('"'),
                c if c.is_whitespace() => {
                    shape |= SPACE;
                    buffer.push(' ');
                }
                c => {
                    if c.is_alphabetic() {
                        shape |= LETTER;
                    }
                    if c.is_uppercase() {
                        shape |= if at == 0 { CAPITAL } else { 0 };
                        upper += 1;
                    } else {
                        lower += 1;
                    }
                    buffer.extend(c.to_lowercase());
                }
            }
        }
        if upper > 1 && lower == 0 {
            shape |= CAPITALS;
        }
        let text = buffer.as_str();
        let word = if shape & SPACE != 0 { hash("<name>") } else { hash(text) };
        let mut suffix = [0; 4];
        let mut ends = text.char_indices().rev();
        for slot in &mut suffix {
            match ends.next() {
                Some((at, _)) => *slot = hash(&text[at..]),
                None => *slot = word,
            }
        }
        let prefix = text.char_indices().nth(3).map_or(word, |(at, _)| hash(&text[..at]));
        Atom { word, suffix, prefix, shape }
    }
}

/// FNV-1a; never 0, which stands for no word.
fn hash(text: &str) -> u32 {
    let mut h = 0x811c_9dc5_u32;
    for byte in text.bytes() {
        h = (h ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    }
    h | 1
}

/// The tags that a word of a known class may bear, as bits.
pub fn allowed(hint: Option<Pos>) -> u64 {
    let all = (1u64 << Tag::ALL.len()) - 1;
    let bits = |tags: &[Tag]| tags.iter().fold(0u64, |sum, tag| sum | 1 << *tag as u8);
    match hint {
        None => all,
        Some(Pos::Propn) => bits(&[Tag::Nnp, Tag::Nnps]),
        Some(Pos::Noun) => bits(&[Tag::Nn, Tag::Nns]),
        Some(Pos::Verb) => bits(&[Tag::Vb, Tag::Vbd, Tag::Vbp, Tag::Vbz, Tag::Vbn, Tag::Vbg]),
        Some(Pos::Aux) => bits(&[Tag::Md, Tag::Vb, Tag::Vbd, Tag::Vbp, Tag::Vbz, Tag::Vbn, Tag::Vbg]),
        Some(Pos::Adj) => bits(&[Tag::Jj, Tag::Jjr, Tag::Jjs]),
        Some(Pos::Adv) => bits(&[Tag::Rb, Tag::Rbr, Tag::Rbs, Tag::Wrb]),
        Some(Pos::Num) => bits(&[Tag::Cd]),
        Some(Pos::Adp) => bits(&[Tag::In, Tag::Rp, Tag::To]),
        Some(Pos::Sconj) => bits(&[Tag::In, Tag::Wrb]),
        Some(Pos::Det) => bits(&[Tag::Dt, Tag::Wdt, Tag::Pdt]),
        Some(Pos::Pron) => bits(&[Tag::Prp, Tag::PrpS, Tag::Wp, Tag::WpS, Tag::Wdt, Tag::Dt, Tag::Ex]),
        Some(Pos::Cconj) => bits(&[Tag::Cc]),
        Some(Pos::Part) => bits(&[Tag::To, Tag::PosS, Tag::Rb]),
        Some(Pos::Intj) => bits(&[Tag::Uh]),
        Some(Pos::Sym) => bits(&[Tag::Sym]),
        Some(Pos::Punct) => bits(&[Tag::Punct, Tag::Hyph]),
        Some(Pos::X) => bits(&[Tag::Fw, Tag::Other, Tag::Ls]),
    }
}
