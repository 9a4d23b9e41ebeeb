//! Word forms: from an inflected word to its basic form, and back.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::Pos;
use super::irregular::{MORE_FORMS, NOT_DOUBLED, NOUNS, VERBS};
use super::stem::unstem;

struct Tables {
    verbs: HashMap<String, &'static str>,
    nouns: HashMap<&'static str, &'static str>,
}

fn tables() -> &'static Tables {
    static TABLES: OnceLock<Tables> = OnceLock::new();
    TABLES.get_or_init(|| {
        let mut verbs = HashMap::new();
        for (base, ..) in VERBS {
            for form in verb_forms(base) {
                verbs.entry(form).or_insert(*base);
            }
        }
        for (form, base) in MORE_FORMS {
            verbs.insert((*form).to_owned(), base);
        }
        let nouns = NOUNS.iter().map(|(singular, plural)| (*plural, *singular)).collect();
        Tables { verbs, nouns }
    })
}

/// The basic form of a folded word: the infinitive of a verb, the singular of a noun; others stay.
pub fn lemma(word: &str, pos: Pos) -> String {
    match pos {
        Pos::Verb | Pos::Aux => verb_lemma(word),
        Pos::Noun | Pos::Propn => noun_lemma(word),
        Pos::Adj if word.ends_with("ed") || word.ends_with("ing") => word.to_owned(),
        _ => word.to_owned(),
    }
}

/// All inflections of a basic form, itself included; both spellings of -ise and -ize.
pub fn forms(base: &str, pos: Pos) -> Vec<String> {
    let mut list = match pos {
        Pos::Verb | Pos::Aux => verb_forms(base),
        Pos::Noun | Pos::Propn => vec![base.to_owned(), plural(base)],
        _ => vec![base.to_owned()],
    };
    list.dedup();
    list
}

fn verb_lemma(word: &str) -> String {
    if let Some(base) = tables().verbs.get(word) {
        return (*base).to_owned();
    }
    if let Some((prefix, base)) = prefixed(word) {
        return format!("{prefix}{base}");
    }
    if let Some(stem) = word.strip_suffix("ies").or_else(|| word.strip_suffix("ied")) {
        return if stem.len() > 1 { format!("{stem}y") } else { format!("{stem}ie") };
    }
    if let Some(stem) = word.strip_suffix("ing").filter(|s| has_vowel(s)) {
        return unstem(stem);
    }
    if let Some(stem) = word.strip_suffix("ed").filter(|s| has_vowel(s)) {
        return unstem(stem);
    }
    for tail in ["ches", "shes", "sses", "xes", "zzes", "oes"] {
        if word.ends_with(tail) {
            return word[..word.len() - 2].to_owned();
        }
    }
    match word.strip_suffix('s') {
        Some(stem) if stem.len() > 2 && !stem.ends_with(['s', 'u', 'i']) => stem.to_owned(),
        _ => word.to_owned(),
    }
}

/// Prefixes that leave an irregular verb's forms as they are.
const PREFIXES: [&str; 3] = ["un", "re", "over"];

/// "unfroze", "retook": a prefix before a form of an irregular verb, and that verb.
fn prefixed(word: &str) -> Option<(&'static str, &'static str)> {
    PREFIXES.into_iter().find_map(|prefix| {
        let rest = word.strip_prefix(prefix).filter(|rest| rest.len() > 3)?;
        tables().verbs.get(rest).map(|base| (prefix, *base))
    })
}

