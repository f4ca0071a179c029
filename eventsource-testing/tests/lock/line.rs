//! The line that users write: two tests, on the files of a folder of this crate.

use crate::support::names::*;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "light.switched", sample = Self { on: true })]
struct Switched {
    on: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "door.opened", sample = Self)]
struct Opened;

#[derive(Debug, Default, Aggregate)]
#[aggregate(name = "light", id = u64, error = std::convert::Infallible, events(Switched))]
struct Light;

#[derive(Debug, Default, Aggregate)]
#[aggregate(name = "door", id = u64, error = std::convert::Infallible, events(Opened, Switched))]
struct Door;

#[derive(Debug, Default, Aggregate)]
#[aggregate(name = "gate", id = u64, error = std::convert::Infallible, events(Opened))]
struct Gate;

impl<E> Apply<E> for Light {
    fn apply(&mut self, _: &E) {}
}

impl<E> Apply<E> for Door {
    fn apply(&mut self, _: &E) {}
}

impl<E> Apply<E> for Gate {
    fn apply(&mut self, _: &E) {}
}

eventsource_testing::events_lock!(in "tests/lock/line"; Light, Door, Gate);
