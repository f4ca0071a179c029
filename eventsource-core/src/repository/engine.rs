//! What a repository does whatever its aggregates are. It is compiled here once, and not again in every crate that has
//! aggregates: their types come in as [`Work`] and go out as a [`Running`] future.

use std::{future::Future, pin::Pin, sync::Arc};

use crate::{
    aggregate::{Aggregate, AggregateEvent, FoldError},
    aggregate_id::AggregateIdError,
    clock::{Clock, SystemClock},
    codec::{DecodeError, EncodeError},
    context::Context,
    event::EventSchema,
    events::Events,
    id::{CommandId, EventId, IdSource, UuidV7},
    payload::StoredPayload,
    record::NewEvent,
    repository::{
        ExecuteError, LoadError, RetryPolicy, Timer,
        error::Undecided,
        load::{At, Replay, fold},
        retry::AnyTimer,
    },
    store::{Append, AppendError, Applied, EventStore, Expected, Receipt, Rejection},
    stream::StreamId,
    text::EventName,
};

/// A future whose type does not say what it does.
pub(super) type Running<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

type Done<T> = Result<T, ExecuteError<Undecided>>;

/// One command, or several, on one aggregate, whatever its type.
pub(super) trait Work: Send {
    /// What the stream is folded into.
    fn state(&mut self) -> &mut dyn Replay;
    /// Decides on the state, which it may use up. The reason why it cannot stays here.
    fn decide<'a>(&'a mut self, stream: &'a StreamId, at: At)
    -> Running<'a, Result<(), Undecided>>;
    /// What was decided last.
    fn events(&self) -> &dyn Decided;
}

/// The events of a decision, whatever their type.
pub(super) trait Decided: Sync {
    /// How many there are.
    fn count(&self) -> usize;
    /// The stored name and schema version of one.
    fn schema(&self, index: usize) -> EventSchema;
    /// Appends the JSON of one.
    fn encode(&self, index: usize, json: &mut Vec<u8>) -> Result<(), EncodeError>;
    /// Reads what would be stored.
    fn decode(&self, schema: EventSchema, json: &[u8]) -> Result<(), DecodeError>;
    /// The category of their aggregate, and the event that creates it.
    fn aggregate(&self) -> (&'static str, Option<EventSchema>);
}

impl<A: Aggregate> Decided for Events<A> {
    fn count(&self) -> usize {
        self.len()
    }

    fn schema(&self, index: usize) -> EventSchema {
        self.as_slice()[index].schema()
    }

    fn encode(&self, index: usize, json: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.as_slice()[index].encode(json)
    }

    fn decode(&self, schema: EventSchema, json: &[u8]) -> Result<(), DecodeError> {
        match A::Event::decode(schema.name, schema.version, json) {
            Ok(_) => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn aggregate(&self) -> (&'static str, Option<EventSchema>) {
        (A::CATEGORY, A::created_by())
    }
}

/// The store and what else a repository works with.
#[derive(Debug, Clone)]
pub(super) struct Engine {
    pub(super) store: Arc<dyn EventStore>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) ids: Arc<dyn IdSource>,
    pub(super) timer: Arc<dyn Timer>,
    pub(super) retry: RetryPolicy,
    /// The context of who gives none. Here it is in no state machine of a command.
    pub(super) nobody: Context,
}

impl Engine {
    pub(super) fn new(store: Arc<dyn EventStore>) -> Self {
        Self {
            store,
            clock: Arc::new(SystemClock),
            ids: Arc::new(UuidV7),
            timer: Arc::new(AnyTimer),
            retry: RetryPolicy::default(),
            nobody: Context::new(),
        }
    }

    /// Folds the stream, has it decided, appends; after a conflict all three again. An append key is looked up first:
    /// what was decided once is not decided again.
    pub(super) fn execute<'a>(
        &'a self,
        context: &'a Context,
        stream: Result<StreamId, AggregateIdError>,
        work: &'a mut dyn Work,
    ) -> Running<'a, Done<Receipt>> {
        Box::pin(async move {
            let stream = stream.map_err(LoadError::from)?;
            match self.find(context, &stream).await? {
                Some(first) => Ok(first),
                None => self.attempt(context, &stream, work, None).await,
            }
        })
    }

