//! The derives name nothing that a crate can leave out or give another meaning.
#![no_implicit_prelude]
#![allow(dead_code, non_camel_case_types, non_upper_case_globals, reason = "the names are in the way")]

use ::eventsource_core::{
    Aggregate, AggregateId, Apply, Create, Event, Past, Project, ProjectAsync, ProjectIn, Projection,
    React, Reaction, ReadModel, Schema, Snapshot,
};
use ::serde::{Deserialize, Serialize};
use ::std::clone::Clone;
use ::std::cmp::{Eq, PartialEq};
use ::std::default::Default;
use ::std::fmt::Debug;

// Values and types of the prelude, and of ours, under another meaning.
struct Ok;
struct Err;
struct Some;
struct None;
struct From;
struct Into;
struct Send;
struct Sync;
struct Cow;
enum Option {}
enum Result {}
enum Vec {}
enum String {}
mod core {}
mod std {}
mod eventsource_core {}
mod serde {}
// What the expansions call their own.
const out: () = ();
const event: () = ();
const payload: () = ();
const version: () = ();
const name: () = ();
const state: () = ();
struct A;

#[derive(Debug, Clone, PartialEq, Eq, AggregateId)]
struct DoorId(u64);

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "door.built")]
struct Built {
    width: u64,
}

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "door.shut", version = 1, crate = ::eventsource_core)]
struct Shut;

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "door.moved")]
struct Moved(u64);

#[derive(Debug, Serialize, Deserialize, Schema)]
#[event(version = 2)]
struct Key {
    #[event(was(a: u8, before = 2))]
    b: u16,
}

#[derive(Debug, Serialize, Deserialize, Schema)]
#[event(version = 2, had(Rope { length: u8 }, before = 2, with = |_| Lock::None))]
enum Lock {
    #[event(was(Bolt, before = 2))]
    Latch(#[event(nested = 2, was(_: Past<Key, 1>, before = 2))] Key),
    None,
}

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "door.locked", version = 3, was("door.shut-up", before = 2), had(out: u8, before = 3))]
struct Locked {
    #[event(nested = 2, was(_: ::std::vec::Vec<Past<Lock, 1>>, before = 2))]
    by: ::std::vec::Vec<Lock>,
    #[event(since = 2)]
    state: u8,
    #[event(since = 3, try_with = |old| <u8 as ::std::convert::TryFrom<u8>>::try_from(old.out))]
    twice: u8,
    #[event(was(_: ::std::boxed::Box<u8>, before = 2, with = |boxed| *boxed))]
    name: u8,
}

struct Fingerprint;
struct StateCodec;

#[derive(Debug, Default, Serialize, Deserialize, Aggregate, Snapshot)]
#[aggregate(
    name = "door",
    id = DoorId,
    error = ::std::convert::Infallible,
    events(Built, Shut, Moved)
)]
struct Door;

impl Apply<Built> for Door {
    fn apply(&mut self, _: &Built) {}
}
impl Apply<Shut> for Door {
    fn apply(&mut self, _: &Shut) {}
}
impl Apply<Moved> for Door {
    fn apply(&mut self, _: &Moved) {}
}

#[derive(Debug, Serialize, Deserialize, Aggregate, Snapshot)]
#[snapshot(version = 2, codec = ::eventsource_core::snapshot::JsonSnapshot, crate = ::eventsource_core)]
#[aggregate(
    name = "gate",
    id = ::std::string::String,
    error = ::std::convert::Infallible,
    created_by = Built,
    events(Built, Shut)
)]
struct Gate {
    out: ::std::vec::Vec<u8>,
    state: ::std::option::Option<Lock>,
    #[snapshot(opaque)]
    u64: ::std::string::String,
}

impl Create<Built> for Gate {
    fn create(_: &Built) -> Self {
        Gate {
            out: ::std::vec::Vec::new(),
            state: ::std::option::Option::None,
            u64: ::std::string::String::new(),
        }
    }
}
impl Apply<Shut> for Gate {
    fn apply(&mut self, _: &Shut) {}
}

type Handled = ::std::result::Result<(), ::eventsource_core::HandlerError>;
type About<'a> = ::eventsource_core::Envelope<'a>;

struct Envelope;
struct HandlerError;
struct Handling;
struct Source;
struct Taken;
const __TAKEN: () = ();

#[derive(Projection)]
#[projection(
    name = "doors",
    version = 1,
    from(Door, Gate),
    events(Built, Shut),
    ignores(Moved)
)]
struct Doors;

impl Project<Built> for Doors {
    fn project(&mut self, _: &Built, _: &About<'_>) {}
}
impl Project<Shut> for Doors {
    fn project(&mut self, _: &Shut, _: &About<'_>) {}
}

struct Tx;

#[derive(Projection)]
#[projection(name = "doors", version = 1, from(Door), events(Built), ignores(..), transaction = Tx)]
struct DoorsIn;

impl ReadModel for DoorsIn {
    const TABLES: &'static [::eventsource_core::Table] =
        &[::eventsource_core::Table::new("doors", "width INTEGER")];
}

impl ProjectIn<Tx, Built> for DoorsIn {
    fn project(&self, _: &Built, _: &About<'_>, _: &mut Tx) -> Handled {
        Handled::Ok(())
    }
}

#[derive(Projection)]
#[projection(name = "doors", version = 1, from(Gate), events(Built, Shut), at_least_once)]
struct DoorsElsewhere;

impl ProjectAsync<Built> for DoorsElsewhere {
    async fn project(&self, _: &Built, _: &About<'_>) -> Handled {
        Handled::Ok(())
    }
}
impl ProjectAsync<Shut> for DoorsElsewhere {
    async fn project(&self, _: &Shut, _: &About<'_>) -> Handled {
        Handled::Ok(())
    }
}

#[derive(Reaction)]
#[reaction(name = "bell", from(Gate), events(Built), ignores(Shut))]
struct Bell;

impl React<Built> for Bell {
    async fn react(&self, _: &Built, _: &About<'_>, _: ::eventsource_core::ReactionId) -> Handled {
        Handled::Ok(())
    }
}

fn main() {
    let mut gate = <Gate as Aggregate>::initial();
    for event_ in <::eventsource_core::Events<Gate> as ::std::convert::From<_>>::from((Built { width: 1 }, Shut)) {
        <Gate as Aggregate>::fold(&mut gate, &event_).unwrap();
    }
    let mut bytes = ::std::vec::Vec::new();
    <Gate as Snapshot>::encode(&gate.unwrap(), &mut bytes).unwrap();
    <Gate as Snapshot>::decode(&bytes).unwrap();
}
