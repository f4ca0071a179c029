//! Decoding ends in one of a closed list of ways, whatever the bytes are.

use eventsource_core::{DecodeError, prelude::*};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};

use super::{deposited::Deposited, nested::Moved, read, shown, variants::Paid};

/// Fails in a step of its own for some values.
#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "a.narrowed", version = 5)]
struct Narrowed {
    #[event(was(text: String, before = 2, try_with = |text| text.parse::<i64>()))]
    #[event(was(_: i64, before = 3, try_with = |number| i32::try_from(number)))]
    #[event(was(_: i32, before = 4, try_with = |number| u16::try_from(number)))]
    #[event(was(_: u16, before = 5, try_with = |number| u8::try_from(number)))]
    number: u8,
}

// D23
#[test]
fn an_event_of_a_newer_version_is_refused() {
    let error = read::<Deposited>(6, "{}").unwrap_err();
    assert!(matches!(
        error,
        DecodeError::Newer {
            event: "account.deposited",
            stored: 6,
            known: 5
        }
    ));
    assert!(matches!(
        read::<Deposited>(u32::MAX, "{}"),
        Err(DecodeError::Newer { .. })
    ));
    assert!(matches!(
        read::<Deposited>(0, "{}"),
        Err(DecodeError::VersionZero {
            event: "account.deposited"
        })
    ));
}

