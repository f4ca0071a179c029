//! How the bank's own types stand in columns.

use eventsource_sqlite::{FromSqlite, SqliteTypeError, SqliteValue, ToSqlite};

use crate::{account::AccountId, date::Date};

/// SQLite's numbers have a sign; a number beyond them stands there as a negative one, and comes back as it was. The order of
/// accounts is `account < 0, account`.
impl ToSqlite for AccountId {
    fn to_sqlite(self) -> Result<SqliteValue, SqliteTypeError> {
        self.0.cast_signed().to_sqlite()
    }
}

impl FromSqlite for AccountId {
    fn from_sqlite(value: SqliteValue) -> Result<Self, SqliteTypeError> {
        i64::from_sqlite(value).map(|number| Self(number.cast_unsigned()))
    }
}

/// As people write it, which is in the order of days, too.
impl ToSqlite for Date {
    fn to_sqlite(self) -> Result<SqliteValue, SqliteTypeError> {
        self.to_string().to_sqlite()
    }
}

impl FromSqlite for Date {
    fn from_sqlite(value: SqliteValue) -> Result<Self, SqliteTypeError> {
        let error = SqliteTypeError::new("a day", &value);
        String::from_sqlite(value)?.parse().map_err(|_| error)
    }
}
