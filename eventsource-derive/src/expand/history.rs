//! The older shapes of a struct, and the functions that lead from each to today.

use std::collections::BTreeSet;

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{Visibility, ext::IdentExt};

use super::{convert::Place, local, ours, variants};
use crate::{
    ast::{Look, Skipped, Style, Track, Versioned},
    attr::{How, SerdeItem},
    name, print,
};

/// Everything that the older versions need, but how they are read.
pub(super) fn history(of: &Versioned<'_>) -> TokenStream {
    let ident = of.ident;
    let older = (1..of.latest()).map(|version| {
        let shape = of.explicit_at(version).is_none().then(|| {
            let (name, number) = (shape_at(of, version), Literal::u32_unsuffixed(version));
            let shape = old_shape(of, version);
            quote! {
                #shape
                #[automatically_derived]
                impl _es::AtVersion<#number> for #ident { type Shape = #name; }
            }
        });
        let chain = chain(of, version);
        quote!(#shape #chain)
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

/// The shapes of a struct that has a mistake in it, so that code that names them has no error of its own. Only as many
/// as anybody writes: the number may be the mistake.
pub(crate) fn bare_shapes(of: &Versioned<'_>) -> TokenStream {
    const MOST: u32 = 32;
    let (ident, vis) = (of.ident, &of.original.vis);
    let latest = of.latest().clamp(1, MOST);
    let generated = (1..latest).filter(|version| of.explicit_at(*version).is_none());
    let shapes = generated.map(|version| {
        let (name, number) = (shape_at(of, version), Literal::u32_unsuffixed(version));
        let mut seen = BTreeSet::new();
        let fields = of
            .at(version)
            .filter(|(_, look)| seen.insert(name::of(&look.name)));
        let fields = fields.map(
            |(_, look)| match (of.style, located(&look.name), &look.ty) {
                (Style::Unnamed, _, ty) => quote!(#vis #ty),
                (_, ident, ty) => quote!(#vis #ident: #ty),
            },
        );
        let shape = match of.style {
            Style::Enum => {
                let variants = variants::bare_variants(of, version);
                quote!(enum #name #variants)
            }
            Style::Unnamed => quote!(struct #name(#(#fields),*);),
            Style::Named | Style::Unit => quote!(struct #name { #(#fields),* }),
        };
        quote! {
            #[allow(private_interfaces, dead_code)]
            #vis #shape
            #[automatically_derived]
            impl _es::AtVersion<#number> for #ident { type Shape = #name; }
        }
    });
    let number = Literal::u32_unsuffixed(latest);
    quote! {
        #(#shapes)*
        #[automatically_derived]
        impl _es::AtVersion<#number> for #ident { type Shape = Self; }
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
    let attrs = old_attributes(of, version);
    if of.style == Style::Enum {
        let variants = variants::old_variants(of, version);
        return quote!(#attrs #vis enum #name #variants);
    }
    if of.style != Style::Unnamed && of.at(version).next().is_none() {
        let strict = of
            .serde_at(version)
            .iter()
            .any(|item| item.is("deny_unknown_fields"));
        return quote!(#vis type #name = _es::__private::Empty<#strict>;);
    }
    let fields = of.at(version).map(|(track, look)| {
        let attrs = field_serde(&look.serde);
        let ty = &look.ty;
        let vis = track.field.map_or(vis, |field| &field.vis);
        if of.style == Style::Unnamed {
            return quote!(#attrs #vis #ty);
        }
        let ident = located(&look.name);
        quote!(#attrs #vis #ident: #ty)
    });
    let body = match of.style {
        Style::Unnamed => quote!((#(#fields),*);),
        Style::Named | Style::Unit | Style::Enum => quote!({ #(#fields),* }),
    };
    quote!(#attrs #vis struct #name #body)
}

/// What stands above an older shape.
fn old_attributes(of: &Versioned<'_>, version: u32) -> TokenStream {
    let container = of.serde_at(version).iter();
    let container = container.filter(|item| !item.is("rename") && !item.is("expecting"));
    // serde's messages call it as the user does.
    let said = of.serde.iter().find(|item| item.is("expecting"));
    let expecting = said.map_or_else(
        || {
            let kind = match of.style {
                Style::Enum => "enum",
                Style::Unnamed => "tuple struct",
                Style::Named | Style::Unit => "struct",
            };
            let text = format!("{kind} {}", name::of(of.ident));
            quote!(expecting = #text)
        },
        ToTokens::to_token_stream,
    );
    // It is as visible as the type of today, and what was in it need not be.
    let public = !matches!(of.original.vis, Visibility::Inherited);
    let allow = public.then(|| quote!(#[allow(private_interfaces)]));
    quote! {
        #allow
        #[derive(_es::__private::Deserialize)]
        #[serde(crate = "_es::__private::serde", #expecting #(, #container)*)]
    }
}

pub(super) fn field_serde(serde: &[SerdeItem]) -> Option<TokenStream> {
    let mut items = serde
        .iter()
        .filter(|item| !item.is_about_writing())
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
    let (name, old, whole) = (chain_from(version), shape_at(of, version), old());
    let last = version + 1 == of.latest();
    let rest = if last {
        quote!(_es::__private::Ok)
    } else {
        chain_from(version + 1).into_token_stream()
    };
    let body = if let Some(step) = step_beside(of, version) {
        if last { step } else { quote!(#rest(#step?)) }
    } else if let Some(step) = step_by_hand(of, version) {
        quote!(#rest(#step))
    } else if of.style == Style::Enum {
        variants::next(of, version, &rest)
    } else {
        let (computed, next) = next(of, version);
        quote!(#computed #rest(#next))
    };
    quote!(fn #name(#whole: #old) -> __Upcast { #body })
}

/// The variable that holds the whole older value.
pub(super) fn old() -> Ident {
    local("__old")
}

/// The step from or to a shape that was written by hand, as an expression of a `Result`.
fn step_beside(of: &Versioned<'_>, version: u32) -> Option<TokenStream> {
    let to = version + 1;
    let explicit = of.explicit_at(version).or_else(|| of.explicit_at(to))?;
    let (from, new) = (shape_at(of, version), shape_at(of, to));
    let (name, number) = (name::of(of.ident), Literal::u32_unsuffixed(to));
    let at = ours(print::span(&explicit.path));
    let step = quote_spanned!(at=> <#from as _es::__private::Step<#new>>::step);
    let old = old();
    Some(quote!(#step(#old, #name, #number)))
}

/// The step that was written by hand for the whole value, as an expression of the new one.
fn step_by_hand(of: &Versioned<'_>, version: u32) -> Option<TokenStream> {
    let to = version + 1;
    let step = of.step_to(to)?;
    let (from, new, old) = (shape_at(of, version), shape_at(of, to), old());
    let place = Place::new(of.ident, to, None);
    Some(place.by_hand(&from, &new, &step.how, &quote!(#old)))
}

/// Makes the value of the next version: what comes before, and the value.
fn next(of: &Versioned<'_>, version: u32) -> (TokenStream, TokenStream) {
    let to = version + 1;
    let (old, new) = (shape_at(of, version), shape_at(of, to));
    // What is computed from the whole value comes before its fields are moved.
    let mut computed = TokenStream::new();
    let mut fields = Vec::new();
    for (track, look) in of.at(to) {
        let place = Place::new(of.ident, to, Some(&track.name));
        let value = if let Some(older) = track.look_at(version) {
            moved(&place, older, look, &old_field(of, older))
        } else {
            let local = local(&format!("__new_{}", look.name.unraw()));
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
        Style::Unnamed => quote!(#new(#(#fields),*)),
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
        Style::Unnamed => value.clone(),
        Style::Named | Style::Unit | Style::Enum => {
            let ident = located(ident);
            quote!(#ident: #value)
        }
    }
}

fn old_field(of: &Versioned<'_>, look: &Look) -> TokenStream {
    let old = old();
    match of.style {
        Style::Unnamed => quote!(#old.0),
        Style::Named | Style::Unit | Style::Enum => {
            let ident = located(&look.name);
            quote!(#old.#ident)
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
        How::Auto => place.auto(from, to, value),
        how => place.by_hand(&quote!(#from), &quote!(#to), how, value),
    }
}

/// The value of a field that was not there before.
fn filled(place: &Place<'_>, old: &TokenStream, track: &Track<'_>, look: &Look) -> TokenStream {
    let ty = &look.ty;
    let whole = self::old();
    match &track.fill {
        How::Auto => fill(ty),
        how => place.by_hand(&quote!(&#old), &quote!(#ty), how, &quote!(&#whole)),
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
