//! The enum of an aggregate's events, its codec, and `impl Aggregate`.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::Ident;

use super::{
    in_const, ours, respanned,
    table::{codec, retired, table},
};
use crate::{
    ast::{Aggregate, AggregateEvent, last},
    name,
};

pub(crate) fn aggregate(aggregate: &Aggregate<'_>) -> TokenStream {
    let item = event_enum(aggregate, &aggregate.event_enum, aggregate.events.iter());
    let parts = [
        asked_for(aggregate),
        table(aggregate),
        retired(aggregate),
        debug(aggregate),
        codec(aggregate),
        conversions(aggregate),
        implementation(aggregate),
    ];
    let block = in_const(&aggregate.krate, &quote!(#(#parts)*));
    quote!(#item #block)
}

/// The enum stands where the state stands, so that it can be named.
pub(crate) fn event_enum<'a>(
    aggregate: &'a Aggregate<'_>,
    name: &Ident,
    events: impl Iterator<Item = &'a AggregateEvent>,
) -> TokenStream {
    let derives = &aggregate.event_derives;
    let vis = &aggregate.original.vis;
    let doc = format!(" The events of `{}`.", name::of(aggregate.ident));
    let derive = (!derives.is_empty()).then(|| quote!(#[derive(#(#derives),*)]));
    let variants = events.map(|event| {
        let AggregateEvent {
            path,
            text,
            variant,
            ..
        } = event;
        let doc = format!(" The event `{text}`.");
        quote!(#[doc = #doc] #variant(#path))
    });
    quote! {
        #[doc = #doc]
        #derive
        #vis enum #name { #(#variants),* }
    }
}

/// The constants that ask each event, and the state, for what they must have.
fn asked_for(aggregate: &Aggregate<'_>) -> TokenStream {
    let events = aggregate.events.iter().map(|event| {
        let (path, constant) = (&event.path, &event.constant);
        let asked = quote_spanned!(ours(event.span())=> _es::__private::event_of::<#path>());
        quote!(const #constant: _es::__private::EventOf<#path> = #asked.event;)
    });
    let retired = aggregate.retired.iter().map(|retired| {
        let (path, constant) = (&retired.path, &retired.constant);
        let asked = quote_spanned!(ours(last(path))=> _es::__private::event_of::<#path>());
        quote!(const #constant: _es::__private::EventOf<#path> = #asked.event;)
    });
    let begin = aggregate.created_by.is_none().then(|| {
        let ident = aggregate.ident;
        let asked = quote_spanned!(ours(ident.span())=> _es::__private::begin::<#ident>());
        quote!(const __BEGIN: fn() -> #ident = #asked;)
    });
    quote! {
        // What a type has not got is answered by this trait.
        use _es::__private::Lacks as _;

        #(#events)*
        #(#retired)*
        #begin
    }
}

/// An event shows itself when it can, and its stored name otherwise: no event must have `Debug`.
fn debug(aggregate: &Aggregate<'_>) -> TokenStream {
    let name = &aggregate.event_enum;
    let arms = aggregate.events.iter().map(|event| {
        let (path, variant, constant) = (&event.path, &event.variant, &event.constant);
        quote! {
            #name::#variant(__event) => #constant.debug(
                _es::__private::Probe::<#path>::__ES_DEBUG,
                __event,
                __f,
            )
        }
    });
    quote! {
        #[automatically_derived]
        impl _es::__private::Debug for #name {
            fn fmt(&self, __f: &mut _es::__private::Formatter<'_>) -> _es::__private::FmtResult {
                match self { #(#arms),* }
            }
        }
    }
}

pub(super) fn category<'a>(aggregate: &'a Aggregate<'_>) -> Option<&'a String> {
    aggregate.name.as_ref().map(|name| &name.value)
}

/// How an event becomes the enum, and how both become the events of a decision.
fn conversions(aggregate: &Aggregate<'_>) -> TokenStream {
    let (name, ident) = (&aggregate.event_enum, aggregate.ident);
    let events = aggregate.events.iter().map(|event| {
        let (path, variant) = (&event.path, &event.variant);
        quote! {
            #[automatically_derived]
            impl _es::Lists<#path> for #ident {
                fn wrap(__event: #path) -> #name {
                    #name::#variant(__event)
                }
            }

            #[automatically_derived]
            impl _es::__private::From<#path> for #name {
                fn from(__event: #path) -> Self {
                    #name::#variant(__event)
                }
            }
        }
    });
    quote! {
        #(#events)*

        #[automatically_derived]
        impl _es::__private::From<#name> for _es::Events<#ident> {
            fn from(__event: #name) -> Self {
                _es::__private::wrapped(__event)
            }
        }
    }
}

fn implementation(aggregate: &Aggregate<'_>) -> TokenStream {
    let (name, ident) = (&aggregate.event_enum, aggregate.ident);
    let category = category(aggregate);
    let (id, error) = (&aggregate.id, &aggregate.error);
    let initial = if aggregate.creator().is_some() {
        quote!(_es::__private::None)
    } else {
        quote!(_es::__private::Some(__BEGIN()))
    };
    let (fold, replay) = (fold(aggregate), replay(aggregate));
    let created_by = aggregate.creator().map(|creator| {
        let constant = &creator.constant;
        quote! {
            fn created_by() -> _es::__private::Option<_es::EventSchema> {
                _es::__private::Some(#constant.schema)
            }
        }
    });
    let eq_event = eq_event(aggregate);
    quote! {
        #[automatically_derived]
        impl _es::Aggregate for #ident {
            const CATEGORY: &'static _es::__private::str = #category;
            type Id = #id;
            type Error = #error;
            type Event = #name;

            fn initial() -> _es::__private::Option<Self> {
                #initial
            }

            #created_by

            fn fold(
                __state: &mut _es::__private::Option<Self>,
                __event: &#name,
            ) -> _es::__private::Result<(), _es::FoldError> {
                #fold
            }

            #replay

            // Compiled where it is asked for, which is in tests.
            #[inline]
            fn abilities() -> _es::__private::Abilities<Self> {
                _es::__private::Abilities {
                    clone_state: _es::__private::Probe::<#ident>::__ES_CLONE,
                    eq_state: _es::__private::Probe::<#ident>::__ES_EQ,
                    debug_state: _es::__private::Probe::<#ident>::__ES_DEBUG,
                    json_state: _es::__private::Probe::<#ident>::__ES_JSON,
                    snapshot: _es::__private::Probe::<#ident>::__ES_SNAPSHOT,
                    eq_event: |__one, __other| match (__one, __other) { #eq_event },
                    eq_error: _es::__private::Probe::<#error>::__ES_EQ,
                }
            }
        }
    }
}

fn fold(aggregate: &Aggregate<'_>) -> TokenStream {
    let (name, begun) = (&aggregate.event_enum, begun(aggregate));
    let arms = aggregate.events.iter().map(|event| {
        let (variant, folded) = (&event.variant, folded(aggregate, event));
        quote!(#name::#variant(__event) => { #folded })
    });
    quote!(#begun match __event { #(#arms)* })
}

/// From the stored bytes into the state, one event type at a time: a detour over the enum moves each event. Retired
/// events take it, since they may be several.
fn replay(aggregate: &Aggregate<'_>) -> TokenStream {
    let begun = begun(aggregate);
    let arms = aggregate.events.iter().map(|event| {
        let (constant, folded) = (&event.constant, folded(aggregate, event));
        quote! {
            __name if #constant.is_named(__name) => {
                #constant.replay(__name, __version, __payload, |__event| { #begun #folded })
            }
        }
    });
    quote! {
        fn replay(
            __state: &mut _es::__private::Option<Self>,
            __name: &_es::__private::str,
            __version: _es::__private::u32,
            __payload: &[_es::__private::u8],
        ) -> _es::__private::Replayed {
            match __name {
                #(#arms)*
                _ => _es::__private::replay_parts(__state, __name, __version, __payload),
            }
        }
    }
}

/// A state that no event creates is there before its first event.
fn begun(aggregate: &Aggregate<'_>) -> Option<TokenStream> {
    let begins = aggregate.creator().is_none();
    begins.then(|| quote!(let __state = __state.get_or_insert_with(__BEGIN);))
}

/// Takes `__event` into `__state`, and says whether it fits.
fn folded(aggregate: &Aggregate<'_>, event: &AggregateEvent) -> TokenStream {
    let constant = &event.constant;
    let state = match aggregate.creator() {
        None => quote!(__state),
        Some(creator) if creator.constant == event.constant => {
            let path = aggregate.created_by.as_ref().unwrap_or(&event.path);
            let state = respanned(aggregate.ident, last(path));
            let create = quote_spanned!(ours(last(path))=> <#state as _es::Create<#path>>::create);
            return quote!(_es::__private::create(__state, #constant.schema, #create, __event));
        }
        Some(creator) => {
            let created_by = &creator.constant;
            quote!(_es::__private::created(__state, #constant.schema, #created_by.schema)?)
        }
    };
    let apply = apply(aggregate, event);
    quote! {
        #apply(#state, __event);
        _es::__private::Ok(())
    }
}

/// The one place that asks for the handler of an event.
fn apply(aggregate: &Aggregate<'_>, event: &AggregateEvent) -> TokenStream {
    let path = &event.path;
    // The state stands there, too: the error is about it, and shown where it is written.
    let state = respanned(aggregate.ident, event.span());
    quote_spanned!(ours(event.span())=> <#state as _es::Apply<#path>>::apply)
}

fn eq_event(aggregate: &Aggregate<'_>) -> TokenStream {
    let name = &aggregate.event_enum;
    let arms = aggregate.events.iter().map(|event| {
        let (path, variant) = (&event.path, &event.variant);
        quote! {
            (#name::#variant(__one), #name::#variant(__other)) => {
                _es::__private::Probe::<#path>::__ES_EQ.map(|__eq| __eq(__one, __other))
            }
        }
    });
    // With one variant there is nothing else that could meet.
    let other = (aggregate.events.len() > 1).then(|| quote!(_ => _es::__private::Some(false),));
    quote!(#(#arms,)* #other)
}
