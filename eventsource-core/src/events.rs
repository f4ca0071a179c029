//! What a decision returns: the events of one aggregate, in order.

use std::fmt;

use crate::{
    aggregate::{Aggregate, FoldError},
    command::Handle,
};

/// The events that a decision makes happen, in order; none means "accepted, nothing to do".
///
/// One event, a tuple, an array, a `Vec` and an `Option` of them convert into it:
///
/// ```
/// # use eventsource_core::prelude::*;
/// # use serde::{Deserialize, Serialize};
/// # #[derive(Debug, Serialize, Deserialize, Event)] #[event(name = "light.on")] struct On;
/// # #[derive(Debug, Serialize, Deserialize, Event)] #[event(name = "light.off")] struct Off;
/// # #[derive(Debug, Default, Aggregate)]
/// # #[aggregate(name = "light", id = u64, error = std::convert::Infallible, events(On, Off))]
/// # struct Light;
/// # impl Apply<On> for Light { fn apply(&mut self, _: &On) {} }
/// # impl Apply<Off> for Light { fn apply(&mut self, _: &Off) {} }
/// let one: Events<Light> = On.into();
/// let two: Events<Light> = (On, Off).into();
/// let same: Events<Light> = [On, On, On].into();
/// let maybe: Events<Light> = Some(Off).into();
/// assert_eq!([one.len(), two.len(), same.len(), maybe.len()], [1, 2, 3, 1]);
/// assert!(Events::<Light>::none().is_empty());
/// ```
pub struct Events<A: Aggregate>(Vec<A::Event>);

impl<A: Aggregate> Events<A> {
    /// No event: the command is accepted, and there is nothing to do.
    pub const fn none() -> Self {
        Self(Vec::new())
    }

    /// Begins a decision whose later parts see the events of the earlier ones; see [`Draft`].
    pub fn begin(state: A) -> Draft<A> {
        Draft {
            state: Some(state),
            events: Self::none(),
        }
    }

    /// How many events there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The events, in order.
    pub fn as_slice(&self) -> &[A::Event] {
        &self.0
    }

    /// The events, in order.
    pub fn into_vec(self) -> Vec<A::Event> {
        self.0
    }

    /// Adds the events of `more` behind these.
    pub fn extend(&mut self, more: impl Into<Self>) {
        self.0.extend(more.into().0);
    }
}

impl<A: Aggregate> fmt::Debug for Events<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.0).finish()
    }
}

impl<A: Aggregate> Default for Events<A> {
    fn default() -> Self {
        Self::none()
    }
}

impl<A: Aggregate> IntoIterator for Events<A> {
    type Item = A::Event;
    type IntoIter = std::vec::IntoIter<A::Event>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// Events in the making inside one decision: each one recorded is applied at once, so that what follows sees it.
///
/// ```
/// # use eventsource_core::prelude::*;
/// # use serde::{Deserialize, Serialize};
/// # #[derive(Debug, Serialize, Deserialize, Event)] #[event(name = "count.up")] struct Up;
/// # #[derive(Debug, Clone, Default, Aggregate)]
/// # #[aggregate(name = "count", id = u64, error = std::convert::Infallible, events(Up))]
/// # struct Count(u32);
/// # impl Apply<Up> for Count { fn apply(&mut self, _: &Up) { self.0 += 1; } }
/// struct UpTo(u32);
/// impl Handle<UpTo> for Count {
///     fn handle(&self, command: &UpTo) -> Decision<Self> {
///         let mut draft = Events::begin(self.clone());
///         while draft.state().0 < command.0 {
///             draft.record(Up);
///         }
///         Ok(draft.into())
///     }
/// }
/// assert_eq!(Count(1).handle(&UpTo(3)).unwrap().len(), 2);
/// ```
pub struct Draft<A: Aggregate> {
    // `Some` from beginning to end: folding works on the `Option` that a creating event fills.
    state: Option<A>,
    events: Events<A>,
}

impl<A: Aggregate> Draft<A> {
    /// The state after all events recorded so far.
    ///
    /// # Panics
    ///
    /// Never: a draft begins with a state, and no event takes it away.
    pub fn state(&self) -> &A {
        self.state
            .as_ref()
            .expect("a draft begins with a state and folding keeps it")
    }

