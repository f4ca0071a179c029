//! The input as the derives see it. A view exists for every input, with a default where something is missing: the rules
//! report that, and the stub of a faulty input is made from the same view.

mod fields;
mod history;
mod projection;
mod restated;
mod snapshot;
mod variants;

pub(crate) use fields::{Look, Skipped, Track};
pub(crate) use history::{Read, Style, Versioned};
use proc_macro2::Span;
pub(crate) use projection::{Kind, Named, Projection};
use quote::format_ident;
pub(crate) use restated::{Open, Why};
pub(crate) use snapshot::Snapshot;
use syn::{Data, DeriveInput, Fields, Ident, Path, Type, ext::IdentExt};
pub(crate) use variants::Variant;

use crate::{
    attr::{self, At, Listed, NameWas, Seen, Value, crate_or_default},
    ctxt::Ctxt,
    name, print,
};

/// An event struct.
pub(crate) struct Event<'a> {
    pub(crate) original: &'a DeriveInput,
    pub(crate) ident: &'a Ident,
    pub(crate) krate: Path,
    pub(crate) seen: Seen,
    pub(crate) name: Option<At<String>>,
    /// The names that it had, the oldest first.
    pub(crate) names: Vec<NameWas>,
    /// A value of it: an expression.
    pub(crate) sample: Option<Value>,
    pub(crate) of: Versioned<'a>,
}

impl<'a> Event<'a> {
    pub(crate) fn read(cx: &mut Ctxt, original: &'a DeriveInput) -> Self {
        let said = attr::Event::read(cx, &attr::EVENT, &original.attrs, false);
        let mut names = said.names;
        names.sort_by_key(|was| was.before.value);
        Self {
            original,
            ident: &original.ident,
            krate: crate_or_default(said.krate),
            seen: said.seen,
            name: said.name,
            names,
            sample: said.sample,
            of: Versioned::read(
                cx,
                original,
                Read {
                    broken: said.seen.broken,
                    version: said.version.unwrap_or_else(|| first_version(original)),
                    oldest: said.oldest,
                    had: said.had,
                    had_variants: said.had_variants,
                    containers: said.containers,
                    steps: said.steps,
                    explicit: said.explicit,
                    pin: said.pin,
                },
            ),
        }
    }

    /// The stored name. Where it is missing, the type's own stands in, so that two stubs do not share one.
    pub(crate) fn stored_name(&self) -> String {
        match &self.name {
            Some(name) => name.value.clone(),
            None => name::of(self.ident),
        }
    }
}

/// A value with versions of its own.
pub(crate) struct Schema<'a> {
    pub(crate) krate: Path,
    pub(crate) of: Versioned<'a>,
}

impl<'a> Schema<'a> {
    pub(crate) fn read(cx: &mut Ctxt, original: &'a DeriveInput) -> Self {
        let is_enum = matches!(original.data, Data::Enum(_));
        let said = attr::Event::read(cx, &attr::SCHEMA, &original.attrs, is_enum);
        Self {
            krate: crate_or_default(said.krate),
            of: Versioned::read(
                cx,
                original,
                Read {
                    broken: said.seen.broken,
                    version: said.version.unwrap_or_else(|| first_version(original)),
                    oldest: said.oldest,
                    had: said.had,
                    had_variants: said.had_variants,
                    containers: said.containers,
                    steps: said.steps,
                    explicit: said.explicit,
                    pin: said.pin,
                },
            ),
        }
    }
}

fn first_version(original: &DeriveInput) -> At<u32> {
    At {
        span: original.ident.span(),
        value: 1,
    }
}

/// The state of an aggregate.
pub(crate) struct Aggregate<'a> {
    pub(crate) original: &'a DeriveInput,
    pub(crate) ident: &'a Ident,
    pub(crate) krate: Path,
    pub(crate) seen: Seen,
    pub(crate) name: Option<At<String>>,
    pub(crate) id: Option<Type>,
    pub(crate) error: Option<Type>,
    /// Where the list stands, when there is one.
    pub(crate) list: Option<Span>,
    pub(crate) events: Vec<AggregateEvent>,
    pub(crate) retired: Vec<RetiredEvent>,
    pub(crate) created_by: Option<Path>,
    pub(crate) event_enum: Ident,
    pub(crate) event_derives: Vec<Path>,
}

/// One listed event: a variant of the generated enum.
pub(crate) struct AggregateEvent {
    pub(crate) path: Path,
    /// The path as text, for messages.
    pub(crate) text: String,
    pub(crate) variant: Ident,
    /// The constant through which everything about the event goes. A number cannot clash, as two names in capitals can.
    pub(crate) constant: Ident,
}

