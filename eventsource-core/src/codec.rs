//! Typed event to stored bytes and back, and every way in which that can end.

use std::error::Error;

use serde::de::DeserializeOwned;

use crate::{
    event::{EventSchema, Payload, StoredName},
    payload_error::PayloadError,
    upcast::{Shape, Upcast, UpcastError},
};

/// An event could not be written; nothing was stored.
#[derive(Debug, thiserror::Error)]
#[error("the event `{event}` (schema version {version}) cannot be written as JSON")]
#[non_exhaustive]
pub struct EncodeError {
    /// The stored name of the event.
    pub event: &'static str,
    /// Its schema version.
    pub version: u32,
    /// What the serializer said.
    #[source]
    pub source: PayloadError,
}

/// A stored event could not be read. The outcomes are closed: each names the event, and none is skipped in silence.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// No event of the aggregate has this stored name.
    #[error(
        "the aggregate `{aggregate}` has no event named `{event}` (stored with schema version {version})"
    )]
    UnknownName {
        /// The category of the aggregate.
        aggregate: &'static str,
        /// The stored name.
        event: String,
        /// The stored schema version.
        version: u32,
    },
    /// The event was stored under a name that it had at other schema versions only. No code has written that: the
    /// stored event is damaged, or another one.
    #[error(
        "the event `{event}` was stored under the name `{stored}` with schema version {version}, but that is its name for {}",
        versions(.names, .stored)
    )]
    NameOfOtherVersion {
        /// The name of the event today.
        event: &'static str,
        /// The stored name.
        stored: &'static str,
        /// The stored schema version.
        version: u32,
        /// Every stored name of the event, with its schema versions.
        names: &'static [StoredName],
    },
    /// The event was written by newer code than this.
    #[error(
        "the event `{event}` was stored with schema version {stored} by newer code; this build knows up to {known}"
    )]
    Newer {
        /// The stored name; today's where an event was decoded without one.
        event: &'static str,
        /// The stored schema version.
        stored: u32,
        /// The newest schema version that this build knows.
        known: u32,
    },
    /// The event is of a version that this build no longer reads.
    #[error(
        "the event `{event}` was stored with schema version {stored}, but this build reads it from version {oldest} on: \
         read it with a build that still knows version {stored}, or describe that version again and lower `oldest`"
    )]
    TooOld {
        /// The name of the event.
        event: &'static str,
        /// The stored schema version.
        stored: u32,
        /// The oldest schema version that this build reads: [`Event::OLDEST`](crate::Event::OLDEST).
        oldest: u32,
    },
    /// The stored schema version is none: versions start at 1.
    #[error("the event `{event}` was stored with schema version 0, but versions start at 1")]
    VersionZero {
        /// The stored name; today's where an event was decoded without one.
        event: &'static str,
    },
    /// The payload does not have the shape of its schema version.
    #[error("the payload of `{event}` does not have the shape of its schema version {version}")]
    Payload {
        /// The name of the event today; the stored one may be older.
        event: &'static str,
        /// The stored schema version.
        version: u32,
        /// What the deserializer said; it names the place, not the payload.
        #[source]
        source: PayloadError,
    },
    /// The payload has the shape of its schema version, but could not be brought to the shape of today.
    #[error("the event `{event}`, stored with schema version {version}, cannot be brought to version {to}{}", at(*field))]
    Step {
        /// The name of the event today; the stored one may be older.
        event: &'static str,
        /// The stored schema version.
        version: u32,
        /// The schema version that the failed step would have led to.
        to: u32,
        /// The field that could not be filled; `None` where the step was written by hand as a whole.
        field: Option<&'static str>,
        /// The error of the conversion, which is the user's own; one of `serde_json` is a [`PayloadError`] here.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// The payload is of a content type that the codec does not read.
    #[error("the payload of `{event}` is `{actual}`, expected `{expected}`")]
    ContentType {
        /// The stored name.
        event: String,
        /// The content type that the codec reads.
        expected: &'static str,
        /// The stored content type.
        actual: String,
    },
}

