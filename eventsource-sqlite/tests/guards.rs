//! What other programs cannot do to the file, and what is said when one did it nevertheless.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod common;

use std::path::Path;

use common::{events, folder, open, stream};
use eventsource_core::{
    Append, AppendKey, EventStore, EventStoreExt, Expected, Position, Read, ReadError, Tag,
    TrimStore,
};
use rusqlite::Connection;

async fn filled(path: &Path) {
    let store = open(path).await;
    let mut all = events(0..5);
    for event in &mut all {
        event.tags = [Tag::new("t").unwrap()].into();
    }
    let append = Append::to(stream("a"), Expected::NoStream, all);
    let key = AppendKey::new("k").unwrap();
    store.append(append.with_key(key)).await.unwrap();
    store.close().await;
}

#[tokio::test]
async fn nothing_stored_is_updated_deleted_or_replaced_by_any_program() {
    let (_folder, path) = folder();
    filled(&path).await;
    let raw = Connection::open(&path).unwrap();
    for statement in [
        "UPDATE events SET payload = x'00'",
        "UPDATE events SET position = position + 100",
        "DELETE FROM events",
        "DELETE FROM events WHERE position = 5",
        "INSERT OR REPLACE INTO events SELECT * FROM events WHERE position = 3",
        "INSERT INTO events SELECT 7, stream, category, 6, x'00000000000000000000000000000000', name, 1, NULL, \
         payload, 0, 0, NULL, NULL, NULL, NULL, NULL FROM events WHERE position = 1",
        "INSERT INTO events SELECT 6, stream, category, 7, x'00000000000000000000000000000000', name, 1, NULL, \
         payload, 0, 0, NULL, NULL, NULL, NULL, NULL FROM events WHERE position = 1",
        "INSERT OR REPLACE INTO events SELECT 6, stream, category, 6, id, name, 1, NULL, \
         payload, 0, 0, NULL, NULL, NULL, NULL, NULL FROM events WHERE position = 1",
        "UPDATE tags SET tag = 'u'",
        "DELETE FROM tags",
        // Stray ones: of an event that does not have it, and of one that is yet to come.
        "INSERT INTO tags VALUES ('u', 3)",
        "INSERT INTO tags VALUES ('u', 5)",
        "INSERT INTO tags VALUES ('t', 6)",
        "INSERT OR REPLACE INTO tags VALUES ('u', 5)",
        "INSERT INTO append_keys VALUES ('l', 1, 4)",
        "INSERT INTO append_keys VALUES ('l', 6, 6)",
        "INSERT INTO append_keys VALUES ('l', 0, 5)",
        // Events that were appended under another key.
        "INSERT INTO append_keys VALUES ('l', 1, 5)",
        "INSERT INTO append_keys VALUES ('l', 2, 5)",
        "INSERT INTO append_keys VALUES ('l', 5, 5)",
        "UPDATE append_keys SET key = 'l'",
        "DELETE FROM append_keys",
        "INSERT OR REPLACE INTO append_keys VALUES ('k', 1, 1)",
        // What a key answers with whose events are all there.
        "INSERT INTO trimmed_keys VALUES ('k', zeroblob(16))",
        "INSERT INTO trimmed_keys VALUES ('l', zeroblob(16))",
        "INSERT INTO trimmed_receipts VALUES ('k', 1, 1, 1, 5, 1, 5)",
        "INSERT INTO trimmed_receipts VALUES ('k', 0, 2, 1, 5, 1, 5)",
        "INSERT INTO trimmed_receipts VALUES ('k', 0, 1, 2, 5, 1, 5)",
        "INSERT INTO trimmed_receipts VALUES ('k', 0, 1, 1, 4, 1, 5)",
        "INSERT INTO trimmed_receipts VALUES ('k', 0, 1, 2, 5, 2, 5)",
        "INSERT INTO trimmed_receipts VALUES ('k', 0, 1, 1, 6, 1, 6)",
        "INSERT INTO trimmed_receipts VALUES ('l', 0, 1, 1, 5, 1, 5)",
        // A receipt that is not whole.
        "BEGIN; INSERT INTO trimmed_receipts VALUES ('k', 0, 1, 1, 4, 1, 4); \
         INSERT INTO trimmed_keys VALUES ('k', zeroblob(16))",
        "INSERT OR REPLACE INTO streams SELECT id + 1, category, name FROM streams",
        "INSERT OR REPLACE INTO streams SELECT id, category, 'b' FROM streams",
        "INSERT OR REPLACE INTO names SELECT id + 1, name FROM names",
        "UPDATE streams SET name = 'b'",
        "DELETE FROM streams",
        "UPDATE names SET name = 'b'",
        "DELETE FROM names",
        "UPDATE categories SET name = 'b'",
        "DELETE FROM categories",
    ] {
        assert!(raw.execute_batch(statement).is_err(), "{statement}");
        if !raw.is_autocommit() {
            raw.execute_batch("ROLLBACK").unwrap();
        }
    }
    drop(raw);
    let store = open(&path).await;
    assert_eq!(store.read_stream(&stream("a")).await.unwrap().len(), 5);
    let key = AppendKey::new("k").unwrap();
    let receipt = store.find_append(&key).await.unwrap().unwrap();
    assert_eq!(receipt.events(), 5);
    // Nothing is in the way of a trim either.
    let last = receipt.version().unwrap();
    assert_eq!(store.trim(&stream("a"), last).await.unwrap().removed, 4);
    assert_eq!(store.find_append(&key).await.unwrap(), Some(receipt));
}

