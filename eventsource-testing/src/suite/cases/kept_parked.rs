//! Events that a projection has set aside, and projections beside each other.

use std::collections::BTreeSet;

use eventsource_core::{
    Advance, Build, Fingerprint, Generation, Parked, ParkedQuery, Position, ProjectionName,
    ProjectionStore, ProjectionStoreError, StreamId, Timestamp,
};

use crate::suite::{
    bench::Bench,
    cases::{
        envelope::HOSTILE,
        kept::{
            Everything, at, balances, begin, build, claimed, generation, name, position, step,
            take, waiting,
        },
    },
    kit,
};

/// The positions of the parked events that a query gives.
async fn places(kept: &dyn ProjectionStore, number: u64, query: ParkedQuery) -> Vec<u64> {
    let parked = kept.parked(&balances(), generation(number), query).await;
    let parked = parked.expect("the parked events of a build");
    parked.iter().map(|one| one.position.number()).collect()
}

async fn streams(kept: &dyn ProjectionStore, number: u64) -> Vec<StreamId> {
    let streams = kept.parked_streams(&balances(), generation(number)).await;
    let mut streams = streams.expect("the streams of parked events");
    streams.sort();
    streams
}

/// Contract 17.
pub(crate) async fn k_06_parked_events_wait_in_order_beside_others(bench: Bench) {
    let store = bench.store().await;
    let Some(kept) = claimed(&store) else {
        return;
    };
    begin(kept, build()).await;
    begin(kept, build()).await;
    let far = 1_u64 << 62;
    let all = || ParkedQuery::first(100);
    assert_eq!(places(kept, 1, all()).await, [] as [u64; 0], "none so far");
    let poison = waiting(7, "a").failed(3, "no such branch");
    take(
        kept,
        step(1, 0, 10).parking([waiting(9, "a"), poison.clone(), waiting(8, "b")]),
    )
    .await;
    // The checkpoint goes on for all others, and so do the followers.
    take(kept, step(1, 10, 11).parking([waiting(11, "a")])).await;
    take(kept, step(1, 11, 20)).await;
    // Without a move of the checkpoint, too, and before what is parked.
    take(kept, step(1, 20, 20).parking([waiting(2, "b")])).await;
    take(kept, step(1, 20, far).parking([waiting(far, "a-1")])).await;
    assert_eq!(
        places(kept, 1, all()).await,
        [2, 7, 8, 9, 11, far],
        "in the order of positions"
    );
    let of = |stream| all().of(kit::stream(stream));
    assert_eq!(places(kept, 1, of("a")).await, [7, 9, 11], "of one stream");
    assert_eq!(places(kept, 1, of("b")).await, [2, 8], "of another");
    assert_eq!(places(kept, 1, of("c")).await, [] as [u64; 0], "of none");
    for (after, limit, expected) in [
        (0, 2, &[2, 7][..]),
        (7, 2, &[8, 9]),
        (10, 100, &[11, far]),
        (far, 100, &[]),
        (0, 0, &[]),
        (0, usize::MAX, &[2, 7, 8, 9, 11, far]),
    ] {
        let query = ParkedQuery::first(limit).after(at(after));
        assert_eq!(
            places(kept, 1, query).await,
            expected,
            "{limit} beyond {after}"
        );
    }
    let query = ParkedQuery::first(1).of(kit::stream("a")).after(at(7));
    assert_eq!(places(kept, 1, query).await, [9], "one of a stream");
    assert_eq!(
        streams(kept, 1).await,
        ["a", "a-1", "b"].map(kit::stream),
        "each stream once"
    );
    // Each event as it was parked.
    let parked = kept.parked(&balances(), Generation::FIRST, all()).await;
    let parked = parked.expect("the parked events of a build");
    let expected = [
        waiting(2, "b"),
        poison,
        waiting(8, "b"),
        waiting(9, "a"),
        waiting(11, "a"),
        waiting(far, "a-1"),
    ];
    assert_eq!(parked, expected, "each part of what was parked");
    // Another build has none of it.
    assert_eq!(places(kept, 2, all()).await, [] as [u64; 0]);
    assert_eq!(streams(kept, 2).await, []);
}

