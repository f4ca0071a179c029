//! The list of a program's aggregates: what its stored events can be, for the lock, the audit, and whoever reads events
//! of several aggregates.

use std::{
    any::{TypeId, type_name},
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use crate::{
    aggregate::{Aggregate, AggregateEvent},
    codec::{DecodeError, EncodeError},
    describe::{Body, DescribedEvent, Description, EventShape, Shapes},
    event::{Event, EventSchema},
    table::KnownEvent,
};

/// The aggregates that share a store.
///
/// Two different event types under one stored name are refused: what one wrote would be read as the other. The same type
/// may be listed by several aggregates.
///
/// ```
/// use eventsource_core::{Registry, prelude::*};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Debug, Serialize, Deserialize, Event)]
/// #[event(name = "light.switched")]
/// struct Switched {
///     on: bool,
/// }
///
/// #[derive(Debug, Default, Aggregate)]
/// #[aggregate(name = "light", id = String, error = std::convert::Infallible, events(Switched))]
/// struct Light;
///
/// impl Apply<Switched> for Light {
///     fn apply(&mut self, _: &Switched) {}
/// }
///
/// let registry = Registry::of::<Light>()?;
/// let today = registry.today("light.switched", 1, br#"{"on":true}"#)?;
/// assert_eq!(today[0].json, br#"{"on":true}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Registry {
    aggregates: Vec<Registered>,
}

#[derive(Clone, Copy)]
struct Registered {
    category: &'static str,
    rust: fn() -> &'static str,
    table: &'static [KnownEvent],
    about: &'static [About],
    decode: fn(&str, u32, &[u8]) -> Result<(), DecodeError>,
    today: fn(&str, u32, &[u8]) -> TodayOf,
}

impl fmt::Debug for Registered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.category)
    }
}

/// What of an event is not needed to read it.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct About {
    id: fn() -> TypeId,
    rust: fn() -> &'static str,
    describe: fn(u32, &mut Shapes) -> Option<EventShape>,
    sample: fn() -> Option<Result<Vec<u8>, EncodeError>>,
}

impl About {
    pub(crate) const fn of<E: Event>() -> Self {
        Self {
            id: TypeId::of::<E>,
            rust: type_name::<E>,
            describe: E::describe,
            sample: || {
                let mut json = Vec::new();
                let sample = E::sample()?;
                Some(sample.encode(&mut json).map(|()| json))
            },
        }
    }
}

/// An event of today that a stored event, or a part of it, is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Today {
    /// Its stored name and schema version.
    pub schema: EventSchema,
    /// Its payload, as it would be stored today.
    pub json: Vec<u8>,
}

/// What a stored event is today for one aggregate.
#[doc(hidden)]
#[derive(Debug)]
pub struct TodayIn {
    pub category: &'static str,
    pub rust: &'static str,
    /// The events that it writes.
    pub writes: Vec<EventSchema>,
    pub today: Result<Vec<Today>, TodayError>,
}

type TodayOf = Result<Vec<Today>, TodayError>;

/// A stored event could not be shown as what it is today.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TodayError {
    /// It cannot be read.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// It cannot be written.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// No aggregate of the registry has an event of this name.
    #[error("no registered aggregate has an event named `{event}`")]
    UnknownName {
        /// The stored name.
        event: String,
    },
}

/// An aggregate, or a tuple of up to twelve; tuples may be in tuples.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an aggregate, nor a tuple of aggregates",
    label = "not aggregates",
    note = "name aggregates: one, or a tuple of up to 12, which may hold tuples"
)]
pub trait Aggregates {
    #[doc(hidden)]
    fn register(registry: &mut Registry);
}

impl<A: Aggregate> Aggregates for A {
    fn register(registry: &mut Registry) {
        registry.aggregates.push(Registered {
            category: A::CATEGORY,
            rust: type_name::<A>,
            table: A::Event::TABLE,
            about: A::Event::ABOUT,
            decode: |name, version, payload| A::Event::decode(name, version, payload).map(drop),
            today: |name, version, payload| {
                let parts = A::Event::decode(name, version, payload)?;
                let today = parts.iter().map(|part| {
                    let mut json = Vec::new();
                    part.encode(&mut json)?;
                    let schema = part.schema();
                    Ok(Today { schema, json })
                });
                today.collect()
            },
        });
    }
}

macro_rules! tuples {
    ($($($one:ident)*;)*) => {$(
        impl<$($one: Aggregates),*> Aggregates for ($($one,)*) {
            fn register(registry: &mut Registry) {
                $($one::register(registry);)*
                let _ = registry;
            }
        }
    )*};
}
tuples! {
    ; A; A B; A B C; A B C D; A B C D E; A B C D E F; A B C D E F G; A B C D E F G H; A B C D E F G H I;
    A B C D E F G H I J; A B C D E F G H I J K; A B C D E F G H I J K L;
}

/// Aggregates that cannot share a store.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RegistryError {
    /// Two different event types have one stored name.
    #[error(
        "`{one}` and `{other}` are both stored under the name \"{name}\", so what one wrote would be read as the other: give one of them another name; if something is stored under the old one, say so with `was(\"{name}\", before = ..)`"
    )]
    SharedName {
        /// The stored name.
        name: &'static str,
        /// One event.
        one: &'static str,
        /// The other event.
        other: &'static str,
    },
}

