//! What `into` may be, and where its commas may stand.

use eventsource_core::{AggregateEvent, prelude::*};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "lamp.lit")]
pub struct Lit {
    pub times: u8,
}

mod old {
    use super::*;

    macro_rules! events {
        ($($event:ident $name:literal)*) => {$(
            #[derive(Debug, Serialize, Deserialize, Event)]
            #[event(name = $name)]
            pub struct $event(pub u8);
        )*};
    }
    events! { A "a" B "b" C "c" D "d" E "e" F "f" G "g" H "h" I "i" }

    pub fn twice(old: A) -> [LampEvent; 2] {
        [lit(old.0), lit(old.0)]
    }

    pub fn lit(times: u8) -> LampEvent {
        Lit { times }.into()
    }

    pub struct Many<T, U>(T, U);

    impl<T, U> Many<T, U> {
        pub fn as_often(old: D) -> Vec<LampEvent> {
            (0..old.0).map(lit).collect()
        }
    }

    pub trait Becomes<T> {
        fn become_lit(self) -> Option<LampEvent>;
    }

    impl<T> Becomes<T> for E {
        fn become_lit(self) -> Option<LampEvent> {
            (self.0 > 1).then(|| lit(self.0))
        }
    }
}

macro_rules! lamp {
    ($old:path, $into:expr) => {
        #[derive(Debug, Default, Aggregate)]
        #[aggregate(
            name = "lamp",
            id = u64,
            error = std::convert::Infallible,
            retired("a", from = old::A, into = old::twice),
            retired("b", into = |_| [], from = old::B),
            events(Lit),
            retired("c", from = old::C, into = |old| -> Vec<LampEvent> { vec![old::lit(old.0), old::lit(0)] },),
            retired("d", from = old::D, into = old::Many::<u8, (u8, u8)>::as_often),
            retired("e", from = old::E, into = <old::E as old::Becomes<u8>>::become_lit),
            retired("f", from = old::F, into = |old::F(times)| if times < 3 { None } else { Some(Lit { times }.into()) }),
            retired("g", from = old::G, into = |old: old::G| (0..old.0).map(|times| old::lit(times))),
            retired("h", from = old::H, into = (|old: old::H| Some(old::lit(old.0 | 1)))),
            retired("i", from = $old, into = $into)
        )]
        pub struct Lamp(u64);
    };
}

lamp!(old::I, |old| std::iter::once(LampEvent::Lit(Lit { times: old.0 })));

impl Apply<Lit> for Lamp {
    fn apply(&mut self, event: &Lit) {
        self.0 += u64::from(event.times);
    }
}

fn main() {
    let times = |name: &str| -> Vec<u8> {
        let parts = LampEvent::decode(name, 1, b"2").unwrap();
        parts.into_iter().map(|LampEvent::Lit(Lit { times })| times).collect()
    };
    assert_eq!(times("a"), [2, 2]);
    assert!(times("b").is_empty());
    assert_eq!(times("c"), [2, 0]);
    assert_eq!(times("d"), [0, 1]);
    assert_eq!(times("e"), [2]);
    assert!(times("f").is_empty());
    assert_eq!(times("g"), [0, 1]);
    assert_eq!(times("h"), [3]);
    assert_eq!(times("i"), [2]);
}
