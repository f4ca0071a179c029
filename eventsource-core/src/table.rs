//! The closed table of an aggregate: which stored name leads to which event, at which schema versions. Every read of a
//! stored event goes through it; the derive fills it, and checks at compile time that no name leads to two events.

use std::fmt;

use crate::{
    codec::{DecodeError, EncodeError, name_of_other_version, unknown_version},
    event::{Event, EventSchema, StoredName},
    message::{Message, same_text},
    parts::Parts,
};

/// An event that an aggregate reads: one of its list, or a retired one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct KnownEvent {
    /// Its stored name and schema version today.
    pub schema: EventSchema,
    /// Every stored name that it has had, with the schema versions of each.
    pub names: &'static [StoredName],
    /// The oldest schema version that is read; older ones are known, and refused.
    pub oldest: u32,
    /// Whether it is retired: still read, as other events or as none, and never written again.
    pub retired: bool,
}

/// What the enum of an aggregate needs of one of its events.
#[doc(hidden)]
pub struct EventOf<E> {
    pub schema: EventSchema,
    pub names: &'static [StoredName],
    pub oldest: u32,
    pub encode: fn(&E, &mut Vec<u8>) -> Result<(), EncodeError>,
    pub decode: fn(u32, &[u8]) -> Result<E, DecodeError>,
}

/// Asks once whether a type is an event, so that one that is none is one error.
#[doc(hidden)]
pub const fn event_of<E: Event>() -> EventOf<E> {
    EventOf {
        schema: E::SCHEMA,
        names: E::NAMES,
        oldest: E::OLDEST,
        encode: E::encode,
        decode: E::decode,
    }
}

impl<E> EventOf<E> {
    /// The event as a row of the table.
    pub const fn listed(&self) -> KnownEvent {
        let (schema, names) = (self.schema, self.names);
        KnownEvent {
            schema,
            names,
            oldest: self.oldest,
            retired: false,
        }
    }

    /// The event as a row of the table, read but not written.
    pub const fn retired(&self) -> KnownEvent {
        let (schema, names) = (self.schema, self.names);
        KnownEvent {
            schema,
            names,
            oldest: self.oldest,
            retired: true,
        }
    }

    /// Whether the event is, or ever was, stored under this name.
    #[inline]
    pub fn is_named(&self, name: &str) -> bool {
        // Most events have had one name. The constant is known where this is used, so that they pay nothing for it.
        name == self.schema.name
            || self.names.len() > 1 && self.names.iter().any(|stored| stored.name == name)
    }

    /// Reads the event, which was stored under one of its names.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] when the version was not stored under that name, is unknown, or the payload does not have its
    /// shape.
    #[inline]
    pub fn read(&self, name: &str, version: u32, payload: &[u8]) -> Result<E, DecodeError> {
        if self.names.len() > 1 {
            belong_together(self.schema, self.names, name, version)?;
        }
        (self.decode)(version, payload)
    }

    /// Shows an event as it shows itself, or by its stored name where it cannot.
    ///
    /// # Errors
    ///
    /// When the formatter fails.
    pub fn debug(
        &self,
        show: Option<fn(&E, &mut fmt::Formatter<'_>) -> fmt::Result>,
        event: &E,
        f: &mut fmt::Formatter<'_>,
    ) -> fmt::Result {
        match show {
            Some(show) => show(event, f),
            None => f.write_str(self.schema.name),
        }
    }
}

impl<E> fmt::Debug for EventOf<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventOf")
            .field("schema", &self.schema)
            .finish_non_exhaustive()
    }
}

/// An old name with a new version, or the reverse, was written by nobody: it is damage, or another event.
fn belong_together(
    schema: EventSchema,
    names: &'static [StoredName],
    name: &str,
    version: u32,
) -> Result<(), DecodeError> {
    let mut other = None;
    for stored in names.iter().filter(|stored| stored.name == name) {
        if (stored.first..=stored.last).contains(&version) {
            return Ok(());
        }
        other = Some(*stored);
    }
    match other {
        // A version that this build does not know may have any name.
        Some(stored) if !(1..=schema.version).contains(&version) => {
            let EventSchema { version: known, .. } = schema;
            let name = stored.name;
            Err(unknown_version(
                EventSchema {
                    name,
                    version: known,
                },
                version,
            ))
        }
        Some(stored) => Err(name_of_other_version(schema.name, stored, version)),
        None => Ok(()),
    }
}

/// What a retired event becomes: any list of today's events, also an empty one.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`into` gives a list of `{E}`, not `{Self}`",
    label = "not a list of `{E}`",
    note = "give an array, a `Vec` or an `Option` of `{E}`: `[{E}::from(one), {E}::from(another)]`, or `[]` to drop the event"
)]
pub trait Successors<E> {
    fn into_parts(self) -> Parts<E>;
}

#[diagnostic::do_not_recommend]
impl<E, I: IntoIterator<Item = E>> Successors<E> for I {
    fn into_parts(self) -> Parts<E> {
        self.into_iter().collect()
    }
}

/// Turns a retired event into what it is today. The event comes first, so that a closure after it knows its type.
#[doc(hidden)]
pub fn retire<O, E, S: Successors<E>>(old: O, into: fn(O) -> S) -> Parts<E> {
    into(old).into_parts()
}

/// Refuses at compile time that the event at `index` has had a stored name of an earlier one. `written` are the events
/// as they are written in the list.
///
/// # Panics
///
/// When it has: stored payloads of the one would be read as the other.
#[doc(hidden)]
#[track_caller]
pub const fn differs_from_earlier(table: &[KnownEvent], written: &[&str], index: usize) {
    let mut at = 0;
    while at < index {
        if let Some(name) = common_name(table[at].names, table[index].names) {
            let mut message = Message::EMPTY;
            message.add("`");
            message.add(written[at]);
            message.add("` and `");
            message.add(written[index]);
            message.add("` are both stored under the name \"");
            message.add(name);
            message.add("\"");
            panic!("{}", message.text());
        }
        at += 1;
    }
}

/// Refuses at compile time that the retired event at `index` has another stored name than `retired(..)` says, or one of
/// another event.
///
/// # Panics
///
/// When it has.
#[doc(hidden)]
#[track_caller]
pub const fn retired_as(table: &[KnownEvent], written: &[&str], index: usize, name: &str) {
    let stored = table[index].schema.name;
    if !same_text(stored, name) {
        let mut message = Message::EMPTY;
        message.add("the retired event `");
        message.add(written[index]);
        message.add("` is stored under the name \"");
        message.add(stored);
        message.add("\", not \"");
        message.add(name);
        message.add("\"");
        panic!("{}", message.text());
    }
    differs_from_earlier(table, written, index);
}

const fn common_name(some: &[StoredName], others: &[StoredName]) -> Option<&'static str> {
    let mut i = 0;
    while i < some.len() {
        let mut j = 0;
        while j < others.len() {
            if same_text(some[i].name, others[j].name) {
                return Some(some[i].name);
            }
            j += 1;
        }
        i += 1;
    }
    None
}
