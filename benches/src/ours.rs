//! The commands of the standard workload on the framework.

use eventsource_core::{EventStore, Repository, prelude::*};

use crate::{
    bank::{Account, AccountEvent, AccountOpened, MoneyDeposited, MoneyWithdrawn, Overdrawn},
    commands::{Bank, INITIAL, Order, reason},
};

/// Opens an account and deposits 1 until it has so many events.
struct Open(u64);

struct Deposit {
    amount: i64,
    description: String,
}

struct Withdraw {
    amount: i64,
    description: String,
}

impl Handle<Open> for Account {
    fn handle(&self, open: &Open) -> Decision<Self> {
        let opened = AccountOpened {
            owner: "owner-000001".to_owned(),
            initial: INITIAL,
        };
        let mut events = vec![AccountEvent::from(opened)];
        events.extend((1..open.0).map(|number| {
            AccountEvent::from(MoneyDeposited {
                amount: 1,
                description: reason(number),
            })
        }));
        Ok(events.into())
    }
}

impl Handle<Deposit> for Account {
    fn handle(&self, deposit: &Deposit) -> Decision<Self> {
        Ok(MoneyDeposited {
            amount: deposit.amount,
            description: deposit.description.clone(),
        }
        .into())
    }
}

impl Handle<Withdraw> for Account {
    fn handle(&self, withdraw: &Withdraw) -> Decision<Self> {
        if self.balance < withdraw.amount {
            return Err(Overdrawn);
        }
        Ok(MoneyWithdrawn {
            amount: withdraw.amount,
            description: withdraw.description.clone(),
        }
        .into())
    }
}

/// Accounts in any store.
#[derive(Debug)]
pub struct Accounts {
    accounts: Repository<Account>,
    /// Counts what is in the store, whatever a cache believes.
    stored: Repository<Account>,
}

impl Accounts {
    /// Accounts in a store, on a repository made by `with`.
    pub fn new<S: EventStore + Clone>(
        store: S,
        with: impl FnOnce(Repository<Account>) -> Repository<Account>,
    ) -> Self {
        Self {
            stored: Repository::new(store.clone()),
            accounts: with(Repository::new(store)),
        }
    }
}

impl Bank for Accounts {
    type Id = u64;

    fn id(&self, number: u64) -> u64 {
        number
    }

    async fn seed(&self, id: &u64, events: u64) {
        let seeded = self.accounts.execute(id, Open(events)).await;
        seeded.expect("a new account");
    }

    async fn execute(&self, id: &u64, order: Order) {
        let done = match order {
            Order::Deposit(amount, description) => {
                let deposit = Deposit {
                    amount,
                    description,
                };
                self.accounts.execute(id, deposit).await
            }
            Order::Withdraw(amount, description) => {
                let withdraw = Withdraw {
                    amount,
                    description,
                };
                self.accounts.execute(id, withdraw).await
            }
        };
        done.expect("the retries are enough");
    }

    async fn count(&self, id: &u64) -> (u64, i64) {
        let account = self.stored.load(id).await.expect("it was written so");
        (account.events, account.balance)
    }
}
