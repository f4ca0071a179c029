//! Whatever can be the state of an aggregate can be kept as a snapshot.
#![allow(dead_code, reason = "the states are kept, and not used")]

use std::{collections::BTreeMap, convert::Infallible};

use eventsource_core::{
    Schema,
    prelude::*,
    snapshot::{JsonSnapshot, SnapshotCodec, SnapshotCodecError},
};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "thing.made")]
struct Made;

/// Generic, of a later version, and within itself.
#[derive(Debug, PartialEq, Serialize, Deserialize, Schema)]
#[event(version = 2)]
struct Page<T> {
    #[event(since = 2)]
    number: u32,
    lines: Vec<T>,
    below: Vec<Page<T>>,
}

mod foreign {
    #[derive(Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
    pub struct Limit(pub i64);
}

#[derive(Debug, Default, PartialEq, Serialize, Deserialize, Aggregate, Snapshot)]
#[aggregate(name = "unit", id = u64, error = Infallible, events(Made))]
struct Unit;

#[derive(Debug, Default, PartialEq, Serialize, Deserialize, Aggregate, Snapshot)]
#[aggregate(name = "newtype", id = u64, error = Infallible, events(Made))]
struct Newtype(BTreeMap<String, Box<Page<u8>>>);

#[derive(Debug, Default, PartialEq, Serialize, Deserialize, Aggregate, Snapshot)]
#[aggregate(name = "tuple", id = u64, error = Infallible, events(Made))]
struct Tuple(u8, (), #[snapshot(opaque)] foreign::Limit, [Option<bool>; 3]);

#[derive(Debug, Default, PartialEq, Serialize, Deserialize, Aggregate, Snapshot)]
#[aggregate(name = "named", id = u64, error = Infallible, events(Made))]
#[serde(rename_all = "camelCase")]
struct Named {
    #[serde(rename = "first", default)]
    one: Option<Box<Self>>,
    #[serde(skip)]
    never_stored: Option<NotStored>,
    #[snapshot(opaque)]
    limit: foreign::Limit,
    at: Option<Timestamp>,
}

#[derive(Debug, PartialEq, Clone, Copy)]
struct NotStored;

#[derive(Debug, PartialEq, Serialize, Deserialize, Aggregate, Snapshot)]
#[aggregate(name = "choice", id = u64, error = Infallible, created_by = Made, events(Made))]
#[serde(tag = "is", content = "with")]
enum Choice {
    Nothing,
    Page(Page<String>),
    Pages { pages: Vec<Page<u8>>, #[snapshot(opaque)] limit: foreign::Limit },
    #[serde(skip)]
    Never(NotStored),
}

/// Needs nothing of serde.
#[derive(Debug, Default, PartialEq, Aggregate, Snapshot)]
#[aggregate(name = "counter", id = u64, error = Infallible, events(Made))]
#[snapshot(version = 3, codec = codecs::LittleEndian<8>)]
struct Counter {
    count: u64,
}

mod codecs {
    use super::*;

    pub struct LittleEndian<const N: usize>;

    impl SnapshotCodec<Counter> for LittleEndian<8> {
        const NAME: &'static str = "little endian";

        fn encode(state: &Counter, out: &mut Vec<u8>) -> Result<(), SnapshotCodecError> {
            out.extend(state.count.to_le_bytes());
            Ok(())
        }

        fn decode(bytes: &[u8]) -> Result<Counter, SnapshotCodecError> {
            let bytes = bytes.try_into().map_err(|error| {
                SnapshotCodecError::new("a counter is eight bytes").because(Box::new(error))
            })?;
            Ok(Counter { count: u64::from_le_bytes(bytes) })
        }
    }
}

/// A state of a `macro_rules`, whose types come in invisible groups.
macro_rules! state {
    ($name:ident, $ty:ty, $version:literal, $codec:ty) => {
        #[derive(Debug, Default, PartialEq, Serialize, Deserialize, Aggregate, Snapshot)]
        #[aggregate(name = "made", id = u64, error = Infallible, events(Made))]
        #[snapshot(version = $version, codec = $codec)]
        struct $name {
            held: $ty,
        }

        impl Apply<Made> for $name {
            fn apply(&mut self, _: &Made) {}
        }
    };
}

state!(OfAMacro, Vec<Option<Page<u8>>>, 2, JsonSnapshot);

macro_rules! applies {
    ($($state:ident)*) => {$(
        impl Apply<Made> for $state {
            fn apply(&mut self, _: &Made) {}
        }
    )*};
}

applies!(Unit Newtype Tuple Named Counter);

impl Create<Made> for Choice {
    fn create(_: &Made) -> Self {
        Choice::Nothing
    }
}

fn is_kept<S: Snapshot + std::fmt::Debug + PartialEq>(state: &S) {
    let mut bytes = Vec::new();
    state.encode(&mut bytes).unwrap();
    assert_eq!(&S::decode(&bytes).unwrap(), state);
    assert_ne!(S::FINGERPRINT.number(), 0);
}

fn main() {
    let page = || Page { number: 1, lines: vec![1], below: vec![Page { number: 2, lines: vec![], below: vec![] }] };
    is_kept(&Unit);
    is_kept(&Newtype([("a".to_owned(), page().into())].into()));
    is_kept(&Tuple(1, (), foreign::Limit(2), [None, Some(true), Some(false)]));
    is_kept(&Named { one: Some(Box::default()), ..Named::default() });
    is_kept(&Choice::Pages { pages: vec![page()], limit: foreign::Limit(3) });
    is_kept(&Counter { count: 7 });
    is_kept(&OfAMacro { held: vec![Some(page())] });
    assert!(Counter::decode(b"short").is_err());
}
