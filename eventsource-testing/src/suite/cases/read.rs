//! Reading: bounds, directions, limits, pages.

use eventsource_core::{
    Category, EventStoreExt, Position, Read, ReadError, Recorded, StreamId, Version,
};

use crate::suite::{
    bench::{Bench, Open, Store},
    kit,
};

/// A store with a stream of `count` events among those of another stream.
async fn prepared(bench: &Bench, count: u64) -> (Open, StreamId) {
    let (store, stream, other) = (bench.store().await, kit::stream("1"), kit::stream("2"));
    for mark in 0..count {
        kit::put(&store, &stream, mark..mark + 1).await;
        kit::put(&store, &other, 1_000 + mark..1_001 + mark).await;
    }
    (store, stream)
}

async fn read(store: &Store, read: Read) -> Vec<Recorded> {
    let what = format!("{read:?}");
    store
        .read(read)
        .collect()
        .await
        .unwrap_or_else(|error| panic!("{what} fails: {error:?}"))
}

async fn read_marks(store: &Store, what: Read) -> Vec<u64> {
    kit::marks(&read(store, what).await)
}

/// Contract 10.
pub(crate) async fn r_01_forward_and_backward_from_anywhere(bench: Bench) {
    let (store, stream) = prepared(&bench, 5).await;
    let whole = Read::stream(stream.clone());
    let v = kit::version;
    for (bounded, expected) in [
        (whole.clone(), vec![0, 1, 2, 3, 4]),
        (whole.clone().from_version(v(1)), vec![0, 1, 2, 3, 4]),
        (whole.clone().from_version(v(3)), vec![2, 3, 4]),
        (whole.clone().from_version(v(5)), vec![4]),
        (whole.clone().from_version(v(6)), vec![]),
        (whole.clone().from_version(v(u64::MAX)), vec![]),
        (whole.clone().to_version(v(1)), vec![0]),
        (whole.clone().to_version(v(3)), vec![0, 1, 2]),
        (whole.clone().to_version(v(9)), vec![0, 1, 2, 3, 4]),
        (
            whole.clone().from_version(v(2)).to_version(v(4)),
            vec![1, 2, 3],
        ),
    ] {
        assert_eq!(
            read_marks(&store, bounded.clone()).await,
            expected,
            "{bounded:?}"
        );
        let reversed: Vec<_> = expected.into_iter().rev().collect();
        let bounded = bounded.backward();
        assert_eq!(
            read_marks(&store, bounded.clone()).await,
            reversed,
            "{bounded:?}"
        );
    }
    // The same by position, over the whole store.
    let events = kit::all(&store).await;
    assert_eq!(events.len(), 10);
    for (place, event) in events.iter().enumerate() {
        let from = Read::all().from_position(event.position);
        assert_eq!(read(&store, from.clone()).await, events[place..]);
        let mut reversed = events[place..].to_vec();
        reversed.reverse();
        assert_eq!(read(&store, from.backward()).await, reversed);
        let to = Read::all().to_position(event.position);
        assert_eq!(read(&store, to).await, events[..=place]);
        let after = Read::all().after(Some(event.position));
        assert_eq!(read(&store, after).await, events[place + 1..]);
    }
    let far = Position::from_number(u64::MAX).expect("not 0");
    assert_eq!(read(&store, Read::all().from_position(far)).await, []);
    assert_eq!(read(&store, Read::all().after(Some(far))).await, []);
    assert_eq!(read(&store, Read::all().to_position(far)).await, events);
    assert_eq!(read(&store, Read::all().after(None)).await, events);
}

