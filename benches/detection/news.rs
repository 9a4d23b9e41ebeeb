//! Made-up news from a seed: the same seed gives the same bytes. All sentences are our own.

use std::fmt::Write;

/// How long a body is, in bytes: it grows sentence by sentence until it has as many.
pub const BODY_BYTES: usize = 3_400;

/// What the articles are about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Style {
    /// Towns, markets, weather, science; states are named, and one article in ten tells of one act between them.
    General,
    /// Nearly every other sentence tells of an act between states.
    Dense,
}

/// `count` articles as JSON records of the news topic.
pub fn records(style: Style, count: usize, seed: u64) -> Vec<Vec<u8>> {
    let mut dice = Dice(seed);
    (0..count).map(|at| record(style, at, &mut dice)).collect()
}

/// The bodies alone.
pub fn bodies(style: Style, count: usize, seed: u64) -> Vec<String> {
    let mut dice = Dice(seed);
    (0..count).map(|_| body(style, &mut dice)).collect()
}

fn record(style: Style, at: usize, dice: &mut Dice) -> Vec<u8> {
    let title = match style {
        Style::General => filled(dice.pick(GENERAL_TITLES), dice),
        Style::Dense => filled(dice.pick(DENSE_TITLES), dice),
    };
    let article = serde_json::json!({
        "id": format!("bench-{at}"),
        "published_at": format!("2025-03-{:02}T{:02}:15:00Z", at % 28 + 1, at % 24),
        "title": title,
        "body": body(style, dice),
        "language": "en",
        "url": format!("https://news.example.org/2025/{at}"),
        "source": { "name": "Example Wire", "domain": "example.org" },
    });
    article.to_string().into_bytes()
}

fn body(style: Style, dice: &mut Dice) -> String {
    let mut text = String::with_capacity(BODY_BYTES + 256);
    let act_at = if dice.below(10) == 0 { Some(dice.below(20)) } else { None };
    let mut sentences = 0;
    while text.len() < BODY_BYTES {
        let is_act = match style {
            Style::General => act_at == Some(sentences),
            Style::Dense => sentences % 2 == 0,
        };
        let template = dice.pick(if is_act { ACTS } else { GENERAL });
        text.push_str(&filled(template, dice));
        sentences += 1;
        text.push_str(if sentences % 4 == 0 { "\n\n" } else { " " });
    }
    text
}

/// Puts words in the place of `{…}`.
fn filled(template: &str, dice: &mut Dice) -> String {
    let mut out = String::with_capacity(template.len() * 2);
    let (mut first, mut rest) = (usize::MAX, template);
    while let Some((before, behind)) = rest.split_once('{') {
        out.push_str(before);
        let (slot, after) = behind.split_once('}').unwrap_or((behind, ""));
        let mut one = dice.below(STATES.len());
        if slot == "b" && one == first {
            one = (one + 1) % STATES.len();
        }
        match slot {
            "a" | "b" => out.push_str(STATES[one].0),
            "adj" => out.push_str(STATES[one].1),
            "city" => out.push_str(dice.pick(TOWNS)),
            "person" => out.push_str(dice.pick(PEOPLE)),
            "trade" => out.push_str(dice.pick(TRADES)),
            "thing" => out.push_str(dice.pick(THINGS)),
            "day" => out.push_str(dice.pick(DAYS)),
            _ => {
                let _ = write!(out, "{}", dice.below(980) + 3);
            }
        }
        first = if slot == "a" { one } else { first };
        rest = after;
    }
    out.push_str(rest);
    out
}

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % n.max(1) as u64) as usize
    }

    fn pick(&mut self, list: &'static [&'static str]) -> &'static str {
        list[self.below(list.len())]
    }
}

const STATES: &[(&str, &str)] = &[
    ("Norway", "Norwegian"),
    ("Chile", "Chilean"),
    ("Kenya", "Kenyan"),
    ("Japan", "Japanese"),
    ("Portugal", "Portuguese"),
    ("Vietnam", "Vietnamese"),
    ("Morocco", "Moroccan"),
    ("Finland", "Finnish"),
    ("Peru", "Peruvian"),
    ("Armenia", "Armenian"),
    ("Ghana", "Ghanaian"),
    ("Canada", "Canadian"),
];
const TOWNS: &[&str] =
    &["Riverton", "Harlow Bay", "Eastmere", "Port Ansel", "Lindholt", "Karvale", "St. Orrin"];
