//! The store in memory passes the conformance suite, as every store does.

use eventsource_testing::suite::InMemory;

eventsource_testing::event_store_suite!(InMemory);
