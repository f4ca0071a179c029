//! The states along a history, and what differs between two of them.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use eventsource_core::{
    AsOf, Change, DifferenceError, EventStoreExt, LoadError, Recorded, Repository, prelude::*,
};
use serde::{Deserialize, Serialize};

use crate::{
    domain::{self, Meddled, version},
    evolved,
    history::{accounts, is_from, is_reversed, is_to, points},
};

#[tokio::test]
async fn around_every_entry_are_the_states_as_of_its_version_and_the_one_before() {
    let accounts = accounts().await;
    let all = accounts.store().read_all().await.expect("readable");
    let mut loaded = vec![domain::Account::default()];
    for event in &all {
        let then = accounts.load_as_of(&1, AsOf::Version(event.version)).await;
        let then = then.expect("a state").into_state();
        loaded.push(Arc::into_inner(then).expect("nobody else holds it"));
    }
    let points = points(&accounts).await;
    for from in &points {
        for to in &points {
            let mut states = accounts.history(&1).between(*from, *to).states();
            if is_reversed(*from, *to) {
                let error = states.next().await.map(|_| ()).expect_err("reversed");
                assert!(matches!(error, LoadError::Reversed { .. }), "{error:?}");
                assert!(states.next().await.expect("ended").is_none());
                continue;
            }
            let within = |event: &&Recorded| is_from(event, *from) && is_to(event, *to);
            for event in all.iter().filter(within) {
                let change = states.next().await.expect("readable").expect("an entry");
                assert_eq!(change.entry.recorded(), event, "{from:?} to {to:?}");
                let at = usize::try_from(event.version.get()).expect("small");
                assert_eq!(
                    (change.before, change.after),
                    (Some(&loaded[at - 1]), Some(&loaded[at]))
                );
            }
            assert!(states.next().await.expect("ended").is_none());
        }
    }
}

#[tokio::test]
async fn a_split_event_changes_the_state_once_and_a_dropped_one_does_not() {
    let accounts = evolved::accounts().await;
    let mut states = accounts.history(&1).states();
    let mut seen = 0;
    while let Some(change) = states.next().await.expect("readable") {
        assert_eq!(change.before, Some(&evolved::state_after(seen)));
        seen += 1;
        assert_eq!(change.after, Some(&evolved::state_after(seen)));
    }
    assert_eq!(seen, evolved::past().len());
}

#[tokio::test]
async fn the_stream_is_read_once_however_many_states_are_asked_for() {
    let store = evolved::store().await;
    let reads = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&reads);
    let meddled = Meddled::new(store, move |_| {
        counted.fetch_add(1, Ordering::Relaxed);
        None
    });
    let accounts = Repository::<evolved::Account>::new(meddled.early());
    let mut states = accounts.history(&1).since(version(3)).states();
    while states.next().await.expect("readable").is_some() {}
    assert_eq!(reads.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn what_cannot_be_read_before_the_first_entry_leaves_no_state_to_show() {
    let store = evolved::store().await;
    let rows = [
        ("account.deposited", 4, "{}"),
        ("account.viewed", 1, "null"),
    ];
    store
        .append(evolved::stored("account", &rows))
        .await
        .expect("stored");
    let accounts = Repository::<evolved::Account>::new(store);
    let broken = evolved::past().len() as u64 + 1;
    let mut states = accounts.history(&1).since(version(broken + 1)).states();
    let error = states.next().await.map(|_| ()).expect_err("unreadable");
    assert!(
        matches!(&error, LoadError::Decode { version, .. } if version.get() == broken),
        "{error:?}"
    );
    assert!(states.next().await.expect("ended").is_none());

    // Behind the last entry, it is in nobody's way.
    let mut states = accounts.history(&1).until(version(broken - 1)).states();
    let mut seen = 0;
    while states.next().await.expect("readable").is_some() {
        seen += 1;
    }
    assert_eq!(seen, broken - 1);
}

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "meter.built")]
struct Built {
    site: Option<String>,
}

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "meter.read")]
struct Counted {
    kind: String,
    count: u64,
}

#[derive(Debug, Serialize, Aggregate)]
#[aggregate(
    name = "meter",
    id = u64,
    error = std::convert::Infallible,
    created_by = Built,
    events(Built, Counted)
)]
struct Meter {
    site: Option<String>,
    counts: std::collections::HashMap<String, u64>,
    order: Vec<String>,
}

impl Create<Built> for Meter {
    fn create(event: &Built) -> Self {
        Self {
            site: event.site.clone(),
            counts: std::collections::HashMap::new(),
            order: Vec::new(),
        }
    }
}

