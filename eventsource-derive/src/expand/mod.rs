//! What the derives write. Nothing here can fail, and nothing here decides: what could be a function is one in
//! `eventsource-core`.
//!
//! A bound that a user can miss is asked for in one constant, spanned at the user's own token, and everything else goes
//! through that constant. So what is missing is one error, wherever else the type is used.

mod aggregate;
mod aggregate_id;
mod convert;
mod describe;
mod event;
mod history;
mod layout;
mod nested;
mod params;
mod projection;
mod schema;
mod snapshot;
mod table;
mod variants;

pub(crate) use aggregate::{aggregate, event_enum};
pub(crate) use aggregate_id::aggregate_id;
pub(crate) use event::event;
pub(crate) use history::bare_shapes;
use proc_macro2::{Ident, Span, TokenStream};
pub(crate) use projection::projection;
use quote::quote;
pub(crate) use schema::schema;
pub(crate) use snapshot::snapshot;
use syn::Path;

/// Puts `items` where they see the crate as `_es` and are seen by nobody.
pub(crate) fn in_const(krate: &Path, items: &TokenStream) -> TokenStream {
    quote! {
        const _: () = {
            use #krate as _es;
            #items
        };
    }
}

/// The place of `at`, for tokens that are ours: an error is shown there, and lints know them for generated.
pub(crate) fn ours(at: Span) -> Span {
    Span::call_site().located_at(at)
}

/// A variable of ours: nothing that the user wrote can name it.
pub(crate) fn local(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}

/// The name of the type at another place, for an error that is about it and belongs there.
fn respanned(ident: &Ident, at: Span) -> Ident {
    let mut ident = ident.clone();
    ident.set_span(ident.span().located_at(at));
    ident
}
