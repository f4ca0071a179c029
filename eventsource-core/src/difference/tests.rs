use std::collections::{BTreeMap, HashMap};

use proptest::{collection, prelude::*};
use serde::Serialize;
use serde_json::{Value, json};

use super::*;

#[track_caller]
fn lines<S: Serialize>(before: &S, after: &S) -> Vec<String> {
    let difference = Difference::between(before, after).expect("JSON");
    difference.iter().map(Change::to_string).collect()
}

#[test]
fn every_change_is_found_at_its_place() {
    let before = json!({"a": 1, "b": {"c": [1, 2], "d": "x", "per day": 1}, "e": null, "f": {"g": 1}, "l": [{"p": 1}, {"p": 2}]});
    let after = json!({"a": 1, "b": {"c": [1, 3, 4], "d": "x", "per day": 2}, "f": 7, "h": null, "l": [{"p": 1}, {"p": 3, "": 0}]});
    assert_eq!(
        lines(&before, &after),
        [
            "b.c[1]: 2 -> 3",
            "b.c[2]: added 4",
            "b[\"per day\"]: 1 -> 2",
            "e: removed null",
            "f: {\"g\":1} -> 7",
            "h: added null",
            "l[1][\"\"]: added 0",
            "l[1].p: 2 -> 3",
        ]
    );
    assert_eq!(
        Difference::between(&1, &1).expect("JSON").to_string(),
        "no change"
    );
    assert_eq!(lines(&1, &2), ["(the whole): 1 -> 2"]);
    assert_eq!(lines(&json!([1]), &json!({})), ["(the whole): [1] -> {}"]);
}

#[test]
fn null_is_neither_added_nor_removed() {
    let of = |value: Value, other: Value| {
        let change = Difference::between(&value, &other).expect("JSON");
        let change = change.into_iter().next().expect("a change");
        let text = |it: Option<JsonText>| it.map(|it| it.as_str().to_owned());
        (text(change.before), text(change.after))
    };
    let (null, one) = (Some("null".to_owned()), Some("1".to_owned()));
    assert_eq!(
        of(json!({"a": null}), json!({"a": 1})),
        (null.clone(), one.clone())
    );
    assert_eq!(of(json!({}), json!({"a": 1})), (None, one));
    assert_eq!(of(json!({}), json!({"a": null})), (None, null.clone()));
    assert_eq!(of(json!({"a": null}), json!({})), (null, None));
}

#[test]
fn an_item_that_comes_or_goes_in_the_middle_of_a_list_does_not_move_the_others() {
    assert_eq!(
        lines(&[1, 2, 3].as_slice(), &[1, 9, 2, 3].as_slice()),
        ["[1]: added 9"]
    );
    assert_eq!(
        lines(&[1, 2, 3].as_slice(), &[2, 3].as_slice()),
        ["[0]: removed 1"]
    );
    assert_eq!(
        lines(&[1, 1].as_slice(), &[1, 1, 1].as_slice()),
        ["[2]: added 1"]
    );
    let changed = lines(&[1, 2, 3].as_slice(), &[1, 8, 9, 3].as_slice());
    assert_eq!(changed, ["[1]: 2 -> 8", "[2]: added 9"]);
}

/// Each pair is the same number as a float of 64 bits.
#[test]
fn numbers_that_differ_in_their_last_digit_differ() {
    #[derive(Serialize)]
    struct Numbers {
        big: u64,
        small: i64,
        wide: u128,
        below: i128,
    }
    let numbers = |more: i64| Numbers {
        big: (1 << 53) + more.unsigned_abs(),
        small: i64::MIN + more,
        wide: u128::MAX - u128::from(more.unsigned_abs()),
        below: i128::MIN + i128::from(more),
    };
    assert_eq!(
        lines(&numbers(0), &numbers(1)),
        [
            "below: -170141183460469231731687303715884105728 -> -170141183460469231731687303715884105727",
            "big: 9007199254740992 -> 9007199254740993",
            "small: -9223372036854775808 -> -9223372036854775807",
            "wide: 340282366920938463463374607431768211455 -> 340282366920938463463374607431768211454",
        ]
    );
    assert_eq!(
        lines(&0.1, &0.300_000_000_000_000_04),
        ["(the whole): 0.1 -> 0.30000000000000004"]
    );
}

