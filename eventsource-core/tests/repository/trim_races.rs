//! Trims that come while a state is kept, found or read.

use std::{
    pin::pin,
    task::{Context, Poll, Waker},
};

use eventsource_core::{
    Bound, ExecuteError, Keep, LoadError, Origin, Snapshot, SnapshotError, SnapshotMiss,
    SnapshotQuery, Trimmed,
    prelude::*,
    snapshot::{never, on_each_save},
};

use crate::{
    domain::{Account, Deposit, Deposited, Open, Withdraw, version},
    trimmed::{CUT, cut, whole, with},
    watched::Watched,
};

#[tokio::test]
async fn a_kept_state_below_a_trim_is_brought_up_from_the_snapshot() {
    for refuse in [false, true] {
        let (store, accounts) = whole(Keep::Latest(2)).await;
        // It has seen the account at version 10 only.
        let hot = with(&store, never()).cache(4);
        hot.load(&1).await.expect("the account");
        for _ in 0..4 {
            accounts.execute(&1, Deposit(10)).await.expect("a deposit");
            accounts.snapshots_settled().await;
        }
        let trimmed = accounts.trim(&1).await.expect("trimmed");
        assert_eq!(trimmed.first, version(12));
        // With 90 it is refused, and accepted with 130.
        let cents = if refuse { 100 } else { 50 };
        let receipt = hot.execute(&1, Withdraw(cents)).await.expect("withdrawn");
        assert_eq!(receipt.version(), Some(version(15)));
        let loaded = hot.load(&1).await.expect("the account");
        assert_eq!((loaded.cents, loaded.applied), (130 - cents, 15));
    }
}

/// Lets go of all events but the last one. The store in memory never waits.
fn trim_all(store: &dyn EventStore, last: u64) {
    let stream = StreamId::of::<Account>(&1).expect("a stream");
    let trims = store.trims().expect("it can trim");
    let mut trim = pin!(trims.trim(&stream, version(last)));
    let mut cx = Context::from_waker(Waker::noop());
    let done = trim.as_mut().poll(&mut cx);
    assert!(matches!(done, Poll::Ready(Ok(Trimmed { .. }))), "{done:?}");
}

#[tokio::test]
async fn a_trim_between_finding_a_snapshot_and_reading_behind_it_is_no_reason_to_refuse() {
    let (store, accounts) = cut(Keep::All).await;
    let snapshots = store.store();
    let snapshots = snapshots.snapshots().expect("it keeps snapshots");
    let stream = StreamId::of::<Account>(&1).expect("a stream");
    let mut query = SnapshotQuery::newest(stream, Account::FINGERPRINT);
    query.to_version = Some(version(4));
    let mut older = snapshots.find_snapshot(&query).await.expect("readable");
    assert!(older.is_some());
    // The first time, the newer one was not there yet.
    store.exchange(move |found| Ok(older.take().or(found)));
    let loaded = accounts.load(&1).await.expect("the account");
    assert_eq!(
        (loaded.origin(), loaded.cents),
        (Origin::Snapshot(version(CUT)), 90)
    );
    // The first time, there was none at all.
    let mut none = Some(());
    store.exchange(move |found| Ok(found.filter(|_| none.take().is_none())));
    let loaded = accounts.load(&1).await.expect("the account");
    assert_eq!(
        (loaded.origin(), loaded.cents),
        (Origin::Snapshot(version(CUT)), 90)
    );
}

