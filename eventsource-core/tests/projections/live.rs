//! Projections that are folded when they are asked for.

use std::sync::Arc;

use eventsource_core::{
    EventStore, Position,
    prelude::*,
    projection::{Folded, LiveError},
};

use crate::{
    domain::{Account, Order, PAST, Row, TAKEN, append, append_occurred, store},
    kinds::Lines,
};

pub(crate) fn position(number: u64) -> Position {
    Position::from_number(number).expect("positions begin at 1")
}

pub(crate) fn stream<A: Aggregate<Id = u64>>(id: u64) -> StreamId {
    StreamId::of::<A>(&id).expect("a legal stream")
}

/// What is taken of the events at these positions.
pub(crate) fn taken(positions: impl Fn(u64) -> bool) -> Vec<&'static str> {
    let number = |line: &&&str| {
        let (number, _) = line.split_once(' ').expect("a position");
        positions(number.parse().expect("a number"))
    };
    TAKEN.iter().filter(number).copied().collect()
}

#[track_caller]
pub(crate) fn is_at(folded: &Folded<Lines>, lines: &[&str], at: u64) {
    assert_eq!(folded.0, lines);
    assert_eq!(folded.position(), Position::from_number(at));
}

#[tokio::test]
async fn it_is_given_old_renamed_and_split_events_as_todays_up_to_the_head() {
    let store = store().await;
    let lines = store.live(Lines::default()).await.expect("readable");
    // The last event is ignored, and the projection is up to it all the same.
    is_at(&lines, TAKEN, PAST.len() as u64);
    // Six listed ones, the one that was split, and the one that was dropped.
    assert_eq!(lines.events(), 7);
    // A store behind a pointer is one, too.
    let shared: Arc<dyn EventStore> = Arc::new(store);
    let lines = shared.live(Lines::default()).await.expect("readable");
    is_at(&lines, TAKEN, PAST.len() as u64);
    assert_eq!(lines.into_projection().0.len(), TAKEN.len());
}

#[tokio::test]
async fn events_come_on_top_of_what_the_projection_holds() {
    let begun = Lines(vec!["begun".to_owned()]);
    let lines = store().await.live(begun).await.expect("readable");
    assert_eq!((&*lines.0[0], lines.0.len()), ("begun", 1 + TAKEN.len()));
}

#[tokio::test]
async fn where_nothing_matches_it_is_up_to_the_head_and_in_an_empty_store_nowhere() {
    let store = MemoryStore::new();
    let lines = store.live(Lines::default()).await.expect("readable");
    is_at(&lines, &[], 0);
    append(
        &store,
        &[
            ("parcel", "1", "parcel.lost", 1, "null"),
            ("account", "1", "account.closed", 1, "null"),
            ("account", "1", "account.viewed", 1, "null"),
        ],
    )
    .await;
    let lines = store.live(Lines::default()).await.expect("readable");
    is_at(&lines, &[], 3);
}

#[tokio::test]
async fn one_stream_is_folded_alone() {
    let store = store().await;
    for (stream, positions) in [
        (stream::<Account>(1), &[2, 4, 7][..]),
        (stream::<Account>(2), &[6, 9]),
        (stream::<Order>(1), &[3]),
        // It has never had an event.
        (stream::<Order>(9), &[]),
    ] {
        let lines = store.live(Lines::default()).stream(stream);
        let expected = taken(|at| positions.contains(&at));
        is_at(&lines.await.expect("readable"), &expected, 10);
    }
}

#[tokio::test]
async fn a_stream_of_which_nothing_can_come_is_an_error() {
    let store = store().await;
    let parcel = StreamId::new("parcel", "1").expect("a legal stream");
    let error = store.live(Lines::default()).stream(parcel.clone()).await;
    assert!(
        matches!(&error, Err(LiveError::OtherStream { projection: "lines", stream }) if *stream == parcel),
        "{error:?}"
    );
}

#[tokio::test]
async fn as_of_a_position_it_is_what_it_was_there() {
    let store = store().await;
    for until in 1..=12 {
        let lines = store.live(Lines::default()).until(position(until));
        let lines = lines.await.expect("readable");
        is_at(&lines, &taken(|at| at <= until), until.min(10));
        let of_one = store.live(Lines::default()).until(position(until));
        let of_one = of_one.stream(stream::<Account>(1)).await.expect("readable");
        let expected = taken(|at| at <= until && [2, 4, 7].contains(&at));
        is_at(&of_one, &expected, until.min(10));
    }
    // Of two, the earlier.
    let lines = store
        .live(Lines::default())
        .until(position(4))
        .until(position(7));
    is_at(&lines.await.expect("readable"), &taken(|at| at <= 4), 4);
}

