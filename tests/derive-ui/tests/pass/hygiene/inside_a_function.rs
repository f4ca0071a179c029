//! A domain can live in the body of a function.

fn main() {
    use eventsource_core::{AggregateEvent, Schema, prelude::*};
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Clone, PartialEq, Eq, AggregateId)]
    struct LampId(u64);

    #[derive(Debug, Serialize, Deserialize, Event)]
    #[event(name = "lamp.lit")]
    struct Lit;

    #[derive(Debug, Default, Serialize, Deserialize, Schema)]
    struct Bulb {
        watts: u8,
    }

    #[derive(Debug, Default, Serialize, Deserialize, Aggregate, Snapshot)]
    #[aggregate(name = "lamp", id = LampId, error = std::convert::Infallible, events(Lit))]
    struct Lamp {
        lit: bool,
        bulbs: Vec<Bulb>,
    }

    impl Apply<Lit> for Lamp {
        fn apply(&mut self, _: &Lit) {
            self.lit = true;
        }
    }

    #[derive(Default, Projection)]
    #[projection(name = "lit", version = 1, from(Lamp), events(Lit))]
    struct HowOften(u32);

    impl Project<Lit> for HowOften {
        fn project(&mut self, _: &Lit, _: &Envelope<'_>) {
            self.0 += 1;
        }
    }

    assert_eq!(HowOften::listed(), ["lamp.lit"]);

    let mut lamp = Lamp::initial();
    for part in LampEvent::decode("lamp.lit", 1, b"null").unwrap() {
        Lamp::fold(&mut lamp, &part).unwrap();
    }
    let mut bytes = Vec::new();
    lamp.unwrap().encode(&mut bytes).unwrap();
    assert!(Lamp::decode(&bytes).unwrap().lit);
}
