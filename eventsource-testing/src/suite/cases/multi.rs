//! One append over several streams, where the store claims it; the refusal, where it does not.

use eventsource_core::{Append, Capability, Expected, Rejection, StreamId};

use crate::suite::{
    bench::{Bench, Open},
    cases::concurrency::at_once,
    history::verify,
    kit,
};

/// A store and three streams of two events each, or nothing: then the store has refused several streams, as it must
/// when it does not claim the capability.
async fn prepared(bench: &Bench) -> Option<(Open, [StreamId; 3])> {
    let store = bench.store().await;
    let streams = ["1", "2", "3"].map(kit::stream);
    let [first, second, _] = &streams;
    if !store.capabilities().has(Capability::MultiStreamAppend) {
        for append in [
            to(first, 0).and(second.clone(), Expected::NoStream, kit::events(1..2)),
            to(first, 0).checking(second.clone(), Expected::NoStream),
        ] {
            let rejection = kit::rejection(store.append(append).await);
            assert!(
                matches!(&rejection, Rejection::Unsupported(refused)
                    if refused.capability == Capability::MultiStreamAppend),
                "the store does not claim several streams, so it refuses them: {rejection:?}"
            );
        }
        kit::assert_only(&store, first, 0..0).await;
        return None;
    }
    for stream in &streams {
        kit::put(&store, stream, 0..2).await;
    }
    Some((store, streams))
}

fn to(stream: &StreamId, mark: u64) -> Append {
    Append::to(stream.clone(), Expected::Any, [kit::event(mark)])
}

fn exact(number: u64) -> Expected {
    Expected::Exact(kit::version(number))
}

/// Contract 3 and 14.
pub(crate) async fn c_23_an_append_over_several_streams_is_stored_whole_or_not_at_all(
    bench: Bench,
) {
    let Some((store, streams)) = prepared(&bench).await else {
        return;
    };
    for wrong in 0..3 {
        let expected = |place: usize| exact(if place == wrong { 1 } else { 2 });
        let append = Append::to(streams[0].clone(), expected(0), kit::events(2..4))
            .and(streams[1].clone(), expected(1), kit::events(2..4))
            .and(streams[2].clone(), expected(2), kit::events(2..4));
        let refused = store.append(append);
        kit::assert_conflict(refused.await, &streams[wrong], exact(1), 2);
        for stream in &streams {
            assert_eq!(
                kit::stream_marks(&store, stream).await,
                [0, 1],
                "`{stream}`"
            );
        }
        assert_eq!(kit::all(&store).await.len(), 6, "nothing was stored");
    }
    let append = Append::to(streams[2].clone(), exact(2), kit::events(2..4))
        .and(streams[0].clone(), Expected::Exists, kit::events(2..3))
        .and(streams[1].clone(), exact(2), kit::events(2..5));
    let receipt = store.append(append).await.expect("every expectation holds");
    assert_eq!(receipt.events(), 6);
    let order: Vec<_> = receipt.streams.iter().map(|part| &part.stream).collect();
    assert_eq!(
        order,
        [&streams[2], &streams[0], &streams[1]],
        "the order of the parts"
    );
    let events = &kit::all(&store).await[6..];
    assert_eq!(kit::marks(events), [2, 3, 2, 2, 3, 4]);
    assert_eq!(Some(events[5].position), receipt.position());
}

/// Contract 2 and 14.
pub(crate) async fn c_24_every_violated_expectation_is_reported(bench: Bench) {
    let Some((store, streams)) = prepared(&bench).await else {
        return;
    };
    let append = Append::to(streams[0].clone(), Expected::NoStream, kit::events(2..3))
        .and(streams[1].clone(), exact(2), kit::events(2..3))
        .checking(streams[2].clone(), exact(1))
        .with_missed(5);
    let conflict = kit::conflict(store.append(append).await);
    let told: Vec<_> = conflict
        .streams
        .iter()
        .map(|violated| (&violated.stream, violated.expected, violated.actual))
        .collect();
    let two = Some(kit::version(2));
    assert_eq!(
        told,
        [
            (&streams[0], Expected::NoStream, two),
            (&streams[2], exact(1), two)
        ],
        "two of the three expectations are violated"
    );
    assert_eq!(kit::marks(&conflict.streams[0].missed), [0, 1]);
    assert_eq!(kit::marks(&conflict.streams[1].missed), [1]);
    assert_eq!(kit::all(&store).await.len(), 6, "nothing was stored");
}

