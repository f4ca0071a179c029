//! The stubs that go with an error: they have the impls that the type would have, and none of its obligations, so that
//! the rest of the user's code has no error of its own.

mod projection;

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
pub(crate) use projection::projection;
use quote::{ToTokens, format_ident, quote};
use syn::{DeriveInput, GenericParam, ext::IdentExt, parse_quote};

use crate::{
    ast::{Aggregate, Event, Id, Schema, Snapshot, Versioned},
    check::is_debug,
    expand::{bare_shapes, event_enum, in_const},
    name,
};

pub(crate) fn event(event: &Event<'_>, errors: &syn::Error) -> TokenStream {
    let errors = errors.to_compile_error();
    let Some(Stub { ty, params, bounds }) = Stub::of(event.original, &[]) else {
        return errors;
    };
    let name = event.stored_name();
    let shapes = shapes(&event.of);
    let stub = in_const(
        &event.krate,
        &quote! {
            #[automatically_derived]
            impl<#(#params),*> _es::Event for #ty #bounds {
                const SCHEMA: _es::EventSchema = _es::EventSchema { name: #name, version: 1 };
                fn encode(
                    &self,
                    _: &mut _es::__private::Vec<_es::__private::u8>,
                ) -> _es::__private::Result<(), _es::EncodeError> {
                    _es::__private::stub()
                }
                fn decode(
                    _: _es::__private::u32,
                    _: &[_es::__private::u8],
                ) -> _es::__private::Result<Self, _es::DecodeError> {
                    _es::__private::stub()
                }
            }
            #shapes
            #[automatically_derived]
            impl<#(#params,)* __A: _es::Lists<#ty>> _es::__private::From<#ty> for _es::Events<__A> #bounds {
                fn from(_: #ty) -> Self {
                    _es::__private::stub()
                }
            }
        },
    );
    quote!(#errors #stub)
}

pub(crate) fn schema(schema: &Schema<'_>, errors: &syn::Error) -> TokenStream {
    let errors = errors.to_compile_error();
    let Some(Stub { ty, params, bounds }) = Stub::of(schema.of.original, &[]) else {
        return errors;
    };
    // At its version it has no event that holds it say more.
    let version = schema.of.latest().max(1);
    let shapes = shapes(&schema.of);
    let stub = in_const(
        &schema.krate,
        &quote! {
            #[automatically_derived]
            impl<#(#params),*> _es::Schema for #ty #bounds {
                const VERSION: _es::__private::u32 = #version;
                const SHAPE: _es::__private::u64 = 0;
            }
            #[automatically_derived]
            impl<#(#params),*> _es::__private::Versioned for #ty #bounds {
                const VERSION: _es::__private::u32 = #version;
                fn read_at<'de, __D: _es::__private::Deserializer<'de>>(
                    _: _es::__private::u32,
                    _: __D,
                ) -> _es::__private::Result<_es::__private::Upcasted<Self>, __D::Error> {
                    _es::__private::stub()
                }
            }
            #shapes
        },
    );
    quote!(#errors #stub)
}

/// What is generic is refused as a whole, and nobody names a shape of it.
fn shapes(of: &Versioned<'_>) -> Option<TokenStream> {
    let plain = of.original.generics.params.is_empty();
    plain.then(|| bare_shapes(of))
}

pub(crate) fn aggregate(aggregate: &Aggregate<'_>, errors: &syn::Error) -> TokenStream {
    let errors = errors.to_compile_error();
    let Some(Stub { ty, params, bounds }) = Stub::of(aggregate.original, &[]) else {
        return errors;
    };
    // What was reported as listed twice stands in the stub once.
    let (mut paths, mut variants) = (BTreeSet::new(), BTreeSet::new());
    let events: Vec<_> = aggregate
        .events
        .iter()
        .filter(|event| paths.insert(event.key()) && variants.insert(name::of(&event.variant)))
        .collect();
    // Nor can the enum have a name that is taken.
    let name = &match aggregate.enum_clash() {
        None => aggregate.event_enum.clone(),
        Some(_) => format_ident!("__{}Event", aggregate.ident.unraw()),
    };
    let item = event_enum(aggregate, name, events.iter().copied());
    let category = aggregate.name.as_ref().map_or_else(
        || name::suggested(aggregate.ident),
        |name| name.value.clone(),
    );
    // A type that is not known: whatever the user meant, these are an id and an error.
    let id = aggregate
        .id
        .as_ref()
        .map_or_else(|| quote!(_es::__private::String), ToTokens::to_token_stream);
    let error = aggregate.error.as_ref().map_or_else(
        || quote!(_es::__private::Infallible),
        ToTokens::to_token_stream,
    );
    let listed = events.iter().map(|event| {
        let path = &event.path;
        quote! {
            #[automatically_derived]
            impl<#(#params),*> _es::Lists<#path> for #ty #bounds {
                fn wrap(_: #path) -> #name {
                    _es::__private::stub()
                }
            }
            #[automatically_derived]
            impl _es::__private::From<#path> for #name {
                fn from(_: #path) -> Self {
                    _es::__private::stub()
                }
            }
        }
    });
    // The enum derives `Debug` itself where that was the mistake.
    let derived = aggregate.event_derives.iter().any(is_debug);
    let debug = (!derived).then(|| {
        quote! {
            #[automatically_derived]
            impl _es::__private::Debug for #name {
                fn fmt(&self, _: &mut _es::__private::Formatter<'_>) -> _es::__private::FmtResult {
                    _es::__private::stub()
                }
            }
        }
    });
    let stub = in_const(
        &aggregate.krate,
        &quote! {
            #debug
            #[automatically_derived]
            impl _es::AggregateEvent for #name {
                const SCHEMAS: &'static [_es::EventSchema] = &[];
                const TABLE: &'static [_es::KnownEvent] = &[];
                fn inner(
                    &self,
                ) -> &(dyn _es::__private::Any + _es::__private::Send + _es::__private::Sync) {
                    _es::__private::stub()
                }
                fn schema(&self) -> _es::EventSchema {
                    _es::__private::stub()
                }
                fn encode(
                    &self,
                    _: &mut _es::__private::Vec<_es::__private::u8>,
                ) -> _es::__private::Result<(), _es::EncodeError> {
                    _es::__private::stub()
                }
                fn decode(
                    _: &_es::__private::str,
                    _: _es::__private::u32,
                    _: &[_es::__private::u8],
                ) -> _es::__private::Result<_es::Parts<Self>, _es::DecodeError> {
                    _es::__private::stub()
                }
            }
            #[automatically_derived]
            impl<#(#params),*> _es::Aggregate for #ty #bounds {
                const CATEGORY: &'static _es::__private::str = #category;
                type Id = #id;
                type Error = #error;
                type Event = #name;
                fn initial() -> _es::__private::Option<Self> {
                    _es::__private::stub()
                }
                fn fold(
                    _: &mut _es::__private::Option<Self>,
                    _: &#name,
                ) -> _es::__private::Result<(), _es::FoldError> {
                    _es::__private::stub()
                }
                fn abilities() -> _es::__private::Abilities<Self> {
                    _es::__private::stub()
                }
            }
            #[automatically_derived]
            impl<#(#params),*> _es::__private::From<#name> for _es::Events<#ty> #bounds {
                fn from(_: #name) -> Self {
                    _es::__private::stub()
                }
            }
            #(#listed)*
        },
    );
    quote!(#errors #item #stub)
}

