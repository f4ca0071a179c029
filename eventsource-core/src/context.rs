//! Who asks for something, and why: what a caller's events carry in their envelopes.

use std::collections::BTreeSet;

use crate::{
    id::{CausationId, CommandId, CorrelationId},
    metadata::{Fact, Metadata, MetadataError},
    record::RecordedEvent,
    text::{Actor, AppendKey, Tag},
    time::Timestamp,
};

/// What accompanies a command into the envelope of every event that it causes.
///
/// What is not given is made up: a fresh command id, which the events name as their cause and, where there is no
/// conversation yet, as the conversation; the clock's time as the time at which they occurred.
///
/// ```
/// use eventsource_core::{Actor, AppendKey, Context};
///
/// let context = Context::new()
///     .by(Actor::new("ann")?)
///     .with_key(AppendKey::new("order-17-payment")?);
/// # let _ = context;
/// # Ok::<(), eventsource_core::TextError>(())
/// ```
///
/// ## What flows on
///
/// Everything in it is in the envelope of every event that the command causes, but for the key, which belongs to the
/// append. Who reacts to an event begins with [`Context::caused_by`], and of that event's envelope
///
/// - flow on: the conversation, the event's id as the cause, the actor, and the facts, key by key;
/// - do not: the append key, the id and the time of the command, and the tags. A tag says what an event is about, and a
///   reaction is about something else.
///
/// So a fact that was said once, such as a tenant, is in every event that comes of it, however far. What the caller says
/// of actor, conversation and facts stands before what flows on, in whichever order it is said.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Context {
    /// The key under which a retry is recognised.
    pub key: Option<AppendKey>,
    /// The id of the command. The events name it as their cause where nothing else is given as their cause.
    pub command_id: Option<CommandId>,
    /// The conversation.
    pub correlation_id: Option<CorrelationId>,
    /// What caused the command; the command itself where nothing is given.
    pub causation_id: Option<CausationId>,
    /// Who asks.
    pub actor: Option<Actor>,
    /// When it happened, where that is not now.
    pub occurred_at: Option<Timestamp>,
    /// Free facts.
    pub metadata: Metadata,
    /// Texts by which the events can be found across streams.
    pub tags: BTreeSet<Tag>,
}

impl Context {
    /// A context that says nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// The key under which the events are appended: the given one, or that of the command's id.
    pub fn append_key(&self) -> Option<AppendKey> {
        let of_command = || self.command_id.map(AppendKey::of_command);
        self.key.clone().or_else(of_command)
    }

    /// The conversation of a command: the command itself where nothing is given.
    pub(crate) fn correlation_of(&self, command: CommandId) -> CorrelationId {
        self.correlation_id.unwrap_or_else(|| command.into())
    }

    /// What caused a command: the command itself where nothing is given.
    pub(crate) fn causation_of(&self, command: CommandId) -> CausationId {
        self.causation_id.unwrap_or_else(|| command.into())
    }

    /// The same, asked by `actor`.
    #[must_use]
    pub fn by(mut self, actor: Actor) -> Self {
        self.actor = Some(actor);
        self
    }

    /// The same under an append key: a second command of the same key is answered with the first one's receipt.
    #[must_use]
    pub fn with_key(mut self, key: AppendKey) -> Self {
        self.key = Some(key);
        self
    }

    /// The same for the command of this id, which the events name as their cause, unless [`Context::caused_by`] names
    /// another one. Unless [`Context::with_key`] gives another one, its append key comes from the id, too: the same command
    /// once more is answered with the first receipt.
    #[must_use]
    pub fn with_command_id(mut self, id: CommandId) -> Self {
        self.command_id = Some(id);
        self
    }

    /// The same within a conversation.
    #[must_use]
    pub fn in_conversation(mut self, id: CorrelationId) -> Self {
        self.correlation_id = Some(id);
        self
    }

    /// The same, caused by an event. Its conversation, its actor and its facts go on, where this context says nothing of
    /// them: see [what flows on](Context#what-flows-on). Of two calls the last one names the cause.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use eventsource_core::{Actor, Append, EventId, EventName, EventStoreExt, Expected, Metadata, NewEvent, Read};
    /// # use eventsource_core::{StoredPayload, StreamId, Tag, Timestamp, prelude::*, EventStore, IdSource, UuidV7};
    /// # let store = MemoryStore::new();
    /// # let mut event = NewEvent::new(EventId::new(UuidV7.next_id()), EventName::new("order.paid")?, 1,
    /// #     StoredPayload::json(b"{}"), Timestamp::EPOCH);
    /// # event.actor = Some(Actor::new("ann")?);
    /// # event.metadata = Metadata::new().with("tenant", "east")?.with("reason", "order")?;
    /// # store.append(Append::to(StreamId::new("order", "1")?, Expected::Any, [event])).await?;
    /// # let paid = store.last(Read::all()).await?.expect("an event");
    /// // `paid` was asked for by ann, with the facts `tenant: east` and `reason: order`.
    /// let context = Context::new()
    ///     .caused_by(&paid)
    ///     .with_metadata(Metadata::new().with("reason", "payment")?);
    /// assert_eq!(context.actor, Some(Actor::new("ann")?));
    /// assert_eq!(context.metadata, Metadata::new().with("tenant", "east")?.with("reason", "payment")?);
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn caused_by(mut self, event: &RecordedEvent) -> Self {
        self.causation_id = Some(event.id.into());
        let conversation = event.correlation_id;
        self.correlation_id.get_or_insert_with(|| {
            conversation.unwrap_or_else(|| CorrelationId::new(event.id.as_uuid()))
        });
        self.actor = self.actor.or_else(|| event.actor.clone());
        self.metadata.add_missing(&event.metadata);
        self
    }

    /// The same for something that happened at this time.
    #[must_use]
    pub fn occurred_at(mut self, time: Timestamp) -> Self {
        self.occurred_at = Some(time);
        self
    }

    /// The same with these facts, each in place of an earlier one of the same key.
    #[must_use]
    pub fn with_metadata(mut self, mut metadata: Metadata) -> Self {
        metadata.add_missing(&self.metadata);
        self.metadata = metadata;
        self
    }

    /// The same with a [`Fact`], in place of an earlier one of the same key.
    ///
    /// # Errors
    ///
    /// [`MetadataError`] as [`Metadata::with_fact`].
    pub fn with_fact<T: Fact>(mut self, fact: &T) -> Result<Self, MetadataError> {
        self.metadata.insert_fact(fact)?;
        Ok(self)
    }

    /// The same with one more tag.
    #[must_use]
    pub fn tagged(mut self, tag: Tag) -> Self {
        self.tags.insert(tag);
        self
    }
}
