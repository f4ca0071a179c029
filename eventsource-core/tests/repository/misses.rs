//! Snapshots that are there and are not used: why is said, and the stream is read from its first event.

use eventsource_core::{
    EventId, Fingerprint, IdSource, Keep, Origin, Snapshot, SnapshotError, SnapshotMiss,
    SnapshotQuery, SnapshotRange, StoredSnapshot, TrimAggregateError, UuidV7,
    prelude::*,
    snapshot::{every, on_each_save},
};

use crate::{
    domain::{Account, Deposit, Open, Withdraw, version},
    watched::Watched,
};

/// Account 1 with five events, a snapshot of the fourth, and 40 cents.
async fn kept() -> (Watched, Repository<Account>) {
    let store = Watched::new(MemoryStore::new());
    let accounts = Repository::<Account>::new(store.clone()).snapshot(every(4));
    accounts.execute(&1, Open).await.expect("opened");
    for _ in 0..4 {
        accounts.execute(&1, Deposit(10)).await.expect("a deposit");
        accounts.snapshots_settled().await;
    }
    let loaded = accounts.load(&1).await.expect("the account");
    assert_eq!(
        (loaded.origin(), loaded.events_read()),
        (Origin::Snapshot(version(4)), 2)
    );
    (store, accounts)
}

/// With what is found in place of a snapshot, the account is loaded from its first event, and commands go on. Gives the
/// reason, which a trim tells.
async fn missed(
    exchange: impl Fn(StoredSnapshot) -> Result<StoredSnapshot, SnapshotError> + Send + 'static,
) -> SnapshotMiss {
    let (store, accounts) = kept().await;
    store.exchange(move |found| found.map(&exchange).transpose());
    for accounts in [accounts.clone(), accounts.clone().cache(4)] {
        let loaded = accounts.load(&1).await.expect("the account");
        assert_eq!(
            (loaded.origin(), loaded.events_read()),
            (Origin::Beginning, 5)
        );
        assert_eq!((loaded.cents, loaded.applied), (40, 5));
        let then = accounts.load_as_of(&1, AsOf::Version(version(4))).await;
        assert_eq!(then.expect("the account").cents, 30);
    }
    let error = accounts.trim(&1).await.expect_err("no usable snapshot");
    let TrimAggregateError::NoSnapshot { missed, .. } = error else {
        panic!("{error:?}")
    };
    accounts
        .execute(&1, Withdraw(41))
        .await
        .expect_err("too much");
    accounts.execute(&1, Withdraw(40)).await.expect("withdrawn");
    accounts.snapshots_settled().await;
    // It was saved anew, and with the right snapshot under it the account is as it was.
    store.exchange_nothing();
    let loaded = accounts.load(&1).await.expect("the account");
    assert_eq!((loaded.cents, loaded.applied), (0, 6));
    assert_eq!(loaded.origin(), Origin::Snapshot(version(6)));
    *missed.expect("a reason")
}

/// As another program would have written it.
fn written(found: &StoredSnapshot, bytes: &[u8]) -> StoredSnapshot {
    StoredSnapshot::new(
        found.stream.clone(),
        found.version,
        found.event,
        found.fingerprint,
        found.occurred_to,
        found.taken_at,
        found.compression.clone(),
        bytes.to_vec(),
    )
}

/// The same with one thing otherwise, and with the checksum of that.
fn otherwise(mut found: StoredSnapshot, change: impl Fn(&mut StoredSnapshot)) -> StoredSnapshot {
    change(&mut found);
    let bytes = found.bytes.clone();
    written(&found, &bytes)
}

#[tokio::test]
async fn one_of_another_fingerprint_is_not_used() {
    let other = Fingerprint::new(Account::FINGERPRINT.number() ^ 1);
    let miss = missed(move |found| Ok(otherwise(found, |found| found.fingerprint = other))).await;
    assert!(
        matches!(miss, SnapshotMiss::Fingerprint { version: of, found, expected }
            if of == version(4) && found == other && expected == Account::FINGERPRINT),
        "{miss:?}"
    );
}

#[tokio::test]
async fn one_in_which_anything_was_changed_is_not_used() {
    type Change = fn(&mut StoredSnapshot);
    let changes: [Change; 8] = [
        |found| found.bytes[1] ^= 1,
        |found| found.bytes.truncate(5),
        |found| found.bytes.clear(),
        |found| found.checksum ^= 1 << 63,
        |found| found.version = version(3),
        |found| found.event = EventId::new(UuidV7.next_id()),
        |found| found.occurred_to = Timestamp::EPOCH,
        |found| found.compression = Some(String::from("zip")),
    ];
    for change in changes {
        let miss = missed(move |mut found| {
            change(&mut found);
            Ok(found)
        })
        .await;
        assert!(matches!(miss, SnapshotMiss::Damaged { .. }), "{miss:?}");
    }
}

#[tokio::test]
async fn one_of_another_stream_is_not_used() {
    let other = StreamId::of::<Account>(&2).expect("a stream");
    let miss =
        missed(move |found| Ok(otherwise(found, |found| found.stream = other.clone()))).await;
    assert!(matches!(miss, SnapshotMiss::Damaged { .. }), "{miss:?}");
}

#[tokio::test]
async fn one_whose_bytes_are_no_state_is_not_used() {
    for bytes in [
        "",
        "[]",
        "{}",
        "null",
        r#"{"open":true,"cents":"ten","applied":4}"#,
    ] {
        let miss = missed(move |found| Ok(written(&found, bytes.as_bytes()))).await;
        assert!(matches!(miss, SnapshotMiss::Undecodable { .. }), "{miss:?}");
    }
}

