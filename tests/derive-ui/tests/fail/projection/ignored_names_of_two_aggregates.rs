use eventsource_core::{prelude::*, projection::Handles};
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

mod order {
    use super::*;

    #[derive(Debug, Serialize, Deserialize, Event)]
    #[event(name = "account.closed")]
    pub(crate) struct Closed;
}

#[derive(Debug, Default, Aggregate)]
#[aggregate(name = "order", id = u64, error = std::convert::Infallible, events(order::Closed))]
struct Order;

impl Apply<order::Closed> for Order {
    fn apply(&mut self, _: &order::Closed) {}
}

#[derive(Projection)]
#[projection(name = "balances", version = 1, from(Account, Order), events(Opened), ignores(Closed, order::Closed))]
struct Balances;

impl Project<Opened> for Balances {
    fn project(&mut self, _: &Opened, _: &Envelope<'_>) {}
}

fn built<P: Handles>() -> (&'static str, u32) {
    (P::NAME, P::VERSION)
}

fn main() {
    let _ = built::<Balances>();
}
