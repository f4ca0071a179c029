//! `impl Event`, and the conversion into the events of each aggregate that lists the event.

use proc_macro2::{Literal, Span, TokenStream};
use quote::{quote, quote_spanned};

use super::{
    describe::describe,
    history::{chain_from, history},
    in_const, nested, ours,
};
use crate::{
    ast::{Event, Style, Versioned},
    print,
};

pub(crate) fn event(event: &Event<'_>) -> TokenStream {
    let ident = event.ident;
    let name = event.stored_name();
    let version = Literal::u32_unsuffixed(event.of.latest());
    // The one place that asks for serde.
    let mut json = quote_spanned!(ours(ident.span())=> _es::__private::json::<#ident>());
    if !is_by_name(&event.of) {
        json = quote!(#json.unnamed());
    }
    let conversion = conversion(event);
    let (names, history) = (names(event), history(&event.of));
    let (versions, pin) = (
        nested::versions(&event.of).in_consts(),
        nested::pin(&event.of),
    );
    let (older, described) = (older(&event.of), describe(&event.of));
    let oldest = (event.of.oldest() > 1).then(|| {
        let oldest = Literal::u32_unsuffixed(event.of.oldest());
        quote!(const OLDEST: _es::__private::u32 = #oldest;)
    });
    let sample = sample(event);
    in_const(
        &event.krate,
        &quote! {
            const __SCHEMA: _es::EventSchema = _es::EventSchema { name: #name, version: #version };
            const __JSON: _es::__private::Json<#ident> = #json;

            #[automatically_derived]
            impl _es::Event for #ident {
                const SCHEMA: _es::EventSchema = __SCHEMA;
                const JSON: _es::__private::Option<_es::__private::Json<Self>> =
                    _es::__private::Some(__JSON);
                #names
                #oldest

                fn describe(
                    __version: _es::__private::u32,
                    __shapes: &mut _es::__private::Shapes,
                ) -> _es::__private::Option<_es::__private::EventShape> {
                    use _es::__private::Unversioned as _;
                    _es::__private::Some(__shapes.event(__version, #described))
                }

                #sample

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

/// Whether today's payload is an object, as far as the attributes tell.
fn is_by_name(of: &Versioned<'_>) -> bool {
    const OTHER_FORMS: &[&str] = &["transparent", "from", "try_from", "into"];
    let mut items = of.serde_at(of.latest()).iter();
    of.style != Style::Unnamed && !items.any(|item| OTHER_FORMS.iter().any(|form| item.is(form)))
}

/// The value that the event gives of itself for its golden payload.
fn sample(event: &Event<'_>) -> Option<TokenStream> {
    let sample = event.sample.as_ref()?;
    Some(quote! {
        fn sample() -> _es::__private::Option<Self> {
            let __sample: Self = #sample;
            _es::__private::Some(__sample)
        }
    })
}

/// Each older version is read in its own shape and taken through the chain.
fn older(of: &Versioned<'_>) -> TokenStream {
    let arms = of.older().map(|version| {
        let explicit = of.explicit_at(version);
        // The error of a shape that cannot be read stands where the shape is named.
        let at =
            ours(explicit.map_or_else(Span::call_site, |explicit| print::span(&explicit.path)));
        let number = Literal::u32_unsuffixed(version);
        if explicit.is_some() {
            // What was written by hand has the form that it has.
            let mut chain = chain_from(version);
            chain.set_span(at);
            return quote!(#number => _es::__private::upcast_by(__SCHEMA, __version, __payload, #chain),);
        }
        let read = if of.style == Style::Unnamed {
            quote_spanned!(at=> _es::__private::upcast_unnamed::<Self, #number>)
        } else {
            quote_spanned!(at=> _es::__private::upcast::<Self, #number>)
        };
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