#[tokio::test]
async fn as_of_a_time_it_is_of_the_events_that_had_occurred_or_were_recorded() {
    let store = store().await;
    for (micros, until) in (0..=11).zip(0..) {
        let by = Timestamp::from_micros(micros);
        let lines = store.live(Lines::default()).occurred_by(by).await;
        is_at(&lines.expect("readable"), &taken(|at| at <= until), 10);
        let one = store.live(Lines::default()).stream(stream::<Account>(2));
        let one = one.occurred_by(by).await.expect("readable");
        is_at(&one, &taken(|at| at <= until && [6, 9].contains(&at)), 10);
    }
    // Recorded today, whenever they occurred.
    for (by, positions) in [(Timestamp::from_micros(11), 0), (Timestamp::MAX, 10)] {
        let lines = store.live(Lines::default()).recorded_by(by).await;
        is_at(&lines.expect("readable"), &taken(|at| at <= positions), 10);
    }
    let both = store.live(Lines::default()).recorded_by(Timestamp::MAX);
    let both = both.recorded_by(Timestamp::MIN).await.expect("readable");
    is_at(&both, &[], 10);
}

// D14
#[tokio::test]
async fn events_are_folded_in_the_order_of_positions_whenever_they_occurred() {
    let store = MemoryStore::new();
    for (owner, micros) in [
        ("{\"owner\":\"ann\"}", 30),
        ("{\"owner\":\"bob\"}", 10),
        ("{\"owner\":\"eve\"}", 20),
    ] {
        let row = ("account", "1", "account.opened", 1, owner);
        append_occurred(&store, row, micros).await;
    }
    let lines = store.live(Lines::default()).await.expect("readable");
    is_at(
        &lines,
        &[
            "1 0/1 opened by ann",
            "2 0/1 opened by bob",
            "3 0/1 opened by eve",
        ],
        3,
    );
    let by = Timestamp::from_micros(20);
    let some = store.live(Lines::default()).occurred_by(by);
    let expected = ["2 0/1 opened by bob", "3 0/1 opened by eve"];
    is_at(&some.await.expect("readable"), &expected, 3);
    // That the first version is left out is no damage.
    let one = store.live(Lines::default()).stream(stream::<Account>(1));
    let one = one.occurred_by(by).await.expect("readable");
    is_at(&one, &expected, 3);
}

async fn unreadable(row: Row) -> LiveError {
    let store = store().await;
    append(&store, &[row]).await;
    let whole = store.live(Lines::default()).await.expect_err("unreadable");
    let of_one = store.live(Lines::default()).stream(stream::<Account>(2));
    let of_one = of_one.await.expect_err("unreadable");
    assert_eq!(format!("{whole:?}"), format!("{of_one:?}"));
    // What was before it can be read.
    let before = store.live(Lines::default()).until(position(10)).await;
    is_at(&before.expect("readable"), TAKEN, 10);
    whole
}

#[tokio::test]
async fn an_event_that_cannot_be_read_is_named() {
    for row in [
        // Newer code has stored it.
        ("account", "2", "account.deposited", 4, "{}"),
        ("account", "2", "account.frozen", 1, "null"),
        // Damaged.
        ("account", "2", "account.opened", 1, r#"{"owner":"#),
        ("account", "2", "account.deposited", 1, r#"{"cents":1}"#),
    ] {
        let error = unreadable(row).await;
        let LiveError::Decode {
            stream: found,
            version,
            position: at,
            ..
        } = &error
        else {
            panic!("{error:?}");
        };
        let place = (found, version.get(), *at);
        assert_eq!(place, (&stream::<Account>(2), 4, position(11)));
        assert_eq!(
            error.to_string(),
            "version 4 of the stream `account-2` (position 11) could not be decoded"
        );
    }
}

#[tokio::test]
async fn an_ignored_event_need_not_be_readable() {
    let store = store().await;
    let newer = ("account", "2", "account.closed", 7, r#"{"why":"#);
    append(&store, &[newer]).await;
    let lines = store.live(Lines::default()).await.expect("readable");
    is_at(&lines, TAKEN, 11);
    let one = store.live(Lines::default()).stream(stream::<Account>(2));
    is_at(
        &one.await.expect("readable"),
        &taken(|at| [6, 9].contains(&at)),
        11,
    );
}

#[tokio::test]
async fn it_runs_in_a_task_of_its_own() {
    let store = store().await;
    let task = tokio::spawn(async move { store.live(Lines::default()).await });
    let lines = task.await.expect("no panic").expect("readable");
    assert_eq!(lines.0, TAKEN);
}
