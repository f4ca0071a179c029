//! Asking a connection by a statement of others, and the rows that come of it.

use std::sync::Arc;

use rusqlite::{
    CachedStatement, Connection, Error as SqlError, Rows, Statement, types::ToSqlOutput,
};

use crate::value::{FromSqlite, SqliteTypeError, SqliteValue};

/// A row of an answer.
#[derive(Debug, Clone)]
pub struct SqliteRow {
    columns: Arc<[String]>,
    values: Vec<SqliteValue>,
}

/// A row does not have what was asked of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SqliteRowError {
    /// There is no such column.
    #[error("there is no column `{column}`: there are {columns}")]
    NoColumn {
        /// Its name or its number.
        column: String,
        /// Those that there are.
        columns: String,
    },
    /// The value is of another type.
    #[error("the column `{column}`: {source}")]
    Type {
        /// Its name or its number.
        column: String,
        /// Of which one, and what was wanted.
        source: SqliteTypeError,
    },
}

/// A column: by its name, or by its place, from 0.
pub trait SqliteColumn: std::fmt::Display + Copy {
    /// Its place among the columns; `None` where there is none.
    #[doc(hidden)]
    fn place(self, columns: &[String]) -> Option<usize>;
}

impl SqliteColumn for usize {
    fn place(self, columns: &[String]) -> Option<usize> {
        (self < columns.len()).then_some(self)
    }
}

impl SqliteColumn for &str {
    fn place(self, columns: &[String]) -> Option<usize> {
        columns
            .iter()
            .position(|column| column.eq_ignore_ascii_case(self))
    }
}

impl SqliteRow {
    /// The value of a column, by its name or by its place from 0.
    ///
    /// # Errors
    ///
    /// [`SqliteRowError`] where there is no such column, or its value is none of `T`.
    pub fn get<T: FromSqlite>(&self, column: impl SqliteColumn) -> Result<T, SqliteRowError> {
        let value = column
            .place(&self.columns)
            .and_then(|place| self.values.get(place));
        let value = value.ok_or_else(|| SqliteRowError::NoColumn {
            column: column.to_string(),
            columns: self.columns.join(", "),
        })?;
        T::from_sqlite(value.clone()).map_err(|source| SqliteRowError::Type {
            column: column.to_string(),
            source,
        })
    }

    /// The names of the columns.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The values, in the order of the columns.
    pub fn into_values(self) -> Vec<SqliteValue> {
        self.values
    }
}

/// A statement with its values, that was not begun.
pub(crate) fn prepare<'a>(
    connection: &'a Connection,
    sql: &str,
    values: &[SqliteValue],
) -> Result<CachedStatement<'a>, SqlError> {
    let mut statement = connection.prepare_cached(sql)?;
    bind(&mut statement, values)?;
    Ok(statement)
}

/// The rows of a statement, so many at the most.
pub(crate) fn take(statement: &mut Statement<'_>, most: usize) -> Result<Vec<SqliteRow>, SqlError> {
    let columns: Arc<[String]> = statement.column_names().map(str::to_owned).collect();
    collect(statement.raw_query(), &columns, most)
}

fn collect(
    mut rows: Rows<'_>,
    columns: &Arc<[String]>,
    most: usize,
) -> Result<Vec<SqliteRow>, SqlError> {
    let mut all = Vec::new();
    while all.len() < most
        && let Some(row) = rows.next()?
    {
        let mut values = Vec::with_capacity(columns.len());
        for place in 0..columns.len() {
            let value = SqliteValue::of(row.get_ref(place)?);
            let type_of = rusqlite::types::Type::Text;
            values.push(value.ok_or_else(|| {
                SqlError::FromSqlConversionFailure(place, type_of, "a text is not UTF-8".into())
            })?);
        }
        all.push(SqliteRow {
            columns: Arc::clone(columns),
            values,
        });
    }
    Ok(all)
}

fn bind(statement: &mut Statement<'_>, values: &[SqliteValue]) -> Result<(), SqlError> {
    let expected = statement.parameter_count();
    if expected != values.len() {
        return Err(SqlError::InvalidParameterCount(values.len(), expected));
    }
    for (place, value) in (1..).zip(values) {
        statement.raw_bind_parameter(place, Driver(value))?;
    }
    Ok(())
}

/// The driver's types stay here.
struct Driver<'a>(&'a SqliteValue);

impl rusqlite::ToSql for Driver<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.to_driver())
    }
}