    /// Folds the stream for a unit of work, and looks up what the append key has stored.
    pub(super) fn begin<'a>(
        &'a self,
        context: &'a Context,
        stream: Result<StreamId, AggregateIdError>,
        state: &'a mut dyn Replay,
    ) -> Running<'a, Done<(StreamId, At, Option<Receipt>)>> {
        Box::pin(async move {
            let stream = stream.map_err(LoadError::from)?;
            // In this order: what the key stores after the state is loaded conflicts with the commit.
            let at = fold(&*self.store, &stream, None, state).await?;
            let already = self.find(context, &stream).await?;
            Ok((stream, at, already))
        })
    }

    /// Appends what is decided on the state at this point; after a conflict it is decided again.
    pub(super) fn commit<'a>(
        &'a self,
        context: &'a Context,
        stream: &'a StreamId,
        decided: At,
        work: &'a mut dyn Work,
    ) -> Running<'a, Done<Receipt>> {
        Box::pin(self.attempt(context, stream, work, Some(decided)))
    }

    async fn attempt(
        &self,
        context: &Context,
        stream: &StreamId,
        work: &mut dyn Work,
        mut decided: Option<At>,
    ) -> Done<Receipt> {
        let command = context
            .command_id
            .unwrap_or_else(|| CommandId::new(self.ids.next_id()));
        let mut attempts = 1;
        loop {
            let at = if let Some(at) = decided.take() {
                at
            } else {
                let at = fold(&*self.store, stream, None, work.state()).await?;
                if let Err(kept) = work.decide(stream, at).await {
                    let refused = Err(ExecuteError::Refused(kept));
                    return self.unless_stored(context, stream, refused).await;
                }
                at
            };
            if work.events().count() == 0 {
                let nothing = Receipt::new(Applied::Now, Vec::new());
                return self.unless_stored(context, stream, Ok(nothing)).await;
            }
            let events = self.encode(context, stream, at, work.events(), command)?;
            let mut append = Append::to(stream.clone(), Expected::seen(at.version), events);
            append.key.clone_from(&context.key);
            match self.append(context, stream, append, attempts).await? {
                Some(receipt) => return Ok(receipt),
                None => attempts += 1,
            }
        }
    }

    /// What came of a decision, unless the same key stored events since it was looked up: the state then had them in it,
    /// and a refusal, or having nothing to do, is only their echo.
    async fn unless_stored(
        &self,
        context: &Context,
        stream: &StreamId,
        decided: Done<Receipt>,
    ) -> Done<Receipt> {
        match self.find(context, stream).await? {
            Some(first) => Ok(first),
            None => decided,
        }
    }

    /// The receipt of an earlier command under the same append key.
    async fn find(&self, context: &Context, stream: &StreamId) -> Done<Option<Receipt>> {
        let Some(key) = &context.key else {
            return Ok(None);
        };
        let found = self.store.find_append(key).await;
        match found.map_err(|source| ExecuteError::Lookup {
            key: key.clone(),
            source,
        })? {
            Some(first) => same_stream(context, stream, first).map(Some),
            None => Ok(None),
        }
    }

    /// Appends a decision; `None` after a conflict that is to be tried again, when the wait is over.
    async fn append(
        &self,
        context: &Context,
        stream: &StreamId,
        append: Append,
        attempts: u32,
    ) -> Done<Option<Receipt>> {
        match self.store.append(append).await {
            Ok(receipt) => Ok(Some(receipt)),
            Err(AppendError::Conflict(source)) => {
                if attempts >= self.retry.attempts {
                    return Err(ExecuteError::Conflict { attempts, source });
                }
                self.timer.sleep(self.retry.delay_after(attempts)).await;
                // The conflict may be with this very command, stored by an attempt under the same key elsewhere.
                self.find(context, stream).await
            }
            // The same command decided otherwise, since it was decided on another state: the first decision stands.
            Err(AppendError::Rejected(Rejection::KeyReused { first, .. })) => {
                same_stream(context, stream, *first).map(Some)
            }
            Err(source) => Err(ExecuteError::Append {
                stream: stream.clone(),
                source,
            }),
        }
    }

    fn encode(
        &self,
        context: &Context,
        stream: &StreamId,
        at: At,
        events: &dyn Decided,
        command: CommandId,
    ) -> Done<Vec<NewEvent>> {
        check_fit(at.is_living, events).map_err(|source| ExecuteError::Fold {
            stream: stream.clone(),
            source,
        })?;
        let occurred_at = context.occurred_at.unwrap_or_else(|| self.clock.now());
        let mut json = Vec::new();
        let encode = |index| {
            json.clear();
            events
                .encode(index, &mut json)
                .map_err(|source| ExecuteError::Encode {
                    stream: stream.clone(),
                    source,
                })?;
            let schema = events.schema(index);
            // Stored events are for ever: what could not be read back must not become one.
            events
                .decode(schema, &json)
                .map_err(|source| ExecuteError::Unreadable {
                    stream: stream.clone(),
                    source,
                })?;
            let name = EventName::of(schema).map_err(|source| ExecuteError::Name {
                stream: stream.clone(),
                source,
            })?;
            Ok(NewEvent {
                id: EventId::new(self.ids.next_id()),
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
        (0..events.count()).map(encode).collect()
    }
}

/// The receipt is this command's only if it is about this stream and no other.
fn same_stream(context: &Context, stream: &StreamId, first: Receipt) -> Done<Receipt> {
    match &context.key {
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

/// Whether each of the events will fit the state that it meets, seen before anything is written: what does not would
/// make the stream unreadable.
pub(super) fn check_fit(mut is_living: bool, events: &dyn Decided) -> Result<(), FoldError> {
    let (aggregate, Some(creating)) = events.aggregate() else {
        return Ok(());
    };
    for index in 0..events.count() {
        let event = events.schema(index).name;
        match (is_living, event == creating.name) {
            (false, true) => is_living = true,
            (true, false) => {}
            (true, true) => return Err(FoldError::AlreadyCreated { aggregate, event }),
            (false, false) => {
                return Err(FoldError::NotCreated {
                    aggregate,
                    event,
                    created_by: creating.name,
                });
            }
        }
    }
    Ok(())
}
