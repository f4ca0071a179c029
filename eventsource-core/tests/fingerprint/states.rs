//! States that differ in one thing each, or in nothing that is stored.

use std::{
    collections::{HashMap, HashSet, VecDeque},
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
pub(crate) struct Filled;

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "shelf.emptied")]
pub(crate) struct Emptied;

/// A state in a module of its own, with the types in it.
macro_rules! shelf {
    ($name:ident: $board:ty; $($within:item)*) => {
        pub(crate) mod $name {
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
pub(crate) const PLAIN: Fingerprint = plain::Shelf::FINGERPRINT;
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
shelf!(numbered: Board; enum Board { #[default] Empty = 1, Full = 2 });
shelf!(renumbered: Board; enum Board { #[default] Empty = 2, Full = 1 });
shelf!(by_functions: Board; struct Board { cases: Vec<Case> } struct Case { books: u32, #[serde(with = "in_words")] lent: u32 });
shelf!(generic: Board<u32>; struct Board<T> { cases: Vec<Case<T>> } struct Case<T> { books: u32, lent: T });
shelf!(generic_of_another: Board<u16>; struct Board<T> { cases: Vec<Case<T>> } struct Case<T> { books: u32, lent: T });
shelf!(within_itself: Board; struct Board { below: HashMap<Case, Self>, books: u32 } #[derive(PartialEq, Eq, Hash)] struct Case { lent: u32 });
shelf!(within_itself_retyped: Board; struct Board { below: HashMap<Case, Self>, books: u32 } #[derive(PartialEq, Eq, Hash)] struct Case { lent: u16 });

// Each is another program, and writes the same.
shelf!(types_renamed: Plank; struct Plank { cases: Vec<Crate> } struct Crate { books: u32, lent: u32 });
shelf!(boxed: Box<Board>; struct Board { cases: Arc<[Box<Case>]> } struct Case { books: Number, lent: u32 });
shelf!(in_a_deque: Board; struct Board { cases: VecDeque<Case> } struct Case { books: u32, lent: u32 });
shelf!(documented: Board; struct Board { cases: Vec<Case> } struct Case { #[doc = "How many."] books: u32, #[serde(bound = "")] lent: u32 });

pub(crate) type Number = u32;

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

mod in_words {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
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
        pub(crate) mod $name {
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

pub(crate) const BARE: Fingerprint = bare::Shelf::FINGERPRINT;
state!(bare: [events(Filled)] pub(crate) struct Shelf { books: u32 });
state!(field_opaque: [events(Filled)] pub(crate) struct Shelf { #[snapshot(opaque)] books: u32 });
state!(another_name: [events(Filled)] pub(crate) struct Shelf { volumes: u32 });
state!(a_newtype: [events(Filled)] pub(crate) struct Shelf(u32););
state!(a_tuple: [events(Filled)] pub(crate) struct Shelf(u32, u32););
state!(an_enum: [events(Filled)] pub(crate) enum Shelf { Empty, Full(u32), Half { books: u32 } });
state!(enum_reordered: [events(Filled)] pub(crate) enum Shelf { Full(u32), Empty, Half { books: u32 } });
state!(enum_renamed: [events(Filled)] pub(crate) enum Shelf { Empty, Full(u32), Partly { books: u32 } });
state!(enum_retyped: [events(Filled)] pub(crate) enum Shelf { Empty, Full(u64), Half { books: u32 } });
state!(enum_numbered: [events(Filled)] pub(crate) enum Shelf { Empty = 1, Full = 2 });
state!(enum_renumbered: [events(Filled)] pub(crate) enum Shelf { Empty = 2, Full = 1 });
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
pub(crate) struct Tidy;

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

pub(crate) mod one_event_newer {
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

pub(crate) mod state_renamed {
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
