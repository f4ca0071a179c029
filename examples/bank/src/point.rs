//! Points in the past: what `--as-of`, `--from` and `--to` take.

use std::str::FromStr;

use eventsource_core::{AsOf, Timestamp, Version};

use crate::date::Date;

/// A day, a time, or a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    /// A whole day, UTC.
    Day(Date),
    /// A time.
    Time(Timestamp),
    /// A version of an account's stream, written `v12`.
    Version(Version),
}

/// A text is no point in the past.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PointError {
    /// It has no form that is known.
    #[error(
        "`{0}` is no point in the past; write a day as `1994-03-30`, a time as `1994-03-30T12:00:00Z`, a version as `v12`"
    )]
    Form(String),
    /// It has the form of a version.
    #[error("there is no version `{0}`; versions are v1, v2, v3 and so on")]
    Version(String),
}

impl Point {
    /// The point where something ends that has the whole of a day in it, and as of which a state is folded.
    pub fn end(self, recorded: bool) -> AsOf {
        self.at(recorded, Date::end)
    }

    /// The point where something begins that has the whole of a day in it.
    pub fn begin(self, recorded: bool) -> AsOf {
        self.at(recorded, Date::start)
    }

    /// Whether it is a day or a time.
    pub fn is_time(self) -> bool {
        !matches!(self, Self::Version(_))
    }

    fn at(self, recorded: bool, moment: fn(Date) -> Timestamp) -> AsOf {
        let time = match self {
            Self::Version(version) => return AsOf::Version(version),
            Self::Day(day) => moment(day),
            Self::Time(time) => time,
        };
        if recorded {
            AsOf::Recorded(time)
        } else {
            AsOf::Occurred(time)
        }
    }
}

impl std::fmt::Display for Point {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Day(day) => day.fmt(f),
            Self::Time(time) => time.fmt(f),
            Self::Version(version) => write!(f, "v{version}"),
        }
    }
}

impl FromStr for Point {
    type Err = PointError;

    fn from_str(text: &str) -> Result<Self, PointError> {
        if let Some(number) = text.strip_prefix('v') {
            let is_number = number.bytes().all(|byte| byte.is_ascii_digit());
            let number = number.parse().ok().filter(|_| is_number);
            let version = number.and_then(Version::new);
            return version
                .map(Self::Version)
                .ok_or_else(|| PointError::Version(text.to_owned()));
        }
        let day = text.parse().map(Self::Day);
        day.or_else(|_| text.parse().map(Self::Time))
            .map_err(|_| PointError::Form(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_whole_and_a_version_has_no_time() {
        let point = |text: &str| text.parse::<Point>().unwrap();
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let day = point("1994-03-30");
        assert_eq!(day.begin(false), AsOf::Occurred(at("1994-03-30T00:00:00Z")));
        assert_eq!(
            day.end(false),
            AsOf::Occurred(at("1994-03-30T23:59:59.999999Z"))
        );
        assert_eq!(
            day.end(true),
            AsOf::Recorded(at("1994-03-30T23:59:59.999999Z"))
        );
        let noon = point("1994-03-30T12:00:00+01:00");
        assert_eq!(noon.begin(true), AsOf::Recorded(at("1994-03-30T11:00:00Z")));
        assert_eq!(noon.begin(false), noon.end(false));
        let version = point("v12");
        assert_eq!(
            version.begin(true),
            AsOf::Version(Version::new(12).unwrap())
        );
        for wrong in [
            "",
            "v",
            "v0",
            "v-1",
            "v+1",
            "12",
            "1994",
            "1994-02-29",
            "1994-03-30T12:00:00",
            "today",
        ] {
            assert!(wrong.parse::<Point>().is_err(), "{wrong}");
        }
    }
}