impl Apply<Counted> for Meter {
    fn apply(&mut self, event: &Counted) {
        self.counts.insert(event.kind.clone(), event.count);
        self.order.insert(0, event.kind.clone());
    }
}

struct Build;
struct Count(&'static str, u64);

impl HandleNew<Build> for Meter {
    fn handle(_: &Build) -> Decision<Self> {
        Ok(Built { site: None }.into())
    }
}

impl Handle<Count> for Meter {
    fn handle(&self, command: &Count) -> Decision<Self> {
        let (kind, count) = (command.0.to_owned(), command.1);
        Ok(Counted { kind, count }.into())
    }
}

/// Beyond this, a float of 64 bits no longer tells a number from the next.
const MANY: u64 = 1 << 53;

async fn meters() -> Repository<Meter> {
    let meters = Repository::<Meter>::new(MemoryStore::new());
    let on = |day| {
        let time = Timestamp::start_of_day(2026, 1, day).expect("a day");
        meters.within(Context::new().occurred_at(time))
    };
    on(1).create(&1, Build).await.expect("built");
    on(2).execute(&1, Count("gas", MANY)).await.expect("read");
    on(3)
        .execute(&1, Count("gas", MANY + 1))
        .await
        .expect("read");
    on(4)
        .execute(&1, Count("cold water", u64::MAX))
        .await
        .expect("read");
    meters
}

#[tokio::test]
async fn two_points_in_the_past_are_compared_field_by_field() {
    let meters = meters().await;
    let difference = meters.difference(&1, version(2), version(3)).await;
    assert_eq!(
        difference.expect("states").to_string(),
        "counts.gas: 9007199254740992 -> 9007199254740993\norder[1]: added \"gas\""
    );
    let day = |text| Timestamp::parse_inclusive(text).expect("a day");
    let difference = meters
        .difference(&1, day("2026-01-03"), AsOf::Recorded(Timestamp::MAX))
        .await;
    assert_eq!(
        difference.expect("states").to_string(),
        "counts[\"cold water\"]: added 18446744073709551615\norder[0]: added \"cold water\""
    );
    let none = meters.difference(&1, version(4), day("2026-01-04")).await;
    assert!(none.expect("states").is_empty());
    let back = meters
        .difference(&1, version(2), version(1))
        .await
        .expect("states");
    let shown: Vec<_> = back.iter().map(Change::to_string).collect();
    assert_eq!(
        shown,
        [
            "counts.gas: removed 9007199254740992",
            "order[0]: removed \"gas\""
        ]
    );
}

#[tokio::test]
async fn a_state_that_an_event_creates_is_added_as_a_whole() {
    let meters = meters().await;
    let before = Timestamp::parse_inclusive("2025-12-31").expect("a day");
    let whole = "{\"counts\":{},\"order\":[],\"site\":null}";
    let added = meters
        .difference(&1, before, version(1))
        .await
        .expect("a state");
    assert_eq!(added.to_string(), format!("(the whole): added {whole}"));
    let removed = meters
        .difference(&1, version(1), before)
        .await
        .expect("a state");
    assert_eq!(removed.to_string(), format!("(the whole): removed {whole}"));

    let mut states = meters.history(&1).states();
    let built = states.next().await.expect("readable").expect("an entry");
    assert!(built.before.is_none() && built.after.is_some());
    assert_eq!(built.difference().expect("JSON"), added);
    let read = states.next().await.expect("readable").expect("an entry");
    assert_eq!(
        read.difference().expect("JSON").to_string(),
        "counts.gas: added 9007199254740992\norder[0]: added \"gas\""
    );
}

#[tokio::test]
async fn what_was_never_there_cannot_be_compared_and_has_no_history() {
    let meters = meters().await;
    let (early, now) = (
        AsOf::Occurred(Timestamp::EPOCH),
        AsOf::Occurred(Timestamp::MAX),
    );
    for (id, before, after) in [(1, early, early), (2, early, now)] {
        let error = meters
            .difference(&id, before, after)
            .await
            .expect_err("nothing");
        let DifferenceError::Load(LoadError::NotFound { .. }) = error else {
            panic!("{error:?}")
        };
    }
    let error = meters
        .difference(&1, early, version(5))
        .await
        .expect_err("no such version");
    assert!(
        matches!(
            error,
            DifferenceError::Load(LoadError::NoSuchVersion { .. })
        ),
        "{error:?}"
    );
    let error = meters.history(&2).await.expect_err("no meter");
    assert!(matches!(error, LoadError::NotFound { .. }), "{error:?}");
    // Nothing of an existing one lies within these.
    let none = meters
        .history(&1)
        .until(Timestamp::EPOCH)
        .await
        .expect("a history");
    assert!(none.is_empty());
}
