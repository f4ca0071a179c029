//! Trimming in a file: what other programs may delete and what not, failures at each statement, and what is kept.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod common;

use std::{
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use common::{event, events, faulty::open_with, folder, one, open, stream};
use eventsource_core::{
    Append, AppendKey, Category, EventStore, EventStoreExt, Expected, Read, ReadError, Recorded,
    Tag, TrimError, TrimStore, Version,
    fault::{FaultAction, FaultPoint},
};
use eventsource_sqlite::SqliteStore;
use eventsource_testing::suite::Script;
use rusqlite::Connection;

fn version(number: u64) -> Version {
    Version::new(number).unwrap()
}

fn key(text: &str) -> AppendKey {
    AppendKey::new(text).unwrap()
}

/// Two streams, under keys and with tags: `a` at version 10, `b` at version 6.
async fn fill(store: &SqliteStore) {
    for number in 0..5_u64 {
        let mut both = events(number * 2..number * 2 + 2);
        for event in &mut both {
            event.tags = ["t", "u"].map(|tag| Tag::new(tag).unwrap()).into();
        }
        let append = Append::to(stream("a"), Expected::Any, both)
            .and(stream("b"), Expected::Any, [event(100 + number)])
            .with_key(key(&format!("k{number}")));
        store.append(append).await.unwrap();
    }
    store.append(one("b")).await.unwrap();
}

async fn filled(path: &Path) -> Vec<Recorded> {
    let store = open(path).await;
    fill(&store).await;
    let all = store.read_all().await.unwrap();
    store.close().await;
    all
}

fn rows(raw: &Connection, table: &str) -> i64 {
    raw.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| {
        row.get(0)
    })
    .unwrap()
}

#[tokio::test]
async fn only_what_a_trim_covers_may_be_deleted_by_any_program() {
    let (_folder, path) = folder();
    filled(&path).await;
    let store = open(&path).await;
    store.trim(&stream("a"), version(4)).await.unwrap();
    store.close().await;
    let raw = Connection::open(&path).unwrap();
    for statement in [
        "DELETE FROM events",
        "DELETE FROM events WHERE stream = 1 AND version = 4",
        "DELETE FROM events WHERE stream = 2 AND version = 1",
        "DELETE FROM tags",
        "DELETE FROM tags WHERE position = 5",
        "UPDATE events SET version = 1 WHERE version = 4",
        // The stream goes on where it was.
        "INSERT INTO events SELECT 17, 1, 1, 3, zeroblob(16), name, 1, NULL, payload, 0, 0, NULL, NULL, NULL, NULL, \
         NULL FROM events WHERE stream = 1 AND version = 4",
        "INSERT INTO events SELECT 1, 1, 1, 1, zeroblob(16), name, 1, NULL, payload, 0, 0, NULL, NULL, NULL, NULL, \
         NULL FROM events WHERE stream = 1 AND version = 4",
        "DELETE FROM trims",
        "UPDATE trims SET before = 3",
        "UPDATE trims SET before = 11",
        "UPDATE trims SET stream = 2",
        "INSERT INTO trims VALUES (1, 4)",
        "INSERT OR REPLACE INTO trims VALUES (1, 3)",
        "INSERT OR REPLACE INTO trims VALUES (1, 11)",
        "INSERT INTO trims VALUES (2, 1)",
        "INSERT INTO trims VALUES (2, 7)",
        "INSERT INTO trims VALUES (3, 2)",
        "DELETE FROM gaps",
        "UPDATE gaps SET last = last + 1",
        "UPDATE gaps SET last = last - 1",
        "UPDATE gaps SET first = first + 1",
        "INSERT INTO gaps VALUES (5, 5)",
        "INSERT INTO gaps VALUES (16, 16)",
        "INSERT INTO gaps VALUES (17, 20)",
        "INSERT OR REPLACE INTO gaps VALUES (1, 1)",
        "DELETE FROM trimmed_keys",
        "UPDATE trimmed_keys SET digest = zeroblob(16)",
        "INSERT OR REPLACE INTO trimmed_keys VALUES ('k0', zeroblob(16))",
        "DELETE FROM trimmed_receipts",
        "UPDATE trimmed_receipts SET first_version = 2",
        "INSERT OR REPLACE INTO trimmed_receipts VALUES ('k0', 0, 1, 1, 1, 1, 1)",
        "INSERT INTO trimmed_receipts VALUES ('k0', 9, 1, 1, 1, 1, 1)",
        // A trim alone does not do: what the key of the events answers with must be kept first.
        "BEGIN; INSERT OR REPLACE INTO trims VALUES (1, 8); DELETE FROM events WHERE stream = 1 AND version < 8;",
    ] {
        let done = raw.execute_batch(statement);
        assert!(done.is_err(), "{statement}");
        if !raw.is_autocommit() {
            raw.execute_batch("ROLLBACK").unwrap();
        }
    }
    drop(raw);
    let store = open(&path).await;
    assert_eq!(store.read_stream(&stream("a")).await.unwrap().len(), 7);
    assert_eq!(store.read_stream(&stream("b")).await.unwrap().len(), 6);
}

