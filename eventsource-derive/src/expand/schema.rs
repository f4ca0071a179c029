//! `impl Schema`: the version and the shape of a value, and how it is read at an older version.

use proc_macro2::{Literal, TokenStream};
use quote::{quote, quote_spanned};

use super::{
    describe::describe,
    history::{chain_from, history, shape_at},
    in_const, nested, ours,
};
use crate::{ast::Schema, name, print};

pub(crate) fn schema(schema: &Schema<'_>) -> TokenStream {
    let (of, ident) = (&schema.of, schema.of.ident);
    let version = Literal::u32_unsuffixed(of.latest());
    let (history, versions, pin) = (history(of), nested::versions(of), nested::pin(of));
    let shape = match &pin {
        Some(_) => quote!(__SHAPE),
        None => nested::shape(of),
    };
    let older = (1..of.latest()).map(|version| {
        let (number, chain) = (Literal::u32_unsuffixed(version), chain_from(version));
        let shape = shape_at(of, version);
        let at = of
            .explicit_at(version)
            .map_or_else(|| ident.span(), |explicit| print::span(&explicit.path));
        let read =
            quote_spanned!(ours(at)=> <#shape as _es::__private::Deserialize>::deserialize(__from));
        quote!(#number => #read.map(#chain),)
    });
    let today = quote_spanned!(ours(ident.span())=> <#ident as _es::__private::Deserialize>::deserialize(__from));
    let (name, described) = (name::of(ident), describe(of));
    in_const(
        &schema.krate,
        &quote! {
            #[automatically_derived]
            impl _es::Schema for #ident {
                const VERSION: _es::__private::u32 = #version;
                const SHAPE: _es::__private::u64 = #shape;

                fn describe(
                    __version: _es::__private::u32,
                    __shapes: &mut _es::__private::Shapes,
                ) -> _es::__private::Wire {
                    use _es::__private::Unversioned as _;
                    __shapes.history::<Self>(__version, #described)
                }
            }

            #[automatically_derived]
            impl _es::__private::Versioned for #ident {
                fn read_at<'de, __D: _es::__private::Deserializer<'de>>(
                    __version: _es::__private::u32,
                    __from: __D,
                ) -> _es::__private::Result<_es::__private::Result<Self, _es::UpcastError>, __D::Error> {
                    match __version {
                        #(#older)*
                        #version => #today.map(_es::__private::Ok),
                        _ => _es::__private::Err(_es::__private::no_version(#name, __version)),
                    }
                }
            }

            #history
            #versions
            #pin
        },
    )
}
