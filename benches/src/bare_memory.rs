//! The commands of the standard workload in memory, without a framework and without a store's duties: no envelope, no
//! order over all streams but a counter, no way to read it but by account.

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    sync::{
        Arc, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

use crate::{
    bank::Stored,
    bare::{Account, AccountEvent, AccountOpened, MoneyDeposited, MoneyWithdrawn},
    commands::{Bank, INITIAL, Order, reason},
};

/// How an event is kept, and applied.
pub trait Kept: Clone + Send + Sync + 'static {
    /// What is kept of an event.
    fn keep(event: AccountEvent) -> Self;
    /// Applies it to the state.
    fn apply(&self, account: &mut Account);
}

/// The event itself, behind a pointer.
impl Kept for Arc<AccountEvent> {
    fn keep(event: AccountEvent) -> Self {
        Self::new(event)
    }

    fn apply(&self, account: &mut Account) {
        account.apply(self);
    }
}

/// A name and JSON, behind a pointer.
impl Kept for Arc<Stored> {
    fn keep(event: AccountEvent) -> Self {
        let (name, payload) = event.to_json();
        Self::new(Stored {
            name: name.to_owned(),
            version: 1,
            payload,
        })
    }

    fn apply(&self, account: &mut Account) {
        account.replay(self).expect("it was written so");
    }
}

/// The events of an account, each with its position.
type Streams<E> = RwLock<HashMap<String, Vec<(u64, E)>>>;

/// Accounts in 16 maps, so that tasks seldom meet at a lock.
#[derive(Debug)]
pub struct Accounts<E> {
    shards: [Streams<E>; 16],
    hasher: RandomState,
    position: AtomicU64,
}

impl<E> Default for Accounts<E> {
    fn default() -> Self {
        Self {
            shards: [(); 16].map(|()| RwLock::default()),
            hasher: RandomState::new(),
            position: AtomicU64::new(0),
        }
    }
}

impl<E: Kept> Accounts<E> {
    fn shard(&self, id: &str) -> &Streams<E> {
        let hash = self.hasher.hash_one(id) & 15;
        &self.shards[usize::try_from(hash).expect("a place below 16")]
    }

    /// How many events there are, and the state. The events are applied outside of the lock.
    fn load(&self, id: &str) -> (usize, Account) {
        let events: Vec<E> = {
            let streams = self.shard(id).read().expect("no one panics");
            let events = streams.get(id).into_iter().flatten();
            events.map(|(_, event)| event.clone()).collect()
        };
        let mut account = Account::default();
        for event in &events {
            event.apply(&mut account);
        }
        (events.len(), account)
    }

    /// Whether the account had so many events, and now has one more.
    fn append(&self, id: &str, expected: usize, event: E) -> bool {
        let mut streams = self.shard(id).write().expect("no one panics");
        if !streams.contains_key(id) {
            streams.insert(id.to_owned(), Vec::new());
        }
        let events = streams.get_mut(id).expect("it was put there");
        if events.len() != expected {
            return false;
        }
        events.push((self.position.fetch_add(1, Ordering::Relaxed), event));
        true
    }
}

impl<E: Kept> Bank for Accounts<E> {
    type Id = String;

    fn id(&self, number: u64) -> String {
        format!("account-{number}")
    }

    async fn seed(&self, id: &String, events: u64) {
        for (count, event) in seeds(events).enumerate() {
            assert!(self.append(id, count, E::keep(event)), "nobody else writes");
        }
    }

    async fn execute(&self, id: &String, order: Order) {
        loop {
            let (count, account) = self.load(id);
            let event = decide(&account, &order);
            if self.append(id, count, E::keep(event)) {
                return;
            }
        }
    }

    async fn count(&self, id: &String) -> (u64, i64) {
        let (_, account) = self.load(id);
        (account.events, account.balance)
    }
}

/// The first events of an account.
pub(crate) fn seeds(events: u64) -> impl Iterator<Item = AccountEvent> + Send {
    let opened = AccountEvent::Opened(AccountOpened {
        owner: "owner-000001".to_owned(),
        initial: INITIAL,
    });
    let deposits = (1..events).map(|number| {
        AccountEvent::Deposited(MoneyDeposited {
            amount: 1,
            description: reason(number),
        })
    });
    [opened].into_iter().chain(deposits)
}

/// What an order makes happen.
pub(crate) fn decide(account: &Account, order: &Order) -> AccountEvent {
    match order {
        Order::Deposit(amount, description) => AccountEvent::Deposited(MoneyDeposited {
            amount: *amount,
            description: description.clone(),
        }),
        Order::Withdraw(amount, description) => {
            assert!(
                account.balance >= *amount,
                "there is enough in every account"
            );
            AccountEvent::Withdrawn(MoneyWithdrawn {
                amount: *amount,
                description: description.clone(),
            })
        }
    }
}