pub(crate) fn aggregate_id(id: &Id<'_>, errors: &syn::Error) -> TokenStream {
    let errors = errors.to_compile_error();
    let value = [
        quote!(_es::__private::Clone),
        quote!(_es::__private::Eq),
        quote!(_es::__private::Debug),
    ];
    let Some(Stub { ty, params, bounds }) = Stub::of(id.original, &value) else {
        return errors;
    };
    let stub = in_const(
        &id.krate,
        &quote! {
            #[automatically_derived]
            impl<#(#params),*> _es::AggregateId for #ty #bounds {
                fn to_text(&self) -> _es::__private::Cow<'_, _es::__private::str> {
                    _es::__private::stub()
                }
                fn from_text(
                    _: &_es::__private::str,
                ) -> _es::__private::Result<Self, _es::AggregateIdError> {
                    _es::__private::stub()
                }
            }
        },
    );
    quote!(#errors #stub)
}

pub(crate) fn snapshot(snapshot: &Snapshot<'_>, errors: Option<&syn::Error>) -> TokenStream {
    let errors = errors.map(syn::Error::to_compile_error);
    // What is no aggregate has no snapshot, not even a stub of one.
    let stub = Stub::of(snapshot.original, &[]).filter(|_| snapshot.is_aggregate);
    let Some(Stub { ty, params, bounds }) = stub else {
        return errors.unwrap_or_default();
    };
    let stub = in_const(
        &snapshot.krate,
        &quote! {
            #[automatically_derived]
            impl<#(#params),*> _es::Snapshot for #ty #bounds {
                const FINGERPRINT: _es::Fingerprint = _es::Fingerprint::new(0);
                fn encode(
                    &self,
                    _: &mut _es::__private::Vec<_es::__private::u8>,
                ) -> _es::__private::Result<(), _es::__private::SnapshotCodecError> {
                    _es::__private::stub()
                }
                fn decode(
                    _: &[_es::__private::u8],
                ) -> _es::__private::Result<Self, _es::__private::SnapshotCodecError> {
                    _es::__private::stub()
                }
            }
        },
    );
    quote!(#errors #stub)
}

/// The type that a stub is for.
struct Stub {
    ty: syn::Type,
    params: Vec<GenericParam>,
    bounds: TokenStream,
}

impl Stub {
    /// `None` where a stub could only add errors: a lifetime beside other parameters, whose bounds may name it.
    ///
    /// `more` are bounds of a generic type beyond those of every such type.
    fn of(input: &DeriveInput, more: &[TokenStream]) -> Option<Self> {
        let ident = &input.ident;
        let mut params: Vec<_> = input.generics.params.iter().cloned().collect();
        for param in &mut params {
            // A default may stand on the type only.
            match param {
                GenericParam::Type(param) => param.default = None,
                GenericParam::Const(param) => param.default = None,
                GenericParam::Lifetime(_) => {}
            }
        }
        let lifetimes = input.generics.lifetimes().count();
        if params.is_empty() {
            return Some(Self {
                ty: parse_quote!(#ident),
                params,
                bounds: TokenStream::new(),
            });
        }
        if lifetimes == params.len() {
            let owned = params.iter().map(|_| quote!('static));
            return Some(Self {
                ty: parse_quote!(#ident<#(#owned),*>),
                params: Vec::new(),
                bounds: TokenStream::new(),
            });
        }
        if lifetimes > 0 {
            return None;
        }
        let (_, arguments, _) = input.generics.split_for_impl();
        let ty: syn::Type = parse_quote!(#ident #arguments);
        let given = input
            .generics
            .where_clause
            .iter()
            .flat_map(|clause| &clause.predicates);
        let bounds = quote! {
            where #ty: 'static + _es::__private::Send + _es::__private::Sync #(+ #more)*, #(#given),*
        };
        Some(Self { ty, params, bounds })
    }
}