/// Contract 17.
pub(crate) async fn k_07_a_parked_event_is_let_go_once_and_parked_again_in_its_place(bench: Bench) {
    let (store, name) = (bench.store().await, balances());
    let Some(kept) = claimed(&store) else {
        return;
    };
    begin(kept, build()).await;
    let poison = waiting(3, "a").failed(1, "no such branch");
    let rest = [waiting(5, "a"), waiting(6, "b"), waiting(8, "a")];
    take(
        kept,
        step(1, 0, 10)
            .parking([poison.clone()])
            .parking(rest.clone()),
    )
    .await;
    let still = || step(1, 10, 10);
    let all = async || Everything::of(kept, &name).await.parked.concat();
    // Poison again: in its place, once, with what was said last.
    let mut again = poison.clone().failed(2, "still no such branch");
    again.at = Timestamp::MAX;
    let [five, six, eight] = &rest;
    for (parked, first) in [
        (again.clone(), &again),
        // One that was tried once may wait behind another one now.
        (poison.clone(), &poison),
        (waiting(3, "a"), &waiting(3, "a")),
        (again.clone(), &again),
    ] {
        take(kept, still().parking([parked])).await;
        let expected = [first, five, six, eight].map(Clone::clone);
        assert_eq!(all().await, expected, "one that was parked again");
    }
    // Replayed in one step: the first one has passed, the second one has not.
    let second = five.clone().failed(1, "no such teller");
    take(
        kept,
        still()
            .unparking([position(3), position(5)])
            .parking([second.clone()]),
    )
    .await;
    assert_eq!(
        all().await,
        [&second, six, eight].map(Clone::clone),
        "what was let go of and parked in one step is parked"
    );
    // Whoever replays an event that another one has let go of is told, and nothing of it is done.
    let before = Everything::of(kept, &name).await;
    for gone in [3, 4, 9] {
        let twice = step(1, 10, 11)
            .unparking([position(6), position(gone)])
            .parking([waiting(11, "c")]);
        match kept.advance(twice).await {
            Err(ProjectionStoreError::NotParked { position, .. }) => {
                assert_eq!(Some(position), at(gone));
            }
            other => panic!("an event that is not parked is let go of: {other:?}"),
        }
        assert_eq!(Everything::of(kept, &name).await, before, "nothing of it");
    }
    take(kept, still().unparking([5, 8].map(position))).await;
    assert_eq!(
        all().await,
        std::slice::from_ref(six),
        "those of the other stream stay"
    );
    assert_eq!(streams(kept, 1).await, [kit::stream("b")]);
    take(kept, step(1, 10, 12).unparking([position(6)])).await;
    assert_eq!(all().await, []);
    assert_eq!(streams(kept, 1).await, []);
}

