//! What a projection takes, as the runner sees it: from which streams, under which names, and how it is decoded.

use std::{any::Any, collections::BTreeSet, fmt};

use super::{Projection, Reaction, Table};
use crate::{
    aggregate::{Aggregate, AggregateEvent},
    codec::DecodeError,
    event::EventSchema,
    parts::Parts,
    record::RecordedEvent,
    snapshot::Fingerprint,
    table::KnownEvent,
    text::{Category, EventName, ProjectionName, TextError},
};

/// The events that a stored event is today, of whatever aggregate.
#[doc(hidden)]
pub trait Decoded: Send + Sync {
    /// How many there are.
    fn parts(&self) -> usize;
    /// One of them: the event itself, not the enum that it was in.
    fn part(&self, index: usize) -> Option<&(dyn Any + Send + Sync)>;
}

impl<E: AggregateEvent> Decoded for Parts<E> {
    fn parts(&self) -> usize {
        self.len()
    }

    fn part(&self, index: usize) -> Option<&(dyn Any + Send + Sync)> {
        self.as_slice().get(index).map(AggregateEvent::inner)
    }
}

type Decode = fn(&RecordedEvent) -> Result<Box<dyn Decoded>, DecodeError>;

/// An aggregate from which a projection takes events.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Source {
    category: &'static str,
    table: &'static [KnownEvent],
    decode: Decode,
}

impl Source {
    /// The events of an aggregate.
    pub const fn of<A: Aggregate>() -> Self {
        Self {
            category: A::CATEGORY,
            table: A::Event::TABLE,
            decode: |event| {
                let parts = event.decode::<A>()?;
                Ok(Box::new(parts))
            },
        }
    }

    /// The category of the aggregate.
    pub const fn category(&self) -> &'static str {
        self.category
    }

    /// Its closed table.
    pub(super) const fn table(&self) -> &'static [KnownEvent] {
        self.table
    }

    fn known(&self, name: &str) -> Option<&'static KnownEvent> {
        let is = |event: &&KnownEvent| event.names.iter().any(|stored| stored.name == name);
        self.table.iter().find(is)
    }
}

/// What a projection or a reaction takes.
#[doc(hidden)]
#[derive(Debug, Clone)]
pub struct Definition {
    name: ProjectionName,
    version: u32,
    sources: Vec<Source>,
    listed: BTreeSet<&'static str>,
    tables: &'static [Table],
}

/// What a stored event is to a projection.
#[doc(hidden)]
pub enum Wanted {
    /// Nothing of it.
    No,
    /// These parts; which of them are listed, the dispatch knows.
    Parts(Box<dyn Decoded>),
}

impl Definition {
    /// What a projection takes.
    ///
    /// # Errors
    ///
    /// [`TextError`] where it was written by hand with a name that cannot be kept; the derive has checked it.
    pub fn of<P: Projection>(tables: &'static [Table]) -> Result<Self, TextError> {
        Ok(Self {
            name: ProjectionName::new(P::NAME)?,
            version: P::VERSION,
            sources: P::sources(),
            listed: P::listed().into_iter().collect(),
            tables,
        })
    }

    /// What a reaction takes.
    ///
    /// # Errors
    ///
    /// [`TextError`] where it was written by hand with a name that cannot be kept; the derive has checked it.
    pub fn of_reaction<R: Reaction>() -> Result<Self, TextError> {
        Ok(Self {
            name: ProjectionName::new(R::NAME)?,
            version: 1,
            sources: R::sources(),
            listed: R::listed().into_iter().collect(),
            tables: &[],
        })
    }

    /// Its name.
    pub const fn name(&self) -> &ProjectionName {
        &self.name
    }

    /// Its version.
    pub const fn version(&self) -> u32 {
        self.version
    }

    /// The tables of its read model.
    pub const fn tables(&self) -> &'static [Table] {
        self.tables
    }

    /// The categories from which it takes events.
    ///
    /// # Errors
    ///
    /// [`TextError`] where an aggregate was written by hand with a name that cannot be stored.
    pub fn categories(&self) -> Result<BTreeSet<Category>, TextError> {
        let sources = self.sources.iter();
        sources
            .map(|source| Category::written(source.category))
            .collect()
    }

    /// The stored names that this build knows and that are not wanted under any category. A name that it does not know
    /// is not among them, so that the event comes, and is an error there.
    ///
    /// A retired event is always wanted: what becomes of it, a function says, so that any event can come out of it.
    pub fn unwanted(&self) -> BTreeSet<EventName> {
        let (mut wanted, mut others) = (BTreeSet::new(), BTreeSet::new());
        for event in self.sources.iter().flat_map(|source| source.table) {
            let names = if self.takes(event) {
                &mut wanted
            } else {
                &mut others
            };
            names.extend(event.names.iter().map(|stored| (stored.name, stored.last)));
        }
        let wanted: BTreeSet<_> = wanted.into_iter().map(|(name, _)| name).collect();
        others
            .into_iter()
            .filter(|(name, _)| !wanted.contains(name))
            // Nothing can be stored under a name that cannot be.
            .filter_map(|(name, version)| EventName::of(EventSchema { name, version }).ok())
            .collect()
    }

    fn takes(&self, event: &KnownEvent) -> bool {
        event.retired || self.listed.contains(event.schema.name)
    }

    /// What a stored event is to the projection.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] when it is of one of the aggregates, and this build cannot read it.
    pub fn decode(&self, event: &RecordedEvent) -> Result<Wanted, DecodeError> {
        let of_category = |source: &&Source| event.stream.category() == source.category;
        let mut sources = self.sources.iter().filter(of_category);
        let Some(first) = sources.next() else {
            return Ok(Wanted::No);
        };
        // Several aggregates may read one category: whoever knows the name reads the event.
        let name = event.name.as_str();
        let (source, known) = [first]
            .into_iter()
            .chain(sources)
            .find_map(|source| source.known(name).map(|known| (source, Some(known))))
            .unwrap_or((first, None));
        match known {
            Some(known) if !self.takes(known) => Ok(Wanted::No),
            _ => (source.decode)(event).map(Wanted::Parts),
        }
    }

    /// What the projection is taken to be: its events, their aggregates, and its tables. Where it is another one under the
    /// same version, what was built before would not be what is built from now on.
    pub fn fingerprint(&self) -> Fingerprint {
        let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
        let mut add = |text: &str| {
            for byte in text.bytes().chain([0]) {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
            }
        };
        let categories: BTreeSet<_> = self.sources.iter().map(|one| one.category).collect();
        categories.into_iter().for_each(&mut add);
        add("");
        self.listed.iter().copied().for_each(&mut add);
        for table in self.tables {
            add("");
            add(table.name());
            add(table.columns());
            for index in table.indexes() {
                add(index.name());
                add(index.columns());
                add(if index.is_unique() { "unique" } else { "" });
            }
        }
        Fingerprint::new(hash)
    }
}

impl fmt::Debug for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::No => f.write_str("No"),
            Self::Parts(parts) => f.debug_tuple("Parts").field(&parts.parts()).finish(),
        }
    }
}
