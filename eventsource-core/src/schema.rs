//! The shape of a stored value as a number, and the version of a value's own type.
//!
//! Shapes are hashed at compile time. What counts is what is on the wire: a `Box` has the shape of what is in it.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque},
    marker::PhantomData,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    num::{
        NonZeroI8, NonZeroI16, NonZeroI32, NonZeroI64, NonZeroI128, NonZeroIsize, NonZeroU8,
        NonZeroU16, NonZeroU32, NonZeroU64, NonZeroU128, NonZeroUsize,
    },
    rc::Rc,
    sync::Arc,
    time::{Duration, SystemTime},
};

use crate::{
    describe::{Shapes, Wire},
    id::{CausationId, CommandId, CorrelationId, EventId},
    metadata::Metadata,
    past::Past,
    stream::{Position, StreamId, Version},
    text::{Actor, AppendKey, Category, EventName, Tag},
    time::Timestamp,
};

/// A value that tells its shape and the version of it, written by `#[derive(Schema)]`.
///
/// A field of a type with this trait can be pinned, and a type of a version above 1 can be read at each older one,
/// with [`Past`](crate::Past). It is there for the types of std that serde knows, for UUIDs, and for the ids, times and
/// texts of this crate.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not tell its shape",
    label = "the shape of this type is not known",
    note = "add `#[derive(eventsource_core::Schema)]` to `{Self}`, or go by the name of its type: `#[event(opaque)]` on the field, in a state `#[snapshot(opaque)]`"
)]
pub trait Schema {
    /// The version of the type, from 1.
    const VERSION: u32;
    /// A hash of what the type looks like in stored bytes, and of its version above 1.
    const SHAPE: u64;
    /// A hash of how today's value is written, by which snapshots go: as the shape, and with the order of what is in it and
    /// all that serde is told, since what was written before must be read as it was meant.
    #[doc(hidden)]
    const LAYOUT: u64 = Self::SHAPE;

    /// Describes the type as it was at one of its versions. By hand, the hash is all that is told.
    #[doc(hidden)]
    fn describe(_version: u32, _shapes: &mut Shapes) -> Wire {
        Wire::Shape(Self::SHAPE)
    }
}

pub(crate) const SEED: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0100_0000_01b3;

/// Hashes a text onto a hash.
pub(crate) const fn text(mut hash: u64, text: &str) -> u64 {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u64).wrapping_mul(PRIME);
        at += 1;
    }
    // The end counts, so that two texts are not one longer one.
    (hash ^ 0xff).wrapping_mul(PRIME)
}

/// Hashes a number onto a hash.
pub(crate) const fn number(mut hash: u64, number: u64) -> u64 {
    let bytes = number.to_le_bytes();
    let mut at = 0;
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u64).wrapping_mul(PRIME);
        at += 1;
    }
    hash
}

/// The shape of a type by its name alone.
#[doc(hidden)]
pub const fn named(name: &str) -> u64 {
    text(SEED, name)
}

/// The shape of a type made of parts. Each has a text, in which stands what counts of it but its type.
#[doc(hidden)]
pub const fn shape_of_parts(kind: &str, parts: &[(&str, u64)]) -> u64 {
    let mut hash = text(SEED, kind);
    let mut at = 0;
    while at < parts.len() {
        hash = number(text(hash, parts[at].0), parts[at].1);
        at += 1;
    }
    hash
}

/// The shape of a value at its version. The number counts: a step can change what a value means and not how it looks.
#[doc(hidden)]
pub const fn at_version(shape: u64, version: u32) -> u64 {
    if version == 1 {
        shape
    } else {
        number(shape, version as u64)
    }
}

/// What a type tells of how it looks.
#[doc(hidden)]
#[derive(Debug)]
pub struct Told {
    pub shape: u64,
    pub layout: u64,
}

/// Asks a type how it looks. Nothing else does, so that one that does not tell it is one error.
#[doc(hidden)]
pub const fn shape_of<T: Schema + ?Sized>() -> Told {
    Told {
        shape: T::SHAPE,
        layout: T::LAYOUT,
    }
}

/// A shape as it is written in a pin: eight hexadecimal digits.
pub(crate) const fn pin(shape: u64) -> [u8; 8] {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let folded = (shape >> 32) ^ (shape & 0xffff_ffff);
    let mut text = [0; 8];
    let mut at = 0;
    while at < 8 {
        text[at] = DIGITS[(folded >> (28 - 4 * at) & 0xf) as usize];
        at += 1;
    }
    text
}

const fn newer(one: u32, other: u32) -> u32 {
    if one > other { one } else { other }
}

