//! A command that was drawn by chance.

use std::{fmt, sync::Arc};

use eventsource_core::{Aggregate, Handle, HandleNew};
use proptest::strategy::{BoxedStrategy, Strategy};

use crate::scenario::Command;

pub(super) struct Drawn<A: Aggregate> {
    pub(super) command: Command<A>,
    /// The command itself, to be shown.
    shown: Arc<dyn fmt::Debug>,
}

impl<A: Aggregate> Drawn<A> {
    /// Commands on a living state.
    pub(super) fn on_state<S>(commands: S) -> BoxedStrategy<Self>
    where
        S: Strategy<Value: Send + Sync> + 'static,
        A: Handle<S::Value>,
    {
        let drawn = |command: S::Value| {
            let command = Arc::new(command);
            Self {
                command: Command::shared_on_state(Arc::clone(&command)),
                shown: command,
            }
        };
        commands.prop_map(drawn).boxed()
    }

    /// Commands that create.
    pub(super) fn on_nothing<S>(commands: S) -> BoxedStrategy<Self>
    where
        S: Strategy<Value: Send + Sync> + 'static,
        A: HandleNew<S::Value>,
    {
        let drawn = |command: S::Value| {
            let command = Arc::new(command);
            Self {
                command: Command::shared_on_nothing(Arc::clone(&command)),
                shown: command,
            }
        };
        commands.prop_map(drawn).boxed()
    }
}

/// Looks as the command does.
impl<A: Aggregate> fmt::Debug for Drawn<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shown.fmt(f)
    }
}
