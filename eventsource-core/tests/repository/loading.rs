//! Loading: what is there, and everything that cannot be a state.

use std::{error::Error as _, sync::Arc};

use eventsource_core::{
    DecodeError, EventStore, EventStoreExt, ExecuteError, LoadError, MemoryStore, Repository,
    StreamId, Version,
};

use crate::domain::{
    Account, Deposit, Open, Refusal, Withdraw, accounts, stored, version, without,
};

#[tokio::test]
async fn a_default_state_has_no_version_before_its_first_event() {
    let accounts = Repository::<Account>::new(MemoryStore::new());
    let loaded = accounts.load(&1).await.expect("a default state");
    assert_eq!(
        (loaded.state(), loaded.version()),
        (&Account::default(), None)
    );
}

// D1
#[tokio::test]
async fn no_event_is_applied_twice_so_that_state_after_execute_is_state_after_load() {
    let accounts = accounts().await;
    for n in 1..=4 {
        let receipt = accounts.execute(&1, Deposit(10)).await.expect("a deposit");
        let loaded = accounts.load(&1).await.expect("the account");
        assert_eq!(loaded.cents, 10 * n);
        assert_eq!(u64::from(loaded.applied), Version::number(loaded.version()));
        assert_eq!(receipt.version(), loaded.version());
    }
}

#[tokio::test]
async fn a_refusal_is_the_domains_own_and_stores_nothing() {
    let accounts = accounts().await;
    let refused = accounts
        .execute(&1, Withdraw(5))
        .await
        .expect_err("no money");
    assert_eq!(refused.refusal(), Some(&Refusal::Missing { missing: 5 }));
    assert_eq!(
        refused.source().map(ToString::to_string).as_deref(),
        Some("5 cents are missing")
    );
    assert_eq!(
        accounts.load(&1).await.expect("the account").version(),
        Version::new(1)
    );
}

#[tokio::test]
async fn a_decision_of_no_events_is_an_empty_receipt() {
    let accounts = accounts().await;
    let receipt = accounts.execute(&1, Deposit(0)).await.expect("accepted");
    assert!(receipt.is_empty() && receipt.is_first());
    assert_eq!(
        (receipt.version(), receipt.position(), receipt.events()),
        (None, None, 0)
    );
}

// D8
#[tokio::test]
async fn a_state_folds_only_the_events_of_its_own_stream() {
    let accounts = accounts().await;
    for id in [10, 11] {
        accounts.execute(&id, Open).await.expect("a new account");
        accounts
            .execute(&id, Deposit(100))
            .await
            .expect("a deposit");
    }
    assert_eq!(accounts.load(&1).await.expect("the account").cents, 0);
    assert_eq!(accounts.load(&10).await.expect("the account").cents, 100);
}

#[tokio::test]
async fn a_stored_event_that_cannot_be_read_is_an_error_with_its_place_and_nothing_is_written() {
    type Expect = fn(&DecodeError) -> bool;
    let cases: [(&str, u32, &str, Expect); 4] = [
        ("account.vanished", 1, "{}", |e| {
            matches!(e, DecodeError::UnknownName { .. })
        }),
        ("account.deposited", 2, "{\"cents\":1}", |e| {
            matches!(
                e,
                DecodeError::Newer {
                    stored: 2,
                    known: 1,
                    ..
                }
            )
        }),
        ("account.deposited", 1, "{\"cents\":\"4111-1111\"}", |e| {
            matches!(e, DecodeError::Payload { .. })
        }),
        ("account.deposited", 1, "\u{fffd}", |e| {
            matches!(e, DecodeError::Payload { .. })
        }),
    ];
    for (name, schema_version, json, expected) in cases {
        let accounts = accounts().await;
        let store = Arc::clone(accounts.store());
        store
            .append(stored(name, schema_version, json))
            .await
            .expect("stores do not look inside");

        let error = accounts.load(&1).await.expect_err("no state");
        let LoadError::Decode {
            version: at,
            ref source,
            ..
        } = error
        else {
            panic!("{error:?}");
        };
        assert_eq!(at, version(2));
        assert!(expected(source), "{source:?}");
        let (mut words, mut next) = (String::new(), Some(&error as &dyn std::error::Error));
        while let Some(error) = next {
            words = format!("{words} {error} {error:?}");
            next = error.source();
        }
        assert!(
            !words.contains("4111"),
            "a payload is in the error: {words}"
        );

        let error = accounts
            .execute(&1, Deposit(1))
            .await
            .expect_err("no decision");
        assert!(
            matches!(error, ExecuteError::Load(LoadError::Decode { .. })),
            "{error:?}"
        );
        assert_eq!(store.read_all().await.expect("two events").len(), 2);
    }
}

#[tokio::test]
async fn a_store_behind_several_pointers_is_the_same_store() {
    let store = MemoryStore::new();
    let dynamic: Arc<dyn EventStore> = Arc::new(store.clone());
    let accounts = Repository::<Account>::new(Arc::new(Box::new(Arc::clone(&dynamic))));
    accounts.execute(&1, Open).await.expect("a new account");
    assert_eq!(accounts.store().capabilities(), store.capabilities());
    assert_eq!(accounts.store().limits(), store.limits());
    let stream = StreamId::of::<Account>(&1).expect("a legal id");
    assert_eq!(
        dynamic.stream_version(&stream).await.expect("readable"),
        Version::new(1)
    );
    assert_eq!(
        store.read_stream(&stream).await.expect("one event").len(),
        1
    );
}

#[tokio::test]
async fn a_hole_in_a_stream_is_damage_and_never_a_state() {
    let store = MemoryStore::new();
    let whole = Repository::<Account>::new(store.clone());
    whole.execute(&1, Open).await.expect("opened");
    for _ in 0..3 {
        whole.execute(&1, Deposit(1)).await.expect("deposited");
    }
    let damaged = Repository::<Account>::new(without(&store, version(3)));
    let error = damaged.load(&1).await.expect_err("no state");
    assert!(
        matches!(&error, LoadError::Hole { last, found, .. }
            if *last == Some(version(2)) && *found == version(4)),
        "{error:?}"
    );
}
