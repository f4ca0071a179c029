//! Whether something was trimmed that somebody would miss.

use std::collections::BTreeSet;

use eventsource_core::{Category, ReadError, StreamId};
use rusqlite::{Connection, OptionalExtension, params};

use super::one;
use crate::{
    error::{corrupt, read_error},
    sql,
};

/// A stream of some categories of which something was trimmed that perhaps lies beyond one position and not beyond another
/// one. Where no event between them is gone, one look at the gaps tells.
pub(crate) fn trimmed_between(
    connection: &Connection,
    categories: &BTreeSet<Category>,
    (after, to): (i64, i64),
) -> Result<Option<StreamId>, ReadError> {
    let gap: Option<i64> = one(connection, sql::GAP, [to])?;
    if gap.is_none_or(|last| last <= after) {
        return Ok(None);
    }
    for category in categories {
        let id: Option<String> = connection
            .prepare_cached(sql::TRIMMED_BEYOND)
            .and_then(|mut statement| {
                let of = params![category.as_str(), after];
                statement.query_row(of, |row| row.get(0)).optional()
            })
            .map_err(read_error)?;
        if let Some(id) = id {
            let stream = StreamId::new(category.clone(), id);
            return stream
                .map(Some)
                .map_err(|error| corrupt(None, error.to_string()));
        }
    }
    Ok(None)
}
