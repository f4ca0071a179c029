//! `impl AggregateId` for a newtype: the text of an id is that of its inner value.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::{in_const, ours};
use crate::ast::Id;

pub(crate) fn aggregate_id(id: &Id<'_>) -> TokenStream {
    let (ident, inner) = (id.ident, id.inner);
    // The one place that asks the inner type for its text.
    let text = quote_spanned!(ours(inner.span())=> _es::__private::id_text::<#inner>());
    in_const(
        &id.krate,
        &quote! {
            const __TEXT: _es::__private::IdText<#inner> = #text;

            #[automatically_derived]
            impl _es::AggregateId for #ident {
                fn to_text(&self) -> _es::__private::Cow<'_, _es::__private::str> {
                    (__TEXT.write)(&self.0)
                }

                fn from_text(
                    __text: &_es::__private::str,
                ) -> _es::__private::Result<Self, _es::AggregateIdError> {
                    (__TEXT.read)(__text).map(Self)
                }
            }
        },
    )
}