/// Damages the file as no program can that leaves the triggers alone.
fn damage(path: &Path, statement: &str) {
    let raw = Connection::open(path).unwrap();
    let mut triggers = raw
        .prepare("SELECT 'DROP TRIGGER ' || name FROM sqlite_schema WHERE type = 'trigger'")
        .unwrap();
    let drops: Vec<String> = triggers
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    for drop in drops {
        raw.execute_batch(&drop).unwrap();
    }
    raw.execute_batch("PRAGMA ignore_check_constraints = ON; PRAGMA foreign_keys = OFF")
        .unwrap();
    raw.execute_batch(statement).unwrap();
}

#[tokio::test]
async fn stored_data_that_cannot_be_is_reported_with_its_position() {
    for (statement, reason) in [
        ("UPDATE events SET id = x'00' WHERE position = 3", "`id`"),
        (
            "UPDATE events SET correlation = x'00' WHERE position = 3",
            "`correlation`",
        ),
        (
            "UPDATE events SET schema_version = -1 WHERE position = 3",
            "`schema_version`",
        ),
        (
            "UPDATE events SET metadata = '[' WHERE position = 3",
            "`metadata`",
        ),
        (
            "UPDATE events SET tags = '[\"\"]' WHERE position = 3",
            "`tags`",
        ),
        ("UPDATE events SET actor = '' WHERE position = 3", "`actor`"),
        (
            "UPDATE events SET content_type = 99 WHERE position = 3",
            "`content_type`",
        ),
        ("UPDATE events SET name = 99 WHERE position = 3", "`name`"),
    ] {
        let (_folder, path) = folder();
        filled(&path).await;
        damage(&path, statement);
        let store = open(&path).await;
        for read in [Read::all(), Read::stream(stream("a"))] {
            let error = store.read(read).collect().await.expect_err(statement);
            let ReadError::Corrupt {
                position,
                reason: said,
            } = &error
            else {
                panic!("{error:?} for {statement}");
            };
            assert_eq!(*position, Position::from_number(3), "{statement}");
            assert!(said.contains(reason), "{said} for {statement}");
        }
    }
}

#[tokio::test]
async fn an_event_that_is_missing_is_damage_and_not_the_end() {
    for number in 1..=4 {
        let (_folder, path) = folder();
        filled(&path).await;
        damage(
            &path,
            &format!("DELETE FROM events WHERE position = {number}"),
        );
        let store = open(&path).await;
        let receipt = store.find_append(&AppendKey::new("k").unwrap()).await;
        assert!(
            matches!(receipt, Err(ReadError::Corrupt { .. })),
            "{receipt:?}"
        );
        for read in [Read::all(), Read::stream(stream("a"))] {
            for read in [read.clone(), read.backward()] {
                let error = store.read(read).collect().await.expect_err("a hole");
                assert!(matches!(error, ReadError::Corrupt { .. }), "{error:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_table_that_is_missing_is_an_error_and_no_panic() {
    let (_folder, path) = folder();
    filled(&path).await;
    damage(&path, "DROP TABLE events");
    let store = open(&path).await;
    assert!(matches!(store.head().await, Err(ReadError::Engine { .. })));
    let append = Append::to(stream("a"), Expected::Any, events(0..1));
    let error = store.append(append).await.expect_err("no table");
    assert!(!error.is_transient() && !error.is_unknown(), "{error:?}");
}
