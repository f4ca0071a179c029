//! What the messages ask for compiles without a warning.
#![deny(warnings)]
#![allow(dead_code, reason = "only compiled")]

use eventsource_core::{Schema, prelude::*};
use serde::{Deserialize, Serialize};

/// No variant leads on from version 1.
#[derive(Debug, PartialEq, Serialize, Deserialize, Schema)]
#[event(version = 2)]
#[event(had(Cheque, before = 2, with = || PayBy::Other(1)))]
#[event(had(Cash(u8), before = 2, try_with = |value| if value > 5 { Err("much") } else { Ok(PayBy::Other(value)) }))]
enum PayBy {
    #[event(since = 2)]
    Other(u8),
}

#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "account.deposited", version = 2)]
struct Deposited {
    #[event(was(_: u8, before = 2, with = (|old| u64::from(old))))]
    cents: u64,
    #[event(since = 2, default = (3 + 4))]
    seven: u8,
    #[event(since = 2, default = ((1, 2)))]
    pair: (u8, u8),
    #[event(since = 2, with = (|old| old.cents < 3))]
    small: bool,
}

fn main() {
    let deposited = Deposited::decode(1, br#"{"cents":5}"#).unwrap();
    assert_eq!(deposited, Deposited { cents: 5, seven: 7, pair: (1, 2), small: false });
}
