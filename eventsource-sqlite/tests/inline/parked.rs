//! A read model of which a runner has parked events.

use std::path::Path;

use eventsource_core::{
    Advance, AppendError, Build, EventStore, Fingerprint, Generation, Parked, Position,
    ProjectionStore, Rejection, Timestamp, Version,
    projection::{Definition, HandlesIn},
};
use eventsource_sqlite::{OpenError, SqliteStore, SqliteTx};

use crate::{
    common::{folder, open, stream},
    domain::{BALANCES, Balances, Tens, balance, live, moved, name, open_with, try_open_with},
};

/// What a runner does that parks the event of `account-a` at the position after `from`.
fn parks(generation: Generation, from: u64, version: u64) -> Advance {
    let to = Position::from_number(from + 1);
    let of = (stream("a"), Version::new(version).unwrap());
    let parked = Parked::behind(to.unwrap(), of, Timestamp::EPOCH).failed(1, "as the test wants");
    Advance::new(name(), generation, (Position::from_number(from), to)).parking([parked])
}

fn fingerprint<P: HandlesIn<SqliteTx>>() -> Fingerprint {
    Definition::of::<P>(P::TABLES).unwrap().fingerprint()
}

async fn refused(path: &Path) -> OpenError {
    try_open_with(path, Balances).await.expect_err("parked")
}

async fn is_refused(store: &SqliteStore) -> String {
    let refused = store.append(moved("a", [1])).await;
    let Err(AppendError::Rejected(Rejection::ReadModel { projection, reason })) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(projection, name());
    reason
}

#[tokio::test]
async fn a_read_model_with_parked_events_is_gone_on_with_when_they_are_delivered() {
    let (_folder, path) = folder();
    let store = open_with(&path, Balances).await;
    store.append(moved("a", [100])).await.unwrap();
    // A runner has done what it must not do beside it.
    let runner = open(&path).await;
    runner.append(moved("a", [10])).await.unwrap();
    runner
        .advance(parks(Generation::FIRST, 1, 2))
        .await
        .unwrap();
    let reason = is_refused(&store).await;
    assert!(reason.contains("1 of its events is parked"), "{reason}");
    store.close().await;
    let refused = refused(&path).await;
    assert!(
        matches!(
            &refused,
            OpenError::Parked { projection, parked: 1, .. } if *projection == name()
        ),
        "{refused:?}"
    );
    assert!(refused.to_string().contains("raise its version"));
    assert_eq!(balance(&path), 100);
    let mut replay = parks(Generation::FIRST, 1, 2);
    replay.from = replay.to;
    replay.unpark = replay.park.drain(..).map(|one| one.position).collect();
    runner.advance(replay).await.unwrap();
    let store = open_with(&path, Balances).await;
    store.append(moved("b", [1])).await.unwrap();
    assert_eq!(balance(&path), 101);
}

#[tokio::test]
async fn a_later_version_has_what_was_parked_of_the_one_before() {
    let (_folder, path) = folder();
    let store = open_with(&path, Balances).await;
    store.append(moved("a", [100, 10])).await.unwrap();
    store.close().await;
    let runner = open(&path).await;
    runner.append(moved("a", [20])).await.unwrap();
    runner
        .advance(parks(Generation::FIRST, 2, 3))
        .await
        .unwrap();
    // Of the later version there is a build already, in which something is parked, too.
    let build = Build::new(name(), (2, fingerprint::<Tens>())).with_tables([BALANCES]);
    let second = runner.begin_generation(build).await.unwrap().generation;
    runner.advance(parks(second, 0, 1)).await.unwrap();
    let store = open_with(&path, Tens).await;
    let third = Generation::from_number(3);
    assert_eq!((balance(&path), live(&store).await), (13, (third, true)));
}
