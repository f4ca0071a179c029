//! What every version of a type looks like, in one expression. What becomes of them, and when, is for core: an
//! expansion says what stands in the source, once for each look of a field.

use proc_macro2::{Delimiter, Literal, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::Ident;

use super::ours;
use crate::{
    ast::{Look, Style, Track, Variant, Versioned},
    attr::SerdeItem,
    name, print, types,
};

/// Attributes of serde that say nothing about what is stored.
const NOT_STORED: &[&str] = &["borrow", "bound", "crate", "expecting", "getter"];

/// The whole history of a type, as an expression of `&History`.
pub(super) fn describe(of: &Versioned<'_>) -> TokenStream {
    let (rust, latest) = (name::of(of.ident), Literal::u32_unsuffixed(of.latest()));
    let made = if of.style == Style::Enum {
        let variants = of.variants.iter().flat_map(|one| variant(of, one));
        quote!(variants(#rust, #latest, &[#(#variants),*]))
    } else {
        let looks = looks(&of.tracks);
        match of.style {
            // A unit struct that had fields was one in braces then.
            Style::Unit if looks.is_empty() => quote!(unit(#rust, #latest)),
            Style::Unnamed => quote!(newtype(#rust, #latest, &[#(#looks),*])),
            _ => quote!(named(#rust, #latest, &[#(#looks),*])),
        }
    };
    let serde = serde(&of.serde);
    let was = of.containers.iter().map(|was| {
        let (before, pairs) = (Literal::u32_unsuffixed(was.before.value), pairs(&was.serde));
        quote!((#before, &[#(#pairs),*]))
    });
    let was = (!of.containers.is_empty()).then(|| quote!(.was(&[#(#was),*])));
    let explicit = of.explicit.iter().map(|explicit| {
        let (version, path) = (
            Literal::u32_unsuffixed(explicit.version.value),
            &explicit.path,
        );
        let (text, at) = (print::tokens(path), ours(print::span(path)));
        quote_spanned!(at=> (#version, #text, _es::__private::Probe::<#path>::__ES_HOLDS))
    });
    let explicit = (!of.explicit.is_empty()).then(|| quote!(.explicit(&[#(#explicit),*])));
    let proxies = proxies(&of.serde);
    quote!(&_es::__private::History::#made #serde #was #explicit #proxies)
}

fn proxies(items: &[SerdeItem]) -> Option<TokenStream> {
    let types = proxy_types(items).map(|(key, ty)| {
        let at = ours(print::span(&ty));
        quote_spanned!(at=> (#key, _es::__private::Probe::<#ty>::__ES_HOLDS))
    });
    let types: Vec<_> = types.collect();
    (!types.is_empty()).then(|| quote!(.proxies(&[#(#types),*])))
}

/// The types that are stored in place of this one, each with its key. One that is no type is for serde to refuse.
pub(super) fn proxy_types(items: &[SerdeItem]) -> impl Iterator<Item = (String, syn::Type)> + '_ {
    let named = items
        .iter()
        .filter(|item| ["from", "try_from", "into"].iter().any(|key| item.is(key)));
    named.filter_map(|item| {
        let literal = ungrouped(item.tokens.clone()).into_iter().last()?;
        let ty = syn::parse2::<syn::LitStr>(literal.into()).ok()?;
        Some((item.key(), ty.parse::<syn::Type>().ok()?))
    })
}

fn looks(tracks: &[Track<'_>]) -> Vec<TokenStream> {
    let all = tracks
        .iter()
        .flat_map(|track| track.looks.iter().map(move |look| (track, look)));
    all.map(|(track, one)| look(track, one)).collect()
}

fn look(track: &Track<'_>, look: &Look) -> TokenStream {
    let (name, ty) = (called(&look.name), types::stripped(&look.ty));
    let (text, over, serde) = (
        print::tokens(ty),
        over(look.from, look.before),
        serde(&look.serde),
    );
    let (holds, opaque) = if track.opaque {
        (quote!(_es::__private::None), Some(quote!(.opaque())))
    } else {
        let at = ours(print::span(ty));
        (
            quote_spanned!(at=> _es::__private::Probe::<#ty>::__ES_HOLDS),
            None,
        )
    };
    quote!(_es::__private::Look::new(#name, #text, #holds) #over #opaque #serde)
}

/// One for each name that it had; its fields have looks of their own.
fn variant<'b>(
    of: &'b Versioned<'_>,
    variant: &'b Variant<'_>,
) -> impl Iterator<Item = TokenStream> + 'b {
    variant.looks.iter().map(|look| {
        let name = called(&look.name);
        let fields = looks(&of.tracks[variant.fields.clone()]);
        let made = match variant.style {
            Style::Named => quote!(named(#name, &[#(#fields),*])),
            Style::Unnamed => quote!(places(#name, &[#(#fields),*])),
            _ => quote!(unit(#name)),
        };
        let (over, serde) = (over(look.from, look.before), serde(&look.serde));
        quote!(_es::__private::VariantLook::#made #over #serde)
    })
}

/// What an unnamed field is called stands for its place.
fn called(ident: &Ident) -> String {
    let name = name::of(ident);
    match name.strip_prefix("__") {
        Some(place) if place.chars().all(|c| c.is_ascii_digit()) => place.to_owned(),
        _ => name,
    }
}

fn over(from: u32, before: Option<u32>) -> TokenStream {
    let since = (from > 1).then(|| {
        let from = Literal::u32_unsuffixed(from);
        quote!(.since(#from))
    });
    let before = before.map(|before| {
        let before = Literal::u32_unsuffixed(before);
        quote!(.before(#before))
    });
    quote!(#since #before)
}

fn serde(items: &[SerdeItem]) -> Option<TokenStream> {
    let pairs = pairs(items);
    (!pairs.is_empty()).then(|| quote!(.serde(&[#(#pairs),*])))
}

/// Whether an attribute has a say in what is stored.
pub(super) fn is_stored(item: &SerdeItem) -> bool {
    !NOT_STORED.iter().any(|word| item.is(word))
}

/// Key and value of each attribute; where there is another pair of parentheses, those in it.
fn pairs(items: &[SerdeItem]) -> Vec<TokenStream> {
    let mut pairs = Vec::new();
    for item in items.iter().filter(|item| is_stored(item)) {
        let key = name::of(&item.key);
        let mut value = String::new();
        let mut inner = None;
        for token in ungrouped(item.tokens.clone()) {
            match token {
                TokenTree::Literal(_) => value = text(token),
                TokenTree::Group(group) => inner = Some(group.stream()),
                TokenTree::Ident(_) | TokenTree::Punct(_) => {}
            }
        }
        let Some(inner) = inner else {
            pairs.push(quote!((#key, #value)));
            continue;
        };
        let mut word = String::new();
        for token in ungrouped(inner) {
            match token {
                TokenTree::Ident(ident) => word = name::of(&ident),
                TokenTree::Literal(_) => {
                    let (key, value) = (format!("{key}.{word}"), text(token));
                    pairs.push(quote!((#key, #value)));
                }
                TokenTree::Group(_) | TokenTree::Punct(_) => {}
            }
        }
    }
    pairs
}

/// The tokens without the groups that `macro_rules` leaves around what it matched.
fn ungrouped(tokens: TokenStream) -> TokenStream {
    let each = |token| match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
            ungrouped(group.stream())
        }
        other => other.into(),
    };
    tokens.into_iter().flat_map(each).collect()
}

/// A literal's text, without its quotes.
fn text(literal: TokenTree) -> String {
    let whole = literal.to_string();
    syn::parse2::<syn::LitStr>(literal.into()).map_or(whole, |text| text.value())
}
