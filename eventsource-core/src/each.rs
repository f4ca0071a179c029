//! Containers, through which a conversion reaches what they hold.

use std::{
    collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque},
    hash::{BuildHasher, Hash},
    rc::Rc,
    sync::Arc,
};

use crate::upcast::UpcastError;

/// The same container with each value converted to a `To`. The keys of a map stay as they are.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "nothing says how what is in a `{Self}` becomes a `{To}`",
    label = "not a container that is known",
    note = "add `with = path_or_closure`, or `try_with = ..` if it can fail"
)]
pub trait Each<To> {
    type Held;
    type Result;

    fn each(
        self,
        convert: impl FnMut(Self::Held) -> Result<To, UpcastError>,
    ) -> Result<Self::Result, UpcastError>;
}

impl<T, To> Each<To> for Option<T> {
    type Held = T;
    type Result = Option<To>;

    fn each(
        self,
        convert: impl FnMut(T) -> Result<To, UpcastError>,
    ) -> Result<Option<To>, UpcastError> {
        self.map(convert).transpose()
    }
}

/// Containers that are collected anew.
macro_rules! collected {
    ($([$($bound:tt)*] $ty:ident),* $(,)?) => {$(
        impl<T, To: $($bound)*> Each<To> for $ty<T> {
            type Held = T;
            type Result = $ty<To>;

            fn each(
                self,
                convert: impl FnMut(T) -> Result<To, UpcastError>,
            ) -> Result<$ty<To>, UpcastError> {
                self.into_iter().map(convert).collect()
            }
        }
    )*};
}

collected!([] Vec, [] VecDeque, [] LinkedList, [Ord] BTreeSet, [Ord] BinaryHeap);

impl<T, To: Eq + Hash, S: BuildHasher + Default> Each<To> for HashSet<T, S> {
    type Held = T;
    type Result = HashSet<To, S>;

    fn each(
        self,
        convert: impl FnMut(T) -> Result<To, UpcastError>,
    ) -> Result<HashSet<To, S>, UpcastError> {
        self.into_iter().map(convert).collect()
    }
}

impl<K: Ord, T, To> Each<To> for BTreeMap<K, T> {
    type Held = T;
    type Result = BTreeMap<K, To>;

    fn each(
        self,
        mut convert: impl FnMut(T) -> Result<To, UpcastError>,
    ) -> Result<BTreeMap<K, To>, UpcastError> {
        let converted = self
            .into_iter()
            .map(|(key, held)| Ok((key, convert(held)?)));
        converted.collect()
    }
}

impl<K: Eq + Hash, T, To, S: BuildHasher + Default> Each<To> for HashMap<K, T, S> {
    type Held = T;
    type Result = HashMap<K, To, S>;

    fn each(
        self,
        mut convert: impl FnMut(T) -> Result<To, UpcastError>,
    ) -> Result<HashMap<K, To, S>, UpcastError> {
        let converted = self
            .into_iter()
            .map(|(key, held)| Ok((key, convert(held)?)));
        converted.collect()
    }
}

impl<T, To> Each<To> for Box<T> {
    type Held = T;
    type Result = Box<To>;

    fn each(
        self,
        mut convert: impl FnMut(T) -> Result<To, UpcastError>,
    ) -> Result<Box<To>, UpcastError> {
        convert(*self).map(Box::new)
    }
}

impl<T, To> Each<To> for Box<[T]> {
    type Held = T;
    type Result = Box<[To]>;

    fn each(
        self,
        convert: impl FnMut(T) -> Result<To, UpcastError>,
    ) -> Result<Box<[To]>, UpcastError> {
        self.into_vec().into_iter().map(convert).collect()
    }
}

/// What is shared is copied where it has other owners: a default that a function hands out.
macro_rules! shared {
    ($($ty:ident),*) => {$(
        impl<T: Clone, To> Each<To> for $ty<T> {
            type Held = T;
            type Result = $ty<To>;

            fn each(
                self,
                mut convert: impl FnMut(T) -> Result<To, UpcastError>,
            ) -> Result<$ty<To>, UpcastError> {
                convert($ty::unwrap_or_clone(self)).map($ty::new)
            }
        }

        impl<T: Clone, To> Each<To> for $ty<[T]> {
            type Held = T;
            type Result = $ty<[To]>;

            fn each(
                self,
                convert: impl FnMut(T) -> Result<To, UpcastError>,
            ) -> Result<$ty<[To]>, UpcastError> {
                self.iter().cloned().map(convert).collect()
            }
        }
    )*};
}

shared!(Rc, Arc);

impl<T, To, const N: usize> Each<To> for [T; N] {
    type Held = T;
    type Result = [To; N];

    fn each(
        self,
        convert: impl FnMut(T) -> Result<To, UpcastError>,
    ) -> Result<[To; N], UpcastError> {
        let converted = self
            .into_iter()
            .map(convert)
            .collect::<Result<Vec<To>, _>>()?;
        let Ok(all) = <[To; N]>::try_from(converted) else {
            unreachable!("there are as many as there were")
        };
        Ok(all)
    }
}
