//! A transaction belongs to one type of store.

use std::sync::Arc;

use eventsource_core::{
    EventStore, Projection, Runner,
    prelude::*,
    projection::{Envelope, HandlerError, ProjectIn, ReadModel, Table},
};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "light.switched")]
struct Switched;

#[derive(Debug, Default, Aggregate)]
#[aggregate(name = "light", id = u64, error = std::convert::Infallible, events(Switched))]
struct Light;

impl Apply<Switched> for Light {
    fn apply(&mut self, _: &Switched) {}
}

struct Tx;

#[derive(Projection)]
#[projection(name = "lights", version = 1, transaction = Tx, from(Light), events(Switched))]
struct Lights;

impl ReadModel for Lights {
    const TABLES: &'static [Table] = &[];
}

impl ProjectIn<Tx, Switched> for Lights {
    fn project(&self, _: &Switched, _: &Envelope<'_>, _: &mut Tx) -> Result<(), HandlerError> {
        Ok(())
    }
}

fn main() {
    let store: Arc<dyn EventStore> = Arc::new(MemoryStore::new());
    let _runner = Runner::new(store).with(Lights);
}
