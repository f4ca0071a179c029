use eventsource_core::prelude::*;

#[derive(Debug, Event)]
#[event(name = "account.opened")]
struct Opened {
    owner: String,
}

#[derive(Debug, Default, Aggregate)]
#[aggregate(name = "account", id = u64, error = std::convert::Infallible, events(Opened))]
struct Account;

impl Apply<Opened> for Account {
    fn apply(&mut self, _: &Opened) {}
}

fn main() {
    stored::<Opened>();
    let _: Events<Account> = Opened { owner: String::new() }.into();
}

fn stored<E: Event>() {}
