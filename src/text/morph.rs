//! Word forms: from an inflected word to its basic form, and back.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::Pos;
use super::irregular::{MORE_FORMS, NOT_DOUBLED, NOUNS, VERBS};

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

/// "stopp" → stop, "clos" → close, "threaten" → threaten.
fn unstem(stem: &str) -> String {
    let with_e = format!("{stem}e");
    let bytes = stem.as_bytes();
    let n = bytes.len();
    if n < 2 {
        return stem.to_owned();
    }
    let (last, before) = (bytes[n - 1], bytes[n - 2]);
    if last == before && !is_vowel(last) {
        // "pull", "assess", "buzz" keep both; "stopp", "expell" lose one.
        let keeps = matches!(last, b's' | b'z' | b'f')
            || last == b'l' && KEEPS_LL.contains(&stem)
            || matches!(stem, "boycott" | "add" | "err" | "purr" | "ebb" | "putt" | "butt");
        return if keeps { stem.to_owned() } else { stem[..n - 1].to_owned() };
    }
    if ENDS_IN_E.contains(&with_e.as_str()) {
        return with_e;
    }
    if NOT_DOUBLED.contains(&stem) || NO_E.contains(&stem) {
        return stem.to_owned();
    }
    let third = if n > 2 { bytes[n - 3] } else { b' ' };
    let silent_e = match last {
        b'v' | b'u' | b'z' => true,
        b'c' => true,
        b's' => !(before == b's' || third == b' ' || stem.ends_with("us") || stem.ends_with("bias")),
        b'g' => {
            before == b'n' && stem.ends_with("ang") && (stem.ends_with("chang") || stem.ends_with("rang"))
                || before == b'd'
                || before == b'r'
                || before == b'a'
                || before == b'e'
        }
        b'l' => !is_vowel(before) && before != b'l' && before != b'r' && before != b'w',
        b'r' => {
            before == b'u'
                || before == b'i' && third != b'a'
                || before == b'a' && third != b'e'
                || before == b'o' && matches!(third, b'n' | b'l' | b'p') && stem.ends_with("plor")
        }
        b't' => {
            is_vowel(before)
                && (stem.ends_with("at") && third != b'e' && !stem.ends_with("oat")
                    || stem.ends_with("ut") && n > 3
                    || stem.ends_with("it")
                        && matches!(
                            stem,
                            "invit" | "unit" | "cit" | "incit" | "ignit" | "excit" | "recit" | "reunit"
                        )
                    || stem.ends_with("ot")
                        && matches!(stem, "promot" | "vot" | "devot" | "quot" | "not" | "demot")
                    || stem.ends_with("et") && matches!(stem, "complet" | "compet" | "delet"))
        }
        b'd' => {
            is_vowel(before)
                && (stem.ends_with("ad") && third != b'e' && third != b'o'
                    || stem.ends_with("id") && third != b'a' && third != b'o'
                    || stem.ends_with("ud")
                    || stem.ends_with("od")
                    || stem.ends_with("ed") && stem.ends_with("ced"))
        }
        b'n' => {
            is_vowel(before)
                && (stem.ends_with("in")
                    && third != b'a'
                    && matches!(
                        stem,
                        "undermin"
                            | "examin"
                            | "determin"
                            | "combin"
                            | "defin"
                            | "min"
                            | "refin"
                            | "declin"
                            | "imagin"
                            | "confin"
                            | "outlin"
                            | "fin"
                            | "machin"
                    )
                    || stem.ends_with("on")
                        && matches!(stem, "postpon" | "condon" | "phon" | "telephon" | "dron")
                    || stem.ends_with("un") && n > 3
                    || stem.ends_with("en")
                        && matches!(stem, "interven" | "conven" | "contraven" | "scen" | "reconven"))
        }
        b'k' => is_vowel(before) && !is_vowel(third),
        b'm' => {
            is_vowel(before)
                && !is_vowel(third)
                && (stem.ends_with("am") || stem.ends_with("um") || stem.ends_with("im"))
        }
        b'p' => is_vowel(before) && !is_vowel(third) && !stem.ends_with("op") && !stem.ends_with("ip"),
        _ => false,
    };
    if silent_e { with_e } else { stem.to_owned() }
}

