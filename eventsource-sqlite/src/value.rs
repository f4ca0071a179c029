//! Values of SQLite, and what they are in Rust.

use eventsource_core::{Position, Timestamp};
use rusqlite::types::{ToSqlOutput, Value, ValueRef};

/// A value as SQLite keeps it.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum SqliteValue {
    /// No value.
    Null,
    /// A number of 64 bits, with a sign.
    Integer(i64),
    /// A floating number of 64 bits. SQLite has no NaN: it is refused as a parameter.
    Real(f64),
    /// A text.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
}

impl SqliteValue {
    /// What SQLite calls the type.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Null => "NULL",
            Self::Integer(_) => "INTEGER",
            Self::Real(_) => "REAL",
            Self::Text(_) => "TEXT",
            Self::Blob(_) => "BLOB",
        }
    }

    /// SQLite would take a NaN for NULL.
    fn checked(self) -> Result<Self, SqliteTypeError> {
        match self {
            Self::Real(number) if number.is_nan() => Err(SqliteTypeError {
                expected: "a floating number that SQLite has",
                found: "NaN",
            }),
            other => Ok(other),
        }
    }

    /// `None` where a text is not UTF-8.
    pub(crate) fn of(value: ValueRef<'_>) -> Option<Self> {
        Some(match value {
            ValueRef::Null => Self::Null,
            ValueRef::Integer(number) => Self::Integer(number),
            ValueRef::Real(number) => Self::Real(number),
            ValueRef::Text(text) => Self::Text(std::str::from_utf8(text).ok()?.to_owned()),
            ValueRef::Blob(bytes) => Self::Blob(bytes.to_owned()),
        })
    }

    /// As the driver wants it.
    pub(crate) fn to_driver(&self) -> ToSqlOutput<'_> {
        match self {
            Self::Null => ToSqlOutput::Owned(Value::Null),
            Self::Integer(number) => ToSqlOutput::Owned(Value::Integer(*number)),
            Self::Real(number) => ToSqlOutput::Owned(Value::Real(*number)),
            Self::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Self::Blob(bytes) => ToSqlOutput::Borrowed(ValueRef::Blob(bytes)),
        }
    }
}

/// The type alone: what is in a read model may be as secret as what is in events.
impl std::fmt::Debug for SqliteValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.kind())
    }
}

/// A value is none of the type that it is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{found} is not {expected}")]
#[non_exhaustive]
pub struct SqliteTypeError {
    /// What it is to be.
    pub expected: &'static str,
    /// What SQLite calls the type that it is of.
    pub found: &'static str,
}

impl SqliteTypeError {
    /// A value of this type, where another one was wanted.
    pub const fn new(expected: &'static str, found: &SqliteValue) -> Self {
        Self {
            expected,
            found: found.kind(),
        }
    }
}

/// What can be given to a statement. Implement it for the types of your own domain:
///
/// ```
/// use eventsource_sqlite::{FromSqlite, SqliteTypeError, SqliteValue, ToSqlite};
///
/// #[derive(Debug, PartialEq)]
/// struct Haler(i64);
///
/// impl ToSqlite for Haler {
///     fn to_sqlite(self) -> Result<SqliteValue, SqliteTypeError> {
///         self.0.to_sqlite()
///     }
/// }
///
/// impl FromSqlite for Haler {
///     fn from_sqlite(value: SqliteValue) -> Result<Self, SqliteTypeError> {
///         i64::from_sqlite(value).map(Self)
///     }
/// }
/// assert_eq!(Haler::from_sqlite(Haler(7).to_sqlite()?)?, Haler(7));
/// # Ok::<(), SqliteTypeError>(())
/// ```
pub trait ToSqlite {
    /// The value.
    ///
    /// # Errors
    ///
    /// [`SqliteTypeError`] where SQLite has no such value, as of a `u64` beyond `i64::MAX` or a NaN.
    fn to_sqlite(self) -> Result<SqliteValue, SqliteTypeError>;
}

