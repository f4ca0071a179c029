//! Reads and subscriptions that are under way while a stream is trimmed.

use eventsource_core::{
    Capability, Category, Delivery, EventStore, EventStream, Position, Read, ReadError, Recorded,
    Start, StreamId, Subscribe, Subscription,
};

use crate::suite::{
    bench::{Bench, Open, Store},
    cases::{
        subscription::follow,
        trim::{trimmed, trims},
    },
    fixture::Setup,
    kit,
};

/// More than a read takes out at once.
const MANY: u64 = 2_000;

/// Where the stream is cut.
const CUT: u64 = 1_500;

/// A store with `MANY` events in one stream and, between them, some in another.
async fn filled(bench: &Bench) -> Option<Open> {
    let store = bench.store().await;
    trims(&store)?;
    for hundred in 0..MANY / 100 {
        let mut events = kit::events(hundred * 100..hundred * 100 + 100);
        for event in events.iter_mut().step_by(2) {
            event.name = kit::name("account.even");
        }
        kit::put_events(&store, &kit::stream("1"), events).await;
        kit::put(&store, &kit::stream("2"), hundred..hundred + 1).await;
    }
    Some(store)
}

/// The rest of a read, and how it ended.
async fn rest(mut events: EventStream) -> (Vec<Recorded>, Result<(), ReadError>) {
    let mut given = Vec::new();
    loop {
        match events.next().await {
            Ok(Some(event)) => given.push(event),
            Ok(None) => return (given, Ok(())),
            Err(error) => return (given, Err(error)),
        }
    }
}

/// Contract 10 and 16.
pub(crate) async fn x_10_a_read_that_meets_a_trim_has_no_hole(bench: Bench) {
    let one = || Read::stream(kit::stream("1"));
    let even = || one().named([kit::name("account.even")]);
    for read in [one(), even(), one().backward(), even().backward()] {
        let Some(store) = filled(&bench).await else {
            return;
        };
        let whole = store.read(read.clone()).collect().await.expect("a read");
        let mut events = store.read(read.clone());
        let first = events.next().await.expect("a read").expect("an event");
        // Whoever comes later begins at what is left.
        let later = store.read(read.clone());
        trimmed(&store, &kit::stream("1"), CUT).await;
        let (mut given, end) = rest(events).await;
        given.insert(0, first);
        let given = kit::versions(&given);
        let whole = kit::versions(&whole);
        assert!(
            whole.starts_with(&given),
            "a read that meets a trim has a hole: {given:?} of {read:?}"
        );
        let backward = read == read.clone().backward();
        match end {
            Ok(()) if backward => assert!(
                given.last() <= Some(&(CUT + 1)),
                "a read backward ends where the stream begins"
            ),
            Ok(()) => assert_eq!(given, whole, "a read that was cut short says so: {read:?}"),
            Err(ReadError::Trimmed { stream, first }) => {
                assert_eq!((stream, first.get()), (kit::stream("1"), CUT));
                assert!(!backward, "backward nothing is missing in the middle");
            }
            Err(error) => panic!("a read that meets a trim ends in {error:?}"),
        }
        let left: Vec<_> = whole.into_iter().filter(|number| *number >= CUT).collect();
        for again in [later, store.read(read)] {
            let (given, end) = rest(again).await;
            end.expect("a read that begins after a trim");
            assert_eq!(kit::versions(&given), left, "what is left");
        }
    }
    for read in [
        Read::all(),
        Read::category(Category::new("account").expect("a legal category")),
        Read::all().named([kit::name("account.even")]),
    ] {
        let Some(store) = filled(&bench).await else {
            return;
        };
        let whole = store.read(read.clone()).collect().await.expect("a read");
        let mut events = store.read(read.clone());
        let mut given = vec![events.next().await.expect("a read").expect("an event")];
        trimmed(&store, &kit::stream("1"), CUT).await;
        let (more, end) = rest(events).await;
        end.expect("a read over several streams passes what is gone");
        given.extend(more);
        let is_left =
            |event: &Recorded| event.stream != kit::stream("1") || event.version.get() >= CUT;
        let mut expected = whole.clone();
        expected.retain(|event| is_left(event) || given.contains(event));
        assert_eq!(
            kit::marks(&given),
            kit::marks(&expected),
            "everything that is left, once and in order: {read:?}"
        );
    }
}

/// What a subscription gives until it has caught up.
async fn until_caught_up(subscription: &mut Subscription) -> Vec<Recorded> {
    let mut given = Vec::new();
    loop {
        match subscription.next().await {
            Ok(Delivery::Event(event)) => given.push(event),
            Ok(Delivery::CaughtUp) => return given,
            Ok(_) => {}
            Err(error) => panic!("a subscription does not pass what was trimmed: {error:?}"),
        }
    }
}

