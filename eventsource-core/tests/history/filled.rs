//! Values with versions of their own, in fields that older events did not have.

use eventsource_core::{Past, Schema, Shape, UpcastError, prelude::*};
use serde::{Deserialize, Serialize};

use super::{read, shown};

#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Schema)]
#[event(version = 3)]
struct Address {
    street: String,
    #[event(since = 2)]
    country: String,
    #[event(since = 3, try_with = |old| if old.street == "nowhere" { Err("no such street") } else { Ok(old.street.len()) })]
    length: usize,
}

fn address(street: &str, country: &str) -> Address {
    Address {
        street: street.to_owned(),
        country: country.to_owned(),
        length: street.len(),
    }
}

/// Each field came in version 2, when an address had two fields, and is filled in another way.
#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "customer.moved", version = 3, had(town: String, before = 2))]
struct Moved {
    #[event(since = 2, nested = 3, was(_: Past<Address, 2>, before = 3))]
    by_default: Address,
    #[event(since = 2, default = Past::of(address("s", "CZ")))]
    #[event(nested = 3, was(_: Past<Address, 2>, before = 3))]
    of_today: Address,
    #[event(since = 2, with = |old| Past::from_shape(Shape::<Address, 2> { street: old.town.clone(), country: "CZ".to_owned() }))]
    #[event(nested = 3, was(_: Past<Address, 2>, before = 3))]
    of_then: Address,
    #[event(since = 2, try_with = |old| if old.town.is_empty() { Err("no town") } else { Ok(vec![Past::of(address(&old.town, "DE"))]) })]
    #[event(nested = 3, was(_: Vec<Past<Address, 2>>, before = 3))]
    fallible: Vec<Address>,
    #[event(since = 2, nested = 3, was(_: Option<Past<Address, 2>>, before = 3))]
    none: Option<Address>,
}

#[test]
fn a_field_of_a_versioned_value_is_filled_for_events_that_had_none() {
    let expected = Moved {
        by_default: Address::default(),
        of_today: address("s", "CZ"),
        of_then: address("Brno", "CZ"),
        fallible: vec![address("Brno", "DE")],
        none: None,
    };
    assert_eq!(read::<Moved>(1, r#"{"town":"Brno"}"#).unwrap(), expected);
    // An event of version 2 has them in the shape of then.
    let a = r#"{"street":"s","country":"CZ"}"#;
    let json =
        format!(r#"{{"by_default":{a},"of_today":{a},"of_then":{a},"fallible":[{a}],"none":{a}}}"#);
    let moved = read::<Moved>(2, &json).unwrap();
    assert_eq!(moved.none, Some(address("s", "CZ")));
}

#[test]
fn a_value_that_cannot_be_filled_is_a_failed_step() {
    let error = read::<Moved>(1, r#"{"town":""}"#).unwrap_err();
    assert_eq!(
        shown(&error),
        "the event `customer.moved`, stored with schema version 1, cannot be brought to version 2: field `fallible` <- no town"
    );
    // A value that its own history refuses, where it is asked for.
    let error = read::<Moved>(1, r#"{"town":"nowhere"}"#).unwrap_err();
    assert_eq!(
        shown(&error),
        "the event `customer.moved`, stored with schema version 1, cannot be brought to version 3: field `of_then` \
         <- `Address` cannot be brought to version 3: field `length` <- no such street"
    );
}

/// The country moved from the event into its address: the step of the event fills the field of the value.
#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "customer.registered", version = 3, had(country: String, before = 2), step(2, try_with = registered))]
struct Registered {
    #[event(nested = 3, was(_: Past<Address, 1>, before = 2), was(_: Past<Address, 2>, before = 3))]
    at: Address,
}

fn registered(old: Shape<Registered, 1>) -> Result<Shape<Registered, 2>, UpcastError> {
    let at = Address {
        country: old.country,
        ..old.at.today()?
    };
    Ok(Shape::<Registered, 2> { at: Past::of(at) })
}

#[test]
fn a_step_of_an_event_fills_a_field_of_a_value_in_it() {
    let json = r#"{"country":"CZ","at":{"street":"s"}}"#;
    assert_eq!(read::<Registered>(1, json).unwrap().at, address("s", "CZ"));
    let json = r#"{"at":{"street":"s","country":"DE"}}"#;
    assert_eq!(read::<Registered>(2, json).unwrap().at, address("s", "DE"));
    let json = r#"{"country":"CZ","at":{"street":"nowhere"}}"#;
    assert_eq!(
        shown(&read::<Registered>(1, json).unwrap_err()),
        "the event `customer.registered`, stored with schema version 1, cannot be brought to version 2 \
         <- `Address` cannot be brought to version 3: field `length` <- no such street"
    );
}

#[test]
fn values_of_then_compare_as_their_values_of_today() {
    let at = |street: &str| {
        Past::<Address, 2>::from_shape(Shape::<Address, 2> {
            street: street.to_owned(),
            country: String::new(),
        })
    };
    assert_eq!(at("a"), Past::of(address("a", "")));
    assert!(at("a") < at("b") && at("b") < at("nowhere"));
    assert_eq!(at("nowhere"), at("nowhere"));
    // A copy of a failed one tells the same.
    let failed = at("nowhere");
    let copy = failed.clone();
    let told = |past: Past<Address, 2>| past.today().unwrap_err().to_string();
    assert_eq!(told(failed), told(copy));
}
