//! "Did you mean", and going on as the user meant: a misspelled key is one error, not also a missing key.

use syn::Ident;

use crate::{ctxt::Ctxt, name};

/// The key that was meant: the word itself, or the known key close to it, which is then reported.
///
/// `None` when no key is close; that is reported, too.
pub(crate) fn key(
    cx: &mut Ctxt,
    what: &str,
    word: &Ident,
    known: &[&'static str],
) -> Option<&'static str> {
    let text = name::of(word);
    if let Some(exact) = known.iter().find(|key| **key == text) {
        return Some(exact);
    }
    let meant = closest(&text, known);
    match meant {
        Some(key) => cx.error(
            word,
            format_args!("unknown {what} attribute `{text}`, did you mean `{key}`?"),
        ),
        None => cx.error(
            word,
            format_args!(
                "unknown {what} attribute `{text}`\nhelp: expected {}",
                one_of(known)
            ),
        ),
    }
    meant
}

/// The keys as they stand in a message.
fn one_of(known: &[&str]) -> String {
    let list = known
        .iter()
        .map(|key| format!("`{key}`"))
        .collect::<Vec<_>>()
        .join(", ");
    match known {
        [_] => list,
        _ => format!("one of {list}"),
    }
}

/// The known word that needs the fewest changes, when it needs no more than a third of its letters.
fn closest(word: &str, known: &[&'static str]) -> Option<&'static str> {
    known
        .iter()
        .map(|key| (distance(word, key), *key))
        .filter(|(changes, key)| *changes <= key.len().max(3) / 3)
        .min()
        .map(|(_, key)| key)
}

/// How many letters must be changed, added, dropped or swapped with their neighbour.
fn distance(one: &str, other: &str) -> usize {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    // A row for each length of a beginning of `one`; in it, a cell for each length of a beginning of `other`.
    let mut rows: Vec<Vec<usize>> = vec![(0..=other.len()).collect()];
    for (i, a) in one.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in other.iter().enumerate() {
            let above = &rows[i];
            let mut changes = (above[j + 1] + 1)
                .min(row[j] + 1)
                .min(above[j] + usize::from(a != b));
            if i > 0 && j > 0 && *a == other[j - 1] && one[i - 1] == *b {
                changes = changes.min(rows[i - 1][j - 1] + 1);
            }
            row.push(changes);
        }
        rows.push(row);
    }
    rows[one.len()][other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_swap_is_one_change() {
        assert_eq!(distance("verison", "version"), 1);
        assert_eq!(distance("nmae", "name"), 1);
        assert_eq!(distance("", "name"), 4);
        assert_eq!(distance("name", "name"), 0);
    }

    #[test]
    fn a_word_that_is_far_off_is_not_taken_for_a_key() {
        let keys = ["name", "version", "crate"];
        assert_eq!(closest("verison", &keys), Some("version"));
        assert_eq!(closest("names", &keys), Some("name"));
        assert_eq!(closest("colour", &keys), None);
    }
}