/// What another program does with leave of the tables leaves the gaps right.
#[tokio::test]
async fn gaps_that_touch_become_one_in_whatever_order_they_come() {
    let (_folder, path) = folder();
    let store = open(&path).await;
    for _ in 0..5 {
        for id in ["a", "b", "c"] {
            store.append(one(id)).await.unwrap();
        }
    }
    let raw = Connection::open(&path).unwrap();
    raw.execute_batch("INSERT INTO trims VALUES (1, 5), (2, 5), (3, 5)")
        .unwrap();
    let gaps = || -> Vec<(i64, i64)> {
        let mut gaps = raw
            .prepare("SELECT first, last FROM gaps ORDER BY first")
            .unwrap();
        let rows = gaps.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
        rows.unwrap().collect::<Result<_, _>>().unwrap()
    };
    for (position, expected) in [
        (3, &[(3, 3)][..]),
        (7, &[(3, 3), (7, 7)]),
        (4, &[(3, 4), (7, 7)]),
        (2, &[(2, 4), (7, 7)]),
        (6, &[(2, 4), (6, 7)]),
        (5, &[(2, 7)]),
        (1, &[(1, 7)]),
        (12, &[(1, 7), (12, 12)]),
        (9, &[(1, 7), (9, 9), (12, 12)]),
        (8, &[(1, 9), (12, 12)]),
    ] {
        let delete = format!("DELETE FROM events WHERE position = {position}");
        assert_eq!(raw.execute(&delete, []).unwrap(), 1);
        assert_eq!(gaps(), expected, "after {position}");
        let left = store.read_all().await.unwrap();
        let backward = store.read(Read::all().backward()).collect().await.unwrap();
        assert!(left.iter().eq(backward.iter().rev()));
        let gone: i64 = gaps().iter().map(|(first, last)| last - first + 1).sum();
        assert_eq!(i64::try_from(left.len()).unwrap(), 15 - gone);
    }
}

#[tokio::test]
async fn an_event_that_is_missing_beside_a_trim_is_still_damage() {
    for position in [4, 8, 9, 12] {
        let (_folder, path) = folder();
        filled(&path).await;
        let store = open(&path).await;
        store.trim(&stream("a"), version(6)).await.unwrap();
        store.close().await;
        let raw = Connection::open(&path).unwrap();
        raw.execute_batch(&format!(
            "DROP TRIGGER events_are_not_deleted; DROP TRIGGER events_leave_a_gap;
             DELETE FROM events WHERE position = {position}"
        ))
        .unwrap();
        let id = if matches!(position, 9 | 12) { "b" } else { "a" };
        drop(raw);
        let store = open(&path).await;
        let mut reads = vec![Read::all()];
        // Position 4 is version 3 of a, which was trimmed before.
        if position != 4 {
            reads.push(Read::stream(stream(id)));
        }
        for read in reads {
            for read in [read.clone(), read.backward()] {
                let read = store.read(read).collect().await;
                let is_damage = matches!(read, Err(ReadError::Corrupt { .. }));
                assert_eq!(is_damage, position != 4, "{position}: {read:?}");
            }
        }
    }
}

