//! What an event was is nobody's business: its old types may be more private than the event is.
#![deny(warnings)]
#![allow(dead_code, reason = "only compiled")]

pub mod money {
    use eventsource_core::{Schema, Shape, prelude::*};
    use serde::{Deserialize, Serialize};

    #[derive(Deserialize)]
    struct OpenedV1 {
        full_name: String,
    }

    #[derive(Debug, Serialize, Deserialize, Event)]
    #[event(name = "account.opened", version = 2, v1 = OpenedV1)]
    pub struct Opened {
        pub name: String,
    }

    impl From<OpenedV1> for Opened {
        fn from(old: OpenedV1) -> Self {
            Self { name: old.full_name }
        }
    }

    #[derive(Deserialize)]
    pub(crate) enum LevelV1 {
        Low,
    }

    #[derive(Debug, Serialize, Deserialize, Schema)]
    #[event(version = 2, v1 = LevelV1)]
    pub enum Level {
        High,
    }

    impl From<LevelV1> for Level {
        fn from(old: LevelV1) -> Self {
            match old {
                LevelV1::Low => Self::High,
            }
        }
    }

    #[derive(Deserialize)]
    struct Private(String);

    impl From<Private> for String {
        fn from(old: Private) -> Self {
            old.0
        }
    }

    #[derive(Debug, Serialize, Deserialize, Event)]
    #[event(name = "account.named", version = 2)]
    pub struct Named {
        #[event(was(_: Private, before = 2))]
        pub name: String,
    }

    #[derive(Debug, Serialize, Deserialize, Schema)]
    #[event(version = 2, had(Cheque(Private), before = 2, with = |old| PayBy::Other(old.0)))]
    pub enum PayBy {
        Other(String),
    }

    /// The shape of a newtype is as open as the newtype is.
    #[derive(Debug, Serialize, Deserialize, Event)]
    #[event(name = "account.counted", version = 3, v1 = super::CountedV1)]
    pub struct Counted(#[event(was(_: u32, before = 3))] pub u64);

    pub type CountedV2 = Shape<Counted, 2>;
}

#[derive(serde::Deserialize)]
pub struct CountedV1 {
    count: u32,
}

impl From<CountedV1> for money::CountedV2 {
    fn from(old: CountedV1) -> Self {
        Self(old.count)
    }
}

fn main() {
    use eventsource_core::Event;
    assert_eq!(money::Opened::decode(1, br#"{"full_name":"a"}"#).unwrap().name, "a");
    assert_eq!(money::Named::decode(1, br#"{"name":"a"}"#).unwrap().name, "a");
    assert_eq!(money::Counted::decode(1, br#"{"count":5}"#).unwrap().0, 5);
}
