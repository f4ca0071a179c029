use eventsource_core::prelude::*;

#[derive(Event)]
#[event(name = "account.opened")]
union Opened {
    number: u32,
    letter: char,
}

fn main() {
    stored::<Opened>();
}

fn stored<E: Event>() {}
