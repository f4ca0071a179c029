//! Conversions reach what a container holds, whichever it is.

use std::{
    collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque},
    rc::Rc,
    sync::Arc,
};

use eventsource_core::{Past, Schema, prelude::*};
use serde::{Deserialize, Serialize};

use super::{read, shown};

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Schema)]
#[event(version = 2)]
struct Tag {
    #[event(was(_: u8, before = 2, try_with = |old| if old == 13 { Err("unlucky") } else { Ok(u16::from(old) * 10) }))]
    n: u16,
}

/// One field for each container: of values with versions, and of plain ones with another type.
macro_rules! held {
    ($($name:ident: $old:ty => $new:ty, $plain_old:ty => $plain_new:ty, $json:literal;)*) => {$(
        mod $name {
            use super::*;

            #[derive(Debug, PartialEq, Serialize, Deserialize, Schema)]
            #[event(version = 2)]
            struct Value {
                #[event(nested = 2, was(_: $old, before = 2))]
                tags: $new,
                #[event(was(_: $plain_old, before = 2))]
                plain: $plain_new,
            }

            #[test]
            fn is_taken_value_by_value() {
                // `T` is a tag, `N` a number.
                let json = |tag: &str, number: u32| $json.replace("T", tag).replace("N", &number.to_string());
                let old = format!(r#"{{"tags":{},"plain":{}}}"#, json(r#"{"n":1}"#, 7), json("7", 7));
                let new = format!(r#"{{"tags":{},"plain":{}}}"#, json(r#"{"n":10}"#, 7), json("7", 7));
                let past: Past<Value, 1> = serde_json::from_str(&old).unwrap();
                let today: Value = serde_json::from_str(&new).unwrap();
                assert_eq!(past.today().unwrap(), today);
                // The first value that fails is the error of all.
                let bad = format!(r#"{{"tags":{},"plain":{}}}"#, json(r#"{"n":13}"#, 7), json("7", 7));
                let past: Past<Value, 1> = serde_json::from_str(&bad).unwrap();
                let error = past.today().unwrap_err();
                assert_eq!(error.field(), Some("tags"), "{error}");
            }
        }
    )*};
}

held! {
    option: Option<Past<Tag, 1>> => Option<Tag>, Option<u8> => Option<u16>, "T";
    vec: Vec<Past<Tag, 1>> => Vec<Tag>, Vec<u8> => Vec<u16>, "[T,T]";
    deque: VecDeque<Past<Tag, 1>> => VecDeque<Tag>, VecDeque<u8> => VecDeque<u16>, "[T,T]";
    linked: LinkedList<Past<Tag, 1>> => LinkedList<Tag>, LinkedList<u8> => LinkedList<u16>, "[T]";
    boxed: Box<Past<Tag, 1>> => Box<Tag>, Box<u8> => Box<u16>, "T";
    boxed_slice: Box<[Past<Tag, 1>]> => Box<[Tag]>, Box<[u8]> => Box<[u16]>, "[T,T]";
    rc: Rc<Past<Tag, 1>> => Rc<Tag>, Rc<u8> => Rc<u16>, "T";
    arc: Arc<Past<Tag, 1>> => Arc<Tag>, Arc<u8> => Arc<u16>, "T";
    arc_slice: Arc<[Past<Tag, 1>]> => Arc<[Tag]>, Arc<[u8]> => Arc<[u16]>, "[T,T]";
    array: [Past<Tag, 1>; 2] => [Tag; 2], [u8; 2] => [u16; 2], "[T,T]";
    tuple: (Past<Tag, 1>, u8) => (Tag, u16), (u8, u8) => (u16, u8), "[T,N]";
    map: BTreeMap<String, Past<Tag, 1>> => BTreeMap<String, Tag>, BTreeMap<u8, u8> => BTreeMap<u8, u16>, r#"{"5":T}"#;
    hash_map: HashMap<String, Past<Tag, 1>> => HashMap<String, Tag>, HashMap<u8, u8> => HashMap<u8, u16>, r#"{"5":T}"#;
    set: BTreeSet<Past<Tag, 1>> => BTreeSet<Tag>, BTreeSet<u8> => BTreeSet<u16>, "[T]";
    hash_set: HashSet<Past<Tag, 1>> => HashSet<Tag>, HashSet<u8> => HashSet<u16>, "[T]";
    deep: Option<Arc<Vec<(u8, Past<Tag, 1>)>>> => Option<Arc<Vec<(u16, Tag)>>>, Vec<Option<(u8, u8)>> => Vec<Option<(u16, u16)>>, "[[N,T]]";
}

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "a.heaped", version = 2)]
struct Heaped {
    #[event(nested = 2, was(_: BinaryHeap<Past<Tag, 1>>, before = 2))]
    tags: BinaryHeap<Tag>,
    // A tuple of which no part can fail.
    #[event(was(_: (u8, u8), before = 2))]
    pair: (u16, u32),
}

#[test]
fn a_heap_is_made_anew() {
    let heaped = read::<Heaped>(1, r#"{"tags":[{"n":2},{"n":1}],"pair":[1,2]}"#).unwrap();
    let numbers: Vec<_> = heaped
        .tags
        .into_sorted_vec()
        .into_iter()
        .map(|tag| tag.n)
        .collect();
    assert_eq!((numbers, heaped.pair), (vec![10, 20], (1, 2)));
    let error = read::<Heaped>(1, r#"{"tags":[{"n":13}],"pair":[1,2]}"#).unwrap_err();
    assert_eq!(
        shown(&error),
        "the event `a.heaped`, stored with schema version 1, cannot be brought to version 2: field `tags` \
         <- `Tag` cannot be brought to version 2: field `n` <- unlucky"
    );
}

/// What is shared with others is copied, and not taken from them.
#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "a.shared", version = 3)]
struct Shared {
    #[event(since = 2, with = |_| Arc::clone(&DEFAULT))]
    #[event(was(_: Arc<u8>, before = 3))]
    n: Arc<u16>,
}

static DEFAULT: std::sync::LazyLock<Arc<u8>> = std::sync::LazyLock::new(|| Arc::new(7));

#[test]
fn a_shared_default_can_be_converted_more_than_once() {
    for _ in 0..2 {
        assert_eq!(*read::<Shared>(1, "{}").unwrap().n, 7);
    }
}
