//! What a `macro_rules` passes on stands in invisible groups, and is read all the same.

use eventsource_core::prelude::*;
use serde::{Deserialize, Serialize};

macro_rules! lamp {
    ($name:literal, $id:ty, $event:path, $state:ident, $visibility:vis) => {
        #[derive(Debug, Default, Aggregate)]
        #[aggregate(name = $name, id = $id, error = std::convert::Infallible, events($event))]
        $visibility struct $state;
    };
}

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "lamp.lit")]
pub struct Lit;

lamp!("lamp", u64, Lit, Lamp, pub(crate));

impl Apply<Lit> for Lamp {
    fn apply(&mut self, _: &Lit) {}
}

fn main() {
    let _ = LampEvent::Lit(Lit);
}