#[tokio::test]
async fn a_trim_in_the_middle_of_a_read_leaves_no_part_of_a_state() {
    const EVENTS: u64 = 1_000;
    for as_of in [
        None,
        Some(AsOf::Version(version(EVENTS))),
        Some(AsOf::Occurred(Timestamp::MAX)),
        Some(AsOf::Recorded(Timestamp::MAX)),
    ] {
        let store = Watched::new(MemoryStore::new());
        let accounts = Repository::<Account>::new(store.clone());
        accounts.execute(&1, Open).await.expect("opened");
        let deposits = |_| async { Ok::<_, ()>(vec![Deposited { cents: 1 }; 999].into()) };
        accounts.decide(&1, deposits).await.expect("decided");
        if as_of.is_some_and(|as_of| matches!(as_of, AsOf::Recorded(_))) {
            // This one asks for a version first.
            let once = store.clone();
            store.after_a_page(move || {
                let inner = once.store();
                once.after_a_page(move || trim_all(&*inner, EVENTS));
            });
        } else {
            let inner = store.store();
            store.after_a_page(move || trim_all(&*inner, EVENTS));
        }
        let loaded = match as_of {
            None => accounts.load(&1).await,
            Some(as_of) => accounts.load_as_of(&1, as_of).await,
        };
        let error = loaded.expect_err("the rest is gone");
        assert!(
            matches!(error, LoadError::Trimmed { first, .. } if first == version(EVENTS)),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn a_trim_while_a_kept_state_is_brought_up_is_no_reason_to_refuse() {
    const EVENTS: u64 = 1_000;
    for command in [false, true] {
        let store = Watched::new(MemoryStore::new());
        let (others, hot) = (with(&store, on_each_save()), with(&store, never()).cache(4));
        others.execute(&1, Open).await.expect("opened");
        hot.load(&1).await.expect("the account");
        others.snapshots_settled().await;
        let deposits = |_| async { Ok::<_, ()>(vec![Deposited { cents: 1 }; 999].into()) };
        others.decide(&1, deposits).await.expect("decided");
        others.snapshots_settled().await;
        let inner = store.store();
        store.after_a_page(move || trim_all(&*inner, EVENTS));
        if command {
            // The conflict brings a page of what is missing, and the rest is read.
            hot.execute(&1, Deposit(0)).await.expect("nothing to do");
            hot.execute(&1, Deposit(1)).await.expect("a deposit");
        }
        let loaded = hot.load(&1).await.expect("the account");
        assert_eq!(loaded.cents, 999 + i64::from(command));
    }
}

#[tokio::test]
async fn where_the_store_cannot_be_asked_for_the_snapshot_now_the_load_may_succeed_later() {
    let (store, accounts) = cut(Keep::Latest(2)).await;
    let away = |later: bool| {
        move |_| {
            let source = "the disk is away".into();
            Err(if later {
                SnapshotError::Unavailable { source }
            } else {
                SnapshotError::Engine { source }
            })
        }
    };
    for later in [true, false] {
        store.exchange(away(later));
        let error = accounts.load(&1).await.map(|_| ()).expect_err("no state");
        assert!(
            matches!(&error, LoadError::Trimmed { missed: Some(missed), .. } if matches!(**missed, SnapshotMiss::Store(_))),
            "{error:?}"
        );
        assert_eq!(error.is_transient(), later, "{error:?}");
        assert_eq!(ExecuteError::<()>::from(error).is_transient(), later);
    }
    store.exchange_nothing();
    accounts.load(&1).await.expect("the account");
    let plain = Repository::<Account>::new(store);
    let error = plain.load(&1).await.map(|_| ()).expect_err("no state");
    assert!(!error.is_transient(), "{error:?}");
}

#[tokio::test]
async fn a_history_that_was_given_up_while_it_asked_what_was_trimmed_asks_again() {
    let (store, accounts) = cut(Keep::Latest(2)).await;
    let mut cx = Context::from_waker(Waker::noop());
    // No store can tell from these where the history is to begin.
    for from in [
        Bound::from(AsOf::Occurred(Timestamp::MIN)),
        Bound::from(AsOf::Recorded(Timestamp::MIN)),
    ] {
        let mut entries = accounts.history(&1).since(from).entries();
        store.wait_for_first();
        assert!(pin!(entries.next()).poll(&mut cx).is_pending());
        let error = entries.next().await.expect_err("the first ones are gone");
        assert!(
            matches!(error, LoadError::HistoryTrimmed { first, .. } if first == version(CUT)),
            "{error:?}"
        );
        assert!(entries.next().await.expect("it has ended").is_none());

        let mut states = accounts.history(&1).since(from).states();
        store.wait_for_first();
        assert!(pin!(states.next()).poll(&mut cx).is_pending());
        let error = states.next().await.expect_err("the first ones are gone");
        assert!(
            matches!(error, LoadError::HistoryTrimmed { first, .. } if first == version(CUT)),
            "{error:?}"
        );
    }
}
