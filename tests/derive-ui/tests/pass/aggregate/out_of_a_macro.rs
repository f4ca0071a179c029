//! What a `macro_rules` passes on stands in invisible groups, and is read all the same.

use eventsource_core::{Table, prelude::*};
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

macro_rules! lit {
    ($name:literal, $state:path, $event:path, $tx:ty, $projection:ident) => {
        #[derive(Projection)]
        #[projection(name = $name, version = 1, from($state), events($event), transaction = $tx)]
        struct $projection;

        impl ProjectIn<$tx, $event> for $projection {
            fn project(&self, _: &$event, _: &Envelope<'_>, _: &mut $tx) -> Result<(), HandlerError> {
                Ok(())
            }
        }
    };
}

lit!("lit", Lamp, Lit, Vec<u8>, LitLamps);

impl ReadModel for LitLamps {
    const TABLES: &'static [Table] = &[Table::new("lit", "at INTEGER")];
}

fn main() {
    let _ = LampEvent::Lit(Lit);
    assert_eq!(LitLamps::listed(), ["lamp.lit"]);
}
