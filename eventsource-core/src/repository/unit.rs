//! Several commands on one aggregate, stored together or not at all.

use std::fmt;

use crate::{
    aggregate::Aggregate,
    command::{Handle, HandleNew},
    events::Events,
    repository::{
        ExecuteError, InContext,
        alone::Alone,
        encode::{Decided, Decisions, check_fit},
        engine::{Own, Running, Work},
        error::Undecided,
        fold::{At, Held, Replay},
        work::{Handler, OnLiving, OnNothing, at_once},
    },
    signal,
    store::Receipt,
    stream::{StreamId, Version},
};

/// A command that was accepted, with its handler.
enum Accepted<A: Aggregate> {
    Living(Box<OnLiving<A>>),
    New(Box<OnNothing<A>>),
}

impl<A: Aggregate> Accepted<A> {
    fn handler(&self) -> Handler<'_, A> {
        match self {
            Self::Living(handle) => Handler::Living(&**handle),
            Self::New(handle) => Handler::New(&**handle),
        }
    }
}

/// A unit of work on one aggregate: commands that see the events of the earlier ones, and one atomic append.
///
/// A refused command leaves the unit as it was. Nothing is stored before [`Unit::commit`]; dropping the unit drops what
/// it decided.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use eventsource_core::prelude::*;
/// # use serde::{Deserialize, Serialize};
/// # #[derive(Debug, Serialize, Deserialize, Event)] #[event(name = "jar.filled")]
/// # struct Filled { coins: u32 }
/// # #[derive(Debug, Default, Aggregate)]
/// # #[aggregate(name = "jar", id = u64, error = std::convert::Infallible, events(Filled))]
/// # struct Jar { coins: u32 }
/// # impl Apply<Filled> for Jar { fn apply(&mut self, e: &Filled) { self.coins += e.coins; } }
/// # struct Double;
/// # impl Handle<Double> for Jar {
/// #     fn handle(&self, _: &Double) -> Decision<Self> { Ok(Filled { coins: self.coins.max(1) }.into()) }
/// # }
/// let jars = Repository::<Jar>::new(MemoryStore::new());
/// let mut unit = jars.begin(&7).await?;
/// unit.execute(Double)?;
/// unit.execute(Double)?;
/// assert_eq!(unit.state().map(|jar| jar.coins), Some(2));
/// assert_eq!(unit.commit().await?.events(), 2);
/// # Ok(()) }
/// ```
#[must_use = "nothing is stored before `commit`"]
pub struct Unit<A: Aggregate> {
    scope: InContext<A>,
    stream: StreamId,
    /// The receipt of an earlier unit under the same append key.
    already: Option<Receipt>,
    /// Where the state was loaded.
    loaded: At,
    /// The state with everything decided so far, and its version.
    state: Alone<A>,
    version: Option<Version>,
    /// The same, where the aggregate exists.
    existing: Option<Version>,
    decided: Decisions<A>,
    /// The accepted commands, to be decided again after a conflict.
    accepted: Vec<Accepted<A>>,
    /// Why one of them could not be decided again.
    error: Option<ExecuteError<A::Error>>,
}

impl<A: Aggregate> Unit<A> {
    pub(super) async fn begin(
        scope: &InContext<A>,
        id: &A::Id,
    ) -> Result<Self, ExecuteError<A::Error>> {
        let (repository, context) = (scope.repository.clone(), scope.context.clone());
        let engine = &repository.engine;
        let mut state = Alone {
            held: Held::Gone,
            may_share: engine.copy().is_some(),
        };
        let begun = engine.begin(&context, StreamId::of::<A>(id), &mut state);
        let (stream, at, already) = match begun.await {
            Ok(begun) => begun,
            Err(error) => return Err(error.with(None)),
        };
        Ok(Self {
            scope: InContext {
                repository,
                context,
            },
            stream,
            already,
            loaded: at,
            state,
            version: at.version(),
            existing: at.existing(),
            decided: Decisions::of(Events::none()),
            accepted: Vec::new(),
            error: None,
        })
    }

    /// Decides a command on the state with everything decided so far.
    ///
    /// # Errors
    ///
    /// [`ExecuteError`] when the domain refuses, the aggregate does not exist, or the decision does not fit the state;
    /// the unit is then as it was.
    pub fn execute<C>(&mut self, command: C) -> Result<(), ExecuteError<A::Error>>
    where
        A: Handle<C>,
        C: Send + Sync + 'static,
    {
        self.take(Accepted::Living(Box::new(move |state: &A| {
            state.handle(&command)
        })))
    }

    /// Decides a command where there is no aggregate yet.
    ///
    /// # Errors
    ///
    /// [`ExecuteError`] when the domain refuses, the stream has events other than dropped ones or the unit has decided some, or the decision
    /// does not fit the state; the unit is then as it was.
    pub fn create<C>(&mut self, command: C) -> Result<(), ExecuteError<A::Error>>
    where
        A: HandleNew<C>,
        C: Send + Sync + 'static,
    {
        self.take(Accepted::New(Box::new(move || {
            <A as HandleNew<C>>::handle(&command)
        })))
    }

