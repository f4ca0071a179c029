//! Reading a part of the store: by category, name, tag, time.

use std::sync::Arc;

use eventsource_core::{
    Append, Category, Clock, ContentType, EventStoreExt, Expected, ManualClock, Read, Recorded,
    StoredPayload, StreamId, Tag, Timestamp,
};

use crate::suite::{
    bench::{Bench, Open, Store},
    fixture::Setup,
    kit::{self, Dice},
};

pub(crate) const NAMES: [&str; 3] = ["account.opened", "account.moved", "account.closed"];
const TAGS: [&str; 4] = ["red", "green", "blue", "Red"];

/// A store of events at random, and all of them in order. The clocks of writers and store run on their own.
pub(crate) async fn prepared(bench: &Bench, seed: u64, count: usize) -> (Open, Vec<Recorded>) {
    let clock = Arc::new(ManualClock::at(Timestamp::from_micros(1_000)));
    let store = bench
        .store_with(Setup::default().with_clock(Arc::clone(&clock) as _))
        .await;
    let mut dice = Dice::new(seed);
    for mark in 0..count as u64 {
        let category = ["account", "Account", "order"][pick(&mut dice, 3)];
        let stream = StreamId::new(category, dice.below(4).to_string()).expect("a legal name");
        let mut event = kit::event(mark);
        event.name = kit::name(NAMES[pick(&mut dice, 3)]);
        event.occurred_at = Timestamp::from_micros(i64::try_from(dice.below(50)).expect("small"));
        for tag in TAGS {
            if dice.below(3) == 0 {
                event.tags.insert(Tag::new(tag).expect("a legal tag"));
            }
        }
        store
            .append(Append::to(stream, Expected::Any, [event]))
            .await
            .expect("an append");
        if dice.below(3) == 0 {
            clock.advance_micros(1);
        }
    }
    let all = kit::all(&store).await;
    assert_eq!(all.len(), count);
    assert!(clock.now() > all[0].recorded_at, "time went on");
    (store, all)
}

fn pick(dice: &mut Dice, count: u64) -> usize {
    usize::try_from(dice.below(count)).expect("small")
}

/// A read gives what looking at every event gives, forward and backward, with and without a limit.
pub(crate) async fn assert_as_by_hand(
    store: &Store,
    all: &[Recorded],
    read: Read,
    wanted: impl Fn(&Recorded) -> bool,
) {
    let expected: Vec<_> = all.iter().filter(|event| wanted(event)).cloned().collect();
    let what = format!("{read:?}");
    let found = store.read(read.clone()).collect().await.expect("a read");
    assert_eq!(found, expected, "{what}");
    let mut found = store
        .read(read.clone().backward())
        .collect()
        .await
        .expect("a read");
    found.reverse();
    assert_eq!(found, expected, "backward: {what}");
    let found = store
        .read(read.clone().limit(3))
        .collect()
        .await
        .expect("a read");
    assert_eq!(
        found,
        expected[..expected.len().min(3)],
        "the first 3: {what}"
    );
    let last = store.last(read).await.expect("a read");
    assert_eq!(last.as_ref(), expected.last(), "the last one: {what}");
}

/// Contract 10.
pub(crate) async fn r_08_times_bound_a_read_on_both_sides_inclusive(bench: Bench) {
    let (store, all) = prepared(&bench, 8, 60).await;
    let at = Timestamp::from_micros;
    for (from, to) in [(0, 49), (10, 30), (25, 25), (30, 10), (-5, 3), (48, 99)] {
        let (from, to) = (at(from), at(to));
        let read = Read::all().occurred_from(from).occurred_to(to);
        assert_as_by_hand(&store, &all, read, |event| {
            from <= event.occurred_at && event.occurred_at <= to
        })
        .await;
    }
    for (from, to) in [(20, 40), (0, 59), (30, 30), (40, 20)] {
        let (from, to) = (all[from].recorded_at, all[to].recorded_at);
        let read = Read::all().recorded_from(from).recorded_to(to);
        assert_as_by_hand(&store, &all, read, |event| {
            from <= event.recorded_at && event.recorded_at <= to
        })
        .await;
    }
    // In one stream, times, versions and positions bound together, in the order of versions.
    let stream = all[30].stream.clone();
    let read = Read::stream(stream.clone())
        .occurred_to(at(40))
        .recorded_from(all[5].recorded_at)
        .from_version(kit::version(2))
        .to_position(all[50].position);
    assert_as_by_hand(&store, &all, read, |event| {
        event.stream == stream
            && event.occurred_at <= at(40)
            && event.recorded_at >= all[5].recorded_at
            && event.version.get() >= 2
            && event.position <= all[50].position
    })
    .await;
}

