//! `config/actors/`: states, organisations, armed groups and the people who speak for them.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Deserialize;

use super::{Diagnostic, SourceFile, parse_toml};
use crate::signal::{Code, Dyad};

/// What an actor is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActorKind {
    State,
    Organisation,
    ArmedGroup,
}

/// In which way a name stands for its actor.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Form {
    /// The actor itself: "Pakistan", "Hezbollah".
    Name,
    /// "Pakistani"; also its people.
    Adjective,
    /// Its people: "Britons".
    Demonym,
    /// "Islamabad", which speaks for the government.
    Capital,
    /// "the Kremlin", "the Pentagon".
    Seat,
    /// "the IDF".
    Force,
    /// Parliaments and organs: "the Security Council".
    Body,
    /// "Lahore": within the state, not its voice.
    Place,
}

/// An office; only those with power over a state's acts count as the state.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    HeadOfState,
    HeadOfGovernment,
    ForeignMinister,
    DefenceMinister,
    Other,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct ActorRow {
    code: String,
    kind: ActorKind,
    name: String,
    #[serde(default)]
    names: Vec<String>,
    #[serde(default)]
    adjectives: Vec<String>,
    #[serde(default)]
    demonyms: Vec<String>,
    #[serde(default)]
    capitals: Vec<String>,
    #[serde(default)]
    seats: Vec<String>,
    #[serde(default)]
    forces: Vec<String>,
    #[serde(default)]
    bodies: Vec<String>,
    #[serde(default)]
    places: Vec<String>,
    #[serde(default)]
    base: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PersonRow {
    name: String,
    #[serde(default)]
    short: Option<String>,
    role: Role,
    #[serde(default)]
    from: Option<String>,
    #[serde(default)]
    to: Option<String>,
    #[serde(default)]
    aliases: Vec<String>,
    #[serde(default)]
    common: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LeadersRow {
    people: Vec<PersonRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyRow {
    group: String,
    dyad: String,
    #[serde(default)]
    from: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RegionRow {
    name: String,
    #[serde(default)]
    aliases: Vec<String>,
    sides: Vec<String>,
    #[serde(default)]
    frontier: bool,
}

/// Any file of the folder: each has one or more of these tables.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ActorFile {
    #[serde(default)]
    actor: Vec<ActorRow>,
    #[serde(default)]
    leaders: BTreeMap<String, LeadersRow>,
    #[serde(default)]
    key: Vec<KeyRow>,
    #[serde(default)]
    region: Vec<RegionRow>,
    #[serde(default)]
    names: Vec<String>,
    #[serde(default)]
    ambiguous: Vec<super::ambiguous::GuardRow>,
    #[serde(default)]
    neighbours: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    blocs: BTreeMap<String, Vec<toml::Value>>,
}

/// One actor and what is known of it.
#[derive(Debug, Clone)]
pub struct Actor {
    pub code: Code,
    pub kind: ActorKind,
    pub name: String,
    /// Where an armed group without a code of its own is based.
    pub base: Option<Code>,
}

/// A name and what it stands for.
#[derive(Debug, Clone)]
pub(super) struct NameRow {
    pub text: String,
    pub code: Code,
    pub form: Form,
}

/// A person in an office for a time.
#[derive(Debug, Clone)]
pub(super) struct LeaderRow {
    pub names: Vec<String>,
    pub short: Option<String>,
    pub is_common: bool,
    pub code: Code,
    pub role: Role,
    pub from: Option<Date>,
    pub to: Option<Date>,
}

/// Everything of `config/actors/`, read and checked.
#[derive(Debug, Default)]
pub struct Actors {
    pub actors: BTreeMap<Code, Actor>,
    pub(super) names: Vec<NameRow>,
    pub(super) leaders: Vec<LeaderRow>,
    pub(super) not_actors: Vec<String>,
    pub(super) guards: Vec<super::Guard>,
    pub(super) regions: Vec<(Vec<String>, Vec<Code>, bool)>,
    keys: Vec<(Code, Code, Option<Date>)>,
    neighbours: BTreeMap<Code, Vec<Code>>,
    members: BTreeMap<Code, Vec<Code>>,
}

impl Actors {
    /// Reads all files of the folder.
    ///
    /// # Errors
    /// Every fault found, each with its place.
    pub fn read(files: &[&SourceFile]) -> Result<Actors, Vec<Diagnostic>> {
        let (mut actors, mut faults) = (Actors::default(), Vec::new());
        for file in files {
            match parse_toml::<ActorFile>(file) {
                Ok(rows) => actors.take(file, rows, &mut faults),
                Err(fault) => faults.push(fault),
            }
        }
        actors.names.sort_by(|a, b| (&a.text, a.code, a.form).cmp(&(&b.text, b.code, b.form)));
        if faults.iter().any(|f| !f.is_warning) { Err(faults) } else { Ok(actors) }
    }

    /// The actor that stands for `code` in a dyad on `date`: armed groups stand for their territory.
    pub fn dyad_key(&self, code: Code, date: Date) -> Code {
        let key =
            self.keys.iter().find(|(group, _, from)| *group == code && from.is_none_or(|from| date >= from));
        key.map_or(code, |(_, territory, _)| *territory)
    }

    pub fn kind(&self, code: Code) -> Option<ActorKind> {
        self.actors.get(&code).map(|a| a.kind)
    }

    /// The readable name, or the code itself.
    pub fn name(&self, code: Code) -> String {
        self.actors.get(&code).map_or_else(|| code.to_string(), |a| a.name.clone())
    }

    pub fn are_neighbours(&self, pair: Dyad) -> bool {
        let has = |a, b| self.neighbours.get(&a).is_some_and(|list| list.contains(&b));
        has(pair.first, pair.second) || has(pair.second, pair.first)
    }

    pub fn is_member(&self, bloc: Code, state: Code) -> bool {
        self.members.get(&bloc).is_some_and(|list| list.contains(&state))
    }

    fn take(&mut self, file: &SourceFile, rows: ActorFile, faults: &mut Vec<Diagnostic>) {
        for row in rows.actor {
            self.take_actor(file, row, faults);
        }
        for (code, people) in rows.leaders {
            let Some(code) = code_at(file, &code, faults) else { continue };
            for row in people.people {
                self.take_person(file, code, row, faults);
            }
        }
        for row in rows.key {
            let codes = (code_at(file, &row.group, faults), code_at(file, &row.dyad, faults));
            let (Some(group), Some(dyad)) = codes else { continue };
            let from = row.from.and_then(|text| date_at(file, &text, Edge::First, faults));
            self.keys.push((group, dyad, from));
        }
        for row in rows.region {
            let sides = row.sides.iter().filter_map(|code| code_at(file, code, faults)).collect();
            let names = std::iter::once(row.name).chain(row.aliases).collect();
            self.regions.push((names, sides, row.frontier));
        }
        self.not_actors.extend(rows.names);
        for row in rows.ambiguous {
            self.guards.extend(super::Guard::from_row(file, row, faults));
        }
        for (code, list) in rows.neighbours {
            let Some(code) = code_at(file, &code, faults) else { continue };
            let list = list.iter().filter_map(|c| code_at(file, c, faults)).collect();
            self.neighbours.insert(code, list);
        }
        for (code, list) in rows.blocs {
            let Some(code) = code_at(file, &code, faults) else { continue };
            let member = |value: &toml::Value| match value {
                toml::Value::String(text) => text.parse().ok(),
                toml::Value::Table(table) => {
                    table.get("code").and_then(|c| c.as_str()).and_then(|c| c.parse().ok())
                }
                _ => None,
            };
            self.members.insert(code, list.iter().filter_map(member).collect());
        }
    }

    fn take_actor(&mut self, file: &SourceFile, row: ActorRow, faults: &mut Vec<Diagnostic>) {
        let Some(code) = code_at(file, &row.code, faults) else { return };
        let base = row.base.as_deref().and_then(|base| code_at(file, base, faults));
        let forms = [
            (Form::Name, std::iter::once(&row.name).chain(&row.names).collect::<Vec<_>>()),
            (Form::Adjective, row.adjectives.iter().collect()),
            (Form::Demonym, row.demonyms.iter().collect()),
            (Form::Capital, row.capitals.iter().collect()),
            (Form::Seat, row.seats.iter().collect()),
            (Form::Force, row.forces.iter().collect()),
            (Form::Body, row.bodies.iter().collect()),
            (Form::Place, row.places.iter().collect()),
        ];
        for (form, texts) in forms {
            for text in texts {
                self.names.push(NameRow { text: text.clone(), code, form });
            }
        }
        for text in row.adjectives.iter().chain(&row.demonyms) {
            if let Some(text) = people(text) {
                self.names.push(NameRow { text, code, form: Form::Demonym });
            }
        }
        self.actors.entry(code).or_insert(Actor { code, kind: row.kind, name: row.name, base });
    }

    fn take_person(&mut self, file: &SourceFile, code: Code, row: PersonRow, faults: &mut Vec<Diagnostic>) {
        let from = row.from.as_deref().and_then(|text| date_at(file, text, Edge::First, faults));
        let to = row.to.as_deref().and_then(|text| date_at(file, text, Edge::Last, faults));
        let names = std::iter::once(row.name).chain(row.aliases).collect();
        self.leaders.push(LeaderRow {
            names,
            short: row.short,
            is_common: row.common,
            code,
            role: row.role,
            from,
            to,
        });
    }
}

/// The plural of a demonym, where it has a regular one: "Pakistanis", not "Chineses".
fn people(word: &str) -> Option<String> {
    let last = word.chars().last()?;
    let ends = |tails: &[&str]| tails.iter().any(|tail| word.ends_with(tail));
    if word.contains(' ') && !word.ends_with('n') || ends(&["ese", "ish", "ch", "sh", "ss", "s", "x", "z"]) {
        None
    } else if last.is_alphabetic() {
        Some(format!("{word}s"))
    } else {
        None
    }
}

fn code_at(file: &SourceFile, text: &str, faults: &mut Vec<Diagnostic>) -> Option<Code> {
    match text.parse() {
        Ok(code) => Some(code),
        Err(_) => {
            faults.push(Diagnostic::error(
                "code",
                &file.path,
                place(file, text),
                format!("{text:?} is no actor code"),
            ));
            None
        }
    }
}

#[derive(Clone, Copy)]
enum Edge {
    First,
    Last,
}

/// Reads `2024`, `2024-03` or `2024-03-11`; the coarse ones mean the first or last day.
fn date_at(file: &SourceFile, text: &str, edge: Edge, faults: &mut Vec<Diagnostic>) -> Option<Date> {
    let numbers: Vec<i16> = text.split('-').map_while(|part| part.parse().ok()).collect();
    let date = match (numbers.as_slice(), edge) {
        ([year], Edge::First) => Date::new(*year, 1, 1).ok(),
        ([year], Edge::Last) => Date::new(*year, 12, 31).ok(),
        ([year, month], Edge::First) => Date::new(*year, *month as i8, 1).ok(),
        ([year, month], Edge::Last) => Date::new(*year, *month as i8, 1).ok().map(|d| d.last_of_month()),
        ([year, month, day], _) => Date::new(*year, *month as i8, *day as i8).ok(),
        _ => None,
    };
    if date.is_none() {
        let fault = Diagnostic::error("date", &file.path, place(file, text), format!("{text:?} is no date"));
        faults.push(fault.help("write 2024, 2024-03 or 2024-03-11"));
    }
    date
}

/// Where `text` first stands as a string in the file.
pub(super) fn place(file: &SourceFile, text: &str) -> std::ops::Range<usize> {
    let quoted = format!("\"{text}\"");
    file.text.find(&quoted).map_or(0..0, |at| at + 1..at + 1 + text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> SourceFile {
        SourceFile { path: "actors/test.toml".into(), text: text.into() }
    }

    #[test]
    fn reads_a_state_and_its_people() {
        let file = file(
            r#"
            [[actor]]
            code = "PAK"
            kind = "state"
            name = "Pakistan"
            adjectives = ["Pakistani"]
            [leaders.PAK]
            people = [{ name = "A B", role = "foreign-minister", from = "2024-03", to = "2025" }]
            [[key]]
            group = "TALIBAN"
            dyad = "AFG"
            from = "2021-08-15"
            "#,
        );
        let actors = Actors::read(&[&file]).unwrap();
        assert!(actors.names.iter().any(|n| n.text == "Pakistanis" && n.form == Form::Demonym));
        assert_eq!(actors.leaders[0].to, Some(jiff::civil::date(2025, 12, 31)));
        let taliban: Code = "TALIBAN".parse().unwrap();
        assert_eq!(actors.dyad_key(taliban, jiff::civil::date(2020, 1, 1)), taliban);
        assert_eq!(actors.dyad_key(taliban, jiff::civil::date(2022, 1, 1)).as_str(), "AFG");
    }

    #[test]
    fn tells_the_place_of_a_bad_code() {
        let faults =
            Actors::read(&[&file("[[actor]]\ncode = \"pak\"\nkind = \"state\"\nname = \"x\"")]).unwrap_err();
        assert_eq!((faults[0].code, faults[0].span.clone()), ("code", 18..21));
    }
}
