//! Aggregates of which a snapshot stands for the first events, which are gone: a state is whole, or there is none.

use std::sync::Arc;

use eventsource_core::{
    Capability, ExecuteError, Fingerprint, Keep, LoadError, ManualClock, Origin, SnapshotMiss,
    SnapshotPolicy, StoredSnapshot, TrimAggregateError,
    prelude::*,
    snapshot::{every, never, on_each_save},
};

use crate::{
    domain::{Account, Deposit, Deposited, Open, Refusal, Withdraw, version},
    watched::Watched,
};

pub(crate) const CUT: u64 = 8;

/// Account 1, opened in version 1 and with ten more in each of the versions 2 to 10. Version `n` occurred at `10 n`, was
/// recorded at `10 n + 5`, and every fourth has a snapshot.
pub(crate) async fn whole(keep: Keep) -> (Watched, Repository<Account>) {
    let clock = Arc::new(ManualClock::at(Timestamp::EPOCH));
    let store = Watched::new(MemoryStore::with_clock(Arc::<ManualClock>::clone(&clock)));
    let accounts = Repository::<Account>::new(store.clone())
        .snapshot(every(4))
        .keep_snapshots(keep);
    for number in 1..=10 {
        clock.set(micros(10 * number + 5));
        let then = accounts.within(Context::new().occurred_at(micros(10 * number)));
        let done = match number {
            1 => then.execute(&1, Open).await,
            _ => then.execute(&1, Deposit(10)).await,
        };
        done.expect("done");
        accounts.snapshots_settled().await;
    }
    (store, accounts)
}

pub(crate) async fn cut(keep: Keep) -> (Watched, Repository<Account>) {
    let (store, accounts) = whole(keep).await;
    let trimmed = accounts.trim(&1).await.expect("trimmed");
    assert_eq!((trimmed.first, trimmed.removed), (version(CUT), CUT - 1));
    (store, accounts)
}

fn micros(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros)
}

pub(crate) fn with(store: &Watched, policy: SnapshotPolicy) -> Repository<Account> {
    Repository::new(store.clone()).snapshot(policy)
}

/// The account is not loaded, since its first events are gone. Why a snapshot was not used is given back.
fn refused(error: LoadError) -> Option<SnapshotMiss> {
    match error {
        LoadError::Trimmed {
            stream,
            first,
            missed,
        } => {
            assert_eq!((stream.id(), first), ("1", version(CUT)));
            missed.map(|missed| *missed)
        }
        error => panic!("{error:?}"),
    }
}

fn not_executed<E: std::fmt::Debug>(error: ExecuteError<E>) -> Option<SnapshotMiss> {
    match error {
        ExecuteError::Load(error) => refused(error),
        error => panic!("{error:?}"),
    }
}

#[tokio::test]
async fn after_a_trim_everything_goes_on_from_the_snapshot() {
    for cached in [false, true] {
        let (store, mut accounts) = cut(Keep::Latest(2)).await;
        if cached {
            accounts = accounts.cache(4);
        }
        let loaded = accounts.load(&1).await.expect("the account");
        assert_eq!(
            (loaded.origin(), loaded.events_read()),
            (Origin::Snapshot(version(CUT)), 3)
        );
        assert_eq!((loaded.cents, loaded.applied), (90, 10));
        let receipt = accounts.execute(&1, Withdraw(90)).await.expect("withdrawn");
        assert_eq!(receipt.version(), Some(version(11)));
        accounts
            .execute(&1, Withdraw(1))
            .await
            .expect_err("all gone");
        let mut unit = accounts.begin(&1).await.expect("a unit");
        unit.execute(Deposit(5)).expect("a deposit");
        unit.commit().await.expect("stored");
        accounts.execute(&2, Open).await.expect("opened");
        let both = |one: &Account, _: &Account| {
            let cents = one.cents;
            Ok::<_, Refusal>((Events::none(), Deposited { cents }.into()))
        };
        accounts.decide_both(&1, &2, both).await.expect("decided");
        assert_eq!(accounts.load(&2).await.expect("the account").cents, 5);
        // And so a second time.
        accounts.snapshots_settled().await;
        let trimmed = accounts.trim(&1).await.expect("trimmed");
        assert_eq!((trimmed.first, trimmed.removed), (version(12), 4));
        let again = accounts.trim(&1).await.expect("nothing to trim");
        assert_eq!((again.first, again.removed), (version(12), 0));
        let loaded = with(&store, never()).load(&1).await.expect("the account");
        assert_eq!(
            (loaded.cents, loaded.applied, loaded.events_read()),
            (5, 12, 1)
        );
    }
}

