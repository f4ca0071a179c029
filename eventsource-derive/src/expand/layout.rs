//! How a value of today is written, as an expression: what is in it, in its order, with all that serde is told of it.
//!
//! A pin has another question, whether stored events can still be read; so it sees less.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::{Expr, Ident, Type};

use super::{describe, ours, params};
use crate::{
    ast::{Snapshot, Style, Track, Versioned},
    attr::SerdeItem,
    print,
    types::{self, Part},
};

/// That of a value that tells its shape.
pub(super) fn of_value(of: &Versioned<'_>) -> TokenStream {
    let fields = |kind: &str, tracks: &[Track<'_>], more: Vec<TokenStream>| {
        let today = tracks
            .iter()
            .filter_map(|track| Some((track, track.field?)));
        let fields = today.map(|(track, field)| {
            let layout = of_type(of.ident, &field.ty, track.opaque);
            part(&track.name, &track.serde, &layout)
        });
        parts(kind, fields.chain(more))
    };
    let more = proxies(of);
    let kind = told(kind(of.style), &of.serde);
    if of.style != Style::Enum {
        return fields(&kind, &of.tracks, more);
    }
    let variants = of
        .variants
        .iter()
        .filter(|variant| variant.gone.is_none() && !variant.is_never_stored());
    let variants = variants.map(|variant| {
        let tracks = &of.tracks[variant.fields.clone()];
        let layout = fields(self::kind(variant.style), tracks, Vec::new());
        part(
            &numbered(&variant.name, variant.number),
            &variant.serde,
            &layout,
        )
    });
    parts(&kind, variants.chain(more))
}

/// That of a state.
pub(super) fn of_state(snapshot: &Snapshot<'_>) -> TokenStream {
    let stored = snapshot
        .bodies
        .iter()
        .filter(|body| !body.is_never_stored());
    let bodies = stored.map(|body| {
        let fields = body.fields.iter().filter(|field| !field.is_never_stored);
        let fields = fields.map(|field| {
            let layout = of_type(snapshot.ident, &field.field.ty, field.opaque);
            part(&field.name, &field.serde, &layout)
        });
        let layout = parts(kind(body.style), fields);
        part(&numbered(&body.name, body.number), &body.serde, &layout)
    });
    // What is stored in place of the state has no field to say that it is opaque.
    let mut asked = BTreeSet::new();
    let proxies = describe::proxy_types(&snapshot.serde);
    let proxies = proxies.filter(|(_, ty)| asked.insert(print::tokens(ty)));
    let proxies = proxies.map(|(key, ty)| {
        let layout = of_type(snapshot.ident, &ty, false);
        quote!((#key, #layout))
    });
    parts(
        &told(kind(snapshot.style), &snapshot.serde),
        bodies.chain(proxies),
    )
}

fn kind(style: Style) -> &'static str {
    match style {
        Style::Named => "struct",
        Style::Unnamed => "places",
        Style::Unit => "unit",
        Style::Enum => "enum",
    }
}

fn parts(kind: &str, parts: impl Iterator<Item = TokenStream>) -> TokenStream {
    quote!(_es::__private::shape_of_parts(#kind, &[#(#parts),*]))
}

fn part(name: &str, serde: &[SerdeItem], layout: &TokenStream) -> TokenStream {
    let text = told(name, serde);
    quote!((#text, #layout))
}

/// A variant by its name and, where one is written, its number: serde stores the name, and others the number.
fn numbered(name: &str, number: Option<&Expr>) -> String {
    match number {
        Some(number) => format!("{name} = {}", print::tokens(number)),
        None => name.to_owned(),
    }
}

/// A text, and behind it each attribute of serde that has a say in what is stored.
fn told(text: &str, serde: &[SerdeItem]) -> String {
    let mut text = text.to_owned();
    for item in serde.iter().filter(|item| describe::is_stored(item)) {
        text.push('\n');
        text.push_str(&print::tokens(item));
    }
    text
}

/// What is stored in place of a value, where it is a type that tells its shape.
fn proxies(of: &Versioned<'_>) -> Vec<TokenStream> {
    let types = describe::proxy_types(&of.serde).filter(|(_, ty)| {
        !params::depends(&of.original.generics, ty) && !types::holds(ty, of.ident)
    });
    let probed = types.map(|(key, ty)| {
        let layout =
            quote_spanned!(ours(print::span(&ty))=> _es::__private::Probe::<#ty>::__ES_LAYOUT);
        quote!((#key, { use _es::__private::Unversioned as _; #layout }))
    });
    probed.collect()
}

/// That of one type. One that holds the value itself has no end: it goes by how it is written, and by what else is in it.
fn of_type(ident: &Ident, ty: &Type, opaque: bool) -> TokenStream {
    if opaque {
        let text = print::tokens(types::stripped(ty));
        return quote!(_es::__private::shape_of_parts("opaque", &[(#text, 0)]));
    }
    if !types::holds(ty, ident) {
        let told = quote_spanned!(ours(print::span(ty))=> _es::__private::shape_of::<#ty>());
        return quote!(#told.layout);
    }
    let text = print::tokens(&types::with_word(ty, ident, &format_ident!("Self")));
    let others = types::parts(ty).into_iter().filter_map(|part| match part {
        Part::Now(ty) if !types::holds(&ty, ident) => Some(of_type(ident, &ty, false)),
        Part::Now(_) | Part::Past(..) => None,
    });
    parts(&text, others.map(|layout| quote!(("", #layout))))
}
