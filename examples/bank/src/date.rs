//! Days: what a ledger dates its rows with, and what `--as-of` takes.

use std::{fmt, str::FromStr};

use eventsource_core::{Timestamp, TimestampError};
use serde::{Deserialize, Serialize};

/// A day, `1994-03-30`, of the years 0 to 9999, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

const DAY_MICROS: i64 = 86_400_000_000;

const FIRST: Date = Date {
    year: 0,
    month: 1,
    day: 1,
};

const LAST: Date = Date {
    year: 9999,
    month: 12,
    day: 31,
};

/// A text is not a day.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DateError {
    /// The text is not of the form `1994-03-30`.
    #[error("`{0}` is not a date; write it as `1994-03-30`")]
    Form(String),
    /// The calendar has no such day.
    #[error(transparent)]
    Day(#[from] TimestampError),
}

impl Date {
    /// The first moment of the day: when the rows of a ledger that knows no time of day are said to have occurred.
    ///
    /// # Panics
    ///
    /// Never: a date is made only of days that the calendar has.
    pub fn start(self) -> Timestamp {
        Timestamp::start_of_day(self.year.into(), self.month, self.day).expect("a day")
    }

    /// The last moment of the day, up to which a state as of the day is folded.
    ///
    /// # Panics
    ///
    /// Never: a date is made only of days that the calendar has.
    pub fn end(self) -> Timestamp {
        Timestamp::end_of_day(self.year.into(), self.month, self.day).expect("a day")
    }

    /// The last day of its quarter.
    #[must_use]
    pub fn quarter_end(self) -> Self {
        let (month, day) = match self.month {
            1..=3 => (3, 31),
            4..=6 => (6, 30),
            7..=9 => (9, 30),
            _ => (12, 31),
        };
        Self { month, day, ..self }
    }

    /// The day of a moment, UTC.
    ///
    /// # Panics
    ///
    /// For a moment outside the years 0 to 9999, which no event of this program has.
    pub fn of(moment: Timestamp) -> Self {
        let text = moment.to_string();
        let day = text.get(..10).and_then(|day| day.parse().ok());
        day.expect("a moment of the years 0 to 9999")
    }
}

impl Date {
    /// How many days come between this one and a later one; less than zero where the other is earlier.
    pub fn days_until(self, later: Self) -> i64 {
        let micros = later.start().as_micros() - self.start().as_micros();
        micros.div_euclid(DAY_MICROS)
    }

    /// The day so many days later, or earlier where that is less than zero. Beyond the first and the last of all days it is
    /// these.
    ///
    /// # Panics
    ///
    /// Never: it is one of the days that there are.
    #[must_use]
    pub fn days_later(self, days: i64) -> Self {
        let micros = days.saturating_mul(DAY_MICROS);
        let moment = self.start().as_micros().saturating_add(micros);
        let moment = moment.clamp(FIRST.start().as_micros(), LAST.start().as_micros());
        Self::of(Timestamp::from_micros(moment))
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl FromStr for Date {
    type Err = DateError;

    fn from_str(text: &str) -> Result<Self, DateError> {
        let form = || DateError::Form(text.to_owned());
        let bytes = text.as_bytes();
        let shaped = bytes.len() == 10
            && bytes.iter().enumerate().all(|(at, byte)| match at {
                4 | 7 => *byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        if !shaped {
            return Err(form());
        }
        let date = Self {
            year: text[..4].parse().map_err(|_| form())?,
            month: text[5..7].parse().map_err(|_| form())?,
            day: text[8..].parse().map_err(|_| form())?,
        };
        Timestamp::start_of_day(date.year.into(), date.month, date.day)?;
        Ok(date)
    }
}

impl TryFrom<String> for Date {
    type Error = DateError;

    fn try_from(text: String) -> Result<Self, DateError> {
        text.parse()
    }
}

impl From<Date> for String {
    fn from(date: Date) -> Self {
        date.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_read_strictly_and_its_day_is_inclusive() {
        let date: Date = "1994-02-28".parse().unwrap();
        assert_eq!(date.start().to_string(), "1994-02-28T00:00:00.000000Z");
        assert_eq!(date.end().to_string(), "1994-02-28T23:59:59.999999Z");
        assert_eq!(Date::of(date.end()), date);
        let march: Date = "1994-03-01".parse().unwrap();
        assert_eq!((date.days_until(march), march.days_until(date)), (1, -1));
        assert_eq!((date.days_later(1), march.days_later(-1)), (march, date));
        assert_eq!(LAST.days_later(1), LAST);
        assert_eq!(FIRST.days_later(i64::MIN), FIRST);
        for wrong in [
            "1994-02-29",
            "1994-2-28",
            "940228",
            "1994-02-28 ",
            "+994-02-28",
            "",
        ] {
            assert!(wrong.parse::<Date>().is_err(), "{wrong:?}");
        }
    }
}