#[test]
fn a_map_without_an_order_is_compared_by_its_keys() {
    // Each has an order of its own, by chance.
    let map = |last: u64| -> HashMap<u64, HashMap<u64, u64>> {
        let inner = |n: u64| {
            (0..40)
                .map(|k| (k, if k == n { last } else { 0 }))
                .collect()
        };
        (0..40).map(|n| (n, inner(n))).collect()
    };
    assert_eq!(lines(&map(7), &map(7)), Vec::<String>::new());
    let changes = lines(&map(7), &map(8));
    assert_eq!(changes.len(), 40);
    assert_eq!(changes[0], "0.0: 7 -> 8");
    // A value that comes as a whole is written in one order.
    let (none, two) = (HashMap::new(), HashMap::from([("b", 1), ("a", 2)]));
    assert_eq!(
        lines(&[none].as_slice(), &[HashMap::new(), two].as_slice()),
        ["[1]: added {\"a\":2,\"b\":1}"]
    );
}

#[derive(Serialize)]
struct Twice {
    a: u32,
    #[serde(flatten)]
    rest: BTreeMap<String, u32>,
}

#[test]
fn what_has_no_json_form_is_a_typed_error() {
    let unwritable = BTreeMap::from([((1, 2), 3)]);
    let error = Difference::between(&unwritable, &unwritable).expect_err("no JSON");
    assert!(matches!(error, DifferenceError::Encode(_)), "{error:?}");
    let twice = |b| Twice {
        a: 1,
        rest: [("a".to_owned(), b)].into(),
    };
    let error = Difference::between(&twice(1), &twice(2)).expect_err("one hides the other");
    assert!(matches!(error, DifferenceError::DuplicateKey), "{error:?}");
}

#[test]
fn a_state_that_was_not_there_is_added_as_a_whole() {
    let added = Difference::between_any(None, Some(&[1])).expect("JSON");
    assert_eq!(added.to_string(), "(the whole): added [1]");
    let none = Difference::between_any::<u8>(None, None).expect("JSON");
    assert!(none.is_empty());
    assert_eq!(none.len(), none.iter().count());
}

fn any_json() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (0..4_u64).prop_map(Value::from),
        "[a.\"\\[]{0,2}".prop_map(Value::from),
    ];
    scalar.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            collection::btree_map("[ab.\"\\[]{0,2}", inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// What a reader makes of a path: the way into a value.
fn steps(path: &str) -> Vec<Value> {
    let mut steps = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        if let Some(quoted) = rest.strip_prefix('[') {
            let mut values = serde_json::Deserializer::from_str(quoted).into_iter::<Value>();
            steps.push(values.next().expect("a step").expect("a step"));
            rest = &quoted[values.byte_offset() + 1..];
        } else {
            rest = rest.strip_prefix('.').unwrap_or(rest);
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            steps.push(Value::from(&rest[..end]));
            rest = &rest[end..];
        }
    }
    steps
}

fn inside<'a>(value: &'a mut Value, step: &Value) -> &'a mut Value {
    match step {
        Value::String(key) => &mut value[key.as_str()],
        at => &mut value[usize::try_from(at.as_u64().expect("a place")).expect("a place")],
    }
}

/// Does to a value what the changes say.
fn changed(mut value: Value, difference: &Difference) -> Value {
    let read = |text: &JsonText| text.read::<Value>().expect("JSON");
    // Removed items are counted in the list as it was: the last one goes first.
    let (removed, kept): (Vec<_>, Vec<_>) =
        difference.iter().partition(|change| change.after.is_none());
    for each in kept.into_iter().chain(removed.into_iter().rev()) {
        let steps = steps(&each.path);
        let Some((last, way)) = steps.split_last() else {
            value = read(each.after.as_ref().expect("a whole"));
            continue;
        };
        let place = way.iter().fold(&mut value, inside);
        match (place, last, &each.before, &each.after) {
            (Value::Object(map), Value::String(key), before, None) => {
                let removed = map.remove(key);
                assert_eq!(removed, before.as_ref().map(read));
            }
            (Value::Object(map), Value::String(key), before, Some(after)) => {
                let replaced = map.insert(key.clone(), read(after));
                assert_eq!(replaced, before.as_ref().map(read));
            }
            (Value::Array(items), at, before, after) => {
                let at = usize::try_from(at.as_u64().expect("a place")).expect("a place");
                if let Some(before) = before {
                    assert_eq!(items.remove(at), read(before));
                }
                if let Some(after) = after {
                    items.insert(at, read(after));
                }
            }
            other => panic!("{each} leads nowhere: {other:?}"),
        }
    }
    value
}

proptest! {
    #[test]
    fn the_changes_are_all_that_it_takes(before in any_json(), after in any_json()) {
        let difference = Difference::between(&before, &after).expect("JSON");
        prop_assert_eq!(difference.is_empty(), before == after);
        let mut paths: Vec<_> = difference.iter().map(|change| &change.path).collect();
        paths.sort_unstable();
        paths.dedup();
        prop_assert_eq!(paths.len(), difference.len());
        prop_assert_eq!(changed(before, &difference), after);
    }
}