/// Stems that end in two l and keep them.
const KEEPS_LL: &[&str] = &[
    "pull", "mull", "call", "kill", "fall", "shell", "install", "roll", "spill", "drill", "recall", "fill",
    "poll", "stall", "sell", "tell", "thrill", "enroll", "dwell", "smell", "spell", "quell", "bill", "will",
    "chill", "toll", "fulfill", "grill",
];
/// Verbs whose basic form ends in e against the rules below.
const ENDS_IN_E: &[&str] = &[
    "resume",
    "declare",
    "prepare",
    "share",
    "fire",
    "require",
    "acquire",
    "expire",
    "retire",
    "inquire",
    "hire",
    "desire",
    "ensure",
    "secure",
    "capture",
    "procure",
    "measure",
    "pressure",
    "explore",
    "deplore",
    "ignore",
    "restore",
    "implore",
    "store",
    "score",
    "bore",
    "escape",
    "shape",
    "rape",
    "scrape",
    "wipe",
    "pipe",
    "type",
    "hope",
    "cope",
    "grope",
    "elope",
    "postpone",
    "phone",
    "hone",
    "clone",
    "invade",
    "persuade",
    "blockade",
    "evade",
    "parade",
    "upgrade",
    "downgrade",
    "fade",
    "trade",
    "provide",
    "decide",
    "divide",
    "guide",
    "reside",
    "preside",
    "override",
    "exclude",
    "include",
    "conclude",
    "intrude",
    "erode",
    "explode",
    "concede",
    "cede",
    "accede",
    "secede",
    "recede",
    "precede",
    "supersede",
    "impede",
    "intercede",
    "stampede",
    "execute",
    "dispute",
    "prosecute",
    "persecute",
    "constitute",
    "pollute",
    "contribute",
    "distribute",
    "refute",
    "mute",
    "compute",
    "commute",
    "aggravate",
    "negotiate",
    "mediate",
    "violate",
    "escalate",
    "retaliate",
    "evacuate",
    "terminate",
    "abrogate",
    "annihilate",
    "obliterate",
    "take",
    "make",
    "shake",
    "strike",
    "provoke",
    "revoke",
    "invoke",
    "evoke",
    "choke",
    "joke",
    "smoke",
    "rebuke",
    "nuke",
    "become",
    "welcome",
    "come",
    "overcome",
    "blame",
    "name",
    "rename",
    "frame",
    "claim",
    "tame",
    "assume",
    "consume",
    "presume",
    "exhume",
    "challenge",
    "change",
    "exchange",
    "arrange",
    "range",
    "avenge",
    "revenge",
    "plunge",
    "lunge",
    "impinge",
    "urge",
    "charge",
    "merge",
    "emerge",
    "surge",
    "purge",
    "forge",
    "discharge",
    "engage",
    "manage",
    "stage",
    "damage",
    "ravage",
    "salvage",
    "wage",
    "encourage",
    "discourage",
    "besiege",
    "allege",
    "pledge",
    "judge",
    "hedge",
    "dodge",
    "edge",
    "mobilise",
    "mobilize",
    "struggle",
    "settle",
    "battle",
    "handle",
    "assemble",
    "topple",
    "cripple",
    "rule",
    "schedule",
    "overrule",
    "file",
    "compile",
    "reconcile",
    "exile",
    "enable",
    "disable",
    "cycle",
    "tackle",
    "shuttle",
    "dismantle",
    "tumble",
    "breathe",
    "seethe",
    "loathe",
    "clothe",
    "cause",
    "accuse",
    "refuse",
    "use",
    "abuse",
    "excuse",
    "defuse",
    "confuse",
    "close",
    "impose",
    "oppose",
    "propose",
    "expose",
    "suppose",
    "dispose",
    "depose",
    "lose",
    "choose",
    "pose",
    "compose",
    "release",
    "increase",
    "decrease",
    "ease",
    "cease",
    "please",
    "lease",
    "appease",
    "raise",
    "praise",
    "rise",
    "promise",
    "compromise",
    "exercise",
    "advise",
    "revise",
    "supervise",
    "devise",
    "disguise",
    "surprise",
    "seize",
    "freeze",
    "sneeze",
    "rescue",
    "continue",
    "pursue",
    "issue",
    "argue",
    "value",
    "queue",
    "vogue",
    "ensue",
    "subdue",
    "sue",
    "accrue",
    "subside",
    "cooperate",
    "collaborate",
    "operate",
    "dare",
    "care",
    "scare",
    "stare",
    "glare",
    "compare",
    "bare",
    "flare",
    "interfere",
    "adhere",
    "persevere",
    "revere",
    "here",
    "confine",
    "align",
    "intervene",
    "convene",
    "contravene",
    "dethrone",
    "tune",
    "fortune",
    "define",
    "decline",
    "undermine",
    "shine",
    "dine",
    "combine",
    "quarantine",
    "examine",
    "determine",
    "license",
    "sense",
    "condense",
    "dispense",
    "offense",
    "expense",
    "response",
    "rinse",
    "cleanse",
    "reverse",
    "disperse",
    "endorse",
    "enforce",
    "force",
    "reinforce",
    "divorce",
    "pierce",
    "commence",
    "denounce",
    "announce",
    "renounce",
    "pronounce",
    "trounce",
    "bounce",
    "reduce",
    "produce",
    "introduce",
    "induce",
    "seduce",
    "replace",
    "place",
    "face",
    "race",
    "trace",
    "embrace",
    "menace",
    "police",
    "notice",
    "slice",
    "sacrifice",
    "voice",
    "rejoice",
    "influence",
    "convince",
    "advance",
    "finance",
    "enhance",
    "dance",
    "balance",
    "ambulance",
    "distance",
    "experience",
    "sentence",
    "silence",
    "reference",
    "evidence",
    "like",
    "bike",
    "hike",
    "spike",
    "dislike",
    "fake",
    "bake",
    "rake",
    "wake",
    "evoke",
    "poke",
    "broke",
    "stoke",
    "cloak",
    "site",
    "unite",
    "invite",
    "incite",
    "cite",
    "ignite",
    "excite",
    "recite",
    "write",
    "bite",
    "expedite",
    "quote",
    "vote",
    "promote",
    "devote",
    "denote",
    "note",
    "compete",
    "complete",
    "delete",
    "deplete",
    "hate",
    "state",
    "date",
    "create",
    "update",
    "wane",
    "plane",
    "scene",
    "cane",
    "bathe",
    "axe",
    "tie",
    "die",
    "lie",
    "vie",
    "free",
    "agree",
    "disagree",
    "flee",
    "guarantee",
    "oversee",
    "decree",
    "referee",
    "see",
    "eye",
    "dye",
    "canoe",
    "tiptoe",
    "shoe",
    "hoe",
    "ache",
    "douche",
    "airdrome",
];
/// Stems that look as if an e were lost, and have none.
const NO_E: &[&str] = &[
    "bomb",
    "climb",
    "press",
    "pass",
    "address",
    "dismiss",
    "discuss",
    "cross",
    "process",
    "express",
    "stress",
    "assess",
    "bypass",
    "trespass",
    "amass",
    "mass",
    "harass",
    "witness",
    "focus",
    "bus",
    "chorus",
    "canvass",
    "bolster",
    "repair",
    "air",
    "impair",
    "pair",
    "appear",
    "disappear",
    "near",
    "fear",
    "clear",
    "hear",
    "bear",
    "tear",
    "wear",
    "swear",
    "smear",
    "steer",
    "veer",
    "pioneer",
    "volunteer",
    "cheer",
    "interview",
    "screen",
    "loan",
    "mean",
    "lean",
    "clean",
    "plan",
    "ban",
    "train",
    "gain",
    "explain",
    "remain",
    "maintain",
    "contain",
    "retain",
    "detain",
    "obtain",
    "sustain",
    "complain",
    "campaign",
    "restrain",
    "entertain",
    "regain",
    "stain",
    "drain",
    "strain",
    "constrain",
    "abstain",
    "refrain",
    "attain",
    "join",
    "coin",
    "rejoin",
    "begin",
    "win",
    "ruin",
    "meet",
    "greet",
    "treat",
    "threat",
    "repeat",
    "defeat",
    "retreat",
    "beat",
    "seat",
    "heat",
    "cheat",
    "eat",
    "entreat",
    "wait",
    "await",
    "recruit",
    "suit",
    "quit",
    "exploit",
    "root",
    "shoot",
    "loot",
    "boot",
    "float",
    "boat",
    "coat",
    "rout",
    "shout",
    "scout",
    "bail",
    "fail",
    "sail",
    "mail",
    "hail",
    "assail",
    "curtail",
    "prevail",
    "detail",
    "derail",
    "jail",
    "unveil",
    "reveal",
    "repeal",
    "appeal",
    "deal",
    "seal",
    "steal",
    "heal",
    "conceal",
    "feel",
    "peel",
    "steel",
    "reel",
    "kneel",
    "boil",
    "foil",
    "spoil",
    "toil",
    "read",
    "lead",
    "spread",
    "plead",
    "head",
    "dead",
    "mislead",
    "need",
    "feed",
    "speed",
    "proceed",
    "succeed",
    "exceed",
    "bleed",
    "breed",
    "seed",
    "load",
    "unload",
    "upload",
    "download",
    "raid",
    "aid",
    "avoid",
    "flood",
    "brood",
    "cloud",
    "crowd",
    "seek",
    "speak",
    "break",
    "leak",
    "peak",
    "freak",
    "look",
    "book",
    "cook",
    "hook",
    "soak",
    "keep",
    "sleep",
    "weep",
    "sweep",
    "creep",
    "deep",
    "leap",
    "heap",
    "reap",
    "group",
    "stoop",
    "loop",
    "roam",
    "claim",
    "proclaim",
    "reclaim",
    "exclaim",
    "aim",
    "maim",
    "seem",
    "deem",
    "redeem",
    "scream",
    "dream",
    "stream",
    "steam",
    "team",
    "beam",
    "zoom",
    "loom",
    "doom",
    "room",
    "bloom",
    "gas",
    "strong",
    "bring",
    "hang",
    "ring",
    "sing",
    "cling",
    "string",
    "wrong",
    "belong",
    "long",
    "prolong",
    "swing",
    "bang",
    "gang",
    "wring",
    "fling",
    "total",
    "equal",
    "signal",
    "rival",
    "travel",
    "cancel",
    "label",
    "model",
    "channel",
    "level",
    "tunnel",
    "fuel",
    "duel",
    "refuel",
    "shovel",
    "marvel",
    "quarrel",
    "pencil",
    "stencil",
    "control",
    "patrol",
    "enrol",
    "compel",
    "expel",
    "propel",
    "repel",
    "rebel",
    "dispel",
    "develop",
    "envelop",
    "gossip",
    "worship",
    "equip",
    "ship",
    "gallop",
    "monitor",
    "author",
    "harbor",
    "labor",
    "favor",
    "honor",
    "anchor",
    "rumor",
    "tailor",
    "sponsor",
    "censor",
    "motor",
    "mirror",
    "error",
    "abhor",
    "stir",
    "star",
    "war",
    "bar",
    "occur",
    "concur",
    "incur",
    "recur",
    "spur",
    "blur",
    "deter",
    "defer",
    "refer",
    "prefer",
    "transfer",
    "infer",
    "confer",
    "water",
    "matter",
    "foster",
    "host",
    "lambast",
    "attribut",
    "exhaust",
    "debut",
    "put",
    "cut",
    "shut",
    "rebut",
    "format",
    "combat",
    "chat",
    "pat",
    "sweat",
    "threat",
    "whet",
    "let",
    "abet",
    "reset",
    "regret",
    "upset",
    "forget",
    "get",
    "set",
    "bet",
    "target",
    "market",
    "budget",
    "rocket",
    "ticket",
    "picket",
    "commit",
    "submit",
    "admit",
    "permit",
    "omit",
    "emit",
    "transmit",
    "remit",
    "vomit",
    "hit",
    "sit",
    "split",
    "knit",
    "spit",
    "fit",
    "outwit",
    "visit",
    "edit",
    "audit",
    "pivot",
    "plot",
    "riot",
    "spot",
    "knot",
    "allot",
    "rot",
    "trot",
    "jot",
    "dot",
    "man",
    "scan",
    "span",
    "can",
    "fan",
    "pan",
    "tan",
    "bin",
    "pin",
    "sin",
    "spin",
    "thin",
    "run",
    "stun",
    "gun",
    "shun",
    "pun",
    "don",
    "con",
    "upon",
    "plum",
    "sum",
    "drum",
    "hum",
    "swim",
    "trim",
    "skim",
    "slam",
    "jam",
    "ram",
    "cram",
    "program",
    "dam",
    "stem",
    "condemn",
    "column",
    "sap",
    "map",
    "tap",
    "wrap",
    "scrap",
    "trap",
    "strap",
    "snap",
    "slap",
    "cap",
    "gap",
    "clap",
    "kidnap",
    "handicap",
    "overlap",
    "mop",
    "stop",
    "drop",
    "shop",
    "crop",
    "top",
    "hop",
    "chop",
    "prop",
    "pop",
    "cop",
];

fn verb_forms(base: &str) -> Vec<String> {
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

fn is_vowel(byte: u8) -> bool {
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
