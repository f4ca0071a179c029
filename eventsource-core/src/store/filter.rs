//! Which events of a scope are wanted.

use std::collections::BTreeSet;

use crate::{
    id::{CausationId, CorrelationId},
    record::RecordedEvent,
    text::{EventName, Tag},
};

/// Which of the events in a scope are wanted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Filter {
    /// Only events of one of these stored names; `None` for all. An empty set is refused: it is no way to say "all".
    pub names: Option<BTreeSet<EventName>>,
    /// No event of one of these stored names; empty for all. What is listed here and under `names` is left out.
    pub except: BTreeSet<EventName>,
    /// Only events that have all of these tags.
    pub tags: BTreeSet<Tag>,
    /// Only events of this conversation; `None` for all.
    pub correlation: Option<CorrelationId>,
    /// Only events that one of these caused; `None` for all. An empty set is refused: it is no way to say "all".
    pub causes: Option<BTreeSet<CausationId>>,
}

impl Filter {
    /// Whether an event is wanted.
    pub fn matches(&self, event: &RecordedEvent) -> bool {
        self.names
            .as_ref()
            .is_none_or(|names| names.contains(&event.name))
            && !self.except.contains(&event.name)
            && self.tags.is_subset(&event.tags)
            && self
                .correlation
                .is_none_or(|wanted| event.correlation_id == Some(wanted))
            && self.causes.as_ref().is_none_or(|causes| {
                event
                    .causation_id
                    .is_some_and(|cause| causes.contains(&cause))
            })
    }

    pub(super) fn or_named(&mut self, names: impl IntoIterator<Item = EventName>) {
        self.names.get_or_insert_default().extend(names);
    }

    pub(super) fn or_caused_by(&mut self, causes: impl IntoIterator<Item = CausationId>) {
        self.causes.get_or_insert_default().extend(causes);
    }

    /// Whether every event is wanted.
    pub fn is_all(&self) -> bool {
        *self == Self::default()
    }
}

