//! What the derives tell of shapes, held against what serde does.

use std::collections::{BTreeSet, HashMap};

use eventsource_core::{
    Past, Registry, RegistryError, Schema,
    describe::{Body, Description, Wire},
    prelude::*,
};
use serde::{Deserialize, Serialize};

/// The names of the fields of an event, or of a value, as they are described.
fn described(body: &Body) -> BTreeSet<String> {
    match body {
        Body::Fields(fields) => fields.iter().map(|field| field.wire.clone()).collect(),
        Body::Variants { variants, .. } => variants.iter().map(|one| one.wire.clone()).collect(),
        other => panic!("{other:?}"),
    }
}

/// The names that serde writes.
fn written(value: &impl Serialize) -> BTreeSet<String> {
    match serde_json::to_value(value).expect("JSON") {
        serde_json::Value::Object(fields) => fields.keys().cloned().collect(),
        serde_json::Value::String(variant) => [variant].into(),
        other => panic!("{other}"),
    }
}

/// One rule of `rename_all`, on an event and on an enum.
macro_rules! rule {
    ($test:ident $rule:literal) => {
        #[test]
        fn $test() {
            #[derive(Debug, Default, Serialize, Deserialize, Event)]
            #[event(name = "e")]
            #[serde(rename_all = $rule)]
            struct Fields {
                a: u8,
                total_amount: u8,
                iban_2_x: u8,
                r#type: u8,
                #[serde(rename = "Kept_AS-is")]
                other: u8,
                #[serde(skip)]
                _never: u8,
                kinds: Vec<Kinds>,
            }

            #[derive(Debug, Serialize, Deserialize, Schema)]
            #[serde(rename_all = $rule)]
            enum Kinds {
                A,
                CreditCard,
                Iban2X,
                #[serde(rename = "Kept_AS-is")]
                Other,
            }

            #[derive(Debug, Default, Aggregate)]
            #[aggregate(name = "a", id = u64, error = std::convert::Infallible, events(Fields))]
            struct State;

            impl Apply<Fields> for State {
                fn apply(&mut self, _: &Fields) {}
            }

            let shapes = shapes::<State>();
            assert_eq!(
                described(&shapes.events[0].body),
                written(&Fields::default())
            );
            let kinds = [Kinds::A, Kinds::CreditCard, Kinds::Iban2X, Kinds::Other];
            let kinds = kinds.iter().flat_map(written).collect();
            let of_enum = shapes.types.values().next().expect("the enum");
            assert_eq!(described(&of_enum.body), kinds);
        }
    };
}

/// Names are described as serde writes them, under each of its rules.
mod names {
    use super::*;

    rule!(lowercase "lowercase");
    rule!(uppercase "UPPERCASE");
    rule!(pascal_case "PascalCase");
    rule!(camel_case "camelCase");
    rule!(snake_case "snake_case");
    rule!(screaming_snake_case "SCREAMING_SNAKE_CASE");
    rule!(kebab_case "kebab-case");
    rule!(screaming_kebab_case "SCREAMING-KEBAB-CASE");
}

fn shapes<A: eventsource_core::Aggregates>() -> Description {
    Registry::of::<A>().expect("no name is shared").describe()
}

fn holds(shapes: &Description, name: &str, version: u32, field: &str) -> Wire {
    let event = shapes.events.iter();
    let event = event
        .clone()
        .find(|one| one.name == name && one.version == version);
    match &event.expect("the event").body {
        Body::Fields(fields) => {
            let field = fields.iter().find(|one| one.name == field);
            field.expect("the field").holds.clone()
        }
        other => panic!("{other:?}"),
    }
}

fn plain(name: &'static str) -> Wire {
    Wire::Plain(name.into())
}

#[derive(Debug, Serialize, Deserialize, Schema)]
#[event(version = 2)]
struct Node {
    size: u32,
    #[event(since = 2, nested = 2)]
    nodes: Vec<Self>,
}

/// Implements `Schema` by hand, which tells a number alone.
#[derive(Debug, Serialize, Deserialize)]
struct ByHand;

impl Schema for ByHand {
    const VERSION: u32 = 1;
    const SHAPE: u64 = 7;
}

#[derive(Debug, Serialize, Deserialize)]
struct Silent;

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "grown", version = 2, was("grew", before = 2))]
struct Grown {
    #[event(nested = 2, was(_: HashMap<u8, Past<Node, 1>>, before = 2))]
    nodes: HashMap<u8, Node>,
    text: Box<str>,
    pair: (bool, [u8; 3]),
    by_hand: ByHand,
    silent: Vec<Silent>,
    #[event(opaque)]
    opaque: Vec<Silent>,
}

