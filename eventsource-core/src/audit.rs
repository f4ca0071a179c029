//! Whether this build can read a store: what is asked before a deployment.

use std::{collections::BTreeMap, fmt};

use crate::{
    codec::DecodeError,
    record::RecordedEvent,
    registry::Registry,
    store::{EventStore, Read, ReadError},
    stream::{Position, StreamId, Version},
    text::{Category, EventName},
};

/// An audit of a store: which events are in it, and which of them this build cannot read.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use eventsource_core::{Audit, MemoryStore, Registry, prelude::*};
/// # use serde::{Deserialize, Serialize};
/// # #[derive(Debug, Serialize, Deserialize, Event)]
/// # #[event(name = "light.switched")]
/// # struct Switched { on: bool }
/// # #[derive(Debug, Default, Aggregate)]
/// # #[aggregate(name = "light", id = String, error = std::convert::Infallible, events(Switched))]
/// # struct Light;
/// # impl Apply<Switched> for Light { fn apply(&mut self, _: &Switched) {} }
/// let store = MemoryStore::new();
///
/// let report = Audit::new(&Registry::of::<Light>()?).deep().run(&store).await?;
/// println!("{report}");
/// assert!(report.is_readable());
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct Audit<'a> {
    registry: &'a Registry,
    deep: bool,
    most: usize,
}

/// How many unreadable events a report holds, unless something else is said.
const MOST: usize = 1_000;

impl<'a> Audit<'a> {
    /// Audits against these aggregates.
    pub const fn new(registry: &'a Registry) -> Self {
        Self {
            registry,
            deep: false,
            most: MOST,
        }
    }

    /// Decodes every payload, too. Without it the names and schema versions are looked at, which every event has.
    #[must_use]
    pub const fn deep(mut self) -> Self {
        self.deep = true;
        self
    }

    /// How many of the events that a deep audit cannot read the report names; 1 000 unless this is called. All of them
    /// are counted.
    #[must_use]
    pub const fn at_most(mut self, most: usize) -> Self {
        self.most = most;
        self
    }

    /// Reads the store from its first event to what was its last when this began, a page at a time. In memory are the
    /// distinct pairs of name and version, and the events that the report names.
    ///
    /// Cancel safe: nothing is written.
    ///
    /// # Errors
    ///
    /// [`ReadError`] when the store cannot be read.
    pub async fn run<S: EventStore + ?Sized>(&self, store: &S) -> Result<AuditReport, ReadError> {
        let mut report = AuditReport {
            head: store.head().await?,
            deep: self.deep,
            ..AuditReport::default()
        };
        let Some(head) = report.head else {
            return Ok(report);
        };
        let mut found: BTreeMap<(Category, EventName, u32), StoredPair> = BTreeMap::new();
        let mut events = store.read(Read::all().to_position(head));
        loop {
            let page = events.next_page().await?;
            if page.is_empty() {
                break;
            }
            for event in &page {
                let key = (
                    event.stream.category().clone(),
                    event.name.clone(),
                    event.schema_version,
                );
                let pair = found.entry(key).or_insert_with(|| self.pair(event));
                pair.count += 1;
                report.events += 1;
                if pair.is_readable() {
                    self.payload(event, pair, &mut report.unreadable);
                }
            }
        }
        report.pairs = found.into_values().collect();
        Ok(report)
    }

    fn pair(&self, event: &RecordedEvent) -> StoredPair {
        let category = event.stream.category();
        let (name, version) = (&event.name, event.schema_version);
        // Nothing is no payload of any event. So what is known is refused for its payload, and everything else for what
        // would be the matter with every payload.
        let problem = match self
            .registry
            .decode(category.as_str(), name.as_str(), version, b"")
        {
            None => Some(Problem::UnknownCategory),
            Some(Ok(()) | Err(DecodeError::Payload { .. } | DecodeError::Step { .. })) => None,
            Some(Err(error)) => Some(Problem::Codec(error)),
        };
        StoredPair {
            category: category.clone(),
            name: name.clone(),
            version,
            count: 0,
            unreadable: 0,
            first: event.position,
            problem,
        }
    }

    fn payload(
        &self,
        event: &RecordedEvent,
        pair: &mut StoredPair,
        named: &mut Vec<UnreadableEvent>,
    ) {
        let (category, name) = (event.stream.category(), event.name.as_str());
        let decode = |payload: &[u8]| {
            if !self.deep {
                return Ok(());
            }
            let decoded =
                self.registry
                    .decode(category.as_str(), name, event.schema_version, payload);
            decoded.unwrap_or(Ok(()))
        };
        // What is not JSON is seen without a look at it.
        let Err(source) = event.json().and_then(decode) else {
            return;
        };
        pair.unreadable += 1;
        if named.len() < self.most {
            named.push(UnreadableEvent {
                stream: event.stream.clone(),
                version: event.version,
                position: event.position,
                source,
            });
        }
    }
}

