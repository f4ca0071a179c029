//! Trimming: what goes, and all that stays as it was.

use std::sync::Arc;

use eventsource_core::{
    Append, AppendKey, Capability, Category, EventStore, Expected, Position, Read, Receipt,
    Recorded, StreamId, Tag, TrimError, TrimStore, Trimmed,
    fault::{FaultAction, FaultPoint},
};

use crate::suite::{
    bench::{Bench, Open, Store},
    fixture::Setup,
    hooks::Script,
    kit::{self, Dice},
};

/// The part that trims, or nothing: then the store does not claim it, and does not offer it either.
pub(crate) fn trims(store: &Store) -> Option<&dyn TrimStore> {
    let trims = store.trims();
    assert_eq!(
        trims.is_some(),
        store.capabilities().has(Capability::Trim),
        "a store offers to trim exactly where it claims to"
    );
    trims
}

pub(crate) async fn trimmed(store: &Store, stream: &StreamId, before: u64) -> Trimmed {
    let trims = store.trims().expect("it was there before");
    let outcome = trims.trim(stream, kit::version(before)).await;
    outcome.expect("a stream of which an event is left can be trimmed")
}

pub(crate) async fn first_version(store: &Store, stream: &StreamId) -> u64 {
    let trims = store.trims().expect("it was there before");
    let first = trims.first_version(stream).await;
    let first = first.expect("the store can be read");
    first.expect("the stream is there").get()
}

fn red() -> Tag {
    Tag::new("red").expect("a legal tag")
}

/// Two streams whose events alternate, and all of them: `1` has the versions 1 to 12.
async fn alternating(store: &Store) -> Vec<Recorded> {
    for mark in 0..24 {
        let mut event = kit::event(mark);
        if mark % 3 == 0 {
            event.tags.insert(red());
        }
        if mark % 4 == 0 {
            event.name = kit::name("account.other");
        }
        let stream = kit::stream(&(1 + mark % 2).to_string());
        kit::put_events(store, &stream, vec![event]).await;
    }
    kit::all(store).await
}

/// Every kind of read gives exactly these events, in both directions.
async fn assert_reads(store: &Store, left: &[Recorded]) {
    let account = Category::new("account").expect("a legal category");
    let other = kit::name("account.other");
    let mut reads = vec![
        Read::all(),
        Read::category(account.clone()),
        Read::all().named([other.clone()]),
        Read::category(account).named([other]),
        Read::all().tagged([red()]),
    ];
    for stream in ["1", "2"] {
        reads.push(Read::stream(kit::stream(stream)));
        reads.push(Read::stream(kit::stream(stream)).tagged([red()]));
    }
    let time = left.last().map(|event| event.recorded_at);
    let bounded = reads
        .iter()
        .cloned()
        .flat_map(|read| {
            let bounds = [(3, 9), (7, 7), (10, 40)].map(|(from, to)| {
                let position = |number| Position::from_number(number).expect("not 0");
                read.clone()
                    .from_position(position(from))
                    .to_position(position(to))
            });
            let timed = time.map(|time| read.recorded_to(time));
            bounds.into_iter().chain(timed)
        })
        .collect::<Vec<_>>();
    for read in reads.into_iter().chain(bounded) {
        let expected = left.iter().filter(|event| {
            let scoped = match &read.scope {
                eventsource_core::Scope::Stream(stream) => event.stream == *stream,
                _ => true,
            };
            scoped && read.admits(event)
        });
        let mut expected: Vec<_> = expected.cloned().collect();
        let found = store.read(read.clone()).collect().await.expect("a read");
        assert_eq!(found, expected, "what is left for {read:?}");
        let found = store.read(read.clone().backward()).collect().await;
        expected.reverse();
        assert_eq!(
            found.expect("a read"),
            expected,
            "what is left backward for {read:?}"
        );
    }
}

