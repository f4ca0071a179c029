//! What expansions of the derives may name. Not part of the public interface: it changes in any release.

pub use core::{
    any::Any,
    clone::Clone,
    cmp::Eq,
    convert::{From, Infallible},
    default::Default,
    fmt::{Debug, Formatter, Result as FmtResult},
    marker::{PhantomData, Send, Sync},
    option::Option::{self, None, Some},
    primitive::{str, u8, u32, u64},
    result::Result::{self, Err, Ok},
};
pub use std::{borrow::Cow, string::String, vec::Vec};

/// For the derives of serde on the older shapes.
pub use serde;
pub use serde::{Deserialize, Deserializer, de::DeserializeOwned};

use crate::{
    aggregate::{Aggregate, FoldError},
    describe::described,
    event::{Event, EventSchema, Payload},
    events::Lists,
    message::{Message, same_text},
    projection::{Project, ProjectAsync, ProjectIn, React, ReadModel, Table},
    schema::Schema,
    snapshot::Snapshot,
};
pub use crate::{
    aggregate::{ReplayError, Replayed, replay_parts},
    aggregate_id::{IdText, id_text},
    codec::{
        Json, OldShape, json, too_old, unknown_name, unknown_version, upcast, upcast_by,
        upcast_unnamed,
    },
    describe::{Described, EventShape, History, Look, Shapes, VariantLook, Wire},
    each::Each,
    empty::Empty,
    events::{one, wrapped},
    past::{Versioned, later, no_version},
    projection::{
        derived::{AnyEvent, FromAggregate, NamedEvent, Taken},
        dispatch::{nothing, projected, reacted},
        tables::tables_have_names,
    },
    registry::About,
    schema::{Told, at_version, named, shape_of, shape_of_parts},
    snapshot::{
        Fingerprint, SnapshotCodecError,
        derived::{StateCodec, StoredAsJson, fingerprint, json_codec, state_codec},
    },
    table::{Asked, EventOf, Successors, differs_from_earlier, event_of, retire, retired_as},
    upcast::{Carry, Fill, Refusal, Step, Upcast, Upcasted, tried},
};

/// Compares two values.
pub type Same<T> = fn(&T, &T) -> bool;

