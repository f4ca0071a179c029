//! A command, where its type no longer matters.

use std::{any::type_name, sync::Arc};

use eventsource_core::{Aggregate, Decision, Handle, HandleNew};

/// A command that can be decided as often as it takes.
pub(crate) struct Command<A: Aggregate> {
    /// Its type name.
    pub(crate) name: &'static str,
    /// Whether it is decided where there is no aggregate yet.
    pub(super) creates: bool,
    decide: Decide<A>,
}

type Decide<A> = Arc<dyn Fn(Option<&A>) -> Option<Decision<A>> + Send + Sync>;

impl<A: Aggregate> Command<A> {
    /// A command on a living state.
    pub(super) fn on_state<C: Send + Sync + 'static>(command: C) -> Self
    where
        A: Handle<C>,
    {
        Self::shared_on_state(Arc::new(command))
    }

    /// A command on a living state, which somebody else holds, too.
    pub(crate) fn shared_on_state<C: Send + Sync + 'static>(command: Arc<C>) -> Self
    where
        A: Handle<C>,
    {
        Self {
            name: type_name::<C>(),
            creates: false,
            decide: Arc::new(move |state| Some(state?.handle(&*command))),
        }
    }

    /// A command that creates.
    pub(super) fn on_nothing<C: Send + Sync + 'static>(command: C) -> Self
    where
        A: HandleNew<C>,
    {
        Self::shared_on_nothing(Arc::new(command))
    }

    /// A command that creates, which somebody else holds, too.
    pub(crate) fn shared_on_nothing<C: Send + Sync + 'static>(command: Arc<C>) -> Self
    where
        A: HandleNew<C>,
    {
        Self {
            name: type_name::<C>(),
            creates: true,
            decide: Arc::new(move |_| Some(<A as HandleNew<C>>::handle(&command))),
        }
    }

    /// Decides it; `None` where it needs a state and there is none.
    pub(super) fn decide(&self, state: Option<&A>) -> Option<Decision<A>> {
        (self.decide)(state)
    }
}

/// The same command once more, for another history.
#[cfg(feature = "proptest")]
impl<A: Aggregate> Clone for Command<A> {
    fn clone(&self) -> Self {
        Self {
            decide: Arc::clone(&self.decide),
            ..*self
        }
    }
}