impl AggregateEvent {
    fn new((index, Listed { path, alias }): (usize, Listed)) -> Option<Self> {
        let variant = match alias {
            Some(alias) => alias,
            None => path.segments.last()?.ident.clone(),
        };
        Some(Self {
            text: print::tokens(&path),
            path,
            variant,
            constant: format_ident!("__EVENT_{index}"),
        })
    }

    /// The path as text, by which two paths are compared.
    pub(crate) fn key(&self) -> &str {
        key(&self.text)
    }

    /// The place of the event in the list.
    pub(crate) fn span(&self) -> Span {
        last(&self.path)
    }
}

/// An event that is still read and no longer written.
pub(crate) struct RetiredEvent {
    pub(crate) name: At<String>,
    pub(crate) path: Path,
    /// The path as text, for messages.
    pub(crate) text: String,
    /// What it becomes: an expression.
    pub(crate) into: Value,
    /// The constant through which everything about the event goes.
    pub(crate) constant: Ident,
    /// The function that turns it into today's events.
    pub(crate) function: Ident,
}

impl RetiredEvent {
    fn new((index, retired): (usize, attr::Retired)) -> Self {
        let attr::Retired { name, from, into } = retired;
        Self {
            name,
            text: print::tokens(&from),
            path: from,
            into,
            constant: format_ident!("__RETIRED_{index}"),
            function: format_ident!("__retired_{index}"),
        }
    }

    /// The path as text, by which two paths are compared.
    pub(crate) fn key(&self) -> &str {
        key(&self.text)
    }
}

impl<'a> Aggregate<'a> {
    pub(crate) fn read(cx: &mut Ctxt, original: &'a DeriveInput) -> Self {
        let attr::Aggregate {
            seen,
            name,
            id,
            error,
            events,
            retired,
            created_by,
            event_enum,
            event_derives,
            krate,
        } = attr::Aggregate::read(cx, &original.attrs);
        let ident = &original.ident;
        let list = events.as_ref().map(|events| events.span);
        let events = events.map_or_else(Vec::new, |events| events.value);
        Self {
            original,
            ident,
            krate: crate_or_default(krate),
            seen,
            name,
            id,
            error,
            list,
            events: events
                .into_iter()
                .enumerate()
                .filter_map(AggregateEvent::new)
                .collect(),
            retired: retired
                .into_iter()
                .enumerate()
                .map(RetiredEvent::new)
                .collect(),
            created_by,
            event_enum: event_enum.unwrap_or_else(|| format_ident!("{}Event", ident.unraw())),
            event_derives,
        }
    }

    /// What else is called as the generated enum would be, beside it.
    pub(crate) fn enum_clash(&self) -> Option<EnumClash<'_>> {
        let name = name::of(&self.event_enum);
        if name == name::of(self.ident) {
            return Some(EnumClash::State);
        }
        let event = self.events.iter().find(|event| event.key() == name);
        event.map(EnumClash::Event)
    }

    /// The event that creates the state, when one does.
    pub(crate) fn creator(&self) -> Option<&AggregateEvent> {
        let text = print::tokens(self.created_by.as_ref()?);
        self.events.iter().find(|event| event.key() == key(&text))
    }
}

/// What has the name of the generated enum already.
pub(crate) enum EnumClash<'a> {
    State,
    Event(&'a AggregateEvent),
}

/// A typed id.
pub(crate) struct Id<'a> {
    pub(crate) original: &'a DeriveInput,
    pub(crate) ident: &'a Ident,
    pub(crate) krate: Path,
    /// The type of the one field, when the input is a newtype.
    pub(crate) inner: Option<&'a Type>,
}

impl<'a> Id<'a> {
    pub(crate) fn read(cx: &mut Ctxt, original: &'a DeriveInput) -> Self {
        let attr::Id { krate } = attr::Id::read(cx, &original.attrs);
        let inner = match &original.data {
            Data::Struct(data) => match &data.fields {
                Fields::Unnamed(fields) if fields.unnamed.len() == 1 => Some(&fields.unnamed[0].ty),
                _ => None,
            },
            Data::Enum(_) | Data::Union(_) => None,
        };
        Self {
            original,
            ident: &original.ident,
            krate: crate_or_default(krate),
            inner,
        }
    }
}

/// `self::Opened` is `Opened`.
fn key(path: &str) -> &str {
    path.strip_prefix("self::").unwrap_or(path)
}

/// The last segment of a path: the smallest token that names what is meant.
pub(crate) fn last(path: &Path) -> Span {
    path.segments
        .last()
        .map_or_else(Span::call_site, |segment| segment.ident.span())
}