/// Contract 10.
pub(crate) async fn r_02_empty_and_single_ranges_and_limits(bench: Bench) {
    let (store, stream) = prepared(&bench, 5).await;
    let whole = Read::stream(stream.clone());
    let v = kit::version;
    for (bounded, expected) in [
        (whole.clone().from_version(v(4)).to_version(v(2)), vec![]),
        (whole.clone().from_version(v(3)).to_version(v(3)), vec![2]),
        (whole.clone().limit(0), vec![]),
        (whole.clone().limit(1), vec![0]),
        (whole.clone().limit(4), vec![0, 1, 2, 3]),
        (whole.clone().limit(5), vec![0, 1, 2, 3, 4]),
        (whole.clone().limit(6), vec![0, 1, 2, 3, 4]),
        (whole.clone().limit(u64::MAX), vec![0, 1, 2, 3, 4]),
        (whole.clone().from_version(v(3)).limit(2), vec![2, 3]),
        (whole.clone().backward().limit(0), vec![]),
        (whole.clone().backward().limit(1), vec![4]),
        (whole.clone().backward().limit(2), vec![4, 3]),
        (
            whole.clone().to_version(v(3)).backward().limit(2),
            vec![2, 1],
        ),
    ] {
        assert_eq!(
            read_marks(&store, bounded.clone()).await,
            expected,
            "{bounded:?}"
        );
    }
    let events = kit::all(&store).await;
    let crossed = Read::all()
        .from_position(events[5].position)
        .to_position(events[2].position);
    assert_eq!(read(&store, crossed.clone()).await, []);
    assert_eq!(read(&store, crossed.backward()).await, []);
    assert_eq!(read(&store, Read::all().limit(3)).await, events[..3]);
}

/// Contract 10.
pub(crate) async fn r_03_a_read_without_meaning_is_refused(bench: Bench) {
    let (store, stream) = prepared(&bench, 2).await;
    let category = Category::new("account").expect("a legal category");
    for senseless in [
        Read::all().from_version(kit::version(1)),
        Read::all().to_version(kit::version(1)),
        Read::category(category).from_version(kit::version(1)),
        // No name is no way to say "all".
        Read::all().named([]),
        Read::stream(stream).named([]),
    ] {
        let outcome = store.read(senseless.clone()).collect().await;
        assert!(
            matches!(outcome, Err(ReadError::Invalid { .. })),
            "{senseless:?} gives {outcome:?}"
        );
    }
}

/// Contract 10.
pub(crate) async fn r_04_a_missing_stream_is_not_found_and_an_empty_range_is_empty(bench: Bench) {
    let (store, stream) = prepared(&bench, 2).await;
    let missing = kit::stream("missing");
    for of_missing in [
        Read::stream(missing.clone()),
        Read::stream(missing.clone()).backward(),
        Read::stream(missing.clone()).from_version(kit::version(2)),
        Read::stream(missing.clone()).named([kit::name("account.noted")]),
    ] {
        let outcome = store.read(of_missing.clone()).collect().await;
        assert!(
            matches!(&outcome, Err(ReadError::StreamNotFound { stream }) if *stream == missing),
            "{of_missing:?} gives {outcome:?}"
        );
    }
    assert_eq!(kit::current(&store, &missing).await, None);
    let nothing_there = Read::stream(stream.clone()).from_version(kit::version(3));
    assert_eq!(read(&store, nothing_there).await, []);
    let nothing_named = Read::stream(stream).named([kit::name("account.closed")]);
    assert_eq!(read(&store, nothing_named).await, []);
    let unused = Category::new("unused").expect("a legal category");
    assert_eq!(read(&store, Read::category(unused)).await, []);
    let empty = bench.store().await;
    assert_eq!(read(&empty, Read::all()).await, []);
    assert_eq!(kit::head(&empty).await, None);
}

/// Contract 1 and 10.
pub(crate) async fn r_05_a_filtered_read_gives_the_versions_of_the_whole_stream(bench: Bench) {
    let (store, stream) = (bench.store().await, kit::stream("1"));
    let mut events = kit::events(0..6);
    for event in events.iter_mut().skip(1).step_by(2) {
        event.name = kit::name("account.other");
    }
    kit::put_events(&store, &stream, events).await;
    let filtered = Read::stream(stream.clone()).named([kit::name("account.other")]);
    let events = read(&store, filtered.clone()).await;
    assert_eq!(kit::versions(&events), [2, 4, 6]);
    let events = read(&store, filtered.clone().limit(2)).await;
    assert_eq!(kit::versions(&events), [2, 4]);
    let events = read(&store, filtered.backward().limit(2)).await;
    assert_eq!(kit::versions(&events), [6, 4]);
    let last = store.last(Read::stream(stream.clone())).await;
    let last = last.expect("a stream").expect("an event");
    assert_eq!(Some(last.version), kit::current(&store, &stream).await);
}

