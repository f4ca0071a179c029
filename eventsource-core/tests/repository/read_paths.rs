//! Each way to read a stored event leads through the one table: an old shape, an old name, a split and a dropped event
//! come out alike everywhere.

use eventsource_core::{
    AggregateEvent, AsOf, Category, DecodeError, Delivery, EventStore, EventStoreExt, Expected,
    Parts, Read, Recorded, Start, Subscribe, Version, prelude::*,
};

use crate::{
    domain::version,
    evolved::{
        Account, AccountEvent, Deposit, Deposited, Opened, Row, accounts, past, state_after, store,
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
    let subscribe = Subscribe::events_of::<Account>(Start::Beginning).expect("a legal category");
    let mut subscription = store().await.subscribe(subscribe).await.expect("readable");
    let mut events = Vec::new();
    while let Delivery::Event(event) = subscription.next().await.expect("readable") {
        assert_eq!(subscription.checkpoint(), Some(event.position));
        events.push(event);
    }
    assert_eq!(parts(&events), all());
    assert_eq!(events.last().map(|event| event.version), length());

    // A reader that stopped after a split event goes on behind the whole of it.
    let after = Subscribe::events_of::<Account>(Start::After(events[1].position));
    let after = after.expect("a legal category");
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

/// What a newer build stored: the next version of an event, under a new name.
const NEWER: &[Row<'static>] = &[
    ("account.deposited", 3, r#"{"cents":1,"currency":"CZK"}"#),
    ("account.credited", 4, "{}"),
    ("account.deposited", 3, r#"{"cents":2,"currency":"CZK"}"#),
];

#[tokio::test]
async fn who_reads_the_events_of_an_aggregate_is_told_of_one_that_newer_code_stored_under_a_new_name()
 {
    let store = MemoryStore::new();
    let order = [("order.placed", 1, "{}")];
    store.append(stored("order", &order)).await.expect("stored");
    store
        .append(stored("account", NEWER))
        .await
        .expect("stored");
    let is_told = |events: &[Recorded]| {
        let decoded: Vec<_> = events
            .iter()
            .map(|event| event.decode::<Account>())
            .collect();
        assert!(
            matches!(&decoded[..], [Ok(_), Err(DecodeError::UnknownName { event, version: 4, .. }), Ok(_)]
                if event == "account.credited"),
            "{decoded:?}"
        );
    };

    let read = Read::events_of::<Account>().expect("a legal category");
    assert_eq!(
        read,
        Read::category(Category::of::<Account>().expect("a legal category"))
    );
    is_told(&store.read(read).collect().await.expect("readable"));

    let subscribe = Subscribe::events_of::<Account>(Start::Beginning).expect("a legal category");
    let mut subscription = store.subscribe(subscribe).await.expect("readable");
    let mut events = Vec::new();
    while let Delivery::Event(event) = subscription.next().await.expect("readable") {
        events.push(event);
    }
    is_told(&events);

    // A filter is by names, and the new one is none that this build knows: that is why readers are deployed first.
    let deposits = Read::all().typed::<Account, Deposited>();
    let deposits = store.read(deposits).collect().await.expect("readable");
    assert_eq!(deposits.len(), NEWER.len() - 1);
}
