//! The names of the tables of read models: the plain one, under which a table is read, and that of each generation.
//!
//! They share one space with the store's own tables, with those that later versions of it will have, and with what SQLite
//! makes of a text: a view of such a name would hide it from the store's own triggers and statements.

use eventsource_core::Generation;

/// The greatest length of a plain name, in bytes.
const MAX_BYTES: usize = 64;

/// What stands between a plain name and the number of its generation.
const MARK: &str = "__g";

/// How the names begin that later versions of the schema give to what is new in them.
const LATER: &str = "eventsource_";

/// The tables that SQLite makes of a text.
const LISTS: [&str; 4] = ["json_each", "json_tree", "jsonb_each", "jsonb_tree"];

/// Whether SQLite makes the table of a text.
pub(crate) fn is_list(table: &str) -> bool {
    LISTS.iter().any(|list| table.eq_ignore_ascii_case(list))
}

/// Whether it is kept for what a later version of the schema brings.
pub(crate) fn is_later(name: &str) -> bool {
    name.to_ascii_lowercase().starts_with(LATER)
}

/// A name that can stand in a statement as it is, and in which no generation is named.
pub(crate) fn check_plain(name: &str) -> Result<(), &'static str> {
    let first = name.chars().next().unwrap_or('0');
    if name.len() > MAX_BYTES
        || first.is_ascii_digit()
        || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    {
        return Err("a name has up to 64 letters, digits and `_`, and does not begin with a digit");
    }
    let lower = name.to_ascii_lowercase();
    let mut marks = lower.match_indices(MARK);
    if marks.any(|(at, _)| lower[at + MARK.len()..].starts_with(|c: char| c.is_ascii_digit())) {
        return Err("names with `__g` and a number are those of generations");
    }
    Ok(())
}

/// The same, of a table that is new: nobody else has or will have the name. What is stored may have one that was not kept
/// for anybody when it was made.
pub(crate) fn check(name: &str) -> Result<(), &'static str> {
    check_plain(name)?;
    let lower = name.to_ascii_lowercase();
    if lower.starts_with("sqlite_") {
        return Err("names that begin with `sqlite_` are SQLite's own");
    }
    if is_list(&lower) || lower.starts_with("pragma_") {
        return Err("names of functions that give tables are SQLite's own");
    }
    if is_later(name) {
        return Err("names that begin with `eventsource_` are kept for the store's own tables");
    }
    Ok(())
}

/// The name of the table of a generation.
pub(crate) fn physical(plain: &str, generation: Generation) -> String {
    format!("{}{MARK}{generation}", plain.to_ascii_lowercase())
}

/// The name of an index of a table, which shares its names with all tables.
pub(crate) fn index(physical: &str, index: &str) -> String {
    format!("{physical}__{index}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_needs_quotes_or_names_a_generation_is_refused() {
        for good in [
            "a",
            "Balances",
            "_x1",
            "a__g",
            "a__gx",
            "order",
            "a__by",
            "json",
            "json_eaches",
            "pragma",
            "eventsource",
            "my_eventsource_x",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        let long = "a".repeat(65);
        for bad in [
            "",
            "1a",
            "a b",
            "a\"b",
            "a;",
            "a-b",
            "\u{e4}",
            "a__g1",
            "a__G1",
            "a__g__g2x",
            "sqlite_a",
            "SQLite_a",
            "json_each",
            "JSON_TREE",
            "jsonb_each",
            "jsonb_tree",
            "pragma_foreign_key_list",
            "Pragma_x",
            "eventsource_outbox",
            "EventSource_",
            &long,
        ] {
            assert!(check(bad).is_err(), "{bad}");
        }
        for reserved in ["json_each", "pragma_x", "eventsource_x"] {
            assert_eq!(check_plain(reserved), Ok(()), "{reserved}");
        }
        for bad in ["", "1a", "a\"b", "a__g1", &long] {
            assert!(check_plain(bad).is_err(), "{bad}");
        }
        assert_eq!(
            physical("Balances", Generation::from_number(3)),
            "balances__g3"
        );
    }
}
