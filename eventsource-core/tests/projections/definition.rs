//! What a runner is told of a projection: which events to ask for, what each is, and whether it is still the same one.

use std::fmt::Debug;

use eventsource_core::{
    EventName, EventStoreExt, ReadModel, Table,
    prelude::*,
    projection::{Definition, Index, Wanted},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::domain::{Account, Closed, Deposited, Opened, Order, Placed, Row, Shipped, append};

/// Of the category of accounts, too, with an event of its own.
#[derive(Debug, Default, Aggregate)]
#[aggregate(name = "account", id = u64, error = std::convert::Infallible, events(Opened, Audited))]
struct Books;

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(
    name = "account.audited",
    version = 2,
    was("books.audited", before = 2)
)]
#[event(had(by: String, before = 2))]
struct Audited;

impl Apply<Opened> for Books {
    fn apply(&mut self, _: &Opened) {}
}

impl Apply<Audited> for Books {
    fn apply(&mut self, _: &Audited) {}
}

macro_rules! projections {
    ($($name:ident: $attribute:tt;)*) => {$(
        #[derive(Projection)]
        #[projection $attribute]
        struct $name;

        impl<E> Project<E> for $name {
            fn project(&mut self, _: &E, _: &Envelope<'_>) {}
        }
    )*};
}

projections! {
    OfOne: (name = "one", version = 1, from(Account), events(Opened), ignores(..));
    OfOneMore: (name = "two", version = 2, from(Account), events(Opened, Deposited), ignores(Closed));
    OfBoth: (name = "both", version = 1, from(Account, Books), events(Opened, Audited), ignores(..));
    OfBothTurned: (name = "turned", version = 9, from(Books, Account), events(Audited, Opened), ignores(..));
    OfBooks: (name = "books", version = 1, from(Books), events(Opened), ignores(Audited));
    OfOrders: (name = "orders", version = 1, from(Order), events(Placed), ignores(Shipped));
}

/// A log that writes what it is given. That it could write what it ignores, too, is no handler for that.
#[derive(Projection)]
#[projection(
    name = "log",
    version = 1,
    from(Account),
    events(Opened, Deposited),
    ignores(Closed)
)]
struct Log;

impl<E: Event + Serialize + DeserializeOwned + Debug> Project<E> for Log {
    fn project(&mut self, _: &E, _: &Envelope<'_>) {}
}

fn definition<P: Projection>() -> Definition {
    Definition::of::<P>(&[]).expect("a legal name")
}

#[track_caller]
fn unwanted<P: Projection>(expected: &[&str]) {
    let unwanted = definition::<P>().unwanted();
    let names: Vec<_> = unwanted.iter().map(EventName::as_str).collect();
    assert_eq!(names, expected);
}

#[test]
fn unwanted_is_every_name_of_an_event_that_is_ignored_and_of_none_that_was_retired() {
    unwanted::<OfOne>(&["account.closed", "account.deposited", "deposit.made"]);
    unwanted::<OfOneMore>(&["account.closed"]);
    unwanted::<Log>(&["account.closed"]);
    unwanted::<OfBooks>(&["account.audited", "books.audited"]);
    // What one aggregate ignores the other may list.
    unwanted::<OfBoth>(&["account.closed", "account.deposited", "deposit.made"]);
    unwanted::<OfOrders>(&["order.shipped"]);
}

async fn decoded<P: Projection>(row: Row) -> Result<Option<usize>, String> {
    let store = MemoryStore::new();
    append(&store, &[row]).await;
    let events = store.read_all().await.expect("one event");
    match definition::<P>().decode(&events[0]) {
        Ok(Wanted::Parts(parts)) => Ok(Some(parts.parts())),
        Ok(Wanted::No) => Ok(None),
        Err(error) => Err(error.to_string()),
    }
}

#[tokio::test]
async fn an_event_is_read_by_the_aggregate_that_knows_its_name() {
    let audited = ("account", "1", "books.audited", 1, r#"{"by":"ann"}"#);
    let split = (
        "account",
        "1",
        "account.opened_funded",
        1,
        r#"{"owner":"ann","cents":1}"#,
    );
    assert_eq!(decoded::<OfBoth>(audited).await, Ok(Some(1)));
    assert_eq!(decoded::<OfBothTurned>(audited).await, Ok(Some(1)));
    assert_eq!(decoded::<OfBooks>(audited).await, Ok(None));
    for parts in [
        decoded::<OfBoth>(split).await,
        decoded::<OfBothTurned>(split).await,
    ] {
        assert_eq!(parts, Ok(Some(3)));
    }
    // Books do not know it, and accounts are not asked.
    assert!(decoded::<OfBooks>(split).await.is_err());
    assert!(decoded::<OfOne>(audited).await.is_err());
    assert_eq!(decoded::<OfOrders>(audited).await, Ok(None));
}

#[tokio::test]
async fn what_is_ignored_is_not_read_and_what_is_unknown_is_an_error() {
    let damaged = ("account", "1", "account.closed", 1, "{");
    assert_eq!(decoded::<OfOne>(damaged).await, Ok(None));
    let newer = ("account", "1", "account.opened", 2, "{}");
    assert!(decoded::<OfOne>(newer).await.is_err());
    let unknown = ("account", "1", "account.frozen", 1, "{}");
    assert!(decoded::<OfOne>(unknown).await.is_err());
    // Of another category it may be called as it likes.
    let foreign = ("order", "1", "account.opened", 2, "{}");
    assert_eq!(decoded::<OfOne>(foreign).await, Ok(None));
}

struct Rows;

impl ReadModel for Rows {
    const TABLES: &'static [Table] = &[
        Table::new("a", "x INTEGER, y TEXT"),
        Table::new("b", "x INTEGER").with_indexes(&[Index::new("by_x", "x")]),
    ];
}

/// Each of them in one thing.
const OTHERS: [&[Table]; 7] = [
    &[],
    &[Table::new("a", "x INTEGER, y TEXT")],
    &[
        Table::new("a", "x INTEGER, y TEXT"),
        Table::new("b", "x INTEGER"),
    ],
    &[
        Table::new("a", "x INTEGER, y TEXT"),
        Table::new("c", "x INTEGER").with_indexes(&[Index::new("by_x", "x")]),
    ],
    &[
        Table::new("a", "x INTEGER, z TEXT"),
        Table::new("b", "x INTEGER").with_indexes(&[Index::new("by_x", "x")]),
    ],
    &[
        Table::new("a", "x INTEGER, y TEXT"),
        Table::new("b", "x INTEGER").with_indexes(&[Index::new("by_x", "x").unique()]),
    ],
    &[
        Table::new("a", "x INTEGER, y TEXT"),
        Table::new("b", "x INTEGER").with_indexes(&[Index::new("of_x", "x")]),
    ],
];

#[test]
fn a_projection_is_another_one_by_its_events_its_aggregates_and_its_tables() {
    // Neither the order, nor the name, nor the version.
    let same = definition::<OfBoth>().fingerprint();
    assert_eq!(same, definition::<OfBothTurned>().fingerprint());

    let with = |tables| {
        let definition = Definition::of::<OfOne>(tables).expect("a legal name");
        definition.fingerprint()
    };
    let mut all = vec![
        with(Rows::TABLES),
        same,
        definition::<OfOneMore>().fingerprint(),
        definition::<OfOrders>().fingerprint(),
    ];
    all.extend(OTHERS.map(with));
    let count = all.len();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), count, "two of them have one fingerprint");
}
