//! A command, where its type no longer matters.

use std::any::type_name;

use eventsource_core::{Aggregate, Decision, Handle, HandleNew};

/// A command that can be decided as often as it takes.
pub(super) struct Command<A: Aggregate> {
    /// Its type name.
    pub(super) name: &'static str,
    /// Whether it is decided where there is no aggregate yet.
    pub(super) creates: bool,
    decide: Decide<A>,
}

type Decide<A> = Box<dyn Fn(Option<&A>) -> Option<Decision<A>> + Send + Sync>;

impl<A: Aggregate> Command<A> {
    /// A command on a living state.
    pub(super) fn on_state<C: Send + Sync + 'static>(command: C) -> Self
    where
        A: Handle<C>,
    {
        let name = type_name::<C>();
        let decide: Decide<A> = Box::new(move |state| Some(state?.handle(&command)));
        Self {
            name,
            creates: false,
            decide,
        }
    }

    /// A command that creates.
    pub(super) fn on_nothing<C: Send + Sync + 'static>(command: C) -> Self
    where
        A: HandleNew<C>,
    {
        let name = type_name::<C>();
        let decide: Decide<A> = Box::new(move |_| Some(<A as HandleNew<C>>::handle(&command)));
        Self {
            name,
            creates: true,
            decide,
        }
    }

    /// Decides it; `None` where it needs a state and there is none.
    pub(super) fn decide(&self, state: Option<&A>) -> Option<Decision<A>> {
        (self.decide)(state)
    }
}
