//! A value as it was stored at an older version of its own type.

use std::{cmp, fmt, hash};

use serde::{Deserialize, Deserializer, de::Error};

use crate::upcast::{Shape, Upcast, UpcastError};

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
///
/// An event that got such a field later says what older events have in it: a value of today with [`of`](Self::of), or
/// one of the older shape with [`from_shape`](Self::from_shape). Two of them compare as their values of today do; those
/// that could not be brought to today are equal, and come last.
#[derive(Clone)]
pub struct Past<T, const N: u32>(Result<T, UpcastError>);

impl<T, const N: u32> Past<T, N> {
    /// A value of today, where one of version `N` is asked for: to fill a field that older events did not have, or in a
    /// step that makes one value of several.
    ///
    /// ```
    /// use eventsource_core::{Past, Schema, prelude::*};
    /// use serde::{Deserialize, Serialize};
    ///
    /// #[derive(Debug, Serialize, Deserialize, Schema)]
    /// #[event(version = 2)]
    /// struct Address {
    ///     street: String,
    ///     #[event(since = 2)]
    ///     country: String,
    /// }
    ///
    /// // Version 1 had no address, version 2 one without a country.
    /// #[derive(Debug, Serialize, Deserialize, Event)]
    /// #[event(name = "customer.moved", version = 3, had(country: String, before = 2))]
    /// struct Moved {
    ///     #[event(since = 2, with = |old| Past::of(Address { street: String::new(), country: old.country.clone() }))]
    ///     #[event(nested = 2, was(_: Past<Address, 1>, before = 3))]
    ///     to: Address,
    /// }
    ///
    /// assert_eq!(Moved::decode(1, br#"{"country":"CZ"}"#)?.to.country, "CZ");
    /// # Ok::<(), eventsource_core::DecodeError>(())
    /// ```
    pub const fn of(today: T) -> Self {
        Self(Ok(today))
    }

    /// A value of the shape of version `N`, taken through the steps of its own history.
    ///
    /// A step that fails is kept: reading the event then ends in [`DecodeError::Step`](crate::DecodeError::Step).
    ///
    /// ```
    /// use eventsource_core::{Past, Schema, Shape, prelude::*};
    /// use serde::{Deserialize, Serialize};
    ///
    /// #[derive(Debug, Serialize, Deserialize, Schema)]
    /// #[event(version = 2)]
    /// struct Address {
    ///     street: String,
    ///     #[event(since = 2, with = |old| old.street.len())]
    ///     length: usize,
    /// }
    ///
    /// let past: Past<Address, 1> = Past::from_shape(Shape::<Address, 1> { street: "Main St".to_owned() });
    /// assert_eq!(past.today()?.length, 7);
    /// # Ok::<(), eventsource_core::UpcastError>(())
    /// ```
    pub fn from_shape(old: Shape<T, N>) -> Self
    where
        T: Upcast<N>,
    {
        Self(T::upcast(old))
    }

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

impl<T: Default, const N: u32> Default for Past<T, N> {
    fn default() -> Self {
        Self::of(T::default())
    }
}

impl<T: PartialEq, const N: u32> PartialEq for Past<T, N> {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_ref().ok() == other.0.as_ref().ok()
    }
}

impl<T: Eq, const N: u32> Eq for Past<T, N> {}

impl<T: PartialOrd, const N: u32> PartialOrd for Past<T, N> {
    fn partial_cmp(&self, other: &Self) -> Option<cmp::Ordering> {
        self.comparable().partial_cmp(&other.comparable())
    }
}

impl<T: Ord, const N: u32> Ord for Past<T, N> {
    fn cmp(&self, other: &Self) -> cmp::Ordering {
        self.comparable().cmp(&other.comparable())
    }
}

impl<T: hash::Hash, const N: u32> hash::Hash for Past<T, N> {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.0.as_ref().ok().hash(state);
    }
}

impl<T, const N: u32> Past<T, N> {
    /// `Ok` is below `Err`.
    fn comparable(&self) -> Result<&T, ()> {
        self.0.as_ref().map_err(|_| ())
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

/// A version that a value never had, or has no more. That it is asked for is a compile error, so this is not met.
#[doc(hidden)]
#[cold]
pub fn no_version<E: Error>(of: &str, version: u32) -> E {
    E::custom(format_args!("`{of}` is not read at version {version}"))
}

/// Reads a value that was stored at one of its versions. Written by `#[derive(Schema)]`.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no versions of its own",
    label = "not a versioned value",
    note = "add `#[derive(eventsource_core::Schema)]` to `{Self}`"
)]
pub trait Versioned: Sized {
    /// The version of today.
    const VERSION: u32;
    /// The oldest version that is read.
    const OLDEST: u32 = 1;

    fn read_at<'de, D: Deserializer<'de>>(
        version: u32,
        deserializer: D,
    ) -> Result<Result<Self, UpcastError>, D::Error>;
}
