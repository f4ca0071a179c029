//! Enums with a history: variants added, renamed, gone, and what their fields were.

use eventsource_core::{Past, Schema, prelude::*};
use serde::{Deserialize, Serialize};

use super::{read, shown};

#[derive(Debug, PartialEq, Serialize, Deserialize, Schema)]
#[event(version = 3, had(Cheque { number: String, cents: u32 }, before = 2, with = |number, cents| PayBy::Other(format!("{number}/{cents}"))))]
#[event(had(Cash, since = 2, before = 3, with = || PayBy::Nothing))]
#[serde(rename_all = "snake_case")]
enum PayBy {
    #[event(was(CreditCard, before = 2))]
    Card {
        #[event(was(no: u32, before = 2, with = |no| no.to_string()), was(digits, before = 3))]
        number: String,
        #[event(since = 3, default = 7)]
        months: u8,
        #[serde(skip)]
        cached: Option<u8>,
    },
    #[event(since = 2)]
    Other(String),
    Nothing,
    Transfer(#[event(was(_: u16, before = 3))] u32, bool),
}

#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "a.paid-by", version = 3)]
struct Paid {
    #[event(nested = 3, was(_: Vec<Past<PayBy, 1>>, before = 2), was(_: Vec<Past<PayBy, 2>>, before = 3))]
    by: Vec<PayBy>,
}

fn card(number: &str, months: u8) -> PayBy {
    PayBy::Card {
        number: number.to_owned(),
        months,
        cached: None,
    }
}

#[test]
fn a_variant_that_was_stored_becomes_one_of_today() {
    let v1 = r#"{"by":[{"credit_card":{"no":12}},{"cheque":{"number":"a","cents":5}},"nothing",{"transfer":[1,true]}]}"#;
    let other = PayBy::Other("a/5".to_owned());
    let expected = vec![
        card("12", 7),
        other,
        PayBy::Nothing,
        PayBy::Transfer(1, true),
    ];
    assert_eq!(read::<Paid>(1, v1).unwrap().by, expected);
    let v2 = r#"{"by":[{"card":{"digits":"12"}},"cash",{"other":"x"},{"transfer":[1,true]}]}"#;
    let other = PayBy::Other("x".to_owned());
    let expected = vec![
        card("12", 7),
        PayBy::Nothing,
        other,
        PayBy::Transfer(1, true),
    ];
    assert_eq!(read::<Paid>(2, v2).unwrap().by, expected);
    let v3 = r#"{"by":[{"card":{"number":"12","months":1}},{"transfer":[70000,true]}]}"#;
    let expected = vec![card("12", 1), PayBy::Transfer(70_000, true)];
    assert_eq!(read::<Paid>(3, v3).unwrap().by, expected);
}

#[test]
fn a_version_has_no_variant_of_another_one() {
    for (version, json) in [
        (1, r#"{"by":[{"other":"x"}]}"#),
        (1, r#"{"by":[{"card":{"no":12}}]}"#),
        (2, r#"{"by":[{"cheque":{"number":"a","cents":5}}]}"#),
        (3, r#"{"by":["cash"]}"#),
        (2, r#"{"by":[{"transfer":[70000,true]}]}"#),
    ] {
        assert!(read::<Paid>(version, json).is_err(), "{version} {json}");
    }
}

/// Another meaning of a whole enum, that can fail; and values in variants that have versions of their own.
#[derive(Debug, PartialEq, Serialize, Deserialize, Schema)]
#[event(version = 2, step(2, try_with = moved))]
enum Level {
    Low(u8),
    High(u8),
}

#[expect(clippy::needless_pass_by_value, reason = "a step takes the old value")]
fn moved(old: eventsource_core::Shape<Level, 1>) -> Result<Level, String> {
    type Old = eventsource_core::Shape<Level, 1>;
    match old {
        Old::Low(value) => Ok(Level::Low(value)),
        Old::High(value) => value
            .checked_add(100)
            .map(Level::High)
            .ok_or_else(|| "too high".to_owned()),
    }
}

#[derive(Debug, PartialEq, Serialize, Deserialize, Schema)]
#[event(version = 2)]
#[serde(tag = "kind", content = "value")]
enum Measured {
    Level(#[event(nested = 2, was(_: Past<Level, 1>, before = 2))] Level),
    None,
}

#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "a.measured", version = 2)]
struct Read {
    #[event(nested = 2, was(_: Past<Measured, 1>, before = 2))]
    measured: Measured,
}

#[test]
fn an_enum_in_an_enum_moves_on() {
    let json = r#"{"measured":{"kind":"Level","value":{"High":5}}}"#;
    assert_eq!(
        read::<Read>(1, json).unwrap().measured,
        Measured::Level(Level::High(105))
    );
    assert_eq!(
        read::<Read>(2, json).unwrap().measured,
        Measured::Level(Level::High(5))
    );
    let none = r#"{"measured":{"kind":"None"}}"#;
    assert_eq!(read::<Read>(1, none).unwrap().measured, Measured::None);
    let error =
        read::<Read>(1, r#"{"measured":{"kind":"Level","value":{"High":200}}}"#).unwrap_err();
    assert_eq!(
        shown(&error),
        "the event `a.measured`, stored with schema version 1, cannot be brought to version 2: field `measured` \
         <- `Measured` cannot be brought to version 2: field `0` <- `Level` cannot be brought to version 2 <- too high"
    );
}

#[test]
fn the_shape_of_an_enum_tells_its_variants() {
    macro_rules! shape {
        ($($body:tt)*) => {{
            #[derive(Serialize, Deserialize, Schema)]
            enum Value $($body)*
            Value::SHAPE
        }};
    }
    let shape = shape!({ A, B(u8), C { d: String } });
    assert_eq!(shape, shape!({ C { d: Box<str> }, B(u8), A }));
    for other in [
        shape!({ A, B(u8), C { e: String } }),
        shape!({ A, B(u16), C { d: String } }),
        shape!({ B(u8), C { d: String } }),
        shape!({ A(), B(u8), C { d: String } }),
        shape!({ #[serde(rename = "a")] A, B(u8), C { d: String } }),
    ] {
        assert_ne!(shape, other);
    }
}
