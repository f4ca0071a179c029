//! The tiny bank crate on cqrs-es. `build-cost` measures what it costs to build.

use std::{
    error::Error,
    fmt,
    pin::pin,
    task::{Context, Poll, Waker},
};

use cqrs_es::{
    Aggregate, AggregateContext, CqrsFramework, DomainEvent, EventStore, event_sink::EventSink,
    mem_store::MemStore,
};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum AccountEvent {
    AccountOpened { owner: String, initial: i64 },
    MoneyDeposited { amount: i64, description: String },
    MoneyWithdrawn { amount: i64, description: String },
}

impl DomainEvent for AccountEvent {
    fn event_type(&self) -> String {
        match self {
            Self::AccountOpened { .. } => "account.opened".to_owned(),
            Self::MoneyDeposited { .. } => "money.deposited".to_owned(),
            Self::MoneyWithdrawn { .. } => "money.withdrawn".to_owned(),
        }
    }

    fn event_version(&self) -> String {
        "1".to_owned()
    }
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

enum Command {
    Open { owner: String, initial: i64 },
    Deposit { amount: i64, description: String },
    Withdraw { amount: i64, description: String },
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Account {
    owner: Option<String>,
    balance: i64,
}

impl Aggregate for Account {
    const TYPE: &'static str = "account";
    type Command = Command;
    type Event = AccountEvent;
    type Error = Refusal;
    type Services = ();

    async fn handle(
        &mut self,
        command: Command,
        (): &(),
        sink: &EventSink<Self>,
    ) -> Result<(), Refusal> {
        match command {
            Command::Open { owner, initial } => {
                if self.owner.is_some() {
                    return Err(Refusal::AlreadyOpen);
                }
                sink.write(AccountEvent::AccountOpened { owner, initial }, self)
                    .await;
            }
            Command::Deposit {
                amount,
                description,
            } => {
                if self.owner.is_none() {
                    return Err(Refusal::NotOpen);
                }
                sink.write(
                    AccountEvent::MoneyDeposited {
                        amount,
                        description,
                    },
                    self,
                )
                .await;
            }
            Command::Withdraw {
                amount,
                description,
            } => {
                let missing = amount - self.balance;
                if missing > 0 {
                    return Err(Refusal::TooLittle { missing });
                }
                sink.write(
                    AccountEvent::MoneyWithdrawn {
                        amount,
                        description,
                    },
                    self,
                )
                .await;
            }
        }
        Ok(())
    }

    fn apply(&mut self, event: AccountEvent) {
        match event {
            AccountEvent::AccountOpened { owner, initial } => {
                self.owner = Some(owner);
                self.balance = initial;
            }
            AccountEvent::MoneyDeposited { amount, .. } => self.balance += amount,
            AccountEvent::MoneyWithdrawn { amount, .. } => self.balance -= amount,
        }
    }
}

async fn run() -> Result<i64, Box<dyn Error>> {
    let store = MemStore::<Account>::default();
    let accounts = CqrsFramework::new(store.clone(), vec![], ());
    let (owner, description) = ("Ada".to_owned(), "rent".to_owned());
    accounts
        .execute(
            "1",
            Command::Open {
                owner,
                initial: 100,
            },
        )
        .await?;
    let (deposit, withdraw) = (description.clone(), description);
    accounts
        .execute(
            "1",
            Command::Deposit {
                amount: 50,
                description: deposit,
            },
        )
        .await?;
    accounts
        .execute(
            "1",
            Command::Withdraw {
                amount: 30,
                description: withdraw,
            },
        )
        .await?;
    let mut account = store.load_aggregate("1").await?;
    Ok(account.aggregate().balance)
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
