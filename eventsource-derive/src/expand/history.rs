//! The older shapes of a struct, and the functions that lead from each to today.

use std::collections::BTreeSet;

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{Visibility, ext::IdentExt};

use super::{
    convert::Place,
    local, ours,
    params::{self, Params},
    variants,
};
use crate::{
    ast::{Look, Skipped, Style, Track, Versioned},
    attr::{How, SerdeItem},
    name, print,
};

/// Everything that the older versions need, but how they are read.
pub(super) fn history(of: &Versioned<'_>) -> TokenStream {
    let ident = of.ident;
    let (impl_generics, arguments, bounds) = of.original.generics.split_for_impl();
    let older = of.older().map(|version| {
        let (name, number) = (shape_at(of, version), Literal::u32_unsuffixed(version));
        let (whole, body) = (old(), chain(of, version));
        if of.explicit_at(version).is_some() {
            // What was written by hand may be more private than a trait's type can be.
            let from = chain_from(version);
            let (_, ty, _) = of.original.generics.split_for_impl();
            return quote! {
                fn #from #impl_generics (#whole: #name) -> _es::__private::Upcasted<#ident #ty> #bounds { #body }
            };
        }
        let shape = old_shape(of, version);
        quote! {
            #shape
            #[automatically_derived]
            impl #impl_generics _es::AtVersion<#number> for #ident #arguments #bounds {
                type Shape = #name;
            }
            #[automatically_derived]
            impl #impl_generics _es::__private::Upcast<#number> for #ident #arguments #bounds {
                fn upcast(#whole: #name) -> _es::__private::Upcasted<Self> { #body }
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
    let all = of.oldest().min(latest)..latest;
    let generated = all.filter(|version| of.explicit_at(*version).is_none());
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
    let attrs = old_attributes(of, version, &params);
    let (generics, bounds) = (&of.original.generics, &of.original.generics.where_clause);
    if of.style == Style::Enum {
        let variants = variants::old_variants(of, version, &params);
        return quote!(#attrs #vis enum #name #generics #bounds #variants);
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
        let vis = track.field.map_or(vis, |field| &field.vis);
        if of.style == Style::Unnamed {
            return quote!(#attrs #vis #ty);
        }
        let ident = located(&look.name);
        quote!(#attrs #vis #ident: #ty)
    });
    let unused = params.field(of.style);
    let body = match of.style {
        Style::Unnamed => quote!((#(#fields,)* #unused) #bounds;),
        Style::Named | Style::Unit | Style::Enum => quote!(#bounds { #(#fields,)* #unused }),
    };
    quote!(#attrs #vis struct #name #generics #body)
}

/// What stands above an older shape.
fn old_attributes(of: &Versioned<'_>, version: u32, params: &Params<'_>) -> TokenStream {
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
    let bound = &params.serde;
    // What is skipped is not counted, and the one value is read as it is.
    let unused = params.field(of.style).is_some();
    let transparent = (of.style == Style::Unnamed && unused).then(|| quote!(, transparent));
    quote! {
        #allow
        #[derive(_es::__private::Deserialize)]
        #[serde(crate = "_es::__private::serde", #expecting #bound #transparent #(, #container)*)]
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

/// The body of the function that leads from a version to today.
fn chain(of: &Versioned<'_>, version: u32) -> TokenStream {
    let last = version + 1 == of.latest();
    let rest = if last {
        quote!(_es::__private::Ok)
    } else {
        upcast_from(of, version + 1)
    };
    if let Some(step) = step_beside(of, version) {
        if last { step } else { quote!(#rest(#step?)) }
    } else if let Some(step) = step_by_hand(of, version) {
        quote!(#rest(#step))
    } else if of.style == Style::Enum {
        variants::next(of, version, &rest)
    } else {
        let (computed, next) = next(of, version);
        quote!(#computed #rest(#next))
    }
}

/// The function that leads from a version to today.
pub(super) fn upcast_from(of: &Versioned<'_>, version: u32) -> TokenStream {
    if of.explicit_at(version).is_some() {
        return chain_from(version).into_token_stream();
    }
    let number = Literal::u32_unsuffixed(version);
    quote!(_es::__private::Upcast::<#number>::upcast)
}

/// The function that leads on from a shape that was written by hand.
pub(super) fn chain_from(version: u32) -> Ident {
    format_ident!("__from_{version}")
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
    let (old, made_of) = (shape_at(of, version), path_at(of, to));
    // What is computed from the whole value comes before its fields are moved.
    let mut computed = TokenStream::new();
    let mut fields = Vec::new();
    for (track, look) in of.at(to) {
        let place = Place::new(of.ident, to, Some(&track.name));
        let value = if let Some(older) = track.look_at(version) {
            moved(&place, older, look, &old_field(of, older))
        } else {
            let local = local(&format!("__new_{}", look.name.unraw()));
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
        Style::Unnamed => quote!(#made_of(#(#fields),*)),
        _ if is_empty(of, to) => quote!(_es::__private::Empty),
        Style::Unit if to == of.latest() => quote!(#made_of),
        _ => quote!(#made_of { #(#fields),* }),
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
fn filled(
    of: &Versioned<'_>,
    place: &Place<'_>,
    old: &TokenStream,
    track: &Track<'_>,
    look: &Look,
) -> TokenStream {
    let ty = &look.ty;
    let whole = self::old();
    match &track.fill {
        How::Auto => fill(of, ty),
        how => place.by_hand(&quote!(&#old), &quote!(#ty), how, &quote!(&#whole)),
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
