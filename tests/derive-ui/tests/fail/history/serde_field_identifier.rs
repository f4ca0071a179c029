use eventsource_core::Schema;
use serde::Deserialize;

#[derive(Debug, Deserialize, Schema)]
#[event(version = 2)]
#[serde(field_identifier)]
enum PayBy {
    Card,
    #[event(since = 2)]
    Cash,
}

fn main() {
    held::<PayBy>();
}

fn held<S: Schema>() {}
