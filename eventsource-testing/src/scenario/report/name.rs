//! Names as they are written in a test: types without their modules, variants with their enum.

use std::{any::type_name, fmt};

/// `Transfer<Account>` of `bank::command::Transfer<bank::account::Account>`.
pub(crate) fn short(path: &str) -> String {
    let mut name = String::with_capacity(path.len());
    // Where the part of the path that is being read began.
    let mut part = 0;
    let mut chars = path.chars().peekable();
    while let Some(c) = chars.next() {
        if c == ':' && chars.peek() == Some(&':') {
            chars.next();
            name.truncate(part);
            continue;
        }
        name.push(c);
        if !(c.is_alphanumeric() || c == '_') {
            part = name.len();
        }
    }
    name
}

/// A refusal as it is written: what `Debug` says, and before a variant its enum.
pub(in crate::scenario) fn written<E: fmt::Debug>(refusal: &E) -> String {
    let (text, name) = (format!("{refusal:?}"), short(type_name::<E>()));
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let first = text.split(|c| !is_word(c)).next().unwrap_or_default();
    let is_variant = first.starts_with(char::is_uppercase) && first != name;
    if is_variant && name.chars().all(is_word) {
        format!("{name}::{text}")
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::{short, written};

    #[derive(Debug)]
    #[expect(dead_code, reason = "it is shown")]
    enum Refused {
        Closed,
        Missing { cents: i64 },
    }

    #[derive(Debug)]
    struct Full;

    #[test]
    fn a_variant_is_written_with_its_enum_and_nothing_else_is() {
        assert_eq!(written(&Refused::Closed), "Refused::Closed");
        let missing = Refused::Missing { cents: 3 };
        assert_eq!(written(&missing), "Refused::Missing { cents: 3 }");
        assert_eq!(written(&Full), "Full");
        assert_eq!(written(&"Closed"), "\"Closed\"");
        assert_eq!(written(&Some(Full)), "Some(Full)");
    }

    #[test]
    fn modules_are_left_out_also_within_generics() {
        assert_eq!(short("Plain"), "Plain");
        assert_eq!(short("a::b::C"), "C");
        assert_eq!(short("a::C<b::D, &e::F>"), "C<D, &F>");
        assert_eq!(short("(a::B, alloc::vec::Vec<c::D>)"), "(B, Vec<D>)");
        assert_eq!(short("[a::B; 3]"), "[B; 3]");
    }
}
