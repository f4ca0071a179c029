//! One round of the row `scenario`: a scenario of ten events with every automatic check, and the same without one check
//! each. Every check has something to look at.

use benches::measure::{Contender, in_turns};
use eventsource_core::prelude::*;
use eventsource_testing::prelude::*;
use serde::{Deserialize, Serialize};

/// Money came in; version 1 had no description.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "money.deposited", version = 2)]
struct Deposited {
    amount: i64,
    #[event(since = 2, default = String::new())]
    description: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "money.withdrawn")]
struct Withdrawn {
    amount: i64,
    description: String,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Aggregate)]
#[aggregate(
    name = "account",
    id = u64,
    error = std::convert::Infallible,
    events(Deposited, Withdrawn)
)]
struct Account {
    balance: i64,
    last: String,
}

impl Apply<Deposited> for Account {
    fn apply(&mut self, event: &Deposited) {
        self.balance += event.amount;
        self.last.clone_from(&event.description);
    }
}

impl Apply<Withdrawn> for Account {
    fn apply(&mut self, event: &Withdrawn) {
        self.balance -= event.amount;
        self.last.clone_from(&event.description);
    }
}

struct Withdraw(i64);

impl Handle<Withdraw> for Account {
    fn handle(&self, command: &Withdraw) -> Decision<Self> {
        Ok(withdrawn(command.0).into())
    }
}

fn deposited(amount: i64) -> Deposited {
    let description = "a deposit of the benchmark".to_owned();
    Deposited {
        amount,
        description,
    }
}

fn withdrawn(amount: i64) -> Withdrawn {
    let description = "a withdrawal of the benchmark".to_owned();
    Withdrawn {
        amount,
        description,
    }
}

/// How many scenarios make a turn.
const TIMES: usize = 500;

/// Nine events of the past, one of them of an older version, and a tenth that is decided.
fn play(without: Option<Check>) {
    for _ in 0..TIMES {
        let mut scenario = Scenario::<Account>::new()
            .given_stored("money.deposited", 1, json!({ "amount": 100 }))
            .given((1..9).map(deposited).collect::<Vec<_>>());
        if let Some(check) = without {
            scenario = scenario.without(check);
        }
        let outcome = scenario.when(Withdraw(5)).then(withdrawn(5));
        drop(outcome.and_state(|account| assert_eq!(account.balance, 131)));
    }
}

fn main() {
    let all = Contender::new("ours: a scenario of ten events", || play(None));
    let each = Check::AUTOMATIC.iter().map(|check| {
        let name = format!("ours: without {check}");
        Contender::new(name, || play(Some(*check)))
    });
    in_turns(TIMES, [all].into_iter().chain(each).collect());
}
