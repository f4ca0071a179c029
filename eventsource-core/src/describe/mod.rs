//! The shapes of everything that this build reads: each event at each of its schema versions, and the values in it.
//!
//! A [`Registry`](crate::Registry) gives the description; the derives know what is in it. It is for tools that compare
//! shapes, such as the lock of `eventsource-testing`, and is made where it is asked for: nothing that runs in production
//! needs it.

mod history;
mod names;
mod told;

use std::{
    any::type_name,
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    fmt,
};

pub(crate) use history::described;
#[doc(hidden)]
pub use history::{Described, History, Look, VariantLook};
pub use names::of_field as field_name;

/// Every shape that a build reads.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Description {
    /// The events: one entry for each stored name with each of its schema versions.
    pub events: Vec<DescribedEvent>,
    /// The values in them that have versions of their own.
    pub types: BTreeMap<TypeVersion, DescribedType>,
    /// The stored names that each category reads.
    pub categories: BTreeMap<&'static str, BTreeSet<&'static str>>,
    /// The names and versions that are known and below the event's `oldest`, so that nothing reads them.
    pub too_old: BTreeSet<(&'static str, u32)>,
}

/// An event at one of its schema versions.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribedEvent {
    /// The stored name of that version.
    pub name: &'static str,
    /// The schema version.
    pub version: u32,
    /// The stored name of today.
    pub today: &'static str,
    /// The schema version of today.
    pub latest: u32,
    /// The Rust type, as it is called where it is declared.
    pub rust: &'static str,
    /// Whether the event is retired: read, and never written.
    pub retired: bool,
    /// The struct that was written by hand for this version (`v1 = OpenedV1`).
    pub by_hand: Option<&'static str>,
    /// The shape; [`Body::Unknown`] where `Event` is implemented by hand, which describes nothing.
    pub body: Body,
}

/// A type of values at one of its versions.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TypeVersion {
    /// The path of the type.
    pub path: String,
    /// The version, from 1.
    pub version: u32,
}

impl fmt::Display for TypeVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.path, self.version)
    }
}

/// A value with versions of its own, at one of them.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribedType {
    /// The Rust type, as it is called where it is declared.
    pub rust: &'static str,
    /// The version of today.
    pub latest: u32,
    /// The struct that was written by hand for this version (`v1 = PlaceV1`).
    pub by_hand: Option<&'static str>,
    /// The shape.
    pub body: Body,
}

/// How a struct or an enum lies in stored bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// A type that does not tell its shape: what it is called.
    Unknown(String),
    /// A shape that nothing can hold against another one: why, and what to do.
    Refused(String),
    /// A unit struct.
    Unit,
    /// A newtype, or values one after the other.
    Value {
        /// The Rust type, as it is written; several in parentheses.
        ty: String,
        /// What is stored.
        holds: Wire,
    },
    /// A struct with named fields.
    Fields(Vec<Field>),
    /// An enum.
    Variants {
        /// How the variant is told: nothing where its name is the key, or `tag "kind"`, `tag "kind" content "value"`,
        /// `untagged`.
        told: String,
        /// The variants.
        variants: Vec<Variant>,
    },
}

/// A field of a struct or a variant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// What it is called in Rust.
    pub name: String,
    /// What it is called in stored bytes.
    pub wire: String,
    /// The other names under which it is read.
    pub aliases: Vec<String>,
    /// Its Rust type, as it is written.
    pub ty: String,
    /// What is stored in it.
    pub holds: Wire,
    /// Whether its own fields stand in the place of it.
    pub flat: bool,
    /// Whether it may be left out where it is written.
    pub omitted: bool,
    /// Whether it may be missing where it is read.
    pub tolerated: bool,
}

/// A variant of an enum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variant {
    /// What it is called in Rust.
    pub name: String,
    /// What it is called in stored bytes.
    pub wire: String,
    /// The other names under which it is read.
    pub aliases: Vec<String>,
    /// Whether it is what any unknown variant is read as.
    pub other: bool,
    /// Whether it goes by no name, in an enum whose variants have names.
    pub untagged: bool,
    /// What it holds.
    pub body: Body,
}

/// What is stored of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wire {
    /// A type of std, or of a library that is known: what it is called.
    Plain(Cow<'static, str>),
    /// The shape of a type that implements `Schema` by hand.
    Shape(u64),
    /// A value that may be null.
    Option(Box<Self>),
    /// A list of any length.
    List(Box<Self>),
    /// A list of one length.
    Array(Box<Self>, usize),
    /// A map.
    Map(Box<Self>, Box<Self>),
    /// Values one after the other.
    Tuple(Vec<Self>),
    /// A value with versions of its own.
    Type(TypeVersion),
    /// `#[event(opaque)]`: goes by the name of its type, as it is written.
    Opaque(String),
    /// What functions or another type write and read: the attribute and the path of each, and the type's own form where it
    /// is known.
    By(Vec<(String, String)>, Box<Self>),
    /// The type does not tell: it does not implement `Schema`.
    Unknown,
}

impl Wire {
    /// Whether a value of it can be missing from stored bytes: `None` then.
    fn is_option(&self) -> bool {
        matches!(self, Self::Option(_))
    }
}

/// An event as it describes itself.
#[doc(hidden)]
#[derive(Debug)]
pub struct EventShape {
    pub(crate) rust: &'static str,
    pub(crate) by_hand: Option<&'static str>,
    pub(crate) body: Body,
}

/// The shapes of types that were met so far. A type that is met again, also within itself, goes by its name.
#[doc(hidden)]
#[derive(Debug, Default)]
pub struct Shapes {
    found: BTreeMap<TypeVersion, Option<DescribedType>>,
}

impl Shapes {
    /// A type with a history, at one of its versions.
    pub fn history<T: ?Sized>(&mut self, version: u32, history: &History<'_>) -> Wire {
        let key = TypeVersion {
            path: type_name::<T>().to_owned(),
            version,
        };
        if !self.found.contains_key(&key) {
            // Known from here on, so that a type within itself has an end.
            self.found.insert(key.clone(), None);
            let described = DescribedType {
                rust: history.rust(),
                latest: history.latest(),
                by_hand: history.by_hand(version),
                body: history.body(version, self),
            };
            self.found.insert(key.clone(), Some(described));
        }
        Wire::Type(key)
    }

    /// An event at one of its versions: its Rust name, and its shape.
    pub fn event(&mut self, version: u32, history: &History<'_>) -> EventShape {
        EventShape {
            rust: history.rust(),
            by_hand: history.by_hand(version),
            body: history.body(version, self),
        }
    }

    /// The shape of a type that was met.
    fn body(&self, key: &TypeVersion) -> Option<Body> {
        Some(self.found.get(key)?.as_ref()?.body.clone())
    }

    pub(crate) fn into_types(self) -> BTreeMap<TypeVersion, DescribedType> {
        let found = self.found.into_iter();
        found
            .filter_map(|(key, described)| Some((key, described?)))
            .collect()
    }
}
