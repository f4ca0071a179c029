//! One command: load, decide, append, and again after a conflict.

use std::future::{Future, ready};

use crate::{
    aggregate::{Aggregate, AggregateEvent, FoldError},
    command::{Handle, HandleNew},
    context::Context,
    events::Events,
    id::{CommandId, EventId},
    payload::StoredPayload,
    record::NewEvent,
    repository::{
        ExecuteError, LoadError, Loaded, Repository, Unit,
        load::{Folded, fold},
    },
    store::{Append, AppendError, Applied, Expected, Receipt, Rejection},
    stream::{StreamId, Version},
    text::EventName,
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
        self.attempt(id, |stream, folded| {
            ready(match &folded.state {
                Some(state) => state.handle(&command).map_err(ExecuteError::Refused),
                None => Err(LoadError::NotFound {
                    stream: stream.clone(),
                }
                .into()),
            })
        })
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
        self.attempt(id, |stream, folded| {
            ready(match folded.existing() {
                None => <A as HandleNew<C>>::handle(&command).map_err(ExecuteError::Refused),
                Some(version) => Err(ExecuteError::AlreadyExists {
                    stream: stream.clone(),
                    version,
                }),
            })
        })
        .await
    }

    /// Loads, awaits a decision that has to ask something outside first, appends.
    ///
    /// `decide` is given a handle on the loaded state that it may keep, clone and take into a spawned task. After a
    /// conflict it is called again with the newer state, so what it does outside must bear being done twice.
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
        self.attempt(id, |stream, folded| {
            let decision = folded.into_loaded(stream).map(&decide);
            async move { decision?.await.map_err(ExecuteError::Refused) }
        })
        .await
    }

    /// As [`InContext::decide`], on a stream without events.
    ///
    /// # Errors
    ///
    /// [`ExecuteError`] with the error of `decide` as [`ExecuteError::Refused`]; [`ExecuteError::AlreadyExists`] when the
    /// stream has events.
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
        self.attempt(id, |stream, folded| {
            let decision = match folded.existing() {
                None => Ok(decide()),
                Some(version) => Err(ExecuteError::AlreadyExists {
                    stream: stream.clone(),
                    version,
                }),
            };
            async move { decision?.await.map_err(ExecuteError::Refused) }
        })
        .await
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

    async fn attempt<F, D, E>(&self, id: &A::Id, decide: F) -> Result<Receipt, ExecuteError<E>>
    where
        F: Fn(&StreamId, Folded<A>) -> D + Send + Sync,
        D: Future<Output = Result<Events<A>, ExecuteError<E>>> + Send,
        E: Send,
    {
        let stream = StreamId::of::<A>(id).map_err(LoadError::from)?;
        if let Some(first) = self.find(&stream).await? {
            return Ok(first);
        }
        let command = self.command_id();
        let mut attempts = 1;
        loop {
            let folded = fold::<A>(&*self.repository.store, &stream, None).await?;
            let (living, version) = (folded.state.is_some(), folded.version);
            let events = match decide(&stream, folded).await {
                Ok(events) if !events.is_empty() => events,
                decided => {
                    return self
                        .unless_stored(&stream, decided.map(|_| nothing()))
                        .await;
                }
            };
            check_fit::<A>(living, events.as_slice()).map_err(|source| ExecuteError::Fold {
                stream: stream.clone(),
                source,
            })?;
            match self
                .append(&stream, version, events.as_slice(), command, attempts)
                .await?
            {
                Some(receipt) => return Ok(receipt),
                None => attempts += 1,
            }
        }
    }

    /// What came of a decision, unless the same key stored events since it was looked up: the state then had them in it,
    /// and a refusal, or having nothing to do, is only their echo.
    pub(super) async fn unless_stored<E>(
        &self,
        stream: &StreamId,
        decided: Result<Receipt, ExecuteError<E>>,
    ) -> Result<Receipt, ExecuteError<E>> {
        match self.find(stream).await? {
            Some(first) => Ok(first),
            None => decided,
        }
    }

    /// The receipt of an earlier command under the same append key.
    pub(super) async fn find<E>(
        &self,
        stream: &StreamId,
    ) -> Result<Option<Receipt>, ExecuteError<E>> {
        let Some(key) = &self.context.key else {
            return Ok(None);
        };
        let found = self.repository.store.find_append(key).await;
        match found.map_err(|source| ExecuteError::Lookup {
            key: key.clone(),
            source,
        })? {
            Some(first) => self.same_stream(stream, first).map(Some),
            None => Ok(None),
        }
    }

    /// The receipt is this command's only if it is about this stream and no other.
    fn same_stream<E>(
        &self,
        stream: &StreamId,
        first: Receipt,
    ) -> Result<Receipt, ExecuteError<E>> {
        match &self.context.key {
            Some(key) if first.streams.iter().any(|one| one.stream != *stream) => {
                Err(ExecuteError::KeyReused {
                    key: key.clone(),
                    stream: stream.clone(),
                    first: Box::new(first),
                })
            }
            _ => Ok(first),
        }
    }

    pub(super) fn command_id(&self) -> CommandId {
        self.context
            .command_id
            .unwrap_or_else(|| CommandId::new(self.repository.ids.next_id()))
    }

    /// Appends a decision; `None` after a conflict that is to be tried again, when the wait is over.
    pub(super) async fn append<E>(
        &self,
        stream: &StreamId,
        version: Option<Version>,
        events: &[A::Event],
        command: CommandId,
        attempts: u32,
    ) -> Result<Option<Receipt>, ExecuteError<E>> {
        if events.is_empty() {
            return Ok(Some(nothing()));
        }
        let events = self.encode(stream, events, command)?;
        let mut append = Append::to(stream.clone(), Expected::seen(version), events);
        append.key.clone_from(&self.context.key);
        match self.repository.store.append(append).await {
            Ok(receipt) => Ok(Some(receipt)),
            Err(AppendError::Conflict(source)) => {
                let retry = self.repository.retry;
                if attempts >= retry.attempts {
                    return Err(ExecuteError::Conflict { attempts, source });
                }
                self.repository
                    .timer
                    .sleep(retry.delay_after(attempts))
                    .await;
                // The conflict may be with this very command, stored by an attempt under the same key elsewhere.
                self.find(stream).await
            }
            // The same command decided otherwise, since it was decided on another state: the first decision stands.
            Err(AppendError::Rejected(Rejection::KeyReused { first, .. })) => {
                self.same_stream(stream, *first).map(Some)
            }
            Err(source) => Err(ExecuteError::Append {
                stream: stream.clone(),
                source,
            }),
        }
    }

    fn encode<E>(
        &self,
        stream: &StreamId,
        events: &[A::Event],
        command: CommandId,
    ) -> Result<Vec<NewEvent>, ExecuteError<E>> {
        let context = &self.context;
        let occurred_at = context
            .occurred_at
            .unwrap_or_else(|| self.repository.clock.now());
        let mut json = Vec::new();
        let encode = |event: &A::Event| {
            json.clear();
            event
                .encode(&mut json)
                .map_err(|source| ExecuteError::Encode {
                    stream: stream.clone(),
                    source,
                })?;
            let schema = event.schema();
            // Stored events are for ever: what could not be read back must not become one.
            A::Event::decode(schema.name, schema.version, &json).map_err(|source| {
                ExecuteError::Unreadable {
                    stream: stream.clone(),
                    source,
                }
            })?;
            let name = EventName::of(schema).map_err(|source| ExecuteError::Name {
                stream: stream.clone(),
                source,
            })?;
            Ok(NewEvent {
                id: EventId::new(self.repository.ids.next_id()),
                name,
                schema_version: schema.version,
                payload: StoredPayload::json(&json),
                occurred_at,
                correlation_id: Some(context.correlation_id.unwrap_or_else(|| command.into())),
                causation_id: Some(context.causation_id.unwrap_or_else(|| command.into())),
                actor: context.actor.clone(),
                metadata: context.metadata.clone(),
                tags: context.tags.clone(),
            })
        };
        events.iter().map(encode).collect()
    }
}

/// The receipt of a decision without events.
fn nothing() -> Receipt {
    Receipt::new(Applied::Now, Vec::new())
}

/// Whether each of the events will fit the state that it meets, seen before anything is written: what does not would
/// make the stream unreadable.
pub(super) fn check_fit<A: Aggregate>(
    mut living: bool,
    events: &[A::Event],
) -> Result<(), FoldError> {
    let Some(creating) = A::created_by() else {
        return Ok(());
    };
    for event in events {
        let event = event.schema().name;
        match (living, event == creating.name) {
            (false, true) => living = true,
            (true, false) => {}
            (true, true) => {
                return Err(FoldError::AlreadyCreated {
                    aggregate: A::CATEGORY,
                    event,
                });
            }
            (false, false) => {
                let (aggregate, created_by) = (A::CATEGORY, creating.name);
                return Err(FoldError::NotCreated {
                    aggregate,
                    event,
                    created_by,
                });
            }
        }
    }
    Ok(())
}
