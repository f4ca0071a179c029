//! Steps that are written by hand, shapes that are, structs without named fields, and events that were called otherwise.

use eventsource_core::{Shape, StoredName, prelude::*};
use serde::{Deserialize, Serialize};

use super::{read, shown};

/// The same shape, another meaning.
#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "a.paid", version = 3, step(3, with = |old| Paid { cents: old.cents * 100 }))]
struct Paid {
    #[event(was(amount, before = 2))]
    cents: u64,
}

#[test]
fn a_step_changes_the_meaning_and_not_the_shape() {
    assert_eq!(
        read::<Paid>(1, r#"{"amount":5}"#).unwrap(),
        Paid { cents: 500 }
    );
    assert_eq!(
        read::<Paid>(2, r#"{"cents":5}"#).unwrap(),
        Paid { cents: 500 }
    );
    assert_eq!(
        read::<Paid>(3, r#"{"cents":5}"#).unwrap(),
        Paid { cents: 5 }
    );
}

/// A step that can fail, in the middle of the chain, between two generated shapes.
#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "a.measured", version = 3, step(2, try_with = metres))]
struct Measured {
    #[event(was(_: u32, before = 3))]
    metres: u64,
}

#[expect(clippy::needless_pass_by_value, reason = "a step takes the old value")]
fn metres(old: Shape<Measured, 1>) -> Result<Shape<Measured, 2>, String> {
    let metres = old
        .metres
        .checked_mul(1000)
        .ok_or_else(|| "out of range".to_owned())?;
    Ok(Shape::<Measured, 2> { metres })
}

#[test]
fn a_step_that_fails_names_itself() {
    assert_eq!(
        read::<Measured>(1, r#"{"metres":5}"#).unwrap(),
        Measured { metres: 5000 }
    );
    assert_eq!(
        shown(&read::<Measured>(1, r#"{"metres":4000000000}"#).unwrap_err()),
        "the event `a.measured`, stored with schema version 1, cannot be brought to version 2 <- out of range"
    );
}

/// The oldest shape is written by hand; the one after it is generated.
mod by_hand {
    use super::*;

    pub(super) mod legacy {
        #[derive(serde::Deserialize)]
        pub(crate) struct OpenedV1 {
            pub(crate) full_name: String,
        }
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
    #[event(name = "account.opened", version = 3, v1 = legacy::OpenedV1)]
    pub(crate) struct Opened {
        pub(super) first: String,
        pub(super) last: String,
        #[event(since = 3)]
        pub(super) tier: Option<u8>,
    }

    impl From<legacy::OpenedV1> for Shape<Opened, 2> {
        fn from(old: legacy::OpenedV1) -> Self {
            let (first, last) = old
                .full_name
                .split_once(' ')
                .unwrap_or((&old.full_name, ""));
            Self {
                first: first.to_owned(),
                last: last.to_owned(),
            }
        }
    }

    /// A shape in the middle, with steps on both sides, one of which can fail.
    #[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
    #[event(name = "account.rated", version = 3, v2 = RatedV2)]
    pub(super) struct Rated {
        pub(super) stars: u8,
    }

    #[derive(Deserialize)]
    pub(super) struct RatedV2 {
        points: i32,
    }

    impl From<Shape<Rated, 1>> for RatedV2 {
        fn from(old: Shape<Rated, 1>) -> Self {
            Self {
                points: i32::from(old.stars) * 20,
            }
        }
    }

    impl TryFrom<RatedV2> for Rated {
        type Error = std::num::TryFromIntError;

        fn try_from(old: RatedV2) -> Result<Self, Self::Error> {
            Ok(Self {
                stars: u8::try_from(old.points / 20)?,
            })
        }
    }
}

/// Two types that are one.
fn is<T>(_: Option<T>, _: Option<T>) {}

#[test]
fn a_shape_that_was_written_by_hand_leads_on_by_from() {
    use by_hand::{Opened, Rated};

    let opened = read::<Opened>(1, r#"{"full_name":"Ada Lovelace"}"#).unwrap();
    assert_eq!(
        opened,
        Opened {
            first: "Ada".to_owned(),
            last: "Lovelace".to_owned(),
            tier: None
        }
    );
    let opened = read::<Opened>(2, r#"{"first":"Ada","last":"L"}"#).unwrap();
    assert_eq!(opened.last, "L");
    assert_eq!(
        read::<Rated>(1, r#"{"stars":4}"#).unwrap(),
        Rated { stars: 4 }
    );
    assert_eq!(
        read::<Rated>(2, r#"{"points":80}"#).unwrap(),
        Rated { stars: 4 }
    );
    let text = shown(&read::<Rated>(2, r#"{"points":-80}"#).unwrap_err());
    assert!(text.starts_with("the event `account.rated`, stored with schema version 2, cannot be brought to version 3 <- "), "{text}");

    is(None::<Shape<Opened, 3>>, None::<Opened>);
}

/// One value without a name.
#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "a.counted", version = 3)]
struct Counted(
    #[event(was(_: String, before = 2, try_with = |text| text.parse::<u32>()), was(_: u32, before = 3))]
     u64,
);

#[test]
fn a_newtype_was_another_type() {
    assert_eq!(read::<Counted>(1, r#""12""#).unwrap(), Counted(12));
    assert_eq!(read::<Counted>(2, "12").unwrap(), Counted(12));
    assert_eq!(
        read::<Counted>(3, "5000000000").unwrap(),
        Counted(5_000_000_000)
    );
    let text = shown(&read::<Counted>(1, r#""x""#).unwrap_err());
    assert!(text.contains("version 2: field `0`"), "{text}");
}

/// No fields today, one before; no fields before, one today.
#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "a.closed", version = 2, had(reason: String, before = 2))]
struct Closed;

#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "a.left", version = 3)]
struct Left {
    #[event(since = 3)]
    reason: Option<String>,
    #[event(since = 2, default = 1)]
    times: u8,
}

#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "a.strict", version = 2)]
#[serde(deny_unknown_fields)]
struct Strict {
    #[event(since = 2)]
    times: u8,
}

#[test]
fn a_struct_without_fields_is_a_shape_like_others() {
    assert_eq!(read::<Closed>(1, r#"{"reason":"x"}"#).unwrap(), Closed);
    assert_eq!(read::<Closed>(2, "null").unwrap(), Closed);
    let left = || Left {
        reason: None,
        times: 1,
    };
    // As a unit struct was stored, and as a struct in braces was.
    for json in ["null", "{}", r#"{"unknown":1}"#] {
        assert_eq!(read::<Left>(1, json).unwrap(), left(), "{json}");
    }
    assert!(read::<Left>(1, "5").is_err());
    assert!(read::<Strict>(1, "{}").is_ok());
    assert!(read::<Strict>(1, r#"{"times":1}"#).is_err());
}

/// An event that was called otherwise, twice.
#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[expect(
    clippy::duplicated_attributes,
    reason = "clippy takes the second `before` for the first one again"
)]
#[event(
    name = "account.deposited",
    version = 5,
    was("deposit.made", before = 2),
    was("deposit.booked", before = 4)
)]
struct Renamed {
    #[event(was(_: u8, before = 3))]
    cents: u16,
    #[event(since = 5)]
    note: String,
}

#[test]
fn the_table_of_names_has_every_version_once() {
    let name = |name, first, last| StoredName { name, first, last };
    assert_eq!(
        Renamed::NAMES,
        [
            name("deposit.made", 1, 1),
            name("deposit.booked", 2, 3),
            name("account.deposited", 4, 5)
        ]
    );
    assert_eq!(Renamed::SCHEMA.name, "account.deposited");
    assert_eq!(Paid::NAMES, [name("a.paid", 1, 3)]);
    assert_eq!(read::<Renamed>(1, r#"{"cents":5}"#).unwrap().cents, 5);
}

/// As other crates see it: more fields may come, and what is gone is nobody's business.
mod public {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Secret {
        word: String,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
    #[event(name = "a.public", version = 3, had(secret: Secret, before = 2))]
    #[non_exhaustive]
    pub(crate) struct Public {
        /// How long the word was.
        #[event(since = 2, with = |old| old.secret.word.len())]
        pub(crate) length: usize,
        #[event(was(_: Vec<Secret>, before = 3, with = |all| all.len()))]
        pub(crate) inner: usize,
    }

    #[test]
    fn an_older_shape_may_have_private_types_and_the_event_more_fields_to_come() {
        let json = r#"{"secret":{"word":"abc"},"inner":[{"word":"x"}]}"#;
        let public = read::<Public>(1, json).unwrap();
        assert_eq!((public.length, public.inner), (3, 1));
    }
}

/// Many versions, each of which widens or adds something.
#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "a.long", version = 12)]
struct Long {
    #[event(was(_: u8, before = 2), was(_: u16, before = 3), was(_: u32, before = 4), was(_: u64, before = 5))]
    a: u128,
    #[event(was(_: i8, before = 6), was(_: i16, before = 7), was(_: i32, before = 8), was(_: i64, before = 9))]
    b: i128,
    #[event(since = 10, with = |old| old.a + 1)]
    c: u128,
    #[event(since = 11, with = |old| old.c + 1)]
    d: u128,
    #[event(since = 12, with = |old| old.d + 1)]
    e: u128,
}

#[test]
fn a_long_history_is_walked_to_its_end() {
    let expected = Long {
        a: 1,
        b: -1,
        c: 2,
        d: 3,
        e: 4,
    };
    for version in 1..=9 {
        let long = read::<Long>(version, r#"{"a":1,"b":-1}"#).unwrap();
        assert_eq!(long, expected, "{version}");
    }
    assert!(read::<Long>(3, r#"{"a":4294967296,"b":-1}"#).is_err());
    assert!(read::<Long>(4, r#"{"a":4294967296,"b":-1}"#).is_ok());
}
