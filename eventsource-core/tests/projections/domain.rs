//! Accounts and orders whose events have a past, and a store that holds all of it.

use eventsource_core::{
    Append, EventId, EventName, IdSource, NewEvent, StoredPayload, UuidV7, prelude::*,
};
use serde::{Deserialize, Serialize};

#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "account.opened")]
pub(crate) struct Opened {
    pub(crate) owner: String,
}

/// Called `deposit.made` in version 1, when it had whole units; without a currency in version 2.
#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(
    name = "account.deposited",
    version = 3,
    was("deposit.made", before = 2)
)]
pub(crate) struct Deposited {
    #[event(was(units: i64, before = 2, try_with = |units| units.checked_mul(100).ok_or("too much")))]
    pub(crate) cents: i64,
    #[event(since = 3, default = "CZK".to_owned())]
    pub(crate) currency: String,
}

#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "account.closed")]
pub(crate) struct Closed;

pub(crate) mod legacy {
    use super::*;

    /// Was split into opening, deposit and closing.
    #[derive(Debug, Serialize, Deserialize, Event)]
    #[event(name = "account.opened_funded")]
    pub(crate) struct OpenedFunded {
        owner: String,
        cents: i64,
    }

    pub(crate) fn split(old: OpenedFunded) -> [AccountEvent; 3] {
        let deposited = Deposited {
            cents: old.cents,
            currency: "EUR".to_owned(),
        };
        [
            Opened { owner: old.owner }.into(),
            Closed.into(),
            deposited.into(),
        ]
    }

    /// Was dropped.
    #[derive(Debug, Serialize, Deserialize, Event)]
    #[event(name = "account.viewed")]
    pub(crate) struct Viewed;
}

#[derive(Debug, Default, Aggregate)]
#[aggregate(
    name = "account",
    id = u64,
    error = std::convert::Infallible,
    events(Opened, Deposited, Closed),
    retired("account.opened_funded", from = legacy::OpenedFunded, into = legacy::split),
    retired("account.viewed", from = legacy::Viewed, into = |_| []),
)]
pub(crate) struct Account;

impl Apply<Opened> for Account {
    fn apply(&mut self, _: &Opened) {}
}

impl Apply<Deposited> for Account {
    fn apply(&mut self, _: &Deposited) {}
}

impl Apply<Closed> for Account {
    fn apply(&mut self, _: &Closed) {}
}

#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "order.placed")]
pub(crate) struct Placed {
    pub(crate) cents: i64,
}

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "order.shipped")]
pub(crate) struct Shipped;

#[derive(Debug, Default, Aggregate)]
#[aggregate(name = "order", id = u64, error = std::convert::Infallible, events(Placed, Shipped))]
pub(crate) struct Order;

impl Apply<Placed> for Order {
    fn apply(&mut self, _: &Placed) {}
}

impl Apply<Shipped> for Order {
    fn apply(&mut self, _: &Shipped) {}
}

/// What lies in the store: category, id, stored name, schema version, payload.
pub(crate) type Row = (&'static str, &'static str, &'static str, u32, &'static str);

/// Each form that an event has ever had.
pub(crate) const PAST: &[Row] = &[
    ("account", "1", "account.viewed", 1, "null"),
    (
        "account",
        "1",
        "account.opened_funded",
        1,
        r#"{"owner":"ann","cents":1000}"#,
    ),
    ("order", "1", "order.placed", 1, r#"{"cents":70}"#),
    ("account", "1", "deposit.made", 1, r#"{"units":5}"#),
    ("order", "1", "order.shipped", 1, "null"),
    ("account", "2", "account.opened", 1, r#"{"owner":"bob"}"#),
    ("account", "1", "account.deposited", 2, r#"{"cents":7}"#),
    // Of nobody's aggregate.
    ("parcel", "1", "parcel.lost", 1, "null"),
    (
        "account",
        "2",
        "account.deposited",
        3,
        r#"{"cents":9,"currency":"USD"}"#,
    ),
    ("account", "2", "account.closed", 1, "null"),
];

/// What of it a projection of openings, deposits and placed orders is given: the position, which part of how many, the
/// event.
pub(crate) const TAKEN: &[&str] = &[
    "2 0/3 opened by ann",
    "2 2/3 1000 EUR",
    "3 0/1 placed for 70",
    "4 0/1 500 CZK",
    "6 0/1 opened by bob",
    "7 0/1 7 CZK",
    "9 0/1 9 USD",
];

/// Appends events as past versions of the code have stored them, one at a time. They occurred at the microseconds that
/// their positions count.
pub(crate) async fn append(store: &MemoryStore, rows: &[Row]) {
    for row in rows {
        let micros = 1 + store.head().await.expect("a head").map_or(0, number);
        append_occurred(store, *row, micros).await;
    }
}

/// Appends one event that occurred at a time.
pub(crate) async fn append_occurred(store: &MemoryStore, row: Row, micros: i64) {
    let (category, id, name, version, json) = row;
    let event = NewEvent::new(
        EventId::new(UuidV7.next_id()),
        EventName::new(name).expect("a legal name"),
        version,
        StoredPayload::json(json.as_bytes()),
        Timestamp::from_micros(micros),
    );
    let stream = StreamId::new(category, id).expect("a legal stream");
    let append = Append::to(stream, Expected::Any, [event]);
    store
        .append(append)
        .await
        .expect("stores do not look inside");
}

fn number(position: eventsource_core::Position) -> i64 {
    i64::try_from(position.number()).expect("a few events")
}

/// A store with all of the past.
pub(crate) async fn store() -> MemoryStore {
    let store = MemoryStore::new();
    append(&store, PAST).await;
    store
}

/// One line for each event that a handler was given.
pub(crate) fn line(envelope: &Envelope<'_>, event: &dyn ToString) -> String {
    let (position, part, parts) = (envelope.position(), envelope.part(), envelope.parts());
    format!("{position} {part}/{parts} {}", event.to_string())
}

impl std::fmt::Display for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "opened by {}", self.owner)
    }
}

impl std::fmt::Display for Deposited {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.cents, self.currency)
    }
}

impl std::fmt::Display for Placed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "placed for {}", self.cents)
    }
}
