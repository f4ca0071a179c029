//! Each way to read a stored event leads through the one table: an old shape, an old name, a split and a dropped event
//! come out alike everywhere.

use eventsource_core::{
    AggregateEvent, AsOf, Category, Delivery, EventStore, EventStoreExt, Expected, Parts, Read,
    Recorded, Repository, Start, Subscribe, Version, prelude::*,
};

use crate::{
    domain::version,
    evolved::{
        Account, AccountEvent, Deposit, Deposited, Opened, accounts, past, state_after, store,
        stored,
    },
};

fn parts(events: &[Recorded]) -> Vec<Vec<AccountEvent>> {
    let decoded = events.iter().map(|event| event.decode::<Account>());
    let parts = decoded.map(|parts| parts.expect("readable").into_iter().collect());
    parts.collect()
}

fn all() -> Vec<Vec<AccountEvent>> {
    past().into_iter().map(|(_, parts)| parts).collect()
}

fn length() -> Option<Version> {
    Version::new(past().len() as u64)
}

#[test]
fn a_stored_event_is_as_many_parts_as_it_became() {
    for ((name, version, json), expected) in past() {
        let parts = AccountEvent::decode(name, version, json.as_bytes()).expect("readable");
        assert_eq!(parts.as_slice(), expected, "{name} v{version}");
        assert_eq!(parts, expected.into_iter().collect::<Parts<_>>());
    }
}

#[test]
fn the_table_has_every_name_and_says_what_is_retired() {
    let table = AccountEvent::TABLE.iter().map(|event| {
        let names: Vec<_> = event.names.iter().map(|stored| stored.name).collect();
        (names.join(", "), event.schema.version, event.retired)
    });
    let expected = [
        ("account.opened", 1, false),
        ("deposit.made, account.deposited", 3, false),
        ("account.opened_funded", 1, true),
        ("account.viewed", 1, true),
        ("accounts.merged, account.merged", 2, true),
    ];
    assert!(table.eq(expected.map(|(names, version, retired)| (
        names.to_owned(),
        version,
        retired
    ))));
}

#[tokio::test]
async fn loading_folds_the_parts_and_counts_the_stored_events() {
    let loaded = accounts().await.load(&1).await.expect("the account");
    assert_eq!(loaded.state(), &state_after(past().len()));
    assert_eq!(loaded.owner, "ann");
    assert_eq!(loaded.deposits.len(), 9);
    assert_eq!(loaded.version(), length());
}

#[tokio::test]
async fn a_point_in_the_past_counts_the_stored_events() {
    let accounts = accounts().await;
    for (stored, micros) in (1..=past().len()).zip(1..) {
        let (at, state) = (version(stored as u64), state_after(stored));
        for as_of in [
            AsOf::Version(at),
            AsOf::Occurred(Timestamp::from_micros(micros)),
        ] {
            let loaded = accounts.load_as_of(&1, as_of).await.expect("the account");
            assert_eq!(
                (loaded.state(), loaded.version()),
                (&state, Some(at)),
                "{as_of:?}"
            );
        }
    }
    let recorded = AsOf::Recorded(Timestamp::MAX);
    let loaded = accounts
        .load_as_of(&1, recorded)
        .await
        .expect("the account");
    assert_eq!(loaded.state(), &state_after(past().len()));
}

#[tokio::test]
async fn concurrency_counts_stored_events_and_not_their_parts() {
    let accounts = accounts().await;
    let receipt = accounts.execute(&1, Deposit(5)).await.expect("a deposit");
    assert_eq!(receipt.version(), Some(Version::after(length())));

    // A writer that had counted the parts would be at another version.
    let parts = all().iter().flatten().count() as u64;
    assert_ne!(Version::new(parts), length());
    let mut append = stored("account", &[("account.viewed", 1, "null")]);
    append.parts[0].expected = Expected::seen(Version::new(parts + 1));
    let conflict = accounts
        .store()
        .append(append)
        .await
        .expect_err("a conflict");
    assert!(conflict.is_conflict(), "{conflict:?}");

    let decided = accounts
        .decide(&1, async |account| {
            assert_eq!(account.version(), Some(Version::after(Some(version(9)))));
            Ok::<_, std::convert::Infallible>(Events::from(AccountEvent::from(Deposited {
                cents: 6,
                currency: account.owner.clone(),
            })))
        })
        .await
        .expect("a deposit");
    assert_eq!(decided.version(), Version::new(11));
}

#[tokio::test]
async fn a_unit_of_work_stands_on_the_parts() {
    let accounts = accounts().await;
    let mut unit = accounts.begin(&1).await.expect("the account");
    assert_eq!(unit.state(), Some(&state_after(past().len())));
    unit.execute(Deposit(1)).expect("a deposit");
    unit.execute(Deposit(2)).expect("a deposit");
    let receipt = unit.commit().await.expect("committed");
    assert_eq!(receipt.version(), Version::new(11));
    let loaded = accounts.load(&1).await.expect("the account");
    assert_eq!(loaded.deposits.len(), 11);
}

#[tokio::test]
async fn what_is_written_is_written_under_todays_name() {
    let accounts = accounts().await;
    accounts.execute(&1, Deposit(5)).await.expect("a deposit");
    let events = accounts.store().read_all().await.expect("all events");
    let last = events.last().expect("ten events");
    assert_eq!(
        (last.name.as_str(), last.schema_version),
        ("account.deposited", 3)
    );
}

