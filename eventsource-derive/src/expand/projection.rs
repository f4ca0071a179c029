//! `impl Projection` or `impl Reaction`: what it takes, the checks of that, and the dispatch to its handlers.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Path, parse_quote};

use super::{in_const, ours, respanned};
use crate::{
    ast::{Kind, Named, Projection, last},
    print,
};

pub(crate) fn projection(projection: &Projection<'_>) -> TokenStream {
    let parts = [
        asked_for(projection),
        checks(projection),
        declaration(projection),
        dispatch(projection),
    ];
    in_const(&projection.krate, &quote!(#(#parts)*))
}

/// The constants that ask each aggregate and each event for what it must be. All checks go through them, so that what is
/// none is one error.
fn asked_for(projection: &Projection<'_>) -> TokenStream {
    let aggregates = projection.aggregates();
    let from = aggregates.iter().map(|Named { path, text }| {
        let at = ours(last(path));
        quote_spanned!(at=> _es::__private::FromAggregate::of::<#path>(#text))
    });
    let event = |Named { path, text }: &Named| {
        let at = ours(last(path));
        let listed = aggregates.iter().map(|aggregate| {
            let aggregate = &aggregate.path;
            quote!(_es::__private::Probe::<(#aggregate, #path)>::__ES_LISTS)
        });
        quote_spanned!(at=> _es::__private::NamedEvent::of::<#path>(#text, &[#(#listed),*]))
    };
    let events = projection.listed().iter().map(event);
    let ignored = projection.ignored().iter().map(|named| {
        let event = event(named);
        let (this, any) = (
            has_handler(projection, &named.path),
            has_handler(projection, &parse_quote!(_es::__private::AnyEvent)),
        );
        quote!(#event.handled(#this, #any))
    });
    quote! {
        // What an aggregate does not list is answered by this trait.
        use _es::__private::Lacks as _;

        const __TAKEN: _es::__private::Taken = _es::__private::Taken {
            from: &[#(#from),*],
            events: &[#(#events),*],
            ignored: &[#(#ignored),*],
        };
    }
}

/// Asks whether there is a handler for an event.
fn has_handler(projection: &Projection<'_>, event: &Path) -> TokenStream {
    let ident = projection.ident;
    let (subject, handles) = match projection.kind() {
        Kind::Memory => (quote!(#ident, #event), quote!(__ES_PROJECTS)),
        Kind::Transaction(tx) => (quote!(#ident, #tx, #event), quote!(__ES_PROJECTS_IN)),
        Kind::AtLeastOnce => (quote!(#ident, #event), quote!(__ES_PROJECTS_ASYNC)),
        Kind::Reaction => (quote!(#ident, #event), quote!(__ES_REACTS)),
    };
    quote!(_es::__private::Probe::<(#subject)>::#handles)
}

/// Each check stands at the token that is to be changed.
fn checks(projection: &Projection<'_>) -> TokenStream {
    let (ident, what) = (projection.ident, projection.helper.what);
    let events = projection.listed().iter().enumerate();
    let events = events.map(|(index, event)| {
        let at = ours(event.span());
        quote_spanned!(at=> __TAKEN.event_is_listed(#index))
    });
    let ignored = projection.ignored().iter().enumerate();
    let ignored = ignored.map(|(index, event)| {
        let at = ours(event.span());
        quote_spanned!(at=> __TAKEN.ignored_is_listed(#index))
    });
    let subject = format!("{what} `{ident}`");
    // `..` stands for whatever else there is, now and later.
    let all = projection.ignores_others.is_none();
    let aggregates = projection.aggregates().iter().enumerate().filter(|_| all);
    let aggregates = aggregates.map(|(index, aggregate)| {
        let at = ours(aggregate.span());
        quote_spanned!(at=> __TAKEN.nothing_is_left_out(#subject, #index))
    });
    let tables = match projection.kind() {
        Kind::Transaction(_) => Some(quote_spanned! {ours(ident.span())=>
            _es::__private::tables_have_names(_es::__private::Probe::<#ident>::__ES_TABLES)
        }),
        Kind::Memory | Kind::AtLeastOnce | Kind::Reaction => None,
    };
    let checks = events.chain(ignored).chain(aggregates).chain(tables);
    quote!(#(const _: () = #checks;)*)
}

fn declaration(projection: &Projection<'_>) -> TokenStream {
    let ident = projection.ident;
    let name = projection.name.as_ref().map(|name| &name.value);
    let version = projection.version.as_ref().map(|version| {
        let version = Literal::u32_unsuffixed(version.value);
        quote!(const VERSION: _es::__private::u32 = #version;)
    });
    let ours = match projection.kind() {
        Kind::Reaction => quote!(Reaction),
        Kind::Memory | Kind::Transaction(_) | Kind::AtLeastOnce => quote!(Projection),
    };
    quote! {
        #[automatically_derived]
        impl _es::projection::#ours for #ident {
            const NAME: &'static _es::__private::str = #name;
            #version

            fn sources() -> _es::__private::Vec<_es::projection::Source> {
                __TAKEN.sources()
            }

            fn listed() -> _es::__private::Vec<&'static _es::__private::str> {
                __TAKEN.listed()
            }
        }
    }
}

/// An event goes to the handler of its type. One that is not listed came out of a retired one, and is passed over.
fn dispatch(projection: &Projection<'_>) -> TokenStream {
    let ident = projection.ident;
    let events = projection.listed();
    let each = |handler: &dyn Fn(&Named) -> TokenStream, other: Option<TokenStream>| {
        let arms = events.iter().map(|event| {
            let (path, handled) = (&event.path, handler(event));
            quote! {
                if let _es::__private::Some(__event) = __event.downcast_ref::<#path>() {
                    #handled
                }
            }
        });
        let other = other.map(|other| quote!(else { #other }));
        quote!(#(#arms)else* #other)
    };
    match projection.kind() {
        Kind::Memory => {
            let body = each(
                &|event| {
                    let project = handler(ident, &quote!(Project), None, event);
                    quote!(#project::project(self, __event, __envelope);)
                },
                None,
            );
            quote! {
                #[automatically_derived]
                impl _es::projection::Handles for #ident {
                    fn handle(
                        &mut self,
                        __event: &dyn _es::__private::Any,
                        __envelope: &_es::projection::Envelope<'_>,
                    ) {
                        #body
                    }
                }
            }
        }
        Kind::Transaction(tx) => {
            let body = each(
                &|event| {
                    let project = handler(ident, &quote!(ProjectIn), Some(tx), event);
                    quote!(#project::project(self, __event, __envelope, __tx))
                },
                Some(quote!(_es::__private::Ok(()))),
            );
            let at = ours(print::span(tx));
            let implemented = quote_spanned!(at=> _es::projection::HandlesIn<#tx>);
            quote! {
                #[automatically_derived]
                impl #implemented for #ident {
                    fn handle(
                        &self,
                        __event: &dyn _es::__private::Any,
                        __envelope: &_es::projection::Envelope<'_>,
                        __tx: &mut #tx,
                    ) -> _es::__private::Result<(), _es::projection::HandlerError> {
                        #body
                    }
                }
            }
        }
        Kind::AtLeastOnce => {
            let body = each(
                &|event| {
                    let project = asked(ident, &quote!(projected), event);
                    quote!(#project(self, __event, __envelope))
                },
                Some(quote!(_es::__private::nothing())),
            );
            quote! {
                #[automatically_derived]
                impl _es::projection::HandlesAsync for #ident {
                    fn handle<'__a>(
                        &'__a self,
                        __event: &'__a (dyn _es::__private::Any + _es::__private::Send + _es::__private::Sync),
                        __envelope: &'__a _es::projection::Envelope<'__a>,
                    ) -> _es::projection::Handling<'__a> {
                        #body
                    }
                }
            }
        }
        Kind::Reaction => {
            let body = each(
                &|event| {
                    let react = asked(ident, &quote!(reacted), event);
                    quote!(#react(self, __event, __envelope, __id))
                },
                Some(quote!(_es::__private::nothing())),
            );
            quote! {
                #[automatically_derived]
                impl _es::projection::Reacts for #ident {
                    fn handle<'__a>(
                        &'__a self,
                        __event: &'__a (dyn _es::__private::Any + _es::__private::Send + _es::__private::Sync),
                        __envelope: &'__a _es::projection::Envelope<'__a>,
                        __id: _es::projection::ReactionId,
                    ) -> _es::projection::Handling<'__a> {
                        #body
                    }
                }
            }
        }
    }
}

/// The one place that asks for the handler of an event.
fn handler(ident: &Ident, of: &TokenStream, tx: Option<&syn::Type>, event: &Named) -> TokenStream {
    let (path, at) = (&event.path, event.span());
    // The projection stands there, too: the error is about it, and shown where it is written.
    let ident = respanned(ident, at);
    let tx = tx.map(|tx| quote!(#tx,));
    quote_spanned!(ours(at)=> <#ident as _es::projection::#of<#tx #path>>)
}

/// The one place that asks for an async handler.
fn asked(ident: &Ident, function: &TokenStream, event: &Named) -> TokenStream {
    let (path, at) = (&event.path, event.span());
    let ident = respanned(ident, at);
    quote_spanned!(ours(at)=> _es::__private::#function::<#ident, #path>)
}
