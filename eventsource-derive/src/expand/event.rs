//! `impl Event`, and the conversion into the events of each aggregate that lists the event.

use proc_macro2::{Literal, Span, TokenStream};
use quote::{quote, quote_spanned};

use super::{
    history::{chain_from, history},
    in_const, nested, ours,
};
use crate::{
    ast::{Event, Versioned},
    print,
};

pub(crate) fn event(event: &Event<'_>) -> TokenStream {
    let ident = event.ident;
    let name = event.stored_name();
    let version = Literal::u32_unsuffixed(event.of.latest());
    // The one place that asks for serde.
    let json = quote_spanned!(ours(ident.span())=> _es::__private::json::<#ident>());
    let conversion = conversion(event);
    let (names, history) = (names(event), history(&event.of));
    let (versions, pin) = (
        nested::versions(&event.of).in_consts(),
        nested::pin(&event.of),
    );
    let older = older(&event.of);
    let oldest = (event.of.oldest() > 1).then(|| {
        let oldest = Literal::u32_unsuffixed(event.of.oldest());
        quote!(const OLDEST: _es::__private::u32 = #oldest;)
    });
    in_const(
        &event.krate,
        &quote! {
            const __SCHEMA: _es::EventSchema = _es::EventSchema { name: #name, version: #version };
            const __JSON: _es::__private::Json<#ident> = #json;

            #[automatically_derived]
            impl _es::Event for #ident {
                const SCHEMA: _es::EventSchema = __SCHEMA;
                #names
                #oldest

                fn encode(
                    &self,
                    __out: &mut _es::__private::Vec<_es::__private::u8>,
                ) -> _es::__private::Result<(), _es::EncodeError> {
                    __JSON.write(__SCHEMA, self, __out)
                }

                #[inline]
                fn decode(
                    __version: _es::__private::u32,
                    __payload: &[_es::__private::u8],
                ) -> _es::__private::Result<Self, _es::DecodeError> {
                    match __version {
                        #older
                        #version => __JSON.read(__SCHEMA, __version, __payload),
                        _ => _es::__private::Err(_es::__private::unknown_version(
                            __SCHEMA,
                            __version,
                        )),
                    }
                }
            }

            #conversion
            #history
            #versions
            #pin
        },
    )
}

/// Each older version is read in its own shape and taken through the chain.
fn older(of: &Versioned<'_>) -> TokenStream {
    let arms = of.older().map(|version| {
        // The error of a shape that cannot be read stands where the shape is named.
        let at = of
            .explicit_at(version)
            .map_or_else(Span::call_site, |explicit| print::span(&explicit.path));
        let number = Literal::u32_unsuffixed(version);
        if of.explicit_at(version).is_some() {
            let mut chain = chain_from(version);
            chain.set_span(ours(at));
            return quote!(#number => _es::__private::upcast_by(__SCHEMA, __version, __payload, #chain),);
        }
        let read = quote_spanned!(ours(at)=> _es::__private::upcast::<Self, #number>);
        quote!(#number => #read(__SCHEMA, __payload),)
    });
    let too_old = (of.oldest() > 1).then(|| {
        let last = Literal::u32_unsuffixed(of.oldest() - 1);
        let too_old = quote!(_es::__private::too_old(__SCHEMA, __version, Self::OLDEST));
        quote!(1..=#last => _es::__private::Err(#too_old),)
    });
    quote!(#too_old #(#arms)*)
}

/// The names that the event had, each with its versions; nothing where it has one.
fn names(event: &Event<'_>) -> Option<TokenStream> {
    if event.names.is_empty() {
        return None;
    }
    let today = event.stored_name();
    let latest = event.of.latest();
    let old = event
        .names
        .iter()
        .map(|was| (was.name.value.as_str(), was.before.value - 1));
    let mut first = 1;
    let names = old.chain([(today.as_str(), latest)]).map(|(name, last)| {
        let (from, to) = (
            Literal::u32_unsuffixed(first),
            Literal::u32_unsuffixed(last),
        );
        first = last + 1;
        quote!(_es::StoredName { name: #name, first: #from, last: #to })
    });
    Some(quote! {
        const NAMES: &'static [_es::StoredName] = &[#(#names),*];
    })
}

/// It stands beside the event and not beside the aggregate: for an event of another crate, only this crate may write
/// it.
fn conversion(event: &Event<'_>) -> TokenStream {
    let ident = event.ident;
    quote! {
        #[automatically_derived]
        impl<__A: _es::Lists<#ident>> _es::__private::From<#ident> for _es::Events<__A> {
            fn from(__event: #ident) -> Self {
                _es::__private::one(__event)
            }
        }
    }
}
