//! Trimming a stream, within a transaction.

use eventsource_core::{
    AppendError, ContentDigest, Receipt, StreamId, TrimError, Trimmed, Version,
};
use rusqlite::{OptionalExtension, params};

use super::transaction::Transaction;
use crate::{
    error::{failed, rejected, unreadable},
    reader::{self, events_between},
    row::Texts,
    sql,
};

/// What it has left, or why the stream cannot be trimmed so; the outer error is the engine's.
pub(super) type TrimOutcome = Result<Trimmed, TrimError>;

impl Transaction<'_> {
    pub(super) fn trim(
        &mut self,
        stream: &StreamId,
        before: Version,
    ) -> Result<TrimOutcome, AppendError> {
        let versions = match self.stream_number(stream)? {
            None => None,
            Some(number) => {
                self.strike()?;
                let versions = reader::versions(self.connection, number.stream);
                let versions = versions.map_err(unreadable)?;
                versions.map(|(first, last)| (number.stream, first, last))
            }
        };
        let Some((number, first, last)) = versions else {
            let stream = stream.clone();
            return Ok(Err(TrimError::StreamNotFound { stream }));
        };
        if before > last {
            return Ok(Err(TrimError::BeyondEnd {
                stream: stream.clone(),
                before,
                last,
            }));
        }
        if before <= first {
            return Ok(Ok(Trimmed::new(first, 0)));
        }
        let below = i64::try_from(before.get()).map_err(failed)?;
        let removed = self.all_or_nothing(|transaction| {
            transaction.see_before_trim()?;
            transaction.keep_keys(number, below)?;
            transaction.run(sql::ALLOW_TRIM, params![number, below])?;
            let removed = transaction
                .statement(sql::TRIM)?
                .execute(params![number, below]);
            removed.map_err(|error| AppendError::from(rejected(error)))
        })?;
        Ok(Ok(Trimmed::new(before, removed as u64)))
    }

    /// What keys answer with is kept before their events go.
    fn keep_keys(&mut self, stream: i64, below: i64) -> Result<(), AppendError> {
        let mut going = self.statement(sql::POSITIONS_BELOW)?;
        let mut going = going.query(params![stream, below]).map_err(rejected)?;
        // Up to here it is known which keys there are.
        let mut passed = 0;
        while let Some(row) = going.next().map_err(rejected)? {
            let position: i64 = row.get(0).map_err(rejected)?;
            if position <= passed {
                continue;
            }
            let key: Option<(String, i64, i64)> = self
                .statement(sql::KEY_AT)?
                .query_row([position], |row| {
                    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
                })
                .optional()
                .map_err(rejected)?;
            if let Some((key, first, last)) = key
                && last >= position
            {
                self.keep_key(&key, first, last)?;
                passed = last;
            }
        }
        Ok(())
    }

    fn keep_key(&mut self, key: &str, first: i64, last: i64) -> Result<(), AppendError> {
        self.strike()?;
        let kept = reader::digest_of_key(self.connection, key).map_err(unreadable)?;
        if kept.is_some() {
            return Ok(());
        }
        self.strike()?;
        let events = events_between(self.connection, &mut Texts::default(), first, last);
        let events = events.map_err(unreadable)?;
        for (part, place) in (0_i64..).zip(Receipt::already(&events).streams) {
            let stream = self.stream_number(&place.stream)?;
            let stream = stream.ok_or_else(|| failed("a stream of stored events is missing"))?;
            let number = |number: u64| i64::try_from(number).map_err(failed);
            let values = params![
                key,
                part,
                stream.stream,
                number(place.first_version.get())?,
                number(place.last_version.get())?,
                number(place.first_position.number())?,
                number(place.last_position.number())?,
            ];
            self.run(sql::KEEP_RECEIPT, values)?;
        }
        let content = events
            .iter()
            .map(|event| -> &eventsource_core::RecordedEvent { event });
        let digest = ContentDigest::of_stored(content).to_bytes();
        self.run(sql::KEEP_KEY, params![key, digest])
    }
}