#[tokio::test]
async fn states_of_the_past_are_there_from_the_snapshot_on_and_refused_before_it() {
    for keep in [Keep::Latest(1), Keep::All] {
        let (_, accounts) = cut(keep).await;
        for number in 0..=12_u64 {
            let past = i64::try_from(10 * number).expect("small");
            let points = [
                Version::new(number).map(AsOf::Version),
                Some(AsOf::Occurred(micros(past))),
                Some(AsOf::Occurred(micros(past + 9))),
                Some(AsOf::Recorded(micros(past + 5))),
                Some(AsOf::Recorded(micros(past + 14))),
            ];
            for as_of in points.into_iter().flatten() {
                let loaded = accounts.load_as_of(&1, as_of).await;
                match (number, loaded) {
                    (..CUT, Err(error)) => {
                        // An older snapshot may be there, but not the event that says that it is of this stream.
                        let older = (keep == Keep::All && number >= 4).then_some(version(4));
                        let found = match refused(error) {
                            Some(SnapshotMiss::Trimmed { version }) => Some(version),
                            None => None,
                            miss => panic!("{miss:?}"),
                        };
                        let by_version = !matches!(as_of, AsOf::Recorded(_));
                        assert_eq!(found, older.filter(|_| by_version), "{as_of:?}");
                    }
                    (CUT..=10, Ok(loaded)) => {
                        assert_eq!(loaded.version(), Some(version(number)), "{as_of:?}");
                        assert_eq!(u64::from(loaded.applied), number, "{as_of:?}");
                    }
                    (11.., Err(LoadError::NoSuchVersion { last, .. })) => {
                        assert!(matches!(as_of, AsOf::Version(_)), "{as_of:?}");
                        assert_eq!(last, Some(version(10)));
                    }
                    (11.., Ok(loaded)) => assert_eq!(loaded.applied, 10, "{as_of:?}"),
                    (_, loaded) => panic!("{as_of:?}: {loaded:?}"),
                }
            }
        }
    }
}

/// Every way to a state, each of which is to be refused. Nothing is stored by any.
async fn every_way_is_refused(
    store: &Watched,
    accounts: &Repository<Account>,
    is_why: impl Fn(Option<SnapshotMiss>) -> bool + Send + Sync,
) {
    let before = store.store().read_all().await.expect("readable").len();
    assert!(is_why(refused(
        accounts.load(&1).await.expect_err("no state")
    )));
    for point in [1, 7, 8, 9, 10] {
        let times = i64::try_from(10 * point).expect("small");
        for as_of in [
            AsOf::Version(version(point)),
            AsOf::Occurred(micros(times)),
            AsOf::Recorded(micros(times + 5)),
        ] {
            refused(accounts.load_as_of(&1, as_of).await.expect_err("no state"));
        }
    }
    let error = accounts
        .load_as_of(&1, AsOf::Occurred(Timestamp::MIN))
        .await;
    refused(error.expect_err("no state"));
    let error = accounts
        .load_as_of(&1, AsOf::Recorded(Timestamp::MIN))
        .await;
    refused(error.expect_err("no state"));

    let error = accounts
        .execute(&1, Deposit(1))
        .await
        .expect_err("no state");
    assert!(is_why(not_executed(error)));
    let error = accounts.execute(&1, Open).await.expect_err("no state");
    assert!(is_why(not_executed(error)));
    let undecided = |_| async { Err::<Events<Account>, _>("it was decided") };
    let error = accounts.decide(&1, undecided).await.expect_err("no state");
    assert!(is_why(not_executed(error)));
    let error = accounts.begin(&1).await.map(|_| ()).expect_err("no state");
    assert!(is_why(not_executed(error)));
    for (one, two) in [(1, 2), (2, 1)] {
        let undecided =
            |_: &Account, _: &Account| -> Result<(Events<Account>, Events<Account>), &str> {
                Err("it was decided")
            };
        let error = accounts.decide_both(&one, &two, undecided).await;
        assert!(is_why(not_executed(error.expect_err("no state"))));
    }
    assert_eq!(
        store.store().read_all().await.expect("readable").len(),
        before
    );
}

#[tokio::test]
async fn without_a_snapshot_there_is_no_state_and_nothing_is_decided() {
    let (store, _) = cut(Keep::All).await;
    let plain = Repository::<Account>::new(store.clone());
    every_way_is_refused(&store, &plain, |miss| miss.is_none()).await;
    every_way_is_refused(&store, &plain.cache(4), |miss| miss.is_none()).await;
    // The snapshots were deleted.
    store.exchange(|_| Ok(None));
    every_way_is_refused(&store, &with(&store, on_each_save()), |miss| miss.is_none()).await;
}

