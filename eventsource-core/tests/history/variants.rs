//! Enums with a history: variants added, renamed, gone, and what their fields were.

use eventsource_core::{Past, Schema, prelude::*};
use serde::{Deserialize, Serialize};

use super::{read, shown};

#[derive(Debug, PartialEq, Serialize, Deserialize, Schema)]
#[event(version = 3, had(Cheque { number: String, cents: u32 }, before = 2, with = |number, cents| PayBy::Other(format!("{number}/{cents}"))))]
#[event(had(Cash, since = 2, before = 3, with = || PayBy::Nothing))]
#[serde(rename_all = "snake_case")]
pub(crate) enum PayBy {
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
pub(crate) struct Paid {
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

/// Places that are never stored, each before others that are.
#[derive(Debug, PartialEq, Serialize, Deserialize, Schema)]
#[event(version = 2)]
enum Places {
    #[event(was(C, before = 2))]
    Three(#[serde(skip)] String, String, String),
    Two(
        #[serde(skip, default = "seven")] u8,
        #[event(was(_: u8, before = 2))] u16,
    ),
    One(#[serde(skip)] u8),
}

fn seven() -> u8 {
    7
}

#[test]
fn a_place_that_is_never_stored_is_a_place_all_the_same() {
    let places = |version: u32, json: &str| match version {
        1 => serde_json::from_str::<Past<Places, 1>>(json)
            .unwrap()
            .today()
            .unwrap(),
        _ => serde_json::from_str(json).unwrap(),
    };
    let text = |text: &str| text.to_owned();
    let three = Places::Three(String::new(), text("one"), text("two"));
    assert_eq!(places(1, r#"{"C":["one","two"]}"#), three);
    assert_eq!(places(2, r#"{"Three":["one","two"]}"#), three);
    for version in [1, 2] {
        assert_eq!(places(version, r#"{"Two":[5]}"#), Places::Two(7, 5));
        let one = serde_json::to_string(&Places::One(9)).unwrap();
        assert_eq!(places(version, &one), Places::One(0));
    }
}

/// A variant that is never stored asks nothing of what it holds.
#[derive(Debug, PartialEq, Serialize, Deserialize, Schema)]
enum Kept {
    Stored(u8),
    #[serde(skip)]
    Never(Handle),
}

#[derive(Debug, PartialEq)]
struct Handle;

#[test]
fn a_variant_that_is_never_stored_has_no_shape() {
    assert_eq!(
        serde_json::to_string(&Kept::Stored(1)).unwrap(),
        r#"{"Stored":1}"#
    );
    assert!(serde_json::to_string(&Kept::Never(Handle)).is_err());
    let kept: Kept = serde_json::from_str(r#"{"Stored":1}"#).unwrap();
    assert_eq!((kept, Kept::VERSION), (Kept::Stored(1), 1));
}

/// Whole steps leave nothing to say about a variant that is gone.
#[derive(Debug, PartialEq, Serialize, Deserialize, Schema)]
#[event(version = 2, had(Cheque { number: u16 }, before = 2), step(2, with = without_cheques))]
enum Paper {
    Sheet { number: u16 },
}

#[expect(clippy::needless_pass_by_value, reason = "a step takes the old value")]
fn without_cheques(old: eventsource_core::Shape<Paper, 1>) -> Paper {
    match old {
        eventsource_core::Shape::<Paper, 1>::Cheque { number }
        | eventsource_core::Shape::<Paper, 1>::Sheet { number } => Paper::Sheet { number },
    }
}

#[test]
fn a_whole_step_is_the_word_for_a_variant_that_is_gone() {
    let past: Past<Paper, 1> = serde_json::from_str(r#"{"Cheque":{"number":5}}"#).unwrap();
    assert_eq!(past.today().unwrap(), Paper::Sheet { number: 5 });
}
