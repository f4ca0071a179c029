//! The older shapes of an enum, and the step from each to the next.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::{
    convert::{Place, with},
    history::{field_serde, fill, located, moved, path_at},
    params::Params,
};
use crate::{
    ast::{Look, Style, Track, Variant, Versioned},
    attr::How,
};

/// The variants of an older shape, as an enum has them.
pub(super) fn old_variants(of: &Versioned<'_>, version: u32, params: &Params<'_>) -> TokenStream {
    let variants = of.variants.iter().filter_map(|variant| {
        let look = variant.look_at(version)?;
        let (attrs, name) = (field_serde(&look.serde), located(&look.name));
        let fields = fields(of, variant, version).map(|(_, field)| {
            let (attrs, ident, ty) = (field_serde(&field.serde), located(&field.name), &field.ty);
            let name = (variant.style == Style::Named).then(|| quote!(#ident:));
            quote!(#attrs #name #ty)
        });
        let body = match variant.style {
            Style::Named => quote!({ #(#fields),* }),
            Style::Newtype => quote!((#(#fields),*)),
            _ => TokenStream::new(),
        };
        Some(quote!(#attrs #name #body))
    });
    let unused = params.variant();
    quote!({ #(#variants,)* #unused })
}

/// Makes the value of the next version of `__old`.
pub(super) fn next(of: &Versioned<'_>, version: u32) -> TokenStream {
    let (old, new) = (path_at(of, version), path_at(of, version + 1));
    let arms = of.variants.iter().filter_map(|variant| {
        let (before, locals) = (variant.look_at(version)?, locals(of, variant, version));
        let name = located(&before.name);
        let pattern = body(variant.style, &locals, |local| quote!(#local));
        let value = if let Some(after) = variant.look_at(version + 1) {
            let name = located(&after.name);
            let values = values(of, variant, version);
            let made = body(variant.style, &values, Clone::clone);
            quote!(#new::#name #made)
        } else {
            let value = gone(of, variant, version, &locals);
            quote!(return _es::__private::Ok(#value))
        };
        Some(quote!(#old::#name #pattern => #value))
    });
    let unused = Params::of(of, version).variant();
    let unused = unused.map(|_| quote!(#old::__Params(_, __never) => match __never {}));
    quote!(match __old { #(#arms,)* #unused })
}

fn fields<'a, 'b>(
    of: &'b Versioned<'a>,
    variant: &Variant<'a>,
    version: u32,
) -> impl Iterator<Item = (&'b Track<'a>, &'b Look)> {
    of.tracks[variant.fields.clone()]
        .iter()
        .filter_map(move |track| Some((track, track.look_at(version)?)))
}

/// Each field at a version, and the variable that holds it.
fn locals(of: &Versioned<'_>, variant: &Variant<'_>, version: u32) -> Vec<(Ident, Ident)> {
    let fields = of.tracks[variant.fields.clone()].iter().enumerate();
    let here = fields.filter_map(|(index, track)| {
        let look = track.look_at(version)?;
        Some((look.name.clone(), format_ident!("__field_{index}")))
    });
    here.collect()
}

/// `{ a: .., b: .. }` or `(.., ..)`.
fn body<T>(style: Style, fields: &[(Ident, T)], show: impl Fn(&T) -> TokenStream) -> TokenStream {
    let (names, values): (Vec<_>, Vec<_>) = fields
        .iter()
        .map(|(name, value)| (located(name), show(value)))
        .unzip();
    match style {
        Style::Named => quote!({ #(#names: #values),* }),
        Style::Newtype => quote!((#(#values),*)),
        _ => TokenStream::new(),
    }
}

fn values(of: &Versioned<'_>, variant: &Variant<'_>, version: u32) -> Vec<(Ident, TokenStream)> {
    let to = version + 1;
    let mut values = Vec::new();
    for (index, track) in of.tracks[variant.fields.clone()].iter().enumerate() {
        let Some(look) = track.look_at(to) else {
            continue;
        };
        let place = Place::new(of.ident, to, Some(&track.name));
        let ty = &look.ty;
        let value = match (track.look_at(version), &track.fill) {
            (Some(older), _) => {
                let local = format_ident!("__field_{index}");
                moved(&place, older, look, &quote!(#local))
            }
            (None, How::Default(default)) => quote!({ let __default: #ty = #default; __default }),
            (None, _) => fill(of, ty),
        };
        values.push((look.name.clone(), value));
    }
    if to == of.latest() {
        for skipped in &variant.skipped {
            values.push((skipped.ident.clone(), skipped.value(of)));
        }
    }
    values
}

/// What becomes of a variant that the next version has not got: a value of today, straight away.
fn gone(
    of: &Versioned<'_>,
    variant: &Variant<'_>,
    version: u32,
    locals: &[(Ident, Ident)],
) -> TokenStream {
    let types = fields(of, variant, version).map(|(_, look)| &look.ty);
    let values = locals.iter().map(|(_, local)| local);
    let place = Place::new(of.ident, version + 1, Some(&variant.name));
    let (from, to, values) = (quote!(#(#types),*), quote!(Self), quote!(#(#values),*));
    match &variant.how {
        How::TryWith(how) => place.try_with(&from, &to, how, &values),
        How::With(how) | How::Default(how) => with(&from, &to, how, &values),
        How::Auto => TokenStream::new(),
    }
}