    /// The state with everything decided so far; `None` where an event is to create it and none has.
    pub fn state(&self) -> Option<&A> {
        self.state.held.get()
    }

    /// The events decided so far.
    pub fn events(&self) -> &[A::Event] {
        self.decided.events.as_slice()
    }

    /// The receipt of an earlier unit under the same append key. Such a unit decides nothing.
    pub fn already(&self) -> Option<&Receipt> {
        self.already.as_ref()
    }

    /// Stores everything in one append. After a conflict the accepted commands are decided again, in order, on the newer
    /// state, as often as the [`RetryPolicy`](crate::RetryPolicy) says. What the caller concluded from
    /// [`Unit::state`] in between is not concluded again: where that matters, use
    /// [`RetryPolicy::never`](crate::RetryPolicy::never) and begin anew.
    ///
    /// A dropped future has stored all of the unit or nothing of it.
    ///
    /// # Errors
    ///
    /// [`ExecuteError`]: an accepted command refused on the newer state, conflict, not appended. Nothing is stored then,
    /// but see [`ExecuteError::is_unknown`].
    pub async fn commit(mut self) -> Result<Receipt, ExecuteError<A::Error>> {
        if let Some(first) = self.already {
            return Ok(first);
        }
        let scope = InContext {
            repository: self.scope.repository.clone(),
            context: self.scope.context.clone(),
        };
        let (stream, loaded) = (self.stream.clone(), self.loaded);
        let engine = &scope.repository.engine;
        let done = engine
            .commit(&scope.context, &stream, loaded, &mut self)
            .await;
        done.map_err(|error| error.with(self.error))
    }

    fn take(&mut self, command: Accepted<A>) -> Result<(), ExecuteError<A::Error>> {
        if self.already.is_some() {
            return Ok(());
        }
        let span = signal::decide(&self.stream, 1, self.version);
        let before = self.decided.events.len();
        let decided = span.in_scope(|| self.decide(&command.handler()));
        let events = self.decided.events.len() - before;
        let undecided = decided
            .as_ref()
            .map_err(Undecided::for_reason)
            .map(|()| events);
        signal::decided(&span, &self.stream, undecided.as_ref().copied());
        decided?;
        self.accepted.push(command);
        Ok(())
    }

    fn decide(&mut self, handler: &Handler<'_, A>) -> Result<(), ExecuteError<A::Error>> {
        let misfit = |source| ExecuteError::Fold {
            stream: self.stream.clone(),
            source,
        };
        let events = handler.decide(&self.stream, self.existing, self.state.held.get())?;
        let mut decided = Decisions::of(events);
        // Checked as a whole before the first is folded, so that a misfit leaves the unit as it was. What is folded is what
        // will be read: an event that is stored otherwise than it was made makes the same state here as there.
        check_fit(self.state.is_living(), &decided).map_err(misfit)?;
        decided.read_all(&self.stream)?;
        let copy = self.scope.repository.engine.copy();
        self.state.own(copy);
        let state = self.state.held.owned();
        let state = state.expect("what others hold can be copied, and everything else is its own");
        for event in &decided.read_back {
            A::fold(state, event).map_err(misfit)?;
            self.version = Some(Version::after(self.version));
        }
        if !decided.read_back.is_empty() {
            self.existing = self.version;
        }
        self.decided.events.extend(decided.events);
        Ok(())
    }

    fn redo(&mut self, at: At) -> Result<(), ExecuteError<A::Error>> {
        (self.version, self.existing) = (at.version(), at.existing());
        self.decided = Decisions::of(Events::none());
        let accepted = std::mem::take(&mut self.accepted);
        let mut commands = accepted.iter();
        let redone = commands.try_for_each(|command| self.decide(&command.handler()));
        // Also where one of them is refused: the state may lie behind, and then all are decided once more.
        self.accepted = accepted;
        redone
    }
}

/// After a conflict, all accepted commands are decided again.
impl<A: Aggregate> Work for Unit<A> {
    fn state(&mut self) -> &mut dyn Replay {
        // With what was decided in it, it is no state of the stream any more.
        if !self.decided.events.is_empty() {
            self.state.held = Held::Gone;
        }
        &mut self.state
    }

    fn decide<'a>(&'a mut self, _: &'a StreamId, at: At) -> Running<'a, Result<(), Undecided>> {
        at_once(match self.redo(at) {
            Ok(()) => Ok(()),
            Err(error) => {
                let undecided = Undecided::for_reason(&error);
                self.error = Some(error);
                Err(undecided)
            }
        })
    }

    fn decided(&mut self) -> &mut dyn Decided {
        &mut self.decided
    }

    /// Everything that was decided is in the state already, and nothing more will be.
    fn advance(&mut self, _: &mut Own<'_>) -> Option<&mut dyn Replay> {
        self.state.may_share = true;
        Some(&mut self.state)
    }
}

impl<A: Aggregate> fmt::Debug for Unit<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unit")
            .field("stream", &self.stream)
            .field("version", &self.loaded.version())
            .field("events", &self.decided.events)
            .finish_non_exhaustive()
    }
}
