//! Values with versions of their own, in the fields of events.

use std::collections::{BTreeMap, HashMap};

use eventsource_core::{Past, Schema, prelude::*};
use serde::{Deserialize, Serialize};

use super::{read, shown};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Schema)]
#[event(version = 3)]
struct Address {
    street: String,
    #[event(since = 2)]
    zip: String,
    #[event(since = 3, try_with = |old| if old.zip.len() > 5 { Err("no zip") } else { Ok(old.zip.len()) })]
    zip_len: usize,
}

#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "customer.moved", version = 3)]
struct Moved {
    id: u32,
    #[event(nested = 3, was(_: Vec<Past<Address, 1>>, before = 2), was(_: Vec<Past<Address, 2>>, before = 3))]
    to: Vec<Address>,
}

fn address(zip: &str) -> Address {
    Address {
        street: "s".to_owned(),
        zip: zip.to_owned(),
        zip_len: zip.len(),
    }
}

#[test]
fn the_version_of_an_event_tells_that_of_the_values_in_it() {
    for (version, json, zip) in [
        (1, r#"{"id":1,"to":[{"street":"s"}]}"#, ""),
        (2, r#"{"id":1,"to":[{"street":"s","zip":"123"}]}"#, "123"),
        (
            3,
            r#"{"id":1,"to":[{"street":"s","zip":"12","zip_len":2}]}"#,
            "12",
        ),
    ] {
        let moved = read::<Moved>(version, json).unwrap();
        assert_eq!(
            moved,
            Moved {
                id: 1,
                to: vec![address(zip)]
            },
            "{version}"
        );
    }
    assert!(read::<Moved>(3, r#"{"id":1,"to":[{"street":"s"}]}"#).is_err());
}

#[test]
fn a_step_of_a_value_that_fails_is_a_step_of_the_event() {
    let error = read::<Moved>(2, r#"{"id":1,"to":[{"street":"s","zip":"123456"}]}"#).unwrap_err();
    assert_eq!(
        shown(&error),
        "the event `customer.moved`, stored with schema version 2, cannot be brought to version 3: field `to` \
         <- `Address` cannot be brought to version 3: field `zip_len` <- no zip"
    );
}

/// A value in a value, and every container.
#[derive(Debug, PartialEq, Serialize, Deserialize, Schema)]
#[event(version = 2)]
struct Office {
    #[event(nested = 3, was(_: Box<Past<Address, 2>>, before = 2))]
    at: Box<Address>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "company.moved", version = 2, had(old: Past<Address, 1>, before = 2))]
struct Company {
    #[event(nested = 2, was(_: Option<Past<Office, 1>>, before = 2))]
    office: Option<Office>,
    #[event(nested = 3, was(_: HashMap<String, Past<Address, 2>>, before = 2))]
    by_name: HashMap<String, Address>,
    #[event(nested = 3, was(_: BTreeMap<String, Vec<Past<Address, 2>>>, before = 2))]
    by_town: BTreeMap<String, Vec<Address>>,
    #[event(nested = 3, was(_: [Past<Address, 2>; 2], before = 2))]
    pair: [Address; 2],
    #[event(nested = 3, was(_: Past<Address, 2>, before = 2))]
    main: Address,
    #[event(since = 2, with = |old| old.old.as_today().map_or_else(|_| String::new(), |old| old.street.clone()))]
    street: String,
}

#[test]
fn values_are_reached_through_containers() {
    let a = r#"{"street":"s","zip":"12"}"#;
    let json = format!(
        r#"{{"office":{{"at":{a}}},"by_name":{{"n":{a}}},"by_town":{{"t":[{a},{a}]}},"pair":[{a},{a}],"main":{a},"old":{{"street":"o"}}}}"#
    );
    let company = read::<Company>(1, &json).unwrap();
    let address = || address("12");
    assert_eq!(
        company,
        Company {
            office: Some(Office {
                at: Box::new(address())
            }),
            by_name: std::iter::once(("n".to_owned(), address())).collect(),
            by_town: std::iter::once(("t".to_owned(), vec![address(), address()])).collect(),
            pair: [address(), address()],
            main: address(),
            street: "o".to_owned(),
        }
    );
}

#[test]
fn a_value_is_its_own_past_at_every_version() {
    let json = r#"{"street":"s"}"#;
    let past: Past<Address, 1> = serde_json::from_str(json).unwrap();
    assert_eq!(past.as_today().unwrap().street, "s");
    assert_eq!(past.today().unwrap(), address(""));
    assert_eq!((Address::VERSION, Office::VERSION), (3, 2));
    // A number that no macro saw is refused when it is read.
    assert!(serde_json::from_str::<Past<Address, 9>>(json).is_err());
}

/// The shape tells what is stored, and nothing else.
mod shapes {
    use super::*;

    macro_rules! shape {
        ($($item:tt)*) => {{
            #[derive(Serialize, Deserialize, Schema)]
            $($item)*
            Value::SHAPE
        }};
    }

    #[test]
    fn what_is_stored_has_one_shape() {
        let shape = shape!(
            struct Value {
                a: u8,

                b: Option<String>,
            }
        );
        let same = shape!(
            pub(crate) struct Value {
                /** Documented. */
                b: Option<Box<str>>,

                a: u8,
            }
        );
        assert_eq!(shape, same);
        for other in [
            shape!(
                struct Value {
                    a: u16,

                    b: Option<String>,
                }
            ),
            shape!(
                struct Value {
                    a: u8,

                    c: Option<String>,
                }
            ),
            shape!(
                struct Value {
                    a: u8,
                    #[serde(rename = "c")]
                    b: Option<String>,
                }
            ),
            shape!(
                #[serde(rename_all = "camelCase")]
                struct Value {
                    a: u8,

                    b: Option<String>,
                }
            ),
            shape!(
                struct Value {
                    a: u8,

                    b: Option<String>,

                    c: u8,
                }
            ),
        ] {
            assert_ne!(shape, other);
        }
    }

    #[derive(Serialize, Deserialize, Schema)]
    struct Tree {
        children: Vec<Self>,
        #[event(opaque)]
        value: serde_json::Number,
    }

    #[derive(Serialize, Deserialize, Event)]
    #[event(name = "a.pinned", version = 2, shape = "b3c3224a")]
    struct Pinned {
        tree: Tree,
        #[event(since = 2)]
        note: Option<String>,
    }

    // D15
    #[test]
    fn a_pinned_shape_that_is_the_same_compiles() {
        let json = r#"{"tree":{"children":[{"children":[],"value":1}],"value":2}}"#;
        let pinned = read::<Pinned>(1, json).unwrap();
        assert_eq!((pinned.tree.children.len(), pinned.note), (1, None));
        assert_eq!(pinned.tree.value, 2.into());
    }
}
