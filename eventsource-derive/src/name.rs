//! Which names can be stored: the rules that `eventsource-core` has for `EventName` and `Category`, in the same words.
//! A test compares the two.

use std::fmt::Display;

/// The rule of one kind of name.
pub(crate) struct Rule {
    what: &'static str,
    limit: usize,
    marks: &'static [char],
    allowed: &'static str,
}

/// The stored name of an event.
pub(crate) const EVENT: Rule = Rule {
    what: "an event name",
    limit: 128,
    marks: &['.', '_', '-'],
    allowed: "use letters, digits, `.`, `_` and `-`",
};

/// The category of an aggregate; no `-`, which ends the category in the name of a stream.
pub(crate) const CATEGORY: Rule = Rule {
    what: "a category",
    limit: 64,
    marks: &['.', '_'],
    allowed: "use letters, digits, `.` and `_`",
};

/// The name by which the checkpoint of a projection is kept.
pub(crate) const PROJECTION: Rule = Rule {
    what: "the name of a projection",
    limit: 64,
    marks: &['.', '_', '-'],
    allowed: "use letters, digits, `.`, `_` and `-`",
};

/// The name by which the checkpoint of a reaction is kept, and by which its ids are made.
pub(crate) const REACTION: Rule = Rule {
    what: "the name of a reaction",
    ..PROJECTION
};

impl Rule {
    /// What is wrong with the name, if anything is.
    pub(crate) fn check(&self, name: &str) -> Result<(), String> {
        let Self {
            what,
            limit,
            marks,
            allowed,
        } = self;
        if name.is_empty() {
            return Err(format!("{what} cannot be empty"));
        }
        if name.len() > *limit {
            return Err(format!(
                "{what} cannot be longer than {limit} bytes, this one has {}",
                name.len()
            ));
        }
        match name
            .chars()
            .find(|c| !c.is_ascii_alphanumeric() && !marks.contains(c))
        {
            Some(c) => Err(format!("{what} cannot contain {c:?}; {allowed}")),
            None => Ok(()),
        }
    }
}

/// The text of an identifier: what the user means by it, without the `r#` that lets a keyword be one.
pub(crate) fn of(ident: &impl Display) -> String {
    let text = ident.to_string();
    match text.strip_prefix("r#") {
        Some(plain) => plain.to_owned(),
        None => text,
    }
}

/// A Rust type's name as a name to suggest: `OwnerChanged` gives `owner_changed`.
pub(crate) fn suggested(ident: &impl Display) -> String {
    let mut name = String::new();
    for c in of(ident).chars() {
        if c.is_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.extend(c.to_lowercase());
    }
    name
}
