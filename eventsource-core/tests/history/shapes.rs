//! What a pinned shape tells: the versions of the values in it, and the types of this crate.

use std::sync::Arc;

use eventsource_core::{
    Actor, AppendKey, Category, CausationId, CommandId, CorrelationId, EventId, EventName,
    Metadata, Position, Schema, StreamId, Tag, Timestamp, Version, prelude::*,
};
use serde::{Deserialize, Serialize};

use super::read;

/// Three values that look alike; the second has another meaning, and the third another history.
macro_rules! values {
    ($($name:ident { $($attribute:tt)* } $with:expr;)*) => {$(
        #[derive(Serialize, Deserialize, Schema)]
        #[event($($attribute)*)]
        struct $name {
            amount: u64,
        }
    )*};
}
values! {
    First { version = 1 } ();
    Second { version = 2, step(2, with = |old| Second { amount: old.amount * 100 }) } ();
    Third { version = 3, oldest = 3 } ();
}

#[derive(Serialize, Deserialize, Schema)]
struct Holder<T> {
    held: T,
}

#[test]
fn the_version_of_a_value_counts_where_its_shape_does_not_change() {
    assert_ne!(First::SHAPE, Second::SHAPE);
    assert_ne!(Second::SHAPE, Third::SHAPE);
    // Also within what holds it.
    macro_rules! differ {
        ($($holder:ty, $other:ty;)*) => {$(assert_ne!(<$holder>::SHAPE, <$other>::SHAPE);)*};
    }
    differ! {
        Vec<First>, Vec<Second>;
        Option<Arc<First>>, Option<Arc<Second>>;
        (u8, [First; 2]), (u8, [Second; 2]);
        std::collections::HashMap<String, First>, std::collections::HashMap<String, Second>;
        Holder<First>, Holder<Second>;
        Holder<Vec<First>>, Holder<Vec<Second>>;
    }
}

/// Everything of this crate that somebody may store.
#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "a.caused", version = 1, shape = "17109f12")]
struct Caused {
    event: EventId,
    command: CommandId,
    correlation: CorrelationId,
    causation: CausationId,
    at: Timestamp,
    stream: StreamId,
    version: Version,
    position: Position,
    category: Category,
    name: EventName,
    actor: Actor,
    key: AppendKey,
    tag: Tag,
    metadata: Metadata,
    uuid: uuid::Uuid,
}

#[test]
fn ids_and_times_have_the_shape_of_what_is_stored() {
    assert_eq!(EventId::SHAPE, uuid::Uuid::SHAPE);
    assert_eq!(CausationId::SHAPE, EventId::SHAPE);
    // Not every text is a time, or the name of a stream.
    let texts = [
        Timestamp::SHAPE,
        StreamId::SHAPE,
        Position::SHAPE,
        Category::SHAPE,
        EventName::SHAPE,
        Actor::SHAPE,
        AppendKey::SHAPE,
        Tag::SHAPE,
        String::SHAPE,
    ];
    for (index, text) in texts.iter().enumerate() {
        assert!(!texts[..index].contains(text), "{index}");
    }
    let id = "0193a4b2-0000-7000-8000-000000000001";
    let json = format!(
        r#"{{"event":"{id}","command":"{id}","correlation":"{id}","causation":"{id}","at":"2024-01-02T03:04:05Z","stream":"account-1","version":3,"position":"7","category":"account","name":"account.opened","actor":"ann","key":"k","tag":"t","metadata":{{}},"uuid":"{id}"}}"#
    );
    let caused = read::<Caused>(1, &json).unwrap();
    assert_eq!(caused.event.as_uuid(), caused.uuid);
    assert_eq!(caused.stream.to_string(), "account-1");
}

/// A value whose field has a type of the same name, elsewhere.
macro_rules! namesakes {
    ($($module:ident: $ty:ty;)*) => {$(
        mod $module {
            use super::*;

            pub(super) mod other {
                use super::*;

                #[derive(Serialize, Deserialize, Schema)]
                pub(in super::super) struct Opened {
                    number: $ty,
                }
            }

            #[derive(Serialize, Deserialize, Schema)]
            pub(super) struct Opened {
                inner: other::Opened,
            }
        }
    )*};
}
namesakes! {
    short: u8;
    long: u16;
}

#[test]
fn a_type_of_the_same_name_in_another_module_is_looked_into() {
    assert_ne!(short::Opened::SHAPE, long::Opened::SHAPE);
}

/// What is stored of the other one.
#[derive(Clone, Serialize, Deserialize, Schema)]
struct Raw {
    number: u8,
}

#[derive(Clone, Serialize, Deserialize, Schema)]
struct Plain {
    number: u8,
}

mod proxied {
    use super::*;

    #[derive(Clone, Serialize, Deserialize, Schema)]
    #[serde(from = "Raw", into = "Raw")]
    pub(super) struct Plain {
        pub(super) number: u8,
    }

    impl From<Raw> for Plain {
        fn from(Raw { number }: Raw) -> Self {
            Self { number }
        }
    }

    impl From<Plain> for Raw {
        fn from(Plain { number }: Plain) -> Self {
            Self { number }
        }
    }
}

#[test]
fn what_stands_for_a_value_in_storage_counts() {
    assert_ne!(Plain::SHAPE, proxied::Plain::SHAPE);
}