// D17
#[test]
fn each_event_has_a_version_of_its_own() {
    #[derive(Debug, Serialize, Deserialize, Event)]
    #[event(name = "a.other")]
    struct Other {
        cents: u8,
    }
    assert_eq!((Deposited::SCHEMA.version, Other::SCHEMA.version), (5, 1));
    assert!(read::<Other>(1, r#"{"cents":1}"#).is_ok());
    assert!(matches!(
        read::<Other>(5, r#"{"cents":1}"#),
        Err(DecodeError::Newer { known: 1, .. })
    ));
}

// D22
#[test]
fn values_are_found_by_name_and_not_by_place() {
    let expected = Paired { a: -6, b: 7 };
    assert_eq!(read::<Paired>(1, r#"{"a":-6,"b":7}"#).unwrap(), expected);
    assert_eq!(read::<Paired>(2, r#"{"b":7,"a":-6}"#).unwrap(), expected);
    assert!(read::<Paired>(1, r#"{"x":-6,"y":7}"#).is_err());
    // serde takes an array for the fields in the order of the struct, which is today's.
    for version in [1, 2] {
        for json in ["[-6,7]", " \n[-6,7]", "[]", "[-6"] {
            let error = read::<Paired>(version, json).unwrap_err();
            assert!(
                shown(&error)
                    .ends_with(" <- invalid type: sequence, expected an object with the fields"),
                "{error:?}"
            );
        }
    }
    // So it does on the way of the repository.
    let mut state = Some(Pairs);
    let replayed = Pairs::replay(&mut state, "a.paired", 2, b"[7,-6]");
    assert!(replayed.is_err(), "{replayed:?}");
}

#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "a.paired", version = 2)]
struct Paired {
    // The order of the fields is another than it was.
    #[event(was(_: i8, before = 2))]
    b: i16,
    a: i8,
}

#[derive(Debug, Default, Aggregate)]
#[aggregate(name = "pairs", id = u64, error = std::convert::Infallible, events(Paired))]
struct Pairs;

impl Apply<Paired> for Pairs {
    fn apply(&mut self, _: &Paired) {}
}

#[test]
fn what_has_no_names_may_be_an_array() {
    #[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
    #[event(name = "a.tagged")]
    #[serde(transparent)]
    struct Tagged {
        tags: Vec<u8>,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
    #[event(name = "a.merged", version = 2)]
    struct Merged(#[event(was(_: Vec<u8>, before = 2))] Vec<u16>);
    for version in [1, 2] {
        assert_eq!(
            read::<Merged>(version, "[1,2]").unwrap(),
            Merged(vec![1, 2])
        );
    }

    assert_eq!(read::<Tagged>(1, "[1]").unwrap(), Tagged { tags: vec![1] });
}

#[test]
fn a_struct_that_serde_makes_of_an_array_is_read_from_one() {
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
    #[event(name = "a.placed")]
    #[serde(from = "(u8, u8)", into = "(u8, u8)")]
    struct Placed {
        x: u8,
        y: u8,
    }
    impl From<(u8, u8)> for Placed {
        fn from((x, y): (u8, u8)) -> Self {
            Self { x, y }
        }
    }
    impl From<Placed> for (u8, u8) {
        fn from(placed: Placed) -> Self {
            (placed.x, placed.y)
        }
    }
    assert_eq!(read::<Placed>(1, "[1,2]").unwrap(), Placed { x: 1, y: 2 });
}

#[test]
fn a_shape_that_was_written_by_hand_has_the_form_that_it_has() {
    #[derive(Deserialize)]
    struct PointV1(u8, u8);
    #[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
    #[event(name = "a.pointed", version = 2, v1 = PointV1)]
    struct Pointed {
        x: u8,
        y: u8,
    }
    impl From<PointV1> for Pointed {
        fn from(PointV1(x, y): PointV1) -> Self {
            Self { x, y }
        }
    }
    assert_eq!(read::<Pointed>(1, "[1,2]").unwrap(), Pointed { x: 1, y: 2 });
    read::<Pointed>(2, "[1,2]").unwrap_err();
}

#[test]
fn no_message_shows_the_payload() {
    // Nor where the conversion of the user is one of serde.
    #[derive(Debug, Serialize, Deserialize, Event)]
    #[event(name = "a.parsed", version = 2)]
    struct Parsed {
        #[event(was(_: serde_json::Value, before = 2, try_with = serde_json::from_value))]
        number: u8,
    }

    for (version, json) in [
        (1, r#"{"text":"s3cret"}"#),
        (1, r#"{"txt":"s3cret"}"#),
        (1, "\"s3cret"),
        (2, r#"{"number":9999999999}"#),
    ] {
        let text = shown(&read::<Narrowed>(version, json).unwrap_err());
        assert!(
            text.contains("`a.narrowed`") && text.contains(&format!("version {version}")),
            "{text}"
        );
        assert!(!text.contains("s3cret") && !text.contains("9999"), "{text}");
    }

    let text = shown(&read::<Parsed>(1, r#"{"number":"4111 s3cret"}"#).unwrap_err());
    assert!(
        text.ends_with(" <- invalid type: string, expected u8"),
        "{text}"
    );

    let text = shown(&read::<Narrowed>(4, r#"{"number":300}"#).unwrap_err());
    assert!(text.starts_with("the event `a.narrowed`, stored with schema version 4, cannot be brought to version 5: field `number` <- "), "{text}");
}

/// Whether an outcome is one that decoding of `E` at `version` can have.
fn is_closed<E: Event>(version: u32, outcome: &Result<E, DecodeError>) -> bool {
    let (name, known) = (E::SCHEMA.name, E::SCHEMA.version);
    match outcome {
        Ok(_) => (1..=known).contains(&version),
        Err(DecodeError::VersionZero { event }) => *event == name && version == 0,
        Err(DecodeError::Newer {
            event,
            stored,
            known: k,
        }) => *event == name && *stored == version && *k == known && version > known,
        Err(DecodeError::Payload {
            event, version: v, ..
        }) => *event == name && *v == version && (1..=known).contains(&version),
        Err(DecodeError::Step {
            event,
            version: v,
            to,
            ..
        }) => *event == name && *v == version && (version + 1..=known).contains(to),
        Err(_) => false,
    }
}

fn check(version: u32, bytes: &[u8]) {
    assert!(is_closed(version, &Deposited::decode(version, bytes)));
    assert!(is_closed(version, &Narrowed::decode(version, bytes)));
    assert!(is_closed(version, &Moved::decode(version, bytes)));
    assert!(is_closed(version, &Paid::decode(version, bytes)));
}

/// JSON of any kind, often with the names that the events know.
fn json() -> impl Strategy<Value = String> {
    let text = prop_oneof![
        "[0-9]{1,12}",
        "-?[0-9]{1,3}",
        ".{0,8}",
        Just("Eur".to_owned())
    ]
    .prop_map(|text| serde_json::Value::String(text).to_string());
    let number = prop_oneof![
        any::<i64>().prop_map(|n| n.to_string()),
        (-9..400_i64).prop_map(|n| n.to_string()),
        any::<f64>().prop_map(|f| serde_json::json!(f).to_string())
    ];
    let leaf = prop_oneof![
        text,
        number,
        Just("null".to_owned()),
        Just("true".to_owned())
    ];
    leaf.prop_recursive(4, 24, 6, |inner| {
        let name = prop_oneof![
            Just("account"),
            Just("amount"),
            Just("memo"),
            Just("cents"),
            Just("currency"),
            Just("annotated"),
            Just("text"),
            Just("number"),
            Just("to"),
            Just("id"),
            Just("street"),
            Just("zip"),
            Just("by"),
            Just("card"),
            Just("cheque"),
            Just("transfer")
        ];
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4)
                .prop_map(|items| format!("[{}]", items.join(","))),
            proptest::collection::vec((name, inner), 0..6).prop_map(|fields| {
                let fields: Vec<_> = fields
                    .into_iter()
                    .map(|(name, value)| format!("\"{name}\":{value}"))
                    .collect();
                format!("{{{}}}", fields.join(","))
            }),
        ]
    })
}

/// A short run each time; `PROPTEST_CASES` makes it as long as one likes.
fn cases() -> ProptestConfig {
    let asked = std::env::var_os("PROPTEST_CASES").is_some();
    let usual = ProptestConfig::default();
    ProptestConfig {
        cases: if asked { usual.cases } else { 1000 },
        ..usual
    }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn any_bytes_end_in_one_of_the_known_ways(bytes in proptest::collection::vec(any::<u8>(), 0..64), version in 0..8_u32) {
        check(version, &bytes);
    }

    #[test]
    fn any_json_ends_in_one_of_the_known_ways(json in json(), version in prop_oneof![0..8_u32, any::<u32>()]) {
        check(version, json.as_bytes());
    }

    #[test]
    fn any_payload_of_the_right_shape_ends_in_one_of_the_known_ways(number in any::<i64>(), text in "-?[0-9]{0,10}") {
        for version in 1..=5 {
            check(version, format!("{{\"number\":{number}}}").as_bytes());
            check(version, format!("{{\"text\":\"{text}\"}}").as_bytes());
        }
    }
}

#[test]
fn the_words_of_serde_name_the_type_of_today() {
    #[derive(Debug, Serialize, Deserialize, Event)]
    #[event(name = "a.worded", version = 2)]
    struct Worded {
        #[event(was(_: u8, before = 2))]
        number: u16,
    }
    let error = read::<Worded>(1, "5").unwrap_err();
    assert!(
        shown(&error).contains("expected struct Worded"),
        "{error:?}"
    );
    let by = read::<Paid>(1, r#"{"by":[{"credit_card":5}]}"#).unwrap_err();
    assert!(shown(&by).contains("expected enum PayBy"), "{by:?}");
}
