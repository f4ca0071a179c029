//! The rules. Each looks at the view of the input only, and is silent about what was reported before it.

mod aggregate;
mod case;
mod changes;
mod history;
mod names;
mod nested;
mod oldest;
mod projection;
mod serde;
mod snapshot;
mod steps;
mod variants;

pub(crate) use aggregate::{aggregate, is_debug};
pub(crate) use projection::projection;
pub(crate) use snapshot::snapshot;
use syn::{Attribute, Data, DeriveInput, Fields, GenericParam};

use crate::{
    ast::{Event, Id, Schema},
    attr::{self, Helper},
    ctxt::Ctxt,
    name,
};

pub(crate) fn event(cx: &mut Ctxt, event: &Event<'_>) {
    if !event_is_a_struct(cx, event) {
        // What else could be said is about structs.
        return;
    }
    event_has_named_fields(cx, event);
    event_is_not_generic(cx, event);
    event_has_its_name(cx, event);
    event_name_can_be_stored(cx, event);
    history::versioned(cx, &event.of);
    steps::names_are_in_range(cx, event);
    let renamed = event.names.iter().map(|was| was.before.value);
    history::every_version_is_described(cx, &event.of, renamed);
}

pub(crate) fn schema(cx: &mut Ctxt, schema: &Schema<'_>) {
    if !value_can_have_versions(cx, schema) {
        return;
    }
    history::versioned(cx, &schema.of);
    history::every_version_is_described(cx, &schema.of, std::iter::empty());
}

pub(crate) fn aggregate_id(cx: &mut Ctxt, id: &Id<'_>) {
    id_is_a_newtype(cx, id);
    id_is_not_generic(cx, id);
    helper_stands_on_the_type(cx, id.original, &attr::AGGREGATE_ID);
}

/// An event is one shape. An enum would be several, under one name.
fn event_is_a_struct(cx: &mut Ctxt, event: &Event<'_>) -> bool {
    match &event.original.data {
        Data::Struct(_) => true,
        Data::Enum(data) => {
            cx.error(
                data.enum_token,
                "#[derive(Event)] goes on a struct: one struct per event\nhelp: list the events in \
                 `#[aggregate(events(Opened, ..))]`; the enum is generated",
            );
            false
        }
        Data::Union(data) => {
            cx.error(
                data.union_token,
                "#[derive(Event)] goes on a struct: a union cannot be stored",
            );
            false
        }
    }
}

/// `struct Moved(i32, i32);` would be stored as a list, in which nothing says which value is which. A newtype is stored
/// as its one value.
fn event_has_named_fields(cx: &mut Ctxt, event: &Event<'_>) {
    let Data::Struct(data) = &event.original.data else {
        return;
    };
    let Fields::Unnamed(fields) = &data.fields else {
        return;
    };
    let ident = event.ident;
    match fields.unnamed.len() {
        0 => cx.error(
            fields,
            format_args!(
                "event `{ident}` has no fields and needs no parentheses\nhelp: write `struct {ident};`"
            ),
        ),
        1 => {}
        many => cx.error(
            fields,
            format_args!(
                "event `{ident}` has {many} unnamed fields; the stored JSON would have no field names to evolve\n\
                 help: name the fields: `struct {ident} {{ .. }}`"
            ),
        ),
    }
}

/// A stored name leads back to one type, which owns what it reads.
fn event_is_not_generic(cx: &mut Ctxt, event: &Event<'_>) {
    let ident = event.ident;
    for param in &event.original.generics.params {
        match param {
            GenericParam::Lifetime(param) => {
                let lifetime = &param.lifetime;
                cx.error(
                    lifetime,
                    format_args!(
                        "an event owns its data: `{ident}` cannot borrow for `{lifetime}`\n\
                         help: replace `&{lifetime} str` by `String`, and so on"
                    ),
                );
            }
            GenericParam::Type(syn::TypeParam { ident: param, .. })
            | GenericParam::Const(syn::ConstParam { ident: param, .. }) => cx.error(
                param,
                format_args!(
                    "an event is not generic: one stored name means one payload type\n\
                     help: write one struct for each `{param}` that is stored"
                ),
            ),
        }
    }
}