/// Contract 10: whatever the size of a page, no event is lost or repeated at its end.
pub(crate) async fn r_06_no_event_is_lost_or_repeated_at_the_end_of_a_page(bench: Bench) {
    const LENGTH: u64 = 1_030;
    let (store, stream) = (bench.store().await, kit::stream("1"));
    kit::put(&store, &stream, 0..LENGTH).await;
    let whole = Read::stream(stream.clone());
    let sizes = [
        1, 2, 10, 50, 64, 100, 128, 200, 250, 256, 500, 512, 1_000, 1_024,
    ];
    for end in sizes
        .into_iter()
        .flat_map(|size| [size - 1, size, size + 1])
    {
        let forward: Vec<_> = (0..end).collect();
        assert_eq!(read_marks(&store, whole.clone().limit(end)).await, forward);
        assert_eq!(read_marks(&store, Read::all().limit(end)).await, forward);
        if end > 0 {
            let to = whole.clone().to_version(kit::version(end));
            assert_eq!(read_marks(&store, to).await, forward);
        }
        let backward: Vec<_> = (LENGTH - end..LENGTH).rev().collect();
        assert_eq!(
            read_marks(&store, Read::all().backward().limit(end)).await,
            backward
        );
    }
    // One at a time, as a subscription reads.
    let mut events = store.read(whole.clone());
    let mut one_by_one = Vec::new();
    while let Some(event) = events.next().await.expect("a read") {
        one_by_one.push(kit::mark(&event));
    }
    assert_eq!(one_by_one, (0..LENGTH).collect::<Vec<_>>());
    // Page by page, as a copy is made.
    let mut events = store.read(whole.backward());
    let mut by_page = Vec::new();
    loop {
        let page = events.next_page().await.expect("a read");
        if page.is_empty() {
            break;
        }
        by_page.extend(kit::marks(&page));
    }
    assert_eq!(by_page, (0..LENGTH).rev().collect::<Vec<_>>());
}

/// Contract 5 and 10.
pub(crate) async fn r_07_appends_during_a_read_leave_no_hole_in_it(bench: Bench) {
    const BEFORE: u64 = 600;
    let (store, stream) = (bench.store().await, kit::stream("1"));
    kit::put(&store, &stream, 0..BEFORE).await;
    for what in [Read::stream(stream.clone()), Read::all()] {
        let there = Version::number(kit::current(&store, &stream).await);
        let mut events = store.read(what.clone());
        let mut seen = Vec::new();
        while let Some(event) = events.next().await.expect("a read") {
            seen.push(kit::mark(&event));
            if seen.len() % 100 == 1 {
                let next = Version::number(kit::current(&store, &stream).await);
                kit::put(&store, &stream, next..next + 3).await;
            }
            assert!(seen.len() < 20_000, "a read ends, also while others append");
        }
        assert!(seen.len() as u64 >= there, "what was there is given");
        assert!(
            seen.iter().copied().eq(0..seen.len() as u64),
            "a prefix of the history, each event once: {what:?}"
        );
        let mut events = store.read(what.backward());
        let mut seen = Vec::new();
        while let Some(event) = events.next().await.expect("a read") {
            seen.push(kit::mark(&event));
            let next = Version::number(kit::current(&store, &stream).await);
            if seen.len() % 100 == 1 {
                kit::put(&store, &stream, next..next + 3).await;
            }
        }
        assert!(
            seen.iter().copied().eq((0..=seen[0]).rev()),
            "backward from one event to the first, each once"
        );
    }
}