/// What a column can be read as.
pub trait FromSqlite: Sized {
    /// The value as this type.
    ///
    /// # Errors
    ///
    /// [`SqliteTypeError`] where it is none: nothing is converted by guessing.
    fn from_sqlite(value: SqliteValue) -> Result<Self, SqliteTypeError>;
}

macro_rules! integers {
    ($($type:ident = $name:literal;)*) => {$(
        impl ToSqlite for $type {
            fn to_sqlite(self) -> Result<SqliteValue, SqliteTypeError> {
                let number = i64::try_from(self).map_err(|_| SqliteTypeError {
                    expected: "a number of 64 bits with a sign",
                    found: concat!("a greater ", stringify!($type)),
                })?;
                Ok(SqliteValue::Integer(number))
            }
        }

        impl FromSqlite for $type {
            fn from_sqlite(value: SqliteValue) -> Result<Self, SqliteTypeError> {
                let error = SqliteTypeError::new($name, &value);
                match value {
                    SqliteValue::Integer(number) => Self::try_from(number).map_err(|_| error),
                    _ => Err(error),
                }
            }
        }
    )*};
}
integers! {
    i16 = "a number of 16 bits with a sign";
    u16 = "a number of 16 bits without a sign";
    i32 = "a number of 32 bits with a sign";
    u32 = "a number of 32 bits without a sign";
    i64 = "a number of 64 bits with a sign";
    u64 = "a number of 64 bits without a sign";
    usize = "a number without a sign";
}

macro_rules! values {
    ($($variant:ident $type:ty = $name:literal;)*) => {$(
        impl ToSqlite for $type {
            fn to_sqlite(self) -> Result<SqliteValue, SqliteTypeError> {
                SqliteValue::$variant(self).checked()
            }
        }

        impl FromSqlite for $type {
            fn from_sqlite(value: SqliteValue) -> Result<Self, SqliteTypeError> {
                let error = SqliteTypeError::new($name, &value);
                match value {
                    SqliteValue::$variant(value) => Ok(value),
                    _ => Err(error),
                }
            }
        }
    )*};
}
values! {
    Real f64 = "a floating number";
    Text String = "a text";
    Blob Vec<u8> = "bytes";
}

macro_rules! borrowed {
    ($($variant:ident $type:ty;)*) => {$(
        impl ToSqlite for $type {
            fn to_sqlite(self) -> Result<SqliteValue, SqliteTypeError> {
                Ok(SqliteValue::$variant(self.to_owned()))
            }
        }
    )*};
}
borrowed! {
    Text &str;
    Blob &[u8];
}

impl ToSqlite for &String {
    fn to_sqlite(self) -> Result<SqliteValue, SqliteTypeError> {
        self.as_str().to_sqlite()
    }
}

impl ToSqlite for SqliteValue {
    fn to_sqlite(self) -> Result<SqliteValue, SqliteTypeError> {
        self.checked()
    }
}

impl FromSqlite for SqliteValue {
    fn from_sqlite(value: SqliteValue) -> Result<Self, SqliteTypeError> {
        Ok(value)
    }
}

/// 0 and 1, as SQLite has them.
impl ToSqlite for bool {
    fn to_sqlite(self) -> Result<SqliteValue, SqliteTypeError> {
        Ok(SqliteValue::Integer(self.into()))
    }
}

impl FromSqlite for bool {
    fn from_sqlite(value: SqliteValue) -> Result<Self, SqliteTypeError> {
        match value {
            SqliteValue::Integer(0) => Ok(false),
            SqliteValue::Integer(1) => Ok(true),
            other => Err(SqliteTypeError::new("0 or 1", &other)),
        }
    }
}

/// Microseconds since 1970, UTC.
impl ToSqlite for Timestamp {
    fn to_sqlite(self) -> Result<SqliteValue, SqliteTypeError> {
        Ok(SqliteValue::Integer(self.as_micros()))
    }
}

impl FromSqlite for Timestamp {
    fn from_sqlite(value: SqliteValue) -> Result<Self, SqliteTypeError> {
        i64::from_sqlite(value).map(Self::from_micros)
    }
}

