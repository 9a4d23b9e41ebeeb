//! From a stem without its ending to the verb: which stems take an e or lose a doubled letter.

use super::irregular::NOT_DOUBLED;
use super::morph::is_vowel;

/// "stopp" → stop, "clos" → close, "threaten" → threaten.
pub(super) fn unstem(stem: &str) -> String {
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
        b't' | b'd' | b'n' => is_vowel(before) && dental_takes_e(stem, last, third),
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

/// Whether a stem in t, d or n with a vowel before it has lost an e.
fn dental_takes_e(stem: &str, last: u8, third: u8) -> bool {
    let n = stem.len();
    match last {
        b't' => {
            stem.ends_with("at") && third != b'e' && !stem.ends_with("oat")
                || stem.ends_with("ut") && n > 3 && (!stem.ends_with("out") || stem.ends_with("rout"))
                || stem.ends_with("it")
                    && matches!(
                        stem,
                        "invit" | "unit" | "cit" | "incit" | "ignit" | "excit" | "recit" | "reunit"
                    )
                || stem.ends_with("ot")
                    && matches!(stem, "promot" | "vot" | "devot" | "quot" | "not" | "demot")
                || stem.ends_with("et") && matches!(stem, "complet" | "compet" | "delet")
        }
        b'd' => {
            stem.ends_with("ad") && third != b'e' && third != b'o'
                || stem.ends_with("id") && third != b'a' && third != b'o'
                || stem.ends_with("ud")
                || stem.ends_with("od")
                || stem.ends_with("ed") && stem.ends_with("ced")
        }
        b'n' => {
            stem.ends_with("in")
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
                || stem.ends_with("on") && matches!(stem, "postpon" | "condon" | "phon" | "telephon" | "dron")
                || stem.ends_with("un") && n > 3
                || stem.ends_with("en")
                    && matches!(stem, "interven" | "conven" | "contraven" | "scen" | "reconven")
        }
        _ => false,
    }
}

/// Stems that end in two l and keep them.
#[rustfmt::skip]
const KEEPS_LL: &[&str] = &[
    "pull", "mull", "call", "kill", "fall", "shell", "install", "roll", "spill", "drill", "recall", "fill",
    "poll", "stall", "sell", "tell", "thrill", "enroll", "dwell", "smell", "spell", "quell", "bill", "will",
    "chill", "toll", "fulfill", "grill",
];
/// Verbs whose basic form ends in e against the rules below.
#[rustfmt::skip]
const ENDS_IN_E: &[&str] = &[
    "resume", "declare", "prepare", "share", "fire", "require", "acquire", "expire", "retire", "inquire",
    "hire", "desire", "ensure", "secure", "capture", "procure", "measure", "pressure", "explore", "deplore",
    "ignore", "restore", "implore", "store", "score", "bore", "escape", "shape", "rape", "scrape", "wipe",
    "pipe", "type", "hope", "cope", "grope", "elope", "postpone", "phone", "hone", "clone", "invade",
    "persuade", "blockade", "evade", "parade", "upgrade", "downgrade", "fade", "trade", "provide", "decide",
    "divide", "guide", "reside", "preside", "override", "exclude", "include", "conclude", "intrude",
    "erode", "explode", "concede", "cede", "accede", "secede", "recede", "precede", "supersede", "impede",
    "intercede", "stampede", "execute", "dispute", "prosecute", "persecute", "constitute", "pollute",
    "contribute", "distribute", "refute", "mute", "compute", "commute", "aggravate", "negotiate", "mediate",
    "violate", "escalate", "retaliate", "evacuate", "terminate", "abrogate", "annihilate", "obliterate",
    "take", "make", "shake", "strike", "provoke", "revoke", "invoke", "evoke", "choke", "joke", "smoke",
    "rebuke", "nuke", "become", "welcome", "come", "overcome", "blame", "name", "rename", "frame", "claim",
    "tame", "assume", "consume", "presume", "exhume", "challenge", "change", "exchange", "arrange", "range",
    "avenge", "revenge", "plunge", "lunge", "impinge", "urge", "charge", "merge", "emerge", "surge",
    "purge", "forge", "discharge", "engage", "manage", "stage", "damage", "ravage", "salvage", "wage",
    "encourage", "discourage", "besiege", "allege", "pledge", "judge", "hedge", "dodge", "edge", "mobilise",
    "mobilize", "struggle", "settle", "battle", "handle", "assemble", "topple", "cripple", "rule",
    "schedule", "overrule", "file", "compile", "reconcile", "exile", "enable", "disable", "cycle", "tackle",
    "shuttle", "dismantle", "tumble", "breathe", "seethe", "loathe", "clothe", "cause", "accuse", "refuse",
    "use", "abuse", "excuse", "defuse", "confuse", "close", "impose", "oppose", "propose", "expose",
    "suppose", "dispose", "depose", "lose", "choose", "pose", "compose", "release", "increase", "decrease",
    "ease", "cease", "please", "lease", "appease", "raise", "praise", "rise", "promise", "compromise",
    "exercise", "advise", "revise", "supervise", "devise", "disguise", "surprise", "seize", "freeze",
    "sneeze", "rescue", "continue", "pursue", "issue", "argue", "value", "queue", "vogue", "ensue",
    "subdue", "sue", "accrue", "subside", "cooperate", "collaborate", "operate", "dare", "care", "scare",
    "stare", "glare", "compare", "bare", "flare", "interfere", "adhere", "persevere", "revere", "here",
    "confine", "align", "intervene", "convene", "contravene", "dethrone", "tune", "fortune", "define",
    "decline", "undermine", "shine", "dine", "combine", "quarantine", "examine", "determine", "license",
    "sense", "condense", "dispense", "offense", "expense", "response", "rinse", "cleanse", "reverse",
    "disperse", "endorse", "enforce", "force", "reinforce", "divorce", "pierce", "commence", "denounce",
    "announce", "renounce", "pronounce", "trounce", "bounce", "reduce", "produce", "introduce", "induce",
    "seduce", "replace", "place", "face", "race", "trace", "embrace", "menace", "police", "notice", "slice",
    "sacrifice", "voice", "rejoice", "influence", "convince", "advance", "finance", "enhance", "dance",
    "balance", "ambulance", "distance", "experience", "sentence", "silence", "reference", "evidence",
    "like", "bike", "hike", "spike", "dislike", "fake", "bake", "rake", "wake", "evoke", "poke", "broke",
    "stoke", "cloak", "site", "unite", "invite", "incite", "cite", "ignite", "excite", "recite", "write",
    "bite", "expedite", "quote", "vote", "promote", "devote", "denote", "note", "compete", "complete",
    "delete", "deplete", "hate", "state", "date", "create", "update", "wane", "plane", "scene", "cane",
    "bathe", "axe", "tie", "die", "lie", "vie", "free", "agree", "disagree", "flee", "guarantee", "oversee",
    "decree", "referee", "see", "eye", "dye", "canoe", "tiptoe", "shoe", "hoe", "ache", "douche",
    "airdrome",
];
/// Stems that look as if an e were lost, and have none.
#[rustfmt::skip]
const NO_E: &[&str] = &[
    "bomb", "climb", "press", "pass", "address", "dismiss", "discuss", "cross", "process", "express",
    "stress", "assess", "bypass", "trespass", "amass", "mass", "harass", "witness", "focus", "bus",
    "chorus", "canvass", "bolster", "repair", "air", "impair", "pair", "appear", "disappear", "near",
    "fear", "clear", "hear", "bear", "tear", "wear", "swear", "smear", "steer", "veer", "pioneer",
    "volunteer", "cheer", "interview", "screen", "loan", "mean", "lean", "clean", "plan", "ban", "train",
    "gain", "explain", "remain", "maintain", "contain", "retain", "detain", "obtain", "sustain", "complain",
    "campaign", "restrain", "entertain", "regain", "stain", "drain", "strain", "constrain", "abstain",
    "refrain", "attain", "join", "coin", "rejoin", "begin", "win", "ruin", "meet", "greet", "treat",
    "threat", "repeat", "defeat", "retreat", "beat", "seat", "heat", "cheat", "eat", "entreat", "wait",
    "await", "recruit", "suit", "quit", "exploit", "root", "shoot", "loot", "boot", "float", "boat", "coat",
    "rout", "shout", "scout", "bail", "fail", "sail", "mail", "hail", "assail", "curtail", "prevail",
    "detail", "derail", "jail", "unveil", "reveal", "repeal", "appeal", "deal", "seal", "steal", "heal",
    "conceal", "feel", "peel", "steel", "reel", "kneel", "boil", "foil", "spoil", "toil", "read", "lead",
    "spread", "plead", "head", "dead", "mislead", "need", "feed", "speed", "proceed", "succeed", "exceed",
    "bleed", "breed", "seed", "load", "unload", "upload", "download", "raid", "aid", "avoid", "flood",
    "brood", "cloud", "crowd", "seek", "speak", "break", "leak", "peak", "freak", "look", "book", "cook",
    "hook", "soak", "keep", "sleep", "weep", "sweep", "creep", "deep", "leap", "heap", "reap", "group",
    "stoop", "loop", "roam", "claim", "proclaim", "reclaim", "exclaim", "aim", "maim", "seem", "deem",
    "redeem", "scream", "dream", "stream", "steam", "team", "beam", "zoom", "loom", "doom", "room", "bloom",
    "gas", "strong", "bring", "hang", "ring", "sing", "cling", "string", "wrong", "belong", "long",
    "prolong", "swing", "bang", "gang", "wring", "fling", "total", "equal", "signal", "rival", "travel",
    "cancel", "label", "model", "channel", "level", "tunnel", "fuel", "duel", "refuel", "shovel", "marvel",
    "quarrel", "pencil", "stencil", "control", "patrol", "enrol", "compel", "expel", "propel", "repel",
    "rebel", "dispel", "develop", "envelop", "gossip", "worship", "equip", "ship", "gallop", "monitor",
    "author", "harbor", "labor", "favor", "honor", "anchor", "rumor", "tailor", "sponsor", "censor",
    "motor", "mirror", "error", "abhor", "stir", "star", "war", "bar", "occur", "concur", "incur", "recur",
    "spur", "blur", "deter", "defer", "refer", "prefer", "transfer", "infer", "confer", "water", "matter",
    "foster", "host", "lambast", "attribut", "exhaust", "debut", "put", "cut", "shut", "rebut", "format",
    "combat", "chat", "pat", "sweat", "threat", "whet", "let", "abet", "reset", "regret", "upset", "forget",
    "get", "set", "bet", "target", "market", "budget", "rocket", "ticket", "picket", "commit", "submit",
    "admit", "permit", "omit", "emit", "transmit", "remit", "vomit", "hit", "sit", "split", "knit", "spit",
    "fit", "outwit", "visit", "edit", "audit", "pivot", "plot", "riot", "spot", "knot", "allot", "rot",
    "trot", "jot", "dot", "man", "scan", "span", "can", "fan", "pan", "tan", "bin", "pin", "sin", "spin",
    "thin", "run", "stun", "gun", "shun", "pun", "don", "con", "upon", "plum", "sum", "drum", "hum", "swim",
    "trim", "skim", "slam", "jam", "ram", "cram", "program", "dam", "stem", "condemn", "column", "sap",
    "map", "tap", "wrap", "scrap", "trap", "strap", "snap", "slap", "cap", "gap", "clap", "kidnap",
    "handicap", "overlap", "mop", "stop", "drop", "shop", "crop", "top", "hop", "chop", "prop", "pop",
    "cop",
];