/// What reads and subscriptions are filtered by; they have a `filter` each.
macro_rules! filtered {
    () => {
        /// Only events of one of these stored names, or of those asked for before. The names are taken as they are; to
        /// find an event under each name that it has had, ask by its type: [`typed`](Self::typed).
        #[must_use]
        pub fn named(mut self, names: impl IntoIterator<Item = EventName>) -> Self {
            self.filter.or_named(names);
            self
        }

        /// Only events that may be one of these of the aggregate `A`, or those asked for before: under every stored name
        /// from which this build reads one, and all that were [retired](crate::AggregateEvent::TABLE), since any event
        /// can come out of one. The filter so gives each wanted event and others; decode what it gives, and take what
        /// is wanted. A limit counts the others, too.
        ///
        /// **It is a filter by the names that this build knows.** What newer code stored under a name that came later
        /// (a rename, a split, a new event) is left out in silence, and a checkpoint passes it for good. Deploy readers
        /// before writers, or read with [`events_of`](Self::events_of), where such an event is an error; see
        /// [changing an event](crate::changing_an_event#while-old-readers-still-run).
        ///
        /// ```
        /// # use eventsource_core::{Category, EventStoreExt, Read, Repository, prelude::*};
        /// # use serde::{Deserialize, Serialize};
        /// # #[derive(Debug, Serialize, Deserialize, Event)] #[event(name = "light.on")] struct On;
        /// # #[derive(Debug, Serialize, Deserialize, Event)] #[event(name = "light.off")] struct Off;
        /// # #[derive(Debug, Default, Aggregate)]
        /// # #[aggregate(name = "light", id = u64, error = std::convert::Infallible, events(On, Off))]
        /// # struct Light;
        /// # impl Apply<On> for Light { fn apply(&mut self, _: &On) {} }
        /// # impl Apply<Off> for Light { fn apply(&mut self, _: &Off) {} }
        /// let on = Read::category(Category::of::<Light>()?).typed::<Light, On>();
        /// let both = Read::all().typed::<Light, (On, Off)>();
        /// assert_eq!(both, Read::all().typed::<Light, Off>().typed::<Light, On>());
        /// # let _ = on;
        /// # Ok::<(), eventsource_core::TextError>(())
        /// ```
        #[must_use]
        pub fn typed<A: Aggregate, E: EventsOf<A>>(mut self) -> Self {
            self.filter.or_named(E::stored_names());
            self
        }

        /// No events of these stored names, nor of those named here before. Events of every other name are given, also of
        /// names that this build does not know: so what newer code stored is met, where a filter by
        /// [names](Self::named) passes it in silence.
        ///
        /// The names are taken as they are. None at all is allowed, and leaves nothing out.
        ///
        /// ```
        /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
        /// # use eventsource_core::{EventName, EventStore, Read, Repository, prelude::*};
        /// # use serde::{Deserialize, Serialize};
        /// # #[derive(Debug, Serialize, Deserialize, Event)] #[event(name = "light.on")] struct On;
        /// # #[derive(Debug, Serialize, Deserialize, Event)] #[event(name = "light.dimmed")] struct Dimmed;
        /// # #[derive(Debug, Default, Aggregate)]
        /// # #[aggregate(name = "light", id = u64, error = std::convert::Infallible, events(On, Dimmed))]
        /// # struct Light;
        /// # impl Apply<On> for Light { fn apply(&mut self, _: &On) {} }
        /// # impl Apply<Dimmed> for Light { fn apply(&mut self, _: &Dimmed) {} }
        /// # struct Switch;
        /// # impl Handle<Switch> for Light {
        /// #     fn handle(&self, _: &Switch) -> Decision<Self> { Ok((On, Dimmed).into()) }
        /// # }
        /// let lights = Repository::<Light>::new(MemoryStore::new());
        /// lights.execute(&1, Switch).await?;
        /// let read = Read::all().except([EventName::new("light.dimmed")?]);
        /// let events = lights.store().read(read).collect().await?;
        /// assert_eq!(events.len(), 1);
        /// # Ok(()) }
        /// ```
        #[must_use]
        pub fn except(mut self, names: impl IntoIterator<Item = EventName>) -> Self {
            self.filter.except.extend(names);
            self
        }

        /// Only events that have all of these tags, and those asked for before.
        #[must_use]
        pub fn tagged(mut self, tags: impl IntoIterator<Item = Tag>) -> Self {
            self.filter.tags.extend(tags);
            self
        }

        /// Only events of this conversation, in place of one that was asked for before.
        ///
        /// ```
        /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
        /// # use eventsource_core::{EventStore, EventStoreExt, Read, Repository, prelude::*};
        /// # use serde::{Deserialize, Serialize};
        /// # #[derive(Debug, Serialize, Deserialize, Event)] #[event(name = "light.on")] struct On;
        /// # #[derive(Debug, Default, Aggregate)]
        /// # #[aggregate(name = "light", id = u64, error = std::convert::Infallible, events(On))]
        /// # struct Light;
        /// # impl Apply<On> for Light { fn apply(&mut self, _: &On) {} }
        /// # struct Switch;
        /// # impl Handle<Switch> for Light { fn handle(&self, _: &Switch) -> Decision<Self> { Ok(On.into()) } }
        /// let lights = Repository::<Light>::new(MemoryStore::new());
        /// lights.execute(&1, Switch).await?;
        /// let first = lights.store().last(Read::all()).await?.expect("an event");
        /// lights.within(Context::new().caused_by(&first)).execute(&2, Switch).await?;
        ///
        /// let conversation = first.correlation_id.expect("the repository gives one");
        /// let all = lights.store().read(Read::all().correlated(conversation)).collect().await?;
        /// assert_eq!(all.len(), 2);
        /// let caused = lights.store().read(Read::all().caused_by([first.id])).collect().await?;
        /// assert_eq!(caused[0].stream.id(), "2");
        /// # Ok(()) }
        /// ```
        #[must_use]
        pub fn correlated(mut self, conversation: CorrelationId) -> Self {
            self.filter.correlation = Some(conversation);
            self
        }

        /// Only events that one of these caused itself, or one of those asked for before: commands or events, by their
        /// ids. What came of those events in turn is told by
        /// [`causation_tree`](crate::EventStoreExt::causation_tree).
        ///
        /// Up to 16 causes are followed by an index, where a store has one. With more of them each event of the scope
        /// may be looked at.
        #[must_use]
        pub fn caused_by<C: Into<CausationId>>(
            mut self,
            causes: impl IntoIterator<Item = C>,
        ) -> Self {
            self.filter.or_caused_by(causes.into_iter().map(Into::into));
            self
        }
    };
}
pub(super) use filtered;
