//! A projection or a reaction: what it takes from which aggregates, and where that goes.

use proc_macro2::Span;
use syn::{DeriveInput, Ident, Path, Type};

use super::{key, last};
use crate::{
    attr::{self, At, Helper, Ignored, Listing, Seen, crate_or_default},
    ctxt::Ctxt,
    print,
};

/// A projection or a reaction.
pub(crate) struct Projection<'a> {
    pub(crate) original: &'a DeriveInput,
    pub(crate) ident: &'a Ident,
    pub(crate) helper: &'static Helper,
    pub(crate) krate: Path,
    pub(crate) seen: Seen,
    pub(crate) name: Option<At<String>>,
    pub(crate) version: Option<At<u32>>,
    pub(crate) from: Option<Listing<Named>>,
    pub(crate) events: Option<Listing<Named>>,
    /// The events that are ignored by name.
    pub(crate) ignored: Option<Listing<Named>>,
    /// `..` among the ignored: all others.
    pub(crate) ignores_others: Option<Span>,
    pub(crate) transaction: Option<At<Option<Type>>>,
    pub(crate) at_least_once: Option<At<()>>,
}

/// Where events go, and so which handlers there are.
pub(crate) enum Kind<'a> {
    Memory,
    Transaction(&'a Type),
    AtLeastOnce,
    Reaction,
}

/// An aggregate or an event by its path.
pub(crate) struct Named {
    pub(crate) path: Path,
    /// The path as text, for messages.
    pub(crate) text: String,
}

impl Named {
    fn new(path: Path) -> Self {
        Self {
            text: print::tokens(&path),
            path,
        }
    }

    /// The path as text, by which two paths are compared.
    pub(crate) fn key(&self) -> &str {
        key(&self.text)
    }

    /// Its place in the list.
    pub(crate) fn span(&self) -> Span {
        last(&self.path)
    }
}

impl<'a> Projection<'a> {
    /// `helper` says which of the two it is.
    pub(crate) fn read(cx: &mut Ctxt, helper: &'static Helper, original: &'a DeriveInput) -> Self {
        let said = attr::Projection::read(cx, helper, &original.attrs);
        let mut ignores_others = None;
        let ignored = said.ignores.map(|Listing { key, items, broken }| {
            let event = |item| match item {
                Ignored::Event(path) => Some(Named::new(path)),
                Ignored::Others(span) => {
                    ignores_others = Some(span);
                    None
                }
            };
            Listing {
                key,
                items: items.into_iter().filter_map(event).collect(),
                broken,
            }
        });
        Self {
            original,
            ident: &original.ident,
            helper,
            krate: crate_or_default(said.krate),
            seen: said.seen,
            name: said.name,
            version: said.version,
            from: said.from.map(named),
            events: said.events.map(named),
            ignored,
            ignores_others,
            transaction: said.transaction,
            at_least_once: said.at_least_once,
        }
    }

    pub(crate) fn is_reaction(&self) -> bool {
        self.helper.name == attr::REACTION.name
    }

    /// Where its events go; the rules see to it that this is said once.
    pub(crate) fn kind(&self) -> Kind<'_> {
        let transaction = self.transaction.as_ref();
        if self.is_reaction() {
            Kind::Reaction
        } else if let Some(ty) = transaction.and_then(|at| at.value.as_ref()) {
            Kind::Transaction(ty)
        } else if self.at_least_once.is_some() {
            Kind::AtLeastOnce
        } else {
            Kind::Memory
        }
    }

    pub(crate) fn aggregates(&self) -> &[Named] {
        self.from.as_ref().map_or(&[], |list| &list.items)
    }

    pub(crate) fn listed(&self) -> &[Named] {
        self.events.as_ref().map_or(&[], |list| &list.items)
    }

    pub(crate) fn ignored(&self) -> &[Named] {
        self.ignored.as_ref().map_or(&[], |list| &list.items)
    }
}

fn named(list: Listing<Path>) -> Listing<Named> {
    Listing {
        key: list.key,
        items: list.items.into_iter().map(Named::new).collect(),
        broken: list.broken,
    }
}
