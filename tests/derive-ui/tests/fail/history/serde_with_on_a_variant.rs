use eventsource_core::Schema;
use serde::{Deserialize, Serialize};

mod text {
    pub fn serialize<S: serde::Serializer>(text: &String, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(text)
    }

    pub fn deserialize<'de, D: serde::Deserializer<'de>>(from: D) -> Result<String, D::Error> {
        serde::Deserialize::deserialize(from)
    }
}

#[derive(Debug, Serialize, Deserialize, Schema)]
#[event(version = 2)]
enum PayBy {
    #[serde(with = "text")]
    Card(String),
    #[event(since = 2)]
    Cash,
}

fn main() {
    held::<PayBy>();
}

fn held<S: Schema>() {}
