//! `impl Event`, and the conversion into the events of each aggregate that lists the event.

use proc_macro2::{Literal, TokenStream};
use quote::{quote, quote_spanned};

use super::{in_const, ours};
use crate::ast::Event;

pub(crate) fn event(event: &Event<'_>) -> TokenStream {
    let ident = event.ident;
    let name = event.stored_name();
    let version = Literal::u32_unsuffixed(event.version.value);
    // The one place that asks for serde.
    let json = quote_spanned!(ours(ident.span())=> _es::__private::json::<#ident>());
    let conversion = conversion(event);
    in_const(
        &event.krate,
        &quote! {
            const __SCHEMA: _es::EventSchema = _es::EventSchema { name: #name, version: #version };
            const __JSON: _es::__private::Json<#ident> = #json;

            #[automatically_derived]
            impl _es::Event for #ident {
                const SCHEMA: _es::EventSchema = __SCHEMA;

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
                        #version => __JSON.read(__SCHEMA, __version, __payload),
                        _ => _es::__private::Err(_es::__private::unknown_version(
                            __SCHEMA,
                            __version,
                        )),
                    }
                }
            }

            #conversion
        },
    )
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
