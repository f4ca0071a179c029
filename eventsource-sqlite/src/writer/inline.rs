//! Projections that go with the appends, within their transactions.

use std::{rc::Rc, sync::Arc};

use eventsource_core::{
    Append, AppendError, Build, Generation, Position, ProjectionName, Receipt, Recorded,
    RecordedEvent, Rejection, StoredGeneration, StoredProjection, Timestamp,
    projection::Definition,
};
use rusqlite::params;

use super::{
    projections::{Stop, number},
    transaction::Transaction,
};
use crate::{
    error::{failed, rejected, unreadable},
    inline::Inline,
    projections,
    reader::events_between,
    row::Texts,
    sql,
    tx::SqliteTx,
};

/// How many events that came another way are delivered in one transaction.
const STEP: u64 = 500;

/// A projection that has every event up to the end of the store.
pub(super) struct Current {
    generation: Generation,
    tx: SqliteTx,
}

impl Transaction<'_> {
    /// Stores an append together with what the projections make of it.
    pub(super) fn store_inline(
        &mut self,
        append: &Append,
        store: impl FnOnce(&mut Self) -> Result<Receipt, AppendError>,
    ) -> Result<Receipt, AppendError> {
        let done = self.all_or_nothing(|transaction| {
            let mut all = match transaction.current.take() {
                Some(all) => all,
                None => transaction.catch_up_all()?,
            };
            let receipt = store(transaction)?;
            let events = transaction.recorded(append, &receipt);
            let to = transaction.end_position();
            for (inline, current) in transaction.options.inline.iter().zip(&mut all) {
                transaction.deliver(&**inline, current, (&events, to))?;
            }
            // What failed would have been undone, and would have to be looked at again.
            transaction.current = Some(all);
            Ok::<_, AppendError>(receipt)
        });
        if done.is_err() {
            self.current = None;
        }
        done
    }

    /// What may have been appended by others, who do not have these projections.
    fn catch_up_all(&mut self) -> Result<Vec<Current>, AppendError> {
        let options = self.options;
        let mut all = Vec::with_capacity(options.inline.len());
        for inline in &options.inline {
            all.push(self.catch_up(&**inline)?);
        }
        Ok(all)
    }

    fn catch_up(&mut self, inline: &dyn Inline) -> Result<Current, AppendError> {
        let definition = inline.definition();
        let name = definition.name();
        self.strike()?;
        let found = projections::find(self.connection, name).map_err(unreadable)?;
        let own = found.as_ref().and_then(|found| own(found, definition));
        let live = found.as_ref().and_then(|found| found.live);
        let Some(live) = own.filter(|own| live == Some(own.generation)) else {
            let reason = "another version of it is read, or none: open the store anew";
            return Err(unfit(name, reason.to_owned()));
        };
        let mut current = self.current(name, live.generation)?;
        let at = live.checkpoint.map_or(0, Position::number);
        let end = self.end_position();
        if at == end {
            return Ok(current);
        }
        if at > end || end - at > STEP {
            let reason = format!(
                "it is at position {at}, and the store at {end}: open the store anew, which brings it there"
            );
            return Err(unfit(name, reason));
        }
        let events = self.events(at, end)?;
        self.deliver(inline, &mut current, (&events, end))?;
        Ok(current)
    }

    /// Brings a projection some events nearer to the end of the store, as it is opened. Whether it is there.
    pub(super) fn inline_step(&mut self, inline: &dyn Inline) -> Result<bool, AppendError> {
        self.next_job();
        self.all_or_nothing(|transaction| transaction.nearer(inline))
            .map_err(|stop| match stop {
                Stop::Engine(error) => error,
                Stop::Refused(error) => failed(error),
            })
    }

    fn nearer(&mut self, inline: &dyn Inline) -> Result<bool, Stop> {
        let definition = inline.definition();
        let name = definition.name();
        let found = projections::find(self.connection, name).map_err(unreadable)?;
        let own = found.as_ref().and_then(|found| own(found, definition));
        let (generation, at) = if let Some(own) = own {
            (own.generation, own.checkpoint.map_or(0, Position::number))
        } else {
            let version = (definition.version(), definition.fingerprint());
            let build = Build::new(name.clone(), version).with_tables(definition.tables());
            (self.begin_generation(&build)?.generation, 0)
        };
        let end = self.end_position();
        let to = end.min(at.saturating_add(STEP));
        if at < to {
            let mut current = self.current(name, generation)?;
            let events = self.events(at, to)?;
            self.deliver(inline, &mut current, (&events, to))?;
        }
        let live = found.and_then(|found| found.live);
        if to >= end && live != Some(generation) {
            self.follow(name, generation, live)?;
        }
        Ok(to >= end)
    }

    fn current(
        &mut self,
        name: &ProjectionName,
        generation: Generation,
    ) -> Result<Current, AppendError> {
        let tables = match self.tables(name, generation) {
            Ok(tables) => tables,
            Err(Stop::Engine(error)) => return Err(error),
            Err(Stop::Refused(error)) => return Err(failed(error)),
        };
        let connection = Rc::clone(self.connection);
        let tx = SqliteTx::new(connection, name.clone(), generation, tables);
        Ok(Current { generation, tx })
    }

    /// Delivers events, and moves the checkpoint to where they end.
    fn deliver(
        &mut self,
        inline: &dyn Inline,
        current: &mut Current,
        (events, to): (&[Recorded], u64),
    ) -> Result<(), AppendError> {
        let name = inline.definition().name();
        for event in events {
            let delivered = inline.deliver(event, &mut current.tx);
            if let Some(failure) = current.tx.take_failure() {
                return Err(rejected(failure).into());
            }
            delivered.map_err(|error| Rejection::Projection {
                projection: name.clone(),
                stream: event.stream.clone(),
                version: event.version,
                error,
            })?;
            // A statement may say `OR ROLLBACK`.
            if self.connection.is_autocommit() {
                let reason = "a statement has rolled back the whole transaction";
                return Err(unfit(name, reason.to_owned()));
            }
        }
        let generation = number(current.generation.number())?;
        let values = params![name.as_str(), generation, number(to)?];
        self.run(sql::MOVE_CHECKPOINT, values)
    }

    /// The events beyond a position, up to another one, without those that were trimmed.
    fn events(&mut self, after: u64, to: u64) -> Result<Vec<Recorded>, AppendError> {
        self.strike()?;
        let (first, last) = (number(after.saturating_add(1))?, number(to)?);
        events_between(self.connection, &mut Texts::default(), first, last).map_err(unreadable)
    }

    /// What was just stored, as a reader would find it.
    fn recorded(&self, append: &Append, receipt: &Receipt) -> Vec<Recorded> {
        let recorded_at = Timestamp::from_micros(self.recorded_at());
        let parts = append.parts.iter().filter(|part| !part.events.is_empty());
        let mut all = Vec::new();
        for (part, place) in parts.zip(&receipt.streams) {
            for (event, nth) in part.events.iter().zip(0..) {
                let version = place.first_version.plus(nth);
                let Some(position) =
                    Position::from_number(place.first_position.number().saturating_add(nth))
                else {
                    continue;
                };
                let (event, stream) = (event.clone(), part.stream.clone());
                let event = RecordedEvent::new(event, stream, version, position, recorded_at);
                all.push(Arc::new(event));
            }
        }
        all
    }
}

/// The generation that this build of the projection has begun: the live one, or one that is to follow it.
fn own<'a>(found: &'a StoredProjection, definition: &Definition) -> Option<&'a StoredGeneration> {
    let is_own = |one: &&StoredGeneration| {
        one.version == definition.version() && one.fingerprint == definition.fingerprint()
    };
    let live = found.live().filter(is_own);
    live.or_else(|| found.generations.iter().rev().find(is_own))
}

fn unfit(projection: &ProjectionName, reason: String) -> AppendError {
    let projection = projection.clone();
    Rejection::ReadModel { projection, reason }.into()
}