/// Contract 5, 10 and 16.
pub(crate) async fn x_11_a_subscription_passes_what_was_trimmed(bench: Bench) {
    let one = kit::stream("1");
    for from in [
        (|start| Subscribe::all(start)) as fn(Start) -> Subscribe,
        |start| Subscribe::stream(kit::stream("1"), start),
        |start| Subscribe::stream(kit::stream("1"), start).named([kit::name("account.even")]),
    ] {
        let Some(store) = filled(&bench).await else {
            return;
        };
        let mut under_way = follow(&store, from(Start::Beginning)).await;
        let Ok(Delivery::Event(first)) = under_way.next().await else {
            panic!("the first event is there");
        };
        trimmed(&store, &one, CUT).await;
        let mut anew = follow(&store, from(Start::Beginning)).await;
        // In the middle of what is gone.
        let mut resumed = follow(&store, from(Start::After(first.position))).await;
        let left: Vec<_> = until_caught_up(&mut anew).await;
        assert!(
            left.iter()
                .all(|event| event.stream != one || event.version.get() >= CUT),
            "what is gone is not delivered"
        );
        assert_eq!(
            left.iter().filter(|event| event.stream == one).count() as u64,
            if from(Start::Now).filter.is_all() {
                MANY - CUT + 1
            } else {
                (MANY - CUT).div_ceil(2)
            },
            "what is left is delivered"
        );
        assert_eq!(until_caught_up(&mut resumed).await, left, "from the gap on");
        let mut rest = until_caught_up(&mut under_way).await;
        rest.retain(|event| left.contains(event));
        assert_eq!(rest, left, "a subscription that was under way");
        kit::put(&store, &one, MANY..MANY + 2).await;
        for subscription in [&mut under_way, &mut anew, &mut resumed] {
            let live = until_caught_up(subscription).await;
            let wanted = usize::from(from(Start::Now).filter.is_all()) * 2;
            assert_eq!(live.len(), wanted, "what comes after the trim");
            assert!(subscription.checkpoint() == kit::head(&store).await);
        }
    }
}

/// Contract 16.
pub(crate) async fn x_60_who_would_miss_what_was_trimmed_is_told(bench: Bench) {
    let store = bench.store().await;
    if trims(&store).is_none() {
        return;
    }
    let one = kit::stream("1");
    let lid = StreamId::new("lid", "1").expect("a legal name");
    kit::put(&store, &one, 0..6).await;
    kit::put(&store, &lid, 6..9).await;
    kit::put(&store, &one, 9..11).await;
    let all = kit::positions(&kit::all(&store).await);
    let (account, lids, both) = (["account"], ["lid"], ["account", "lid"]);
    let head = kit::head(&store).await;
    assert_misses(&store, &both, None, None).await;
    trimmed(&store, &one, 4).await;
    assert_misses(&store, &account, None, Some(&one)).await;
    assert_misses(&store, &both, None, Some(&one)).await;
    assert_misses(&store, &lids, None, None).await;
    assert_misses(&store, &["other"], None, None).await;
    assert_misses(&store, &[], None, None).await;
    // The third one is gone, and who has seen the fourth has seen the third.
    assert_misses(&store, &account, Some(all[1]), Some(&one)).await;
    assert_misses(&store, &both, Some(all[3]), None).await;
    trimmed(&store, &lid, 3).await;
    assert_misses(&store, &lids, None, Some(&lid)).await;
    assert_misses(&store, &both, Some(all[3]), Some(&lid)).await;
    assert_misses(&store, &account, Some(all[3]), None).await;
    assert_misses(&store, &both, Some(all[8]), None).await;
    // Of a stream that was trimmed before more is gone.
    trimmed(&store, &one, 8).await;
    assert_misses(&store, &account, Some(all[3]), Some(&one)).await;
    assert_misses(&store, &account, Some(all[8]), Some(&one)).await;
    assert_misses(&store, &both, head, None).await;
    if store.capabilities().has(Capability::Durable) {
        let place = store.close().await;
        let store = Open::at(place, Setup::default()).await;
        assert_misses(&store, &account, Some(all[8]), Some(&one)).await;
        assert_misses(&store, &lids, None, Some(&lid)).await;
        assert_misses(&store, &both, head, None).await;
    }
}

/// Whoever takes these categories and has come so far would be without events of this stream.
async fn assert_misses(
    store: &Store,
    categories: &[&str],
    after: Option<Position>,
    expected: Option<&StreamId>,
) {
    let of = categories.iter().map(|name| Category::new(*name));
    let of = of.collect::<Result<_, _>>().expect("legal names");
    let trims = store.trims().expect("it was there before");
    let found = trims.trimmed_beyond(&of, after).await;
    let found = found.expect("the store can be read");
    let after = after.map_or(0, Position::number);
    assert_eq!(
        found.as_ref(),
        expected,
        "what somebody misses of {categories:?} who has come to {after}"
    );
}
