//! How one value becomes another: by what the user said, or by its type.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::Type;

use super::{local, ours};
use crate::{attr::How, name, print, types};

/// Where a conversion stands, for the error of one that fails.
pub(super) struct Place<'a> {
    of: &'a Ident,
    to: u32,
    field: Option<&'a str>,
}

impl<'a> Place<'a> {
    pub(super) fn new(of: &'a Ident, to: u32, field: Option<&'a str>) -> Self {
        Self { of, to, field }
    }

    /// What the user said. The type of a function is spelt out, so that a closure knows its parameter.
    pub(super) fn by_hand(
        &self,
        from: &TokenStream,
        to: &TokenStream,
        how: &How,
        value: &TokenStream,
    ) -> TokenStream {
        match how {
            How::Auto => value.clone(),
            How::Default(default) => {
                let local = local("__default");
                quote!({ let #local: #to = #default; #local })
            }
            How::With(with) => {
                let local = local("__with");
                quote!({ let #local: fn(#from) -> #to = #with; #local(#value) })
            }
            How::TryWith(with) => {
                let mut local = local("__with");
                local.set_span(local.span().located_at(with.span));
                let call = quote_spanned!(ours(with.span)=> #local(#value));
                let tried = self.tried(ours(with.span), &call);
                quote!({ let #local: fn(#from) -> _es::__private::Result<#to, _> = #with; #tried })
            }
        }
    }

    /// What is said of the types alone: a value of an older version becomes one of today, a container is taken value by
    /// value, everything else is `From`.
    pub(super) fn auto(&self, from: &Type, to: &Type, value: &TokenStream) -> TokenStream {
        match convert(from, to, value) {
            Converted::Same => value.clone(),
            Converted::Always(tokens) => tokens,
            Converted::Maybe(tokens) => self.tried(ours(print::span(from)), &tokens),
        }
    }

    fn tried(&self, at: proc_macro2::Span, tried: &TokenStream) -> TokenStream {
        let (of, to) = (name::of(self.of), Literal::u32_unsuffixed(self.to));
        let field = self.field.map_or_else(
            || quote!(_es::__private::None),
            |field| quote!(_es::__private::Some(#field)),
        );
        quote_spanned!(at=> _es::__private::tried(#tried, #of, #to, #field)?)
    }
}

enum Converted {
    Same,
    /// An expression of the new type.
    Always(TokenStream),
    /// An expression of a `Result`.
    Maybe(TokenStream),
}

fn convert(from: &Type, to: &Type, value: &TokenStream) -> Converted {
    if types::same(from, to) {
        return Converted::Same;
    }
    let at = ours(print::span(from));
    if let Some((inner, _)) = types::past(from) {
        return match types::past(to) {
            Some((later, _)) if types::same(inner, later) => {
                Converted::Always(quote_spanned!(at=> _es::__private::later(#value)))
            }
            _ => Converted::Maybe(quote_spanned!(at=> #value.today())),
        };
    }
    if let Some((held, new)) = types::held(from, to) {
        let one = match convert(held, new, &quote!(__held)) {
            Converted::Same => quote!(_es::__private::Ok(__held)),
            Converted::Always(tokens) => quote!(_es::__private::Ok(#tokens)),
            Converted::Maybe(tokens) => tokens,
        };
        let each = quote_spanned!(at=> <#from as _es::__private::Each<#new>>::each);
        return Converted::Maybe(quote!(#each(#value, |__held| #one)));
    }
    if let Some(pairs) = types::elements(from, to) {
        return each_element(from, &pairs, value);
    }
    // The error of a missing `From` stands at the old type.
    let (from, at) = (from.to_token_stream(), ours(print::span(from)));
    Converted::Always(quote_spanned!(at=> <#from as _es::__private::Carry<#to>>::carry(#value)))
}

/// A tuple is taken element by element; the first one that cannot be converted ends it.
fn each_element(from: &Type, pairs: &[(&Type, &Type)], value: &TokenStream) -> Converted {
    let names: Vec<_> = (0..pairs.len())
        .map(|index| format_ident!("__element_{index}"))
        .collect();
    let mut made = Vec::new();
    let mut fails = false;
    for ((from, to), name) in pairs.iter().zip(&names) {
        let name = quote!(#name);
        made.push(match convert(from, to, &name) {
            Converted::Same => name,
            Converted::Always(tokens) => tokens,
            Converted::Maybe(tokens) => {
                fails = true;
                quote!(#tokens?)
            }
        });
    }
    let tuple = quote!((#(#made,)*));
    if !fails {
        return Converted::Always(quote!({ let (#(#names,)*) = #value; #tuple }));
    }
    Converted::Maybe(quote! {
        (|(#(#names,)*): #from| -> _es::__private::Result<_, _es::UpcastError> {
            _es::__private::Ok(#tuple)
        })(#value)
    })
}