fn verb_forms(base: &str) -> Vec<String> {
    let is_known = |base: &str| VERBS.iter().any(|(known, ..)| *known == base);
    let inner = PREFIXES.iter().find_map(|prefix| Some((prefix, base.strip_prefix(prefix)?)));
    if let Some((prefix, rest)) =
        inner.filter(|(_, rest)| rest.len() > 3 && !is_known(base) && is_known(rest))
    {
        return verb_forms(rest).iter().map(|form| format!("{prefix}{form}")).collect();
    }
    if let Some((_, third, past, participle, gerund)) = VERBS.iter().find(|(b, ..)| *b == base) {
        let or = |form: &str, regular: String| if form == "-" { regular } else { form.to_owned() };
        let ends = NOT_DOUBLED.contains(&base)
            || matches!(
                base,
                "draw"
                    | "withdraw"
                    | "throw"
                    | "overthrow"
                    | "show"
                    | "grow"
                    | "blow"
                    | "know"
                    | "slay"
                    | "fly"
                    | "see"
            );
        let ing = if ends { format!("{base}ing") } else { gerund_of(base) };
        return vec![
            base.to_owned(),
            or(third, third_person(base)),
            (*past).to_owned(),
            (*participle).to_owned(),
            or(gerund, ing),
        ];
    }
    let mut list = vec![base.to_owned(), third_person(base), past_of(base), gerund_of(base)];
    if let Some(stem) = base.strip_suffix('l').filter(|_| base.ends_with("el") || base.ends_with("al")) {
        // British doubling: "cancelled"; American: "canceled".
        list.push(format!("{stem}led"));
        list.push(format!("{stem}ling"));
        list.push(format!("{base}ed"));
        list.push(format!("{base}ing"));
    }
    list
}

fn third_person(base: &str) -> String {
    if let Some(stem) = base.strip_suffix('y').filter(|stem| !stem.ends_with(['a', 'e', 'o', 'u'])) {
        return format!("{stem}ies");
    }
    if ["s", "x", "z", "ch", "sh"].iter().any(|tail| base.ends_with(tail)) {
        return format!("{base}es");
    }
    format!("{base}s")
}

fn past_of(base: &str) -> String {
    if base.ends_with('e') {
        return format!("{base}d");
    }
    if let Some(stem) = base.strip_suffix('y').filter(|stem| !stem.ends_with(['a', 'e', 'o', 'u'])) {
        return format!("{stem}ied");
    }
    format!("{}ed", doubled(base))
}

fn gerund_of(base: &str) -> String {
    if let Some(stem) = base.strip_suffix("ie") {
        return format!("{stem}ying");
    }
    if let Some(stem) = base.strip_suffix('e').filter(|stem| !stem.ends_with(['e', 'o', 'y'])) {
        return format!("{stem}ing");
    }
    format!("{}ing", doubled(base))
}

/// Doubles a single final consonant behind one stressed vowel.
fn doubled(base: &str) -> String {
    let bytes = base.as_bytes();
    let n = bytes.len();
    let doubles = n >= 3
        && !is_vowel(bytes[n - 1])
        && !matches!(bytes[n - 1], b'w' | b'x' | b'y' | b'h')
        && is_vowel(bytes[n - 2])
        && !is_vowel(bytes[n - 3])
        && !NOT_DOUBLED.contains(&base)
        && !(base.ends_with("en") && n > 4)
        && !(base.ends_with("er")
            && n > 5
            && !["defer", "refer", "prefer", "transfer", "infer", "confer", "deter"].contains(&base))
        && !(base.ends_with("on") && n > 4)
        && !base.ends_with("or");
    if doubles { format!("{base}{}", char::from(bytes[n - 1])) } else { base.to_owned() }
}

fn noun_lemma(word: &str) -> String {
    if let Some(singular) = tables().nouns.get(word) {
        return (*singular).to_owned();
    }
    if NOUNS.iter().any(|(singular, _)| *singular == word) {
        return word.to_owned();
    }
    if let Some(stem) = word.strip_suffix("ies").filter(|s| s.len() > 1) {
        return format!("{stem}y");
    }
    for tail in ["ches", "shes", "sses", "xes", "zzes"] {
        if word.ends_with(tail) {
            return word[..word.len() - 2].to_owned();
        }
    }
    if let Some(stem) = word.strip_suffix("men").filter(|s| s.len() > 3) {
        return format!("{stem}man");
    }
    match word.strip_suffix('s') {
        Some(stem) if stem.len() > 2 && !stem.ends_with(['s', 'u', 'i']) => stem.to_owned(),
        _ => word.to_owned(),
    }
}

