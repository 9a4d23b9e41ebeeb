//! Words whose period ends no sentence.

/// Lower case, without the last period.
const ABBREVIATIONS: &[&str] = &[
    "adm", "ave", "bros", "brig", "capt", "cmdr", "co", "col", "corp", "cpl", "dept", "det", "dr", "drs",
    "est", "etc", "fig", "fr", "ft", "gen", "gov", "hon", "inc", "insp", "jr", "lt", "ltd", "maj", "messrs",
    "mr", "mrs", "ms", "mt", "no", "nos", "pfc", "ph.d", "pp", "pres", "prof", "pvt", "rep", "reps", "rev",
    "sec", "sen", "sens", "sgt", "sr", "st", "supt", "univ", "vol", "vs", "v", "jan", "feb", "mar", "apr",
    "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec", "mon", "tue", "tues", "wed", "thu", "thur",
    "thurs", "fri", "sat", "sun", "approx", "ca", "cf", "e.g", "i.e", "a.m", "p.m", "u.s", "u.k", "u.n",
    "u.s.a", "d.c", "e.u", "u.a.e", "amb", "atty", "comdr", "secy", "min", "dep", "asst", "gens", "lieut",
    "hrs", "min", "sq", "mi", "km", "al", "intl", "natl", "govt", "bn", "mn",
];

/// The word before a period is an abbreviation or an initial.
pub fn is_abbreviation(word: &str) -> bool {
    let mut letters = word.chars();
    let is_initial = matches!((letters.next(), letters.next()), (Some(c), None) if c.is_uppercase());
    is_initial || ABBREVIATIONS.iter().any(|known| word.eq_ignore_ascii_case(known)) || is_dotted(word)
}

/// The longest word that is looked at for letters with periods between, in bytes.
const DOTTED_MAX: usize = 24;

/// "U.S", "J.D", "D.C": single letters with periods between.
pub fn is_dotted(word: &str) -> bool {
    word.len() <= DOTTED_MAX
        && word.contains('.')
        && word.split('.').all(|part| part.chars().count() == 1 && part.chars().all(char::is_alphabetic))
}

/// Titles and short words that are followed by a name: the sentence surely goes on.
pub fn is_title(word: &str) -> bool {
    const TITLES: &[&str] = &[
        "adm", "brig", "capt", "cmdr", "col", "dr", "gen", "gov", "hon", "lt", "maj", "messrs", "mr", "mrs",
        "ms", "mt", "pres", "prof", "rep", "reps", "rev", "sen", "sens", "sgt", "st", "vs", "no", "amb",
        "fr", "e.g", "i.e", "gens",
    ];
    TITLES.iter().any(|title| word.eq_ignore_ascii_case(title))
}