/// Contract 2, 3 and 14.
pub(crate) async fn c_25_a_stream_can_be_checked_without_being_written(bench: Bench) {
    let Some((store, streams)) = prepared(&bench).await else {
        return;
    };
    let [written, checked, other] = &streams;
    let append = |expected| {
        Append::to(written.clone(), exact(2), kit::events(2..3)).checking(checked.clone(), expected)
    };
    let receipt = store.append(append(exact(2))).await.expect("both hold");
    assert_eq!(receipt.streams.len(), 1, "only one stream was written");
    assert_eq!(kit::stream_marks(&store, checked).await, [0, 1]);
    // Once the checked stream has changed, the same check fails.
    kit::put(&store, checked, 2..3).await;
    let again = Append::to(written.clone(), exact(3), kit::events(3..4))
        .checking(checked.clone(), exact(2));
    kit::assert_conflict(store.append(again).await, checked, exact(2), 3);
    // An append may check only, and a missing stream may be what is checked.
    let missing = kit::stream("missing");
    let checks =
        Append::to(other.clone(), exact(2), []).checking(missing.clone(), Expected::NoStream);
    let receipt = store.append(checks).await.expect("both hold");
    assert!(receipt.is_empty());
    assert_eq!(
        kit::current(&store, &missing).await,
        None,
        "a check makes no stream"
    );
    // No stream comes twice: there would be two answers to what it is expected to be like.
    let twice = to(other, 2).checking(other.clone(), Expected::Any);
    let rejection = kit::rejection(store.append(twice).await);
    assert!(
        matches!(&rejection, Rejection::StreamTwice { stream } if stream == other),
        "{rejection:?}"
    );
    assert_eq!(kit::stream_marks(&store, other).await, [0, 1]);
}

/// Contract 1, 3, 5 and 14.
pub(crate) async fn c_26_each_stream_keeps_its_order_whatever_the_order_of_the_parts(bench: Bench) {
    let Some((store, streams)) = prepared(&bench).await else {
        return;
    };
    let (mut mark, mut versions) = (2, [2; 3]);
    for round in 0..12 {
        let mut parts = Vec::new();
        for step in 0..3 {
            let place = if round % 2 == 0 {
                (round + step) % 3
            } else {
                (round + 3 - step) % 3
            };
            let count = 1 + (round + step) as u64 % 3;
            parts.push((place, mark..mark + count));
            mark += count;
        }
        let [first, second, third] = parts.as_slice() else {
            panic!("three parts");
        };
        let append = Append::to(
            streams[first.0].clone(),
            Expected::Exists,
            kit::events(first.1.clone()),
        )
        .and(
            streams[second.0].clone(),
            Expected::Any,
            kit::events(second.1.clone()),
        )
        .and(
            streams[third.0].clone(),
            exact(versions[third.0]),
            kit::events(third.1.clone()),
        );
        let receipt = store.append(append).await.expect("every expectation holds");
        for ((place, marks), stands) in parts.iter().zip(&receipt.streams) {
            let count = marks.end - marks.start;
            assert_eq!(stands.stream, streams[*place], "the order of the parts");
            assert_eq!(stands.first_version.get(), versions[*place] + 1);
            versions[*place] += count;
            assert_eq!(stands.last_version.get(), versions[*place]);
        }
    }
    let marks = kit::marks(&kit::all(&store).await);
    assert_eq!(
        marks[6..],
        (2..mark).collect::<Vec<_>>(),
        "the whole store has the parts in their order"
    );
    for (stream, version) in streams.iter().zip(versions) {
        let marks = kit::stream_marks(&store, stream).await;
        assert_eq!(marks.len() as u64, version);
        assert!(marks.is_sorted(), "the order of `{stream}`: {marks:?}");
    }
}

/// Contract 3 and 14.
pub(crate) async fn c_37_appends_over_the_same_streams_in_any_order_all_end(bench: Bench) {
    let Some((store, [a, b, _])) = prepared(&bench).await else {
        return;
    };
    let before = kit::all(&store).await.len();
    let mut attempts = Vec::new();
    for _ in 0..Bench::times(25, 500) {
        let one_way = |mark| to(&a, mark).and(b.clone(), Expected::Any, [kit::event(mark)]);
        let other_way = |mark| to(&b, mark).and(a.clone(), Expected::Any, [kit::event(mark)]);
        let appends = (0..4).flat_map(|mark| [one_way(mark), other_way(mark)]);
        attempts.extend(at_once(&store, appends.collect()).await);
    }
    assert!(
        attempts.iter().all(|attempt| attempt.receipt().is_some()),
        "every append without an expectation succeeds"
    );
    assert_eq!(kit::all(&store).await.len(), before + 2 * attempts.len());
}

/// Contract 2, 3, 5 and 14.
pub(crate) async fn x_02_of_writers_that_check_each_other_one_wins(bench: Bench) {
    if prepared(&bench).await.is_none() {
        return;
    }
    for _ in 0..Bench::times(25, 500) {
        let store = bench.store().await;
        let [a, b] = ["a", "b"].map(kit::stream);
        // Each writes where the other one looks: had both won, neither condition would have held.
        let appends = [(&a, &b), (&b, &a)].map(|(written, checked)| {
            Append::to(written.clone(), Expected::NoStream, [kit::event(0)])
                .checking(checked.clone(), Expected::NoStream)
        });
        let attempts = at_once(&store, appends.into()).await;
        let won = attempts
            .iter()
            .filter(|attempt| attempt.receipt().is_some())
            .count();
        assert_eq!(won, 1, "{attempts:?}");
        verify(&kit::all(&store).await, &attempts);
    }
}
