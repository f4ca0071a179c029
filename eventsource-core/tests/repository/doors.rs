//! Aggregates that an event creates, over stored events that are split, dropped, or in no order that anything has written.

use eventsource_core::{
    AsOf, EventStore, EventStoreExt, ExecuteError, FoldError, LoadError, Read, Repository, Version,
    prelude::*,
};
use serde::{Deserialize, Serialize};

use crate::{
    domain::version,
    evolved::{Account, Deposit, Row, stored},
};

macro_rules! events {
    ($($event:ident $name:literal)*) => {$(
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = $name)]
        struct $event;
    )*};
}
events! {
    Built "door.built" Locked "door.locked"
    Ordered "door.ordered" BuiltLocked "door.built_locked" Rebuilt "door.rebuilt"
}

#[derive(Debug, PartialEq, Aggregate)]
#[aggregate(
    name = "door",
    id = u64,
    error = std::convert::Infallible,
    created_by = Built,
    events(Built, Locked),
    retired("door.ordered", from = Ordered, into = |_| None),
    retired("door.built_locked", from = BuiltLocked, into = |_| [Built.into(), Locked.into()]),
    // A mistake: nothing can come before what creates it, nor can it be created when it is there.
    retired("door.rebuilt", from = Rebuilt, into = |_| [Locked.into(), Built.into()]),
)]
struct Door {
    locked: bool,
}

impl Create<Built> for Door {
    fn create(_: &Built) -> Self {
        Self { locked: false }
    }
}

impl Apply<Locked> for Door {
    fn apply(&mut self, _: &Locked) {
        self.locked = true;
    }
}

struct Build;

impl HandleNew<Build> for Door {
    fn handle(_: &Build) -> Decision<Self> {
        Ok(Built.into())
    }
}

const BUILT: Row<'static> = ("door.built", 1, "null");
const LOCKED: Row<'static> = ("door.locked", 1, "null");
const ORDERED: Row<'static> = ("door.ordered", 1, "null");
const BUILT_LOCKED: Row<'static> = ("door.built_locked", 1, "null");
const REBUILT: Row<'static> = ("door.rebuilt", 1, "null");