/// Contract 12 and 17.
pub(crate) async fn x_43_what_is_said_of_parked_events_is_data(bench: Bench) {
    let (store, name) = (bench.store().await, balances());
    let Some(kept) = claimed(&store) else {
        return;
    };
    begin(kept, build()).await;
    let long = "x".repeat(StreamId::MAX_ID_BYTES);
    let alike = [
        "abc",
        "ABC",
        "abc ",
        " abc",
        "01",
        "1",
        "1-1",
        &long,
        &long[1..],
    ];
    let ids: BTreeSet<_> = HOSTILE.iter().copied().chain(alike).collect();
    let said = ["", "a\0b", "100,000 letters: "];
    let mut expected = Vec::new();
    for (id, number) in ids.iter().zip(1..) {
        let place = (kit::stream(id), kit::version(u64::MAX >> 1));
        expected.push(Parked::behind(position(number), place, Timestamp::MIN).failed(0, *id));
    }
    for (text, number) in said.iter().zip(1_000..) {
        let text = text.replace("100,000 letters: ", &"\u{e9}".repeat(100_000));
        let place = (kit::stream("1"), kit::version(1));
        let parked = Parked::behind(position(number), place, Timestamp::MAX);
        expected.push(parked.failed(u32::MAX, text));
    }
    take(kept, step(1, 0, 2_000).parking(expected.clone())).await;
    let everything = Everything::of(kept, &name).await.parked.concat();
    assert_eq!(everything.len(), expected.len(), "each of them");
    for (there, expected) in everything.iter().zip(&expected) {
        assert!(
            there == expected,
            "`{}`, parked for an error of {} bytes, is kept as `{}`, of {:?} bytes",
            expected.stream,
            expected.error.as_ref().map_or(0, String::len),
            there.stream,
            there.error.as_ref().map(String::len)
        );
    }
    let mut of_streams: Vec<_> = ids.iter().map(|id| kit::stream(id)).collect();
    of_streams.sort();
    assert_eq!(streams(kept, 1).await, of_streams, "each stream by itself");
    for (stream, number) in ids.iter().zip(1..) {
        let of_stream = places(kept, 1, ParkedQuery::first(10).of(kit::stream(stream)));
        let mut of_one = vec![number];
        if *stream == "1" {
            of_one.extend([1_000, 1_001, 1_002]);
        }
        assert_eq!(of_stream.await, of_one, "those of `{stream}`");
    }
}

/// Contract 12 and 17.
pub(crate) async fn x_44_two_projections_know_nothing_of_each_other(bench: Bench) {
    let store = bench.store().await;
    let Some(kept) = claimed(&store) else {
        return;
    };
    let longest = "x".repeat(ProjectionName::MAX_BYTES);
    let names = [
        "abc",
        "ABC",
        "Abc",
        "abcd",
        "a.b",
        "a_b",
        "a-b",
        "1",
        "01",
        "1.0",
        "null",
        "--",
        "_",
        &longest,
        &longest[1..],
    ];
    let checkpoint = async |name: &ProjectionName| {
        let found = kept.find_projection(name).await;
        let found = found.expect("what is kept can be found")?;
        found.live()?.checkpoint
    };
    for (text, number) in names.iter().zip(1..) {
        let name = name(text);
        assert_eq!(checkpoint(&name).await, None, "`{text}` was never begun");
        let of = (number, Fingerprint::new(u64::from(number)));
        let begun = begin(kept, Build::new(name.clone(), of).live()).await;
        assert_eq!(
            begun.generation,
            Generation::FIRST,
            "the number of `{text}`"
        );
        let to = at(u64::from(number));
        let step = Advance::new(name, Generation::FIRST, (None, to));
        take(kept, step.parking([waiting(u64::from(number), text)])).await;
    }
    let assert_kept = async |text: &str, number: u64| {
        let name = name(text);
        assert_eq!(checkpoint(&name).await, at(number), "that of `{text}`");
        let parked = Everything::of(kept, &name).await.parked;
        assert_eq!(
            parked,
            [[waiting(number, text)]],
            "what `{text}` has parked"
        );
    };
    for (text, number) in names.iter().zip(1..) {
        assert_kept(text, number).await;
    }
    // Resetting and deleting one leaves all others.
    let (first, rest) = names.split_first().expect("there are some");
    let [name, again] = [name(first), name(first)];
    begin(kept, Build::new(again, (1, Fingerprint::new(1))).live()).await;
    for (text, number) in rest.iter().zip(2..) {
        assert_kept(text, number).await;
    }
    let deleted = kept.delete_projection(&name, None).await;
    deleted.expect("it can be deleted");
    for (text, number) in rest.iter().zip(2..) {
        assert_kept(text, number).await;
    }
    let none: Option<Position> = checkpoint(&name).await;
    assert_eq!(none, None, "what was deleted");
}