/// Types that are known by name.
macro_rules! plain {
    ($($ty:ty),* $(,)?) => {$(
        impl Schema for $ty {
            const VERSION: u32 = 1;
            const SHAPE: u64 = named(stringify!($ty));
            fn describe(_: u32, _: &mut Shapes) -> Wire {
                Wire::Plain(stringify!($ty).into())
            }
        }
    )*};
}

plain!(bool, char, f32, f64, Duration, SystemTime);
plain!(IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr);
plain!(
    i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize
);
plain!(
    NonZeroI8,
    NonZeroI16,
    NonZeroI32,
    NonZeroI64,
    NonZeroI128,
    NonZeroIsize,
    NonZeroU8,
    NonZeroU16,
    NonZeroU32,
    NonZeroU64,
    NonZeroU128,
    NonZeroUsize,
);

/// A name of ours as a type is written: `stream id` is `StreamId`.
fn in_one_word(name: &str) -> String {
    let words = name.split(' ').map(|word| {
        let mut letters = word.chars();
        let first = letters.next().map(|first| first.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    });
    words.collect()
}

/// Types that are known by a name of ours, since they may be called in several ways.
macro_rules! called {
    ($($ty:ty: $name:literal),* $(,)?) => {$(
        impl Schema for $ty {
            const VERSION: u32 = 1;
            const SHAPE: u64 = named($name);
            fn describe(_: u32, _: &mut Shapes) -> Wire {
                Wire::Plain(in_one_word($name).into())
            }
        }
    )*};
}

called!(
    (): "()",
    str: "string",
    String: "string",
    uuid::Uuid: "uuid",
    serde_json::Value: "json",
    // Ours, by what is stored. A text that may not be any text has a name of its own.
    EventId: "uuid",
    CommandId: "uuid",
    CorrelationId: "uuid",
    CausationId: "uuid",
    Timestamp: "timestamp",
    StreamId: "stream id",
    Version: "version",
    Position: "position",
    Category: "category",
    EventName: "event name",
    Actor: "actor",
    AppendKey: "append key",
    Tag: "tag",
    Metadata: "metadata",
);

/// Nothing is stored of it.
impl<T: ?Sized> Schema for PhantomData<T> {
    const VERSION: u32 = 1;
    const SHAPE: u64 = <()>::SHAPE;
    fn describe(version: u32, shapes: &mut Shapes) -> Wire {
        <()>::describe(version, shapes)
    }
}

/// Containers whose wire form is that of what they hold.
macro_rules! transparent {
    ($($ty:ident),*) => {$(
        impl<T: Schema + ?Sized> Schema for $ty<T> {
            const VERSION: u32 = T::VERSION;
            const SHAPE: u64 = T::SHAPE;
            const LAYOUT: u64 = T::LAYOUT;
            fn describe(version: u32, shapes: &mut Shapes) -> Wire {
                T::describe(version, shapes)
            }
        }
    )*};
}

transparent!(Box, Rc, Arc);

impl<T: Schema + ToOwned + ?Sized> Schema for Cow<'_, T> {
    const VERSION: u32 = T::VERSION;
    const SHAPE: u64 = T::SHAPE;
    const LAYOUT: u64 = T::LAYOUT;
    fn describe(version: u32, shapes: &mut Shapes) -> Wire {
        T::describe(version, shapes)
    }
}

/// A value as it was stored at version `N`; so it moves on no more, and has itself one version.
impl<T: Schema, const N: u32> Schema for Past<T, N> {
    const VERSION: u32 = 1;
    const SHAPE: u64 = number(shape_of_parts("past", &[("", T::SHAPE)]), N as u64);
    const LAYOUT: u64 = number(shape_of_parts("past", &[("", T::LAYOUT)]), N as u64);
    fn describe(_: u32, shapes: &mut Shapes) -> Wire {
        T::describe(N, shapes)
    }
}

/// Containers of one type. Some look alike, and do not hold alike what was written by one of the others.
macro_rules! holding {
    ($($ty:ty: $kind:literal $holds:literal $wire:ident),* $(,)?) => {$(
        impl<T: Schema> Schema for $ty {
            const VERSION: u32 = T::VERSION;
            const SHAPE: u64 = shape_of_parts($kind, &[("", T::SHAPE)]);
            const LAYOUT: u64 = shape_of_parts($holds, &[("", T::LAYOUT)]);
            fn describe(version: u32, shapes: &mut Shapes) -> Wire {
                Wire::$wire(Box::new(T::describe(version, shapes)))
            }
        }
    )*};
}

