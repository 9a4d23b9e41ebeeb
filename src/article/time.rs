//! A moment, as all records carry it.

use std::fmt;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Milliseconds since 1970-01-01T00:00:00Z. On the wire an RFC 3339 string in UTC.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Time(pub i64);

/// Milliseconds in common spans.
pub const SECOND: i64 = 1_000;
pub const MINUTE: i64 = 60 * SECOND;
pub const HOUR: i64 = 60 * MINUTE;
pub const DAY: i64 = 24 * HOUR;

impl Time {
    /// The largest time that a record may carry: the last millisecond that RFC 3339 can write in UTC.
    pub const MAX: Time = Time(253_402_207_200_000);
    /// The smallest: articles before 1970 are refused.
    pub const EPOCH: Time = Time(0);

    /// Milliseconds from `earlier` to `self`; negative where `earlier` is later.
    pub fn since(self, earlier: Time) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// `self` moved by `millis`, kept within what can be written.
    pub fn plus(self, millis: i64) -> Time {
        Time(self.0.saturating_add(millis).clamp(-Self::MAX.0, Self::MAX.0))
    }

    /// The civil date in UTC.
    pub fn date(self) -> jiff::civil::Date {
        jiff::Timestamp::from_second(self.0.div_euclid(SECOND))
            .map(|t| t.to_zoned(jiff::tz::TimeZone::UTC).date())
            .unwrap_or_default()
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(t) => write!(f, "{t}"),
            Err(_) => write!(f, "{}ms", self.0),
        }
    }
}

/// The text is no RFC 3339 time with an offset.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an RFC 3339 time: {0}")]
pub struct TimeError(String);

impl FromStr for Time {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        let stamp: jiff::Timestamp = text.parse().map_err(|e| TimeError(format!("{text:?}: {e}")))?;
        Ok(Time(stamp.as_millisecond()))
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_writes_rfc_3339() {
        let time: Time = "2025-05-04T12:30:00+05:30".parse().unwrap();
        assert_eq!(time.to_string(), "2025-05-04T07:00:00Z");
        assert_eq!(time.date(), jiff::civil::date(2025, 5, 4));
        assert!("yesterday".parse::<Time>().is_err());
    }

    #[test]
    fn stays_within_what_can_be_written() {
        assert_eq!(Time::MAX.plus(DAY), Time::MAX);
        assert!(!Time::MAX.to_string().ends_with("ms"));
    }
}
