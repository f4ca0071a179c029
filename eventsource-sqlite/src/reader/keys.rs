//! What was appended under a key, also where its events were trimmed.

use eventsource_core::{
    Append, Applied, ContentDigest, ReadError, Receipt, Recorded, StreamReceipt,
};
use rusqlite::{Connection, Row};

use super::{events_between, one, positions_of_key};
use crate::{
    error::{corrupt, read_error},
    row::{self, Texts},
    sql,
};

/// An append under a key.
pub(crate) struct Keyed {
    /// Where it stands, as a repeated one is told.
    pub(crate) first: Receipt,
    content: Content,
}

enum Content {
    /// All of it is there.
    Events(Vec<Recorded>),
    /// Some of it was trimmed.
    Digest(ContentDigest),
}

impl Keyed {
    /// Whether this is what the append would write.
    pub(crate) fn is_content_of(&self, append: &Append) -> bool {
        match &self.content {
            Content::Events(stored) => append.has_content_of(stored),
            Content::Digest(digest) => ContentDigest::of(append) == *digest,
        }
    }
}

/// Within one transaction: a trim in between would take the events away.
pub(crate) fn of_key(
    connection: &Connection,
    texts: &mut Texts,
    key: &str,
) -> Result<Option<Keyed>, ReadError> {
    let Some((first, last)) = positions_of_key(connection, key)? else {
        return Ok(None);
    };
    if let Some(digest) = digest(connection, key)? {
        let first = receipt(connection, texts, key)?;
        let content = Content::Digest(digest);
        return Ok(Some(Keyed { first, content }));
    }
    let stored = events_between(connection, texts, first, last)?;
    Ok(Some(Keyed {
        first: Receipt::already(&stored),
        content: Content::Events(stored),
    }))
}

/// That of a key of which events were trimmed.
pub(crate) fn digest(
    connection: &Connection,
    key: &str,
) -> Result<Option<ContentDigest>, ReadError> {
    let digest: Option<[u8; 16]> = one(connection, sql::TRIMMED_KEY, [key])?;
    Ok(digest.map(ContentDigest::from_bytes))
}

fn receipt(connection: &Connection, texts: &mut Texts, key: &str) -> Result<Receipt, ReadError> {
    let mut statement = connection
        .prepare_cached(sql::TRIMMED_RECEIPT)
        .map_err(read_error)?;
    let mut rows = statement.query([key]).map_err(read_error)?;
    let mut parts = Vec::new();
    while let Some(row) = rows.next().map_err(read_error)? {
        parts.push(part(row, connection, texts)?);
    }
    if parts.is_empty() {
        return Err(corrupt(None, "the receipt of a trimmed append is missing"));
    }
    Ok(Receipt::new(Applied::Already, parts))
}

fn part(
    row: &Row<'_>,
    connection: &Connection,
    texts: &mut Texts,
) -> Result<StreamReceipt, ReadError> {
    let number = |column: usize| row.get::<_, i64>(column).map_err(read_error);
    Ok(StreamReceipt::new(
        texts.stream(connection, number(0)?, None)?,
        (
            row::version(number(1)?, None)?,
            row::version(number(2)?, None)?,
        ),
        (row::position(number(3)?)?, row::position(number(4)?)?),
    ))
}
