use eventsource_core::{prelude::*, projection::HandlesAsync};
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

#[derive(Projection)]
#[projection(name = "balances", version = 1, from(Account), events(Opened), ignores(Closed), at_least_once)]
struct Balances;

impl ProjectAsync<Opened> for Balances {
    async fn project(&self, _: &Opened, _: &Envelope<'_>) -> Result<(), HandlerError> {
        Ok(())
    }
}

impl ProjectAsync<Closed> for Balances {
    async fn project(&self, _: &Closed, _: &Envelope<'_>) -> Result<(), HandlerError> {
        Ok(())
    }
}

fn built<P: HandlesAsync>() -> (&'static str, u32) {
    (P::NAME, P::VERSION)
}

fn main() {
    let _ = built::<Balances>();
}
