//! A log to read as a whole, and reads of it through the framework.

use std::path::Path;

use eventsource_core::{
    Append, Category, Delivery, EventId, EventName, EventStore, EventStoreExt, Expected, IdSource,
    NewEvent, Read, Start, StoredPayload, StreamId, Subscribe, Timestamp, UuidV7,
};
use eventsource_sqlite::{SqliteOptions, SqliteStore, Synchronous};

use crate::{
    bank::{AccountEvent, Stored},
    workload::fact,
};

/// How many streams take turns, each with one event at a time.
const ACTIVE: usize = 1_000;

/// How many events a stream has before another one takes its place.
const EACH: usize = 20;

/// The categories of the streams: every other one is of the second.
pub const CATEGORIES: [&str; 2] = ["account", "order"];

/// The name that every second event has, the first ones of the streams aside.
pub const NAME: &str = "money.deposited";

/// Fills a new file: streams of 20 events, of which 1 000 take turns. Each event has the ids that a command gives it, and
/// neither actor nor metadata nor tags.
///
/// # Panics
///
/// When the disk fails.
pub async fn fill(path: &Path, events: usize) {
    let options = SqliteOptions::new(path).with_synchronous(Synchronous::Normal);
    let store = SqliteStore::open_with(options).await.expect("a new file");
    let mut left = events;
    for row in 0.. {
        let (first, at) = (row / EACH * ACTIVE, row % EACH);
        let streams = first..first + left.min(ACTIVE);
        if streams.is_empty() {
            break;
        }
        left -= streams.len();
        let mut parts = streams.map(|number| (stream(number), event(number, at)));
        let (to, event) = parts.next().expect("not empty");
        let append = parts.fold(
            Append::to(to, Expected::Any, [event]),
            |append, (to, event)| append.and(to, Expected::Any, [event]),
        );
        store.append(append).await.expect("a disk with room");
    }
    store.close().await;
}

fn stream(number: usize) -> StreamId {
    let category = CATEGORIES[number % CATEGORIES.len()];
    StreamId::new(category, number.to_string()).expect("a legal name")
}

/// The event at a place of a stream, with the ids that a command gives it.
///
/// # Panics
///
/// Never: the names are legal.
pub fn event(stream: usize, at: usize) -> NewEvent {
    let stored = Stored::from_event(&AccountEvent::from(fact(stream, at))).expect("numbers, texts");
    let command = UuidV7.next_id();
    let mut event = NewEvent::new(
        EventId::from(UuidV7.next_id()),
        EventName::new(stored.name).expect("a legal name"),
        stored.version,
        StoredPayload::json(&stored.payload),
        Timestamp::EPOCH,
    );
    event.correlation_id = Some(command.into());
    event.causation_id = Some(command.into());
    event
}

/// What is read.
///
/// # Panics
///
/// Never: the names are legal.
pub fn read(what: What) -> Read {
    let category = Category::new(CATEGORIES[0]).expect("a legal name");
    match what {
        What::All => Read::all(),
        What::Category => Read::category(category),
        What::Named => {
            let name = EventName::new(NAME).expect("a legal name");
            Read::category(category).named([name])
        }
    }
}

/// What is read of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Everything.
    All,
    /// Every second stream.
    Category,
    /// Of every second stream every second event.
    Named,
}

/// Reads page by page. The number of the events, and of the bytes of their payloads.
///
/// # Panics
///
/// When the store fails.
pub async fn pages(store: &SqliteStore, what: What) -> (u64, u64) {
    let mut events = store.read(read(what));
    let (mut count, mut bytes) = (0, 0);
    loop {
        let page = events.next_page().await.expect("a whole file");
        if page.is_empty() {
            return (count, bytes);
        }
        for event in &page {
            count += 1;
            bytes += event.payload.bytes().len() as u64;
        }
    }
}

/// The same, one event after the other.
///
/// # Panics
///
/// When the store fails.
pub async fn events(store: &SqliteStore, what: What) -> (u64, u64) {
    let mut events = store.read(read(what));
    let (mut count, mut bytes) = (0, 0);
    while let Some(event) = events.next().await.expect("a whole file") {
        count += 1;
        bytes += event.payload.bytes().len() as u64;
    }
    (count, bytes)
}

/// The same through a subscription that begins with the first event, until it has caught up.
///
/// # Panics
///
/// When the store fails.
pub async fn subscription(store: &SqliteStore, what: What) -> (u64, u64) {
    let read = read(what);
    let mut subscribe = Subscribe::new(read.scope, Start::Beginning);
    subscribe.filter = read.filter;
    let mut subscription = store.subscribe(subscribe).await.expect("a whole file");
    let (mut count, mut bytes) = (0, 0);
    loop {
        match subscription.next().await.expect("a whole file") {
            Delivery::Event(event) => {
                count += 1;
                bytes += event.payload.bytes().len() as u64;
            }
            Delivery::CaughtUp => return (count, bytes),
            _ => {}
        }
    }
}