/// What the concrete types of an aggregate can do beyond what is asked of them; found by probing, since generic code
/// cannot ask.
pub struct Abilities<A: Aggregate> {
    /// Copies a state.
    pub clone_state: Option<fn(&A) -> A>,
    /// Compares two states.
    pub eq_state: Option<fn(&A, &A) -> bool>,
    /// Shows a state.
    pub debug_state: Option<fn(&A, &mut Formatter<'_>) -> FmtResult>,
    /// Writes a state as JSON and reads it.
    pub json_state: Option<JsonState<A>>,
    /// Keeps a state as its own snapshot.
    pub snapshot: Option<SnapshotOf<A>>,
    /// Compares two events of the aggregate's enum.
    pub eq_event: fn(&A::Event, &A::Event) -> Option<bool>,
    /// Compares two refusals.
    pub eq_error: Option<Same<A::Error>>,
}

/// How a state is written as JSON and read.
#[derive(Debug)]
pub struct JsonState<T> {
    pub write: fn(&T, &mut Vec<u8>) -> Result<(), serde_json::Error>,
    pub read: fn(&[u8]) -> Result<T, serde_json::Error>,
}

/// What `Snapshot` says of a state.
#[derive(Debug)]
pub struct SnapshotOf<T> {
    pub fingerprint: Fingerprint,
    pub encode: fn(&T, &mut Vec<u8>) -> Result<(), SnapshotCodecError>,
    pub decode: fn(&[u8]) -> Result<T, SnapshotCodecError>,
}

impl<A: Aggregate> Debug for Abilities<A> {
    fn fmt(&self, f: &mut Formatter<'_>) -> FmtResult {
        f.debug_struct("Abilities")
            .field("clone_state", &self.clone_state.is_some())
            .field("eq_state", &self.eq_state.is_some())
            .field("debug_state", &self.debug_state.is_some())
            .field("json_state", &self.json_state.is_some())
            .field("snapshot", &self.snapshot.is_some())
            .field("eq_error", &self.eq_error.is_some())
            .finish_non_exhaustive()
    }
}

/// Asks a concrete type what it implements: an inherent constant wins over the trait's where its bound holds. A trait of
/// the user's may have constants for all types, so these are called as nobody else's are.
#[derive(Debug)]
pub struct Probe<T: ?Sized>(PhantomData<T>);

impl<T: Clone> Probe<T> {
    pub const __ES_CLONE: Option<fn(&T) -> T> = Some(T::clone);
}
impl<T: PartialEq> Probe<T> {
    pub const __ES_EQ: Option<fn(&T, &T) -> bool> = Some(T::eq);
}
impl<T: Debug> Probe<T> {
    pub const __ES_DEBUG: Option<fn(&T, &mut Formatter<'_>) -> FmtResult> = Some(<T as Debug>::fmt);
}

impl<T: Payload> Probe<T> {
    pub const __ES_JSON: Option<JsonState<T>> = Some(JsonState {
        write: T::write_json,
        read: T::read_json,
    });
}

impl<A: Lists<E>, E> Probe<(A, E)> {
    pub const __ES_LISTS: bool = true;
}
impl<P: Project<E>, E> Probe<(P, E)> {
    pub const __ES_PROJECTS: bool = true;
}
impl<P: ProjectIn<T, E>, T, E> Probe<(P, T, E)> {
    pub const __ES_PROJECTS_IN: bool = true;
}
impl<P: ProjectAsync<E>, E> Probe<(P, E)> {
    pub const __ES_PROJECTS_ASYNC: bool = true;
}
impl<R: React<E>, E> Probe<(R, E)> {
    pub const __ES_REACTS: bool = true;
}
impl<T: ReadModel> Probe<T> {
    pub const __ES_TABLES: Option<&'static [Table]> = Some(T::TABLES);
}

impl<T: Snapshot> Probe<T> {
    pub const __ES_SNAPSHOT: Option<SnapshotOf<T>> = Some(SnapshotOf {
        fingerprint: T::FINGERPRINT,
        encode: T::encode,
        decode: T::decode,
    });
}

/// The answers of a type that cannot.
pub trait Lacks<T> {
    const __ES_CLONE: Option<fn(&T) -> T> = None;
    const __ES_EQ: Option<fn(&T, &T) -> bool> = None;
    const __ES_DEBUG: Option<fn(&T, &mut Formatter<'_>) -> FmtResult> = None;
    const __ES_JSON: Option<JsonState<T>> = None;
    const __ES_SNAPSHOT: Option<SnapshotOf<T>> = None;
    const __ES_LISTS: bool = false;
    const __ES_PROJECTS: bool = false;
    const __ES_PROJECTS_IN: bool = false;
    const __ES_PROJECTS_ASYNC: bool = false;
    const __ES_REACTS: bool = false;
    const __ES_TABLES: Option<&'static [Table]> = None;
}
impl<T> Lacks<T> for Probe<T> {}

impl<T: Schema + ?Sized> Probe<T> {
    pub const __ES_TOLD: Option<u32> = Some(T::VERSION);
    pub const __ES_HOLDS: Described = Some(described::<T>);
    pub const __ES_LAYOUT: u64 = T::LAYOUT;
}

impl<T: Versioned> Probe<T> {
    pub const __ES_READ: Option<Versions> = Some(Versions {
        oldest: T::OLDEST,
        latest: T::VERSION,
    });
}

impl<T: Event> Probe<T> {
    pub const __ES_EVENT: Option<u32> = Some(T::SCHEMA.version);
}

/// The answers of a type that has no versions of its own.
pub trait Unversioned {
    const __ES_TOLD: Option<u32> = None;
    const __ES_READ: Option<Versions> = None;
    const __ES_HOLDS: Described = None;
    const __ES_LAYOUT: u64 = 0;
    const __ES_EVENT: Option<u32> = None;
}
impl<T: ?Sized> Unversioned for Probe<T> {}

/// The versions of a type.
#[derive(Debug, Clone, Copy)]
pub struct Versions {
    oldest: u32,
    latest: u32,
}

impl Versions {
    pub const fn up_to(latest: u32) -> Option<Self> {
        Some(Self { oldest: 1, latest })
    }