    /// Records events and applies them.
    ///
    /// # Panics
    ///
    /// When an event does not fit the state, which only aggregates with `created_by` know: the creating event on a
    /// living state. That is a mistake in the code of the decision; [`Draft::try_record`] returns it as an error.
    #[track_caller]
    pub fn record(&mut self, events: impl Into<Events<A>>) {
        if let Err(misfit) = self.try_record(events) {
            panic!("{misfit}");
        }
    }

    /// Records events and applies them.
    ///
    /// # Errors
    ///
    /// [`FoldError`] when an event does not fit the state; the events before it are recorded.
    pub fn try_record(&mut self, events: impl Into<Events<A>>) -> Result<(), FoldError> {
        for event in events.into() {
            A::fold(&mut self.state, &event)?;
            self.events.0.push(event);
        }
        Ok(())
    }

    /// Handles a command on the state so far and records its events.
    ///
    /// # Errors
    ///
    /// The refusal of the command; the draft is then as it was.
    ///
    /// # Panics
    ///
    /// As [`Draft::record`]: when the handler's events do not fit the state.
    pub fn handle<C>(&mut self, command: &C) -> Result<(), A::Error>
    where
        A: Handle<C>,
    {
        let events = self.state().handle(command)?;
        self.record(events);
        Ok(())
    }
}

impl<A: Aggregate + fmt::Debug> fmt::Debug for Draft<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Draft")
            .field("state", self.state())
            .field("events", &self.events)
            .finish()
    }
}

impl<A: Aggregate> From<Draft<A>> for Events<A> {
    fn from(draft: Draft<A>) -> Self {
        draft.events
    }
}

/// The aggregate lists the event `E`, so that `E` converts into its enum; written by `#[derive(Aggregate)]`.
#[diagnostic::on_unimplemented(
    message = "aggregate `{Self}` does not list the event `{E}`",
    label = "`{E}` is not one of its events",
    note = "add `{E}` to `#[aggregate(events(..))]` on `{Self}`"
)]
pub trait Lists<E>: Aggregate {
    #[doc(hidden)]
    fn wrap(event: E) -> Self::Event;
}

/// The conversion of one event, which `#[derive(Event)]` writes beside the event.
#[doc(hidden)]
pub fn one<A: Lists<E>, E>(event: E) -> Events<A> {
    wrapped(A::wrap(event))
}

/// The conversion of the event enum, which `#[derive(Aggregate)]` writes beside it.
#[doc(hidden)]
pub fn wrapped<A: Aggregate>(event: A::Event) -> Events<A> {
    Events(vec![event])
}

impl<A: Aggregate, T: Into<Self>> From<Vec<T>> for Events<A> {
    fn from(list: Vec<T>) -> Self {
        collect(list)
    }
}

impl<A: Aggregate, T: Into<Self>, const N: usize> From<[T; N]> for Events<A> {
    fn from(list: [T; N]) -> Self {
        collect(list)
    }
}

impl<A: Aggregate, T: Into<Self>> From<Option<T>> for Events<A> {
    fn from(maybe: Option<T>) -> Self {
        maybe.map_or_else(Self::none, Into::into)
    }
}

fn collect<A: Aggregate, T: Into<Events<A>>>(list: impl IntoIterator<Item = T>) -> Events<A> {
    let list = list.into_iter();
    let mut all = Vec::with_capacity(list.size_hint().0);
    for events in list {
        all.append(&mut events.into().0);
    }
    Events(all)
}

macro_rules! tuples {
    ($($first:ident $($rest:ident)*;)*) => {$(
        impl<A: Aggregate, $first: Into<Self>, $($rest: Into<Self>),*> From<($first, $($rest,)*)> for Events<A> {
            #[expect(non_snake_case, reason = "each value is called as its type")]
            fn from(($first, $($rest,)*): ($first, $($rest,)*)) -> Self {
                #[allow(unused_mut, clippy::allow_attributes, reason = "a tuple of one adds nothing")]
                let mut events: Self = $first.into();
                $(events.extend($rest);)*
                events
            }
        }
    )*};
}
tuples! {
    E1; E1 E2; E1 E2 E3; E1 E2 E3 E4; E1 E2 E3 E4 E5; E1 E2 E3 E4 E5 E6; E1 E2 E3 E4 E5 E6 E7;
    E1 E2 E3 E4 E5 E6 E7 E8; E1 E2 E3 E4 E5 E6 E7 E8 E9; E1 E2 E3 E4 E5 E6 E7 E8 E9 E10;
    E1 E2 E3 E4 E5 E6 E7 E8 E9 E10 E11; E1 E2 E3 E4 E5 E6 E7 E8 E9 E10 E11 E12;
}
