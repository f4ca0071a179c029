//! The older shapes of an enum, and the step from each to the next.

use std::collections::BTreeSet;

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};

use super::{
    convert,
    history::{field_serde, fill, located, moved, old, path_at},
    local,
    params::Params,
};
use crate::{
    ast::{Look, Skipped, Style, Track, Variant, Versioned},
    attr::{How, SerdeItem, serde_items},
    name,
};

/// The variants of an older shape, as an enum has them.
pub(super) fn old_variants(of: &Versioned<'_>, version: u32, params: &Params<'_>) -> TokenStream {
    let variants = of.variants.iter().filter_map(|variant| {
        let look = variant.look_at(version)?;
        let attrs = field_serde(&look.serde);
        let name = located(&look.name);
        let fields = old_fields(of, variant, version, &field_serde);
        Some(quote!(#attrs #name #fields))
    });
    let unused = params.variant();
    quote!({ #(#variants,)* #unused })
}

/// The same of an enum that has a mistake in it: nothing of serde, and each name once.
pub(super) fn bare_variants(of: &Versioned<'_>, version: u32) -> TokenStream {
    let mut seen = BTreeSet::new();
    let variants = of.variants.iter().filter_map(|variant| {
        let name = located(&variant.look_at(version)?.name);
        let fields = old_fields(of, variant, version, &|_| None);
        seen.insert(name::of(&name)).then(|| quote!(#name #fields))
    });
    quote!({ #(#variants),* })
}

fn old_fields(
    of: &Versioned<'_>,
    variant: &Variant<'_>,
    version: u32,
    attrs: &dyn Fn(&[SerdeItem]) -> Option<TokenStream>,
) -> TokenStream {
    let fields: Vec<_> = places(of, variant, version)
        .into_iter()
        .map(|(ident, place)| match place {
            Place::Stored(_, _, look) => {
                let (attrs, ty) = (attrs(&look.serde), &look.ty);
                (ident, quote!(#attrs), quote!(#ty))
            }
            Place::Skipped(skipped) => {
                let ty = &skipped.field.ty;
                let attrs = attrs(&serde_items(&skipped.field.attrs));
                (ident, quote!(#attrs), quote!(#ty))
            }
        })
        .collect();
    match variant.style {
        Style::Named => {
            let fields = fields
                .iter()
                .map(|(ident, attrs, ty)| quote!(#attrs #ident: #ty));
            quote!({ #(#fields),* })
        }
        Style::Unnamed => {
            let fields = fields.iter().map(|(_, attrs, ty)| quote!(#attrs #ty));
            quote!((#(#fields),*))
        }
        _ => TokenStream::new(),
    }
}

/// What stands at one place of a variant.
enum Place<'a, 'b> {
    /// A field that is stored, with its number among those of the variant.
    Stored(usize, &'b Track<'a>, &'b Look),
    /// One that is not. It counts where places have no names.
    Skipped(&'b Skipped<'a>),
}

/// The places of a variant at a version, in their order.
fn places<'a, 'b>(
    of: &'b Versioned<'a>,
    variant: &'b Variant<'a>,
    version: u32,
) -> Vec<(Ident, Place<'a, 'b>)> {
    let tracks = of.tracks[variant.fields.clone()].iter().enumerate();
    let stored = tracks.filter_map(|(index, track)| {
        let look = track.look_at(version)?;
        Some((located(&look.name), Place::Stored(index, track, look)))
    });
    let mut places: Vec<_> = stored.collect();
    if variant.style == Style::Unnamed || version == of.latest() {
        for skipped in &variant.skipped {
            let place = skipped.index.min(places.len());
            let ident = located(&skipped.ident);
            places.insert(place, (ident, Place::Skipped(skipped)));
        }
    }
    places
}

/// Leads the value of a version on to the next one, from where `rest` leads on to today.
pub(super) fn next(of: &Versioned<'_>, version: u32, rest: &TokenStream) -> TokenStream {
    let (from, new) = (path_at(of, version), path_at(of, version + 1));
    let arms = of.variants.iter().filter_map(|variant| {
        let name = located(&variant.look_at(version)?.name);
        let here = places(of, variant, version);
        let pattern = body(variant.style, &here, |place| match place {
            Place::Stored(index, ..) => held(*index).into_token_stream(),
            Place::Skipped(skipped) => kept(skipped).into_token_stream(),
        });
        let value = if let Some(after) = variant.look_at(version + 1) {
            let name = located(&after.name);
            let after = places(of, variant, version + 1);
            let made = body(variant.style, &after, |place| match place {
                // serde put it there.
                Place::Skipped(skipped) if variant.style == Style::Unnamed => {
                    kept(skipped).into_token_stream()
                }
                place => value(of, version, place),
            });
            quote!(#rest(#new::#name #made))
        } else {
            let value = gone(of, variant, version, &here);
            quote!(_es::__private::Ok(#value))
        };
        Some(quote!(#from::#name #pattern => #value))
    });
    let unused = Params::of(of, version).variant();
    let unused = unused.map(|_| quote!(#from::__Params(_, __never) => match __never {}));
    let old = old();
    quote!(match #old { #(#arms,)* #unused })
}

/// The variable that holds a field of the old value.
fn held(index: usize) -> Ident {
    local(&format!("__field_{index}"))
}

/// The variable that holds what is never stored.
fn kept(skipped: &Skipped<'_>) -> Ident {
    local(&format!("__skipped_{}", skipped.index))
}

/// `{ a: .., b: .. }` or `(.., ..)`.
fn body<T>(style: Style, places: &[(Ident, T)], show: impl Fn(&T) -> TokenStream) -> TokenStream {
    let (names, values): (Vec<_>, Vec<_>) = places
        .iter()
        .map(|(name, place)| (name, show(place)))
        .unzip();
    match style {
        Style::Named => quote!({ #(#names: #values),* }),
        Style::Unnamed => quote!((#(#values),*)),
        _ => TokenStream::new(),
    }
}

/// What stands at a place of the next version.
fn value(of: &Versioned<'_>, version: u32, place: &Place<'_, '_>) -> TokenStream {
    let (index, track, look) = match place {
        Place::Stored(index, track, look) => (*index, track, look),
        Place::Skipped(skipped) => return skipped.value(of),
    };
    let (at, ty) = (
        convert::Place::new(of.ident, version + 1, Some(&track.name)),
        &look.ty,
    );
    match (track.look_at(version), &track.fill) {
        (Some(older), _) => {
            let held = held(index);
            moved(&at, older, look, &quote!(#held))
        }
        (None, how @ How::Default(_)) => {
            at.by_hand(&TokenStream::new(), &quote!(#ty), how, &TokenStream::new())
        }
        (None, _) => fill(of, ty),
    }
}

/// What becomes of a variant that the next version has not got: a value of today, straight away.
fn gone(
    of: &Versioned<'_>,
    variant: &Variant<'_>,
    version: u32,
    places: &[(Ident, Place<'_, '_>)],
) -> TokenStream {
    let (_, arguments, _) = of.original.generics.split_for_impl();
    let ident = of.ident;
    let stored = places.iter().filter_map(|(_, place)| match place {
        Place::Stored(index, _, look) => Some((&look.ty, held(*index))),
        Place::Skipped(_) => None,
    });
    let (types, values): (Vec<_>, Vec<_>) = stored.unzip();
    let at = convert::Place::new(of.ident, version + 1, Some(&variant.name));
    at.by_hand(
        &quote!(#(#types),*),
        &quote!(#ident #arguments),
        &variant.how,
        &quote!(#(#values),*),
    )
}
