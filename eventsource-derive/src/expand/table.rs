//! The closed table of an aggregate: its rows, the checks of its names, and the codec that reads by it.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::{aggregate::category, ours};
use crate::ast::{Aggregate, last};

/// The rows of the table. Each event is compared with those before it, so that the error stands at the second of two.
pub(super) fn table(aggregate: &Aggregate<'_>) -> TokenStream {
    let (events, retired) = (&aggregate.events, &aggregate.retired);
    let rows = events
        .iter()
        .map(|event| {
            let constant = &event.constant;
            quote!(#constant.listed())
        })
        .chain(retired.iter().map(|retired| {
            let constant = &retired.constant;
            quote!(#constant.retired())
        }));
    let written = events.iter().map(|event| &event.text);
    let written = written.chain(retired.iter().map(|retired| &retired.text));
    let listed = events.iter().enumerate().skip(1).map(|(index, event)| {
        let at = ours(event.span());
        quote_spanned!(at=> _es::__private::differs_from_earlier(__TABLE, __WRITTEN, #index))
    });
    let retired = retired.iter().zip(events.len()..).map(|(retired, index)| {
        let (at, name) = (ours(retired.name.span), &retired.name.value);
        quote_spanned!(at=> _es::__private::retired_as(__TABLE, __WRITTEN, #index, #name))
    });
    let checks: Vec<_> = listed.chain(retired).collect();
    let written = (!checks.is_empty())
        .then(|| quote!(const __WRITTEN: &[&_es::__private::str] = &[#(#written),*];));
    quote! {
        const __TABLE: &[_es::KnownEvent] = &[#(#rows),*];
        #written
        #(const _: () = #checks;)*
    }
}

/// What becomes of each retired event. A function of its own, so that what the user wrote sees nothing of the codec.
pub(super) fn retired(aggregate: &Aggregate<'_>) -> TokenStream {
    let name = &aggregate.event_enum;
    let functions = aggregate.retired.iter().map(|retired| {
        let (path, into, function) = (&retired.path, &retired.into, &retired.function);
        let at = ours(into.span);
        let becomes = quote_spanned!(at=> _es::__private::retire::<#path, #name, _>(__old, #into));
        quote! {
            fn #function(__old: #path) -> _es::Parts<#name> {
                #becomes
            }
        }
    });
    quote!(#(#functions)*)
}

pub(super) fn codec(aggregate: &Aggregate<'_>) -> TokenStream {
    let (name, category) = (&aggregate.event_enum, category(aggregate));
    let events = &aggregate.events;
    let constants: Vec<_> = events.iter().map(|event| &event.constant).collect();
    let variants: Vec<_> = events.iter().map(|event| &event.variant).collect();
    // Asked in the same words and at the same place as before: what is no event is no second error.
    let all = events.iter().map(|event| (&event.path, event.span()));
    let retired_paths = aggregate.retired.iter().map(|retired| &retired.path);
    let all = all.chain(retired_paths.map(|path| (path, last(path))));
    let about = all.map(|(path, at)| {
        let asked = quote_spanned!(ours(at)=> _es::__private::event_of::<#path>());
        quote!(#asked.about)
    });
    let retired = aggregate.retired.iter().map(|retired| {
        let (constant, function) = (&retired.constant, &retired.function);
        quote! {
            __name if #constant.is_named(__name) => {
                #constant.read(__name, __version, __payload).map(#function)
            }
        }
    });
    quote! {
        #[automatically_derived]
        impl _es::AggregateEvent for #name {
            const SCHEMAS: &'static [_es::EventSchema] = &[#(#constants.schema),*];
            const TABLE: &'static [_es::KnownEvent] = __TABLE;
            const ABOUT: &'static [_es::__private::About] = &[#(#about),*];

            fn inner(&self) -> &(dyn _es::__private::Any + _es::__private::Send + _es::__private::Sync) {
                match self { #(#name::#variants(__event) => __event),* }
            }

            fn schema(&self) -> _es::EventSchema {
                match self { #(#name::#variants(_) => #constants.schema),* }
            }

            fn encode(
                &self,
                __out: &mut _es::__private::Vec<_es::__private::u8>,
            ) -> _es::__private::Result<(), _es::EncodeError> {
                match self { #(#name::#variants(__event) => (#constants.encode)(__event, __out)),* }
            }

            fn decode(
                __name: &_es::__private::str,
                __version: _es::__private::u32,
                __payload: &[_es::__private::u8],
            ) -> _es::__private::Result<_es::Parts<Self>, _es::DecodeError> {
                match __name {
                    #(__name if #constants.is_named(__name) => {
                        let __event = #constants.read(__name, __version, __payload)?;
                        _es::__private::Ok(_es::Parts::one(#name::#variants(__event)))
                    })*
                    #(#retired)*
                    _ => _es::__private::Err(_es::__private::unknown_name(
                        #category,
                        __name,
                        __version,
                    )),
                }
            }
        }
    }
}
