//! Typed ids of aggregates, and their text form inside a stream's name.

use std::{borrow::Cow, fmt};

use uuid::Uuid;

use crate::stream::StreamIdError;

/// The id of an aggregate: a newtype over `String`, [`Uuid`] or an integer, by `#[derive(AggregateId)]`.
///
/// The text form names the stream, so it must be injective: two ids never share a text, and each text has one id. That
/// is checked each time an id becomes a stream's name, so that an id written by hand cannot merge two streams.
///
/// ```
/// use eventsource_core::prelude::*;
///
/// #[derive(Debug, Clone, PartialEq, Eq, AggregateId)]
/// struct AccountId(u64);
///
/// assert_eq!(AccountId(576).to_text(), "576");
/// assert_eq!(AccountId::from_text("576").unwrap(), AccountId(576));
/// assert!(AccountId::from_text("0576").is_err());
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the id of an aggregate",
    label = "not an aggregate id",
    note = "add `#[derive(Debug, Clone, PartialEq, Eq, AggregateId)]` to a newtype over `String`, `Uuid` or an integer"
)]
pub trait AggregateId: Clone + Eq + fmt::Debug + Send + Sync + 'static {
    /// The text form.
    fn to_text(&self) -> Cow<'_, str>;

    /// The id of a text form.
    ///
    /// # Errors
    ///
    /// [`AggregateIdError`] when no id has this text form, also when another spelling of it has one.
    fn from_text(text: &str) -> Result<Self, AggregateIdError>;
}

/// An id does not name a stream; nothing was read or written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AggregateIdError {
    /// The text is not the text form of any such id.
    #[error("`{text}` is not the text of {expected}")]
    Text {
        /// The text.
        text: String,
        /// What it was to be.
        expected: &'static str,
    },
    /// The text form does not lead back to the id, so that two ids could share one stream.
    #[error(
        "the id `{id}` has the text `{text}`, which does not lead back to it: two ids could share one stream"
    )]
    NotInjective {
        /// The id, as its `Debug` shows it.
        id: String,
        /// Its text form.
        text: String,
    },
    /// The text form cannot stand in a stream's name.
    #[error("the id cannot stand in the name of a stream")]
    Stream(#[from] StreamIdError),
}

/// The text of an id, after checking that it leads back to the id.
pub(crate) fn checked_text<I: AggregateId>(id: &I) -> Result<Cow<'_, str>, AggregateIdError> {
    let text = id.to_text();
    match I::from_text(&text) {
        Ok(back) if back == *id && *back.to_text() == *text => Ok(text),
        _ => Err(not_injective(id, &text)),
    }
}

#[cold]
fn not_injective(id: &dyn fmt::Debug, text: &str) -> AggregateIdError {
    AggregateIdError::NotInjective {
        id: format!("{id:?}"),
        text: text.to_owned(),
    }
}

/// The text form of the type inside a derived id.
#[doc(hidden)]
pub struct IdText<I> {
    pub write: fn(&I) -> Cow<'_, str>,
    pub read: fn(&str) -> Result<I, AggregateIdError>,
}

/// Asks the inner type for its text form once, so that one that has none is one error.
#[doc(hidden)]
pub const fn id_text<I: AggregateId>() -> IdText<I> {
    IdText {
        write: I::to_text,
        read: I::from_text,
    }
}

impl<I> fmt::Debug for IdText<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdText").finish_non_exhaustive()
    }
}

impl AggregateId for String {
    fn to_text(&self) -> Cow<'_, str> {
        Cow::Borrowed(self)
    }

    fn from_text(text: &str) -> Result<Self, AggregateIdError> {
        Ok(text.to_owned())
    }
}

/// Only the spelling that writing gives is read, so that `07` and `+7` are no second names of `7`.
fn canonical<T: std::str::FromStr + ToString>(
    text: &str,
    expected: &'static str,
) -> Result<T, AggregateIdError> {
    match text.parse::<T>() {
        Ok(value) if value.to_string() == text => Ok(value),
        _ => Err(AggregateIdError::Text {
            text: text.to_owned(),
            expected,
        }),
    }
}

impl AggregateId for Uuid {
    fn to_text(&self) -> Cow<'_, str> {
        Cow::Owned(self.to_string())
    }

    fn from_text(text: &str) -> Result<Self, AggregateIdError> {
        canonical(text, "a UUID in its hyphenated lower-case form")
    }
}

macro_rules! integers {
    ($($integer:ty)*) => {$(
        impl AggregateId for $integer {
            fn to_text(&self) -> Cow<'_, str> {
                Cow::Owned(self.to_string())
            }

            fn from_text(text: &str) -> Result<Self, AggregateIdError> {
                canonical(text, concat!("a decimal integer within the range of `", stringify!($integer), "`"))
            }
        }
    )*};
}
integers! { u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize }

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_canonical_text_of_an_integer_is_read() {
        assert_eq!(u64::from_text("7"), Ok(7));
        assert_eq!(i64::from_text("-7"), Ok(-7));
        for other in ["07", "+7", " 7", "7 ", "-0", "", "256"] {
            assert!(u8::from_text(other).is_err(), "{other:?}");
        }
    }

    #[test]
    fn only_the_canonical_text_of_a_uuid_is_read() {
        let text = "0192d3f4-6a70-7d2e-8f5a-1b2c3d4e5f60";
        assert_eq!(
            Uuid::from_text(text).map(|id| id.to_string()).as_deref(),
            Ok(text)
        );
        assert!(Uuid::from_text(&text.to_uppercase()).is_err());
        assert!(Uuid::from_text(&text.replace('-', "")).is_err());
    }

    #[test]
    fn an_id_that_would_share_a_stream_with_another_is_refused() {
        #[derive(Debug, Clone, PartialEq, Eq)]
        struct Careless(String);
        impl AggregateId for Careless {
            fn to_text(&self) -> Cow<'_, str> {
                Cow::Owned(self.0.to_lowercase())
            }
            fn from_text(text: &str) -> Result<Self, AggregateIdError> {
                Ok(Self(text.to_owned()))
            }
        }
        assert!(checked_text(&Careless("ann".to_owned())).is_ok());
        let two = Careless("Ann".to_owned());
        let refused = checked_text(&two);
        assert!(matches!(
            refused,
            Err(AggregateIdError::NotInjective { .. })
        ));
    }
}
