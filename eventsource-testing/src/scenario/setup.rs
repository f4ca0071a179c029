//! What a scenario begins with.

use std::{panic::Location, sync::Arc};

use eventsource_core::{Aggregate, Context, CountingIds, IdSource, StreamId, Timestamp};

use super::{check::Settings, command::Command, journal::Stored};

pub(super) struct Setup<A: Aggregate> {
    pub(super) given: Vec<Given<A>>,
    pub(super) world: World,
    /// Events of another writer, which come while the command is being decided.
    pub(super) meanwhile: Option<Meanwhile<A>>,
}

/// What is around the history and the command; it stays while scenarios follow each other.
#[derive(Clone)]
pub(super) struct World {
    pub(super) stream: StreamId,
    pub(super) now: Timestamp,
    pub(super) ids: Arc<dyn IdSource>,
    pub(super) context: Context,
    pub(super) settings: Settings,
}

/// 2026-01-01T00:00:00Z.
const NOW: Timestamp = Timestamp::from_micros(1_767_225_600_000_000);

impl World {
    pub(super) fn of<A: Aggregate>() -> Self {
        let stream = StreamId::new(A::CATEGORY, "scenario");
        Self {
            stream: stream.expect("the derive has checked the category"),
            now: NOW,
            ids: Arc::new(CountingIds::default()),
            context: Context::new(),
            settings: Settings::default(),
        }
    }
}

/// One thing that has happened, and the line that says so.
pub(super) struct Given<A: Aggregate> {
    pub(super) source: Source<A>,
    pub(super) at: &'static Location<'static>,
    pub(super) occurred_at: Timestamp,
}

pub(super) enum Source<A: Aggregate> {
    Typed(A::Event),
    Stored(Stored),
    /// The events that a command made happen then.
    Command(Command<A>),
}

/// The other writer's events, and how they are played; named where it is asked for, so that others do not compile it.
pub(super) struct Meanwhile<A: Aggregate> {
    pub(super) events: Vec<A::Event>,
    pub(super) play: super::checks::concurrent::Play<A>,
    pub(super) at: &'static Location<'static>,
}