/// Door 1 has these events; the first occurred at microsecond 1, the next at 2.
async fn doors(rows: &[Row<'_>]) -> Repository<Door> {
    let store = MemoryStore::new();
    store.append(stored("door", rows)).await.expect("stored");
    Repository::new(store)
}

#[tokio::test]
async fn a_state_can_be_created_by_a_part() {
    let doors = doors(&[ORDERED, BUILT_LOCKED]).await;
    let loaded = doors.load(&1).await.expect("the door");
    assert_eq!((loaded.locked, loaded.version()), (true, Version::new(2)));
    let refused = doors.create(&1, Build).await.expect_err("it exists");
    assert!(
        matches!(&refused, ExecuteError::AlreadyExists { version: at, .. } if *at == version(2)),
        "{refused:?}"
    );
}

/// A stream of which every event was dropped.
const DROPPED: &[Row<'static>] = &[ORDERED, ORDERED];

#[tokio::test]
async fn a_stream_of_which_every_event_was_dropped_is_no_aggregate_and_can_become_one() {
    let doors = doors(DROPPED).await;
    let missing = doors.load(&1).await.expect_err("no door");
    assert!(matches!(missing, LoadError::NotFound { .. }), "{missing:?}");

    let mut unit = doors.begin(&1).await.expect("a unit of work");
    unit.create(Build).expect("a new door");
    unit.create(Build).expect_err("it is decided already");
    let receipt = unit.commit().await.expect("committed");
    assert_eq!(receipt.version(), Version::new(3));
    assert!(!doors.load(&1).await.expect("the door").locked);
}

#[tokio::test]
async fn what_is_created_over_dropped_events_is_created_once() {
    let doors = doors(DROPPED).await;
    let receipt = doors.create(&1, Build).await.expect("a new door");
    assert_eq!(receipt.version(), Version::new(3));
    let refused = doors.create(&1, Build).await.expect_err("it exists");
    assert!(
        matches!(refused, ExecuteError::AlreadyExists { .. }),
        "{refused:?}"
    );
}

#[tokio::test]
async fn what_a_decision_creates_over_dropped_events_is_created_once() {
    let doors = doors(DROPPED).await;
    let build = || async { Ok::<_, &str>(Events::from(Built)) };
    let receipt = doors.decide_new(&1, build).await.expect("a new door");
    assert_eq!(receipt.version(), Version::new(3));
    let refused = doors.decide_new(&1, build).await.expect_err("it exists");
    assert!(
        matches!(refused, ExecuteError::AlreadyExists { .. }),
        "{refused:?}"
    );
}

#[tokio::test]
async fn what_begins_as_its_default_is_created_over_dropped_events_once() {
    for in_a_unit in [true, false] {
        let rows = [("account.viewed", 1, "null"); 2];
        let store = MemoryStore::new();
        store
            .append(stored("account", &rows))
            .await
            .expect("stored");
        let accounts = Repository::<Account>::new(store);
        let loaded = accounts.load(&1).await.expect("the default");
        assert_eq!(
            loaded.version(),
            Version::new(2),
            "a dropped event is counted"
        );

        let receipt = if in_a_unit {
            let mut unit = accounts.begin(&1).await.expect("a unit of work");
            unit.create(Deposit(1)).expect("nothing is there yet");
            unit.create(Deposit(1)).expect_err("it is decided already");
            unit.commit().await
        } else {
            accounts.create(&1, Deposit(1)).await
        };
        assert_eq!(receipt.expect("stored").version(), Version::new(3));
        let refused = accounts
            .create(&1, Deposit(1))
            .await
            .expect_err("it exists");
        assert!(
            matches!(refused, ExecuteError::AlreadyExists { .. }),
            "{refused:?}"
        );
    }
}

/// What does not fit, as each of these streams is read; the part of it, and how.
const DAMAGED: &[(&[Row<'static>], usize, bool)] = &[
    (&[LOCKED], 0, true),
    (&[REBUILT], 0, true),
    (&[ORDERED, LOCKED], 0, true),
    (&[BUILT, BUILT_LOCKED], 0, false),
    (&[BUILT, REBUILT], 1, false),
];

#[tokio::test]
async fn a_stored_event_that_does_not_fit_is_an_error_with_its_name_and_place_whatever_the_time() {
    for (rows, expected_part, is_first) in DAMAGED {
        let doors = doors(rows).await;
        let last = version(rows.len() as u64);
        let (name, ..) = rows[rows.len() - 1];
        for as_of in [
            None,
            Some(AsOf::Version(last)),
            Some(AsOf::Recorded(Timestamp::MAX)),
            Some(AsOf::Occurred(Timestamp::MAX)),
        ] {
            let loaded = match as_of {
                None => doors.load(&1).await,
                Some(as_of) => doors.load_as_of(&1, as_of).await,
            };
            let error = loaded.expect_err("no state");
            let LoadError::Fold {
                version: at,
                event,
                schema_version,
                part,
                source,
                ..
            } = &error
            else {
                panic!("{as_of:?}: {error:?}")
            };
            assert_eq!((*at, event.as_str(), *schema_version), (last, name, 1));
            assert_eq!(part, expected_part, "{name}");
            assert_eq!(
                matches!(source, FoldError::NotCreated { .. }),
                *is_first,
                "{source:?}"
            );
        }
    }
}

#[tokio::test]
async fn an_event_that_does_not_fit_is_named_as_it_was_stored() {
    let error = doors(&[BUILT, REBUILT])
        .await
        .load(&1)
        .await
        .expect_err("no state");
    assert_eq!(
        error.to_string(),
        "version 2 of the stream `door-1` (position 2), the event `door.rebuilt` with schema version 1, \
         does not fit the state: its part 1, counted from 0"
    );
}

#[tokio::test]
async fn as_of_a_time_at_which_only_a_later_event_had_occurred_there_is_no_aggregate() {
    let doors = Repository::<Door>::new(MemoryStore::new());
    doors.create(&1, Build).await.expect("a new door");
    // It occurred at microsecond 1, and the door was built now.
    let locked = stored("door", &[LOCKED]);
    doors.store().append(locked).await.expect("stored");
    let then = AsOf::Occurred(Timestamp::from_micros(1));
    let missing = doors.load_as_of(&1, then).await.expect_err("no door yet");
    assert!(matches!(missing, LoadError::NotFound { .. }), "{missing:?}");
}

#[tokio::test]
async fn the_last_event_of_a_filter_by_type_may_be_one_that_was_dropped() {
    let doors = doors(&[BUILT, ORDERED]).await;
    let read = Read::all().typed::<Door, Built>();
    let last = doors.store().last(read.clone()).await.expect("readable");
    let last = last.expect("two events");
    assert!(last.decode::<Door>().expect("readable").is_empty());

    // Who wants the last one that is left goes back from the end.
    let mut events = doors.store().read(read.backward());
    let built = loop {
        let event = events
            .next()
            .await
            .expect("readable")
            .expect("the door was built");
        if event
            .decode::<Door>()
            .expect("readable")
            .iter()
            .any(|part| matches!(part, DoorEvent::Built(_)))
        {
            break event;
        }
    };
    assert_eq!(built.version, version(1));
}
