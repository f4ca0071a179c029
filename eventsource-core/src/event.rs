//! One event: a struct in today's shape, its stored name, its schema version, and how it is written and read.

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    codec::{DecodeError, EncodeError, Json},
    describe::{EventShape, Shapes},
};

/// An event that can be stored, written by `#[derive(Event)]` on a struct.
///
/// The stored name and the schema version belong to the type: no call site can write or read the event under another
/// one.
///
/// ```
/// use eventsource_core::prelude::*;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
/// #[event(name = "account.opened")]
/// struct Opened {
///     owner: String,
/// }
///
/// assert_eq!(Opened::SCHEMA.name, "account.opened");
/// assert_eq!(Opened::SCHEMA.version, 1);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an event",
    label = "not an event",
    note = "add `#[derive(serde::Serialize, serde::Deserialize, eventsource_core::Event)]` and `#[event(name = \"..\")]` to `{Self}`"
)]
pub trait Event: Sized + Send + Sync + 'static {
    /// The stored name and the schema version of the event.
    const SCHEMA: EventSchema;

    /// Every stored name that the event has had, with the schema versions that were stored under it, the oldest first;
    /// the last one is today's. Together they cover every version from 1 on, without a gap.
    const NAMES: &'static [StoredName] = &[StoredName {
        name: Self::SCHEMA.name,
        first: 1,
        last: Self::SCHEMA.version,
    }];

    /// The oldest schema version that this build reads, from 1. An older one is
    /// [`DecodeError::TooOld`](crate::DecodeError::TooOld), and never a payload of the wrong shape.
    const OLDEST: u32 = 1;

    /// What a version looks like; `None` where the event is written by hand.
    #[doc(hidden)]
    fn describe(_version: u32, _shapes: &mut Shapes) -> Option<EventShape> {
        None
    }

    /// A value of the event for its golden payload, where one was given.
    #[doc(hidden)]
    fn sample() -> Option<Self> {
        None
    }

    /// Appends the event's JSON to `out`.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] when the value has no JSON form, such as a map whose keys are not strings. `out` may then hold
    /// a part of it.
    fn encode(&self, out: &mut Vec<u8>) -> Result<(), EncodeError>;

    /// Reads an event that was stored at `version`, straight from the stored bytes.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] when the version is unknown to this build or the payload does not have its shape.
    fn decode(version: u32, payload: &[u8]) -> Result<Self, DecodeError>;

    /// How a payload of today's version is read, so that replay can apply it where it was read; `None` where only
    /// [`Event::decode`] knows.
    #[doc(hidden)]
    const JSON: Option<Json<Self>> = None;
}

/// What is stored beside the payload of an event so that it can be read again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct EventSchema {
    /// The stored name, which is part of the stored format.
    pub name: &'static str,
    /// The schema version that this build writes, from 1.
    pub version: u32,
}

/// A stored name and the schema versions that were stored under it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct StoredName {
    /// The stored name.
    pub name: &'static str,
    /// The first schema version that was stored under it.
    pub first: u32,
    /// The last schema version that was stored under it.
    pub last: u32,
}

/// What the fields of an event need: to be written and read by serde.
///
/// Implemented for every type that has serde's two derives; a message of its own says so where one is missing.
#[diagnostic::on_unimplemented(
    message = "the event payload `{Self}` cannot be stored",
    label = "does not implement `Serialize` and `Deserialize`",
    note = "add `#[derive(serde::Serialize, serde::Deserialize)]` to `{Self}`"
)]
pub trait Payload: Sized {
    #[doc(hidden)]
    fn write_json(&self, out: &mut Vec<u8>) -> Result<(), serde_json::Error>;
    #[doc(hidden)]
    fn read_json(json: &[u8]) -> Result<Self, serde_json::Error>;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned> Payload for T {
    fn write_json(&self, out: &mut Vec<u8>) -> Result<(), serde_json::Error> {
        // Room for most payloads: otherwise it grows step by step while one is written.
        out.reserve(256);
        serde_json::to_writer(out, self)
    }

    fn read_json(json: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(json)
    }
}
