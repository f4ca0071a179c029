//! What two stored payloads hold, where the order of some of it changes by chance.

use std::cmp::Ordering;

use serde_json::Value;

use crate::exact::tree;

/// A payload in a form in which what changes its order by chance has one order: the arrays that hashed sets become.
///
/// `again` are writings of the same value. An array that holds the same in all of them, but not in one order, is one
/// without an order; every other array keeps its own.
pub(super) fn settled(payload: &[u8], again: &[Value]) -> Option<Value> {
    let mut value = tree(payload)?;
    settle(&mut value, &again.iter().collect::<Vec<_>>());
    Some(value)
}

fn settle(value: &mut Value, again: &[&Value]) {
    match value {
        Value::Array(elements) => {
            let others: Vec<_> = again.iter().filter_map(|other| other.as_array()).collect();
            let varies = others.windows(2).any(|pair| pair[0] != pair[1]);
            if varies && others.iter().all(|other| holds_the_same(other, elements)) {
                elements.sort_by(in_one_order);
                return;
            }
            for (at, element) in elements.iter_mut().enumerate() {
                let others: Vec<_> = others.iter().filter_map(|other| other.get(at)).collect();
                settle(element, &others);
            }
        }
        Value::Object(fields) => {
            for (key, field) in fields {
                let others: Vec<_> = again.iter().filter_map(|other| other.get(key)).collect();
                settle(field, &others);
            }
        }
        _ => {}
    }
}

/// Numbers as numbers, anything else by its text.
fn in_one_order(one: &Value, other: &Value) -> Ordering {
    match (one.as_f64(), other.as_f64()) {
        (Some(one), Some(other)) => one.total_cmp(&other),
        _ => one.to_string().cmp(&other.to_string()),
    }
}

fn holds_the_same(one: &[Value], other: &[Value]) -> bool {
    let sorted = |elements: &[Value]| {
        let mut texts: Vec<_> = elements.iter().map(Value::to_string).collect();
        texts.sort_unstable();
        texts
    };
    one.len() == other.len() && sorted(one) == sorted(other)
}

/// Whether one text is the other in another order.
pub(super) fn same_letters(one: &str, other: &str) -> bool {
    let sorted = |text: &str| {
        let mut bytes = text.as_bytes().to_vec();
        bytes.sort_unstable();
        bytes
    };
    sorted(one) == sorted(other)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn settled_as(value: &Value, again: &[Value]) -> Value {
        settled(value.to_string().as_bytes(), again).unwrap()
    }

    #[test]
    fn only_what_changes_its_order_by_chance_is_put_in_order() {
        let value =
            json!({"set": [3, 1, 2], "list": [3, 1, 2], "in": [{"set": [[2], [1]]}, {"set": []}]});
        let again =
            json!({"set": [1, 2, 3], "list": [3, 1, 2], "in": [{"set": [[1], [2]]}, {"set": []}]});
        assert_eq!(settled_as(&value, std::slice::from_ref(&again)), value);
        assert_eq!(
            settled_as(&value, &[again, value.clone()]),
            json!({"set": [1, 2, 3], "list": [3, 1, 2], "in": [{"set": [[1], [2]]}, {"set": []}]})
        );
        assert_eq!(settled_as(&value, &[]), value);
    }

    #[test]
    fn what_is_no_json_has_no_form() {
        assert_eq!(settled(b"not json", &[]), None);
    }
}
