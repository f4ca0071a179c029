use eventsource_core::{Table, prelude::*, projection::HandlesIn};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.opened")]
struct Opened;

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.closed")]
struct Closed;

#[derive(Debug, Default, Aggregate)]
#[aggregate(name = "account", id = u64, error = std::convert::Infallible, events(Opened, Closed))]
struct Account;

impl Apply<Opened> for Account {
    fn apply(&mut self, _: &Opened) {}
}

impl Apply<Closed> for Account {
    fn apply(&mut self, _: &Closed) {}
}

struct Tx;

#[derive(Projection)]
#[projection(name = "balances", version = 1, from(Account), events(Opened), ignores(Closed), transaction = Tx)]
struct Balances;

impl ProjectIn<Tx, Opened> for Balances {
    fn project(&self, _: &Opened, _: &Envelope<'_>, _: &mut Tx) -> Result<(), HandlerError> {
        Ok(())
    }
}

impl ProjectIn<Tx, Closed> for Balances {
    fn project(&self, _: &Closed, _: &Envelope<'_>, _: &mut Tx) -> Result<(), HandlerError> {
        Ok(())
    }
}

impl ReadModel for Balances {
    const TABLES: &'static [Table] = &[Table::new("balances", "account INTEGER PRIMARY KEY")];
}

fn built<P: HandlesIn<Tx>>() -> (&'static str, u32) {
    (P::NAME, P::VERSION)
}

fn main() {
    let _ = built::<Balances>();
}
