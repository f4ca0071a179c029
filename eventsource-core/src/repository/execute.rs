//! Commands and decisions on behalf of a caller.

use std::future::Future;

use crate::{
    aggregate::Aggregate,
    command::{Handle, HandleNew},
    context::Context,
    events::Events,
    repository::{
        ExecuteError, Loaded, Repository, Unit,
        fold::At,
        work::{Ask, Handler},
    },
    store::Receipt,
    stream::StreamId,
};

/// A repository on behalf of a caller: its commands put the [`Context`] into the envelope of every event.
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
/// # struct Fill(u32);
/// # impl Handle<Fill> for Jar {
/// #     fn handle(&self, command: &Fill) -> Decision<Self> { Ok(Filled { coins: command.0 }.into()) }
/// # }
/// use eventsource_core::{Actor, AppendKey};
///
/// let jars = Repository::<Jar>::new(MemoryStore::new());
/// let context = Context::new().by(Actor::new("ann")?).with_key(AppendKey::new("payday-1")?);
/// let once = jars.within(context);
/// assert!(once.execute(&7, Fill(3)).await?.is_first());
/// // A retry is answered with the first receipt, and nothing is filled again.
/// assert!(!once.execute(&7, Fill(3)).await?.is_first());
/// assert_eq!(jars.load(&7).await?.coins, 3);
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct InContext<A: Aggregate> {
    pub(super) repository: Repository<A>,
    pub(super) context: Context,
}

impl<A: Aggregate> InContext<A> {
    /// As [`Repository::execute`]. With an append key the key is looked up first: where it has stored events, the first
    /// receipt is returned and the handler is not called.
    ///
    /// # Errors
    ///
    /// [`ExecuteError`]: refused by the domain, not loaded, conflict, key of another stream, not appended.
    pub async fn execute<C>(
        &self,
        id: &A::Id,
        command: C,
    ) -> Result<Receipt, ExecuteError<A::Error>>
    where
        A: Handle<C>,
        C: Send + Sync,
    {
        let handle = |state: &A| state.handle(&command);
        self.repository
            .run(&self.context, id, Handler::Living(&handle))
            .await
    }

    /// As [`Repository::create`], with the context; an append key is looked up first.
    ///
    /// # Errors
    ///
    /// [`ExecuteError`]; [`ExecuteError::AlreadyExists`] when the stream has events other than dropped ones.
    pub async fn create<C>(&self, id: &A::Id, command: C) -> Result<Receipt, ExecuteError<A::Error>>
    where
        A: HandleNew<C>,
        C: Send + Sync,
    {
        let handle = || <A as HandleNew<C>>::handle(&command);
        self.repository
            .run(&self.context, id, Handler::New(&handle))
            .await
    }

    /// Loads, awaits a decision that has to ask something outside first, appends.
    ///
    /// `decide` is given a handle on the loaded state that it may keep, clone and take into a spawned task. After a
    /// conflict it is called again with the newer state, and so it is where it refuses or decides nothing on a cached state
    /// that lies behind: what it does outside must bear being done twice.
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
    /// # async fn ask_the_owner(coins: u32) -> u32 { 10 - coins }
    /// let jars = Repository::<Jar>::new(MemoryStore::new());
    /// jars.decide(&7, |jar| async move {
    ///     let coins = ask_the_owner(jar.coins).await;
    ///     Ok::<_, std::convert::Infallible>(Filled { coins }.into())
    /// })
    /// .await?;
    /// assert_eq!(jars.load(&7).await?.coins, 10);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ExecuteError`] with the error of `decide` as [`ExecuteError::Refused`].
    pub async fn decide<F, D, E>(&self, id: &A::Id, decide: F) -> Result<Receipt, ExecuteError<E>>
    where
        F: Fn(Loaded<A>) -> D + Send + Sync,
        D: Future<Output = Result<Events<A>, E>> + Send,
        E: Send,
    {
        let mut work = Ask::new(|stream: &StreamId, at, state: &mut _| {
            let loaded = Loaded::of(stream, at, state)?;
            Ok(decide(loaded))
        });
        let (engine, stream) = (&self.repository.engine, StreamId::of::<A>(id));
        let done = engine.execute(&self.context, stream, &mut work).await;
        work.outcome.end(done)
    }

    /// As [`InContext::decide`], where there is no aggregate yet.
    ///
    /// # Errors
    ///
    /// [`ExecuteError`] with the error of `decide` as [`ExecuteError::Refused`]; [`ExecuteError::AlreadyExists`] when the
    /// stream has events other than dropped ones.
    pub async fn decide_new<F, D, E>(
        &self,
        id: &A::Id,
        decide: F,
    ) -> Result<Receipt, ExecuteError<E>>
    where
        F: Fn() -> D + Send + Sync,
        D: Future<Output = Result<Events<A>, E>> + Send,
        E: Send,
    {
        let mut work = Ask::new(|stream: &StreamId, at: At, _: &mut _| match at.existing() {
            None => Ok(decide()),
            Some(version) => Err(ExecuteError::already_exists(stream, version)),
        });
        let (engine, stream) = (&self.repository.engine, StreamId::of::<A>(id));
        let done = engine.execute(&self.context, stream, &mut work).await;
        work.outcome.end(done)
    }

    /// As [`Repository::begin`], with the context; an append key is looked up first, and where it has stored events the
    /// unit decides nothing and commits to the first receipt.
    ///
    /// # Errors
    ///
    /// [`ExecuteError`] when the state cannot be loaded, or the key cannot be looked up or belongs to another stream.
    pub async fn begin(&self, id: &A::Id) -> Result<Unit<A>, ExecuteError<A::Error>> {
        Unit::begin(self, id).await
    }
}