/// Everything that a reader can ask, before and after.
async fn look(store: &SqliteStore) -> (Vec<Recorded>, Vec<Option<eventsource_core::Receipt>>) {
    let mut all = store.read_all().await.unwrap();
    let tagged = store.read(Read::all().tagged([Tag::new("u").unwrap()]));
    all.extend(tagged.collect().await.unwrap());
    for id in ["a", "b"] {
        all.extend(store.read_stream(&stream(id)).await.unwrap());
    }
    let category = Read::category(Category::new("account").unwrap());
    all.extend(store.read(category.backward()).collect().await.unwrap());
    let mut receipts = Vec::new();
    for number in 0..6 {
        let key = key(&format!("k{number}"));
        receipts.push(store.find_append(&key).await.unwrap());
    }
    (all, receipts)
}

/// The points of the trim of `a` before version 6, found by counting.
async fn points() -> Vec<FaultPoint> {
    let (_folder, path) = folder();
    filled(&path).await;
    let points = Arc::new(Mutex::new(Vec::new()));
    let passed = Arc::clone(&points);
    let hook = Script::new(move |point| {
        passed.lock().unwrap().push(point);
        FaultAction::GoOn
    });
    let store = open_with(&path, Arc::new(hook)).await;
    store.trim(&stream("a"), version(6)).await.unwrap();
    let points = points.lock().unwrap().clone();
    assert!(points.len() > 15, "{points:?}");
    assert_eq!(points.last(), Some(&FaultPoint::AfterCommit));
    points
}

#[tokio::test]
async fn a_failure_or_a_panic_at_any_point_leaves_all_or_nothing_of_a_trim() {
    for point in points().await {
        for act in [(|| FaultAction::Fail) as fn() -> FaultAction, || {
            panic!("as the test wants")
        }] {
            let (_folder, path) = folder();
            filled(&path).await;
            let store = open(&path).await;
            let before = look(&store).await;
            store.close().await;
            let done = AtomicBool::new(false);
            let hook = Script::new(move |at| {
                if at == point && !done.swap(true, Ordering::SeqCst) {
                    act()
                } else {
                    FaultAction::GoOn
                }
            });
            let store = open_with(&path, Arc::new(hook)).await;
            let outcome = store.trim(&stream("a"), version(6)).await;
            let is_after = point == FaultPoint::AfterCommit;
            match &outcome {
                Err(TrimError::Unknown(_)) => assert!(is_after, "{point:?}"),
                Err(TrimError::Unavailable { .. }) => {
                    assert!(!is_after, "{point:?}");
                    assert_eq!(look(&store).await, before, "{point:?}");
                }
                other => panic!("{other:?} at {point:?}"),
            }
            let again = store.trim(&stream("a"), version(6)).await.unwrap();
            assert_eq!(again.removed, if is_after { 0 } else { 5 }, "{point:?}");
            assert_eq!(look(&store).await.1, before.1, "{point:?}");
            assert_eq!(store.read_stream(&stream("a")).await.unwrap().len(), 5);
            store.append(one("a")).await.unwrap();
            assert_eq!(store.read_all().await.unwrap().len(), 12);
        }
    }
}