/// Contract 10.
pub(crate) async fn r_10_a_category_is_read_in_the_order_of_positions(bench: Bench) {
    let (store, all) = prepared(&bench, 10, 60).await;
    for category in ["account", "Account", "order", "accoun", "accounts"] {
        let category = Category::new(category).expect("a legal category");
        let whole = Read::category(category.clone());
        assert_as_by_hand(&store, &all, whole.clone(), |event| {
            *event.stream.category() == category
        })
        .await;
        let part = whole
            .from_position(all[10].position)
            .to_position(all[40].position);
        assert_as_by_hand(&store, &all[10..=40], part, |event| {
            *event.stream.category() == category
        })
        .await;
    }
}

/// Contract 10.
pub(crate) async fn r_11_events_are_read_by_their_stored_names(bench: Bench) {
    let (store, all) = prepared(&bench, 11, 60).await;
    let [opened, moved, closed] = NAMES.map(kit::name);
    for names in [
        vec![opened.clone()],
        vec![opened.clone(), closed.clone()],
        vec![opened, moved, closed.clone()],
        vec![kit::name("account.unknown")],
        vec![kit::name("account.unknown"), closed],
        vec![kit::name("Account.Opened")],
    ] {
        let read = Read::all().named(names.clone());
        assert_as_by_hand(&store, &all, read, |event| names.contains(&event.name)).await;
        let stream = all[0].stream.clone();
        let read = Read::stream(stream.clone()).named(names.clone());
        assert_as_by_hand(&store, &all, read, |event| {
            event.stream == stream && names.contains(&event.name)
        })
        .await;
    }
}

/// Contract 10.
pub(crate) async fn r_12_events_are_read_by_all_of_their_tags(bench: Bench) {
    for seed in 0..Bench::times(4, 100) as u64 {
        let (store, all) = prepared(&bench, seed, 50).await;
        let mut dice = Dice::new(seed);
        for _ in 0..12 {
            let tags: Vec<_> = TAGS
                .iter()
                .filter(|_| dice.below(2) == 0)
                .map(|tag| Tag::new(*tag).expect("a legal tag"))
                .collect();
            let mut read = Read::all().tagged(tags.clone());
            let name = (dice.below(2) == 0).then(|| kit::name(NAMES[pick(&mut dice, 3)]));
            if let Some(name) = &name {
                read = read.named([name.clone()]);
            }
            assert_as_by_hand(&store, &all, read, |event| {
                tags.iter().all(|tag| event.tags.contains(tag))
                    && name.as_ref().is_none_or(|name| event.name == *name)
            })
            .await;
        }
    }
}

/// Contract 10.
pub(crate) async fn r_15_the_head_is_told_where_nothing_matches(bench: Bench) {
    let (store, stream) = (bench.store().await, kit::stream("1"));
    assert_eq!(kit::head(&store).await, None, "of an empty store");
    for mark in 0..5 {
        let receipt = kit::put(&store, &stream, mark..mark + 1).await;
        assert_eq!(kit::head(&store).await, receipt.position());
        let nothing = Read::all().named([kit::name("account.unknown")]);
        assert_eq!(store.last(nothing).await.expect("a read"), None);
        let whole = store.read_all().await.expect("a read");
        assert_eq!(whole.last().map(|event| event.position), receipt.position());
    }
}

