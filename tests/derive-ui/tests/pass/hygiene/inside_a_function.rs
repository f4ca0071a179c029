//! A domain can live in the body of a function.

fn main() {
    use eventsource_core::{AggregateEvent, prelude::*};
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Clone, PartialEq, Eq, AggregateId)]
    struct LampId(u64);

    #[derive(Debug, Serialize, Deserialize, Event)]
    #[event(name = "lamp.lit")]
    struct Lit;

    #[derive(Debug, Default, Aggregate)]
    #[aggregate(name = "lamp", id = LampId, error = std::convert::Infallible, events(Lit))]
    struct Lamp {
        lit: bool,
    }

    impl Apply<Lit> for Lamp {
        fn apply(&mut self, _: &Lit) {
            self.lit = true;
        }
    }

    let mut lamp = Lamp::initial();
    for part in LampEvent::decode("lamp.lit", 1, b"null").unwrap() {
        Lamp::fold(&mut lamp, &part).unwrap();
    }
    assert!(lamp.unwrap().lit);
}