fn plural(base: &str) -> String {
    if let Some((_, plural)) = NOUNS.iter().find(|(singular, _)| *singular == base) {
        return (*plural).to_owned();
    }
    if let Some(stem) = base.strip_suffix("man").filter(|s| s.len() > 3) {
        return format!("{stem}men");
    }
    third_person(base)
}

fn has_vowel(stem: &str) -> bool {
    stem.len() > 1 && stem.bytes().any(|b| is_vowel(b) || b == b'y')
}

pub(super) fn is_vowel(byte: u8) -> bool {
    matches!(byte, b'a' | b'e' | b'i' | b'o' | b'u')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Verbs of diplomacy and war: every form must come back to its base.
    const DIPLOMACY: &[&str] = &[
        "withdraw",
        "strike",
        "shoot",
        "expel",
        "ban",
        "impose",
        "recall",
        "suspend",
        "close",
        "seize",
        "release",
        "cancel",
        "annex",
        "deploy",
        "mobilise",
        "threaten",
        "urge",
        "refuse",
        "deny",
        "accuse",
        "condemn",
        "negotiate",
        "mediate",
        "broker",
        "host",
        "visit",
        "call",
        "meet",
        "agree",
        "sign",
        "ratify",
        "break",
        "violate",
        "breach",
        "shell",
        "bomb",
        "attack",
        "invade",
        "cross",
        "enter",
        "sail",
        "fly",
        "detain",
        "arrest",
        "free",
        "swap",
        "exchange",
        "lift",
        "ease",
        "restore",
        "reopen",
        "resume",
        "normalise",
        "pull",
        "leave",
        "quit",
        "freeze",
        "tear",
        "scrap",
        "abandon",
        "shelve",
        "postpone",
        "reject",
        "rebuff",
        "spurn",
        "boycott",
        "summon",
        "protest",
        "lodge",
        "warn",
        "vow",
        "pledge",
        "retaliate",
        "evacuate",
        "sabotage",
        "poison",
        "hack",
        "blame",
        "capture",
        "raid",
        "storm",
        "sink",
        "ram",
        "jam",
        "block",
        "shut",
        "seal",
        "halt",
        "stop",
        "cut",
        "sever",
        "downgrade",
        "declare",
        "claim",
        "recognise",
        "rename",
        "fire",
        "launch",
        "hit",
        "kill",
        "wound",
        "injure",
        "destroy",
        "damage",
        "target",
        "plan",
        "consider",
        "weigh",
        "mull",
        "prepare",
        "intend",
        "offer",
        "propose",
        "discuss",
        "talk",
        "speak",
        "telephone",
        "phone",
        "sanction",
        "blacklist",
        "extend",
        "tighten",
        "raise",
        "double",
        "levy",
        "slap",
        "escalate",
        "de-escalate",
        "intervene",
        "convene",
        "secede",
        "accede",
        "test",
        "detonate",
        "enrich",
        "stage",
        "mass",
        "station",
        "send",
        "rush",
        "move",
        "order",
        "repatriate",
        "hijack",
    ];

    #[test]
    fn a_prefix_keeps_an_irregular_verb() {
        assert_eq!(lemma("unfroze", Pos::Verb), "unfreeze");
        assert!(forms("unfreeze", Pos::Verb).contains(&"unfrozen".to_owned()));
        assert_eq!(lemma("released", Pos::Verb), "release");
        assert_eq!(lemma("unites", Pos::Verb), "unite");
    }

    #[test]
    fn forms_come_back() {
        for base in DIPLOMACY {
            for form in forms(base, Pos::Verb) {
                assert_eq!(lemma(&form, Pos::Verb), *base, "{form}");
            }
        }
    }

    #[test]
    fn nouns_come_back() {
        for base in [
            "embassy",
            "envoy",
            "crisis",
            "ally",
            "gunman",
            "clash",
            "box",
            "treaty",
            "ceasefire",
            "strike",
            "aircraft",
            "bus",
        ] {
            for form in forms(base, Pos::Noun) {
                assert_eq!(lemma(&form, Pos::Noun), base, "{form}");
            }
        }
    }
}
