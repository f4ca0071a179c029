use eventsource_core::{prelude::*, projection::Reacts};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.opened")]
struct Opened;

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.closed")]
struct Closed;

#[derive(Debug, Default, Aggregate)]
#[aggregate(name = "account", id = u64, error = std::convert::Infallible, events(Opened, Closed))]
struct Account;

impl Apply<Opened> for Account {
    fn apply(&mut self, _: &Opened) {}
}

impl Apply<Closed> for Account {
    fn apply(&mut self, _: &Closed) {}
}

#[derive(Reaction)]
#[reaction(name = "mailer", from(Account), events(Opened), ignores(Closed))]
struct Mailer;

impl React<Opened> for Mailer {
    async fn react(&self, _: &Opened, _: &Envelope<'_>, _: ReactionId) -> Result<(), HandlerError> {
        Ok(())
    }
}

impl React<Closed> for Mailer {
    async fn react(&self, _: &Closed, _: &Envelope<'_>, _: ReactionId) -> Result<(), HandlerError> {
        Ok(())
    }
}

fn run<R: Reacts>() -> &'static str {
    R::NAME
}

fn main() {
    let _ = run::<Mailer>();
}
