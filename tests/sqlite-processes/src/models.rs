//! A process that ends within a step of a projection, or within a switch of its read model, as in a loss of power.

use std::path::Path;

use eventsource_core::{
    Advance, Build, Fingerprint, Generation, Position, ProjectionName, ProjectionStore as _,
    ReadModelWork, TransactionalStore as _,
    projection::{DeliveryFailure, HandlerError, Table},
};
use eventsource_sqlite::{SqliteStore, SqliteTx, SqliteTxError};

use crate::{
    common::{
        faulty::{once, open_with},
        open,
    },
    crash::point,
};

const MARKS: Table = Table::new("marks", "position INTEGER PRIMARY KEY");

fn name() -> ProjectionName {
    ProjectionName::new("marks").unwrap()
}

async fn step(store: &SqliteStore, generation: Generation, from: u64) {
    let at = Position::from_number;
    let advance = Advance::new(name(), generation, (at(from), at(from + 1)));
    let mark = move |tx: &SqliteTx| -> Result<(), SqliteTxError> {
        let marks = tx.table("marks")?;
        let mark = format!("INSERT INTO {marks} VALUES (?1)");
        tx.execute(&mark, [from + 1]).map(drop)
    };
    let work: ReadModelWork<SqliteTx> = Box::new(move |tx| {
        mark(tx).map_err(|error| DeliveryFailure::undone(0, HandlerError::new(error)))
    });
    // In the process that is to end it does not come back.
    drop(store.advance_in(advance, work).await);
}

/// A generation that is read and has one event, and one that follows it and has two.
async fn begin(path: &Path) {
    let store = open(path).await;
    for live in [true, false] {
        let mut build = Build::new(name(), (1, Fingerprint::new(1))).with_tables([MARKS]);
        build.live = live;
        let begun = store.begin_generation(build).await.unwrap();
        step(&store, begun.generation, 0).await;
    }
    step(&store, Generation::from_number(2), 1).await;
    store.close().await;
}

pub(crate) async fn crash_in_step(path: &Path, at: &str) {
    begin(path).await;
    let store = open_with(path, once(point(at), || std::process::abort())).await;
    step(&store, Generation::FIRST, 1).await;
}

pub(crate) async fn crash_in_switch(path: &Path, at: &str) {
    begin(path).await;
    let store = open_with(path, once(point(at), || std::process::abort())).await;
    let second = Generation::from_number(2);
    drop(store.switch_to(&name(), second, None).await);
}