#[tokio::test]
async fn a_subscription_delivers_each_stored_event_once_and_its_parts_share_a_place() {
    let category = Category::of::<Account>().expect("a legal category");
    let subscribe = Subscribe::category(category, Start::Beginning).events_of::<Account>();
    let mut subscription = store().await.subscribe(subscribe).await.expect("readable");
    let mut events = Vec::new();
    while let Delivery::Event(event) = subscription.next().await.expect("readable") {
        assert_eq!(subscription.checkpoint(), Some(event.position));
        events.push(event);
    }
    assert_eq!(parts(&events), all());
    assert_eq!(events.last().map(|event| event.version), length());

    // A reader that stopped after a split event goes on behind the whole of it.
    let after = Subscribe::all(Start::After(events[1].position)).events_of::<Account>();
    let mut subscription = store().await.subscribe(after).await.expect("readable");
    let next = subscription.next().await.expect("readable");
    assert!(
        matches!(&next, Delivery::Event(event) if event.version == version(3)),
        "{next:?}"
    );
}

// R-11
#[tokio::test]
async fn a_filter_by_type_finds_what_was_stored_under_another_name() {
    let store = store().await;
    let others = [
        ("account.opened", 1, r#"{"owner":"bob"}"#),
        ("order.placed", 1, "{}"),
    ];
    store
        .append(stored("account", &others))
        .await
        .expect("stored");

    let names = |events: &[Recorded]| -> Vec<String> {
        events.iter().map(|event| event.name.to_string()).collect()
    };
    let deposits = store
        .read(Read::all().typed::<Account, Deposited>())
        .collect();
    let deposits = deposits.await.expect("readable");
    assert_eq!(
        names(&deposits),
        past()
            .iter()
            .map(|((name, ..), _)| *name)
            .collect::<Vec<_>>()
    );
    assert_eq!(parts(&deposits), all());

    // Renamed or not, what is neither asked for nor retired is left out.
    let opened = store.read(Read::all().typed::<Account, Opened>()).collect();
    let opened = names(&opened.await.expect("readable"));
    assert!(opened.contains(&"account.opened".to_owned()));
    assert!(opened.contains(&"account.opened_funded".to_owned()));
    assert!(
        opened.iter().all(|name| !name.contains("deposit")),
        "{opened:?}"
    );

    let both = Read::all().typed::<Account, (Opened, Deposited)>();
    assert_eq!(both, Read::all().events_of::<Account>());
    assert_eq!(
        both,
        Read::all()
            .typed::<Account, Opened>()
            .typed::<Account, Deposited>()
    );
    let both = store.read(both).collect().await.expect("readable");
    assert_eq!(both.len(), past().len() + 1);

    let subscribe = Subscribe::all(Start::Beginning).typed::<Account, (Deposited,)>();
    assert_eq!(
        subscribe.filter,
        Read::all().typed::<Account, Deposited>().filter
    );
}

/// A state that an event creates, with a past of its own.
mod door {
    use super::*;
    use serde::{Deserialize, Serialize};

    macro_rules! events {
        ($($event:ident $name:literal)*) => {$(
            #[derive(Debug, Serialize, Deserialize, Event)]
            #[event(name = $name)]
            pub(super) struct $event;
        )*};
    }
    events! { Built "door.built" Locked "door.locked" Ordered "door.ordered" BuiltLocked "door.built_locked" }

    #[derive(Debug, PartialEq, Aggregate)]
    #[aggregate(
        name = "door",
        id = u64,
        error = std::convert::Infallible,
        created_by = Built,
        events(Built, Locked),
        retired("door.ordered", from = Ordered, into = |_| None),
        retired("door.built_locked", from = BuiltLocked, into = |_| [Built.into(), Locked.into()]),
    )]
    pub(super) struct Door {
        pub(super) locked: bool,
    }

    impl Create<Built> for Door {
        fn create(_: &Built) -> Self {
            Self { locked: false }
        }
    }
    impl Apply<Locked> for Door {
        fn apply(&mut self, _: &Locked) {
            self.locked = true;
        }
    }

    pub(super) struct Build;
    impl HandleNew<Build> for Door {
        fn handle(_: &Build) -> Decision<Self> {
            Ok(Built.into())
        }
    }
}

#[tokio::test]
async fn a_state_can_be_created_by_a_part() {
    let store = MemoryStore::new();
    let rows = [
        ("door.ordered", 1, "null"),
        ("door.built_locked", 1, "null"),
    ];
    store.append(stored("door", &rows)).await.expect("stored");
    let doors = Repository::<door::Door>::new(store);
    let loaded = doors.load(&1).await.expect("the door");
    assert_eq!((loaded.locked, loaded.version()), (true, Version::new(2)));
    let refused = doors.create(&1, door::Build).await.expect_err("it exists");
    assert!(
        matches!(&refused, eventsource_core::ExecuteError::AlreadyExists { version: at, .. } if *at == version(2)),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_stream_of_which_every_event_was_dropped_is_no_aggregate_and_can_become_one() {
    let store = MemoryStore::new();
    let rows = [("door.ordered", 1, "null"); 2];
    store.append(stored("door", &rows)).await.expect("stored");
    let doors = Repository::<door::Door>::new(store);
    let missing = doors.load(&1).await.expect_err("no door");
    assert!(
        matches!(missing, eventsource_core::LoadError::NotFound { .. }),
        "{missing:?}"
    );

    let mut unit = doors.begin(&1).await.expect("a unit of work");
    unit.create(door::Build).expect("a new door");
    unit.create(door::Build).expect_err("it is decided already");
    let receipt = unit.commit().await.expect("committed");
    assert_eq!(receipt.version(), Version::new(3));
    assert!(!doors.load(&1).await.expect("the door").locked);
}
