//! The schema version of an event belongs to its type.

use eventsource_core::{
    DecodeError, EncodeError, EventSchema, EventStoreExt, MemoryStore, Repository, prelude::*,
};

/// Stored in cents since version 2, in whole units before; written by hand, as the derive would.
#[derive(Debug, PartialEq)]
struct Paid {
    cents: i64,
}

impl Event for Paid {
    const SCHEMA: EventSchema = EventSchema {
        name: "till.paid",
        version: 2,
    };

    fn encode(&self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        out.extend_from_slice(self.cents.to_string().as_bytes());
        Ok(())
    }

    fn decode(version: u32, payload: &[u8]) -> Result<Self, DecodeError> {
        let number: i64 = std::str::from_utf8(payload)
            .expect("a number")
            .parse()
            .expect("a number");
        Ok(Self {
            cents: if version == 1 { number * 100 } else { number },
        })
    }
}

#[derive(Debug, Default, Aggregate)]
#[aggregate(name = "till", id = u64, error = std::convert::Infallible, events(Paid))]
struct Till {
    cents: i64,
}

impl Apply<Paid> for Till {
    fn apply(&mut self, event: &Paid) {
        self.cents += event.cents;
    }
}

struct Pay(i64);

impl Handle<Pay> for Till {
    fn handle(&self, command: &Pay) -> Decision<Self> {
        Ok(TillEvent::Paid(Paid { cents: command.0 }).into())
    }
}

// D21
#[tokio::test]
async fn an_event_is_written_under_its_own_schema_version_so_that_500_is_read_back_as_500() {
    let tills = Repository::<Till>::new(MemoryStore::new());
    tills.execute(&1, Pay(500)).await.expect("paid");
    assert_eq!(tills.load(&1).await.expect("the till").cents, 500);
    let stored = tills.store().read_all().await.expect("one event");
    assert_eq!(stored[0].schema_version, 2);
}
