//! A value as it was stored at an older version of its own type.

use std::fmt;

use serde::{Deserialize, Deserializer, de::Error};

use crate::upcast::UpcastError;

/// In stored bytes a `T` at its schema version `N`; in memory a `T` of today.
///
/// An event that holds a versioned value says with it what it held before the value's type moved on. Nothing in the
/// payload tells the version of a part: the version of the event does.
///
/// ```
/// use eventsource_core::{Past, Schema, prelude::*};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Debug, Serialize, Deserialize, Schema)]
/// #[event(version = 2)]
/// struct Address {
///     street: String,
///     #[event(since = 2, default = "none".to_owned())]
///     zip: String,
/// }
///
/// #[derive(Debug, Serialize, Deserialize, Event)]
/// #[event(name = "customer.moved", version = 2)]
/// struct Moved {
///     #[event(nested = 2, was(_: Vec<Past<Address, 1>>, before = 2))]
///     to: Vec<Address>,
/// }
///
/// let moved = Moved::decode(1, br#"{"to":[{"street":"Main St"}]}"#)?;
/// assert_eq!(moved.to[0].zip, "none");
/// # Ok::<(), eventsource_core::DecodeError>(())
/// ```
pub struct Past<T, const N: u32>(Result<T, UpcastError>);

impl<T, const N: u32> Past<T, N> {
    /// The value of today.
    ///
    /// # Errors
    ///
    /// [`UpcastError`] when a step of the value's own history failed.
    pub fn today(self) -> Result<T, UpcastError> {
        self.0
    }

    /// A look at the value of today.
    ///
    /// # Errors
    ///
    /// [`UpcastError`] when a step of the value's own history failed.
    pub fn as_today(&self) -> Result<&T, &UpcastError> {
        self.0.as_ref()
    }
}

impl<T: fmt::Debug, const N: u32> fmt::Debug for Past<T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Past").field(&self.0).finish()
    }
}

impl<'de, T: Versioned, const N: u32> Deserialize<'de> for Past<T, N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::read_at(N, deserializer).map(Self)
    }
}

/// A value between two of its versions is in memory what it is today, so it need not be converted.
#[doc(hidden)]
pub fn later<T, const N: u32, const M: u32>(past: Past<T, N>) -> Past<T, M> {
    Past(past.0)
}

/// A version that a value never had. That it is asked for is a compile error, so this is not met.
#[doc(hidden)]
#[cold]
pub fn no_version<E: Error>(of: &str, version: u32) -> E {
    E::custom(format_args!("`{of}` never had a version {version}"))
}

/// Reads a value that was stored at one of its versions. Written by `#[derive(Schema)]`.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no versions of its own",
    label = "not a versioned value",
    note = "add `#[derive(eventsource_core::Schema)]` to `{Self}`"
)]
pub trait Versioned: Sized {
    fn read_at<'de, D: Deserializer<'de>>(
        version: u32,
        deserializer: D,
    ) -> Result<Result<Self, UpcastError>, D::Error>;
}
