//! The schema version of an event belongs to its type.

use eventsource_core::{
    DecodeError, EncodeError, EventSchema, EventStoreExt, ExecuteError, MemoryStore, Repository,
    prelude::*,
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

#[derive(Debug, serde::Serialize, serde::Deserialize, Event)]
#[event(name = "gauge.read")]
struct Measured {
    level: f64,
    nested: serde_json::Value,
}

#[derive(Debug, Default, Aggregate)]
#[aggregate(name = "gauge", id = u64, error = std::convert::Infallible, events(Measured))]
struct Gauge {
    levels: Vec<f64>,
}

impl Apply<Measured> for Gauge {
    fn apply(&mut self, event: &Measured) {
        self.levels.push(event.level);
    }
}

struct Measure(f64, serde_json::Value);

impl Handle<Measure> for Gauge {
    fn handle(&self, command: &Measure) -> Decision<Self> {
        Ok(Measured {
            level: command.0,
            nested: command.1.clone(),
        }
        .into())
    }
}

#[tokio::test]
async fn what_could_not_be_read_back_is_never_stored() {
    let gauges = Repository::<Gauge>::new(MemoryStore::new());
    let deep = (0..200).fold(serde_json::Value::Null, |inside, _| vec![inside].into());
    for bad in [
        Measure(f64::NAN, serde_json::Value::Null),
        Measure(f64::INFINITY, serde_json::Value::Null),
        Measure(1.0, deep),
    ] {
        let error = gauges.execute(&1, bad).await.expect_err("unreadable");
        assert!(
            matches!(error, ExecuteError::Unreadable { .. }),
            "{error:?}"
        );
    }
    let all = gauges.store().read_all().await.expect("readable");
    assert!(all.is_empty());
    gauges.load(&1).await.expect("the stream is as it was");
}

#[tokio::test]
async fn floats_are_read_back_bit_by_bit() {
    let gauges = Repository::<Gauge>::new(MemoryStore::new());
    let mut levels = vec![0.1, -0.0, 1e308, f64::MIN_POSITIVE, 917_156.186_873_987_2];
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    while levels.len() < 2_000 {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        levels.extend(Some(f64::from_bits(seed)).filter(|level| level.is_finite()));
    }
    let mut unit = gauges.begin(&1).await.expect("a unit");
    for level in &levels {
        unit.execute(Measure(*level, serde_json::Value::Null))
            .expect("measured");
    }
    unit.commit().await.expect("stored");
    let bits = |levels: &[f64]| {
        levels
            .iter()
            .map(|level| level.to_bits())
            .collect::<Vec<_>>()
    };
    let gauge = gauges.load(&1).await.expect("the gauge");
    assert_eq!(bits(&gauge.levels), bits(&levels));
}
