//! Subscriptions to a part, subscriptions that fall behind, and what they say of the versions that they see.

use std::{collections::BTreeMap, sync::Arc};

use eventsource_core::{
    Append, Category, Delivery, Expected, ManualClock, Recorded, Scope, Start, StreamId, Subscribe,
    Subscription, Timestamp,
};

use crate::suite::{
    bench::{Bench, Store},
    cases::subscription::{
        events_of, follow, marks_until_caught_up, mixed, next, until_caught_up, wanted,
    },
    fixture::Setup,
    kit::{self, Dice},
};

/// Appends to three streams what is certainly more than goes for live, in appends of some events.
async fn put_far_more(store: &Store, marks: std::ops::Range<u64>) {
    let mut mark = marks.start;
    while mark < marks.end {
        let end = (mark + 1 + mark % 13).min(marks.end);
        kit::put(store, &kit::stream(&(mark % 3).to_string()), mark..end).await;
        mark = end;
    }
}

/// Contract 5 and 10.
pub(crate) async fn s_04_a_reader_that_falls_behind_is_told_and_catches_up_in_order(bench: Bench) {
    let far = Subscription::LIVE_POSITIONS + 50;
    let store = bench.store().await;
    put_far_more(&store, 0..far).await;
    let mut reader = follow(&store, Subscribe::all(Start::Beginning)).await;
    let nothing = |reader| {
        let never = Subscribe::all(reader).named([kit::name("account.never")]);
        follow(&store, never)
    };
    let mut of_nothing = nothing(Start::Beginning).await;
    let given = until_caught_up(&mut reader).await;
    assert!(
        !given.contains(&Delivery::FellBehind),
        "who has not caught up has not fallen behind"
    );
    assert_eq!(kit::marks(&events_of(&given)), (0..far).collect::<Vec<_>>());
    assert_eq!(until_caught_up(&mut of_nothing).await.len(), 1);
    let mut seen = far;
    for round in 0..3 {
        // So few, one after the other, are live.
        for _ in 0..4 {
            kit::put(&store, &kit::stream("1"), seen..seen + 3).await;
            let given = until_caught_up(&mut reader).await;
            let marks = kit::marks(&events_of(&given));
            assert_eq!(marks, (seen..seen + 3).collect::<Vec<_>>());
            assert_eq!(given.len(), 3, "a live reader sees events: {given:?}");
            assert_eq!(until_caught_up(&mut of_nothing).await.len(), 1);
            seen += 3;
        }
        put_far_more(&store, seen..seen + far).await;
        let told = next(&mut reader).await;
        assert_eq!(told, Delivery::FellBehind, "it has fallen behind");
        assert_eq!(told.checkpoint(), None, "it is no place to resume");
        let mut given = Vec::new();
        while given.len() < 5 {
            given.push(next(&mut reader).await);
        }
        // It falls behind further, which it knows.
        put_far_more(&store, seen + far..seen + 2 * far).await;
        given.extend(until_caught_up(&mut reader).await);
        let due: Vec<_> = (seen..seen + 2 * far).collect();
        assert_eq!(kit::marks(&events_of(&given)), due, "all of it, in order");
        assert!(
            !given.contains(&Delivery::FellBehind),
            "it is told once, in round {round}"
        );
        let head = kit::head(&store).await;
        assert_eq!(reader.checkpoint(), head);
        let given = until_caught_up(&mut of_nothing).await;
        assert_eq!(
            given[0],
            Delivery::FellBehind,
            "also where nothing is wanted"
        );
        let checkpoints: Vec<_> = given.iter().map(Delivery::checkpoint).collect();
        assert_eq!(checkpoints, [None, head], "and it moves on: {given:?}");
        seen += 2 * far;
    }
}

/// Parts of a store of two categories.
fn parts() -> Vec<Subscribe> {
    let category = |text| Category::new(text).expect("a legal category");
    let stream = Scope::Stream(kit::stream("1"));
    let scopes = [
        stream,
        Scope::Category(category("account")),
        Scope::Categories([category("account"), category("order")].into()),
        Scope::All,
    ];
    let each = scopes.into_iter().flat_map(|scope| {
        let whole = Subscribe::new(scope, Start::Beginning);
        [
            whole.clone(),
            whole.clone().named([wanted()]),
            whole.except([wanted(), kit::name("account.never")]),
        ]
    });
    each.collect()
}

async fn put_into_others(store: &Store, marks: std::ops::Range<u64>) {
    for mark in marks {
        let category = ["order", "invoice"][usize::from(mark % 2 == 0)];
        let stream = StreamId::new(category, (mark % 3).to_string()).expect("a legal name");
        let mut event = kit::event(mark);
        if mark % 3 == 0 {
            event.name = wanted();
        }
        kit::put_events(store, &stream, vec![event]).await;
    }
}

