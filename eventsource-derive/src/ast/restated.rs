//! What serde's attributes were before: those that are stated, or those of the version after it. What is stated replaces
//! all of them, so each that would be lost is to be stated, too, or to be taken away by `not(..)`.

use syn::Ident;

use crate::{attr::SerdeItem, name};

/// A question about an older attribute that is left open.
pub(crate) struct Open {
    pub(crate) why: Why,
    /// The attribute that the next look has.
    pub(crate) item: SerdeItem,
    /// The version before which the next look was so; `None` where it is so today.
    pub(crate) until: Option<u32>,
    /// The attributes that the older look has all the same.
    pub(crate) kept: Vec<SerdeItem>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// Nothing is said, and it may have been another one.
    Unsaid,
    /// Others are stated, and not this one.
    LeftOut,
    /// It is taken away, and the next look has none.
    NotThere,
}

/// What changed between two looks, beside the attributes.
#[derive(Clone, Copy)]
pub(super) struct Changed {
    pub(super) name: bool,
    pub(super) ty: bool,
}

/// The attributes before a change, and what is open about them. `newer` are those after it, which were so until `until`.
pub(super) fn restated(
    newer: &[SerdeItem],
    said: Option<&[SerdeItem]>,
    changed: Changed,
    until: Option<u32>,
) -> (Vec<SerdeItem>, Option<Open>) {
    let Some(said) = said else {
        return inherited(newer, changed, until);
    };
    let mut not: Vec<Ident> = Vec::new();
    let mut kept = Vec::new();
    for item in said {
        match item.taken_away() {
            Some(words) => not.extend(words),
            None => kept.push(item.clone()),
        }
    }
    let open = |why, item: &SerdeItem| {
        Some(Open {
            why,
            item: item.clone(),
            until,
            kept: Vec::new(),
        })
    };
    let there = |word: &Ident| newer.iter().any(|item| item.is(&name::of(word)));
    if let Some(word) = not.iter().find(|word| !there(word)) {
        return (kept, open(Why::NotThere, &SerdeItem::word(word)));
    }
    let answered = |item: &&SerdeItem| {
        let word = item.key();
        kept.iter().any(|one| one.says_the_same_as(item))
            || not.iter().any(|not| name::of(not) == word)
    };
    let mut lost = newer
        .iter()
        .filter(|item| item.is_about_reading() && !(changed.name && item.is("alias")))
        .filter(|item| !answered(item));
    // `serde()` alone is a word for none at all.
    let lost = if said.is_empty() { None } else { lost.next() };
    let open = lost.and_then(|item| open(Why::LeftOut, item));
    (kept, open)
}

/// Nothing is said: what belongs to the name stays with the name, and what belongs to the type with the type.
fn inherited(
    newer: &[SerdeItem],
    changed: Changed,
    until: Option<u32>,
) -> (Vec<SerdeItem>, Option<Open>) {
    let (kept, lost): (Vec<_>, Vec<_>) = newer.iter().cloned().partition(|item| {
        !(changed.name && item.is_about_the_name() || changed.ty && item.is_about_the_type())
    });
    let lost = lost.into_iter().find(|item| !item.is("alias"));
    let open = lost.map(|item| Open {
        why: Why::Unsaid,
        item,
        until,
        kept: kept.clone(),
    });
    (kept, open)
}

impl SerdeItem {
    fn is_about_the_name(&self) -> bool {
        self.is("rename") || self.is("alias")
    }

    fn is_about_the_type(&self) -> bool {
        self.is("with") || self.is("deserialize_with") || self.is("default") && self.has_value()
    }

    /// Whether a reader needs it; some are for writing, and some for messages.
    fn is_about_reading(&self) -> bool {
        const OTHERS: &[&str] = &["expecting", "crate"];
        !self.is_about_writing() && !OTHERS.iter().any(|word| self.is(word))
    }

    fn says_the_same_as(&self, other: &Self) -> bool {
        let reads = |item: &Self| item.is("with") || item.is("deserialize_with");
        self.key() == other.key() || reads(self) && reads(other)
    }
}
