//! How the engine answers: by its indexes, and in an order that is asked for.

use std::sync::Arc;

use eventsource_core::{
    Append, Category, Clock, Expected, ManualClock, NewEvent, Read, StreamId, Tag, Timestamp,
};

use crate::suite::{
    bench::{Bench, Open},
    fixture::Setup,
    hooks::Scrambled,
    kit,
};

fn tag(text: &str) -> Tag {
    Tag::new(text).expect("a legal tag")
}

/// One read of each kind that a program does often, or on a large store.
fn reads() -> Vec<Read> {
    let stream = kit::stream("1");
    let account = Category::new("account").expect("a legal category");
    let order = Category::new("order").expect("a legal category");
    let (noted, other) = (kit::name("account.noted"), kit::name("account.other"));
    let position = eventsource_core::Position::from_number(2).expect("not 0");
    let time = Timestamp::from_micros(1_700_000_000_000_000);
    let forward = [
        Read::stream(stream.clone()),
        Read::stream(stream.clone()).from_version(kit::version(2)),
        Read::stream(stream.clone()).named([noted.clone()]),
        Read::stream(stream).recorded_to(time),
        Read::category(account.clone()),
        Read::category(account.clone()).after(Some(position)),
        Read::category(account.clone()).named([other.clone()]),
        Read::category(account.clone()).except([other.clone()]),
        Read::categories([account.clone(), order.clone()]),
        Read::categories([account.clone(), order.clone()]).after(Some(position)),
        Read::categories([account, order])
            .except([other.clone()])
            .after(Some(position)),
        Read::all(),
        Read::all().after(Some(position)),
        Read::all().named([noted.clone()]),
        Read::all().named([noted, other]).after(Some(position)),
        Read::all().tagged([tag("red")]),
        Read::all().tagged([tag("red"), tag("blue")]).limit(1),
        Read::all().correlated(kit::conversation(1)),
        Read::all()
            .correlated(kit::conversation(1))
            .tagged([tag("red")]),
        Read::all().caused_by([kit::cause(2)]),
        Read::all()
            .caused_by((2..18).map(kit::cause))
            .after(Some(position)),
        Read::all().occurred_to(time),
        Read::all().recorded_from(time),
    ];
    let backward = forward.clone().map(|read| read.backward().limit(3));
    forward.into_iter().chain(backward).collect()
}

/// Events that are the same in every store that is filled with them.
fn history() -> Vec<(StreamId, Vec<NewEvent>)> {
    let appends = (0..60_u64).map(|mark| {
        let mut events = kit::events(mark * 2..mark * 2 + 2);
        if mark % 3 == 1 {
            events[0].name = kit::name("account.other");
        }
        if mark % 4 == 0 {
            events[0].correlation_id = Some(kit::conversation(1));
            events[1].causation_id = Some(kit::cause(2));
        }
        if mark % 2 == 0 {
            events[1].tags = [tag("red"), tag("blue")].into();
        }
        let category = if mark % 5 == 0 { "order" } else { "account" };
        let stream = StreamId::new(category, (mark % 4).to_string());
        (stream.expect("a legal name"), events)
    });
    appends.collect()
}

async fn filled(bench: &Bench, setup: Setup, history: &[(StreamId, Vec<NewEvent>)]) -> Open {
    let clock = Arc::new(ManualClock::at(Timestamp::from_micros(
        1_600_000_000_000_000,
    )));
    let store = bench
        .store_with(setup.with_clock(Arc::clone(&clock) as Arc<dyn Clock>))
        .await;
    for (place, (stream, events)) in history.iter().enumerate() {
        clock.advance_micros(4_000_000_000_000);
        let append = Append::to(stream.clone(), Expected::Any, events.clone());
        let key = kit::key(&format!("key {place}"));
        store.append(append.with_key(key)).await.expect("an append");
    }
    store
}

/// Contract 10.
pub(crate) async fn r_17_no_read_goes_through_all_that_there_is(bench: Bench) {
    let store = filled(&bench, Setup::default(), &history()).await;
    for read in reads() {
        let steps = store.place.wasteful_steps(&read).await;
        let steps = steps.expect("the fixture told plans before");
        assert!(steps.is_empty(), "{read:?} goes through it all: {steps:?}");
    }
}

/// Contract 5 and 10: where an engine may give its rows in any order, the store asks for one.
pub(crate) async fn r_18_the_order_of_a_read_is_asked_for(bench: Bench) {
    let history = history();
    let usual = filled(&bench, Setup::default(), &history).await;
    let setup = Setup::default().with_faults(Arc::new(Scrambled));
    let scrambled = filled(&bench, setup, &history).await;
    for read in reads() {
        let expected = usual.read(read.clone()).collect().await.expect("a read");
        let found = scrambled.read(read.clone()).collect().await;
        let (expected, found) = (kit::marks(&expected), kit::marks(&found.expect("a read")));
        assert_eq!(
            found, expected,
            "where rows come in another order: {read:?}"
        );
    }
    for place in 0..history.len() {
        let key = kit::key(&format!("key {place}"));
        let expected = usual.find_append(&key).await.expect("a look");
        let found = scrambled.find_append(&key).await.expect("a look");
        assert_eq!(found, expected, "where the append of a key stands");
    }
    let stale = || {
        let expected = Expected::Exact(kit::version(1));
        Append::to(kit::stream("1"), expected, kit::events(0..1)).with_missed(10)
    };
    let expected = kit::conflict(usual.append(stale()).await);
    let found = kit::conflict(scrambled.append(stale()).await);
    assert_eq!(found, expected, "what a conflict brings");
}
