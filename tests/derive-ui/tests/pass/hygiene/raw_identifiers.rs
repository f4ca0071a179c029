//! A keyword can be a field, an event, a state and an id. What is stored is the plain word.
#![allow(non_camel_case_types, reason = "keywords are lower case")]

use eventsource_core::{AggregateEvent, prelude::*};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, AggregateId)]
struct r#match(u64);

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "type.set")]
struct r#type {
    r#type: String,
    r#fn: u32,
}

mod r#mod {
    #[derive(Debug, serde::Serialize, serde::Deserialize, eventsource_core::Event)]
    #[event(name = "type.unset")]
    pub struct r#type;
}

#[derive(Debug, Default, Serialize, Deserialize, eventsource_core::Schema)]
enum r#use {
    #[default]
    r#in,
    r#for {
        r#while: u8,
    },
}

#[derive(Debug, Default, Serialize, Deserialize, Aggregate, Snapshot)]
#[aggregate(
    name = "struct",
    id = r#match,
    error = std::convert::Infallible,
    events(r#type, r#mod::r#type as r#enum)
)]
struct r#struct {
    r#type: String,
    r#loop: Option<Box<r#struct>>,
    r#use: r#use,
}

impl Apply<r#type> for r#struct {
    fn apply(&mut self, event: &r#type) {
        self.r#type.clone_from(&event.r#type);
    }
}
impl Apply<r#mod::r#type> for r#struct {
    fn apply(&mut self, _: &r#mod::r#type) {
        self.r#type.clear();
    }
}

#[derive(Projection)]
#[projection(
    name = "async",
    version = 1,
    from(r#struct),
    events(r#type, r#mod::r#type)
)]
struct r#async;

impl Project<r#type> for r#async {
    fn project(&mut self, _: &r#type, _: &Envelope<'_>) {}
}
impl Project<r#mod::r#type> for r#async {
    fn project(&mut self, _: &r#mod::r#type, _: &Envelope<'_>) {}
}

fn main() {
    assert_eq!(r#async::listed(), ["type.set", "type.unset"]);
    let event = structEvent::r#type(r#type {
        r#type: "a".to_owned(),
        r#fn: 1,
    });
    let mut out = Vec::new();
    event.encode(&mut out).unwrap();
    assert_eq!(out, br#"{"type":"a","fn":1}"#);
    assert!(structEvent::decode("type.set", 1, &out).is_ok());
    let _ = structEvent::r#enum(r#mod::r#type);
    let mut out = Vec::new();
    r#struct::default().encode(&mut out).unwrap();
    assert_eq!(out, br#"{"type":"","loop":null,"use":"in"}"#);
}