#[tokio::test]
async fn a_trim_outlives_the_store_and_leaves_nothing_of_what_it_took() {
    let (_folder, path) = folder();
    let before = filled(&path).await;
    let store = open(&path).await;
    store.trim(&stream("a"), version(10)).await.unwrap();
    store.trim(&stream("b"), version(5)).await.unwrap();
    let left = look(&store).await;
    store.close().await;
    let store = open(&path).await;
    assert_eq!(look(&store).await, left);
    assert_eq!(
        store.first_version(&stream("b")).await.unwrap(),
        Some(version(5))
    );
    // An id of an event that is gone may be used again.
    let mut again = event(7);
    again.id = before[0].id;
    let append = Append::to(stream("c"), Expected::NoStream, [again]);
    store.append(append).await.unwrap();
    store.close().await;
    let raw = Connection::open(&path).unwrap();
    assert_eq!((rows(&raw, "events"), rows(&raw, "tags")), (4, 2));
    assert_eq!(rows(&raw, "gaps"), 1);
}

/// Pages are used again: trimming and appending for ever does not let the file grow for ever.
#[tokio::test]
async fn the_room_of_what_was_trimmed_is_used_again() {
    let (_folder, path) = folder();
    let store = open(&path).await;
    let mut sizes = Vec::new();
    for round in 0..6_u64 {
        let append = Append::to(
            stream("a"),
            Expected::Any,
            events(round * 4_000..round * 4_000 + 4_000),
        );
        let receipt = store.append(append).await.unwrap();
        let last = receipt.version().unwrap();
        store.trim(&stream("a"), last).await.unwrap();
        let raw = Connection::open(&path).unwrap();
        let pages: i64 = raw
            .pragma_query_value(None, "page_count", |row| row.get(0))
            .unwrap();
        sizes.push(pages);
        assert_eq!((rows(&raw, "events"), rows(&raw, "gaps")), (1, 1));
    }
    assert!(
        sizes[5] <= sizes[1] + sizes[1] / 5,
        "the pages of each round: {sizes:?}"
    );
}

/// What a reader gets of a stream while it is trimmed and appended to: whole, a part that begins later, or the word that
/// it was trimmed.
async fn read_beside(store: &SqliteStore, read: Read) -> usize {
    let (mut events, mut seen) = (store.read(read.clone()), Vec::new());
    loop {
        match events.next().await {
            Ok(Some(event)) => seen.push(event.version.get()),
            Ok(None) | Err(ReadError::Trimmed { .. }) => break,
            Err(error) => panic!("{error:?} of {read:?}"),
        }
    }
    let follows = |two: &[u64]| two[0].abs_diff(two[1]) == 1;
    assert!(seen.windows(2).all(follows), "a hole: {seen:?}");
    seen.len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn readers_beside_trims_and_appends_see_no_hole_and_no_damage() {
    let (_folder, path) = folder();
    let store = open(&path).await;
    let fill = |number: u64| {
        let append = Append::to(stream("a"), Expected::Any, events(number..number + 300));
        append
            .and(stream("b"), Expected::Any, [event(number)])
            .with_key(key(&format!("k{number}")))
    };
    store.append(fill(0)).await.unwrap();
    let done = Arc::new(AtomicBool::new(false));
    let mut readers = Vec::new();
    for number in 0..3 {
        let (store, done) = (store.clone(), Arc::clone(&done));
        readers.push(tokio::spawn(async move {
            let mut rounds = 0;
            while !done.load(Ordering::SeqCst) || rounds == 0 {
                rounds += 1;
                match number {
                    0 => drop(read_beside(&store, Read::stream(stream("a"))).await),
                    1 => drop(read_beside(&store, Read::stream(stream("a")).backward()).await),
                    _ => {
                        let all = store.read_all().await.unwrap();
                        assert!(all.is_sorted_by(|one, next| one.position < next.position));
                        assert!(store.find_append(&key("k0")).await.unwrap().is_some());
                    }
                }
            }
            rounds
        }));
    }
    for number in 1..40_u64 {
        let receipt = store.append(fill(number * 300)).await.unwrap();
        let last = receipt.streams[0].last_version;
        // Through the appends of the last few rounds, in steps that are no multiple of a page.
        let before = version(last.get() - 700.min(last.get() - 1));
        store.trim(&stream("a"), before).await.unwrap();
    }
    done.store(true, Ordering::SeqCst);
    for reader in readers {
        assert!(reader.await.unwrap() > 0);
    }
}
