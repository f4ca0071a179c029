//! Trims that nobody waits for any more, and trims through another handle.

use eventsource_core::{Append, EventStore, Expected, Read, StreamId};

use crate::suite::{
    bench::{Bench, Store},
    cases::{
        lifecycle::polled,
        trim::{first_version, trimmed, trims},
    },
    kit,
};

/// The versions that are left of a stream.
async fn left(store: &Store, stream: &StreamId) -> Vec<u64> {
    let events = store.read(Read::stream(stream.clone())).collect().await;
    kit::versions(&events.expect("a read"))
}

/// Contract 13 and 16.
pub(crate) async fn x_31_a_dropped_trim_is_done_whole_or_not_at_all(bench: Bench) {
    let (whole, cut): (Vec<u64>, _) = ((1..=8).collect(), vec![6, 7, 8]);
    for times in 0.. {
        let store = bench.store().await;
        let Some(trims) = trims(&store) else {
            return;
        };
        let stream = kit::stream("1");
        kit::put(&store, &stream, 0..8).await;
        let ended = polled(times, trims.trim(&stream, kit::version(6))).await;
        // It may be done at any moment, so what is looked at later may only be further on.
        let mut is_done = ended.is_some();
        for _ in 0..3 {
            let there = left(&store, &stream).await;
            assert!(
                there == cut || there == whole && !is_done,
                "a dropped trim has left {there:?}"
            );
            is_done |= there == cut;
            let first = first_version(&store, &stream).await;
            assert!(
                first == 6 || first == 1 && !is_done,
                "a dropped trim has left a stream that begins at version {first}"
            );
            is_done |= first == 6;
        }
        let removed = trimmed(&store, &stream, 6).await.removed;
        assert!(
            removed == 0 || removed == 5 && !is_done,
            "{removed} events were left to trim"
        );
        assert_eq!(left(&store, &stream).await, cut);
        let next = kit::put(&store, &stream, 8..9).await;
        assert_eq!(next.version(), Some(kit::version(9)));
        if let Some(outcome) = ended {
            assert_eq!(outcome.expect("nothing was to fail").removed, 5);
            break;
        }
    }
}

/// Contract 6, 14 and 16.
pub(crate) async fn x_32_two_handles_on_one_place_see_each_others_trims(bench: Bench) {
    let (store, stream) = (bench.store().await, kit::stream("1"));
    let another = store.another().await;
    if trims(&store).is_none() {
        return;
    }
    let (store, another): (&Store, &Store) = (&store, &another);
    let append = Append::to(stream.clone(), Expected::Any, kit::events(0..8));
    let append = append.with_key(kit::key("k"));
    let receipt = store.append(append.clone()).await.expect("an append");
    // Each of them knows the stream as it was.
    for handle in [store, another] {
        assert_eq!(first_version(handle, &stream).await, 1);
        assert_eq!(left(handle, &stream).await.len(), 8);
    }
    for (trimming, looking, before) in [(store, another, 4), (another, store, 6)] {
        assert_eq!(trimmed(trimming, &stream, before).await.first.get(), before);
        assert_eq!(
            first_version(looking, &stream).await,
            before,
            "where the stream begins that the other one has trimmed"
        );
        let expected: Vec<u64> = (before..=8).collect();
        assert_eq!(left(looking, &stream).await, expected, "what is left of it");
        assert_eq!(
            trimmed(looking, &stream, before).await.removed,
            0,
            "what the other one has trimmed is not trimmed again"
        );
        let answered = looking.append(append.clone()).await.expect("a retry");
        assert!(!answered.is_first() && answered.streams == receipt.streams);
    }
    assert_eq!(kit::current(another, &stream).await, Some(kit::version(8)));
}
