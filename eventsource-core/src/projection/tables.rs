//! The names of a read model's tables and indexes, checked where the projection is derived.

use super::Table;
use crate::message::{Message, same_text};

/// Refuses at compile time tables that no store could make side by side. `None` where there are none, which is an error
/// of its own.
///
/// # Panics
///
/// When a name is not plain, or taken.
#[track_caller]
pub const fn tables_have_names(tables: Option<&[Table]>) {
    let Some(tables) = tables else { return };
    let mut at = 0;
    while at < tables.len() {
        let table = &tables[at];
        name_is_plain("table", table.name());
        let mut other = 0;
        while other < at {
            if is_one_name(tables[other].name(), table.name()) {
                let mut message = Message::EMPTY;
                message.add("two tables are called ");
                message.add_name(table.name());
                panic!("{}", message.text());
            }
            other += 1;
        }
        indexes_have_names(table);
        at += 1;
    }
}

#[track_caller]
const fn indexes_have_names(table: &Table) {
    let indexes = table.indexes();
    let mut at = 0;
    while at < indexes.len() {
        name_is_plain("index", indexes[at].name());
        let mut other = 0;
        while other < at {
            if is_one_name(indexes[other].name(), indexes[at].name()) {
                let mut message = Message::EMPTY;
                message.add("two indexes of the table ");
                message.add_name(table.name());
                message.add(" are called ");
                message.add_name(indexes[at].name());
                panic!("{}", message.text());
            }
            other += 1;
        }
        at += 1;
    }
}

/// How long the name of a table or an index may be, in bytes: behind it a store puts which build it is of.
const NAME_BYTES: u32 = 40;

#[track_caller]
const fn name_is_plain(what: &str, name: &str) {
    let bytes = name.as_bytes();
    let mut plain =
        !bytes.is_empty() && bytes.len() <= NAME_BYTES as usize && !bytes[0].is_ascii_digit();
    let mut at = 0;
    while at < bytes.len() {
        plain = plain && (bytes[at].is_ascii_alphanumeric() || bytes[at] == b'_');
        at += 1;
    }
    if plain {
        return;
    }
    let mut message = Message::EMPTY;
    message.add_name(name);
    message.add(" cannot be the name of a");
    message.add(if same_text(what, "index") { "n " } else { " " });
    message.add(what);
    message.add(": use up to ");
    message.add_number(NAME_BYTES);
    message.add(" letters, digits and `_`, and no digit first");
    panic!("{}", message.text());
}

/// Databases do not tell small letters from capitals.
const fn is_one_name(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}
