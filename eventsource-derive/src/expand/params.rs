//! The parameters of a generic value in its older shapes, which may not use all of them.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::{GenericParam, Generics, Type, parse_quote};

use crate::{
    ast::{Style, Versioned},
    print, types,
};

/// What the parameters ask of an older shape.
pub(super) struct Params<'a> {
    /// What serde is told to ask of them; it would ask less than a value in a field needs.
    pub(super) serde: Option<TokenStream>,
    /// Those that no field of the shape has.
    unused: Vec<&'a Ident>,
}

impl<'a> Params<'a> {
    pub(super) fn of(of: &'a Versioned<'_>, version: u32) -> Self {
        let bounds: Vec<String> = stored(of)
            .map(|param| print::tokens(&quote!(#param: _es::__private::DeserializeOwned)))
            .collect();
        let all = idents(&of.original.generics);
        let bounds = bounds.join(", ");
        Self {
            serde: (!all.is_empty()).then(|| quote!(, bound(deserialize = #bounds))),
            unused: all
                .into_iter()
                .filter(|param| !is_used(of, version, param))
                .collect(),
        }
    }

    /// A field, or what stands in a variant, that has the parameters that nothing else has.
    pub(super) fn field(&self, style: Style) -> Option<TokenStream> {
        let ty = self.phantom()?;
        let field = quote!(#[serde(skip)]);
        Some(match style {
            Style::Unnamed => quote!(#field #ty),
            Style::Named | Style::Unit | Style::Enum => quote!(#field __params: #ty),
        })
    }

    /// The value of that field.
    pub(super) fn value(&self, style: Style) -> Option<TokenStream> {
        self.phantom()?;
        let value = quote!(_es::__private::PhantomData);
        Some(match style {
            Style::Unnamed => value,
            Style::Named | Style::Unit | Style::Enum => quote!(__params: #value),
        })
    }

    /// A variant that is never made.
    pub(super) fn variant(&self) -> Option<TokenStream> {
        let ty = self.phantom()?;
        Some(quote!(#[serde(skip)] __Params(#ty, _es::__private::Infallible)))
    }

    fn phantom(&self) -> Option<Type> {
        let unused = &self.unused;
        (!unused.is_empty()).then(|| parse_quote!(_es::__private::PhantomData<(#(#unused,)*)>))
    }
}

/// The parameters that are types.
fn idents(generics: &Generics) -> Vec<&Ident> {
    let types = generics.params.iter().filter_map(|param| match param {
        GenericParam::Type(param) => Some(&param.ident),
        GenericParam::Lifetime(_) | GenericParam::Const(_) => None,
    });
    types.collect()
}

/// Whether a field of a version has the parameter in its type.
fn is_used(of: &Versioned<'_>, version: u32, param: &Ident) -> bool {
    if of.style != Style::Enum {
        let mut fields = of.at(version);
        return fields.any(|(_, look)| types::mentions(&look.ty, param));
    }
    let here = of
        .variants
        .iter()
        .filter(|variant| variant.look_at(version).is_some());
    let mut fields = here.flat_map(|variant| &of.tracks[variant.fields.clone()]);
    fields.any(|track| {
        let look = track.look_at(version);
        look.is_some_and(|look| types::mentions(&look.ty, param))
    })
}

/// The parameters that are in what is stored, at any version that is read.
fn stored<'a>(of: &'a Versioned<'_>) -> impl Iterator<Item = &'a Ident> {
    let looks = |param: &Ident| {
        let mut looks = of.tracks.iter().flat_map(|track| &track.looks);
        looks.any(|look| of.is_read(look) && types::mentions(&look.ty, param))
    };
    idents(&of.original.generics)
        .into_iter()
        .filter(move |param| looks(param))
}

/// The parameters, and a bound for each that is stored.
pub(super) fn bounded(of: &Versioned<'_>, bound: &TokenStream) -> Generics {
    let stored: Vec<&Ident> = stored(of).collect();
    let mut bounded = of.original.generics.clone();
    for param in &mut bounded.params {
        if let GenericParam::Type(param) = param
            && stored.contains(&&param.ident)
        {
            param.bounds.push(parse_quote!(#bound));
        }
    }
    bounded
}

/// Whether a type depends on one of the parameters.
pub(super) fn depends(generics: &Generics, ty: &Type) -> bool {
    generics.params.iter().any(|param| match param {
        GenericParam::Type(param) => types::mentions(ty, &param.ident),
        GenericParam::Const(param) => types::mentions(ty, &param.ident),
        GenericParam::Lifetime(_) => false,
    })
}

/// Whether a type is one of the parameters itself.
pub(super) fn is_param(generics: &Generics, ty: &Type) -> bool {
    idents(generics)
        .iter()
        .any(|param| types::is_word(ty, param))
}