/// Contract 5 and 10.
pub(crate) async fn x_35_a_subscription_to_a_part_sees_that_part_only(bench: Bench) {
    let store = bench.store().await;
    let mut readers = Vec::new();
    for part in parts() {
        readers.push((follow(&store, part.clone()).await, part, Vec::new()));
    }
    for round in 0..3 {
        // The first time they catch up, and then they are live.
        mixed(&store, round * 100..round * 100 + 20).await;
        put_into_others(&store, round * 100 + 20..round * 100 + 40).await;
        let all = kit::all(&store).await;
        for (reader, part, seen) in &mut readers {
            while reader.checkpoint() < kit::head(&store).await {
                seen.extend(marks_until_caught_up(reader).await);
            }
            let due = all
                .iter()
                .filter(|event| part.scope.contains(&event.stream) && part.filter.matches(event));
            let due: Vec<_> = due.map(|event| kit::mark(event)).collect();
            assert!(!due.is_empty(), "the case has a subject: {part:?}");
            assert_eq!(*seen, due, "what is seen of {part:?}");
        }
    }
}

/// Whether each stream goes on from where it was, or leaps to where it was trimmed.
fn assert_versions(seen: &[Recorded], trimmed: &BTreeMap<StreamId, u64>) {
    let mut last = BTreeMap::<&StreamId, u64>::new();
    for event in seen {
        let (number, last) = (event.version.get(), last.entry(&event.stream).or_default());
        let first = trimmed.get(&event.stream).copied().unwrap_or(1);
        assert!(
            number == *last + 1 || *last == 0 || *last < number && number <= first,
            "version {number} of `{}` comes after {last}",
            event.stream
        );
        *last = number;
    }
}

/// Contract 1, 5 and 10: a follower of all events checks the versions of each stream. It finds nothing wrong with a store
/// that is right, also where streams were trimmed, and finds what is missing, comes twice or comes late in one that is not.
pub(crate) async fn x_36_the_versions_of_each_stream_follow_each_other(bench: Bench) {
    let store = bench.store().await;
    let (mut dice, mut trimmed) = (Dice::new(36), BTreeMap::new());
    let (mut versions, mut mark) = (BTreeMap::<StreamId, u64>::new(), 0);
    let unfiltered = parts().into_iter().filter(|part| part.filter.is_all());
    let mut readers = Vec::new();
    for part in unfiltered {
        readers.push((follow(&store, part).await, Vec::new()));
    }
    for round in 0..12 {
        for _ in 0..40 {
            let category = ["account", "order"][usize::from(dice.below(3) == 0)];
            let id = (dice.below(4) + round / 4 * 2).to_string();
            let stream = StreamId::new(category, id).expect("a legal name");
            let count = 1 + dice.below(4);
            let append = Append::to(
                stream.clone(),
                Expected::Any,
                kit::events(mark..mark + count),
            );
            store.append(append).await.expect("an append");
            *versions.entry(stream).or_default() += count;
            mark += count;
        }
        // One who begins in the middle has seen nothing of what is before it.
        let middle = kit::head(&store).await.map_or(Start::Now, Start::After);
        readers.push((follow(&store, Subscribe::all(middle)).await, Vec::new()));
        let who_waits = |place: usize| round % 3 == 1 && place.is_multiple_of(2);
        for (place, (reader, seen)) in readers.iter_mut().enumerate() {
            // Some do not come before the trim.
            if !who_waits(place) {
                seen.extend(events_of(&until_caught_up(reader).await));
            }
        }
        if let Some(trims) = store.trims().filter(|_| round % 3 == 1) {
            for (stream, last) in &versions {
                let before = 1 + dice.below(*last);
                let left = trims.trim(stream, kit::version(before)).await;
                let left = left.expect("a stream that reaches so far");
                trimmed.insert(stream.clone(), left.first.get());
            }
        }
    }
    for (reader, seen) in &mut readers {
        while reader.checkpoint() < kit::head(&store).await {
            seen.extend(events_of(&until_caught_up(reader).await));
        }
        assert_versions(seen, &trimmed);
    }
}

/// Contract 5 and 10. In another library a read model is rebuilt in the order of the application's clock (D14 of the field).
pub(crate) async fn x_37_a_rebuild_follows_positions_and_never_a_clock(bench: Bench) {
    let at = Timestamp::from_micros;
    let clock = Arc::new(ManualClock::at(at(1_000)));
    let setup = Setup::default().with_clock(Arc::clone(&clock) as _);
    let (store, mut positions) = (bench.store_with(setup).await, Vec::new());
    for mark in 0..300_u32 {
        // Whoever writes has a clock that runs backwards, and that of the store is set back again and again.
        clock.set(at(i64::from(1_000 + mark % 7)));
        let mut event = kit::event(mark.into());
        event.occurred_at = at(-i64::from(mark));
        let stream = kit::stream(&(mark % 5).to_string());
        let receipt = kit::put_events(&store, &stream, vec![event]).await;
        positions.extend(receipt.position());
    }
    let account = Category::new("account").expect("a legal category");
    for scope in [
        Scope::All,
        Scope::Category(account.clone()),
        Scope::Categories([account].into()),
    ] {
        let never = kit::name("account.never");
        for from in [0, 1, 150, 299] {
            let start = match from {
                0 => Start::Beginning,
                from => Start::After(positions[from - 1]),
            };
            let whole = Subscribe::new(scope.clone(), start);
            for subscribe in [whole.clone().except([never.clone()]), whole] {
                let mut rebuild = follow(&store, subscribe).await;
                let seen = marks_until_caught_up(&mut rebuild).await;
                let due: Vec<_> = (from as u64..300).collect();
                assert_eq!(
                    seen, due,
                    "the order of a rebuild is that of positions: {scope:?}"
                );
            }
        }
    }
}