const PEOPLE: &[&str] =
    &["Maren Oakes", "Tomas Birk", "Adaeze Lund", "Prof. Ilya Hart", "Dr. Rosa Finch", "Jun Abrams"];
const TRADES: &[&str] = &[
    "bakers",
    "teachers",
    "engineers",
    "fruit growers",
    "ferry crews",
    "nurses",
    "shopkeepers",
    "carpenters",
];
const THINGS: &[&str] = &[
    "bridge",
    "library",
    "tram line",
    "water plant",
    "museum",
    "harbour wall",
    "solar park",
    "school kitchen",
];
const DAYS: &[&str] = &["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

const GENERAL_TITLES: &[&str] = &[
    "{city} council backs new {thing}",
    "{trade} in {city} welcome a mild winter",
    "Researchers count {n} kinds of moss near {city}",
    "{adj} exports rise as harvest ends early",
];
const DENSE_TITLES: &[&str] = &[
    "{a} recalls its ambassador from {b}",
    "{a} and {b} open talks on border trade",
    "{a} imposes sanctions on {b}",
    "{a} warns {b} over naval drills",
];

const GENERAL: &[&str] = &[
    "The council of {city} voted on {day} to spend {n} million crowns on the {thing}, which has been closed since the floods of last spring.",
    "\"We never thought that the {thing} would open before the summer,\" said {person}, who speaks for the {trade} of {city}.",
    "About {n} {trade} took part in the fair, more than in any year since it began, the organisers said.",
    "Prices of bread and milk rose by 3.{n} percent in the first quarter, according to the office for statistics.",
    "{person} and two colleagues from {a} have spent six years on the study, which was published on {day}.",
    "It was the warmest night of the month in {city}, with 21.5 degrees measured at the airport at 4 a.m.",
    "Shares of the {adj} builder fell by two percent after the company cut its outlook for the year.",
    "Police asked drivers to keep away from the {thing} while crews cleared mud and branches from the road.",
    "The team from {city} won the final after extra time, in front of {n} spectators who had waited in the rain.",
    "Visitors from {a} and {b} filled the hotels along the coast, and many {trade} hired extra staff.",
    "Her new novel tells of three sisters who inherit a {thing} and find that none of them can sell it.",
    "The hospital has {n} beds, but a third of them cannot be used because nurses are hard to find.",
    "Scientists believe that the fossil is older than any other that was dug up in {a}, though the dating isn't certain.",
    "A spokeswoman for the railway said that trains between {city} and the coast would run again from {day}.",
    "Farmers in the valley had asked for help with the drought, and the ministry promised them {n} new wells.",
    "He added that the {thing} wouldn't need more money this year, whatever the auditors had written.",
    "The festival ends on {day} with a concert of {trade} who learned to play the violin late in life.",
    "In a survey of {n} households, most people said they would rather walk than take the bus to work.",
    "The court will decide next week whether the {thing} was sold for less than it was worth.",
    "Officials from the {adj} health agency visited the laboratory and praised the work of {person}.",
    "The engine failed twice during the test, the firm admitted, and the next attempt won't come before {day}.",
    "Schools in {city} will teach chess to every child from the age of seven, beginning in September.",
];

const ACTS: &[&str] = &[
    "{a} recalled its ambassador from {b} on {day} after a dispute over fishing boats.",
    "{a} expelled three diplomats of {b} on {day}, the foreign ministry said in a statement.",
    "{a} imposed sanctions on {b} and froze the assets of {n} officials.",
    "The government of {a} accused {b} of violating its airspace near {city}.",
    "{a} and {b} signed a peace agreement on {day} after months of talks.",
    "{a} warned that it would attack {b} if the drills near the border went on.",
    "{a} closed its border with {b} on {day} and moved {n} soldiers to the frontier.",
    "The {adj} foreign minister offered to mediate between {a} and {b}.",
    "{a} protested to {b} over the seizure of a cargo ship off {city}.",
    "{a} and {b} agreed on {day} to restore diplomatic relations and reopen their embassies.",
    "{a} denied that it had withdrawn from the accord with {b}, and said that talks would go on.",
    "{a} released {n} prisoners to {b} in an exchange that both sides called a first step.",
];
