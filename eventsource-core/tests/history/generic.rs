//! Generic values with a history: the older shapes have the parameters, too.

use std::{collections::BTreeMap, marker::PhantomData};

use eventsource_core::{Past, Schema, Shape, UpcastError, prelude::*};
use serde::{Deserialize, Serialize};

use super::{read, shown};

/// A parameter that every version uses, one that only the first does, and one that none does.
#[derive(Debug, PartialEq, Serialize, Deserialize, Schema)]
#[event(version = 3, had(cursor: C, before = 2))]
#[serde(rename_all = "camelCase")]
struct Page<T, C = u8, M: ?Sized = str>
where
    T: PartialEq,
{
    #[event(was(items: Vec<T>, before = 3))]
    all_items: Vec<T>,
    #[event(since = 2, default = 10)]
    at_most: u32,
    #[event(since = 3, with = |old| old.items.len())]
    count: usize,
    #[serde(skip)]
    marker: PhantomData<(C, Box<M>)>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize, Schema)]
#[event(version = 2)]
struct Address {
    street: String,
    #[event(since = 2)]
    zip: String,
}

#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "list.shown", version = 3)]
struct Listed {
    #[event(nested = 3, was(_: Past<Page<u8>, 1>, before = 2), was(_: Past<Page<u8>, 2>, before = 3))]
    page: Page<u8>,
}

#[test]
fn a_generic_value_has_a_history() {
    let expected = |items: &[u8]| Page {
        all_items: items.to_vec(),
        at_most: 10,
        count: items.len(),
        marker: PhantomData,
    };
    let v1 = r#"{"page":{"items":[1,2],"cursor":5}}"#;
    assert_eq!(read::<Listed>(1, v1).unwrap().page, expected(&[1, 2]));
    let v2 = r#"{"page":{"items":[1],"atMost":10}}"#;
    assert_eq!(read::<Listed>(2, v2).unwrap().page, expected(&[1]));
    let v3 = r#"{"page":{"allItems":[1],"atMost":10,"count":1}}"#;
    assert_eq!(read::<Listed>(3, v3).unwrap().page, expected(&[1]));
    assert!(read::<Listed>(2, v1).is_err());
}

/// The page moved on, and what is in it, in different versions of the event.
#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "addresses.shown", version = 3)]
struct Shown {
    #[event(nested(Page = 3, Address = 2))]
    #[event(was(_: Past<Page<Past<Address, 1>>, 1>, before = 2))]
    #[event(was(_: Past<Page<Past<Address, 1>>, 2>, before = 3, try_with = |page| page.today().and_then(today)))]
    page: Page<Address>,
}

fn today(page: Page<Past<Address, 1>>) -> Result<Page<Address>, UpcastError> {
    let items = page.all_items.into_iter().map(Past::today);
    Ok(Page {
        all_items: items.collect::<Result<_, _>>()?,
        at_most: page.at_most,
        count: page.count,
        marker: PhantomData,
    })
}