/// Contract 10.
pub(crate) async fn r_09_the_last_event_of_all_and_of_a_kind_is_found(bench: Bench) {
    let (store, history) = prepared(&bench, 9, 400).await;
    // What is looked for lies far back.
    let late = kit::stream("late");
    kit::put(&store, &late, 900..1_200).await;
    let stream = StreamId::new("order", "1").expect("a legal name");
    let order = Category::new("order").expect("a legal category");
    let (moved, red) = (
        kit::name("account.moved"),
        Tag::new("red").expect("a legal tag"),
    );
    for read in [
        Read::category(order.clone()),
        Read::stream(stream.clone()),
        Read::stream(stream.clone()).named([moved.clone()]),
        Read::category(order).named([moved.clone()]),
        Read::all().named([moved.clone()]),
        Read::all().tagged([red.clone()]),
        Read::all().tagged([red]).named([moved]),
    ] {
        let by_hand = history
            .iter()
            .rev()
            .find(|event| read.scope.contains(&event.stream) && read.admits(event));
        assert!(by_hand.is_some(), "the case has a subject: {read:?}");
        let last = store.last(read.clone()).await.expect("a read");
        assert_eq!(last.as_ref(), by_hand, "the last event of {read:?}");
    }
    let last = store.last(Read::all()).await.expect("a read");
    assert_eq!(last.map(|event| kit::mark(&event)), Some(1_199));
    let never = Read::all().named([kit::name("account.never")]);
    assert_eq!(store.last(never).await.expect("a read"), None);
}

/// Contract 9 and 10: a store knows of no names, versions or content types.
pub(crate) async fn r_13_an_event_that_nobody_knows_is_given_as_it_is(bench: Bench) {
    let (store, stream) = (bench.store().await, kit::stream("1"));
    let mut events = kit::events(0..6);
    events[1].name = kit::name("Nobody.knows_this");
    events[2].schema_version = 1_000_000;
    events[3].payload = StoredPayload::new(
        ContentType::new("application/x-unheard-of").expect("a legal type"),
        &[0xff, 0x00, 0xfe],
    );
    events[4].payload = StoredPayload::json(b"{ this is no JSON");
    kit::put_events(&store, &stream, events.clone()).await;
    for read in [
        Read::stream(stream.clone()),
        Read::category(stream.category().clone()),
        Read::all(),
    ] {
        let forward = store.read(read.clone()).collect().await.expect("a read");
        assert_eq!(forward.len(), 6, "each event, whatever it is");
        for (stored, event) in forward.iter().zip(&events) {
            assert_eq!(
                (&stored.name, &stored.payload),
                (&event.name, &event.payload)
            );
            assert_eq!(stored.schema_version, event.schema_version);
        }
        let backward = store.read(read.backward()).collect().await;
        assert!(backward.expect("a read").iter().rev().eq(&forward));
    }
    let named = Read::all().named([events[1].name.clone()]);
    let named = store.read(named).collect().await.expect("a read");
    assert_eq!(kit::marks(&named), [1]);
}

/// Contract 9 and 10.
pub(crate) async fn g_14_the_place_at_a_time_is_found_by_reading(bench: Bench) {
    let at = Timestamp::from_micros;
    let clock = Arc::new(ManualClock::at(at(10)));
    let setup = Setup::default().with_clock(Arc::clone(&clock) as _);
    let store = bench.store_with(setup).await;
    let mut places = Vec::new();
    for (mark, now) in (0..).zip([10, 20, 20, 30]) {
        clock.set(at(now));
        let mut event = kit::event(mark);
        event.occurred_at = at(now - 100);
        let stream = kit::stream(&(mark % 2).to_string());
        places.push(
            kit::put_events(&store, &stream, vec![event])
                .await
                .position(),
        );
    }
    for (time, place) in [
        (i64::MIN, None),
        (9, None),
        (10, places[0]),
        (19, places[0]),
        (20, places[2]),
        (25, places[2]),
        (30, places[3]),
        (i64::MAX, places[3]),
    ] {
        let recorded = store.last(Read::all().recorded_to(at(time))).await;
        let recorded = recorded.expect("a read").map(|event| event.position);
        assert_eq!(recorded, place, "the last that was recorded up to {time}");
        let time = time.saturating_sub(100);
        let occurred = store.last(Read::all().occurred_to(at(time))).await;
        let occurred = occurred.expect("a read").map(|event| event.position);
        assert_eq!(occurred, place, "the last that occurred up to {time}");
        // What comes after that place is what comes after that time.
        let after = store.read(Read::all().after(place)).collect().await;
        let after = after.expect("a read");
        assert!(after.iter().all(|event| event.occurred_at > at(time)));
    }
}
