//! Read models in transactions that are broken, and a store that is.

use std::{
    collections::BTreeSet,
    sync::{
        Mutex,
        atomic::{AtomicI64, Ordering::SeqCst},
    },
};

use eventsource_core::{
    Advance, AdvanceError, Append, AppendError, AppendKey, Capabilities, EventStream, Limits,
    Position, ProjectionStore, Read, ReadError, ReadModelWork, Receipt, TransactionalStore,
    async_trait, prelude::*, projection::Table,
};
use eventsource_testing::prelude::*;

use super::planted;
use crate::{
    domain::{Account, BalanceRows, Deposited, Order, deposited, placed, rows},
    drawer::{Drawer, DrawerTx, Rows},
};

/// A projection of deposits in a transaction.
macro_rules! projections {
    ($($(#[$doc:meta])* $name:ident { $($field:ident: $type:ty)? }, $name_of:literal, $project:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Default, Projection)]
        #[projection(
            name = $name_of,
            version = 1,
            from(Account),
            events(Deposited),
            ignores(..),
            transaction = Tx
        )]
        pub(super) struct $name { $($field: $type)? }

        impl ReadModel for $name {
            const TABLES: &'static [Table] = &[Table::new("rows", "name, number")];
        }

        impl ProjectIn<Tx, Deposited> for $name {
            fn project(
                &self,
                event: &Deposited,
                envelope: &Envelope<'_>,
                tx: &mut Tx,
            ) -> Result<(), HandlerError> {
                const PROJECT: fn(&$name, &Deposited, Position, &mut Tx) = $project;
                PROJECT(self, event, envelope.position(), tx);
                Ok(())
            }
        }
    )*};
}

projections! {
    /// Numbers events by a counter of its own.
    Counting { count: AtomicI64 }, "counting", |it, _, position, tx| {
        tx.inner.rows.insert(position.to_string(), it.count.fetch_add(1, SeqCst));
    };
    /// Counts the events that it remembers.
    Remembering { seen: Mutex<BTreeSet<Position>> }, "remembering", |it, _, position, tx| {
        let mut seen = it.seen.lock().expect("no panic");
        seen.insert(position);
        tx.inner.rows.insert("events".to_owned(), i64::try_from(seen.len()).expect("few"));
    };
    /// Numbers events within a transaction.
    Scribbling {}, "scribbling", |_, _, position, tx| {
        tx.calls += 1;
        tx.inner.rows.insert(position.to_string(), tx.calls);
    };
    /// Adds.
    Adding {}, "adding", |_, event, _, tx| {
        *tx.inner.rows.entry("cents".to_owned()).or_default() += event.cents;
    };
}

/// A transaction in which calls are counted.
#[derive(Debug)]
pub(super) struct Tx {
    inner: DrawerTx,
    calls: i64,
}

/// A drawer with such transactions.
#[derive(Debug, Clone, Default)]
pub(super) struct Desk {
    drawer: Drawer,
    /// Does not ask where a checkpoint is.
    takes_any_step: bool,
}

impl Desk {
    async fn rows(&self, projection: &str) -> Rows {
        self.drawer.rows(projection).await
    }
}

#[async_trait]
impl TransactionalStore for Desk {
    type Tx = Tx;

    async fn advance_in(
        &self,
        mut advance: Advance,
        work: ReadModelWork<Tx>,
    ) -> Result<(), AdvanceError> {
        if self.takes_any_step {
            let found = self.drawer.find_projection(&advance.projection).await?;
            let build = found.and_then(|found| found.generation(advance.generation).cloned());
            advance.from = build.and_then(|build| build.checkpoint);
        }
        let work = move |inner: &mut DrawerTx| {
            let rows = std::mem::take(&mut inner.rows);
            let inner_tx = DrawerTx { rows };
            let mut tx = Tx {
                inner: inner_tx,
                calls: 0,
            };
            let worked = work(&mut tx);
            *inner = tx.inner;
            worked
        };
        self.drawer.advance_in(advance, Box::new(work)).await
    }
}

#[async_trait]
impl EventStore for Desk {
    fn capabilities(&self) -> Capabilities {
        self.drawer.capabilities()
    }

    fn limits(&self) -> Limits {
        self.drawer.limits()
    }

    async fn append(&self, append: Append) -> Result<Receipt, AppendError> {
        self.drawer.append(append).await
    }

    async fn find_append(&self, key: &AppendKey) -> Result<Option<Receipt>, ReadError> {
        self.drawer.find_append(key).await
    }

    fn read(&self, read: Read) -> EventStream {
        self.drawer.read(read)
    }

    async fn stream_version(&self, stream: &StreamId) -> Result<Option<Version>, ReadError> {
        self.drawer.stream_version(stream).await
    }

    async fn head(&self) -> Result<Option<Position>, ReadError> {
        self.drawer.head().await
    }

    async fn wait_beyond(&self, position: Option<Position>) -> Result<Position, ReadError> {
        self.drawer.wait_beyond(position).await
    }

    fn projections(&self) -> Option<&dyn ProjectionStore> {
        self.drawer.projections()
    }
}

macro_rules! told {
    ($name:ident) => {
        told!($name, Desk::default())
    };
    ($name:ident, $desk:expr) => {
        ProjectionScenario::<$name>::new()
            .on($desk)
            .given::<Account>(1, [deposited(1), deposited(2)])
            .when::<Account>(2, deposited(3))
    };
}

planted! {
    once_finds_a_handler_that_fails: also Once,
        |scenario| ProjectionScenario::<BalanceRows>::new()
            .on(Drawer::default())
            .given::<Account>(1, deposited(1))
            .given::<Order>(7, placed(1, 2))
        => scenario.then_rows(async |store| store.rows("balance-rows").await, rows([("1", 1)]));
    /// A counter beside the rows is wrong in more than one way.
    twice_finds_a_counter_that_is_not_undone: also Twice,
        |scenario| told!(Counting)
        => scenario.then_rows(async |desk| desk.rows("counting").await, rows([("1", 0), ("2", 1), ("3", 2)]));
    twice_finds_a_store_that_takes_a_step_twice: only Twice,
        |scenario| told!(Adding, Desk { takes_any_step: true, ..Desk::default() })
        => scenario.then_rows(async |desk| desk.rows("adding").await, rows([("cents", 6)]));
    /// Without the check, others that deliver in other batches find it.
    splits_finds_what_depends_on_a_transaction: also Splits,
        |scenario| told!(Scribbling)
        => scenario.then_rows(async |desk| desk.rows("scribbling").await, rows([("1", 1), ("2", 2), ("3", 1)]));
    resumed_finds_what_is_kept_in_the_projection: only Resumed,
        |scenario| told!(Remembering)
        => scenario.then_rows(async |desk| desk.rows("remembering").await, rows([("events", 3)]));
}

#[test]
fn what_depends_on_a_transaction_is_found_by_one_check() {
    let found = crate::support::failure(|| splits_finds_what_depends_on_a_transaction::play(None));
    assert_eq!(super::checks_in(&found.text), [ProjectionCheck::Splits]);
    found.says(&["not checked: resumed, since what is read depends on the batches"]);
}

#[test]
fn a_desk_is_as_good_as_a_drawer() {
    told!(Adding).then_rows(async |desk| desk.rows("adding").await, rows([("cents", 6)]));
}