/// Contract 1, 2, 5, 10 and 16.
pub(crate) async fn d_04_a_trimmed_stream_begins_where_it_was_cut(bench: Bench) {
    let store = bench.store().await;
    let Some(trims) = trims(&store) else {
        return;
    };
    let (one, two) = (kit::stream("1"), kit::stream("2"));
    let before = alternating(&store).await;
    let head = kit::head(&store).await;
    assert_eq!(
        trimmed(&store, &one, 6).await,
        Trimmed::new(kit::version(6), 5)
    );
    let left = |event: &&Recorded| event.stream != one || event.version.get() >= 6;
    let left: Vec<_> = before.iter().filter(left).cloned().collect();
    assert_reads(&store, &left).await;
    assert_eq!(first_version(&store, &one).await, 6);
    assert_eq!(first_version(&store, &two).await, 1);
    assert_eq!(
        kit::current(&store, &one).await,
        Some(kit::version(12)),
        "the version of the stream"
    );
    assert_eq!(kit::head(&store).await, head, "the head");
    for (from, to, expected) in [(1, 12, 6..13), (3, 8, 6..9), (1, 5, 0..0), (6, 6, 6..7)] {
        let window = Read::stream(one.clone())
            .from_version(kit::version(from))
            .to_version(kit::version(to));
        let found = store.read(window).collect().await.expect("a window");
        assert_eq!(
            kit::versions(&found),
            expected.collect::<Vec<u64>>(),
            "what survives in the window from {from} to {to}"
        );
    }
    // The same again, and less, change nothing.
    for again in [6, 5, 1] {
        let outcome = trimmed(&store, &one, again).await;
        assert_eq!(outcome, Trimmed::new(kit::version(6), 0), "once more");
    }
    assert_reads(&store, &left).await;
    let beyond = trims.trim(&one, kit::version(13)).await;
    assert!(
        matches!(&beyond, Err(TrimError::BeyondEnd { stream, before, last })
            if (stream, before.get(), last.get()) == (&one, 13, 12)),
        "the last event stays: {beyond:?}"
    );
    let missing = trims.trim(&kit::stream("3"), kit::version(1)).await;
    assert!(
        matches!(&missing, Err(TrimError::StreamNotFound { stream }) if *stream == kit::stream("3")),
        "a stream that is not there: {missing:?}"
    );
    let none = trims.first_version(&kit::stream("3")).await;
    assert_eq!(none.expect("the store can be read"), None);
    assert_reads(&store, &left).await;
    assert_goes_on(&store, &one, &left).await;
}

/// Appends to a stream at version 12 of which only some events are left.
async fn assert_goes_on(store: &Store, one: &StreamId, left: &[Recorded]) {
    let to = |expected| Append::to(one.clone(), expected, kit::events(24..25));
    let exact = |number| Expected::Exact(kit::version(number));
    for wrong in [Expected::NoStream, exact(5), exact(7), exact(11)] {
        kit::assert_conflict(store.append(to(wrong)).await, one, wrong, 12);
    }
    let receipt = store.append(to(exact(12))).await.expect("as expected");
    assert_eq!(receipt.version(), Some(kit::version(13)));
    assert!(receipt.position() > left.last().map(|event| event.position));
    store.append(to(Expected::Exists)).await.expect("it exists");
    // All but the last one may go.
    assert_eq!(trimmed(store, one, 14).await.removed, 8);
    let alone = store.read(Read::stream(one.clone())).collect().await;
    assert_eq!(kit::versions(&alone.expect("a read")), [14]);
    let again = kit::put(store, one, 26..28).await;
    assert_eq!(again.version(), Some(kit::version(16)));
    let mut expected: Vec<_> = left.to_vec();
    expected.retain(|event| event.stream != *one);
    let all = kit::all(store).await;
    let others = all.iter().filter(|event| event.stream != *one);
    assert!(others.eq(&expected), "other streams are as they were");
}

