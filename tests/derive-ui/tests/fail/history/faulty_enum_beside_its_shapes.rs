use eventsource_core::{Schema, Shape};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Schema)]
#[event(version = 2, step(2, with = moved))]
enum Level {
    Low { #[event(wass(_: u8, before = 2))] value: u16 },
    High(u8),
    #[event(since = 2)]
    None,
}

fn moved(old: Shape<Level, 1>) -> Level {
    match old {
        Shape::<Level, 1>::Low { value } => Level::Low { value: value.into() },
        Shape::<Level, 1>::High(value) => Level::High(value),
    }
}

fn main() {
    held::<Level>();
    let _ = moved;
}

fn held<S: Schema>() {}
