//! The stubs of a projection and of a reaction.

use proc_macro2::TokenStream;
use quote::quote;

use super::Stub;
use crate::{ast::Projection, expand::in_const, name};

pub(crate) fn projection(projection: &Projection<'_>, errors: &syn::Error) -> TokenStream {
    let errors = errors.to_compile_error();
    let more = match &projection.transaction {
        Some(_) => vec![quote!(_es::projection::ReadModel)],
        None => Vec::new(),
    };
    let Some(stub) = Stub::of(projection.original, &more) else {
        return errors;
    };
    let Stub { ty, params, bounds } = &stub;
    let name = name::suggested(projection.ident);
    let (what, version) = if projection.is_reaction() {
        (quote!(Reaction), None)
    } else {
        let version = quote!(
            const VERSION: _es::__private::u32 = 1;
        );
        (quote!(Projection), Some(version))
    };
    let dispatch = dispatch(projection, &stub);
    let stub = in_const(
        &projection.krate,
        &quote! {
            #[automatically_derived]
            impl<#(#params),*> _es::projection::#what for #ty #bounds {
                const NAME: &'static _es::__private::str = #name;
                #version
                fn sources() -> _es::__private::Vec<_es::projection::Source> {
                    _es::__private::stub()
                }
                fn listed() -> _es::__private::Vec<&'static _es::__private::str> {
                    _es::__private::stub()
                }
            }
            #dispatch
        },
    );
    quote!(#errors #stub)
}

/// The dispatch of each kind that may have been meant.
fn dispatch(projection: &Projection<'_>, stub: &Stub) -> TokenStream {
    let Stub { ty, params, bounds } = stub;
    let implemented = |what: &TokenStream, more: &[TokenStream], signature: &TokenStream| {
        quote! {
            #[automatically_derived]
            impl<#(#params,)* #(#more),*> _es::projection::#what for #ty #bounds {
                fn handle #signature {
                    _es::__private::stub()
                }
            }
        }
    };
    let any = quote!(dyn _es::__private::Any);
    let sync = quote!((#any + _es::__private::Send + _es::__private::Sync));
    let envelope = quote!(_es::projection::Envelope);
    let handling = quote!(_es::projection::Handling);
    if projection.is_reaction() {
        return implemented(
            &quote!(Reacts),
            &[],
            &quote!(<'__a>(&'__a self, _: &'__a #sync, _: &'__a #envelope<'__a>, _: _es::projection::ReactionId) -> #handling<'__a>),
        );
    }
    let transaction = projection.transaction.as_ref().map(|at| {
        let (tx, more) = match &at.value {
            Some(tx) => (quote!(#tx), Vec::new()),
            None => (quote!(__T), vec![quote!(__T)]),
        };
        implemented(
            &quote!(HandlesIn<#tx>),
            &more,
            &quote!((&self, _: &#any, _: &#envelope<'_>, _: &mut #tx) -> _es::__private::Result<(), _es::projection::HandlerError>),
        )
    });
    let at_least_once = projection.at_least_once.as_ref().map(|_| {
        implemented(
            &quote!(HandlesAsync),
            &[],
            &quote!(<'__a>(&'__a self, _: &'__a #sync, _: &'__a #envelope<'__a>) -> #handling<'__a>),
        )
    });
    let memory = (transaction.is_none() && at_least_once.is_none()).then(|| {
        implemented(
            &quote!(Handles),
            &[],
            &quote!((&mut self, _: &#any, _: &#envelope<'_>)),
        )
    });
    quote!(#transaction #at_least_once #memory)
}
