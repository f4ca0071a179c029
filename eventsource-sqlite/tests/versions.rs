//! Files of earlier versions of the schema, with data in them, are opened and have all that they had.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod common;

use std::path::Path;

use common::{event, folder, open, stream};
use eventsource_core::{
    Append, AppendKey, EventStore, EventStoreExt, Expected, Fingerprint, Keep, Read, Recorded,
    Rejection, SnapshotQuery, SnapshotStore, StoredSnapshot, StreamId, Tag, Timestamp, Version,
};
use eventsource_sqlite::{OpenError, SqliteStore};
use rusqlite::Connection;

const V1: &str = include_str!("versions/v1.sql");

fn made_by(path: &Path, sql: &str) {
    let raw = Connection::open(path).unwrap();
    raw.pragma_update(None, "journal_mode", "WAL").unwrap();
    raw.execute_batch(sql).unwrap();
}

fn number(path: &Path, sql: &str) -> i64 {
    let raw = Connection::open(path).unwrap();
    raw.query_row(sql, [], |row| row.get(0)).unwrap()
}

#[test]
fn the_step_that_was_released_has_not_changed() {
    assert!(V1.contains(include_str!("../src/sql/0001.sql")));
}

fn summary(events: &[Recorded]) -> Vec<(String, u64, u64, &[u8], i64)> {
    let of = |event: &Recorded| {
        (
            event.stream.to_string(),
            event.version.get(),
            event.position.number(),
        )
    };
    events
        .iter()
        .map(|event| {
            let (stream, version, position) = of(event);
            let at = event.recorded_at.as_micros();
            (stream, version, position, event.payload.bytes(), at)
        })
        .collect()
}

/// Everything that the file of version 1 had.
async fn has_everything(store: &SqliteStore) {
    let all = store.read_all().await.unwrap();
    let (first, last) = (1_795_271_914_249_320, 1_795_271_914_261_362);
    assert_eq!(
        summary(&all)[..3],
        [
            ("account-576".to_owned(), 1, 1, &b"1"[..], first),
            ("account-576".to_owned(), 2, 2, b"\xff\0'", first),
            ("order-1".to_owned(), 1, 3, b"3", last),
        ]
    );
    let full = &all[0];
    assert_eq!(full.actor.as_ref().unwrap().to_string(), "teller");
    assert!(full.correlation_id.is_some() && full.causation_id.is_some());
    assert_eq!((full.tags.len(), full.metadata.iter().count()), (2, 1));
    assert_eq!(all[1].payload.content_type().as_str(), "x/bytes");
    let tagged = Read::all().tagged([Tag::new("vip").unwrap()]);
    assert_eq!(store.read(tagged).collect().await.unwrap(), all[..1]);
    let key = AppendKey::new("opening").unwrap();
    let receipt = store.find_append(&key).await.unwrap().unwrap();
    assert_eq!(
        (receipt.events(), receipt.position()),
        (2, Some(all[1].position))
    );
}

/// A file of version 2, with a snapshot.
fn second() -> String {
    let step = include_str!("../src/sql/0002.sql");
    let snapshot = "INSERT INTO snapshots VALUES (1, 'account-576', 1, 2, X'01A1FE8B73087DF786F3D9DFAE9C90DC', \
                    0, 0, NULL, 0, X'7B7D');";
    format!("{V1}{step}PRAGMA user_version = 2;{snapshot}")
}

/// A file of version 3, with a stream whose first event was trimmed.
fn third() -> String {
    let step = include_str!("../src/sql/0003.sql");
    let stream = "INSERT INTO streams VALUES (3, 2, '2');
        INSERT INTO events SELECT position + 3, 3, 2, position, randomblob(16), name, 1, NULL, payload, 0, \
        1795271914261362, NULL, NULL, NULL, NULL, NULL FROM events WHERE position < 3;
        INSERT INTO trims VALUES (3, 2);
        DELETE FROM events WHERE position = 4;";
    format!("{}{step}PRAGMA user_version = 3;{stream}", second())
}

async fn has_snapshot(store: &SqliteStore, is_there: bool) {
    let query = SnapshotQuery::newest(stream("576"), Fingerprint::new(1));
    let found = store.find_snapshot(&query).await.unwrap();
    let found = found.map(|snapshot| (snapshot.version.get(), snapshot.bytes));
    assert_eq!(found, is_there.then(|| (2, b"{}".to_vec())));
}