fn at(field: Option<&str>) -> String {
    field.map_or_else(String::new, |field| format!(": field `{field}`"))
}

/// The error of a stored version that is not in the table of an event.
#[doc(hidden)]
#[cold]
pub fn unknown_version(schema: EventSchema, stored: u32) -> DecodeError {
    match stored {
        0 => DecodeError::VersionZero { event: schema.name },
        _ => DecodeError::Newer {
            event: schema.name,
            stored,
            known: schema.version,
        },
    }
}

/// The error of a stored version that is no longer read.
#[doc(hidden)]
#[cold]
pub fn too_old(schema: EventSchema, stored: u32, oldest: u32) -> DecodeError {
    DecodeError::TooOld {
        event: schema.name,
        stored,
        oldest,
    }
}

/// The error of a stored name that is not in the table of an aggregate.
#[doc(hidden)]
#[cold]
pub fn unknown_name(aggregate: &'static str, event: &str, version: u32) -> DecodeError {
    DecodeError::UnknownName {
        aggregate,
        event: event.to_owned(),
        version,
    }
}

// The errors are made in functions of their own, of which there is one for all payload types.
#[cold]
fn unwritable(schema: EventSchema, source: serde_json::Error) -> EncodeError {
    EncodeError {
        event: schema.name,
        version: schema.version,
        source: source.into(),
    }
}

#[cold]
fn misfit(schema: EventSchema, version: u32, source: serde_json::Error) -> DecodeError {
    DecodeError::Payload {
        event: schema.name,
        version,
        source: source.into(),
    }
}

/// serde reads an array as the fields in the order in which they stand in the struct: today's, whatever it was when the
/// array was written.
#[inline]
fn is_array(json: &[u8]) -> bool {
    json.trim_ascii_start().first() == Some(&b'[')
}

#[cold]
fn by_place(schema: EventSchema, version: u32) -> DecodeError {
    use serde::de::{Error as _, Unexpected};
    let source = serde_json::Error::invalid_type(Unexpected::Seq, &"an object with the fields");
    misfit(schema, version, source)
}

#[cold]
fn misstep(schema: EventSchema, version: u32, error: UpcastError) -> DecodeError {
    DecodeError::Step {
        event: schema.name,
        version,
        to: error.to(),
        field: error.field(),
        source: error.into_source(),
    }
}

/// The error of a stored name and a stored version that do not belong together.
#[cold]
pub(crate) fn name_of_other_version(
    event: &'static str,
    stored: &'static str,
    version: u32,
    names: &'static [StoredName],
) -> DecodeError {
    DecodeError::NameOfOtherVersion {
        event,
        stored,
        version,
        names,
    }
}

/// The versions that a name belongs to; an event may have been given back a name that it had before.
fn versions(names: &[StoredName], name: &str) -> String {
    let names: Vec<_> = names.iter().filter(|stored| stored.name == name).collect();
    let ranges: Vec<_> = names
        .iter()
        .map(|stored| match stored {
            StoredName { first, last, .. } if first == last => first.to_string(),
            StoredName { first, last, .. } => format!("{first} to {last}"),
        })
        .collect();
    let is_one = matches!(names[..], [StoredName { first, last, .. }] if first == last);
    let word = if is_one { "version" } else { "the versions" };
    format!("{word} {}", ranges.join(" and "))
}

/// The JSON form of one payload type.
#[doc(hidden)]
pub struct Json<P> {
    write: fn(&P, &mut Vec<u8>) -> Result<(), serde_json::Error>,
    read: fn(&[u8]) -> Result<P, serde_json::Error>,
    by_name: bool,
}