    /// A generic type tells its shape where its parameters do, and can be read where they cannot; a container is the
    /// other way round.
    pub const fn of(told: Option<u32>, read: Option<Self>) -> Option<Self> {
        match (told, read) {
            (Some(latest), None) => Self::up_to(latest),
            (_, read) => read,
        }
    }
}

/// How a state begins that no event creates. A trait of its own, for a message of its own.
#[diagnostic::on_unimplemented(
    message = "aggregate `{Self}` has no state to begin with",
    label = "does not implement `Default`",
    note = "add `#[derive(Default)]` to `{Self}`, or name the event that creates it: `#[aggregate(created_by = Opened)]`"
)]
pub trait Begin {
    fn begin() -> Self;
}

#[diagnostic::do_not_recommend]
impl<A: Default> Begin for A {
    fn begin() -> Self {
        A::default()
    }
}

/// Asks once how a state begins.
pub const fn begin<A: Begin>() -> fn() -> A {
    A::begin
}

/// Folds the event that creates a state.
pub fn create<A: Aggregate, E>(
    state: &mut Option<A>,
    event: EventSchema,
    create: fn(&E) -> A,
    payload: &E,
) -> Result<(), FoldError> {
    if state.is_some() {
        return Err(FoldError::AlreadyCreated {
            aggregate: A::CATEGORY,
            event: event.name,
        });
    }
    *state = Some(create(payload));
    Ok(())
}

/// The state for any other event than the one that creates it.
pub fn created<A: Aggregate>(
    state: &mut Option<A>,
    event: EventSchema,
    created_by: EventSchema,
) -> Result<&mut A, FoldError> {
    state.as_mut().ok_or(FoldError::NotCreated {
        aggregate: A::CATEGORY,
        event: event.name,
        created_by: created_by.name,
    })
}

/// Refuses at compile time that a value's type is at another version than its holder says.
///
/// # Panics
///
/// When it is: what was stored before would be read as the newer shape.
#[track_caller]
pub const fn held_at(versions: Option<Versions>, said: u32, what: &str, mend: &str) {
    let Some(Versions {
        latest: version, ..
    }) = versions
    else {
        return;
    };
    if version == said {
        return;
    }
    let mut message = Message::EMPTY;
    message.add(what);
    message.add(" is at version ");
    message.add_number(version);
    message.add(" of its own, not ");
    message.add_number(said);
    if version > said {
        message.add(mend);
    }
    panic!("{}", message.text());
}

/// Refuses at compile time an event in another value, when it is at a later version than its first: as what it was stored
/// before, nothing says.
///
/// # Panics
///
/// When it is: what was stored before would be read as the newer shape.
#[track_caller]
pub const fn holds_no_event(versions: Option<Versions>, event: Option<u32>, what: &str) {
    let Some(version) = event else { return };
    if versions.is_some() || version == 1 {
        return;
    }
    let mut message = Message::EMPTY;
    message.add(what);
    message.add(" is an event at version ");
    message.add_number(version);
    message.add(", and nothing says at which version one inside another value is: hold a struct that derives `Schema` and has this history");
    panic!("{}", message.text());
}

/// Refuses at compile time that a version is said where nothing has one.
///
/// # Panics
///
/// When nothing has.
#[track_caller]
pub const fn some_version(versions: &[Option<Versions>], field: &str) {
    let mut at = 0;
    while at < versions.len() {
        if versions[at].is_some() {
            return;
        }
        at += 1;
    }
    let mut message = Message::EMPTY;
    message.add("nothing in `");
    message.add(field);
    message.add("` has versions of its own, so `nested` says nothing: remove it, or derive `Schema` for the type");
    panic!("{}", message.text());
}

/// Refuses at compile time a version that a value's type never had, or is no longer read at.
///
/// # Panics
///
/// When it never had it, or the type says that it is too old.
#[track_caller]
pub const fn had_version(versions: Option<Versions>, past: u32, what: &str) {
    let Some(Versions { oldest, latest }) = versions else {
        return;
    };
    if past >= oldest && past <= latest {
        return;
    }
    let mut message = Message::EMPTY;
    message.add("`");
    message.add(what);
    if past >= 1 && past < oldest {
        message.add("` is no longer read at version ");
        message.add_number(past);
        message.add(": its `oldest` is ");
        message.add_number(oldest);
    } else {
        message.add("` never had a version ");
        message.add_number(past);
        message.add(": it is at version ");
        message.add_number(latest);
    }
    panic!("{}", message.text());
}

/// Refuses at compile time that a shape is another than the pinned one.
///
/// # Panics
///
/// When it is: stored payloads of this version have the pinned shape.
#[track_caller]
pub const fn pinned(shape: u64, pin: &str, what: &str, version: u32) {
    let is = crate::schema::pin(shape);
    let Ok(is) = str::from_utf8(&is) else { return };
    if same_text(is, pin) {
        return;
    }
    let mut message = Message::EMPTY;
    message.add("the shape of `");
    message.add(what);
    message.add("` at version ");
    message.add_number(version);
    message.add(" is ");
    message.add(is);
    message.add(", but was pinned as ");
    message.add(pin);
    message.add(": write `version = ");
    message.add_number(version + 1);
    message.add("` and say what the fields were before, or pin it anew if no version ");
    message.add_number(version);
    message.add(" was ever stored");
    panic!("{}", message.text());
}

/// The body of a stub, which stands beside an error and so never runs.
///
/// # Panics
///
/// Always.
pub fn stub<T>() -> T {
    unreachable!(
        "a stub stands beside an error of the derive, so nothing that compiles can call it"
    )
}
