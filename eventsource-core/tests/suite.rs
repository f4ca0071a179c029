//! The store in memory passes the conformance suite, as every store does.

use std::sync::Arc;

use eventsource_core::{EventStore, MemoryStore, async_trait};
use eventsource_testing::suite::{Fixture, Setup};

struct InMemory;

#[async_trait]
impl Fixture for InMemory {
    async fn create() -> Self {
        Self
    }

    async fn open(&self, setup: Setup) -> Arc<dyn EventStore> {
        Arc::new(match setup.faults {
            Some(faults) => MemoryStore::with_faults(faults),
            None => MemoryStore::with_clock(setup.clock),
        })
    }
}

eventsource_testing::event_store_suite!(InMemory);
