//! Snapshots are taken beside the work: what becomes of one is no command's affair.

use std::sync::Arc;

use eventsource_core::{
    ExecuteError, LoadError, Origin, Snapshot, ThreadSpawner,
    prelude::*,
    snapshot::{SnapshotCodec, SnapshotCodecError, every, never, on_each_save, replayed_more_than},
};
use serde::{Deserialize, Serialize};

use crate::{
    domain::{Account, Deposit, Open, Withdraw, version},
    watched::Watched,
};

async fn opened() -> (Watched, Repository<Account>) {
    let store = Watched::new(MemoryStore::new());
    let accounts = Repository::new(store.clone());
    accounts.execute(&1, Open).await.expect("opened");
    (store, accounts)
}

async fn deposits(accounts: &Repository<Account>, count: u32) {
    for _ in 0..count {
        accounts.execute(&1, Deposit(10)).await.expect("a deposit");
    }
}

async fn origin(store: &Watched) -> Origin {
    let reader = Repository::<Account>::new(store.clone()).snapshot(never());
    reader.load(&1).await.expect("the account").origin()
}

#[tokio::test]
async fn a_save_that_fails_fails_no_command_and_the_next_one_is_tried() {
    for cached in [false, true] {
        let (store, accounts) = opened().await;
        let mut accounts = accounts.snapshot(every(2));
        if cached {
            accounts = accounts.cache(8);
        }
        store.fail_saves(true);
        deposits(&accounts, 4).await;
        accounts.snapshots_settled().await;
        assert!(store.saves() > 0);
        assert_eq!(origin(&store).await, Origin::Beginning);
        let loaded = accounts.load(&1).await.expect("the account");
        assert_eq!((loaded.cents, loaded.applied), (40, 5));

        store.fail_saves(false);
        deposits(&accounts, 2).await;
        accounts.snapshots_settled().await;
        assert!(matches!(origin(&store).await, Origin::Snapshot(_)));
    }
}

#[tokio::test]
async fn commands_go_on_while_a_save_is_under_way_and_what_was_left_out_is_made_up_for() {
    for cached in [false, true] {
        let (store, accounts) = opened().await;
        let mut accounts = accounts.snapshot(every(2));
        if cached {
            accounts = accounts.cache(8);
        }
        let held = store.hold_saves().await;
        deposits(&accounts, 6).await;
        let loaded = accounts.load(&1).await.expect("the account");
        assert_eq!((loaded.cents, loaded.applied), (60, 7));
        drop(held);
        accounts.snapshots_settled().await;
        assert_eq!(store.saves(), 1, "one at a time of each stream");
        assert_eq!(origin(&store).await, Origin::Snapshot(version(2)));
        // Five events are beyond it: the next save is due, and not only two later.
        deposits(&accounts, 1).await;
        accounts.snapshots_settled().await;
        assert_eq!(origin(&store).await, Origin::Snapshot(version(8)));
    }
}

#[tokio::test]
async fn beyond_so_many_on_their_way_one_is_left_out_and_no_command_fails() {
    const MOST: u64 = 1_024;
    let store = Watched::new(MemoryStore::new());
    let accounts = Repository::<Account>::new(store.clone())
        .snapshot(on_each_save())
        .cache(5_000);
    let held = store.hold_saves().await;
    for id in 0..=MOST {
        accounts.execute(&id, Open).await.expect("opened");
    }
    drop(held);
    accounts.snapshots_settled().await;
    assert_eq!(store.saves(), MOST);
    accounts
        .execute(&MOST, Deposit(1))
        .await
        .expect("a deposit");
    accounts.snapshots_settled().await;
    assert_eq!(store.saves(), 1);
}

