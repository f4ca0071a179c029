//! The checked texts of the envelope: category, event name, actor, append key, tag. Each is a type of its own, cheap to
//! clone, and refuses what no store could keep.

use std::{borrow::Borrow, fmt, hash, ops::Deref, sync::Arc};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::id::CommandId;

/// A text that is cheap to clone: a literal, or shared.
#[derive(Clone)]
pub(crate) enum Text {
    Static(&'static str),
    Shared(Arc<str>),
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Self::Static(text) => text,
            Self::Shared(text) => text,
        }
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::Shared(text.into())
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self::Shared(text.into())
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Text {}

impl PartialOrd for Text {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Text {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (**self).cmp(&**other)
    }
}

impl hash::Hash for Text {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

/// A text was refused before anything was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TextError {
    /// The text is empty.
    #[error("{what} cannot be empty")]
    Empty {
        /// What the text was to be.
        what: &'static str,
    },
    /// The text is longer than every store accepts.
    #[error("{what} cannot be longer than {limit} bytes, this one has {actual}")]
    TooLong {
        /// What the text was to be.
        what: &'static str,
        /// The greatest length, in bytes.
        limit: usize,
        /// The length of the text, in bytes.
        actual: usize,
    },
    /// The text has a character that cannot stand there.
    #[error("{what} cannot contain {character:?}; {allowed}")]
    Character {
        /// What the text was to be.
        what: &'static str,
        /// The first such character.
        character: char,
        /// What may stand there.
        allowed: &'static str,
    },
}

/// The rule of one kind of text.
pub(crate) struct Rule {
    pub(crate) what: &'static str,
    pub(crate) limit: usize,
    pub(crate) allows: fn(char) -> bool,
    pub(crate) allowed: &'static str,
}

impl Rule {
    pub(crate) fn check(&self, text: &str) -> Result<(), TextError> {
        let what = self.what;
        if text.is_empty() {
            return Err(TextError::Empty { what });
        }
        if text.len() > self.limit {
            return Err(TextError::TooLong {
                what,
                limit: self.limit,
                actual: text.len(),
            });
        }
        match text.chars().find(|c| !(self.allows)(*c)) {
            Some(character) => Err(TextError::Character {
                what,
                character,
                allowed: self.allowed,
            }),
            None => Ok(()),
        }
    }
}

/// Letters, digits, `.`, `_` and `-`: what a stored name may be made of.
fn in_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')
}

fn in_category(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_')
}

/// Anything but NUL, which some engines cut a text at.
pub(crate) fn not_nul(c: char) -> bool {
    c != '\0'
}

macro_rules! text_types {
    ($($(#[$doc:meta])* $name:ident: $what:literal, up to $limit:literal, $allows:path, $allowed:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Text);

        impl $name {
            /// The greatest length, in bytes of UTF-8.
            pub const MAX_BYTES: usize = $limit;

            const RULE: Rule = Rule { what: $what, limit: $limit, allows: $allows, allowed: $allowed };

            #[doc = concat!("Checks a text and makes it ", $what, ".")]
            ///
            /// # Errors
            ///
            /// [`TextError`] when it is empty, longer than [`Self::MAX_BYTES`], or has a character that cannot stand
            /// there.
            pub fn new(text: impl Into<String>) -> Result<Self, TextError> {
                let text = text.into();
                Self::RULE.check(&text)?;
                Ok(Self(text.into()))
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&*self.0, f)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                &*self.0 == other
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                &*self.0 == *other
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::new(String::deserialize(deserializer)?).map_err(de::Error::custom)
            }
        }

        impl std::str::FromStr for $name {
            type Err = TextError;

            fn from_str(text: &str) -> Result<Self, TextError> {
                Self::new(text)
            }
        }

        impl TryFrom<&str> for $name {
            type Error = TextError;

            fn try_from(text: &str) -> Result<Self, TextError> {
                Self::new(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = TextError;

            fn try_from(text: String) -> Result<Self, TextError> {
                Self::new(text)
            }
        }
    )*};
}

text_types! {
    /// The kind of a stream: the part of its name that all streams of one aggregate share. Letters, digits, `.` and
    /// `_`; no `-`, which ends it in a stream's name.
    Category: "a category", up to 64, in_category, "use letters, digits, `.` and `_`";

    /// The stored name of an event. Letters, digits, `.`, `_` and `-`.
    EventName: "an event name", up to 128, in_name, "use letters, digits, `.`, `_` and `-`";

    /// Who caused an event: a user, a service. Any text without NUL.
    Actor: "an actor", up to 255, not_nul, "use any text without NUL";

    /// The key of one append: a retry with the same key and content is answered with the first receipt, for ever. Any
    /// text without NUL.
    AppendKey: "an append key", up to 255, not_nul, "use any text without NUL";

    /// The name of a projection or a reaction. Letters, digits, `.`, `_` and `-`.
    ProjectionName: "the name of a projection", up to 64, in_name, "use letters, digits, `.`, `_` and `-`";

    /// What a lease is for. Any text without NUL.
    LeaseName: "the name of a lease", up to 255, not_nul, "use any text without NUL";

    /// Who holds a lease: one process among others. Any text without NUL.
    LeaseHolder: "the holder of a lease", up to 255, not_nul, "use any text without NUL";

    /// A text by which events of several streams can be found. Any text without NUL.
    Tag: "a tag", up to 255, not_nul, "use any text without NUL";
}

impl Category {
    /// The category of an aggregate.
    ///
    /// # Errors
    ///
    /// [`TextError`] where the aggregate was written by hand with a name that cannot be stored; the derive has checked
    /// it.
    pub fn of<A: crate::Aggregate>() -> Result<Self, TextError> {
        Self::written(A::CATEGORY)
    }

    /// A category that stands in the code.
    pub(crate) fn written(name: &'static str) -> Result<Self, TextError> {
        Self::RULE.check(name)?;
        Ok(Self(Text::Static(name)))
    }
}

impl EventName {
    /// The stored name of a schema.
    ///
    /// # Errors
    ///
    /// [`TextError`] where the event was written by hand with a name that cannot be stored; the derive has checked it.
    pub fn of(schema: crate::EventSchema) -> Result<Self, TextError> {
        Self::RULE.check(schema.name)?;
        Ok(Self(Text::Static(schema.name)))
    }
}

impl AppendKey {
    /// The key of a command by its id.
    pub(crate) fn of_command(id: CommandId) -> Self {
        Self(format!("command:{}", id.as_uuid()).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_accepted_and_one_more_is_refused() {
        assert!(EventName::new("n".repeat(128)).is_ok());
        assert_eq!(
            EventName::new("n".repeat(129)),
            Err(TextError::TooLong {
                what: "an event name",
                limit: 128,
                actual: 129
            })
        );
        assert_eq!(Actor::new(""), Err(TextError::Empty { what: "an actor" }));
    }

    #[test]
    fn a_character_that_no_store_keeps_is_named() {
        let refused = Category::new("account-x").expect_err("`-` ends the category");
        assert_eq!(
            refused.to_string(),
            "a category cannot contain '-'; use letters, digits, `.` and `_`"
        );
        assert!(AppendKey::new("a\0b").is_err());
        assert!(Tag::new("v\u{11b}c: 'x' OR '1'='1'").is_ok());
    }
}
