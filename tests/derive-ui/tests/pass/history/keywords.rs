//! What is a keyword in Rust was a name in stored JSON.
#![deny(warnings)]
#![allow(non_camel_case_types, reason = "keywords are lower case")]

use eventsource_core::{Past, Schema, prelude::*};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.opened", version = 2, had(match: u8, before = 2), had(r#fn: u8, before = 2))]
struct Opened {
    #[event(was(type, before = 2))]
    kind: String,
    #[event(since = 2, with = |old| old.r#match + old.r#fn)]
    sum: u8,
}

#[derive(Debug, PartialEq, Serialize, Deserialize, Schema)]
#[event(version = 2, had(true { r#if: u8 }, before = 2, with = |value| Kind::Other { value }))]
enum Kind {
    #[event(was(false, before = 2))]
    No,
    Other { #[event(was(else, before = 2))] value: u8 },
}

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.kept", version = 2)]
struct Kept {
    #[event(nested = 2, was(_: Past<Kind, 1>, before = 2))]
    kind: Kind,
}

fn main() {
    let opened = Opened::decode(1, br#"{"type":"a","match":1,"fn":2}"#).unwrap();
    assert_eq!((&*opened.kind, opened.sum), ("a", 3));
    let past = |json: &str| Kept::decode(1, json.as_bytes()).unwrap().kind;
    assert_eq!(past(r#"{"kind":"false"}"#), Kind::No);
    assert_eq!(past(r#"{"kind":{"true":{"if":5}}}"#), Kind::Other { value: 5 });
    assert_eq!(past(r#"{"kind":{"Other":{"else":5}}}"#), Kind::Other { value: 5 });
}