/// Asks for serde once, so that an event without it is one error; the methods of [`Json`] ask for nothing.
#[doc(hidden)]
pub const fn json<P: Payload>() -> Json<P> {
    Json {
        write: P::write_json,
        read: P::read_json,
        by_name: true,
    }
}

impl<P> Json<P> {
    /// The same for a payload that may be an array: no field of it has a name.
    #[must_use]
    pub const fn unnamed(self) -> Self {
        Self {
            by_name: false,
            ..self
        }
    }

    /// Writes a payload as JSON.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] when the value has no JSON form.
    pub fn write(
        &self,
        schema: EventSchema,
        payload: &P,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        match (self.write)(payload, out) {
            Ok(()) => Ok(()),
            Err(source) => Err(unwritable(schema, source)),
        }
    }

    /// Reads a payload from JSON.
    ///
    /// # Errors
    ///
    /// [`DecodeError::Payload`] when the JSON does not have the shape of the payload.
    #[inline]
    pub fn read(&self, schema: EventSchema, version: u32, json: &[u8]) -> Result<P, DecodeError> {
        if self.by_name && is_array(json) {
            return Err(by_place(schema, version));
        }
        match (self.read)(json) {
            Ok(payload) => Ok(payload),
            Err(source) => Err(misfit(schema, version, source)),
        }
    }

    /// Reads a payload from JSON and lends it to `to`. It is not moved on the way: it stays in serde's result.
    ///
    /// # Errors
    ///
    /// As [`Json::read`].
    #[inline]
    pub fn lend<R>(
        &self,
        schema: EventSchema,
        version: u32,
        json: &[u8],
        to: impl FnOnce(&P) -> R,
    ) -> Result<R, DecodeError> {
        if self.by_name && is_array(json) {
            return Err(by_place(schema, version));
        }
        match (self.read)(json) {
            Ok(ref payload) => Ok(to(payload)),
            Err(source) => Err(misfit(schema, version, source)),
        }
    }
}

/// What a shape of an older version needs: to be read by serde. A trait of its own, for a message of its own.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "the older shape `{Self}` cannot be read",
    label = "does not implement `Deserialize`",
    note = "add `#[derive(serde::Deserialize)]` to `{Self}`; it owns what it reads"
)]
pub trait OldShape: Sized {
    fn read_json(json: &[u8]) -> Result<Self, serde_json::Error>;
}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned> OldShape for T {
    fn read_json(json: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(json)
    }
}

/// Reads the shape of version `N`, whose fields have names, and takes it through the chain.
#[doc(hidden)]
pub fn upcast<E: Upcast<N>, const N: u32>(
    schema: EventSchema,
    json: &[u8],
) -> Result<E, DecodeError>
where
    Shape<E, N>: OldShape,
{
    if is_array(json) {
        return Err(by_place(schema, N));
    }
    upcast_unnamed::<E, N>(schema, json)
}

/// Reads the shape of version `N`, which may be an array, and takes it through the chain.
#[doc(hidden)]
pub fn upcast_unnamed<E: Upcast<N>, const N: u32>(
    schema: EventSchema,
    json: &[u8],
) -> Result<E, DecodeError>
where
    Shape<E, N>: OldShape,
{
    upcast_by(schema, N, json, E::upcast)
}

/// Reads an older shape and takes it through a chain that begins in a function: it was written by hand, and may be more
/// private than a shape with a name of ours.
#[doc(hidden)]
pub fn upcast_by<V: OldShape, E>(
    schema: EventSchema,
    version: u32,
    json: &[u8],
    chain: fn(V) -> Result<E, UpcastError>,
) -> Result<E, DecodeError> {
    let old = match V::read_json(json) {
        Ok(old) => old,
        Err(source) => return Err(misfit(schema, version, source)),
    };
    match chain(old) {
        Ok(event) => Ok(event),
        Err(error) => Err(misstep(schema, version, error)),
    }
}

impl<P> std::fmt::Debug for Json<P> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Json").finish_non_exhaustive()
    }
}
