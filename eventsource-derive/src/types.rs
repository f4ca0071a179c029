//! What can be seen of a type in its tokens: containers, and values at an older version.

use std::borrow::Cow;

use proc_macro2::{Group, Spacing, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{DeriveInput, GenericArgument, Ident, PathArguments, PathSegment, Type};

use crate::print;

/// Types that are never versioned, as they are called in most files.
const PLAIN: &[&str] = &[
    "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32",
    "u64", "u128", "usize", "str", "String",
];
/// Containers that are converted value by value.
const CONTAINERS: &[&str] = &[
    "Option", "Vec", "VecDeque", "Box", "BTreeMap", "HashMap", "BTreeSet", "HashSet",
];

/// The input with its own name for `Self`, which would be another type where the types of its fields stand in ours.
pub(crate) fn without_self(input: &DeriveInput) -> Cow<'_, DeriveInput> {
    fn named(tokens: TokenStream, ident: &Ident) -> TokenStream {
        let mut tokens = tokens.into_iter().peekable();
        let mut all = TokenStream::new();
        while let Some(token) = tokens.next() {
            all.extend([match token {
                // `Self: u8` is a field that cannot be called so, and not a type.
                TokenTree::Ident(word) if word == "Self" && !is_a_colon(tokens.peek()) => {
                    let mut ident = ident.clone();
                    ident.set_span(ident.span().located_at(word.span()));
                    TokenTree::Ident(ident)
                }
                TokenTree::Group(group) => {
                    let mut inner = Group::new(group.delimiter(), named(group.stream(), ident));
                    inner.set_span(group.span());
                    TokenTree::Group(inner)
                }
                other => other,
            }]);
        }
        all
    }
    fn is_a_colon(token: Option<&TokenTree>) -> bool {
        matches!(token, Some(TokenTree::Punct(mark)) if mark.as_char() == ':' && mark.spacing() == Spacing::Alone)
    }
    let tokens = input.to_token_stream();
    if !has_word(tokens.clone(), &|word| word == "Self") {
        return Cow::Borrowed(input);
    }
    syn::parse2(named(tokens, &input.ident)).map_or(Cow::Borrowed(input), Cow::Owned)
}

/// The type without the groups that `macro_rules` leaves around what it matched.
pub(crate) fn stripped(mut ty: &Type) -> &Type {
    loop {
        ty = match ty {
            Type::Group(group) => &group.elem,
            Type::Paren(paren) => &paren.elem,
            _ => return ty,
        };
    }
}

pub(crate) fn same(one: &Type, other: &Type) -> bool {
    print::tokens(stripped(one)) == print::tokens(stripped(other))
}

/// `Past<T, N>`: the type, and the number as it is written.
pub(crate) fn past(ty: &Type) -> Option<(&Type, TokenStream)> {
    let segment = last_segment(ty)?;
    if segment.ident != "Past" {
        return None;
    }
    match arguments(segment).as_slice() {
        [GenericArgument::Type(ty), number] => Some((ty, number.to_token_stream())),
        _ => None,
    }
}

/// What two containers of one kind hold, where they differ in nothing else.
pub(crate) fn held<'a>(one: &'a Type, other: &'a Type) -> Option<(&'a Type, &'a Type)> {
    if let (Type::Array(one), Type::Array(other)) = (stripped(one), stripped(other)) {
        let same_length = print::tokens(&one.len) == print::tokens(&other.len);
        return same_length.then_some((&*one.elem, &*other.elem));
    }
    let (one, other) = (last_segment(one)?, last_segment(other)?);
    if one.ident != other.ident || !CONTAINERS.iter().any(|known| one.ident == known) {
        return None;
    }
    let place = usize::from(one.ident == "BTreeMap" || one.ident == "HashMap");
    let (one, other) = (arguments(one), arguments(other));
    if one.len() != other.len() {
        return None;
    }
    let mut pairs = one.iter().zip(&other).enumerate();
    let rest_is_same = pairs
        .all(|(index, (one, other))| index == place || print::tokens(one) == print::tokens(other));
    match (one.get(place)?, other.get(place)?) {
        (GenericArgument::Type(one), GenericArgument::Type(other)) if rest_is_same => {
            Some((one, other))
        }
        _ => None,
    }
}

/// A part of a type that may have versions of its own.
pub(crate) enum Part {
    /// A type as it is.
    Now(Type),
    /// A type at the version that is written there.
    Past(Type, TokenStream),
}

/// Every part of a type, from the outside in.
pub(crate) fn parts(ty: &Type) -> Vec<Part> {
    let mut found = Vec::new();
    collect(ty, &mut found);
    found
}

fn collect(ty: &Type, found: &mut Vec<Part>) {
    let ty = stripped(ty);
    if let Some((inner, number)) = past(ty) {
        found.push(Part::Past(inner.clone(), number));
        return;
    }
    match ty {
        Type::Path(path) => {
            let Some(segment) = last_segment(ty) else {
                return;
            };
            let alone = path.path.segments.len() == 1 && path.qself.is_none();
            let plain = alone && PLAIN.iter().any(|name| segment.ident == name);
            // What has parameters is a container: a type with versions has none.
            let arguments = arguments(segment);
            if arguments.is_empty() && !plain {
                found.push(Part::Now(ty.clone()));
            }
            for argument in arguments {
                if let GenericArgument::Type(ty) = argument {
                    collect(ty, found);
                }
            }
        }
        Type::Array(array) => collect(&array.elem, found),
        Type::Slice(slice) => collect(&slice.elem, found),
        Type::Tuple(tuple) => tuple.elems.iter().for_each(|ty| collect(ty, found)),
        _ => {}
    }
}

/// Whether an identifier stands anywhere in the type.
pub(crate) fn mentions(ty: &Type, ident: &Ident) -> bool {
    has_word(quote!(#ty), &|word| word == ident)
}

fn has_word(tokens: TokenStream, is: &dyn Fn(&Ident) -> bool) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Group(group) => has_word(group.stream(), is),
        TokenTree::Ident(word) => is(&word),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

fn last_segment(ty: &Type) -> Option<&PathSegment> {
    match stripped(ty) {
        Type::Path(path) => path.path.segments.last(),
        _ => None,
    }
}

fn arguments(segment: &PathSegment) -> Vec<&GenericArgument> {
    match &segment.arguments {
        PathArguments::AngleBracketed(arguments) => arguments.args.iter().collect(),
        _ => Vec::new(),
    }
}
