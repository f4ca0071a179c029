//! The tiny bank crate on the framework. `build-cost` measures what it costs to build.

use std::{
    error::Error,
    fmt,
    pin::pin,
    task::{Context, Poll, Waker},
};

use eventsource_core::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.opened")]
struct AccountOpened {
    owner: String,
    initial: i64,
}

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "money.deposited")]
struct MoneyDeposited {
    amount: i64,
    description: String,
}

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "money.withdrawn")]
struct MoneyWithdrawn {
    amount: i64,
    description: String,
}

#[derive(Debug)]
enum Refusal {
    NotOpen,
    AlreadyOpen,
    TooLittle { missing: i64 },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotOpen => f.write_str("the account is not open"),
            Self::AlreadyOpen => f.write_str("the account is open already"),
            Self::TooLittle { missing } => write!(f, "{missing} are missing"),
        }
    }
}

impl Error for Refusal {}

#[derive(Debug, Default, Aggregate)]
#[aggregate(
    name = "account",
    id = u64,
    error = Refusal,
    events(AccountOpened, MoneyDeposited, MoneyWithdrawn)
)]
struct Account {
    owner: Option<String>,
    balance: i64,
}

impl Apply<AccountOpened> for Account {
    fn apply(&mut self, event: &AccountOpened) {
        self.owner = Some(event.owner.clone());
        self.balance = event.initial;
    }
}

impl Apply<MoneyDeposited> for Account {
    fn apply(&mut self, event: &MoneyDeposited) {
        self.balance += event.amount;
    }
}

impl Apply<MoneyWithdrawn> for Account {
    fn apply(&mut self, event: &MoneyWithdrawn) {
        self.balance -= event.amount;
    }
}

struct Open {
    owner: String,
    initial: i64,
}

struct Deposit {
    amount: i64,
    description: String,
}

struct Withdraw {
    amount: i64,
    description: String,
}

impl Handle<Open> for Account {
    fn handle(&self, command: &Open) -> Decision<Self> {
        if self.owner.is_some() {
            return Err(Refusal::AlreadyOpen);
        }
        Ok(AccountOpened {
            owner: command.owner.clone(),
            initial: command.initial,
        }
        .into())
    }
}

impl Handle<Deposit> for Account {
    fn handle(&self, command: &Deposit) -> Decision<Self> {
        if self.owner.is_none() {
            return Err(Refusal::NotOpen);
        }
        Ok(MoneyDeposited {
            amount: command.amount,
            description: command.description.clone(),
        }
        .into())
    }
}

impl Handle<Withdraw> for Account {
    fn handle(&self, command: &Withdraw) -> Decision<Self> {
        let missing = command.amount - self.balance;
        if missing > 0 {
            return Err(Refusal::TooLittle { missing });
        }
        Ok(MoneyWithdrawn {
            amount: command.amount,
            description: command.description.clone(),
        }
        .into())
    }
}

async fn run() -> Result<i64, Box<dyn Error>> {
    let accounts = Repository::<Account>::new(MemoryStore::new());
    let (owner, description) = ("Ada".to_owned(), "rent".to_owned());
    accounts
        .execute(
            &1,
            Open {
                owner,
                initial: 100,
            },
        )
        .await?;
    let (deposit, withdraw) = (description.clone(), description);
    accounts
        .execute(
            &1,
            Deposit {
                amount: 50,
                description: deposit,
            },
        )
        .await?;
    accounts
        .execute(
            &1,
            Withdraw {
                amount: 30,
                description: withdraw,
            },
        )
        .await?;
    Ok(accounts.load(&1).await?.balance)
}

/// Nothing here waits: the store is in memory.
fn main() -> Result<(), Box<dyn Error>> {
    let mut run = pin!(run());
    loop {
        if let Poll::Ready(balance) = run.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            println!("{}", balance?);
            return Ok(());
        }
    }
}
