//! `impl Schema`: the version and the shape of a value, and how it is read at an older version.

use proc_macro2::{Literal, TokenStream};
use quote::{quote, quote_spanned};

use super::{
    describe::describe,
    history::{history, shape_at, upcast_from},
    in_const, layout, nested, ours,
    params::bounded,
};
use crate::{ast::Schema, name, print};

pub(crate) fn schema(schema: &Schema<'_>) -> TokenStream {
    let (of, ident) = (&schema.of, schema.of.ident);
    let version = Literal::u32_unsuffixed(of.latest());
    let (history, pin) = (history(of), nested::pin(of));
    let versions = nested::versions(of);
    let (checked, checks) = (versions.in_generic_code(), versions.in_consts());
    let shape = match &pin {
        Some(_) => quote!(__SHAPE),
        None => nested::shape(of),
    };
    let shape = if of.latest() == 1 {
        shape
    } else {
        quote!(_es::__private::at_version(#shape, #version))
    };
    let layout = layout::of_value(of);
    let layout = if of.latest() == 1 {
        layout
    } else {
        quote!(_es::__private::at_version(#layout, #version))
    };
    let older = of.older().map(|version| {
        let number = Literal::u32_unsuffixed(version);
        let shape = shape_at(of, version);
        let at = of
            .explicit_at(version)
            .map_or_else(|| ident.span(), |explicit| print::span(&explicit.path));
        let read =
            quote_spanned!(ours(at)=> <#shape as _es::__private::Deserialize>::deserialize(__from));
        let chain = upcast_from(of, version);
        quote!(#number => #read.map(#chain),)
    });
    let ty = shape_at(of, of.latest());
    let today = quote_spanned!(ours(ident.span())=> <#ty as _es::__private::Deserialize>::deserialize(__from));
    let oldest = (of.oldest() > 1).then(|| {
        let oldest = Literal::u32_unsuffixed(of.oldest());
        quote!(const OLDEST: _es::__private::u32 = #oldest;)
    });
    let (name, described) = (name::of(ident), describe(of));
    let told = bounded(of, &quote!(_es::Schema));
    let read = bounded(of, &quote!(_es::__private::DeserializeOwned));
    let ((told, arguments, bounds), (read, ..)) = (told.split_for_impl(), read.split_for_impl());
    in_const(
        &schema.krate,
        &quote! {
            #[automatically_derived]
            impl #told _es::Schema for #ident #arguments #bounds {
                const VERSION: _es::__private::u32 = { #checked #version };
                const SHAPE: _es::__private::u64 = #shape;
                const LAYOUT: _es::__private::u64 = #layout;

                fn describe(
                    __version: _es::__private::u32,
                    __shapes: &mut _es::__private::Shapes,
                ) -> _es::__private::Wire {
                    use _es::__private::Unversioned as _;
                    __shapes.history::<Self>(__version, #described)
                }
            }

            #[automatically_derived]
            impl #read _es::__private::Versioned for #ident #arguments #bounds {
                const VERSION: _es::__private::u32 = #version;
                #oldest

                fn read_at<'de, __D: _es::__private::Deserializer<'de>>(
                    __version: _es::__private::u32,
                    __from: __D,
                ) -> _es::__private::Result<_es::__private::Upcasted<Self>, __D::Error> {
                    match __version {
                        #(#older)*
                        #version => #today.map(_es::__private::Ok),
                        _ => _es::__private::Err(_es::__private::no_version(#name, __version)),
                    }
                }
            }

            #history
            #checks
            #pin
        },
    )
}
