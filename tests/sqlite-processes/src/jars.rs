//! Jars of coins, and every fill of them in a table that takes whatever it is given: what is doubled or out of order shows.

use std::any::Any;

use eventsource_core::{
    Append, EventId, IdSource as _, NewEvent, Projection, StoredPayload, UuidV7,
    prelude::*,
    projection::{Envelope, HandlerError, HandlesIn, ProjectIn, ReadModel, Source, Table},
};
use eventsource_sqlite::SqliteTx;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "jar.filled")]
pub(crate) struct Filled {
    coins: u64,
}

#[derive(Debug, Default, Aggregate)]
#[aggregate(name = "jar", id = u64, error = std::convert::Infallible, events(Filled))]
pub(crate) struct Jar {
    coins: u64,
}

impl Apply<Filled> for Jar {
    fn apply(&mut self, event: &Filled) {
        self.coins += event.coins;
    }
}

/// A fill of one jar, whatever is in it.
pub(crate) fn fill(jar: u64) -> Append {
    fill_all([jar])
}

/// A fill of each of these jars.
pub(crate) fn fill_all(jars: impl IntoIterator<Item = u64>) -> Append {
    let mut jars = jars.into_iter();
    let one = |jar: u64| {
        let event = NewEvent::new(
            EventId::new(UuidV7.next_id()),
            "jar.filled".parse().unwrap(),
            1,
            StoredPayload::json(br#"{"coins":1}"#),
            Timestamp::EPOCH,
        );
        (StreamId::of::<Jar>(&jar).unwrap(), [event])
    };
    let (stream, event) = one(jars.next().unwrap());
    let first = Append::to(stream, Expected::Any, event);
    jars.map(one).fold(first, |append, (stream, event)| {
        append.and(stream, Expected::Any, event)
    })
}

/// Every fill in the order in which it was taken in, by version `VERSION` of the code and by a process of this name.
#[derive(Debug, Clone)]
pub(crate) struct Fills<const VERSION: u32> {
    pub(crate) by: String,
}

/// A projection of this name, in any version.
pub(crate) const NAME: &str = "fills";

impl<const VERSION: u32> ReadModel for Fills<VERSION> {
    const TABLES: &'static [Table] = &[Table::new(
        "fills",
        "place INTEGER PRIMARY KEY, position INTEGER NOT NULL, jar TEXT NOT NULL, version INTEGER NOT NULL, \
         made_by INTEGER NOT NULL, process TEXT NOT NULL",
    )];
}

impl<const VERSION: u32> ProjectIn<SqliteTx, Filled> for Fills<VERSION> {
    fn project(
        &self,
        _: &Filled,
        envelope: &Envelope<'_>,
        tx: &mut SqliteTx,
    ) -> Result<(), HandlerError> {
        let fills = tx.table("fills")?;
        let insert = format!(
            "INSERT INTO {fills} (position, jar, version, made_by, process) VALUES (?1, ?2, ?3, ?4, ?5)"
        );
        let (position, version) = (envelope.position().number(), envelope.version.get());
        let by = (VERSION, self.by.as_str());
        tx.execute(
            &insert,
            (position, envelope.stream.id(), version, by.0, by.1),
        )?;
        Ok(())
    }
}

impl<const VERSION: u32> Projection for Fills<VERSION> {
    const NAME: &'static str = NAME;
    const VERSION: u32 = VERSION;

    fn sources() -> Vec<Source> {
        vec![Source::of::<Jar>()]
    }

    fn listed() -> Vec<&'static str> {
        vec!["jar.filled"]
    }
}

/// A derive takes no generics; this one has its version as one.
impl<const VERSION: u32> HandlesIn<SqliteTx> for Fills<VERSION> {
    fn handle(
        &self,
        event: &dyn Any,
        envelope: &Envelope<'_>,
        tx: &mut SqliteTx,
    ) -> Result<(), HandlerError> {
        match event.downcast_ref::<Filled>() {
            Some(event) => self.project(event, envelope, tx),
            None => Ok(()),
        }
    }
}
