//! `impl Snapshot`: the fingerprint of a state, and its codec.

use proc_macro2::{Literal, TokenStream};
use quote::{quote, quote_spanned};

use super::{in_const, layout, ours};
use crate::{ast::Snapshot, print};

pub(crate) fn snapshot(snapshot: &Snapshot<'_>) -> TokenStream {
    let (ident, layout) = (snapshot.ident, layout::of_state(snapshot));
    let at = ours(ident.span());
    // The one place that asks how the state is written.
    let codec = if let Some(codec) = &snapshot.codec {
        quote_spanned!(ours(print::span(codec))=> _es::__private::state_codec::<#codec, #ident>())
    } else {
        quote_spanned!(at=> _es::__private::json_codec::<#ident>())
    };
    let version = snapshot.version.as_ref().map_or(1, |version| version.value);
    let version = Literal::u32_unsuffixed(version);
    let fingerprint = quote_spanned! {at=>
        _es::__private::fingerprint::<#ident>(__LAYOUT, __CODEC.name, #version)
    };
    in_const(
        &snapshot.krate,
        &quote! {
            const __LAYOUT: _es::__private::u64 = #layout;
            const __CODEC: _es::__private::StateCodec<#ident> = #codec;

            #[automatically_derived]
            impl _es::Snapshot for #ident {
                const FINGERPRINT: _es::Fingerprint = #fingerprint;

                fn encode(
                    &self,
                    __out: &mut _es::__private::Vec<_es::__private::u8>,
                ) -> _es::__private::Result<(), _es::__private::SnapshotCodecError> {
                    (__CODEC.encode)(self, __out)
                }

                fn decode(
                    __bytes: &[_es::__private::u8],
                ) -> _es::__private::Result<Self, _es::__private::SnapshotCodecError> {
                    (__CODEC.decode)(__bytes)
                }
            }
        },
    )
}
