//! Dates and spans of time in a sentence, against the day of publication.

use jiff::civil::Date;

use super::sentence::Sentence;
use crate::text::Rel;

/// One expression of time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct When {
    pub first: usize,
    pub last: usize,
    /// Days before publication; negative for days to come. Coarse expressions give their nearest day.
    pub days_ago: i64,
    /// The day, where it is told to the day.
    pub day: Option<Date>,
    /// "since April": in force up to now.
    pub is_since: bool,
    /// The year is told, or follows from "ago" and "last".
    pub has_year: bool,
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
/// Earlier years are house numbers.
const YEAR_MIN: i16 = 1500;

/// A word that ends an expression of time.
pub fn is_day(form: &str) -> bool {
    WEEKDAYS.contains(&form)
        || MONTHS.contains(&form)
        || matches!(form, "yesterday" | "today" | "week" | "month" | "weekend" | "night" | "morning")
}

/// All expressions of time in the sentence.
pub fn find(sentence: &Sentence<'_>, published: Date) -> Vec<When> {
    let reader = Reader { sentence, published };
    let mut found = Vec::new();
    let mut at = 0;
    while at < sentence.len() {
        match reader.at(at) {
            Some(when) => {
                at = when.last + 1;
                found.push(when);
            }
            None => at += 1,
        }
    }
    found
}

struct Reader<'a, 's> {
    sentence: &'a Sentence<'s>,
    published: Date,
}

impl Reader<'_, '_> {
    fn form(&self, at: usize) -> &str {
        if at < self.sentence.len() { self.sentence.form(at) } else { "" }
    }

    fn at(&self, at: usize) -> Option<When> {
        if self.sentence.mention(at).is_some() {
            return None;
        }
        let is_since = at > 0 && self.form(at - 1) == "since" || at > 1 && self.form(at - 2) == "since";
        let when = |last: usize, days_ago: i64, day: Option<Date>| When {
            first: at,
            last,
            days_ago,
            day,
            is_since,
            has_year: true,
        };
        let form = self.form(at);
        if form == "today" || form == "tonight" {
            return Some(when(at, 0, Some(self.published)));
        }
        if form == "yesterday" {
            return Some(when(at, 1, self.published.yesterday().ok()));
        }
        if form == "tomorrow" {
            return Some(when(at, -1, self.published.tomorrow().ok()));
        }
        if matches!(form, "last" | "past" | "previous") {
            return self.span_of(at + 1, 1).map(|(last, days)| when(last, days, None));
        }
        if form == "next" {
            return self.span_of(at + 1, 1).map(|(last, days)| when(last, -days, None));
        }
        if let Some(days) = self.ago(at) {
            return Some(when(days.0, days.1, None));
        }
        if let Some(index) = WEEKDAYS.iter().position(|day| *day == form) {
            let today = self.published.weekday().to_monday_zero_offset() as i64;
            let days = (today - index as i64).rem_euclid(7);
            let ahead = at > 0 && matches!(self.form(at - 1), "next" | "coming");
            return Some(when(at, if ahead { days - 7 } else { days }, None));
        }
        if let Some((last, days, day)) = self.month(at) {
            let has_year = self.form(last).parse::<i16>().is_ok_and(|year| year >= YEAR_MIN);
            return Some(When { has_year, ..when(last, days, day) });
        }
        self.year(at).map(|(last, days, day)| when(last, days, day))
    }

    /// "last week", "last month", "last three months".
    fn span_of(&self, at: usize, count: i64) -> Option<(usize, i64)> {
        if let Some(number) = number(self.form(at)) {
            return self.span_of(at + 1, number);
        }
        let unit = days_of(self.form(at))?;
        Some((at, unit * count))
    }

    /// "two days ago", "three years earlier", "a week after".
    fn ago(&self, at: usize) -> Option<(usize, i64)> {
        let count = number(self.form(at))?;
        let unit = days_of(self.form(at + 1))?;
        matches!(self.form(at + 2), "ago" | "earlier" | "before" | "previously")
            .then_some((at + 2, count * unit))
    }

