//! Snapshots: kept, used, missed, failed; and what is let go of below them.

use std::sync::Arc;

use eventsource_core::{
    CountingIds, EventId, Fingerprint, IdSource, Keep, SnapshotQuery, SnapshotRange,
    StoredSnapshot, UuidV7, prelude::*, snapshot::on_each_save,
};
use eventsource_testing::faulty::Fault;
use expect_test::expect;

use crate::{
    domain::{Hide, Store, Vault, stream, vaults},
    seen::{Seen, watch},
    tasks::Tasks,
};

/// The vaults of an empty store, with a snapshot after each save, taken when the test says so.
fn snapshotted() -> (Repository<Vault>, Store, Tasks) {
    let ((vaults, store), tasks) = (vaults(), Tasks::default());
    let vaults = vaults
        .snapshot(on_each_save())
        .with_spawner(Arc::new(tasks.clone()));
    (vaults, store, tasks)
}

pub(crate) fn snapshots() -> Seen {
    let (vaults, _, tasks) = snapshotted();
    let ((), seen) = watch(async {
        vaults.execute(&1, Hide(2)).await.expect("hidden");
        tasks.do_all().await;
        let bare = Repository::<Vault>::new(Arc::clone(vaults.store()))
            .with_ids(Arc::new(CountingIds::from(128)));
        bare.execute(&1, Hide(1)).await.expect("hidden");
        let vault = vaults.load(&1).await.expect("the vault");
        assert_eq!((vault.secrets.len(), vault.events_read()), (3, 2));
        let trimmed = vaults.trim(&1).await.expect("trimmed");
        assert_eq!((trimmed.first.get(), trimmed.removed), (2, 1));
    });
    seen.is(&expect![[r#"
        + DEBUG eventsource.execute aggregate=vault causation_id=01 command_id=01 correlation_id=01 events=2 outcome=stored stream=vault-1 version=2
          + DEBUG eventsource.load aggregate=vault origin=beginning read=0 replayed=0 stream=vault-1
            - TRACE eventsource.snapshot_missed aggregate=vault reason=absent stream=vault-1
          + DEBUG eventsource.decide aggregate=vault attempt=1 events=2 stream=vault-1
          + DEBUG eventsource.append aggregate=vault attempt=1 events=2 outcome=stored stream=vault-1
        + DEBUG eventsource.snapshot aggregate=vault stream=vault-1 version=2 (follows from eventsource.execute)
          - DEBUG eventsource.snapshot_saved aggregate=vault bytes=33 stream=vault-1 version=2
        + DEBUG eventsource.execute aggregate=vault causation_id=80 command_id=80 correlation_id=80 events=1 outcome=stored stream=vault-1 version=3
          + DEBUG eventsource.load aggregate=vault origin=beginning read=2 replayed=2 stream=vault-1 version=2
          + DEBUG eventsource.decide aggregate=vault attempt=1 events=1 stream=vault-1 version=2
          + DEBUG eventsource.append aggregate=vault attempt=1 events=1 outcome=stored stream=vault-1 version=2
        + DEBUG eventsource.load aggregate=vault origin=snapshot read=2 replayed=1 stream=vault-1 version=3
          - TRACE eventsource.snapshot_used aggregate=vault stream=vault-1 version=2
        - TRACE eventsource.snapshot_used aggregate=vault stream=vault-1 version=2
        - INFO eventsource.trimmed aggregate=vault events=1 stream=vault-1 version=2
        eventsource_append_seconds aggregate=vault: 2 times
        eventsource_appended_events_total aggregate=vault: 3
        eventsource_read_events_total aggregate=vault: 6
        eventsource_replayed_events aggregate=vault: [0.0, 2.0, 1.0]
        eventsource_snapshot_bytes aggregate=vault: [33.0]
        eventsource_snapshot_hits_total aggregate=vault: 2
        eventsource_snapshot_misses_total aggregate=vault reason=absent: 1
        eventsource_snapshots_saved_total aggregate=vault: 1
        eventsource_trimmed_events_total aggregate=vault: 1
    "#]])
}

pub(crate) fn failures() -> Seen {
    let (vaults, store, tasks) = snapshotted();
    let ((), seen) = watch(async {
        store.inject(Fault::FailSave);
        vaults.execute(&1, Hide(1)).await.expect("hidden");
        tasks.do_all().await;
        vaults.execute(&1, Hide(1)).await.expect("hidden");
        drop(tasks.take());
    });
    seen.is(&expect![[r#"
        + DEBUG eventsource.execute aggregate=vault causation_id=01 command_id=01 correlation_id=01 events=1 outcome=stored stream=vault-1 version=1
          + DEBUG eventsource.load aggregate=vault origin=beginning read=0 replayed=0 stream=vault-1
            - TRACE eventsource.snapshot_missed aggregate=vault reason=absent stream=vault-1
          + DEBUG eventsource.decide aggregate=vault attempt=1 events=1 stream=vault-1
          + DEBUG eventsource.append aggregate=vault attempt=1 events=1 outcome=stored stream=vault-1
        + DEBUG eventsource.snapshot aggregate=vault stream=vault-1 version=1 (follows from eventsource.execute)
          - ERROR eventsource.snapshot_failed aggregate=vault error=the store did not keep it: the store cannot keep or find snapshots now: a failure was injected before the save reason=store stream=vault-1 version=1
        + DEBUG eventsource.execute aggregate=vault causation_id=03 command_id=03 correlation_id=03 events=1 outcome=stored stream=vault-1 version=2
          + DEBUG eventsource.load aggregate=vault origin=beginning read=1 replayed=1 stream=vault-1 version=1
            - TRACE eventsource.snapshot_missed aggregate=vault reason=absent stream=vault-1
          + DEBUG eventsource.decide aggregate=vault attempt=1 events=1 stream=vault-1 version=1
          + DEBUG eventsource.append aggregate=vault attempt=1 events=1 outcome=stored stream=vault-1 version=1
        + DEBUG eventsource.snapshot aggregate=vault stream=vault-1 version=2 (follows from eventsource.execute)
          - ERROR eventsource.snapshot_failed aggregate=vault error=the task that was to take it ended before it was taken reason=dropped stream=vault-1 version=2
        eventsource_append_seconds aggregate=vault: 2 times
        eventsource_appended_events_total aggregate=vault: 2
        eventsource_read_events_total aggregate=vault: 1
        eventsource_replayed_events aggregate=vault: [0.0, 1.0]
        eventsource_snapshot_misses_total aggregate=vault reason=absent: 2
        eventsource_snapshots_failed_total aggregate=vault reason=dropped: 1
        eventsource_snapshots_failed_total aggregate=vault reason=store: 1
    "#]])
}

/// A snapshot that is in the way, and the word for it.
type Missed = (&'static str, fn(StoredSnapshot) -> StoredSnapshot);

const MISSED: [Missed; 6] = [
    ("fingerprint", |mut one| {
        one.fingerprint = Fingerprint::new(7);
        again(one)
    }),
    ("damaged", |mut one| {
        one.bytes[0] ^= 1;
        one
    }),
    ("compression", |mut one| {
        one.compression = Some("press".to_owned());
        again(one)
    }),
    ("undecodable", |mut one| {
        one.bytes = br#"{"secrets":"XYZZY"}"#.to_vec();
        again(one)
    }),
    ("ahead", |mut one| {
        one.version = Version::new(9).expect("from 1");
        again(one)
    }),
    ("other_history", |mut one| {
        one.event = EventId::new(UuidV7.next_id());
        again(one)
    }),
];

/// With the right checksum.
fn again(one: StoredSnapshot) -> StoredSnapshot {
    StoredSnapshot::new(
        one.stream,
        one.version,
        one.event,
        one.fingerprint,
        one.occurred_to,
        one.taken_at,
        one.compression,
        one.bytes,
    )
}

pub(crate) fn misses() -> Seen {
    let (vaults, store, tasks) = snapshotted();
    let ((), seen) = watch(async {
        vaults.execute(&1, Hide(2)).await.expect("hidden");
        tasks.do_all().await;
        let snapshots = store.snapshots().expect("the store has snapshots");
        let query = SnapshotQuery::newest(stream(1), Vault::FINGERPRINT);
        let one = snapshots
            .find_snapshot(&query)
            .await
            .expect("found")
            .expect("there");
        for (_, spoil) in MISSED {
            let all = SnapshotRange::all(stream(1));
            snapshots.delete_snapshots(&all).await.expect("deleted");
            let kept = snapshots.save_snapshot(spoil(one.clone()), Keep::All).await;
            kept.expect("kept");
            assert_eq!(vaults.load(&1).await.expect("the vault").secrets.len(), 2);
        }
        store.inject(Fault::FailFind);
        vaults.load(&1).await.expect("the vault");
    });
    let words = MISSED.map(|(word, _)| word);
    let words = [&["absent"], &words[..], &["store"]].concat();
    assert_eq!(seen.field("eventsource.snapshot_missed", "reason"), words);
    seen.is(&expect![[r#"
        + DEBUG eventsource.execute aggregate=vault causation_id=01 command_id=01 correlation_id=01 events=2 outcome=stored stream=vault-1 version=2
          + DEBUG eventsource.load aggregate=vault origin=beginning read=0 replayed=0 stream=vault-1
            - TRACE eventsource.snapshot_missed aggregate=vault reason=absent stream=vault-1
          + DEBUG eventsource.decide aggregate=vault attempt=1 events=2 stream=vault-1
          + DEBUG eventsource.append aggregate=vault attempt=1 events=2 outcome=stored stream=vault-1
        + DEBUG eventsource.snapshot aggregate=vault stream=vault-1 version=2 (follows from eventsource.execute)
          - DEBUG eventsource.snapshot_saved aggregate=vault bytes=33 stream=vault-1 version=2
        + DEBUG eventsource.load aggregate=vault origin=beginning read=2 replayed=2 stream=vault-1 version=2
          - WARN eventsource.snapshot_missed aggregate=vault error=the snapshot of version 2 has the fingerprint 0000000000000007, and this code has 950e04c419a8a588 reason=fingerprint stream=vault-1
        + DEBUG eventsource.load aggregate=vault origin=beginning read=2 replayed=2 stream=vault-1 version=2
          - WARN eventsource.snapshot_missed aggregate=vault error=the snapshot of version 2 is damaged reason=damaged stream=vault-1
        + DEBUG eventsource.load aggregate=vault origin=beginning read=2 replayed=2 stream=vault-1 version=2
          - WARN eventsource.snapshot_missed aggregate=vault error=the snapshot of version 2 is compressed by `press`, which this repository does not have reason=compression stream=vault-1
        + DEBUG eventsource.load aggregate=vault origin=beginning read=2 replayed=2 stream=vault-1 version=2
          - WARN eventsource.snapshot_missed aggregate=vault error=the snapshot of version 2 could not be decoded: the bytes are not a state: invalid type: string, expected a sequence at line 1 column 18 reason=undecodable stream=vault-1
        + DEBUG eventsource.load aggregate=vault origin=beginning read=2 replayed=2 stream=vault-1 version=2
          - WARN eventsource.snapshot_missed aggregate=vault error=the snapshot of version 9 is newer than its stream reason=ahead stream=vault-1
        + DEBUG eventsource.load aggregate=vault origin=beginning read=2 replayed=2 stream=vault-1 version=2
          - WARN eventsource.snapshot_missed aggregate=vault error=the snapshot of version 2 belongs to another history of its stream reason=other_history stream=vault-1
        + DEBUG eventsource.load aggregate=vault origin=beginning read=2 replayed=2 stream=vault-1 version=2
          - WARN eventsource.snapshot_missed aggregate=vault error=the store could not be asked for a snapshot: the store cannot keep or find snapshots now: a failure was injected before the search reason=store stream=vault-1
        eventsource_append_seconds aggregate=vault: 1 times
        eventsource_appended_events_total aggregate=vault: 2
        eventsource_read_events_total aggregate=vault: 15
        eventsource_replayed_events aggregate=vault: [0.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0]
        eventsource_snapshot_bytes aggregate=vault: [33.0]
        eventsource_snapshot_misses_total aggregate=vault reason=absent: 1
        eventsource_snapshot_misses_total aggregate=vault reason=ahead: 1
        eventsource_snapshot_misses_total aggregate=vault reason=compression: 1
        eventsource_snapshot_misses_total aggregate=vault reason=damaged: 1
        eventsource_snapshot_misses_total aggregate=vault reason=fingerprint: 1
        eventsource_snapshot_misses_total aggregate=vault reason=other_history: 1
        eventsource_snapshot_misses_total aggregate=vault reason=store: 1
        eventsource_snapshot_misses_total aggregate=vault reason=undecodable: 1
        eventsource_snapshots_saved_total aggregate=vault: 1
    "#]])
}

#[test]
fn a_snapshot_is_told_when_it_is_kept_and_when_it_is_used_and_what_is_trimmed_below_it() {
    snapshots();
}

#[test]
fn a_snapshot_that_is_not_taken_is_an_error_that_is_told() {
    failures();
}

#[test]
fn each_miss_is_told_with_its_reason() {
    misses();
}

#[test]
fn too_many_snapshots_at_once_are_told() {
    let (vaults, _, tasks) = snapshotted();
    let ((), seen) = watch(async {
        for vault in 0..1_030 {
            vaults.execute(&vault, Hide(1)).await.expect("hidden");
        }
        tasks.do_all().await;
    });
    assert_eq!(
        seen.field("eventsource.snapshot_failed", "reason"),
        ["busy"; 6]
    );
    assert_eq!(seen.count("eventsource_snapshots_saved_total"), 1024);
}