holding!(
    Option<T>: "option" "option" Option,
    Vec<T>: "list" "list" List,
    VecDeque<T>: "list" "list" List,
    [T]: "list" "list" List,
    BTreeSet<T>: "list" "set" List,
    LinkedList<T>: "list" "list" List,
    BinaryHeap<T>: "list" "heap" List,
);

impl<T: Schema, S> Schema for HashSet<T, S> {
    const VERSION: u32 = T::VERSION;
    const SHAPE: u64 = <Vec<T>>::SHAPE;
    const LAYOUT: u64 = <BTreeSet<T>>::LAYOUT;
    fn describe(version: u32, shapes: &mut Shapes) -> Wire {
        <Vec<T>>::describe(version, shapes)
    }
}

impl<T: Schema, const N: usize> Schema for [T; N] {
    const VERSION: u32 = T::VERSION;
    const SHAPE: u64 = number(shape_of_parts("array", &[("", T::SHAPE)]), N as u64);
    const LAYOUT: u64 = number(shape_of_parts("array", &[("", T::LAYOUT)]), N as u64);
    fn describe(version: u32, shapes: &mut Shapes) -> Wire {
        Wire::Array(Box::new(T::describe(version, shapes)), N)
    }
}

impl<K: Schema, V: Schema> Schema for BTreeMap<K, V> {
    const VERSION: u32 = newer(K::VERSION, V::VERSION);
    const SHAPE: u64 = shape_of_parts("map", &[("", K::SHAPE), ("", V::SHAPE)]);
    const LAYOUT: u64 = shape_of_parts("map", &[("", K::LAYOUT), ("", V::LAYOUT)]);
    fn describe(_: u32, shapes: &mut Shapes) -> Wire {
        // Each has versions of its own; a container is of the newest.
        let keys = K::describe(K::VERSION, shapes);
        Wire::Map(Box::new(keys), Box::new(V::describe(V::VERSION, shapes)))
    }
}

impl<K: Schema, V: Schema, S> Schema for HashMap<K, V, S> {
    const VERSION: u32 = <BTreeMap<K, V>>::VERSION;
    const SHAPE: u64 = <BTreeMap<K, V>>::SHAPE;
    const LAYOUT: u64 = <BTreeMap<K, V>>::LAYOUT;
    fn describe(version: u32, shapes: &mut Shapes) -> Wire {
        <BTreeMap<K, V>>::describe(version, shapes)
    }
}

macro_rules! tuple {
    ($($ty:ident),*) => {
        impl<$($ty: Schema),*> Schema for ($($ty,)*) {
            const VERSION: u32 = {
                let mut newest = 1;
                $(newest = newer(newest, $ty::VERSION);)*
                newest
            };
            const SHAPE: u64 = shape_of_parts("tuple", &[$(("", $ty::SHAPE)),*]);
            const LAYOUT: u64 = shape_of_parts("tuple", &[$(("", $ty::LAYOUT)),*]);
            fn describe(_: u32, shapes: &mut Shapes) -> Wire {
                Wire::Tuple(vec![$($ty::describe($ty::VERSION, shapes)),*])
            }
        }
    };
}

tuple!(A);
tuple!(A, B);
tuple!(A, B, C);
tuple!(A, B, C, D);
tuple!(A, B, C, D, E);
tuple!(A, B, C, D, E, F);
tuple!(A, B, C, D, E, F, G);
tuple!(A, B, C, D, E, F, G, H);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wire_form_counts_and_not_the_container() {
        assert_eq!(<Box<str>>::SHAPE, String::SHAPE);
        assert_eq!(<Arc<Vec<u8>>>::SHAPE, <VecDeque<u8>>::SHAPE);
        assert_eq!(
            <HashMap<String, u8>>::SHAPE,
            <BTreeMap<Box<str>, u8>>::SHAPE
        );
        assert_ne!(<Vec<u8>>::SHAPE, <Vec<u16>>::SHAPE);
        assert_ne!(<Option<u8>>::SHAPE, u8::SHAPE);
        assert_ne!(<[u8; 3]>::SHAPE, <[u8; 4]>::SHAPE);
        assert_ne!(<(u8, u16)>::SHAPE, <(u16, u8)>::SHAPE);
    }

    #[test]
    fn a_shape_is_the_same_in_every_build() {
        // A pin stands in sources, so these numbers never change.
        assert_eq!(&pin(u64::SHAPE), b"f59fa8f2");
        assert_eq!(&pin(<Vec<String>>::SHAPE), b"32c57e07");
    }
}