/// A snapshot that a load takes shares the state, which cannot be copied without a cache.
#[tokio::test]
async fn a_unit_begins_while_the_snapshot_of_its_state_is_under_way() {
    for cached in [false, true] {
        let (store, accounts) = opened().await;
        deposits(&accounts, 3).await;
        let mut accounts = accounts.snapshot(replayed_more_than(0));
        if cached {
            accounts = accounts.cache(8);
        }
        let held = store.hold_saves().await;
        let mut unit = accounts.begin(&1).await.expect("a unit");
        unit.execute(Withdraw(5)).expect("withdrawn");
        unit.execute(Withdraw(25)).expect("withdrawn");
        unit.execute(Withdraw(1)).expect_err("all gone");
        assert_eq!(unit.commit().await.expect("stored").events(), 2);
        drop(held);
        accounts.snapshots_settled().await;
        let loaded = accounts.load(&1).await.expect("the account");
        assert_eq!((loaded.cents, loaded.applied), (0, 6));
        assert!(matches!(origin(&store).await, Origin::Snapshot(_)));
    }
}

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "fuse.lit")]
struct Lit {
    by: u32,
}

/// A state that cannot always be written.
#[derive(Debug, Default, Clone, PartialEq, Aggregate, Snapshot)]
#[aggregate(name = "fuse", id = u64, error = std::convert::Infallible, events(Lit))]
#[snapshot(codec = Touchy)]
struct Fuse {
    by: Vec<u32>,
}

impl Apply<Lit> for Fuse {
    fn apply(&mut self, event: &Lit) {
        self.by.push(event.by);
    }
}

impl Handle<Lit> for Fuse {
    fn handle(&self, command: &Lit) -> Decision<Self> {
        Ok(Lit { by: command.by }.into())
    }
}

const UNWRITABLE: u32 = 13;
const PANICS: u32 = 14;

struct Touchy;

impl SnapshotCodec<Fuse> for Touchy {
    const NAME: &'static str = "touchy";

    #[expect(clippy::panic_in_result_fn, reason = "it is what the test is about")]
    fn encode(state: &Fuse, out: &mut Vec<u8>) -> Result<(), SnapshotCodecError> {
        match state.by.last() {
            Some(&UNWRITABLE) => Err(SnapshotCodecError::new("it is not to be")),
            Some(&PANICS) => panic!("on purpose"),
            _ => {
                out.extend(state.by.iter().map(|by| u8::try_from(*by).unwrap_or(0)));
                Ok(())
            }
        }
    }

    fn decode(bytes: &[u8]) -> Result<Fuse, SnapshotCodecError> {
        let by = bytes.iter().map(|by| u32::from(*by)).collect();
        Ok(Fuse { by })
    }
}

#[tokio::test]
async fn a_state_that_cannot_be_written_or_panics_then_fails_no_command_and_blocks_no_later_snapshot()
 {
    for (number, on_a_thread) in [UNWRITABLE, PANICS]
        .into_iter()
        .flat_map(|n| [(n, false), (n, true)])
    {
        let store = Watched::new(MemoryStore::new());
        let mut fuses = Repository::<Fuse>::new(store.clone()).snapshot(on_each_save());
        if on_a_thread {
            fuses = fuses.with_spawner(Arc::new(ThreadSpawner::default()));
        }
        for by in [1, number] {
            fuses.execute(&1, Lit { by }).await.expect("lit");
            fuses.snapshots_settled().await;
        }
        assert_eq!(store.saves(), 1);
        let loaded = fuses.load(&1).await.expect("a fuse");
        assert_eq!(
            (loaded.by.as_slice(), loaded.origin()),
            ([1, number].as_slice(), Origin::Snapshot(version(1)))
        );
        fuses.execute(&1, Lit { by: 2 }).await.expect("lit");
        fuses.snapshots_settled().await;
        let loaded = fuses.load(&1).await.expect("a fuse");
        assert_eq!(
            (loaded.by.as_slice(), loaded.origin()),
            ([1, number, 2].as_slice(), Origin::Snapshot(version(3)))
        );
    }
}

#[tokio::test]
async fn a_store_without_snapshots_says_so_before_anything_is_decided() {
    let store = Watched::new(MemoryStore::new()).without_snapshots();
    let accounts = Repository::<Account>::new(store).snapshot(never());
    let error = accounts.load(&1).await.expect_err("unsupported");
    assert!(matches!(error, LoadError::Unsupported(_)), "{error:?}");
    let error = accounts.execute(&1, Open).await.expect_err("unsupported");
    assert!(matches!(error, ExecuteError::Load(_)), "{error:?}");
}
