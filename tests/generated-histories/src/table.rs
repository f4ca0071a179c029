//! Compares what an aggregate finds in its table with what the conversions give.

use std::fmt::Debug;

use eventsource_core::{Aggregate, AggregateEvent, DecodeError};
use serde::Serialize;

use crate::{
    Any, Failed, Random,
    case::{draw, seeded},
};

/// The test of the table of one aggregate.
#[derive(Debug)]
pub struct Table<A: Aggregate> {
    id: &'static str,
    random: Random,
    events: fn(&A) -> &[String],
}

impl<A: Aggregate> Table<A> {
    /// A test of the table of an aggregate, whose state has each event that it saw.
    ///
    /// # Panics
    ///
    /// When its id is not a letter and a number.
    pub fn new(seed: u64, id: &'static str, events: fn(&A) -> &[String]) -> Self {
        let random = seeded(seed, id);
        Self { id, random, events }
    }

    /// What a version wrote under its name becomes the parts that are made of what the conversions give, and a state that
    /// has seen them.
    ///
    /// # Panics
    ///
    /// When it does not.
    pub fn read<V: Any + Clone + Debug + Serialize, E: Debug>(
        &mut self,
        name: &str,
        version: u32,
        convert: fn(V) -> Result<E, Failed>,
        parts: fn(String) -> Vec<String>,
    ) {
        let what = format!("{}: {name} v{version}", self.id);
        let events = self.events;
        draw(&mut self.random, &what, |written: V| {
            let bytes = serde_json::to_vec(&written).expect("it can be written");
            let decoded = A::Event::decode(name, version, &bytes);
            let mut state = None;
            let replayed = A::replay(&mut state, name, version, &bytes);
            let Ok(expected) = convert(written.clone()) else {
                let is_step =
                    matches!(&decoded, Err(DecodeError::Step { version: v, .. }) if *v == version);
                assert!(
                    is_step && replayed.is_err(),
                    "{what}: {decoded:?}, {replayed:?}"
                );
                return false;
            };
            let expected = parts(format!("{expected:?}"));
            let decoded = decoded.unwrap_or_else(|error| panic!("{what}: {error:?}"));
            let read: Vec<_> = decoded.iter().map(|part| format!("{part:?}")).collect();
            assert_eq!(read, expected, "{what}: {written:?}");
            let begun = replayed.unwrap_or_else(|error| panic!("{what}: {error:?}"));
            let state = state.as_ref().map_or(&[][..], events);
            assert_eq!(
                (begun, state),
                (!expected.is_empty(), &expected[..]),
                "{what}"
            );
            true
        });
    }

    /// A version is not found under a name that the event had at others.
    ///
    /// # Panics
    ///
    /// When it is.
    pub fn has_another_name<V: Any + Serialize>(&mut self, name: &str, version: u32) {
        let bytes = serde_json::to_vec(&V::any(&mut self.random)).expect("it can be written");
        let error = A::Event::decode(name, version, &bytes).map(|parts| parts.len());
        assert!(
            matches!(&error, Err(DecodeError::NameOfOtherVersion { stored, version: v, .. })
                if *stored == name && *v == version),
            "{}: {name} v{version}: {error:?}",
            self.id
        );
    }

    /// A later version is newer code, whichever of its names it has.
    ///
    /// # Panics
    ///
    /// When it is not.
    pub fn knows_up_to(&self, name: &str, latest: u32) {
        let error = A::Event::decode(name, latest + 1, b"{}").map(|parts| parts.len());
        assert!(
            matches!(&error, Err(DecodeError::Newer { event, stored, known })
                if *event == name && *stored == latest + 1 && *known == latest),
            "{}: {name} after v{latest}: {error:?}",
            self.id
        );
    }

    /// A name that no event has had is unknown.
    ///
    /// # Panics
    ///
    /// When it is not.
    pub fn knows_no_other(&self) {
        let error = A::Event::decode("nobody.knows", 1, b"{}").map(|parts| parts.len());
        assert!(
            matches!(&error, Err(DecodeError::UnknownName { aggregate, .. }) if *aggregate == self.id),
            "{}: {error:?}",
            self.id
        );
    }
}
