//! What can happen to a field: added, renamed, retyped, removed, split, merged, its name used again.

use std::{collections::BTreeMap, num::ParseIntError};

use eventsource_core::prelude::*;
use serde::{Deserialize, Serialize};

use super::{read, shown};

/// Added: with nothing, a value, a computed value, one that can fail.
mod added {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
    #[event(name = "invoice.sent", version = 5)]
    struct Sent {
        net: u64,
        tax: u64,
        #[event(since = 2)]
        note: Option<String>,
        #[event(since = 3, default = BTreeMap::<u8, u8>::from([(1, 2), (3, 4)]))]
        lines: BTreeMap<u8, u8>,
        #[event(since = 4, with = |old| old.net + old.tax)]
        gross: u64,
        #[event(since = 5, try_with = |old| old.gross.checked_mul(100).ok_or("too much"))]
        cents: u64,
    }

    #[test]
    fn older_events_get_what_is_said() {
        let sent = read::<Sent>(1, r#"{"net":10,"tax":2}"#).unwrap();
        let expected = Sent {
            net: 10,
            tax: 2,
            note: None,
            lines: BTreeMap::from([(1, 2), (3, 4)]),
            gross: 12,
            cents: 1200,
        };
        assert_eq!(sent, expected);
        let text =
            shown(&read::<Sent>(1, &format!(r#"{{"net":{},"tax":0}}"#, u64::MAX)).unwrap_err());
        assert_eq!(
            text,
            "the event `invoice.sent`, stored with schema version 1, cannot be brought to version 5: field `cents` <- too much"
        );
    }
}

/// Renamed, retyped, both, by `From` and by functions.
mod changed {
    use super::*;

    fn parse(text: Box<str>) -> Result<u64, ParseIntError> {
        String::from(text).parse()
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
    #[event(name = "a.changed", version = 3)]
    struct Changed {
        #[event(was(holder, before = 2))]
        owner: String,
        #[event(was(_: u32, before = 2))]
        cents: u64,
        #[event(was(_: u8, before = 2))]
        tier: Option<u8>,
        #[event(was(_: Option<String>, before = 2, with = Option::unwrap_or_default))]
        note: String,
        #[event(was(_: Box<str>, before = 3, try_with = parse))]
        count: u64,
        #[event(was(size: i32, before = 2, with = |size| i64::from(size) + 1), was(height, before = 3))]
        width: i64,
        #[event(was(_: Vec<Vec<u8>>, before = 3))]
        rows: Vec<Vec<u16>>,
        #[event(was(_: std::collections::HashMap<String, [u8; 2]>, before = 3))]
        pairs: std::collections::HashMap<String, [u16; 2]>,
    }

    #[test]
    fn a_field_was_called_otherwise_and_had_another_type() {
        let changed = read::<Changed>(
            1,
            r#"{"holder":"ann","cents":5,"tier":2,"note":null,"count":"12","size":2,"rows":[[1],[2,3]],"pairs":{"a":[1,2]}}"#,
        );
        let expected = Changed {
            owner: "ann".to_owned(),
            cents: 5,
            tier: Some(2),
            note: String::new(),
            count: 12,
            width: 3,
            rows: vec![vec![1], vec![2, 3]],
            pairs: std::iter::once(("a".to_owned(), [1, 2])).collect(),
        };
        assert_eq!(changed.unwrap(), expected);
        let error = read::<Changed>(
            2,
            r#"{"owner":"ann","cents":5,"tier":2,"note":"","count":"12x","height":3,"rows":[],"pairs":{}}"#,
        );
        assert_eq!(
            shown(&error.unwrap_err()),
            "the event `a.changed`, stored with schema version 2, cannot be brought to version 3: field `count` <- invalid digit found in string"
        );
    }
}

/// A name that is free again, and two that change places.
mod reused {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
    #[event(name = "a.reused", version = 4, had(note: String, since = 2, before = 3))]
    struct Reused {
        x: u8,
        #[event(since = 4)]
        note: Option<u32>,
    }

    #[test]
    fn a_name_is_used_again_after_its_field_is_gone() {
        let none = Reused { x: 1, note: None };
        assert_eq!(read::<Reused>(1, r#"{"x":1}"#).unwrap(), none);
        assert_eq!(read::<Reused>(2, r#"{"x":1,"note":"hi"}"#).unwrap(), none);
        assert_eq!(read::<Reused>(3, r#"{"x":1}"#).unwrap(), none);
        assert_eq!(
            read::<Reused>(4, r#"{"x":1,"note":7}"#).unwrap(),
            Reused {
                x: 1,
                note: Some(7)
            }
        );
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
    #[event(name = "a.swapped", version = 2)]
    struct Swapped {
        #[event(was(b, before = 2))]
        a: u8,
        #[event(was(a, before = 2))]
        b: u8,
    }

    #[test]
    fn two_fields_change_their_names() {
        assert_eq!(
            read::<Swapped>(1, r#"{"a":1,"b":2}"#).unwrap(),
            Swapped { a: 2, b: 1 }
        );
    }
}

/// One field becomes two, two become one.
mod split {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
    #[event(name = "a.split", version = 3, had(name: String, before = 2))]
    #[event(had(street: String, before = 3), had(number: u32, before = 3))]
    struct Split {
        #[event(since = 2, with = |old| old.name.split(' ').next().unwrap_or("").to_owned())]
        first: String,
        #[event(since = 2, with = |old| old.name.split(' ').nth(1).unwrap_or("").to_owned())]
        last: String,
        #[event(since = 3, with = |old| format!("{} {}", old.street, old.number))]
        address: String,
    }

    #[test]
    fn a_field_is_split_and_two_are_merged() {
        let split = read::<Split>(
            1,
            r#"{"name":"Ada Lovelace","street":"Main St","number":5}"#,
        )
        .unwrap();
        assert_eq!(
            (&*split.first, &*split.last, &*split.address),
            ("Ada", "Lovelace", "Main St 5")
        );
    }
}

/// The whole value moves into a new field while another is computed from it.
mod order {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
    #[event(name = "a.ordered", version = 2)]
    struct Ordered {
        #[event(was(text: String, before = 2, with = String::into_boxed_str))]
        boxed: Box<str>,
        #[event(since = 2, with = |old| old.text.len())]
        length: usize,
    }

    #[test]
    fn what_is_computed_sees_the_fields_that_move() {
        let ordered = read::<Ordered>(1, r#"{"text":"abc"}"#).unwrap();
        assert_eq!((&*ordered.boxed, ordered.length), ("abc", 3));
    }
}

/// Raw identifiers, and names that the expansion uses itself.
mod names {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
    #[event(name = "a.named", version = 2, had(r#fn: u8, before = 2))]
    struct r#Match {
        #[event(was(r#mod, before = 2))]
        r#type: u8,
        #[event(since = 2, with = |old| old.r#fn)]
        r#struct: u8,
        old: u8,
    }

    #[test]
    fn keywords_are_names_like_others() {
        let read = read::<r#Match>(1, r#"{"mod":1,"fn":2,"old":3}"#).unwrap();
        assert_eq!((read.r#type, read.r#struct, read.old), (1, 2, 3));
    }
}

/// Types and numbers that come out of `macro_rules`, in groups that are not to be seen.
mod out_of_a_macro {
    use super::*;

    macro_rules! event {
        ($name:ident, $before:literal, $old:ty, $new:ty, $with:expr, $default:expr) => {
            #[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
            #[event(name = "a.macro", version = 3)]
            struct $name {
                #[event(was(_: Vec<$old>, before = $before))]
                list: Vec<$new>,
                #[event(was(_: $old, before = 3, with = $with))]
                one: $new,
                #[event(since = 2, default = $default)]
                filled: $new,
            }
        };
    }
    event!(Made, 2, u8, u16, |one| u16::from(one) + 1, 7);

    #[test]
    fn groups_do_not_show() {
        let made = read::<Made>(1, r#"{"list":[1],"one":2}"#).unwrap();
        assert_eq!(
            made,
            Made {
                list: vec![1],
                one: 3,
                filled: 7
            }
        );
    }
}

/// A field that is gone changed its type before.
#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "a.noted", version = 3)]
#[event(had(memo: u8, before = 2), had(memo: String, since = 2, before = 3, with = |old| old.memo.to_string()))]
struct Noted {
    #[event(since = 3, with = |old| old.memo.clone())]
    note: String,
}

#[test]
fn a_field_that_is_gone_may_have_changed_before() {
    let noted = |note: &str| Noted {
        note: note.to_owned(),
    };
    assert_eq!(read::<Noted>(1, r#"{"memo":7}"#).unwrap(), noted("7"));
    assert_eq!(read::<Noted>(2, r#"{"memo":"a"}"#).unwrap(), noted("a"));
}
