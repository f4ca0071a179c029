//! Giving numbers to texts, within a transaction.

use eventsource_core::{AppendError, ContentType, EventName, StreamId};
use rusqlite::{OptionalExtension, params};

use super::{interned::StreamNumber, transaction::Transaction};
use crate::{error::rejected, sql};

impl Transaction<'_> {
    pub(super) fn stream_number(
        &mut self,
        stream: &StreamId,
    ) -> Result<Option<StreamNumber>, AppendError> {
        if let Some(number) = self.interned.streams.get(stream) {
            return Ok(Some(number));
        }
        let number = self
            .statement(sql::STREAM)?
            .query_row([stream.category().as_str(), stream.id()], |row| {
                Ok(StreamNumber {
                    stream: row.get(0)?,
                    category: row.get(1)?,
                })
            })
            .optional()
            .map_err(rejected)?;
        if let Some(number) = number {
            self.interned.streams.insert(stream.clone(), number);
        }
        Ok(number)
    }

    pub(super) fn new_stream(&mut self, stream: &StreamId) -> Result<StreamNumber, AppendError> {
        let category = stream.category();
        let category_number = if let Some(number) = self.interned.categories.get(category) {
            number
        } else {
            let statements = (sql::CATEGORY, sql::INSERT_CATEGORY);
            let number = self.number(statements, category.as_str())?;
            self.interned.categories.insert(category.clone(), number);
            number
        };
        self.run(sql::INSERT_STREAM, params![category_number, stream.id()])?;
        let number = StreamNumber {
            stream: self.connection.last_insert_rowid(),
            category: category_number,
        };
        self.interned.streams.insert(stream.clone(), number);
        Ok(number)
    }

    pub(super) fn name_number(&mut self, name: &EventName) -> Result<i64, AppendError> {
        if let Some(number) = self.interned.names.get(name) {
            return Ok(number);
        }
        let number = self.number((sql::NAME, sql::INSERT_NAME), name.as_str())?;
        self.interned.names.insert(name.clone(), number);
        Ok(number)
    }

    pub(super) fn content_type_number(
        &mut self,
        kind: &ContentType,
    ) -> Result<Option<i64>, AppendError> {
        if *kind == ContentType::JSON {
            return Ok(None);
        }
        if let Some(number) = self.interned.content_types.get(kind) {
            return Ok(Some(number));
        }
        let statements = (sql::CONTENT_TYPE, sql::INSERT_CONTENT_TYPE);
        let number = self.number(statements, kind.as_str())?;
        self.interned.content_types.insert(kind.clone(), number);
        Ok(Some(number))
    }

    /// The number of a text; a new one where it has none.
    fn number(
        &mut self,
        (select, insert): (&'static str, &'static str),
        text: &str,
    ) -> Result<i64, AppendError> {
        let known = self
            .statement(select)?
            .query_row([text], |row| row.get(0))
            .optional()
            .map_err(rejected)?;
        if let Some(number) = known {
            return Ok(number);
        }
        self.run(insert, [text])?;
        Ok(self.connection.last_insert_rowid())
    }
}