#[tokio::test]
async fn where_the_snapshot_cannot_be_used_there_is_no_state_and_it_is_said_why() {
    type Change = fn(&mut StoredSnapshot);
    type IsWhy = fn(&SnapshotMiss) -> bool;
    let cases: [(Change, IsWhy); 4] = [
        (
            |found| found.bytes[0] ^= 1,
            |miss| matches!(miss, SnapshotMiss::Damaged { version: of } if *of == version(CUT)),
        ),
        (
            |found| found.fingerprint = Fingerprint::new(7),
            |miss| matches!(miss, SnapshotMiss::Fingerprint { .. }),
        ),
        (
            |found| {
                let zip = Some(String::from("zip"));
                *found = StoredSnapshot::new(
                    found.stream.clone(),
                    found.version,
                    found.event,
                    found.fingerprint,
                    found.occurred_to,
                    found.taken_at,
                    zip,
                    found.bytes.clone(),
                );
            },
            |miss| matches!(miss, SnapshotMiss::Compression { .. }),
        ),
        (
            |found| found.version = version(9),
            |miss| matches!(miss, SnapshotMiss::Damaged { version: of } if *of == version(9)),
        ),
    ];
    for (change, is_why) in cases {
        let (store, _) = cut(Keep::Latest(2)).await;
        store.exchange(move |found| {
            Ok(found.map(|mut found| {
                change(&mut found);
                found
            }))
        });
        let is_why = |miss: Option<SnapshotMiss>| miss.as_ref().is_some_and(is_why);
        every_way_is_refused(&store, &with(&store, on_each_save()), is_why).await;
        every_way_is_refused(&store, &with(&store, on_each_save()).cache(4), is_why).await;
        // It is still there: who can use it has the account.
        store.exchange_nothing();
        let loaded = with(&store, never()).load(&1).await.expect("the account");
        assert_eq!((loaded.cents, loaded.applied), (90, 10));
    }
}

#[tokio::test]
async fn without_a_usable_snapshot_nothing_is_trimmed() {
    let all = |store: &Watched| {
        let store = store.store();
        async move { store.read_all().await.expect("readable").len() }
    };
    let (store, accounts) = whole(Keep::All).await;
    // There is none, or it is not this code's, or it is damaged.
    let error = accounts.trim(&2).await.expect_err("no such account");
    assert!(
        matches!(error, TrimAggregateError::NoSnapshot { missed: None, .. }),
        "{error:?}"
    );
    let plain = Repository::<Account>::new(store.clone());
    let error = plain.trim(&1).await.expect_err("it uses none");
    assert!(
        matches!(error, TrimAggregateError::NoSnapshot { missed: None, .. }),
        "{error:?}"
    );
    store.exchange(|found| {
        Ok(found.map(|mut found| {
            found.bytes[0] ^= 1;
            found
        }))
    });
    let error = accounts.trim(&1).await.expect_err("it is damaged");
    let TrimAggregateError::NoSnapshot {
        missed: Some(miss),
        stream,
    } = error
    else {
        panic!("{error:?}")
    };
    assert!(matches!(*miss, SnapshotMiss::Damaged { .. }), "{miss:?}");
    assert_eq!((stream.id(), all(&store).await), ("1", 10));
    // A tail that cannot be read is no reason to let go of what stands before it.
    store.exchange_nothing();
    let row = crate::evolved::stored("account", &[("account.unknown", 1, "{}")]);
    store.append(row).await.expect("stored");
    let error = accounts.trim(&1).await.expect_err("unreadable");
    assert!(
        matches!(&error, TrimAggregateError::Load(LoadError::Decode { .. })),
        "{error:?}"
    );
    assert_eq!(all(&store).await, 11);

    let without = Watched::new(MemoryStore::new()).without_snapshots();
    let error = with(&without, never())
        .trim(&1)
        .await
        .expect_err("unsupported");
    assert!(
        matches!(&error, TrimAggregateError::Load(LoadError::Unsupported(it)) if it.capability == Capability::Snapshots),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_history_is_whole_or_refused() {
    let (_, accounts) = cut(Keep::All).await;
    let plain = Repository::<Account>::new(accounts.store().clone());
    for accounts in [&accounts, &plain] {
        for history in [
            accounts.history(&1),
            accounts.history(&1).since(version(7)),
            accounts.history(&1).until(version(7)),
            accounts.history(&1).between(micros(85), micros(100)),
            accounts.history(&1).until(micros(20)),
        ] {
            let error = history.await.expect_err("it has no beginning");
            assert!(
                matches!(error, LoadError::HistoryTrimmed { first, .. } if first == version(CUT)),
                "{error:?}"
            );
        }
        let entries = accounts.history(&1).since(version(8)).await.expect("whole");
        assert_eq!(entries.len(), 3);
    }
    let mut states = accounts.history(&1).since(version(9)).states();
    for number in [9, 10] {
        let change = states.next().await.expect("readable").expect("an entry");
        assert_eq!(change.entry.version, version(number));
        assert_eq!(
            change.before.map(|state| u64::from(state.applied)),
            Some(number - 1)
        );
        assert_eq!(
            change.after.map(|state| u64::from(state.applied)),
            Some(number)
        );
    }
    assert!(states.next().await.expect("ended").is_none());
    // The state before version 8 is gone, and so is every one where no snapshot is used.
    for mut states in [
        accounts.history(&1).since(version(8)).states(),
        plain.history(&1).since(version(9)).states(),
    ] {
        let error = states.next().await.map(|_| ()).expect_err("no state");
        assert!(
            matches!(
                error,
                LoadError::Trimmed { .. } | LoadError::HistoryTrimmed { .. }
            ),
            "{error:?}"
        );
    }
}
