//! The older shapes of a struct, and the functions that lead from each to today.

use std::collections::BTreeSet;

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;

use super::{
    convert::{Place, with},
    ours,
    params::{self, Params},
    variants,
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
    let (impl_generics, arguments, bounds) = of.original.generics.split_for_impl();
    let older = of.older().map(|version| {
        let shape = (of.explicit_at(version).is_none()).then(|| old_shape(of, version));
        let (name, number) = (shape_at(of, version), Literal::u32_unsuffixed(version));
        let body = chain(of, version);
        quote! {
            #shape
            #[automatically_derived]
            impl #impl_generics _es::AtVersion<#number> for #ident #arguments #bounds {
                type Shape = #name;
            }
            #[automatically_derived]
            impl #impl_generics _es::__private::Upcast<#number> for #ident #arguments #bounds {
                fn upcast(__old: #name) -> _es::__private::Upcasted<Self> { #body }
            }
        }
    });
    let latest = Literal::u32_unsuffixed(of.latest());
    quote! {
        #(#older)*
        #[automatically_derived]
        impl #impl_generics _es::AtVersion<#latest> for #ident #arguments #bounds { type Shape = Self; }
    }
}

/// The shapes of a struct that has a mistake in it, so that code that names them has no error of its own. Only as many
/// as anybody writes: the number may be the mistake.
pub(crate) fn bare_shapes(of: &Versioned<'_>) -> TokenStream {
    const MOST: u32 = 32;
    let (ident, vis) = (of.ident, &of.original.vis);
    let latest = of.latest().clamp(1, MOST);
    let shapes = (of.oldest().min(latest)..latest).map(|version| {
        let (name, number) = (shape_at(of, version), Literal::u32_unsuffixed(version));
        let mut seen = BTreeSet::new();
        let fields = of
            .at(version)
            .filter(|(_, look)| seen.insert(name::of(&look.name)));
        let fields = fields.map(|(_, look)| {
            let (ident, ty) = (located(&look.name), &look.ty);
            quote!(#vis #ident: #ty)
        });
        let shape = of.explicit_at(version).is_none().then(|| {
            quote! {
                #[allow(private_interfaces)]
                #vis struct #name { #(#fields),* }
            }
        });
        quote! {
            #shape
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

/// The type of a version.
pub(super) fn shape_at(of: &Versioned<'_>, version: u32) -> TokenStream {
    let path = path_at(of, version);
    if of.explicit_at(version).is_some() || is_empty(of, version) {
        return path;
    }
    let (_, arguments, _) = of.original.generics.split_for_impl();
    quote!(#path #arguments)
}

/// The type of a version as it stands before the fields in an expression.
pub(super) fn path_at(of: &Versioned<'_>, version: u32) -> TokenStream {
    if version == of.latest() {
        return of.ident.to_token_stream();
    }
    match of.explicit_at(version) {
        Some(explicit) => explicit.path.to_token_stream(),
        None => hidden(of, version).into_token_stream(),
    }
}

/// Whether an older version of a struct is without fields, and so without a struct of its own.
fn is_empty(of: &Versioned<'_>, version: u32) -> bool {
    let of_fields = matches!(of.style, Style::Named | Style::Unit);
    of_fields && version < of.latest() && of.at(version).next().is_none()
}

fn hidden(of: &Versioned<'_>, version: u32) -> Ident {
    format_ident!("__{}V{version}", of.ident.unraw())
}

/// The struct of an older version, which serde reads.
fn old_shape(of: &Versioned<'_>, version: u32) -> TokenStream {
    let (name, vis) = (hidden(of, version), &of.original.vis);
    let params = Params::of(of, version);
    let (bound, generics, bounds) = (
        &params.serde,
        &of.original.generics,
        &of.original.generics.where_clause,
    );
    let container = of
        .serde_at(version)
        .iter()
        .filter(|item| !item.is("rename"));
    if of.style == Style::Enum {
        let variants = variants::old_variants(of, version, &params);
        return quote! {
            #[derive(_es::__private::Deserialize)]
            #[serde(crate = "_es::__private::serde" #bound #(, #container)*)]
            #vis enum #name #generics #bounds #variants
        };
    }
    if is_empty(of, version) {
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
    let unused = params.field(of.style);
    // What is skipped is not counted, and the one value is read as it is.
    let transparent =
        (of.style == Style::Newtype && unused.is_some()).then(|| quote!(, transparent));
    let body = match of.style {
        Style::Newtype => quote!((#(#fields,)* #unused) #bounds;),
        Style::Named | Style::Unit | Style::Enum => quote!(#bounds { #(#fields,)* #unused }),
    };
    // What is no more is as visible as the event, and its type need not be.
    let gone = of.at(version).any(|(_, look)| !look.today);
    let allow = gone.then(|| quote!(#[allow(private_interfaces)]));
    quote! {
        #allow
        #[derive(_es::__private::Deserialize)]
        #[serde(crate = "_es::__private::serde" #bound #transparent #(, #container)*)]
        #vis struct #name #generics #body
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

/// The body of the function that leads from a version to today.
fn chain(of: &Versioned<'_>, version: u32) -> TokenStream {
    let rest = (version + 1 < of.latest()).then(|| {
        let number = Literal::u32_unsuffixed(version + 1);
        quote!(_es::__private::Upcast::<#number>::upcast)
    });
    if let Some(step) = step_beside(of, version) {
        return match rest {
            Some(rest) => quote!(#rest(#step?)),
            None => step,
        };
    }
    let (computed, next) = next(of, version);
    let rest = rest.unwrap_or_else(|| quote!(_es::__private::Ok));
    quote!(#computed #rest(#next))
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
    let (old, new, made_of) = (shape_at(of, version), shape_at(of, to), path_at(of, to));
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
            let value = filled(of, &place, &old, track, look);
            computed.extend(quote!(let #local = #value;));
            quote!(#local)
        };
        fields.push(field(of, &look.name, &value));
    }
    if to == of.latest() {
        for skipped in &of.skipped {
            fields.push(field(of, &skipped.ident, &skipped.value(of)));
        }
    }
    if to < of.latest() {
        fields.extend(Params::of(of, to).value(of.style));
    }
    let made = match of.style {
        Style::Newtype => quote!(#made_of(#(#fields),*)),
        _ if is_empty(of, to) => quote!(_es::__private::Empty),
        Style::Unit if to == of.latest() => quote!(#made_of),
        _ => quote!(#made_of { #(#fields),* }),
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
fn filled(
    of: &Versioned<'_>,
    place: &Place<'_>,
    old: &TokenStream,
    track: &Track<'_>,
    look: &Look,
) -> TokenStream {
    let ty = &look.ty;
    let (from, to, value) = (quote!(&#old), quote!(#ty), quote!(&__old));
    match &track.fill {
        How::Auto => fill(of, ty),
        How::Default(default) => quote!({ let __default: #ty = #default; __default }),
        How::With(how) => with(&from, &to, how, &value),
        How::TryWith(how) => place.try_with(&from, &to, how, &value),
    }
}

impl Skipped<'_> {
    /// What serde puts there.
    pub(super) fn value(&self, of: &Versioned<'_>) -> TokenStream {
        match &self.default {
            Some(path) => quote!(#path()),
            None => fill(of, &self.field.ty),
        }
    }
}

pub(super) fn fill(of: &Versioned<'_>, ty: &syn::Type) -> TokenStream {
    let at = ours(print::span(ty));
    if params::depends(&of.original.generics, ty) {
        // The compiler then says which bound the parameter needs.
        return quote_spanned!(at=> <#ty as _es::__private::Default>::default());
    }
    quote_spanned!(at=> <#ty as _es::__private::Fill>::fill())
}
