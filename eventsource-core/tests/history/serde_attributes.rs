//! serde's attributes on types and fields with older shapes.

use eventsource_core::prelude::*;
use serde::{Deserialize, Serialize};

use super::read;

#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "a.cased", version = 4, had(old_memo: String, before = 2))]
#[event(was(serde(rename_all = "kebab-case"), before = 4))]
#[serde(rename_all = "camelCase")]
struct Cased {
    #[event(was(total_amount: u32, before = 3))]
    total_cents: u64,
    #[event(since = 3)]
    is_big: bool,
}

#[test]
fn the_case_of_names_is_that_of_the_version() {
    let expected = Cased {
        total_cents: 5,
        is_big: false,
    };
    assert_eq!(
        read::<Cased>(1, r#"{"total-amount":5,"old-memo":"m"}"#).unwrap(),
        expected
    );
    assert_eq!(read::<Cased>(2, r#"{"total-amount":5}"#).unwrap(), expected);
    assert_eq!(
        read::<Cased>(3, r#"{"total-cents":5,"is-big":false}"#).unwrap(),
        expected
    );
    assert_eq!(
        read::<Cased>(4, r#"{"totalCents":5,"isBig":false}"#).unwrap(),
        expected
    );
}

fn seven() -> u8 {
    7
}

mod hex {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
    pub(super) fn serialize<S: Serializer>(value: &u32, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&format!("{value:x}"))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
        let text = String::deserialize(deserializer)?;
        u32::from_str_radix(&text, 16).map_err(D::Error::custom)
    }
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Place {
    street: String,
}

#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "a.attributed", version = 3, had(from: Place, before = 2, serde(flatten)))]
struct Attributed {
    // The same name in every version, so the same name in storage.
    #[serde(rename = "n")]
    #[event(was(_: u8, before = 2))]
    number: u16,
    // Another name, and what it was called in storage is said.
    #[serde(rename = "c")]
    #[event(was(amount: u8, before = 3, serde(rename = "amt")))]
    cents: u16,
    // Stored by the same function as long as the type is the same.
    #[serde(with = "hex")]
    #[event(was(mask, before = 3))]
    flags: u32,
    #[serde(with = "hex")]
    #[event(was(_: u16, before = 2, serde()))]
    color: u32,
    // New events may leave it out; older ones had none.
    #[serde(default = "seven", skip_serializing_if = "is_seven")]
    #[event(since = 2, default = 3)]
    retries: u8,
    #[serde(skip)]
    cached: Option<String>,
    #[serde(skip, default = "seven")]
    hidden: u8,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_seven(value: &u8) -> bool {
    *value == 7
}

fn attributed(retries: u8) -> Attributed {
    Attributed {
        number: 1,
        cents: 2,
        flags: 255,
        color: 16,
        retries,
        cached: None,
        hidden: 7,
    }
}

#[test]
fn an_attribute_belongs_to_the_versions_that_had_it() {
    let v1 = r#"{"n":1,"amt":2,"mask":"ff","color":16,"street":"s"}"#;
    assert_eq!(read::<Attributed>(1, v1).unwrap(), attributed(3));
    // Missing in an event of a version that had the field.
    let v2 = r#"{"n":1,"amt":2,"mask":"ff","color":"10"}"#;
    assert_eq!(read::<Attributed>(2, v2).unwrap(), attributed(7));
    let v3 = r#"{"n":1,"c":2,"flags":"ff","color":"10","retries":5}"#;
    assert_eq!(read::<Attributed>(3, v3).unwrap(), attributed(5));
}

#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "a.flat", version = 2)]
struct Flat {
    #[serde(flatten)]
    place: Place,
    #[event(since = 2)]
    zip: Option<String>,
}

#[test]
fn what_is_flattened_stays_flat() {
    let place = Place {
        street: "s".to_owned(),
    };
    assert_eq!(
        read::<Flat>(1, r#"{"street":"s"}"#).unwrap(),
        Flat { place, zip: None }
    );
}

mod reversed {
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(value: &str, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&value.chars().rev().collect::<String>())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<String, D::Error> {
        String::deserialize(deserializer).map(|text| text.chars().rev().collect())
    }
}

#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "a.restated", version = 3)]
#[event(was(serde(rename_all = "UPPERCASE", not(deny_unknown_fields)), before = 2))]
#[serde(deny_unknown_fields)]
struct Restated {
    // Another name in storage, read by the same function.
    #[serde(with = "reversed", rename = "n")]
    #[event(was(name, before = 3, serde(rename = "nm", with = "reversed")))]
    name: String,
    // The same name in storage, and no function yet.
    #[serde(with = "reversed", rename = "t")]
    #[event(was(_, before = 3, serde(rename = "t", not(with))))]
    text: String,
    // Nothing at all.
    #[serde(default, rename = "c")]
    #[event(was(cents, before = 3, serde()))]
    count: u8,
}

#[test]
fn each_attribute_that_a_field_had_is_said() {
    let expected = Restated {
        name: "abc".to_owned(),
        text: "xyz".to_owned(),
        count: 5,
    };
    let v1 = r#"{"nm":"cba","t":"xyz","CENTS":5,"more":1}"#;
    assert_eq!(read::<Restated>(1, v1).unwrap(), expected);
    let v2 = r#"{"nm":"cba","t":"xyz","cents":5}"#;
    assert_eq!(read::<Restated>(2, v2).unwrap(), expected);
    let v2 = r#"{"nm":"cba","t":"xyz","cents":5,"more":1}"#;
    assert!(read::<Restated>(2, v2).is_err());
    let v3 = r#"{"n":"cba","t":"zyx","c":5}"#;
    assert_eq!(read::<Restated>(3, v3).unwrap(), expected);
}

trait Make {
    fn make() -> Self;
}

impl Make for u8 {
    fn make() -> Self {
        42
    }
}

#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "a.made", version = 2)]
struct Made {
    #[event(was(_: u8, before = 2))]
    number: u16,
    #[serde(skip, default = "<u8 as Make>::make")]
    made: u8,
}

#[test]
fn what_is_never_stored_is_filled_as_serde_does_in_every_version() {
    let expected = Made {
        number: 1,
        made: 42,
    };
    assert_eq!(read::<Made>(1, r#"{"number":1}"#).unwrap(), expected);
    assert_eq!(read::<Made>(2, r#"{"number":1}"#).unwrap(), expected);
}

/// What the derive cannot give to an older shape, a shape that was written by hand has itself.
mod by_hand {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
    #[event(name = "a.converted", version = 2, v1 = ConvertedV1)]
    #[serde(try_from = "u64", into = "u64")]
    struct Converted {
        cents: u64,
    }

    #[derive(Deserialize)]
    #[serde(from = "String")]
    struct ConvertedV1(usize);

    impl From<String> for ConvertedV1 {
        fn from(text: String) -> Self {
            Self(text.len())
        }
    }

    impl From<ConvertedV1> for Converted {
        fn from(old: ConvertedV1) -> Self {
            Self {
                cents: old.0 as u64,
            }
        }
    }

    impl TryFrom<u64> for Converted {
        type Error = &'static str;

        fn try_from(cents: u64) -> Result<Self, Self::Error> {
            (cents < 100).then_some(Self { cents }).ok_or("too much")
        }
    }

    impl From<Converted> for u64 {
        fn from(converted: Converted) -> Self {
            converted.cents
        }
    }

    impl Clone for Converted {
        fn clone(&self) -> Self {
            Self { ..*self }
        }
    }

    #[test]
    fn a_type_with_attributes_of_its_own_has_its_older_shapes_by_hand() {
        let cents = |cents| Converted { cents };
        assert_eq!(read::<Converted>(1, r#""abc""#).unwrap(), cents(3));
        assert_eq!(read::<Converted>(2, "7").unwrap(), cents(7));
        assert!(read::<Converted>(2, "700").is_err());
    }
}
