//! Projections that go with the appends, within their transactions.

use std::{rc::Rc, sync::Arc};

use eventsource_core::{
    Append, AppendError, Generation, Position, ProjectionName, Receipt, Recorded, RecordedEvent,
    Rejection, Timestamp, projection::DeliveryError,
};
use rusqlite::params;

use super::{
    catch_up::{STEP, Trouble},
    kept::own,
    projections::{Stop, number},
    transaction::Transaction,
};
use crate::{
    error::{Refusal, Unfit, failed, rejected, unreadable},
    inline::Inline,
    projections,
    reader::EventsBetween,
    sql,
    tx::SqliteTx,
};

/// A projection that has every event up to the end of the store.
pub(super) struct Current {
    generation: Generation,
    tx: SqliteTx,
}

/// How far the projections that go with appends may be from the end of the store.
pub(super) enum Reach {
    /// So far that the rest goes with the first append.
    Near,
    Any,
    /// They cannot be brought there, and this is what each append is told that needs it.
    None(Refusal),
}

/// What is told of an event that a projection cannot take.
type Refuse = fn(ProjectionName, &RecordedEvent, DeliveryError) -> Rejection;

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
                transaction.deliver(&**inline, current, &events, its_own)?;
                transaction.move_inline(&**inline, current, to)?;
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

    /// What is trimmed is gone for the projections, too: they have it before.
    pub(super) fn see_before_trim(&mut self) -> Result<(), AppendError> {
        if self.current.is_some() {
            return Ok(());
        }
        self.catch_up_all().map(drop)
    }

    /// What may have been appended by others, who do not have these projections.
    fn catch_up_all(&mut self) -> Result<Vec<Current>, AppendError> {
        // Whatever stood in the way of one stands in the way of those that come after it.
        if let Reach::None(refusal) = &self.reach {
            return Err(refusal.again());
        }
        let options = self.options;
        let mut all = Vec::with_capacity(options.inline.len());
        for inline in &options.inline {
            match self.catch_up(&**inline) {
                Ok(current) => all.push(current),
                Err(error) => {
                    if !self.behind
                        && let Some(refusal) = Refusal::of(&error)
                    {
                        self.reach = Reach::None(refusal);
                    }
                    return Err(error);
                }
            }
        }
        Ok(all)
    }

    fn catch_up(&mut self, inline: &dyn Inline) -> Result<Current, AppendError> {
        let definition = inline.definition();
        let name = definition.name();
        self.strike()?;
        let found = projections::find(self.connection, name).map_err(unreadable)?;
        let own = own(found.as_ref(), definition).map_err(|unfit| unfit.appending(name))?;
        let live = found.as_ref().and_then(|found| found.live);
        let Some(live) = own.filter(|own| live == Some(own.generation)) else {
            return Err(Unfit::Outdated.appending(name));
        };
        let mut current = self.inline_tx(name, live.generation)?;
        let at = live.checkpoint.map_or(0, Position::number);
        let end = self.end_position();
        if at == end {
            return Ok(current);
        }
        if at > end {
            return Err(Unfit::Ahead { at, end }.appending(name));
        }
        if end - at > STEP && matches!(self.reach, Reach::Near) {
            self.behind = true;
            return Err(Unfit::Behind { at, end }.appending(name));
        }
        let delivered = self.deliver_stored(inline, &mut current, (at, end));
        delivered.map_err(|trouble| trouble.appending(name))?;
        Ok(current)
    }

    pub(super) fn inline_tx(
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

    /// Delivers the events beyond a position, up to another one, that came another way, and moves the checkpoint there.
    pub(super) fn deliver_stored(
        &mut self,
        inline: &dyn Inline,
        current: &mut Current,
        (after, to): (u64, u64),
    ) -> Result<(), Trouble> {
        self.check_trims(inline.definition(), (after, to))?;
        self.strike()?;
        let connection = self.connection;
        let mut events = EventsBetween::new(number(after.saturating_add(1))?, number(to)?);
        while let Some(page) = events.next_page(connection).map_err(unreadable)? {
            self.deliver(inline, current, &page, of_others)?;
        }
        Ok(self.move_inline(inline, current, to)?)
    }

    fn deliver(
        &self,
        inline: &dyn Inline,
        current: &mut Current,
        events: &[Recorded],
        refuse: Refuse,
    ) -> Result<(), AppendError> {
        let name = inline.definition().name();
        for event in events {
            let delivered = inline.deliver(event, &mut current.tx);
            if let Some(failure) = current.tx.take_failure() {
                return Err(rejected(failure).into());
            }
            delivered.map_err(|error| refuse(name.clone(), event, error))?;
            // A statement may say `OR ROLLBACK`.
            if self.connection.is_autocommit() {
                return Err(Unfit::RolledBack.appending(name));
            }
        }
        Ok(())
    }

    fn move_inline(
        &mut self,
        inline: &dyn Inline,
        current: &Current,
        to: u64,
    ) -> Result<(), AppendError> {
        let name = inline.definition().name().as_str();
        let generation = number(current.generation.number())?;
        let values = params![name, generation, number(to)?];
        self.run(sql::MOVE_CHECKPOINT, values)
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

fn its_own(projection: ProjectionName, event: &RecordedEvent, error: DeliveryError) -> Rejection {
    Rejection::Projection {
        projection,
        stream: event.stream.clone(),
        version: event.version,
        error,
    }
}

fn of_others(projection: ProjectionName, event: &RecordedEvent, error: DeliveryError) -> Rejection {
    Rejection::ProjectionBehind {
        projection,
        stream: event.stream.clone(),
        version: event.version,
        error: Arc::new(error),
    }
}
