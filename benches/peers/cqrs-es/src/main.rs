//! The rows of the benchmarks on cqrs-es: `peer-cqrs-es p1`, `p1-long` or `p2`, and `p3 8`.

mod bank;
#[path = "../../../src/commands.rs"]
mod commands;
#[path = "../../../src/measure.rs"]
mod measure;
mod repository;
#[path = "../../../src/workload.rs"]
mod workload;

use std::error::Error;

use commands::Order;
use cqrs_es::{
    Aggregate, AggregateContext, CqrsFramework, DomainEvent, EventStore, event_sink::EventSink,
    mem_store::MemStore, persist::PersistedEventStore,
};
use measure::{Contender, in_turns, ready};
use repository::Payloads;
use serde::{Deserialize, Serialize};
use workload::{Fact, SHAPES, Shape, balance};

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

impl From<Fact> for AccountEvent {
    fn from(fact: Fact) -> Self {
        match fact {
            Fact::Opened(owner, initial) => Self::AccountOpened { owner, initial },
            Fact::Deposited(amount, description) => Self::MoneyDeposited {
                amount,
                description,
            },
            Fact::Withdrawn(amount, description) => Self::MoneyWithdrawn {
                amount,
                description,
            },
        }
    }
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Account {
    owner: String,
    balance: i64,
    events: u64,
}

/// What is asked of an account.
enum Command {
    /// Writes all events of a stream.
    Seed { stream: usize, events: usize },
    /// Opens an account and deposits 1 until it has so many events.
    Open(u64),
    /// Deposits or withdraws.
    Execute(Order),
}

impl Aggregate for Account {
    const TYPE: &'static str = "account";
    type Command = Command;
    type Event = AccountEvent;
    type Error = std::convert::Infallible;
    type Services = ();

    async fn handle(
        &mut self,
        command: Command,
        (): &(),
        sink: &EventSink<Self>,
    ) -> Result<(), Self::Error> {
        match command {
            Command::Seed { stream, events } => {
                for fact in workload::stream(stream, events) {
                    sink.write(fact.into(), self).await;
                }
            }
            Command::Open(events) => {
                for fact in bank::seeds(events) {
                    sink.write(fact.into(), self).await;
                }
            }
            Command::Execute(order) => {
                let fact = match order {
                    Order::Deposit(amount, reason) => Fact::Deposited(amount, reason),
                    Order::Withdraw(amount, reason) => {
                        assert!(self.balance >= amount, "there is enough in every account");
                        Fact::Withdrawn(amount, reason)
                    }
                };
                sink.write(fact.into(), self).await;
            }
        }
        Ok(())
    }

    fn apply(&mut self, event: AccountEvent) {
        self.events += 1;
        match event {
            AccountEvent::AccountOpened { owner, initial } => {
                self.owner = owner;
                self.balance = initial;
            }
            AccountEvent::MoneyDeposited { amount, .. } => self.balance += amount,
            AccountEvent::MoneyWithdrawn { amount, .. } => self.balance -= amount,
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let row = std::env::args().nth(1);
    if let Some((_, shape)) = SHAPES.iter().find(|(name, _)| row.as_deref() == Some(name)) {
        return replay(*shape);
    }
    match row.as_deref() {
        Some("p2") => apply(),
        Some("p3") => {
            let load = std::env::args().nth(2).ok_or("say how many tasks")?;
            bank::execute(commands::Load::parse(&load)?);
            Ok(())
        }
        _ => Err("say which row: p1, p1-long, p2 or p3".into()),
    }
}

/// P1: from stored JSON to the state, on its own way from a database.
fn replay(shape: Shape) -> Result<(), Box<dyn Error>> {
    let payloads = Payloads::default();
    let store = || PersistedEventStore::<_, Account>::new_event_store(payloads.clone());
    seed(store(), shape)?;
    let store = store();
    let expected: Vec<_> = (0..shape.streams)
        .map(|number| balance(number, shape.events))
        .collect();
    let turn = || check(&store, &expected, 1);
    in_turns(
        shape.streams * shape.events,
        vec![Contender::new("cqrs-es: load_aggregate over JSON", turn)],
    );
    Ok(())
}

/// P2: from typed events to the state.
fn apply() -> Result<(), Box<dyn Error>> {
    const PASSES: usize = 100;
    let shape = Shape {
        streams: 1,
        events: 1_000,
    };
    let store = MemStore::<Account>::default();
    seed(store.clone(), shape)?;
    let expected = [balance(0, shape.events)];
    let turn = || check(&store, &expected, PASSES);
    in_turns(
        PASSES * shape.events,
        vec![Contender::new(
            "cqrs-es: load_aggregate of typed events",
            turn,
        )],
    );
    Ok(())
}

fn seed(store: impl EventStore<Account>, shape: Shape) -> Result<(), Box<dyn Error>> {
    let accounts = CqrsFramework::new(store, vec![], ());
    for stream in 0..shape.streams {
        ready(accounts.execute(
            &stream.to_string(),
            Command::Seed {
                stream,
                events: shape.events,
            },
        ))?;
    }
    Ok(())
}

fn check(store: &impl EventStore<Account>, expected: &[i64], passes: usize) {
    for _ in 0..passes {
        for (number, expected) in expected.iter().enumerate() {
            let account = ready(store.load_aggregate(&number.to_string()));
            let mut account = account.expect("it was written so");
            assert_eq!(account.aggregate().balance, *expected);
        }
    }
}
