//! Sizes: what the store says it takes, it takes, and what is more is refused whole.

use eventsource_core::{
    Append, EventStoreExt, Expected, Limit, Rejection, StoredPayload, Tag, Version,
};

use crate::suite::{
    bench::{Bench, Store},
    kit,
};

/// Payloads beyond this are not tried, whatever the store says that it takes.
const TRIED: usize = 256 * 1024 * 1024;

#[track_caller]
fn assert_too_large(rejection: &Rejection, expected: Limit, allowed: usize) {
    assert!(
        matches!(rejection, Rejection::TooLarge { what, limit, actual, .. }
            if *what == expected && *limit == allowed && *actual == allowed + 1),
        "{rejection:?}"
    );
}

/// Contract 3 and 12.
pub(crate) async fn a_20_the_limits_are_those_that_the_store_tells(bench: Bench) {
    let (store, stream) = (bench.store().await, kit::stream("1"));
    let limits = store.limits();
    if limits.payload_bytes <= TRIED {
        let mut event = kit::event(0);
        event.payload = StoredPayload::json(&vec![b'1'; limits.payload_bytes + 1]);
        let batch = vec![kit::event(1), event];
        let refused = store.append(Append::to(stream.clone(), Expected::Any, batch));
        assert_too_large(
            &kit::rejection(refused.await),
            Limit::PayloadBytes,
            limits.payload_bytes,
        );
        kit::assert_only(&store, &stream, 0..0).await;
        let mut event = kit::event(0);
        event.payload = StoredPayload::json(&vec![b'1'; limits.payload_bytes]);
        kit::put_events(&store, &stream, vec![event.clone()]).await;
        let read = store.read_stream(&stream).await.expect("a stream");
        assert!(
            read[0].payload == event.payload,
            "the greatest payload is kept"
        );
    }
    if limits.events_per_append < 1_000_000 {
        let other = kit::stream("2");
        let batch = kit::events(0..limits.events_per_append as u64 + 1);
        let refused = store.append(Append::to(other.clone(), Expected::Any, batch));
        assert_too_large(
            &kit::rejection(refused.await),
            Limit::EventsPerAppend,
            limits.events_per_append,
        );
        assert_eq!(kit::current(&store, &other).await, None);
    }
    of_envelopes(&store).await;
}

/// How much metadata an event may have, and how many tags.
async fn of_envelopes(store: &Store) {
    let (limits, stream) = (store.limits(), kit::stream("3"));
    let with_bytes = |bytes: usize| {
        let mut event = kit::event(0);
        // What stands around the text: `{"a":""}`.
        let text = "x".repeat(bytes.saturating_sub(8));
        event.metadata.insert("a", text).expect("a free key");
        event
    };
    let with_tags = |tags: usize| {
        let mut event = kit::event(1);
        let tags = (0..tags).map(|n| Tag::new(format!("tag {n}")).expect("a legal tag"));
        event.tags = tags.collect();
        event
    };
    let sizes = [
        (limits.metadata_bytes <= TRIED && limits.metadata_bytes >= 8).then(|| {
            (
                Limit::MetadataBytes,
                limits.metadata_bytes,
                with_bytes(limits.metadata_bytes),
                with_bytes(limits.metadata_bytes + 1),
            )
        }),
        (limits.tags_per_event < 1_000_000).then(|| {
            (
                Limit::TagsPerEvent,
                limits.tags_per_event,
                with_tags(limits.tags_per_event),
                with_tags(limits.tags_per_event + 1),
            )
        }),
    ];
    for (limit, allowed, greatest, beyond) in sizes.into_iter().flatten() {
        let before = kit::current(store, &stream).await;
        let batch = vec![kit::event(2), beyond];
        let refused = store.append(Append::to(stream.clone(), Expected::Any, batch));
        assert_too_large(&kit::rejection(refused.await), limit, allowed);
        assert_eq!(kit::current(store, &stream).await, before, "{limit}");
        kit::put_events(store, &stream, vec![greatest.clone()]).await;
        let last = store.last(eventsource_core::Read::stream(stream.clone()));
        let last = last.await.expect("a stream").expect("an event");
        assert!(
            (&last.metadata, &last.tags) == (&greatest.metadata, &greatest.tags),
            "the greatest number of {limit} is kept"
        );
    }
}

/// Contract 3 and 9.
pub(crate) async fn a_21_a_large_event_and_a_large_batch_are_kept(bench: Bench) {
    let (store, large, many) = (
        bench.store().await,
        kit::stream("large"),
        kit::stream("many"),
    );
    let limits = store.limits();
    for size in [1024 * 1024, 10 * 1024 * 1024] {
        let bytes: Vec<u8> = (0..=250)
            .cycle()
            .take(size.min(limits.payload_bytes))
            .collect();
        let mut event = kit::event(0);
        event.payload = StoredPayload::json(&bytes);
        kit::put_events(&store, &large, vec![event]).await;
        let last = store
            .last(eventsource_core::Read::stream(large.clone()))
            .await;
        let last = last.expect("a stream").expect("an event");
        assert!(last.payload.bytes() == bytes, "a payload of {size} bytes");
    }
    let count = 10_000.min(limits.events_per_append) as u64;
    let receipt = kit::put(&store, &many, 0..count).await;
    assert_eq!(
        (receipt.events(), receipt.version()),
        (count, Version::new(count))
    );
    assert!(
        kit::stream_marks(&store, &many)
            .await
            .into_iter()
            .eq(0..count)
    );
}

/// Contract 1. In other libraries a stream ends at 65,535 events (D20 of the field).
pub(crate) async fn x_04_a_stream_of_70_000_events_goes_on(bench: Bench) {
    const COUNT: u64 = 70_000;
    let (store, stream) = (bench.store().await, kit::stream("1"));
    let batch = 5_000.min(store.limits().events_per_append as u64);
    let (mut seen, mut mark) = (None, 0);
    while mark < COUNT {
        let end = (mark + batch).min(COUNT);
        let append = Append::to(stream.clone(), Expected::seen(seen), kit::events(mark..end));
        let receipt = store
            .append(append)
            .await
            .expect("the stream is as expected");
        assert_eq!(receipt.version(), Version::new(end));
        (seen, mark) = (receipt.version(), end);
    }
    for number in [65_535, 65_536, 65_537, COUNT] {
        let one = eventsource_core::Read::stream(stream.clone())
            .from_version(kit::version(number))
            .limit(1);
        let one = store.read(one).collect().await.expect("a read");
        assert_eq!(
            (kit::marks(&one), kit::versions(&one)),
            (vec![number - 1], vec![number])
        );
    }
    assert!(
        kit::stream_marks(&store, &stream)
            .await
            .into_iter()
            .eq(0..COUNT)
    );
    let stale = Append::to(
        stream.clone(),
        Expected::Exact(kit::version(COUNT - 65_536)),
        [],
    );
    kit::assert_conflict(
        store.append(stale).await,
        &stream,
        Expected::Exact(kit::version(COUNT - 65_536)),
        COUNT,
    );
}