/// Contract 6 and 16.
pub(crate) async fn x_09_a_key_answers_for_ever_also_when_its_events_are_gone(bench: Bench) {
    let store = bench.store().await;
    if trims(&store).is_none() {
        return;
    }
    let (one, two) = (kit::stream("1"), kit::stream("2"));
    let several = store.capabilities().has(Capability::MultiStreamAppend);
    let mut appends = Vec::new();
    for number in 0..6_u64 {
        // Of three events each, so that a cut goes between two appends or through one.
        let marks = number * 10..number * 10 + 3;
        let mut append = Append::to(one.clone(), Expected::Any, kit::events(marks.clone()));
        if several && number % 2 == 1 {
            append = append.and(two.clone(), Expected::Any, kit::events(marks));
        }
        let append = append.with_key(kit::key(&format!("key {number}")));
        let receipt = store.append(append.clone()).await.expect("an append");
        kit::put(&store, &two, 90..91).await;
        appends.push((append, receipt));
    }
    assert_answers(&store, &appends).await;
    // Between two appends, through one, at the same place again, and up to the last event.
    for before in [4, 8, 8, 18] {
        trimmed(&store, &one, before).await;
        assert_answers(&store, &appends).await;
    }
    let last = kit::current(&store, &two).await.expect("it is there").get();
    trimmed(&store, &two, last).await;
    assert_answers(&store, &appends).await;
    if store.capabilities().has(Capability::Durable) {
        let place = store.close().await;
        let store = Open::at(place, Setup::default()).await;
        assert_answers(&store, &appends).await;
    }
}

/// Each key is found, answers a retry, and refuses other content.
async fn assert_answers(store: &Store, appends: &[(Append, Receipt)]) {
    let before = kit::head(store).await;
    for (append, first) in appends {
        let key = append.key.clone().expect("each has a key");
        let found = store
            .find_append(&key)
            .await
            .expect("the store can be read");
        let found = found.unwrap_or_else(|| panic!("the key `{key}` is not found"));
        assert!(!found.is_first());
        assert_eq!(found.streams, first.streams, "what `{key}` is found with");
        // Whatever is expected: a retry is no new append.
        let mut retry = append.clone();
        retry.parts[0].expected = Expected::NoStream;
        let answered = store.append(retry).await;
        let answered = answered.unwrap_or_else(|error| panic!("a retry of `{key}`: {error:?}"));
        assert!(!answered.is_first(), "a retry of `{key}` stores nothing");
        assert_eq!(answered.streams, first.streams, "what `{key}` answers");
        for other in others(append, &key) {
            let refused = kit::rejection(store.append(other).await);
            assert!(
                matches!(&refused, eventsource_core::Rejection::KeyReused { first: told, .. }
                    if told.streams == first.streams),
                "other content under `{key}`: {refused:?}"
            );
        }
    }
    assert_eq!(kit::head(store).await, before, "nothing was stored");
}

/// The append with another payload, name, schema version or stream, with less and with more.
fn others(append: &Append, key: &AppendKey) -> Vec<Append> {
    let change = |change: fn(&mut Append)| {
        let mut other = append.clone();
        change(&mut other);
        other
    };
    let mut others = vec![
        change(|append| append.parts[0].events[1].payload = kit::event(7_777).payload),
        change(|append| append.parts[0].events[1].name = kit::name("account.else")),
        change(|append| append.parts[0].events[1].schema_version = 2),
        change(|append| append.parts[0].stream = kit::stream("else")),
        change(|append| append.parts[0].events.truncate(2)),
        change(|append| append.parts[0].events.push(kit::event(7_777))),
    ];
    others
        .push(Append::to(kit::stream("1"), Expected::Any, kit::events(0..1)).with_key(key.clone()));
    others
}

