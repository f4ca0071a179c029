//! What changes the fingerprint of a state, and what does not.

#![allow(
    dead_code,
    reason = "nothing is ever done with these states: their looks are compared"
)]

use std::{
    collections::{BTreeMap, HashMap, HashSet, VecDeque},
    convert::Infallible,
    sync::Arc,
};

use eventsource_core::{
    Fingerprint, Schema, Snapshot,
    prelude::*,
    snapshot::{JsonSnapshot, SnapshotCodec, SnapshotCodecError},
};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "shelf.filled")]
struct Filled;

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "shelf.emptied")]
struct Emptied;

/// A state in a module of its own, with the types in it.
macro_rules! shelf {
    ($name:ident: $board:ty; $($within:item)*) => {
        mod $name {
            #[allow(unused_imports, reason = "no state needs all of it")]
            use super::*;

            $(#[derive(Default, Serialize, Deserialize, Schema)] $within)*

            #[derive(Default, Serialize, Deserialize, Aggregate, Snapshot)]
            #[aggregate(name = "shelf", id = u64, error = Infallible, events(Filled))]
            pub(crate) struct Shelf {
                board: $board,
            }

            impl Apply<Filled> for Shelf {
                fn apply(&mut self, _: &Filled) {}
            }
        }
    };
}

/// The state of which these are variations: `Case` is two types deep in it.
const PLAIN: Fingerprint = plain::Shelf::FINGERPRINT;
shelf!(plain: Board; struct Board { cases: Vec<Case> } struct Case { books: u32, lent: u32 });

// Each differs in one thing.
shelf!(field_added: Board; struct Board { cases: Vec<Case> } struct Case { books: u32, lent: u32, dust: bool });
shelf!(field_removed: Board; struct Board { cases: Vec<Case> } struct Case { books: u32 });
shelf!(field_renamed: Board; struct Board { cases: Vec<Case> } struct Case { books: u32, away: u32 });
shelf!(field_retyped: Board; struct Board { cases: Vec<Case> } struct Case { books: u32, lent: i32 });
shelf!(fields_reordered: Board; struct Board { cases: Vec<Case> } struct Case { lent: u32, books: u32 });
shelf!(versioned: Board; struct Board { #[event(nested = 2)] cases: Vec<Case> } #[event(version = 2, step(2, with = |_| Case::default()))] struct Case { books: u32, lent: u32 });
shelf!(serde_rename: Board; struct Board { cases: Vec<Case> } struct Case { books: u32, #[serde(rename = "away")] lent: u32 });
shelf!(serde_rename_all: Board; struct Board { cases: Vec<Case> } #[serde(rename_all = "UPPERCASE")] struct Case { books: u32, lent: u32 });
shelf!(serde_skip: Board; struct Board { cases: Vec<Case> } struct Case { books: u32, #[serde(skip)] lent: u32 });
shelf!(serde_default: Board; struct Board { cases: Vec<Case> } struct Case { books: u32, #[serde(default)] lent: u32 });
shelf!(serde_omitted: Board; struct Board { cases: Vec<Case> } struct Case { books: u32, #[serde(default, skip_serializing_if = "is_zero")] lent: u32 });
shelf!(serde_flatten: Board; struct Board { #[serde(flatten)] cases: HashMap<String, Case> } struct Case { books: u32, lent: u32 });
shelf!(flat_not: Board; struct Board { cases: HashMap<String, Case> } struct Case { books: u32, lent: u32 });
shelf!(in_a_map: Board; struct Board { cases: HashMap<String, Vec<Case>> } struct Case { books: u32, lent: u32 });
shelf!(in_an_option: Board; struct Board { cases: Option<Vec<Case>> } struct Case { books: u32, lent: u32 });
shelf!(in_a_set: Board; struct Board { cases: HashSet<Case> } #[derive(PartialEq, Eq, Hash)] struct Case { books: u32, lent: u32 });
shelf!(by_functions: Board; struct Board { cases: Vec<Case> } struct Case { books: u32, #[serde(with = "in_words")] lent: u32 });
shelf!(generic: Board<u32>; struct Board<T> { cases: Vec<Case<T>> } struct Case<T> { books: u32, lent: T });
shelf!(generic_of_another: Board<u16>; struct Board<T> { cases: Vec<Case<T>> } struct Case<T> { books: u32, lent: T });
shelf!(within_itself: Board; struct Board { below: HashMap<Case, Board>, books: u32 } #[derive(PartialEq, Eq, Hash)] struct Case { lent: u32 });
shelf!(within_itself_retyped: Board; struct Board { below: HashMap<Case, Board>, books: u32 } #[derive(PartialEq, Eq, Hash)] struct Case { lent: u16 });

// Each is another program, and writes the same.
shelf!(types_renamed: Plank; struct Plank { cases: Vec<Crate> } struct Crate { books: u32, lent: u32 });
shelf!(boxed: Box<Board>; struct Board { cases: Arc<[Box<Case>]> } struct Case { books: Number, lent: u32 });
shelf!(in_a_deque: Board; struct Board { cases: VecDeque<Case> } struct Case { books: u32, lent: u32 });
shelf!(documented: Board; struct Board { cases: Vec<Case> } struct Case { #[doc = "How many."] books: u32, #[serde(bound = "")] lent: u32 });

type Number = u32;

fn is_zero(number: &u32) -> bool {
    *number == 0
}

mod in_words {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    pub(crate) fn serialize<S: Serializer>(number: &u32, to: S) -> Result<S::Ok, S::Error> {
        number.to_string().serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<u32, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}

/// A value that is stored as another type.
macro_rules! proxied {
    ($name:ident: $held:ty) => {
        mod $name {
            use super::*;

            #[derive(Default, Serialize, Deserialize, Schema)]
            struct Pair {
                both: $held,
            }

            #[derive(Default, Clone, Serialize, Deserialize, Schema)]
            #[serde(from = "Pair", into = "Pair")]
            struct Case {
                books: u32,
            }

            impl From<Pair> for Case {
                fn from(_: Pair) -> Self {
                    Self::default()
                }
            }

            impl From<Case> for Pair {
                fn from(_: Case) -> Self {
                    Self::default()
                }
            }

            #[derive(Default, Serialize, Deserialize, Aggregate, Snapshot)]
            #[aggregate(name = "shelf", id = u64, error = Infallible, events(Filled))]
            pub(crate) struct Shelf {
                cases: Vec<Case>,
            }

            impl Apply<Filled> for Shelf {
                fn apply(&mut self, _: &Filled) {}
            }

            #[derive(Default, Clone, Serialize, Deserialize, Aggregate, Snapshot)]
            #[aggregate(name = "shelf", id = u64, error = Infallible, events(Filled))]
            #[serde(from = "Pair", into = "Pair")]
            pub(crate) struct AsPair {
                cases: u32,
            }

            impl From<Pair> for AsPair {
                fn from(_: Pair) -> Self {
                    Self::default()
                }
            }

            impl From<AsPair> for Pair {
                fn from(_: AsPair) -> Self {
                    Self::default()
                }
            }

            impl Apply<Filled> for AsPair {
                fn apply(&mut self, _: &Filled) {}
            }
        }
    };
}

proxied!(proxied: u32);
proxied!(proxied_retyped: u64);

/// The state itself in variations.
macro_rules! state {
    ($name:ident: $(#[$said:meta])* [$($keys:tt)*] $state:item) => {
        pub(crate) mod $name {
            #[allow(unused_imports, reason = "no state needs all of it")]
            use super::*;

            #[derive(Serialize, Deserialize, Aggregate, Snapshot)]
            #[aggregate(name = "shelf", id = u64, error = Infallible, created_by = Filled, $($keys)*)]
            $(#[$said])*
            $state

            impl Create<Filled> for Shelf {
                fn create(_: &Filled) -> Self {
                    unreachable!("nothing is folded here")
                }
            }

            impl Apply<Emptied> for Shelf {
                fn apply(&mut self, _: &Emptied) {}
            }
        }
    };
}

const BARE: Fingerprint = bare::Shelf::FINGERPRINT;
state!(bare: [events(Filled)] pub(crate) struct Shelf { books: u32 });
state!(field_opaque: [events(Filled)] pub(crate) struct Shelf { #[snapshot(opaque)] books: u32 });
state!(another_name: [events(Filled)] pub(crate) struct Shelf { volumes: u32 });
state!(a_newtype: [events(Filled)] pub(crate) struct Shelf(u32););
state!(a_tuple: [events(Filled)] pub(crate) struct Shelf(u32, u32););
state!(an_enum: [events(Filled)] pub(crate) enum Shelf { Empty, Full(u32), Half { books: u32 } });
state!(enum_reordered: [events(Filled)] pub(crate) enum Shelf { Full(u32), Empty, Half { books: u32 } });
state!(enum_renamed: [events(Filled)] pub(crate) enum Shelf { Empty, Full(u32), Partly { books: u32 } });
state!(enum_retyped: [events(Filled)] pub(crate) enum Shelf { Empty, Full(u64), Half { books: u32 } });
state!(enum_tagged: #[serde(tag = "is")] [events(Filled)] pub(crate) enum Shelf { Empty, Full { books: u32 } });
state!(enum_tagged_otherwise: #[serde(tag = "kind")] [events(Filled)] pub(crate) enum Shelf { Empty, Full { books: u32 } });
state!(version_one: #[snapshot(version = 1)] [events(Filled)] pub(crate) struct Shelf { books: u32 });
state!(version_two: #[snapshot(version = 2)] [events(Filled)] pub(crate) struct Shelf { books: u32 });
state!(json_by_name: #[snapshot(codec = JsonSnapshot)] [events(Filled)] pub(crate) struct Shelf { books: u32 });
state!(another_codec: #[snapshot(codec = Tidy)] [events(Filled)] pub(crate) struct Shelf { books: u32 });
state!(one_event_more: [events(Filled, Emptied)] pub(crate) struct Shelf { books: u32 });
state!(events_reordered: [events(Emptied, Filled)] pub(crate) struct Shelf { books: u32 });
state!(one_event_retired: [events(Filled), retired("shelf.emptied", from = Emptied, into = |_| [])] pub(crate) struct Shelf { books: u32 });

/// JSON under another name.
struct Tidy;

impl<S> SnapshotCodec<S> for Tidy
where
    JsonSnapshot: SnapshotCodec<S>,
{
    const NAME: &'static str = "tidy json";

    fn encode(state: &S, out: &mut Vec<u8>) -> Result<(), SnapshotCodecError> {
        JsonSnapshot::encode(state, out)
    }

    fn decode(bytes: &[u8]) -> Result<S, SnapshotCodecError> {
        JsonSnapshot::decode(bytes)
    }
}

mod one_event_newer {
    use super::*;

    #[derive(Debug, Serialize, Deserialize, Event)]
    #[event(name = "shelf.filled", version = 2, step(2, with = |_| Filled))]
    pub(crate) struct Filled;

    #[derive(Serialize, Deserialize, Aggregate, Snapshot)]
    #[aggregate(name = "shelf", id = u64, error = Infallible, created_by = Filled, events(Filled))]
    pub(crate) struct Shelf {
        books: u32,
    }

    impl Create<Filled> for Shelf {
        fn create(_: &Filled) -> Self {
            Self { books: 0 }
        }
    }
}

mod state_renamed {
    use super::*;

    #[derive(Serialize, Deserialize, Aggregate, Snapshot)]
    #[aggregate(name = "shelf", id = u64, error = Infallible, created_by = Filled, events(Filled))]
    pub(crate) struct Rack {
        books: Number,
    }

    impl Create<Filled> for Rack {
        fn create(_: &Filled) -> Self {
            Self { books: 0 }
        }
    }
}

#[test]
fn a_change_two_types_deep_is_another_fingerprint() {
    // D3
    all_differ(&[
        ("plain", PLAIN),
        ("a field more", field_added::Shelf::FINGERPRINT),
        ("a field less", field_removed::Shelf::FINGERPRINT),
        ("a field renamed", field_renamed::Shelf::FINGERPRINT),
        ("a field retyped", field_retyped::Shelf::FINGERPRINT),
        (
            "fields in another order",
            fields_reordered::Shelf::FINGERPRINT,
        ),
        ("a version of its own", versioned::Shelf::FINGERPRINT),
        ("rename", serde_rename::Shelf::FINGERPRINT),
        ("rename_all", serde_rename_all::Shelf::FINGERPRINT),
        ("default", serde_default::Shelf::FINGERPRINT),
        ("skip_serializing_if", serde_omitted::Shelf::FINGERPRINT),
        ("flatten", serde_flatten::Shelf::FINGERPRINT),
        ("not flattened", flat_not::Shelf::FINGERPRINT),
        ("in a map", in_a_map::Shelf::FINGERPRINT),
        ("in a set", in_a_set::Shelf::FINGERPRINT),
        ("in an option", in_an_option::Shelf::FINGERPRINT),
        ("with", by_functions::Shelf::FINGERPRINT),
        (
            "for another parameter",
            generic_of_another::Shelf::FINGERPRINT,
        ),
        ("within itself", within_itself::Shelf::FINGERPRINT),
        (
            "within itself, retyped",
            within_itself_retyped::Shelf::FINGERPRINT,
        ),
        ("by another type", proxied::Shelf::FINGERPRINT),
        (
            "by another type, retyped",
            proxied_retyped::Shelf::FINGERPRINT,
        ),
        ("the state by another type", proxied::AsPair::FINGERPRINT),
        (
            "the state by another type, retyped",
            proxied_retyped::AsPair::FINGERPRINT,
        ),
    ]);
}

#[test]
fn a_change_of_the_state_or_its_events_is_another_fingerprint() {
    all_differ(&[
        ("bare", BARE),
        ("opaque", field_opaque::Shelf::FINGERPRINT),
        ("a field renamed", another_name::Shelf::FINGERPRINT),
        ("a newtype", a_newtype::Shelf::FINGERPRINT),
        ("a tuple", a_tuple::Shelf::FINGERPRINT),
        ("an enum", an_enum::Shelf::FINGERPRINT),
        (
            "its variants in another order",
            enum_reordered::Shelf::FINGERPRINT,
        ),
        ("a variant renamed", enum_renamed::Shelf::FINGERPRINT),
        ("a variant retyped", enum_retyped::Shelf::FINGERPRINT),
        ("tagged", enum_tagged::Shelf::FINGERPRINT),
        (
            "tagged otherwise",
            enum_tagged_otherwise::Shelf::FINGERPRINT,
        ),
        ("a version by hand", version_two::Shelf::FINGERPRINT),
        ("another codec", another_codec::Shelf::FINGERPRINT),
        ("an event more", one_event_more::Shelf::FINGERPRINT),
        ("an event retired", one_event_retired::Shelf::FINGERPRINT),
        ("an event at version 2", one_event_newer::Shelf::FINGERPRINT),
    ]);
}

#[test]
fn what_is_written_alike_has_one_fingerprint() {
    assert_eq!(PLAIN, types_renamed::Shelf::FINGERPRINT);
    assert_eq!(PLAIN, boxed::Shelf::FINGERPRINT);
    assert_eq!(PLAIN, in_a_deque::Shelf::FINGERPRINT);
    assert_eq!(PLAIN, documented::Shelf::FINGERPRINT);
    assert_eq!(PLAIN, generic::Shelf::FINGERPRINT);
    // What is in no snapshot can come and go.
    assert_eq!(
        field_removed::Shelf::FINGERPRINT,
        serde_skip::Shelf::FINGERPRINT
    );
    assert_eq!(BARE, state_renamed::Rack::FINGERPRINT);
    assert_eq!(BARE, version_one::Shelf::FINGERPRINT);
    assert_eq!(BARE, json_by_name::Shelf::FINGERPRINT);
    assert_eq!(
        one_event_more::Shelf::FINGERPRINT,
        events_reordered::Shelf::FINGERPRINT
    );
}

#[test]
fn an_opaque_field_goes_by_the_name_of_its_type() {
    macro_rules! holding {
        ($name:ident: $ty:ident { $field:ident }) => {
            mod $name {
                use super::*;

                #[derive(Serialize, Deserialize)]
                pub(crate) struct $ty {
                    $field: u32,
                }

                state!(opaque: [events(Filled)] pub(crate) struct Shelf { #[snapshot(opaque)] inner: super::$ty });
            }
        };
    }
    holding!(one: Inner { books });
    holding!(other: Inner { volumes });
    holding!(third: Within { books });
    let of = one::opaque::Shelf::FINGERPRINT;
    assert_eq!(of, other::opaque::Shelf::FINGERPRINT);
    assert_ne!(of, third::opaque::Shelf::FINGERPRINT);
}

#[test]
fn a_fingerprint_is_the_same_in_every_build() {
    // Stored snapshots carry these numbers, so a change of them costs each user a replay of every stream.
    assert_eq!(PLAIN.to_string(), "b555b62761f92ba1");
    assert_eq!(BARE.to_string(), "09577192b05e6250");
}

fn all_differ(fingerprints: &[(&str, Fingerprint)]) {
    let mut seen = BTreeMap::new();
    for (what, fingerprint) in fingerprints {
        if let Some(other) = seen.insert(fingerprint, what) {
            panic!("{what} and {other} have one fingerprint, {fingerprint}");
        }
    }
}

#[test]
fn a_state_is_written_and_read_by_its_codec() {
    let state = another_codec::Shelf::decode(br#"{"books":3}"#).unwrap();
    let mut bytes = b"before".to_vec();
    state.encode(&mut bytes).unwrap();
    assert_eq!(bytes, br#"before{"books":3}"#);
    let error = bare::Shelf::decode(br#"{"books":"secret"}"#).err().unwrap();
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    assert!(!text.contains("secret"), "{text}");
}
