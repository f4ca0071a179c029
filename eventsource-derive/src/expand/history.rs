//! The older shapes of a struct, and the functions that lead from each to today.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;

use super::{
    convert::{Place, with},
    ours, variants,
};
use crate::{
    ast::{Look, Skipped, Style, Track, Versioned},
    attr::{How, SerdeItem},
    name, print,
};

/// Attributes of serde that concern writing only, or nothing that is stored.
const NOT_COPIED: &[&str] = &["serialize_with", "skip_serializing", "skip_serializing_if"];

/// Everything that the older versions need, but how they are read.
pub(super) fn history(of: &Versioned<'_>) -> TokenStream {
    let ident = of.ident;
    let older = (1..of.latest()).map(|version| {
        let shape = (of.explicit_at(version).is_none()).then(|| old_shape(of, version));
        let (name, number) = (shape_at(of, version), Literal::u32_unsuffixed(version));
        let chain = chain(of, version);
        quote! {
            #shape
            #[automatically_derived]
            impl _es::AtVersion<#number> for #ident { type Shape = #name; }
            #chain
        }
    });
    let latest = Literal::u32_unsuffixed(of.latest());
    let outcome = (of.latest() > 1)
        .then(|| quote!(type __Upcast = _es::__private::Result<#ident, _es::UpcastError>;));
    quote! {
        #outcome
        #(#older)*
        #[automatically_derived]
        impl _es::AtVersion<#latest> for #ident { type Shape = Self; }
    }
}

/// The function that leads from a version to today.
pub(super) fn chain_from(version: u32) -> Ident {
    format_ident!("__from_{version}")
}

/// The type of a version.
pub(super) fn shape_at(of: &Versioned<'_>, version: u32) -> TokenStream {
    let ident = of.ident;
    if version == of.latest() {
        return quote!(#ident);
    }
    if let Some(explicit) = of.explicit_at(version) {
        let path = &explicit.path;
        return quote!(#path);
    }
    let name = hidden(of, version);
    quote!(#name)
}

fn hidden(of: &Versioned<'_>, version: u32) -> Ident {
    format_ident!("__{}V{version}", of.ident.unraw())
}

/// The struct of an older version, which serde reads.
fn old_shape(of: &Versioned<'_>, version: u32) -> TokenStream {
    let (name, vis) = (hidden(of, version), &of.original.vis);
    let container = of
        .serde_at(version)
        .iter()
        .filter(|item| !item.is("rename"));
    if of.style == Style::Enum {
        let variants = variants::old_variants(of, version);
        return quote! {
            #[derive(_es::__private::Deserialize)]
            #[serde(crate = "_es::__private::serde" #(, #container)*)]
            #vis enum #name #variants
        };
    }
    if of.style != Style::Newtype && of.at(version).next().is_none() {
        let strict = of
            .serde_at(version)
            .iter()
            .any(|item| item.is("deny_unknown_fields"));
        return quote!(#vis type #name = _es::__private::Empty<#strict>;);
    }
    let fields = of.at(version).map(|(track, look)| {
        let attrs = field_serde(&look.serde);
        let ty = &look.ty;
        if of.style == Style::Newtype {
            return quote!(#attrs #ty);
        }
        let vis = track.field.map_or(vis, |field| &field.vis);
        let ident = located(&look.name);
        quote!(#attrs #vis #ident: #ty)
    });
    let body = match of.style {
        Style::Newtype => quote!((#(#fields),*);),
        Style::Named | Style::Unit | Style::Enum => quote!({ #(#fields),* }),
    };
    // What is gone is as visible as the event, and its type need not be.
    let gone = of.at(version).any(|(track, _)| track.field.is_none());
    let allow = gone.then(|| quote!(#[allow(private_interfaces)]));
    quote! {
        #allow
        #[derive(_es::__private::Deserialize)]
        #[serde(crate = "_es::__private::serde" #(, #container)*)]
        #vis struct #name #body
    }
}

pub(super) fn field_serde(serde: &[SerdeItem]) -> Option<TokenStream> {
    let mut items = serde
        .iter()
        .filter(|item| !NOT_COPIED.iter().any(|word| item.is(word)))
        .peekable();
    items.peek()?;
    Some(quote!(#[serde(#(#items),*)]))
}

/// A name of the user's for a thing of ours: lints know it for generated.
pub(super) fn located(ident: &Ident) -> Ident {
    let mut ident = ident.clone();
    ident.set_span(ours(ident.span()));
    ident
}

fn chain(of: &Versioned<'_>, version: u32) -> TokenStream {
    let (name, old) = (chain_from(version), shape_at(of, version));
    if let Some(step) = step_beside(of, version) {
        let body = if version + 1 == of.latest() {
            step
        } else {
            let rest = chain_from(version + 1);
            quote!(#rest(#step?))
        };
        return quote!(fn #name(__old: #old) -> __Upcast { #body });
    }
    let (computed, next) = next(of, version);
    let rest = if version + 1 == of.latest() {
        quote!(_es::__private::Ok)
    } else {
        chain_from(version + 1).into_token_stream()
    };
    quote! {
        fn #name(__old: #old) -> __Upcast {
            #computed
            #rest(#next)
        }
    }
}

/// The step from or to a shape that was written by hand, as an expression of a `Result`.
fn step_beside(of: &Versioned<'_>, version: u32) -> Option<TokenStream> {
    let to = version + 1;
    let explicit = of.explicit_at(version).or_else(|| of.explicit_at(to))?;
    let (old, new) = (shape_at(of, version), shape_at(of, to));
    let (name, number) = (name::of(of.ident), Literal::u32_unsuffixed(to));
    let at = ours(print::span(&explicit.path));
    let step = quote_spanned!(at=> <#old as _es::__private::Step<#new>>::step);
    Some(quote!(#step(__old, #name, #number)))
}

/// Makes the value of the next version of `__old`: what comes before, and the value.
fn next(of: &Versioned<'_>, version: u32) -> (TokenStream, TokenStream) {
    let nothing = TokenStream::new;
    let to = version + 1;
    let (old, new) = (shape_at(of, version), shape_at(of, to));
    let whole = Place::new(of.ident, to, None);
    if let Some(step) = of.step_to(to) {
        let made = match &step.how {
            How::TryWith(value) => whole.try_with(&old, &new, value, &quote!(__old)),
            How::With(value) | How::Default(value) => with(&old, &new, value, &quote!(__old)),
            How::Auto => quote!(__old),
        };
        return (nothing(), made);
    }
    if of.style == Style::Enum {
        return (nothing(), variants::next(of, version));
    }
    // What is computed from the whole value comes before its fields are moved.
    let mut computed = TokenStream::new();
    let mut fields = Vec::new();
    for (track, look) in of.at(to) {
        let place = Place::new(of.ident, to, Some(&track.name));
        let value = if let Some(older) = track.look_at(version) {
            moved(&place, older, look, &old_field(of, older))
        } else {
            let local = format_ident!("__new_{}", look.name.unraw());
            let value = filled(&place, &old, track, look);
            computed.extend(quote!(let #local = #value;));
            quote!(#local)
        };
        fields.push(field(of, &look.name, &value));
    }
    if to == of.latest() {
        for skipped in &of.skipped {
            fields.push(field(of, &skipped.ident, &skipped.value()));
        }
    }
    let made = match of.style {
        Style::Newtype => quote!(#new(#(#fields),*)),
        // A version without fields is no struct of ours.
        Style::Named | Style::Unit if fields.is_empty() && to < of.latest() => {
            quote!(_es::__private::Empty)
        }
        Style::Unit if to == of.latest() => quote!(#new),
        _ => quote!(#new { #(#fields),* }),
    };
    (computed, made)
}

fn field(of: &Versioned<'_>, ident: &Ident, value: &TokenStream) -> TokenStream {
    match of.style {
        Style::Newtype => value.clone(),
        Style::Named | Style::Unit | Style::Enum => {
            let ident = located(ident);
            quote!(#ident: #value)
        }
    }
}

fn old_field(of: &Versioned<'_>, look: &Look) -> TokenStream {
    match of.style {
        Style::Newtype => quote!(__old.0),
        Style::Named | Style::Unit | Style::Enum => {
            let ident = located(&look.name);
            quote!(__old.#ident)
        }
    }
}

/// The value of a field that was there before.
pub(super) fn moved(
    place: &Place<'_>,
    older: &Look,
    newer: &Look,
    value: &TokenStream,
) -> TokenStream {
    if older.from == newer.from {
        return value.clone();
    }
    let (from, to) = (&older.ty, &newer.ty);
    match &newer.how {
        How::With(how) | How::Default(how) => with(&quote!(#from), &quote!(#to), how, value),
        How::TryWith(how) => place.try_with(&quote!(#from), &quote!(#to), how, value),
        How::Auto => place.auto(from, to, value),
    }
}

/// The value of a field that was not there before.
fn filled(place: &Place<'_>, old: &TokenStream, track: &Track<'_>, look: &Look) -> TokenStream {
    let ty = &look.ty;
    let (from, to, value) = (quote!(&#old), quote!(#ty), quote!(&__old));
    match &track.fill {
        How::Auto => fill(ty),
        How::Default(default) => quote!({ let __default: #ty = #default; __default }),
        How::With(how) => with(&from, &to, how, &value),
        How::TryWith(how) => place.try_with(&from, &to, how, &value),
    }
}

impl Skipped<'_> {
    /// What serde puts there.
    pub(super) fn value(&self) -> TokenStream {
        match &self.default {
            Some(path) => quote!(#path()),
            None => fill(&self.field.ty),
        }
    }
}

pub(super) fn fill(ty: &syn::Type) -> TokenStream {
    let at = ours(print::span(ty));
    quote_spanned!(at=> <#ty as _es::__private::Fill>::fill())
}
