//! An aggregate without the derive, which can be broken in ways that the derive cannot.

use std::convert::Infallible;

use eventsource_core::{
    __private::{Abilities, unknown_name},
    AggregateEvent, DecodeError, EncodeError, EventSchema, FoldError, KnownEvent, Parts,
    prelude::*,
};

/// The two events are read as each other.
pub(crate) const SWAPPED: u8 = 1;
/// An event is not in the list of schemas.
pub(crate) const UNLISTED: u8 = 2;
/// An event has a name that cannot be stored.
pub(crate) const BAD_NAME: u8 = 3;
/// An event that was written is read as none.
pub(crate) const DROPPED: u8 = 4;

#[derive(Debug, Default, PartialEq)]
pub(crate) struct Light<const MUTANT: u8>;

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Lit<const MUTANT: u8> {
    On,
    Off,
}

#[derive(Debug, Clone)]
pub(crate) struct Switch;

impl<const MUTANT: u8> Handle<Switch> for Light<MUTANT> {
    fn handle(&self, _: &Switch) -> Decision<Self> {
        Ok(Lit::On.into())
    }
}

impl<const MUTANT: u8> From<Lit<MUTANT>> for Events<Light<MUTANT>> {
    fn from(event: Lit<MUTANT>) -> Self {
        eventsource_core::__private::wrapped(event)
    }
}

impl<const MUTANT: u8> Aggregate for Light<MUTANT> {
    const CATEGORY: &'static str = "light";
    type Id = u64;
    type Error = Infallible;
    type Event = Lit<MUTANT>;

    fn initial() -> Option<Self> {
        Some(Self)
    }

    fn fold(_: &mut Option<Self>, _: &Lit<MUTANT>) -> Result<(), FoldError> {
        Ok(())
    }

    fn abilities() -> Abilities<Self> {
        Abilities {
            clone_state: None,
            eq_state: Some(Self::eq),
            debug_state: None,
            json_state: None,
            snapshot: None,
            eq_event: |one, other| Some(one == other),
            eq_error: Some(Infallible::eq),
        }
    }
}

const fn named(name: &'static str) -> EventSchema {
    EventSchema { name, version: 1 }
}

impl<const MUTANT: u8> Lit<MUTANT> {
    const ON: EventSchema = named(if MUTANT == BAD_NAME {
        "light on"
    } else {
        "light.on"
    });
    const OFF: EventSchema = named("light.off");
}

impl<const MUTANT: u8> AggregateEvent for Lit<MUTANT> {
    const SCHEMAS: &'static [EventSchema] = match MUTANT {
        UNLISTED => &[Self::OFF],
        _ => &[Self::ON, Self::OFF],
    };

    // No scenario looks at it.
    const TABLE: &'static [KnownEvent] = &[];

    fn inner(&self) -> &(dyn std::any::Any + Send + Sync) {
        self
    }

    fn schema(&self) -> EventSchema {
        match self {
            Self::On => Self::ON,
            Self::Off => Self::OFF,
        }
    }

    fn encode(&self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        out.extend_from_slice(b"null");
        Ok(())
    }

    fn decode(name: &str, version: u32, _: &[u8]) -> Result<Parts<Self>, DecodeError> {
        let event = match name {
            _ if name == Self::ON.name => Self::On,
            _ if name == Self::OFF.name => Self::Off,
            _ => return Err(unknown_name("light", name, version)),
        };
        Ok(match (MUTANT, event) {
            (SWAPPED, Self::On) => Parts::one(Self::Off),
            (SWAPPED, Self::Off) => Parts::one(Self::On),
            (DROPPED, _) => Parts::none(),
            (_, event) => Parts::one(event),
        })
    }
}
