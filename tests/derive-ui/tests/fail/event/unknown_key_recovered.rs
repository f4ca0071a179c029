//! The misspelled key is read as it was meant: it is not also missing.

use eventsource_core::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(nmae = "account.opened")]
struct Opened {
    owner: String,
}

fn main() {
    stored::<Opened>();
}

fn stored<E: Event>() {}