#[test]
fn a_generic_value_and_what_is_in_it_have_versions_of_their_own() {
    for (version, json) in [
        (1, r#"{"page":{"items":[{"street":"s"}],"cursor":5}}"#),
        (
            2,
            r#"{"page":{"items":[{"street":"s","zip":""}],"atMost":10}}"#,
        ),
        (
            3,
            r#"{"page":{"allItems":[{"street":"s","zip":""}],"atMost":10,"count":1}}"#,
        ),
    ] {
        let page = read::<Shown>(version, json).unwrap().page;
        assert_eq!(
            (&*page.all_items[0].street, page.count),
            ("s", 1),
            "{version}"
        );
    }
}

/// A generic value in a generic value, and constants.
#[derive(Debug, PartialEq, Serialize, Deserialize, Schema)]
#[event(version = 2)]
struct Book<T: PartialEq + Default, const N: usize> {
    #[event(nested(Page = 3), was(_: Vec<Past<Page<T>, 2>>, before = 2))]
    pages: Vec<Page<T>>,
    numbers: BTreeMap<String, T>,
    #[event(since = 2)]
    first: T,
    #[event(since = 2, with = |_| N)]
    size: usize,
}

#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "book.read", version = 2)]
struct BookRead {
    #[event(nested = 2, was(_: Past<Book<u8, 5>, 1>, before = 2))]
    book: Book<u8, 5>,
}

#[test]
fn a_generic_value_holds_generic_values() {
    let json = r#"{"book":{"pages":[{"items":[1],"atMost":3}],"numbers":{"a":1}}}"#;
    let book = read::<BookRead>(1, json).unwrap().book;
    assert_eq!((book.pages[0].count, book.size, book.first), (1, 5, 0));
}

/// The parameter came later.
#[derive(Debug, PartialEq, Serialize, Deserialize, Schema)]
#[event(version = 3)]
struct Wrapped<T>(
    #[event(was(_: String, before = 2, try_with = |text| text.parse::<u32>()))]
    #[event(was(_: u32, before = 3, with = |n| vec![n].into_iter().map(|_| None).collect()))]
    Vec<Option<T>>,
);

/// An enum, of which a variant with the parameter came later, too.
#[derive(Debug, PartialEq, Serialize, Deserialize, Schema)]
#[event(version = 2, had(Gone(String), before = 2, with = |text: String| Found::Many(text.len())))]
enum Found<T> {
    Many(usize),
    #[event(since = 2)]
    One(Box<T>),
}

/// No field was there at first.
#[derive(Debug, PartialEq, Serialize, Deserialize, Schema)]
#[event(version = 2)]
struct Later<T> {
    #[event(since = 2)]
    value: Option<T>,
}

/// A tree of anything.
#[derive(Debug, PartialEq, Serialize, Deserialize, Schema)]
#[event(version = 2)]
struct Tree<T> {
    value: T,
    #[event(nested = 2, was(_: Vec<Past<Self, 1>>, before = 2))]
    children: Vec<Self>,
    #[event(since = 2, with = |old| old.children.len())]
    count: usize,
}

#[test]
fn a_parameter_need_not_be_in_every_version() {
    let past: Past<Wrapped<u8>, 1> = serde_json::from_str(r#""12""#).unwrap();
    assert_eq!(past.today().unwrap(), Wrapped(vec![None]));
    let past: Past<Wrapped<u8>, 2> = serde_json::from_str("12").unwrap();
    assert_eq!(past.today().unwrap(), Wrapped(vec![None]));
    let past: Past<Wrapped<u8>, 3> = serde_json::from_str("[12]").unwrap();
    assert_eq!(past.today().unwrap(), Wrapped(vec![Some(12)]));
    let past: Past<Found<u8>, 1> = serde_json::from_str(r#"{"Gone":"abc"}"#).unwrap();
    assert_eq!(past.today().unwrap(), Found::Many(3));
    let past: Past<Found<u8>, 1> = serde_json::from_str(r#"{"Many":5}"#).unwrap();
    assert_eq!(past.today().unwrap(), Found::Many(5));
    assert!(serde_json::from_str::<Past<Found<u8>, 1>>(r#"{"One":5}"#).is_err());
    let past: Past<Later<u8>, 1> = serde_json::from_str("{}").unwrap();
    assert_eq!(past.today().unwrap(), Later { value: None });
    let json = r#"{"value":1,"children":[{"value":2,"children":[]}]}"#;
    let past: Past<Tree<u8>, 1> = serde_json::from_str(json).unwrap();
    let tree = past.today().unwrap();
    assert_eq!(
        (tree.count, tree.children[0].value, tree.children[0].count),
        (1, 2, 0)
    );
}

#[test]
fn the_shape_of_a_generic_value_is_that_of_what_it_is_made_for() {
    assert_ne!(<Later<u8>>::SHAPE, <Later<u16>>::SHAPE);
    assert_eq!(<Later<String>>::SHAPE, <Later<Box<str>>>::SHAPE);
    assert_eq!(
        (<Later<Address>>::VERSION, <Page<Address>>::VERSION),
        (2, 3)
    );
    // What is in it has moved on, and so is another shape.
    assert_ne!(<Later<Address>>::SHAPE, <Later<String>>::SHAPE);
    let old: Shape<Later<u8>, 2> = Later { value: Some(1) };
    assert_eq!(old.value, Some(1));
}

#[test]
fn a_step_of_a_generic_value_that_fails_names_it() {
    #[derive(Debug, Serialize, Deserialize, Event)]
    #[event(name = "a.wrapped", version = 2)]
    struct E {
        #[event(nested = 3, was(_: Past<Wrapped<u8>, 1>, before = 2))]
        value: Wrapped<u8>,
    }
    assert_eq!(
        shown(&read::<E>(1, r#"{"value":"x"}"#).unwrap_err()),
        "the event `a.wrapped`, stored with schema version 1, cannot be brought to version 2: field `value` \
         <- `Wrapped` cannot be brought to version 2: field `0` <- invalid digit found in string"
    );
}