#[tokio::test]
async fn one_that_is_compressed_by_something_unknown_is_not_used() {
    let miss = missed(|found| {
        Ok(otherwise(found, |found| {
            found.compression = Some(String::from("zip"));
        }))
    })
    .await;
    assert!(
        matches!(&miss, SnapshotMiss::Compression { compression, .. } if compression == "zip"),
        "{miss:?}"
    );
}

#[tokio::test]
async fn one_that_is_newer_than_its_stream_is_not_used() {
    let miss = missed(|found| Ok(otherwise(found, |found| found.version = version(9)))).await;
    assert!(
        matches!(miss, SnapshotMiss::Ahead { version: of } if of == version(9)),
        "{miss:?}"
    );
}

#[tokio::test]
async fn one_of_another_history_of_its_stream_is_not_used() {
    let miss = missed(|found| {
        Ok(otherwise(found, |found| {
            found.event = EventId::new(UuidV7.next_id());
        }))
    })
    .await;
    assert!(
        matches!(miss, SnapshotMiss::OtherHistory { .. }),
        "{miss:?}"
    );
    let miss = missed(|found| Ok(otherwise(found, |found| found.version = version(3)))).await;
    assert!(
        matches!(miss, SnapshotMiss::OtherHistory { .. }),
        "{miss:?}"
    );
}

#[tokio::test]
async fn a_store_that_cannot_be_asked_for_it_fails_no_load() {
    let miss = missed(|_| {
        let source = "the disk is away".into();
        Err(SnapshotError::Engine { source })
    })
    .await;
    assert!(
        matches!(miss, SnapshotMiss::Store(SnapshotError::Engine { .. })),
        "{miss:?}"
    );
}

#[tokio::test]
async fn what_says_why_one_is_not_used_shows_nothing_of_the_state() {
    let secret = r#"{"open":true,"cents":"top secret","applied":4}"#;
    let miss = missed(move |found| Ok(written(&found, secret.as_bytes()))).await;
    let mut says = format!("{miss:?} {miss}");
    let mut cause: Option<&dyn std::error::Error> = std::error::Error::source(&miss);
    while let Some(error) = cause {
        says = format!("{says} {error:?} {error}");
        cause = error.source();
    }
    assert!(!says.contains("secret"), "{says}");
}

#[tokio::test]
async fn after_an_older_copy_of_the_events_was_restored_new_snapshots_are_kept() {
    let store = MemoryStore::new();
    let accounts = Repository::<Account>::new(store.clone())
        .snapshot(on_each_save())
        .keep_snapshots(Keep::Latest(1));
    accounts.execute(&1, Open).await.expect("opened");
    accounts.snapshots_settled().await;
    let snapshots = store.snapshots().expect("it keeps snapshots");
    let stream = StreamId::of::<Account>(&1).expect("a stream");
    let newest = SnapshotQuery::newest(stream, Account::FINGERPRINT);
    let found = snapshots.find_snapshot(&newest).await.expect("readable");
    // As it stands in the file of snapshots when the events are of an older day.
    let ahead = otherwise(found.expect("it was saved"), |found| {
        found.version = version(9);
    });
    let saved = snapshots.save_snapshot(ahead, Keep::Latest(1)).await;
    saved.expect("saved");

    accounts.execute(&1, Deposit(1)).await.expect("a deposit");
    accounts.snapshots_settled().await;
    let loaded = accounts.load(&1).await.expect("the account");
    assert_eq!(loaded.origin(), Origin::Snapshot(version(2)));
    assert_eq!(loaded.cents, 1);
}

#[tokio::test]
async fn of_snapshots_only_the_one_that_was_seen_to_be_of_another_history_is_let_go_of() {
    let store = MemoryStore::new();
    let accounts = || {
        let accounts = Repository::<Account>::new(store.clone()).snapshot(on_each_save());
        accounts.keep_snapshots(Keep::All).cache(4)
    };
    let first = accounts();
    first.execute(&1, Open).await.expect("opened");
    first.snapshots_settled().await;
    let snapshots = store.snapshots().expect("it keeps snapshots");
    let stream = StreamId::of::<Account>(&1).expect("a stream");
    let newest = SnapshotQuery::newest(stream, Account::FINGERPRINT);
    let found = snapshots.find_snapshot(&newest).await.expect("readable");
    let found = found.expect("it was saved");
    let at = |number| otherwise(found.clone(), |found| found.version = version(number));
    let save = |snapshot| snapshots.save_snapshot(snapshot, Keep::All);
    for there in [9, 12] {
        save(at(9)).await.expect("saved");
        // From here on, it knows of one that is strange.
        let late = accounts();
        late.load(&1).await.expect("the account");
        // Meanwhile somebody else saves one, which may stand for what was trimmed.
        let other = otherwise(at(there), |other| {
            other.event = EventId::new(UuidV7.next_id());
        });
        save(other.clone()).await.expect("saved");
        late.execute(&1, Deposit(1)).await.expect("a deposit");
        late.snapshots_settled().await;
        let mut below = newest.clone();
        below.to_version = Some(version(9));
        let left = snapshots.find_snapshot(&newest).await.expect("readable");
        assert_eq!(left.as_ref(), Some(&other));
        let left = snapshots.find_snapshot(&below).await.expect("readable");
        let is_left = left.is_some_and(|left| left.version == version(9));
        assert_eq!(is_left, there == 9, "the strange one is gone");
        let range = SnapshotRange::all(newest.stream.clone());
        snapshots.delete_snapshots(&range).await.expect("deleted");
    }
}
