//! The types of the language can have another meaning, too. (serde's own derives do not bear that, so serde is
//! implemented by hand here.)
#![allow(dead_code, non_camel_case_types, reason = "the names are here to be in the way")]

use eventsource_core::{AggregateEvent as _, prelude::*};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

struct bool;
struct str;
struct u8;
struct u32;
struct usize;

#[derive(Debug, Event)]
#[event(name = "door.shut")]
struct Shut;

impl Serialize for Shut {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }
}

impl<'de> Deserialize<'de> for Shut {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <()>::deserialize(deserializer).map(|()| Shut)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, AggregateId)]
struct DoorId(String);

#[derive(Default, Aggregate, Snapshot)]
#[aggregate(name = "door", id = DoorId, error = std::convert::Infallible, events(Shut))]
struct Door;

impl Serialize for Door {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }
}

impl<'de> Deserialize<'de> for Door {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <()>::deserialize(deserializer).map(|()| Door)
    }
}

impl Apply<Shut> for Door {
    fn apply(&mut self, _: &Shut) {}
}

#[derive(Projection)]
#[projection(name = "doors", version = 1, from(Door), events(Shut))]
struct Doors;

impl Project<Shut> for Doors {
    fn project(&mut self, _: &Shut, _: &Envelope<'_>) {}
}

#[derive(Reaction)]
#[reaction(name = "bell", from(Door), events(Shut))]
struct Bell;

impl React<Shut> for Bell {
    async fn react(&self, _: &Shut, _: &Envelope<'_>, _: ReactionId) -> Result<(), HandlerError> {
        Ok(())
    }
}

fn main() {
    assert_eq!((Doors::VERSION, Bell::NAME), (1, "bell"));
    assert!(DoorEvent::decode("door.shut", 1, b"null").is_ok());
    assert!(Door::decode(b"null").is_ok());
}
