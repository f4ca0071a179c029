//! What expansions of the derives may name. Not part of the public interface: it changes in any release.

use std::marker::PhantomData;

pub use core::{
    cmp::PartialEq,
    convert::{From, Into},
    debug_assert,
    default::Default,
    fmt::{Debug, Formatter, Result as FmtResult},
    option::Option::{self, None, Some},
    panic,
    primitive::{bool, str, u8, u32},
    result::Result::{self, Err, Ok},
};
pub use std::{string::String, vec::Vec};

use crate::{aggregate::Aggregate, event::EventSchema};
pub use crate::{
    aggregate_id::inner_from_text,
    codec::{read_json, unknown_name, unknown_version, write_json},
    events::{one, wrapped},
};

/// What the concrete types of an aggregate can do beyond what is asked of them; found by probing, since generic code
/// cannot ask.
pub struct Abilities<A: Aggregate> {
    /// Copies a state.
    pub clone_state: Option<fn(&A) -> A>,
    /// Compares two states.
    pub eq_state: Option<fn(&A, &A) -> bool>,
    /// Shows a state.
    pub debug_state: Option<fn(&A, &mut Formatter<'_>) -> FmtResult>,
    /// Compares two events of the aggregate's enum.
    pub eq_event: fn(&A::Event, &A::Event) -> Option<bool>,
}

impl<A: Aggregate> Debug for Abilities<A> {
    fn fmt(&self, f: &mut Formatter<'_>) -> FmtResult {
        f.debug_struct("Abilities")
            .field("clone_state", &self.clone_state.is_some())
            .field("eq_state", &self.eq_state.is_some())
            .field("debug_state", &self.debug_state.is_some())
            .finish_non_exhaustive()
    }
}

/// Asks a concrete type what it implements: an inherent constant wins over the trait's where its bound holds.
#[derive(Debug)]
pub struct Probe<T>(PhantomData<T>);

impl<T: Clone> Probe<T> {
    pub const CLONE: Option<fn(&T) -> T> = Some(T::clone);
}
impl<T: PartialEq> Probe<T> {
    pub const EQ: Option<fn(&T, &T) -> bool> = Some(T::eq);
}
impl<T: Debug> Probe<T> {
    pub const DEBUG: Option<fn(&T, &mut Formatter<'_>) -> FmtResult> = Some(<T as Debug>::fmt);
}

/// The answers of a type that cannot.
pub trait Lacks<T> {
    const CLONE: Option<fn(&T) -> T> = None;
    const EQ: Option<fn(&T, &T) -> bool> = None;
    const DEBUG: Option<fn(&T, &mut Formatter<'_>) -> FmtResult> = None;
}
impl<T> Lacks<T> for Probe<T> {}

/// Whether two of the schemas have one stored name; constant, so that the derive can refuse it at compile time.
pub const fn same_name(one: EventSchema, other: EventSchema) -> bool {
    let (one, other) = (one.name.as_bytes(), other.name.as_bytes());
    if one.len() != other.len() {
        return false;
    }
    let mut at = 0;
    while at < one.len() {
        if one[at] != other[at] {
            return false;
        }
        at += 1;
    }
    true
}
