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
    "Option",
    "Vec",
    "VecDeque",
    "LinkedList",
    "BinaryHeap",
    "BTreeMap",
    "HashMap",
    "BTreeSet",
    "HashSet",
    "Box",
    "Rc",
    "Arc",
];
/// Types of std that are at the version of what they hold.
const TRANSPARENT: &[&str] = &["Cow", "PhantomData"];

/// The input with its own name for `Self`, which would be another type where the types of its fields stand in ours.
pub(crate) fn without_self(input: &DeriveInput) -> Cow<'_, DeriveInput> {
    fn named(tokens: TokenStream, ident: &Ident, arguments: &TokenStream) -> TokenStream {
        let mut tokens = tokens.into_iter().peekable();
        let mut all = TokenStream::new();
        while let Some(token) = tokens.next() {
            match token {
                // `Self: u8` is a field that cannot be called so, and not a type.
                TokenTree::Ident(word) if word == "Self" && !is_a_colon(tokens.peek()) => {
                    let mut ident = ident.clone();
                    ident.set_span(ident.span().located_at(word.span()));
                    all.extend(quote!(#ident #arguments));
                }
                TokenTree::Group(group) => {
                    let stream = named(group.stream(), ident, arguments);
                    let mut inner = Group::new(group.delimiter(), stream);
                    inner.set_span(group.span());
                    all.extend([TokenTree::Group(inner)]);
                }
                other => all.extend([other]),
            }
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
    let (_, arguments, _) = input.generics.split_for_impl();
    // Both in a type and in an expression.
    let arguments = if input.generics.params.is_empty() {
        TokenStream::new()
    } else {
        quote!(::#arguments)
    };
    syn::parse2(named(tokens, &input.ident, &arguments)).map_or(Cow::Borrowed(input), Cow::Owned)
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

/// The elements of two tuples of one length.
pub(crate) fn elements<'a>(one: &'a Type, other: &'a Type) -> Option<Vec<(&'a Type, &'a Type)>> {
    let (Type::Tuple(one), Type::Tuple(other)) = (stripped(one), stripped(other)) else {
        return None;
    };
    (one.elems.len() == other.elems.len()).then(|| one.elems.iter().zip(&other.elems).collect())
}

/// The type with today's value in place of each of an older version.
pub(crate) fn without_past(ty: &Type) -> Type {
    let mut ty = stripped(ty).clone();
    if let Some((inner, _)) = past(&ty) {
        return without_past(inner);
    }
    match &mut ty {
        Type::Path(path) => {
            let last = path.path.segments.last_mut();
            if let Some(PathArguments::AngleBracketed(arguments)) =
                last.map(|segment| &mut segment.arguments)
            {
                for argument in &mut arguments.args {
                    if let GenericArgument::Type(held) = argument {
                        *held = without_past(held);
                    }
                }
            }
        }
        Type::Array(array) => *array.elem = without_past(&array.elem),
        Type::Slice(slice) => *slice.elem = without_past(&slice.elem),
        Type::Tuple(tuple) => {
            for held in &mut tuple.elems {
                *held = without_past(held);
            }
        }
        _ => {}
    }
    ty
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
            // `Box<[T]>` is a container of each `T`.
            Some(match (stripped(one), stripped(other)) {
                (Type::Slice(one), Type::Slice(other)) => (&*one.elem, &*other.elem),
                _ => (one, other),
            })
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
        // The number is that of the type itself, and not of what it is made for.
        collect_arguments(inner, found);
        return;
    }
    match ty {
        Type::Path(path) => {
            let Some(segment) = last_segment(ty) else {
                return;
            };
            let alone = path.path.segments.len() == 1 && path.qself.is_none();
            let plain = alone && PLAIN.iter().any(|name| segment.ident == name);
            let known = CONTAINERS.iter().chain(TRANSPARENT);
            let transparent = known.into_iter().any(|name| segment.ident == name)
                && !arguments(segment).is_empty();
            if !plain && !transparent {
                found.push(Part::Now(ty.clone()));
            }
            collect_arguments(ty, found);
        }
        Type::Array(array) => collect(&array.elem, found),
        Type::Slice(slice) => collect(&slice.elem, found),
        Type::Tuple(tuple) => tuple.elems.iter().for_each(|ty| collect(ty, found)),
        _ => {}
    }
}

fn collect_arguments(ty: &Type, found: &mut Vec<Part>) {
    for argument in last_segment(ty).map(arguments).unwrap_or_default() {
        if let GenericArgument::Type(ty) = argument {
            collect(ty, found);
        }
    }
}

/// `Address` of `place::Address<T>`.
pub(crate) fn last_word(ty: &Type) -> Option<&Ident> {
    last_segment(ty).map(|segment| &segment.ident)
}

/// Whether the type is one word, this one.
pub(crate) fn is_word(ty: &Type, ident: &Ident) -> bool {
    matches!(stripped(ty), Type::Path(path) if path.path.is_ident(ident))
}

/// Whether an identifier stands anywhere in the type.
pub(crate) fn mentions(ty: &Type, ident: &Ident) -> bool {
    has_word(quote!(#ty), &|word| word == ident)
}

/// The type with one word in place of another one.
pub(crate) fn with_word(ty: &Type, from: &Ident, to: &Ident) -> TokenStream {
    fn replaced(tokens: TokenStream, from: &Ident, to: &Ident) -> TokenStream {
        let each = |token| match token {
            TokenTree::Ident(word) if word == *from => TokenTree::Ident(to.clone()),
            TokenTree::Group(group) => {
                Group::new(group.delimiter(), replaced(group.stream(), from, to)).into()
            }
            other => other,
        };
        tokens.into_iter().map(each).collect()
    }
    replaced(quote!(#ty), from, to)
}

/// Whether a type stands in another one under its bare name. After a `::` the same word names something else.
pub(crate) fn holds(ty: &Type, ident: &Ident) -> bool {
    fn bare(tokens: TokenStream, ident: &Ident) -> bool {
        let mut in_a_path = false;
        tokens.into_iter().any(|token| match token {
            TokenTree::Group(group) => bare(group.stream(), ident),
            TokenTree::Ident(word) => !in_a_path && word == *ident,
            TokenTree::Punct(punct) => {
                in_a_path = punct.as_char() == ':';
                false
            }
            TokenTree::Literal(_) => false,
        })
    }
    bare(quote!(#ty), ident)
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