/// Contract 2 and 16.
pub(crate) async fn x_12_what_a_conflict_brings_has_no_hole(bench: Bench) {
    let store = bench.store().await;
    if trims(&store).is_none() {
        return;
    }
    let stream = kit::stream("1");
    kit::put(&store, &stream, 0..10).await;
    trimmed(&store, &stream, 6).await;
    for (seen, expected) in [
        (0, 0..0),
        (2, 0..0),
        (4, 0..0),
        (5, 5..8),
        (6, 6..9),
        (9, 9..10),
    ] {
        let expectation = Expected::seen(eventsource_core::Version::new(seen));
        let append = Append::to(stream.clone(), expectation, kit::events(0..1)).with_missed(3);
        let conflict = kit::conflict(store.append(append).await);
        assert_eq!(
            kit::marks(&conflict.streams[0].missed),
            expected.collect::<Vec<u64>>(),
            "what a writer has missed that had seen version {seen}"
        );
    }
}

/// Contract 8 and 16.
pub(crate) async fn x_13_a_trim_that_fails_leaves_everything_or_is_done(bench: Bench) {
    for (point, done) in [
        (FaultPoint::Statement(2), false),
        (FaultPoint::BeforeCommit, false),
        (FaultPoint::AfterCommit, true),
    ] {
        let armed = Arc::new(std::sync::atomic::AtomicBool::new(false));
        let fires = Arc::clone(&armed);
        let script = Script::new(move |at| {
            let is_it = at == point && fires.swap(false, std::sync::atomic::Ordering::SeqCst);
            if is_it {
                FaultAction::Fail
            } else {
                FaultAction::GoOn
            }
        });
        let setup = Setup::default().with_faults(Arc::new(script));
        let store = bench.store_with(setup).await;
        let Some(trims) = trims(&store) else {
            return;
        };
        let one = kit::stream("1");
        let before = alternating(&store).await;
        armed.store(true, std::sync::atomic::Ordering::SeqCst);
        let outcome = trims.trim(&one, kit::version(6)).await;
        // A store without statements does not ask there.
        if armed.swap(false, std::sync::atomic::Ordering::SeqCst) {
            outcome.expect("nothing was to fail");
            continue;
        }
        let is_as_told = match &outcome {
            Err(TrimError::Unavailable { .. }) => !done,
            Err(TrimError::Unknown(_)) => done,
            _ => false,
        };
        assert!(is_as_told, "a failure at {point:?} ends in {outcome:?}");
        if !done {
            assert_reads(&store, &before).await;
        }
        assert_eq!(
            trimmed(&store, &one, 6).await.removed,
            if done { 0 } else { 5 }
        );
        let left = |event: &&Recorded| event.stream != one || event.version.get() >= 6;
        let left: Vec<_> = before.iter().filter(left).cloned().collect();
        assert_reads(&store, &left).await;
    }
}

/// Contract 1, 5, 10 and 16.
pub(crate) async fn x_14_whatever_is_trimmed_reads_give_the_rest(bench: Bench) {
    for seed in 0..Bench::times(3, 60) as u64 {
        let (store, mut dice) = (bench.store().await, Dice::new(seed));
        if trims(&store).is_none() {
            return;
        }
        let mut left: Vec<Recorded> = Vec::new();
        for mark in 0..60 {
            let stream = kit::stream(&(1 + dice.below(2)).to_string());
            if dice.below(3) > 0 {
                let mut events = kit::events(mark * 10..mark * 10 + 1 + dice.below(4));
                for event in &mut events {
                    if dice.below(2) == 0 {
                        event.tags.insert(red());
                    }
                }
                kit::put_events(&store, &stream, events).await;
                let known = left.last().map(|event| event.position);
                let new = store.read(Read::all().after(known)).collect().await;
                left.extend(new.expect("a read"));
            } else if let Some(last) = kit::current(&store, &stream).await {
                let before = 1 + dice.below(last.get());
                trimmed(&store, &stream, before).await;
                left.retain(|event| event.stream != stream || event.version.get() >= before);
            }
            if mark % 10 == 9 {
                assert_reads(&store, &left).await;
            }
        }
    }
}
