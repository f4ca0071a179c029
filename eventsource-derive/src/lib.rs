//! The derives of `eventsource-core`, which re-exports and documents them.
//!
//! Each derive takes the same way: the attributes are read (`attr`), put into a view of the input (`ast`), checked
//! (`check`) and expanded (`expand`), which cannot fail. When something was reported on the way, the errors are given
//! together with a stub (`fallback`), so that other code that uses the type has no errors of its own.

mod ast;
mod attr;
mod check;
mod ctxt;
mod expand;
mod fallback;
mod name;
mod print;
mod suggest;
mod types;

#[cfg(test)]
mod robust;
#[cfg(test)]
mod snapshots;

use ctxt::Ctxt;
use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

#[doc = include_str!("../docs/event.md")]
#[proc_macro_derive(Event, attributes(event))]
pub fn derive_event(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    event(&input).into()
}

#[doc = include_str!("../docs/aggregate.md")]
#[proc_macro_derive(Aggregate, attributes(aggregate))]
pub fn derive_aggregate(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    aggregate(&input).into()
}

#[doc = include_str!("../docs/aggregate_id.md")]
#[proc_macro_derive(AggregateId, attributes(aggregate_id))]
pub fn derive_aggregate_id(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    aggregate_id(&input).into()
}

#[doc = include_str!("../docs/schema.md")]
#[proc_macro_derive(Schema, attributes(event))]
pub fn derive_schema(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    schema(&input).into()
}

#[doc = include_str!("../docs/snapshot.md")]
#[proc_macro_derive(Snapshot, attributes(snapshot))]
pub fn derive_snapshot(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    snapshot(&input).into()
}

#[doc = include_str!("../docs/projection.md")]
#[proc_macro_derive(Projection, attributes(projection))]
pub fn derive_projection(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    projection(&input).into()
}

#[doc = include_str!("../docs/reaction.md")]
#[proc_macro_derive(Reaction, attributes(reaction))]
pub fn derive_reaction(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    reaction(&input).into()
}

fn event(input: &DeriveInput) -> proc_macro2::TokenStream {
    let mut cx = Ctxt::default();
    let input = &types::without_self(input);
    let event = ast::Event::read(&mut cx, input);
    check::event(&mut cx, &event);
    match cx.finish() {
        Ok(()) => expand::event(&event),
        Err(errors) => fallback::event(&event, &errors),
    }
}

fn schema(input: &DeriveInput) -> proc_macro2::TokenStream {
    let mut cx = Ctxt::default();
    let input = &types::without_self(input);
    let schema = ast::Schema::read(&mut cx, input);
    check::schema(&mut cx, &schema);
    match cx.finish() {
        Ok(()) => expand::schema(&schema),
        Err(errors) => fallback::schema(&schema, &errors),
    }
}

fn aggregate(input: &DeriveInput) -> proc_macro2::TokenStream {
    let mut cx = Ctxt::default();
    let input = &types::without_self(input);
    let aggregate = ast::Aggregate::read(&mut cx, input);
    check::aggregate(&mut cx, &aggregate);
    match cx.finish() {
        Ok(()) => expand::aggregate(&aggregate),
        Err(errors) => fallback::aggregate(&aggregate, &errors),
    }
}

fn aggregate_id(input: &DeriveInput) -> proc_macro2::TokenStream {
    let mut cx = Ctxt::default();
    let id = ast::Id::read(&mut cx, input);
    check::aggregate_id(&mut cx, &id);
    match cx.finish() {
        Ok(()) => expand::aggregate_id(&id),
        Err(errors) => fallback::aggregate_id(&id, &errors),
    }
}

fn snapshot(input: &DeriveInput) -> proc_macro2::TokenStream {
    let mut cx = Ctxt::default();
    let input = &types::without_self(input);
    let snapshot = ast::Snapshot::read(&mut cx, input);
    check::snapshot(&mut cx, &snapshot);
    match cx.finish() {
        // The derive of the aggregate has said what is wrong.
        Ok(()) if snapshot.is_no_state() => fallback::snapshot(&snapshot, None),
        Ok(()) => expand::snapshot(&snapshot),
        Err(errors) => fallback::snapshot(&snapshot, Some(&errors)),
    }
}

fn projection(input: &DeriveInput) -> proc_macro2::TokenStream {
    delivered(&attr::PROJECTION, input)
}

fn reaction(input: &DeriveInput) -> proc_macro2::TokenStream {
    delivered(&attr::REACTION, input)
}

/// A reaction is a projection that goes elsewhere, as far as it is written down.
fn delivered(helper: &'static attr::Helper, input: &DeriveInput) -> proc_macro2::TokenStream {
    let mut cx = Ctxt::default();
    let input = &types::without_self(input);
    let projection = ast::Projection::read(&mut cx, helper, input);
    check::projection(&mut cx, &projection);
    match cx.finish() {
        Ok(()) => expand::projection(&projection),
        Err(errors) => fallback::projection(&projection, &errors),
    }
}
