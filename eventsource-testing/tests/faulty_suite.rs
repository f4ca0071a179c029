//! A faulty store that is told nothing does what the store does that it wraps: it passes the conformance suite.

use std::sync::Arc;

use eventsource_core::{EventStore, MemoryStore, async_trait};
use eventsource_testing::{
    faulty::FaultyStore,
    suite::{Fixture, Setup},
};

struct Wrapped;

#[async_trait]
impl Fixture for Wrapped {
    async fn create() -> Self {
        Self
    }

    async fn open(&self, setup: Setup) -> Arc<dyn EventStore> {
        let store = MemoryStore::with_clock_and_faults(setup.clock, setup.faults);
        Arc::new(FaultyStore::new(store))
    }
}

eventsource_testing::event_store_suite!(Wrapped);
