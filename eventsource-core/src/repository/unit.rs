//! Several commands on one aggregate, stored together or not at all.

use std::fmt;

use crate::{
    aggregate::Aggregate,
    command::{Handle, HandleNew},
    events::Events,
    repository::{
        ExecuteError, InContext, LoadError,
        execute::check_fit,
        load::{Folded, fold},
    },
    store::Receipt,
    stream::{StreamId, Version},
};

type Redo<A> = dyn Fn(&StreamId, &Folded<A>) -> Result<Events<A>, ExecuteError<<A as Aggregate>::Error>>
    + Send
    + Sync;

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
    /// The version that the state was loaded at.
    version: Option<Version>,
    /// The state with everything decided so far.
    folded: Folded<A>,
    events: Events<A>,
    /// The accepted commands, to be decided again after a conflict.
    accepted: Vec<Box<Redo<A>>>,
}

impl<A: Aggregate> Unit<A> {
    pub(super) async fn begin(
        scope: &InContext<A>,
        id: &A::Id,
    ) -> Result<Self, ExecuteError<A::Error>> {
        let stream = StreamId::of::<A>(id).map_err(LoadError::from)?;
        // In this order: what the key stores after the state is loaded conflicts with the commit.
        let folded = fold::<A>(&*scope.repository.store, &stream, None).await?;
        let already = scope.find(&stream).await?;
        let (repository, context) = (scope.repository.clone(), scope.context.clone());
        Ok(Self {
            scope: InContext {
                repository,
                context,
            },
            stream,
            already,
            version: folded.version,
            folded,
            events: Events::none(),
            accepted: Vec::new(),
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
        self.take(Box::new(move |stream, folded| match &folded.state {
            Some(state) => state.handle(&command).map_err(ExecuteError::Refused),
            None => Err(LoadError::NotFound {
                stream: stream.clone(),
            }
            .into()),
        }))
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
        self.take(Box::new(move |stream, folded| match folded.existing() {
            None => <A as HandleNew<C>>::handle(&command).map_err(ExecuteError::Refused),
            Some(version) => Err(ExecuteError::AlreadyExists {
                stream: stream.clone(),
                version,
            }),
        }))
    }

    /// The state with everything decided so far; `None` where an event is to create it and none has.
    pub fn state(&self) -> Option<&A> {
        self.folded.state.as_ref()
    }

    /// The events decided so far.
    pub fn events(&self) -> &[A::Event] {
        self.events.as_slice()
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
        let command = self.scope.command_id();
        let mut attempts = 1;
        loop {
            let events = self.events.as_slice();
            let appended = self
                .scope
                .append(&self.stream, self.version, events, command, attempts)
                .await?;
            if let Some(receipt) = appended {
                return Ok(receipt);
            }
            attempts += 1;
            if let Err(error) = self.redo().await {
                return self.scope.unless_stored(&self.stream, Err(error)).await;
            }
        }
    }

    fn take(&mut self, decide: Box<Redo<A>>) -> Result<(), ExecuteError<A::Error>> {
        if self.already.is_some() {
            return Ok(());
        }
        self.decide(&*decide)?;
        self.accepted.push(decide);
        Ok(())
    }

    fn decide(&mut self, decide: &Redo<A>) -> Result<(), ExecuteError<A::Error>> {
        let misfit = |source| ExecuteError::Fold {
            stream: self.stream.clone(),
            source,
        };
        let events = decide(&self.stream, &self.folded)?;
        // Checked as a whole before the first is folded, so that a misfit leaves the unit as it was.
        check_fit::<A>(self.folded.state.is_some(), events.as_slice()).map_err(misfit)?;
        for event in events.as_slice() {
            A::fold(&mut self.folded.state, event).map_err(misfit)?;
            self.folded.version = Some(Version::after(self.folded.version));
            self.folded.is_begun = true;
        }
        self.events.extend(events);
        Ok(())
    }

    async fn redo(&mut self) -> Result<(), ExecuteError<A::Error>> {
        self.folded = fold::<A>(&*self.scope.repository.store, &self.stream, None).await?;
        self.version = self.folded.version;
        self.events = Events::none();
        let accepted = std::mem::take(&mut self.accepted);
        for decide in &accepted {
            self.decide(&**decide)?;
        }
        self.accepted = accepted;
        Ok(())
    }
}

impl<A: Aggregate> fmt::Debug for Unit<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unit")
            .field("stream", &self.stream)
            .field("version", &self.version)
            .field("events", &self.events)
            .finish_non_exhaustive()
    }
}