/// Every key belongs to the type as a whole.
fn helper_stands_on_the_type(cx: &mut Ctxt, input: &DeriveInput, helper: &Helper) {
    let mut misplaced = |attrs: &[Attribute], place: &str| {
        for attr in attrs.iter().filter(|attr| helper.is(attr)) {
            let name = helper.name;
            cx.error(
                attr.path(),
                format_args!("`#[{name}(..)]` belongs on the type, not on a {place}"),
            );
        }
    };
    match &input.data {
        Data::Struct(data) => {
            for field in &data.fields {
                misplaced(&field.attrs, "field");
            }
        }
        Data::Enum(data) => {
            for variant in &data.variants {
                misplaced(&variant.attrs, "variant");
                for field in &variant.fields {
                    misplaced(&field.attrs, "field");
                }
            }
        }
        Data::Union(_) => {}
    }
}

/// The name is part of the stored format, so it is written out: renaming the Rust type must not change it.
fn event_has_its_name(cx: &mut Ctxt, event: &Event<'_>) {
    if event.name.is_some() || event.seen.broken {
        return;
    }
    let (ident, name) = (event.ident, name::suggested(event.ident));
    cx.error(
        ident,
        format_args!("missing `name` on event `{ident}`\nhelp: add `#[event(name = \"{name}\")]`"),
    );
}

/// What is read at an older version is one type with one history.
fn value_can_have_versions(cx: &mut Ctxt, schema: &Schema<'_>) -> bool {
    let (original, ident) = (schema.of.original, schema.of.ident);
    if let Some(lifetime) = original.generics.lifetimes().next() {
        let lifetime = &lifetime.lifetime;
        cx.error(
            lifetime,
            format_args!(
                "a value in an event owns its data: `{ident}` cannot borrow for `{lifetime}`\n\
                 help: replace `&{lifetime} str` by `String`, and so on"
            ),
        );
        return false;
    }
    if let (Some(pin), false) = (&schema.of.pin, original.generics.params.is_empty()) {
        cx.error_at(
            pin.span,
            format_args!(
                "`{ident}` has a shape for each of its parameters, so none can be pinned\n\
                 help: pin the events that hold it"
            ),
        );
    }
    match &original.data {
        Data::Struct(data) => {
            if let Fields::Unnamed(fields) = &data.fields
                && fields.unnamed.len() != 1
            {
                cx.error(
                    fields,
                    format_args!("the places of `{ident}` have no names to evolve\nhelp: name the fields: `struct {ident} {{ .. }}`"),
                );
                return false;
            }
            true
        }
        Data::Enum(_) => true,
        Data::Union(data) => {
            cx.error(
                data.union_token,
                "#[derive(Schema)] goes on a struct or an enum: a union cannot be stored",
            );
            false
        }
    }
}

fn event_name_can_be_stored(cx: &mut Ctxt, event: &Event<'_>) {
    if let Some(name) = &event.name
        && let Err(problem) = name::EVENT.check(&name.value)
    {
        cx.error_at(name.span, problem);
    }
}

/// The text of an id is that of its one inner value.
fn id_is_a_newtype(cx: &mut Ctxt, id: &Id<'_>) {
    let ident = id.ident;
    let help = format!("help: write `struct {ident}(u64);`, over `String`, `Uuid` or an integer");
    let problem = match &id.original.data {
        Data::Struct(_) if id.inner.is_some() => return,
        Data::Struct(_) => "a struct with one unnamed field",
        Data::Enum(_) => "a struct, not on an enum",
        Data::Union(_) => "a struct, not on a union",
    };
    cx.error(
        ident,
        format_args!("#[derive(AggregateId)] goes on {problem}\n{help}"),
    );
}

/// Nothing in a stored text says which `T` it was.
fn id_is_not_generic(cx: &mut Ctxt, id: &Id<'_>) {
    let ident = id.ident;
    if let Some(param) = id.original.generics.params.first() {
        cx.error(
            param,
            format_args!("an id is not generic: `{ident}` must have one text form for each value"),
        );
    }
}
