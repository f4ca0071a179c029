//! The types in the fields of the histories, values of them, and functions that the histories name by path.

use std::{collections::BTreeMap, fmt::Display, num::ParseIntError, str::FromStr};

use eventsource_core::Schema;
use serde::{Deserialize, Serialize};

use crate::Random;

/// A value at random, of the size and kind that makes conversions succeed and fail.
pub trait Any {
    /// Any value.
    fn any(random: &mut Random) -> Self;
}

macro_rules! number {
    ($($ty:ident),*) => {$(
        impl Any for $ty {
            fn any(random: &mut Random) -> Self {
                let bits = match random.below(8) {
                    0 => 0,
                    1 => return $ty::MAX,
                    2 => return $ty::MIN,
                    3 | 4 => random.next() % 120,
                    _ => random.next() >> random.below(64),
                };
                let low = *bits.to_le_bytes().first_chunk().expect("no number is longer");
                $ty::from_le_bytes(low)
            }
        }
    )*};
}

number!(u8, u16, u32, u64, i64);

impl Any for f64 {
    fn any(random: &mut Random) -> Self {
        Self::from(u16::any(random)) / 8.0
    }
}

impl Any for bool {
    fn any(random: &mut Random) -> Self {
        random.percent(50)
    }
}

impl Any for String {
    fn any(random: &mut Random) -> Self {
        match random.below(10) {
            0 => Self::new(),
            1 => "\u{e9}\"\\\n".to_owned(),
            2 => u64::any(random).to_string(),
            3 => "Usd".to_owned(),
            4 => "Eur".to_owned(),
            5 => "no number".to_owned(),
            _ => u8::any(random).to_string(),
        }
    }
}

impl Any for Box<str> {
    fn any(random: &mut Random) -> Self {
        String::any(random).into()
    }
}

impl<T: Any> Any for Box<T> {
    fn any(random: &mut Random) -> Self {
        Self::new(T::any(random))
    }
}

impl<T: Any> Any for Option<T> {
    fn any(random: &mut Random) -> Self {
        random.percent(70).then(|| T::any(random))
    }
}

impl<T: Any> Any for Vec<T> {
    fn any(random: &mut Random) -> Self {
        (0..random.below(4)).map(|_| T::any(random)).collect()
    }
}

impl<T: Any> Any for [T; 2] {
    fn any(random: &mut Random) -> Self {
        [T::any(random), T::any(random)]
    }
}

impl<T: Any> Any for BTreeMap<String, T> {
    fn any(random: &mut Random) -> Self {
        let pairs = 0..random.below(3);
        pairs
            .map(|_| (String::any(random), T::any(random)))
            .collect()
    }
}

/// A unit enum.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, Schema)]
pub enum Currency {
    /// The default.
    #[default]
    Eur,
    /// Another one.
    Usd,
}

impl Any for Currency {
    fn any(random: &mut Random) -> Self {
        *random.of(&[Self::Eur, Self::Usd])
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        match currency {
            Currency::Eur => "Eur",
            Currency::Usd => "Usd",
        }
        .to_owned()
    }
}

impl FromStr for Currency {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "Eur" => Ok(Self::Eur),
            "Usd" => Ok(Self::Usd),
            _ => Err(format!("no currency is called {text}")),
        }
    }
}

/// A newtype that numbers become by `From`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, Schema)]
pub struct Cents(pub u64);

impl Any for Cents {
    fn any(random: &mut Random) -> Self {
        Self(u64::any(random))
    }
}

impl From<u32> for Cents {
    fn from(cents: u32) -> Self {
        Self(cents.into())
    }
}

impl From<Cents> for u64 {
    fn from(cents: Cents) -> Self {
        cents.0
    }
}

/// What a value shows.
pub fn to_text<T: Display>(value: T) -> String {
    value.to_string()
}

/// A number times a hundred.
pub fn hundredfold(value: u32) -> u64 {
    u64::from(value) * 100
}

/// A number from its digits.
///
/// # Errors
///
/// When they are none.
#[expect(clippy::needless_pass_by_value, reason = "`try_with` gives the value")]
pub fn parse_u32(text: String) -> Result<u32, ParseIntError> {
    text.parse()
}

/// A currency from its name.
///
/// # Errors
///
/// When no currency has it.
#[expect(clippy::needless_pass_by_value, reason = "`try_with` gives the value")]
pub fn parse_currency(text: String) -> Result<Currency, String> {
    text.parse()
}
