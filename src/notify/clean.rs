//! The one function that all text of others passes before it leaves the house.

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
    clean(text, max).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_harmless(c: char) -> bool {
    let is_control = c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    let is_hidden = matches!(c,
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{ad}'
        | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}');
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
    }
}