/// Its number.
impl ToSqlite for Position {
    fn to_sqlite(self) -> Result<SqliteValue, SqliteTypeError> {
        self.number().to_sqlite()
    }
}

impl FromSqlite for Position {
    fn from_sqlite(value: SqliteValue) -> Result<Self, SqliteTypeError> {
        let error = SqliteTypeError::new("a position", &value);
        let number = u64::from_sqlite(value).map_err(|_| error)?;
        Self::from_number(number).ok_or(error)
    }
}

impl<T: ToSqlite> ToSqlite for Option<T> {
    fn to_sqlite(self) -> Result<SqliteValue, SqliteTypeError> {
        self.map_or(Ok(SqliteValue::Null), T::to_sqlite)
    }
}

impl<T: FromSqlite> FromSqlite for Option<T> {
    fn from_sqlite(value: SqliteValue) -> Result<Self, SqliteTypeError> {
        match value {
            SqliteValue::Null => Ok(None),
            value => T::from_sqlite(value).map(Some),
        }
    }
}

/// The values of a statement's parameters, in order: a tuple of up to twelve, an array, a `Vec`, or `()`.
pub trait SqliteParams {
    /// The values.
    ///
    /// # Errors
    ///
    /// [`SqliteTypeError`] where SQLite has no such value.
    fn to_values(self) -> Result<Vec<SqliteValue>, SqliteTypeError>;
}

/// The values, whoever has made them.
pub(crate) fn checked(params: impl SqliteParams) -> Result<Vec<SqliteValue>, SqliteTypeError> {
    let values = params.to_values()?;
    values.into_iter().map(SqliteValue::checked).collect()
}

impl SqliteParams for () {
    fn to_values(self) -> Result<Vec<SqliteValue>, SqliteTypeError> {
        Ok(Vec::new())
    }
}

impl<T: ToSqlite, const N: usize> SqliteParams for [T; N] {
    fn to_values(self) -> Result<Vec<SqliteValue>, SqliteTypeError> {
        self.into_iter().map(T::to_sqlite).collect()
    }
}

impl<T: ToSqlite> SqliteParams for Vec<T> {
    fn to_values(self) -> Result<Vec<SqliteValue>, SqliteTypeError> {
        self.into_iter().map(T::to_sqlite).collect()
    }
}

macro_rules! tuples {
    ($($($type:ident)+;)*) => {$(
        impl<$($type: ToSqlite),+> SqliteParams for ($($type,)+) {
            fn to_values(self) -> Result<Vec<SqliteValue>, SqliteTypeError> {
                #[expect(non_snake_case, reason = "each is named by its type")]
                let ($($type,)+) = self;
                Ok(vec![$($type.to_sqlite()?),+])
            }
        }
    )*};
}
tuples! {
    A;
    A B;
    A B C;
    A B C D;
    A B C D E;
    A B C D E F;
    A B C D E F G;
    A B C D E F G H;
    A B C D E F G H I;
    A B C D E F G H I J;
    A B C D E F G H I J K;
    A B C D E F G H I J K L;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One of a domain, which does not look at what it gives.
    struct Given;

    impl ToSqlite for Given {
        fn to_sqlite(self) -> Result<SqliteValue, SqliteTypeError> {
            Ok(SqliteValue::Real(f64::NAN))
        }
    }

    #[test]
    fn a_nan_is_no_value_whoever_gives_it() {
        let nan = || SqliteValue::Real(f64::NAN);
        for refused in [
            f64::NAN.to_sqlite(),
            nan().to_sqlite(),
            Some(f64::NAN).to_sqlite(),
        ] {
            assert_eq!(refused.map_err(|error| error.found).err(), Some("NaN"));
        }
        assert!(checked([Given]).is_err());
        for number in [0.5, -0.0, f64::INFINITY, f64::NEG_INFINITY, f64::MAX] {
            assert!(checked([number]).is_ok(), "{number}");
        }
    }
}
