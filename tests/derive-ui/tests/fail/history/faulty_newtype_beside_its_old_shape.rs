use eventsource_core::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct DepositedV1(u8);

impl From<DepositedV1> for eventsource_core::Shape<Deposited, 2> {
    fn from(old: DepositedV1) -> Self {
        Self(old.0.into())
    }
}

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.deposited", version = 3, v1 = DepositedV1)]
struct Deposited(#[event(wass(_: u16, before = 3))] u64);

fn main() {
    stored::<Deposited>();
}

fn stored<E: Event>() {}
