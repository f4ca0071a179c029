//! Writers that all want the same stream, and what must have come of it.

use std::{collections::BTreeMap, path::Path};

use eventsource_core::{Append, AppendError, EventStore, EventStoreExt, Expected};

use super::{event, open, stream};

const ROUNDS: u64 = 50;

/// Appends to a stream that others append to as well, with the version that was seen, until it worked often enough; and
/// to a stream as it comes.
pub(crate) async fn contend(store: &impl EventStore) {
    let mut done = 0;
    while done < ROUNDS {
        let seen = store.stream_version(&stream("hot")).await.unwrap();
        let append = Append::to(stream("hot"), Expected::seen(seen), [event(done)]).and(
            stream("any"),
            Expected::Any,
            [event(done), event(done)],
        );
        match store.append(append).await {
            Ok(_) => done += 1,
            Err(AppendError::Conflict(_)) => {}
            Err(error) => panic!("{error:?}"),
        }
    }
}

/// Every event once, positions and versions without holes, and as many as there were appends.
pub(crate) async fn assert_whole(path: &Path, writers: u64) {
    let store = open(path).await;
    let mut versions = BTreeMap::new();
    let all = store.read_all().await.unwrap();
    for (event, position) in all.iter().zip(1..) {
        assert_eq!(event.position.number(), position);
        let last = versions.entry(event.stream.clone()).or_insert(0);
        *last += 1;
        assert_eq!(event.version.get(), *last);
    }
    assert!(all.is_sorted_by_key(|event| event.recorded_at));
    assert_eq!(versions[&stream("hot")], writers * ROUNDS);
    assert_eq!(versions[&stream("any")], 2 * writers * ROUNDS);
}
