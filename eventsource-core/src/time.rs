//! Points in time, in microseconds, and their text form.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A point in time: microseconds since 1970-01-01 00:00 UTC, negative before it. The text form is RFC 3339 in UTC.
///
/// ```
/// use eventsource_core::Timestamp;
///
/// let time: Timestamp = "1994-03-30T12:00:00.25Z".parse()?;
/// assert_eq!(time.to_string(), "1994-03-30T12:00:00.250000Z");
/// assert!(time < Timestamp::end_of_day(1994, 3, 30)?);
/// # Ok::<(), eventsource_core::TimestampError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

const MICROS_PER_SECOND: i64 = 1_000_000;
const SECONDS_PER_DAY: i64 = 86_400;
const MICROS_PER_DAY: i64 = SECONDS_PER_DAY * MICROS_PER_SECOND;

/// A text or date is not a point in time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TimestampError {
    /// The text is not in the form of RFC 3339.
    #[error(
        "`{text}` is not a time; write it as `2026-01-31T23:59:59Z`, with at most six decimals"
    )]
    Text {
        /// The text.
        text: String,
    },
    /// There is no such day, or it is beyond what can be told.
    #[error("there is no day {year:04}-{month:02}-{day:02}")]
    Day {
        /// The year.
        year: i32,
        /// The month, from 1.
        month: u8,
        /// The day, from 1.
        day: u8,
    },
}

impl Timestamp {
    /// 1970-01-01 00:00 UTC.
    pub const EPOCH: Self = Self(0);
    /// The earliest point that can be told.
    pub const MIN: Self = Self(i64::MIN);
    /// The latest point that can be told.
    pub const MAX: Self = Self(i64::MAX);

    /// The point this many microseconds after [`Timestamp::EPOCH`].
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since [`Timestamp::EPOCH`].
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// The first microsecond of a day, UTC.
    ///
    /// # Errors
    ///
    /// [`TimestampError::Day`] when the calendar has no such day.
    pub fn start_of_day(year: i32, month: u8, day: u8) -> Result<Self, TimestampError> {
        let day_error = TimestampError::Day { year, month, day };
        match days_since_epoch(year, month, day) {
            Some(days) => from_parts(days, 0, 0).ok_or(day_error),
            None => Err(day_error),
        }
    }

    /// The last microsecond of a day, UTC: what a bare date means where a time is asked for.
    ///
    /// # Errors
    ///
    /// [`TimestampError::Day`] when the calendar has no such day.
    pub fn end_of_day(year: i32, month: u8, day: u8) -> Result<Self, TimestampError> {
        let start = Self::start_of_day(year, month, day)?;
        Ok(start.saturating_add_micros(MICROS_PER_DAY - 1))
    }

    /// Reads a time, or a bare date such as `2026-01-31`, which means the end of that day, UTC.
    ///
    /// # Errors
    ///
    /// [`TimestampError`] when the text is neither, or the calendar has no such day.
    pub fn parse_inclusive(text: &str) -> Result<Self, TimestampError> {
        match parse_date(text) {
            Some((year, month, day)) => Self::end_of_day(year, month, day),
            None => text.parse(),
        }
    }

    /// Reads a time, or a bare date, which means the start of that day, UTC: for where something begins that is to have
    /// the whole day in it.
    ///
    /// ```
    /// use eventsource_core::Timestamp;
    ///
    /// assert_eq!(Timestamp::parse_inclusive_from("1994-03-30")?, "1994-03-30T00:00:00Z".parse()?);
    /// assert_eq!(Timestamp::parse_inclusive("1994-03-30")?, "1994-03-30T23:59:59.999999Z".parse()?);
    /// # Ok::<(), eventsource_core::TimestampError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`TimestampError`] when the text is neither, or the calendar has no such day.
    pub fn parse_inclusive_from(text: &str) -> Result<Self, TimestampError> {
        match parse_date(text) {
            Some((year, month, day)) => Self::start_of_day(year, month, day),
            None => text.parse(),
        }
    }