/// What an audit found. Shown, it answers in words whether this build may be deployed.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct AuditReport {
    /// The store's last event when the audit began; `None` of an empty store.
    pub head: Option<Position>,
    /// How many events were looked at.
    pub events: u64,
    /// Whether their payloads were looked at, and not their names and versions alone.
    pub deep: bool,
    /// What is stored, by category, name and schema version.
    pub pairs: Vec<StoredPair>,
    /// The events that a deep audit could not read, although their name and version are known; not all of them, where
    /// there are more than the audit names.
    pub unreadable: Vec<UnreadableEvent>,
}

impl AuditReport {
    /// Whether this build reads everything that was looked at: names and versions, and the payloads where
    /// [`deep`](Self::deep) is set.
    pub fn is_readable(&self) -> bool {
        self.unreadable_events() == 0
    }

    /// How many events this build cannot read.
    pub fn unreadable_events(&self) -> u64 {
        self.pairs.iter().map(StoredPair::unreadable).sum()
    }
}

/// The events of one category, name and schema version.
#[derive(Debug)]
#[non_exhaustive]
pub struct StoredPair {
    /// The category of the streams.
    pub category: Category,
    /// The stored name.
    pub name: EventName,
    /// The schema version.
    pub version: u32,
    /// How many there are.
    pub count: u64,
    /// The position of the first one.
    pub first: Position,
    unreadable: u64,
    problem: Option<Problem>,
}

#[derive(Debug, thiserror::Error)]
enum Problem {
    #[error("no registered aggregate has this category")]
    UnknownCategory,
    #[error(transparent)]
    Codec(DecodeError),
}

impl StoredPair {
    /// Whether this build knows the name with this version.
    pub fn is_readable(&self) -> bool {
        self.problem.is_none()
    }

    /// How many of them this build cannot read: all, where it does not know the pair, and otherwise those whose payloads
    /// a deep audit refused.
    pub fn unreadable(&self) -> u64 {
        if self.is_readable() {
            self.unreadable
        } else {
            self.count
        }
    }

    /// Why this build does not know the pair; `None` where it does.
    pub fn problem(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.problem.as_ref().map(|problem| problem as _)
    }
}

/// A stored event that cannot be read, without its payload.
#[derive(Debug)]
#[non_exhaustive]
pub struct UnreadableEvent {
    /// Its stream.
    pub stream: StreamId,
    /// Its version in the stream.
    pub version: Version,
    /// Its position in the store.
    pub position: Position,
    /// Why it cannot be read.
    pub source: DecodeError,
}

impl fmt::Display for AuditReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(head) = self.head else {
            return f.write_str("the store is empty: any build may be deployed");
        };
        let (all, lost) = (self.events, self.unreadable_events());
        if lost == 0 && !self.deep {
            writeln!(
                f,
                "this build knows the name and version of all {all} events up to position {head}; their payloads were not looked at"
            )?;
        } else if lost == 0 {
            writeln!(f, "this build reads all {all} events up to position {head}")?;
        } else {
            writeln!(
                f,
                "this build cannot read {lost} of {all} events up to position {head}: do not deploy it"
            )?;
        }
        for pair in &self.pairs {
            let mark = if pair.unreadable() == 0 { "  " } else { "! " };
            writeln!(
                f,
                "{mark}{} in `{}`, schema version {}: {} from position {}",
                pair.name, pair.category, pair.version, pair.count, pair.first
            )?;
            if let Some(problem) = &pair.problem {
                writeln!(f, "      {problem}")?;
            } else if pair.unreadable > 0 {
                writeln!(
                    f,
                    "      {} of them have payloads that cannot be read",
                    pair.unreadable
                )?;
            }
        }
        for event in &self.unreadable {
            write!(
                f,
                "! {} at version {}, position {}: {}",
                event.stream, event.version, event.position, event.source
            )?;
            // The error of a conversion is the user's own, and may have the value in it.
            if let DecodeError::Payload { source, .. } = &event.source {
                write!(f, ": {source}")?;
            }
            writeln!(f)?;
        }
        let named: u64 = self.pairs.iter().map(|pair| pair.unreadable).sum();
        let more = named.saturating_sub(self.unreadable.len() as u64);
        if more > 0 {
            writeln!(f, "! and {more} more")?;
        }
        Ok(())
    }
}