impl Registry {
    /// The registry of an aggregate, or of a tuple of aggregates.
    ///
    /// # Errors
    ///
    /// [`RegistryError`] when two different event types have one stored name, today's or an older one.
    pub fn of<A: Aggregates>() -> Result<Self, RegistryError> {
        let mut registry = Self {
            aggregates: Vec::new(),
        };
        A::register(&mut registry);
        let mut seen: BTreeMap<&str, &About> = BTreeMap::new();
        for (known, about) in registry.known() {
            let Some(about) = about else { continue };
            for stored in known.names {
                let first = *seen.entry(stored.name).or_insert(about);
                if (first.id)() != (about.id)() {
                    return Err(RegistryError::SharedName {
                        name: stored.name,
                        one: (first.rust)(),
                        other: (about.rust)(),
                    });
                }
            }
        }
        Ok(registry)
    }

    /// The categories of the aggregates.
    pub fn categories(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.aggregates.iter().map(|aggregate| aggregate.category)
    }

    /// Every shape that these aggregates read: each event once, whoever lists it, by name and version. Versions below an
    /// event's `oldest` are not read, and so not described.
    pub fn describe(&self) -> Description {
        let mut shapes = Shapes::default();
        let mut events: BTreeMap<(&str, u32), DescribedEvent> = BTreeMap::new();
        for (known, about) in self.known() {
            for stored in known.names {
                // Of what is too old, the code says no more what it looked like.
                for version in stored.first.max(known.oldest)..=stored.last {
                    let key = (stored.name, version);
                    let event = events.entry(key).or_insert_with(|| {
                        let shape = about.and_then(|about| (about.describe)(version, &mut shapes));
                        let rust = shape.as_ref().map_or(known.schema.name, |shape| shape.rust);
                        DescribedEvent {
                            name: stored.name,
                            version,
                            today: known.schema.name,
                            latest: known.schema.version,
                            rust,
                            retired: true,
                            by_hand: shape.as_ref().and_then(|shape| shape.by_hand),
                            body: shape.map_or_else(
                                || Body::Unknown(known.schema.name.to_owned()),
                                |shape| shape.body,
                            ),
                        }
                    });
                    // What one aggregate writes is not retired.
                    event.retired &= known.retired;
                }
            }
        }
        let mut categories: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for aggregate in &self.aggregates {
            let names = aggregate.table.iter().flat_map(|known| known.names);
            let names = names.map(|stored| stored.name);
            categories
                .entry(aggregate.category)
                .or_default()
                .extend(names);
        }
        let mut too_old = BTreeSet::new();
        for (known, _) in self.known() {
            for stored in known.names {
                let below = stored.first..(stored.last + 1).min(known.oldest);
                too_old.extend(below.map(|version| (stored.name, version)));
            }
        }
        Description {
            events: events.into_values().collect(),
            types: shapes.into_types(),
            categories,
            too_old,
        }
    }

    /// What a stored event is today: as many events as it was split into, as they would be stored now. The first
    /// aggregate that knows the name says so.
    ///
    /// # Errors
    ///
    /// [`TodayError`] when no aggregate knows the name, or the event cannot be read, or not be written.
    pub fn today(
        &self,
        name: &str,
        version: u32,
        payload: &[u8],
    ) -> Result<Vec<Today>, TodayError> {
        let aggregate = self.aggregates.iter().find(|one| one.knows(name));
        let aggregate = aggregate.ok_or_else(|| TodayError::UnknownName {
            event: name.to_owned(),
        })?;
        (aggregate.today)(name, version, payload)
    }

    /// What a stored event is today, for each aggregate that knows its name.
    #[doc(hidden)]
    pub fn today_of_each(&self, name: &str, version: u32, payload: &[u8]) -> Vec<TodayIn> {
        let all = self.aggregates.iter().filter(|one| one.knows(name));
        let all = all.map(|one| TodayIn {
            category: one.category,
            rust: (one.rust)(),
            writes: one
                .table
                .iter()
                .filter(|known| !known.retired)
                .map(|known| known.schema)
                .collect(),
            today: (one.today)(name, version, payload),
        });
        all.collect()
    }

    /// The samples that events give of themselves (`sample = ..`), as they would be stored.
    #[doc(hidden)]
    pub fn samples(&self) -> Vec<(EventSchema, Result<Vec<u8>, EncodeError>)> {
        let mut samples: BTreeMap<&str, _> = BTreeMap::new();
        for (known, about) in self.known() {
            let sample = about.and_then(|about| (about.sample)());
            if let Some(sample) = sample.filter(|_| !known.retired) {
                samples.insert(known.schema.name, (known.schema, sample));
            }
        }
        samples.into_values().collect()
    }

    /// Whether an event of a category can be read: what the codec says of its payload, or of its name and version alone.
    pub(crate) fn decode(
        &self,
        category: &str,
        name: &str,
        version: u32,
        payload: &[u8],
    ) -> Option<Result<(), DecodeError>> {
        let of_category = self
            .aggregates
            .iter()
            .filter(|one| one.category == category);
        // Each of several states over one stream has to read all of it.
        let mut outcomes = of_category.map(|one| (one.decode)(name, version, payload));
        let first = outcomes.next()?;
        Some(outcomes.fold(first, Result::and))
    }

    fn known(&self) -> impl Iterator<Item = (&'static KnownEvent, Option<&'static About>)> + '_ {
        self.aggregates.iter().flat_map(|aggregate| {
            let about = aggregate.about.iter().map(Some);
            let about = about.chain(std::iter::repeat(None));
            aggregate.table.iter().zip(about)
        })
    }
}

impl Registered {
    fn knows(&self, name: &str) -> bool {
        let mut names = self.table.iter().flat_map(|known| known.names);
        names.any(|stored| stored.name == name)
    }
}

impl fmt::Display for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, aggregate) in self.aggregates.iter().enumerate() {
            let comma = if index > 0 { ", " } else { "" };
            write!(f, "{comma}{} ({})", aggregate.category, (aggregate.rust)())?;
        }
        Ok(())
    }
}
