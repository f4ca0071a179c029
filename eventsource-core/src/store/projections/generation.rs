//! The builds of a projection's read model.

use std::fmt;

use crate::{
    projection::Table, snapshot::Fingerprint, store::Fence, stream::Position, text::ProjectionName,
};

/// The number of a build of a projection's read model, from 1. A rebuild begins another one beside the one that is read.
///
/// ```
/// use eventsource_core::Generation;
///
/// assert_eq!(Generation::FIRST.number(), 1);
/// assert!(Generation::FIRST < Generation::from_number(2));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Generation(u64);

impl Generation {
    /// The first build.
    pub const FIRST: Self = Self(1);

    /// For stores: the build with this number.
    pub const fn from_number(number: u64) -> Self {
        Self(number)
    }

    /// The number.
    pub const fn number(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A build of a projection's read model, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredGeneration {
    /// Its number.
    pub generation: Generation,
    /// The version of the projection that builds it.
    pub version: u32,
    /// What that version takes the projection to be.
    pub fingerprint: Fingerprint,
    /// Its checkpoint: everything up to there is in the read model, or parked. `None` before the first event.
    pub checkpoint: Option<Position>,
    /// How many events are parked.
    pub parked: u64,
}

impl StoredGeneration {
    /// For stores: a build as it is kept.
    pub const fn new(
        generation: Generation,
        (version, fingerprint): (u32, Fingerprint),
        checkpoint: Option<Position>,
        parked: u64,
    ) -> Self {
        Self {
            generation,
            version,
            fingerprint,
            checkpoint,
            parked,
        }
    }
}

/// A projection, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredProjection {
    /// The build that is read; `None` where none was ever finished.
    pub live: Option<Generation>,
    /// Every build that there is, at least one, the oldest first: the one that is read, and those that are to follow it.
    pub generations: Vec<StoredGeneration>,
}

impl StoredProjection {
    /// For stores: a projection as it is kept.
    pub const fn new(live: Option<Generation>, generations: Vec<StoredGeneration>) -> Self {
        Self { live, generations }
    }

    /// The build of this number.
    pub fn generation(&self, generation: Generation) -> Option<&StoredGeneration> {
        let mut all = self.generations.iter();
        all.find(|one| one.generation == generation)
    }

    /// The build that is read.
    pub fn live(&self) -> Option<&StoredGeneration> {
        self.live.and_then(|live| self.generation(live))
    }
}

/// A build that is to begin.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use eventsource_core::{Build, Fingerprint, ProjectionName};
///
/// let rebuild = Build::new(ProjectionName::new("balances")?, (2, Fingerprint::new(7)));
/// assert_eq!((rebuild.after, rebuild.live), (None, false));
/// // What was read until now is gone with the same step.
/// let reset = rebuild.live();
/// assert!(reset.live);
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Build {
    /// Of which projection.
    pub projection: ProjectionName,
    /// The version of the projection.
    pub version: u32,
    /// What that version takes the projection to be.
    pub fingerprint: Fingerprint,
    /// The tables of its read model. A store without tables refuses any, as
    /// [`ProjectionStoreError::Table`](crate::store::ProjectionStoreError::Table).
    pub tables: Vec<Table>,
    /// The position after which it begins; `None` for the first event.
    pub after: Option<Position>,
    /// Whether it is read from the start, in place of what was read before, which is let go of in the same step. Other
    /// builds stay.
    pub live: bool,
    /// Refused where this lease is no longer held.
    pub fence: Option<Fence>,
}

impl Build {
    /// A build without tables from the first event on, beside the one that is read.
    pub const fn new(
        projection: ProjectionName,
        (version, fingerprint): (u32, Fingerprint),
    ) -> Self {
        Self {
            projection,
            version,
            fingerprint,
            tables: Vec::new(),
            after: None,
            live: false,
            fence: None,
        }
    }

    /// With these tables.
    #[must_use]
    pub fn with_tables(mut self, tables: impl Into<Vec<Table>>) -> Self {
        self.tables = tables.into();
        self
    }

    /// After this position.
    #[must_use]
    pub const fn after(mut self, position: Option<Position>) -> Self {
        self.after = position;
        self
    }

    /// Read from the start.
    #[must_use]
    pub const fn live(mut self) -> Self {
        self.live = true;
        self
    }

    /// Only while this lease is held.
    #[must_use]
    pub fn fenced(mut self, fence: impl Into<Option<Fence>>) -> Self {
        self.fence = fence.into();
        self
    }
}