    /// The point this many microseconds later; the latest one where that is beyond it.
    #[must_use]
    pub const fn saturating_add_micros(self, micros: i64) -> Self {
        Self(self.0.saturating_add(micros))
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339 with six decimals; a year outside 0000 to 9999 is written with its sign.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = date_of(self.0.div_euclid(MICROS_PER_DAY));
        let in_day = self.0.rem_euclid(MICROS_PER_DAY);
        let (second, micros) = (in_day / MICROS_PER_SECOND, in_day % MICROS_PER_SECOND);
        if (0..=9999).contains(&year) {
            write!(f, "{year:04}")?;
        } else {
            write!(f, "{year:+07}")?;
        }
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        write!(
            f,
            "-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}Z"
        )
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Timestamp {
    type Err = TimestampError;

    fn from_str(text: &str) -> Result<Self, TimestampError> {
        parse_rfc3339(text).ok_or_else(|| TimestampError::Text {
            text: text.to_owned(),
        })
    }
}

impl TryFrom<&str> for Timestamp {
    type Error = TimestampError;

    fn try_from(text: &str) -> Result<Self, TimestampError> {
        text.parse()
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

/// Exactly `length` decimal digits at the front of `text`, and what follows.
fn digits(text: &str, length: usize) -> Option<(i64, &str)> {
    let (number, rest) = text.split_at_checked(length)?;
    if !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some((number.parse().ok()?, rest))
}

/// A date at the front of `text`, and what follows. A year outside 0000 to 9999 has a sign and six digits.
fn date_in_front(text: &str) -> Option<((i32, u8, u8), &str)> {
    let (year, rest) = match text.as_bytes().first()? {
        b'+' => digits(&text[1..], 6)?,
        b'-' => digits(&text[1..], 6).map(|(year, rest)| (-year, rest))?,
        _ => digits(text, 4)?,
    };
    let (month, rest) = digits(rest.strip_prefix('-')?, 2)?;
    let (day, rest) = digits(rest.strip_prefix('-')?, 2)?;
    let date = (
        year.try_into().ok()?,
        month.try_into().ok()?,
        day.try_into().ok()?,
    );
    Some((date, rest))
}

fn parse_date(text: &str) -> Option<(i32, u8, u8)> {
    date_in_front(text)
        .filter(|(_, rest)| rest.is_empty())
        .map(|(date, _)| date)
}

fn parse_rfc3339(text: &str) -> Option<Timestamp> {
    let ((year, month, day), rest) = date_in_front(text)?;
    let rest = rest.strip_prefix(['T', 't', ' '])?;
    let (hour, rest) = digits(rest, 2)?;
    let (minute, rest) = digits(rest.strip_prefix(':')?, 2)?;
    let (second, mut rest) = digits(rest.strip_prefix(':')?, 2)?;
    // A leap second has no place on this time line.
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let mut micros = 0;
    if let Some(fraction) = rest.strip_prefix('.') {
        let length = fraction.bytes().take_while(u8::is_ascii_digit).count();
        // More than six decimals would be lost in silence.
        if !(1..=6).contains(&length) {
            return None;
        }
        let (number, after) = digits(fraction, length)?;
        micros = number * 10_i64.pow(u32::try_from(6 - length).ok()?);
        rest = after;
    }
    let offset = if matches!(rest, "Z" | "z") {
        0
    } else {
        let sign = if rest.starts_with('+') { 1 } else { -1 };
        let (hours, rest) = digits(rest.strip_prefix(['+', '-'])?, 2)?;
        let (minutes, rest) = digits(rest.strip_prefix(':')?, 2)?;
        if !rest.is_empty() || hours > 23 || minutes > 59 {
            return None;
        }
        sign * (hours * 3600 + minutes * 60)
    };
    let days = days_since_epoch(year, month, day)?;
    from_parts(days, hour * 3600 + minute * 60 + second - offset, micros)
}

/// The point in time of a day, a second in it and a microsecond in that; `None` beyond what can be told.
fn from_parts(days: i64, seconds: i64, micros: i64) -> Option<Timestamp> {
    let micros = i128::from(days) * i128::from(MICROS_PER_DAY)
        + i128::from(seconds) * i128::from(MICROS_PER_SECOND)
        + i128::from(micros);
    micros.try_into().ok().map(Timestamp)
}

/// Days from 1970-01-01 in the proleptic Gregorian calendar. Years are counted from March, so that the day which leap
/// years add is the last of its year.
fn days_since_epoch(year: i32, month: u8, day: u8) -> Option<i64> {
    if !(1..=12).contains(&month) || day < 1 || day > days_in(year, month) {
        return None;
    }
    let (month, day) = (i64::from(month), i64::from(day));
    let year = i64::from(year) - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

fn days_in(year: i32, month: u8) -> u8 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The date of a day counted from 1970-01-01: the inverse of [`days_since_epoch`].
fn date_of(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Microseconds of the years 0000 to 9999, which both libraries can write.
    const YEARS: std::ops::RangeInclusive<i64> = -62_167_219_200_000_000..=253_402_207_200_000_000;

    proptest! {
        #[test]
        fn text_agrees_with_another_library(micros in YEARS) {
            let time = Timestamp::from_micros(micros);
            let theirs = jiff::Timestamp::from_microsecond(micros).expect("within its range");
            prop_assert_eq!(time.to_string(), format!("{theirs:.6}"));
            prop_assert_eq!(theirs.to_string().parse(), Ok(time));
        }

        #[test]
        fn every_time_is_read_as_it_was_written(micros: i64) {
            let time = Timestamp::from_micros(micros);
            prop_assert_eq!(time.to_string().parse(), Ok(time));
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,40}|[0-9TZ:.+-]{0,32}") {
            drop(text.parse::<Timestamp>());
        }
    }

    #[test]
    fn what_is_not_a_time_is_refused() {
        for text in [
            "",
            "2026-01-31",
            "2026-02-29T00:00:00Z",
            "2026-01-31T24:00:00Z",
            "2026-01-31T00:00:60Z",
            "2026-01-31T00:00:00",
            "2026-01-31T00:00:00.1234567Z",
            "2026-01-31T00:00:00.Z",
            "2026-1-31T00:00:00Z",
            "2026-01-31T00:00:00+0100",
        ] {
            assert!(text.parse::<Timestamp>().is_err(), "{text}");
            assert!(Timestamp::try_from(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_first_and_the_last_time_are_read_as_they_were_written() {
        for time in [Timestamp::MIN, Timestamp::MAX] {
            let json = serde_json::to_string(&time).expect("a text");
            assert_eq!(
                serde_json::from_str::<Timestamp>(&json).expect("a time"),
                time
            );
        }
        let beyond = Timestamp::MAX.to_string().replace('Z', "-00:01");
        assert!(beyond.parse::<Timestamp>().is_err());
        assert!("9999-12-31T23:59:59-23:00".parse::<Timestamp>().is_ok());
    }

    #[test]
    fn an_offset_is_taken_off() {
        let time: Timestamp = "2026-01-01T00:30:00+01:00".parse().expect("a time");
        assert_eq!(time.to_string(), "2025-12-31T23:30:00.000000Z");
    }

    #[test]
    fn a_bare_date_means_the_end_of_that_day() {
        let end = Timestamp::parse_inclusive("1993-03-31").expect("a date");
        assert_eq!(end.to_string(), "1993-03-31T23:59:59.999999Z");
        assert_eq!(
            end.saturating_add_micros(1),
            Timestamp::start_of_day(1993, 4, 1).expect("a day")
        );
    }
}
