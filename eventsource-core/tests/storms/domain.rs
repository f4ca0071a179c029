//! An account whose events say which command they belong to and what was seen when they were decided.
#![allow(dead_code, reason = "each program with it uses a part of it")]

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use eventsource_core::{
    EventStore, RecordedEvent, RetryPolicy, Timer, prelude::*, snapshot::every,
};
use eventsource_testing::faulty::FaultyStore;
use serde::{Deserialize, Serialize};

/// What the storms go on in.
pub(crate) type Store = FaultyStore<Arc<dyn EventStore>>;

/// One step of a command: haler that come, or below 0 that go.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "purse.moved")]
pub(crate) struct Moved {
    /// The command that it belongs to, and which of its steps it is.
    pub(crate) command: u64,
    pub(crate) step: u64,
    pub(crate) haler: i64,
    /// The state on which it was decided.
    pub(crate) seen_haler: i64,
    pub(crate) seen_events: u64,
    pub(crate) seen_order: u64,
}

/// The command that is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{missing} haler are missing")]
pub(crate) struct Poor {
    pub(crate) missing: i64,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Aggregate, Snapshot)]
#[aggregate(name = "purse", id = u64, error = Poor, events(Moved))]
pub(crate) struct Purse {
    pub(crate) haler: i64,
    /// How many events are in it, and a sum that another order of the same events would change.
    pub(crate) events: u64,
    pub(crate) order: u64,
}

impl Apply<Moved> for Purse {
    fn apply(&mut self, event: &Moved) {
        self.haler += event.haler;
        self.events += 1;
        let mark = event.command.wrapping_mul(1_000).wrapping_add(event.step);
        self.order = self.order.wrapping_mul(31).wrapping_add(mark);
    }
}

/// Steps that are done together or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Move {
    pub(crate) command: u64,
    /// The number of the first step.
    pub(crate) first: u64,
    pub(crate) steps: Vec<i64>,
}

impl Move {
    pub(crate) fn one(command: u64, haler: i64) -> Self {
        Self {
            command,
            first: 0,
            steps: vec![haler],
        }
    }

    /// The events, or by how much the purse is too poor for the first step that it cannot do.
    pub(crate) fn decide(&self, purse: &Purse) -> Result<Events<Purse>, Poor> {
        let (mut now, mut events) = (purse.clone(), Events::none());
        for (step, haler) in (self.first..).zip(self.steps.iter().copied()) {
            let missing = -(now.haler + haler);
            if missing > 0 {
                return Err(Poor { missing });
            }
            let event = Moved {
                command: self.command,
                step,
                haler,
                seen_haler: now.haler,
                seen_events: now.events,
                seen_order: now.order,
            };
            now.apply(&event);
            events.extend(event);
        }
        Ok(events)
    }
}

impl Handle<Move> for Purse {
    fn handle(&self, command: &Move) -> Decision<Self> {
        command.decide(self)
    }
}

pub(crate) fn purse(id: u64) -> StreamId {
    StreamId::of::<Purse>(&id).expect("a legal stream")
}

pub(crate) fn version(number: u64) -> Version {
    Version::new(number).expect("versions begin at 1")
}

/// The step that a stored event is.
pub(crate) fn moved(event: &RecordedEvent) -> Moved {
    serde_json::from_slice(event.payload.bytes()).expect("a step")
}

/// Lets others go on instead of waiting.
#[derive(Debug)]
pub(crate) struct Yields;

impl Timer for Yields {
    fn sleep(&self, _: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(tokio::task::yield_now())
    }
}

/// Purses in a store, without a cache or snapshots.
pub(crate) fn plain(store: impl EventStore) -> Repository<Purse> {
    Repository::new(store)
        .with_timer(Arc::new(Yields))
        .with_retry(RetryPolicy::default().with_delays(Duration::ZERO, Duration::ZERO))
}

/// Purses in a store, with a cache of their own and snapshots.
pub(crate) fn cached(store: impl EventStore) -> Repository<Purse> {
    plain(store).cache(64).snapshot(every(7))
}
