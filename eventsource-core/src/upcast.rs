//! The older shapes of events and values, and how a value of one becomes a value of today.
//!
//! The derives write a hidden struct for each older shape and a function for each step; what they call is here.

use std::{error::Error, fmt, sync::Arc};

use crate::payload_error::PayloadError;

/// What `Self` looked like at schema version `N`; written by the derives for each version that is read, but for those
/// that are written by hand: `vN = Path` has a name already, and may be more private than `Self` is.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no generated shape of version {N}",
    label = "no such version",
    note = "the versions of a type go from 1, or from its `oldest`, to the `version` in its `#[event(..)]`; a shape given as `vN = Path` is called by its path"
)]
pub trait AtVersion<const N: u32> {
    /// The shape: a hidden struct or enum, or `Self` at today's version.
    type Shape;
}

/// The shape that `T` had at schema version `N`, under a name that can be written.
///
/// ```
/// use eventsource_core::{Shape, prelude::*};
/// use serde::{Deserialize, Serialize};
///
/// /// What version 1 stored, written out by hand.
/// #[derive(Deserialize)]
/// struct OpenedV1 {
///     full_name: String,
/// }
///
/// #[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
/// #[event(name = "account.opened", version = 3, v1 = OpenedV1)]
/// struct Opened {
///     first: String,
///     last: String,
///     #[event(since = 3)]
///     tier: Option<u8>,
/// }
///
/// // The shape of version 2 is generated; this is the step that leads to it.
/// impl From<OpenedV1> for Shape<Opened, 2> {
///     fn from(old: OpenedV1) -> Self {
///         let (first, last) = old.full_name.split_once(' ').unwrap_or((&old.full_name, ""));
///         Self { first: first.to_owned(), last: last.to_owned() }
///     }
/// }
///
/// let opened = Opened::decode(1, br#"{"full_name":"Ada Lovelace"}"#)?;
/// assert_eq!(opened.last, "Lovelace");
/// # Ok::<(), eventsource_core::DecodeError>(())
/// ```
pub type Shape<T, const N: u32> = <T as AtVersion<N>>::Shape;

/// How a value of an older version becomes one of today: the steps from `N` on. Written by the derives for each version
/// below today's.
#[doc(hidden)]
pub trait Upcast<const N: u32>: AtVersion<N> + Sized {
    fn upcast(old: Shape<Self, N>) -> Upcasted<Self>;
}

/// What comes of it.
#[doc(hidden)]
pub type Upcasted<T> = Result<T, UpcastError>;

/// A value of an older shape could not be brought to a newer one.
///
/// The text names the type, the version and the field. The source is the error of the conversion, which is the user's
/// own; one of `serde_json` is a [`PayloadError`] here, which repeats no value. A copy shares it.
#[derive(Debug, Clone)]
pub struct UpcastError(Arc<Failed>);

#[derive(Debug)]
struct Failed {
    of: &'static str,
    to: u32,
    field: Option<&'static str>,
    source: Box<dyn Error + Send + Sync>,
}

impl UpcastError {
    /// The version that the step would have led to.
    pub fn to(&self) -> u32 {
        self.0.to
    }

    /// The field that could not be filled; `None` where a step was written by hand as a whole.
    pub fn field(&self) -> Option<&'static str> {
        self.0.field
    }

    pub(crate) fn into_source(self) -> Box<dyn Error + Send + Sync> {
        Arc::try_unwrap(self.0).map_or_else(
            |shared| Box::new(SharedSource(shared)) as _,
            |failed| failed.source,
        )
    }
}

impl fmt::Display for UpcastError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Failed { of, to, field, .. } = &*self.0;
        write!(f, "`{of}` cannot be brought to version {to}")?;
        field.map_or(Ok(()), |field| write!(f, ": field `{field}`"))
    }
}

impl Error for UpcastError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.0.source)
    }
}

/// The error of a conversion that a copy of its [`UpcastError`] has, too.
#[derive(Debug)]
struct SharedSource(Arc<Failed>);

impl fmt::Display for SharedSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.source.fmt(f)
    }
}

impl Error for SharedSource {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source.source()
    }
}

/// What a fallible conversion may give as its error. A trait of its own, for a message of its own.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the error of a conversion",
    label = "this conversion fails with `{Self}`",
    note = "implement `std::error::Error` for `{Self}`, with `Send` and `Sync`, or give a `String`"
)]
pub trait Refusal {
    fn into_source(self) -> Box<dyn Error + Send + Sync>;
}

#[diagnostic::do_not_recommend]
impl<E: Into<Box<dyn Error + Send + Sync>>> Refusal for E {
    fn into_source(self) -> Box<dyn Error + Send + Sync> {
        self.into()
    }
}

/// What a fallible conversion gave, with its place.
#[doc(hidden)]
pub fn tried<T, E: Refusal>(
    given: Result<T, E>,
    of: &'static str,
    to: u32,
    field: Option<&'static str>,
) -> Result<T, UpcastError> {
    given.map_err(|error| {
        let source = without_payload(error.into_source());
        UpcastError(Arc::new(Failed {
            of,
            to,
            field,
            source,
        }))
    })
}

/// A conversion may be serde's own: what it says would repeat the value.
#[cold]
fn without_payload(source: Box<dyn Error + Send + Sync>) -> Box<dyn Error + Send + Sync> {
    match source.downcast::<serde_json::Error>() {
        Ok(error) => Box::new(PayloadError::from(*error)),
        Err(other) => other,
    }
}

/// How an older value becomes a newer one where nothing else is said. A trait of its own, for a message of its own.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "nothing says how an old `{Self}` becomes a `{To}`",
    label = "older events stored a `{Self}` here",
    note = "add `with = path_or_closure`, `try_with = ..` if it can fail, or implement `From<{Self}> for {To}`"
)]
pub trait Carry<To> {
    fn carry(self) -> To;
}

#[diagnostic::do_not_recommend]
impl<T, To: From<T>> Carry<To> for T {
    fn carry(self) -> To {
        To::from(self)
    }
}

/// What fills a field that older values did not have, where nothing else is said.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "older events have no `{Self}` to fill in here",
    label = "added in a later version, but `{Self}` has no default",
    note = "add `default = value`, or `with = |old| ..` to compute it from the older event"
)]
pub trait Fill {
    fn fill() -> Self;
}

#[diagnostic::do_not_recommend]
impl<T: Default> Fill for T {
    fn fill() -> Self {
        T::default()
    }
}

/// How a hand-written shape and its neighbour become each other: `From`, or `TryFrom`.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "nothing says how a `{Self}` becomes a `{To}`, the shape of the next version",
    label = "no step leads on from here",
    note = "implement `From<{Self}>` for it, or `TryFrom` with an error that implements `std::error::Error`; a generated shape is called `Shape<Event, N>`"
)]
pub trait Step<To> {
    fn step(self, of: &'static str, to: u32) -> Result<To, UpcastError>;
}

#[diagnostic::do_not_recommend]
impl<T, To: TryFrom<T>> Step<To> for T
where
    To::Error: Into<Box<dyn Error + Send + Sync>>,
{
    fn step(self, of: &'static str, to: u32) -> Result<To, UpcastError> {
        tried(To::try_from(self), of, to, None)
    }
}