#[derive(Debug, Default, Aggregate)]
#[aggregate(name = "tree", id = u64, error = std::convert::Infallible, events(Grown))]
struct Tree;

impl Apply<Grown> for Tree {
    fn apply(&mut self, _: &Grown) {}
}

#[test]
fn each_version_is_described_under_its_own_name() {
    let events = shapes::<Tree>().events;
    let named: Vec<_> = events
        .iter()
        .map(|one| (one.name, one.version, one.today))
        .collect();
    assert_eq!(named, [("grew", 1, "grown"), ("grown", 2, "grown")]);
}

#[test]
fn a_form_is_that_of_the_wire() {
    let shapes = shapes::<Tree>();
    let holds = |field| holds(&shapes, "grown", 2, field);
    assert_eq!(holds("text"), plain("String"));
    let bytes = Wire::Array(Box::new(plain("u8")), 3);
    assert_eq!(holds("pair"), Wire::Tuple(vec![plain("bool"), bytes]));
    assert_eq!(holds("by_hand"), Wire::Shape(7));
    assert!(matches!(holds("opaque"), Wire::Opaque(_)));
}

#[test]
fn a_container_of_a_type_that_does_not_tell_its_shape_tells_none() {
    assert_eq!(
        holds(&shapes::<Tree>(), "grown", 2, "silent"),
        Wire::Unknown
    );
}

#[test]
fn a_value_is_described_at_the_version_that_was_stored() {
    let shapes = shapes::<Tree>();
    for version in [1, 2] {
        let name = if version == 1 { "grew" } else { "grown" };
        let Wire::Map(_, value) = holds(&shapes, name, version, "nodes") else {
            panic!("it is a map");
        };
        let Wire::Type(key) = *value else {
            panic!("a node has versions")
        };
        assert_eq!(key.version, version);
        let Body::Fields(fields) = &shapes.types[&key].body else {
            panic!("a node has fields");
        };
        assert_eq!(fields.len(), version as usize);
    }
}

#[test]
fn a_type_within_itself_has_an_end() {
    let shapes = shapes::<Tree>();
    assert_eq!(shapes.types.len(), 2);
    let (key, node) = shapes.types.iter().next_back().expect("the newest node");
    let Body::Fields(fields) = &node.body else {
        panic!("a node has fields");
    };
    assert_eq!(
        fields[1].holds,
        Wire::List(Box::new(Wire::Type(key.clone())))
    );
}

mod other {
    use super::*;

    #[derive(Debug, Serialize, Deserialize, Event)]
    #[event(name = "grew")]
    pub(super) struct Grew;

    #[derive(Debug, Default, Aggregate)]
    #[aggregate(name = "grass", id = u64, error = std::convert::Infallible, events(Grew))]
    pub(super) struct Grass;

    impl Apply<Grew> for Grass {
        fn apply(&mut self, _: &Grew) {}
    }
}

#[derive(Debug, Default, Aggregate)]
#[aggregate(name = "bush", id = u64, error = std::convert::Infallible, events(Grown))]
struct Bush;

impl Apply<Grown> for Bush {
    fn apply(&mut self, _: &Grown) {}
}

#[test]
fn one_event_in_several_aggregates_is_described_once() {
    let registry = Registry::of::<((Tree, Bush), ())>().expect("the event is the same");
    assert_eq!(registry.categories().collect::<Vec<_>>(), ["tree", "bush"]);
    let (both, one) = (registry.describe(), shapes::<Tree>());
    assert_eq!((both.events, both.types), (one.events, one.types));
    let names = BTreeSet::from(["grew", "grown"]);
    assert_eq!(
        both.categories.into_iter().collect::<Vec<_>>(),
        [("bush", names.clone()), ("tree", names)]
    );
}

#[test]
fn two_events_under_one_name_are_refused_also_under_an_old_one() {
    let error = Registry::of::<(Tree, other::Grass)>().expect_err("both were called `grew`");
    let RegistryError::SharedName { name, one, other } = &error else {
        panic!("{error}");
    };
    assert_eq!(*name, "grew");
    assert!(
        one.ends_with("describe::Grown") && other.ends_with("other::Grew"),
        "{error}"
    );
}
