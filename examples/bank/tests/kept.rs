//! Whatever is kept of an account, it is the account that its events make.

use std::time::Duration;

use bank::{
    account::{AccountId, Credit, Open, Withdraw},
    bank_account::{BankAccount, BankError, Block, OpenWithOverdraft, Unblock, WithdrawOrDecline},
};
use eventsource_core::{
    ExecuteError, Keep, Origin, Receipt,
    prelude::*,
    snapshot::{after, never, on_each_save, replayed_more_than},
};
use eventsource_testing::proptest::{collection::vec, prelude::*};

#[derive(Debug, Clone)]
enum Order {
    Open,
    OpenWithOverdraft,
    Credit(i64),
    Withdraw(i64),
    WithdrawOrDecline(i64),
    Block,
    Unblock,
}

fn any_order() -> impl Strategy<Value = Order> {
    prop_oneof![
        1 => Just(Order::Open),
        1 => Just(Order::OpenWithOverdraft),
        4 => (1..1_000_i64).prop_map(Order::Credit),
        3 => (1..1_000_i64).prop_map(Order::Withdraw),
        2 => (1..1_000_i64).prop_map(Order::WithdrawOrDecline),
        1 => Just(Order::Block),
        1 => Just(Order::Unblock),
    ]
}

const ID: AccountId = AccountId(576);

async fn execute(
    accounts: &Repository<BankAccount>,
    order: &Order,
) -> Result<Receipt, ExecuteError<BankError>> {
    match *order {
        Order::Open => accounts.execute(&ID, Open).await,
        Order::OpenWithOverdraft => accounts.execute(&ID, OpenWithOverdraft).await,
        Order::Credit(haler) => accounts.execute(&ID, Credit { haler }).await,
        Order::Withdraw(haler) => accounts.execute(&ID, Withdraw { haler }).await,
        Order::WithdrawOrDecline(haler) => {
            let order = WithdrawOrDecline(Withdraw { haler });
            accounts.execute(&ID, order).await
        }
        Order::Block => accounts.execute(&ID, Block).await,
        Order::Unblock => accounts.execute(&ID, Unblock).await,
    }
}

fn policies() -> [SnapshotPolicy; 7] {
    [
        never(),
        every(1),
        every(3),
        on_each_save(),
        replayed_more_than(2),
        after(Duration::ZERO),
        every(5).or(replayed_more_than(4)),
    ]
}

/// Executes the orders under one policy, and compares each state, and in the end each past one, with the plain fold. Gives
/// where the states that were compared came from.
async fn check(
    policy: SnapshotPolicy,
    keep: Keep,
    cached: bool,
    orders: &[(Order, bool)],
) -> Vec<Origin> {
    let mut origins = Vec::new();
    let store = MemoryStore::new();
    let plain = Repository::<BankAccount>::new(store.clone());
    let mut kept = Repository::<BankAccount>::new(store.clone())
        .snapshot(policy)
        .keep_snapshots(keep);
    if cached {
        kept = kept.cache(2);
    }
    for (order, settled) in orders {
        match execute(&kept, order).await {
            Ok(_) | Err(ExecuteError::Refused(_)) => {}
            Err(error) => panic!("{error:?}"),
        }
        if *settled {
            kept.snapshots_settled().await;
        }
        let (restored, folded) = (kept.load(&ID).await, plain.load(&ID).await);
        let (restored, folded) = (restored.expect("a state"), folded.expect("a state"));
        assert_eq!(restored.version(), folded.version());
        assert_eq!(restored.state(), folded.state());
        origins.push(restored.origin());
    }
    kept.snapshots_settled().await;
    let last = store
        .stream_version(&StreamId::of::<BankAccount>(&ID).expect("a stream"))
        .await;
    for version in 1..=Version::number(last.expect("readable")) {
        let then = AsOf::Version(Version::new(version).expect("from 1"));
        let restored = kept.load_as_of(&ID, then).await.expect("a state");
        let folded = plain.load_as_of(&ID, then).await.expect("a state");
        assert_eq!(restored.state(), folded.state(), "as of version {version}");
        origins.push(restored.origin());
    }
    origins
}

/// The comparison compares something: states that begin at a snapshot where a policy takes any, or in a cache.
#[tokio::test]
async fn what_is_compared_was_kept() {
    let mut orders = vec![(Order::Open, true)];
    orders.extend([1; 9].map(|haler| (Order::Credit(haler), true)));
    for policy in policies() {
        let takes_none = policy == never();
        for cached in [false, true] {
            let origins = check(policy.clone(), Keep::All, cached, &orders).await;
            let has = |of: fn(&Origin) -> bool| origins.iter().any(of);
            let from_snapshot = has(|origin| matches!(origin, Origin::Snapshot(_)));
            // With a cache nothing is replayed, so that a policy which goes by that takes none.
            assert!(cached || from_snapshot != takes_none, "{policy:?}");
            let from_cache = has(|origin| matches!(origin, Origin::Cache(_)));
            assert_eq!(from_cache, cached, "{policy:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(32) })]

    #[test]
    fn in_every_policy_with_a_cache_and_without_the_restored_account_is_the_folded_one(
        orders in vec((any_order(), any::<bool>()), 1..24),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.expect("a runtime").block_on(async {
            for policy in policies() {
                for keep in [Keep::All, Keep::Latest(1)] {
                    for cached in [false, true] {
                        check(policy.clone(), keep, cached, &orders).await;
                    }
                }
            }
        });
    }
}