async fn has_trim(store: &SqliteStore, path: &Path, is_there: bool) {
    let trimmed = StreamId::new("order", "2").unwrap();
    let version = store.stream_version(&trimmed).await.unwrap();
    assert_eq!(version.map(Version::get), is_there.then_some(2));
    if is_there {
        let left = store.read_stream(&trimmed).await.unwrap();
        let left: Vec<_> = left.iter().map(|event| event.position.number()).collect();
        assert_eq!(left, [5]);
    }
    let gaps = number(
        path,
        "SELECT count(*) FROM gaps WHERE first = 4 AND last = 4",
    );
    assert_eq!(gaps, i64::from(is_there));
}

#[tokio::test]
async fn a_file_of_version_1_has_everything_and_snapshots_when_it_is_opened_again_and_again() {
    let (_folder, path) = folder();
    made_by(&path, V1);
    assert_eq!(number(&path, "PRAGMA user_version"), 1);
    let order = StreamId::new("order", "1").unwrap();
    for round in 1..=2 {
        let store = open(&path).await;
        has_everything(&store).await;
        let fingerprint = Fingerprint::new(1);
        let query = SnapshotQuery::newest(stream("576"), fingerprint);
        let found = store.find_snapshot(&query).await.unwrap();
        assert_eq!(found.is_some(), round > 1);
        if found.is_none() {
            let last = store.read_stream(&stream("576")).await.unwrap()[1].clone();
            let (time, bytes) = (Timestamp::EPOCH, b"{}".to_vec());
            let taken = StoredSnapshot::new(
                last.stream.clone(),
                last.version,
                last.id,
                fingerprint,
                time,
                time,
                None,
                bytes,
            );
            store.save_snapshot(taken, Keep::All).await.unwrap();
        }
        // Its streams go on, and its ids are known.
        let exact = Expected::seen(Version::new(round));
        let goes_on = Append::to(order.clone(), exact, [event(round + 3)]);
        store.append(goes_on).await.unwrap();
        let mut twice = event(9);
        twice.id = store.read_all().await.unwrap()[0].id;
        let refused = store.append(Append::to(order.clone(), Expected::Any, [twice]));
        let refused = refused.await.expect_err("the id is there");
        assert!(
            matches!(
                refused,
                eventsource_core::AppendError::Rejected(Rejection::DuplicateEventId { .. })
            ),
            "{refused:?}"
        );
        store.close().await;
        // The check of version 1 refuses what is beyond 1.
        assert!(number(&path, "PRAGMA user_version") > 1);
        assert_eq!(
            number(&path, "SELECT count(*) FROM events"),
            3 + i64::try_from(round).unwrap()
        );
    }
}

#[tokio::test]
async fn a_new_file_and_one_that_was_brought_up_have_the_same_schema() {
    let schema = |path: &Path| -> Vec<(String, String)> {
        let raw = Connection::open(path).unwrap();
        let sql = "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name";
        let mut statement = raw.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
        rows.unwrap().map(Result::unwrap).collect()
    };
    let (_new_folder, new) = folder();
    open(&new).await.close().await;
    for (version, made) in (1..).zip([V1.to_owned(), second(), third()]) {
        let (_old_folder, old) = folder();
        made_by(&old, &made);
        let before = schema(&old);
        for _ in 1..=2 {
            let store = open(&old).await;
            has_everything(&store).await;
            has_snapshot(&store, version >= 2).await;
            has_trim(&store, &old, version >= 3).await;
            store.close().await;
        }
        assert!(before.len() > 20 && schema(&old).len() > before.len());
        assert_eq!(schema(&old), schema(&new));
    }
}

#[tokio::test]
async fn a_table_that_has_the_name_of_a_later_one_of_the_store_is_told_and_left_as_it_is() {
    for (made, version) in [(V1.to_owned(), 1), (third(), 3)] {
        for (what, sql) in [
            (
                "table",
                "CREATE TABLE Leases (a); INSERT INTO leases VALUES (7);",
            ),
            ("view", "CREATE VIEW Leases AS SELECT 7 AS a;"),
        ] {
            let (_folder, path) = folder();
            made_by(&path, &format!("{made}{sql}"));
            for _ in 1..=2 {
                let refused = SqliteStore::open(&path).await.expect_err("a name is taken");
                let OpenError::NameTaken { name, kind, .. } = &refused else {
                    panic!("{refused:?}");
                };
                assert_eq!((name.as_str(), kind.as_str()), ("Leases", what));
                assert_eq!(number(&path, "PRAGMA user_version"), version);
                assert_eq!(number(&path, "SELECT a FROM leases"), 7);
            }
            let raw = Connection::open(&path).unwrap();
            raw.execute_batch(&format!("DROP {what} leases")).unwrap();
            drop(raw);
            has_everything(&open(&path).await).await;
        }
    }
}