    /// "April", "22 April", "April 22, 2025", "in April 2021".
    fn month(&self, at: usize) -> Option<(usize, i64, Option<Date>)> {
        let day_first = self.form(at).parse::<i8>().ok().filter(|d| (1..=31).contains(d));
        let month_at = if day_first.is_some() { at + 1 } else { at };
        let month = MONTHS.iter().position(|m| *m == self.form(month_at))? as i8 + 1;
        let is_modal = self.form(month_at) == "may" && !self.sentence.units[month_at].is_capital;
        if is_modal || month == 5 && day_first.is_none() && self.sentence.tree.is_verb(month_at) {
            return None;
        }
        let mut last = month_at;
        let mut day = day_first;
        if day.is_none() {
            let text = self.form(month_at + 1).trim_end_matches(|c: char| c.is_ascii_alphabetic());
            if let Ok(number) = text.parse::<i8>()
                && (1..=31).contains(&number)
            {
                day = Some(number);
                last = month_at + 1;
            }
        }
        let comma = usize::from(self.form(last + 1) == ",");
        let year = self.form(last + 1 + comma).parse::<i16>().ok().filter(|y| (YEAR_MIN..2200).contains(y));
        if year.is_some() {
            last += 1 + comma;
        }
        let date = self.nearest(year, month, day.unwrap_or(1));
        let days = (self.published - date?).get_days() as i64;
        let days = if day.is_none() && (0..31).contains(&days) { days.min(14) } else { days };
        Some((last, days, day.and(date)))
    }

    /// Without a year the last such day before publication, or one soon after it.
    fn nearest(&self, year: Option<i16>, month: i8, day: i8) -> Option<Date> {
        if let Some(year) = year {
            return Date::new(year, month, day).ok();
        }
        let this = Date::new(self.published.year(), month, day).ok()?;
        let ahead = (this - self.published).get_days();
        if ahead > 120 { Date::new(self.published.year() - 1, month, day).ok() } else { Some(this) }
    }

    /// A year by itself: "in 1972", "the 1999 declaration".
    fn year(&self, at: usize) -> Option<(usize, i64, Option<Date>)> {
        let form = self.form(at);
        let digits = form.trim_end_matches('s');
        if digits.len() != 4 {
            return None;
        }
        let year: i16 = digits.parse().ok().filter(|y| (YEAR_MIN..2200).contains(y))?;
        let before = at.checked_sub(1).map_or("", |b| self.form(b));
        let is_date = matches!(
            before,
            "in" | "since"
                | "until"
                | "by"
                | "from"
                | "during"
                | "early"
                | "late"
                | "mid"
                | ","
                | "before"
                | "after"
                | "and"
                | "to"
                | "of"
                | "between"
        ) || MONTHS.contains(&before)
            || digits.len() < form.len();
        // "In 1990 Iraq invaded": the year stands by itself although a noun follows.
        let ends = at + 1 >= self.sentence.len()
            || !self.sentence.tree.is_noun(at + 1)
            || self.form(at + 1) == "and"
            || self.sentence.tree.rel[at] == Rel::Obl;
        if !is_date || !ends {
            return None;
        }
        let behind = i64::from(self.published.year() - year);
        let days = match behind {
            0 => 0,
            // "in 2024", told in 2025: some time within the year before.
            1 => i64::from(self.published.day_of_year()) + 30,
            _ => behind * 365 - 180,
        };
        Some((at, days, None))
    }
}

fn number(form: &str) -> Option<i64> {
    Some(match form {
        "a" | "an" | "one" => 1,
        "two" | "couple" => 2,
        "three" => 3,
        "four" => 4,
        "five" => 5,
        "six" => 6,
        "seven" => 7,
        "eight" => 8,
        "nine" => 9,
        "ten" => 10,
        "several" | "few" | "many" => 4,
        _ => form.parse().ok().filter(|n| (1..=300).contains(n))?,
    })
}

fn days_of(form: &str) -> Option<i64> {
    Some(match form {
        "hour" | "hours" | "minutes" | "night" | "evening" => 0,
        "day" | "days" => 1,
        "week" | "weeks" | "weekend" => 7,
        "fortnight" => 14,
        "month" | "months" => 30,
        "year" | "years" => 365,
        "decade" | "decades" => 3_650,
        "century" | "centuries" => 36_500,
        "spring" | "summer" | "autumn" | "fall" | "winter" => 120,
        "monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday" | "sunday" => 5,
        "january" | "february" | "march" | "april" | "may" | "june" | "july" | "august" | "september"
        | "october" | "november" | "december" => 60,
        _ => return None,
    })
}
