//! What is checked about the types of fields: the versions of values in them, and the pinned shape.

use proc_macro2::{Literal, TokenStream};
use quote::{quote, quote_spanned};
use syn::Type;

use super::ours;
use crate::{
    ast::{Style, Track, Versioned},
    name, print,
    types::{self, Part},
};

/// Attributes of serde that change what is stored.
const OF_THE_SHAPE: &[&str] = &[
    "rename",
    "rename_all",
    "rename_all_fields",
    "flatten",
    "with",
    "serialize_with",
    "deserialize_with",
    "skip_serializing",
    "tag",
    "content",
    "untagged",
    "transparent",
];

/// One constant for each value that may have a version of its own.
pub(super) fn versions(of: &Versioned<'_>) -> TokenStream {
    let mut checks = Vec::new();
    for track in &of.tracks {
        checks.extend(nested_is_somewhere(track));
        for look in &track.looks {
            for part in types::parts(&look.ty) {
                match part {
                    Part::Past(ty, number) => checks.push(had_version(&ty, &number)),
                    Part::Now(_) if look.today && look.before.is_some() => {}
                    Part::Now(ty) if look.today => checks.push(held_today(of, track, &ty)),
                    Part::Now(ty) => checks.push(held_before(track, &ty)),
                }
            }
        }
    }
    if checks.is_empty() {
        return TokenStream::new();
    }
    quote! {
        use _es::__private::Unversioned as _;
        #(#checks)*
    }
}

fn held_today(of: &Versioned<'_>, track: &Track<'_>, ty: &Type) -> TokenStream {
    let said = track.nested.as_ref().map_or(1, |nested| nested.value);
    let (text, field, ident) = (print::tokens(ty), &track.name, name::of(of.ident));
    let what = format!("`{text}` in `{field}`");
    let next = of.latest().saturating_add(1);
    let held = track
        .field
        .map_or_else(String::new, |field| print::tokens(&field.ty));
    let held = held.replacen(&text, &format!("Past<{text}, {said}>"), 1);
    let mend = format!(
        ": bump `{ident}` to version {next}, and say on `{field}` what it is and was: `nested = ..` and `was(_: {held}, before = {next})`"
    );
    held_at(ty, said, &what, &mend)
}

/// A version is said of something that has one.
fn nested_is_somewhere(track: &Track<'_>) -> Option<TokenStream> {
    let (nested, field) = (track.nested.as_ref()?, track.field?);
    let parts = types::parts(&field.ty);
    let versions = parts.iter().filter_map(|part| match part {
        Part::Now(ty) => Some(quote!(_es::__private::Probe::<#ty>::__ES_SCHEMA)),
        Part::Past(..) => None,
    });
    let name = &track.name;
    Some(quote_spanned! {ours(nested.span)=>
        const _: () = _es::__private::some_version(&[#(#versions),*], #name);
    })
}

/// A type that an older look names is what it was then, so it must have been all that it ever was.
fn held_before(track: &Track<'_>, ty: &Type) -> TokenStream {
    let (text, field) = (print::tokens(ty), &track.name);
    let what = format!("`{text}` in what `{field}` was");
    let mend = format!(": write the version that was stored, `Past<{text}, 1>`");
    held_at(ty, 1, &what, &mend)
}

fn held_at(ty: &Type, said: u32, what: &str, mend: &str) -> TokenStream {
    let said = Literal::u32_unsuffixed(said);
    quote_spanned! {ours(print::span(ty))=>
        const _: () = _es::__private::held_at(_es::__private::Probe::<#ty>::__ES_SCHEMA, #said, #what, #mend);
        const _: () = _es::__private::holds_no_event(_es::__private::Probe::<#ty>::__ES_SCHEMA, _es::__private::Probe::<#ty>::__ES_EVENT, #what);
    }
}

fn had_version(ty: &Type, number: &TokenStream) -> TokenStream {
    let text = print::tokens(ty);
    quote_spanned! {ours(print::span(number))=>
        const _: () = _es::__private::had_version(_es::__private::Probe::<#ty>::__ES_SCHEMA, #number, #text);
    }
}

/// The shape of today, as an expression.
pub(super) fn shape(of: &Versioned<'_>) -> TokenStream {
    let mut kind = match of.style {
        Style::Named => "struct".to_owned(),
        Style::Unnamed => "newtype".to_owned(),
        Style::Unit => "unit".to_owned(),
        Style::Enum => "enum".to_owned(),
    };
    describe(&mut kind, &of.serde);
    if of.style != Style::Enum {
        return fields(of, &kind, &of.tracks);
    }
    let mut variants: Vec<_> = of
        .variants
        .iter()
        .filter(|variant| variant.gone.is_none() && !variant.is_never_stored())
        .collect();
    variants.sort_by(|one, other| one.name.cmp(&other.name));
    let variants = variants.into_iter().map(|variant| {
        let mut text = variant.name.clone();
        describe(&mut text, &variant.serde);
        let kind = match variant.style {
            Style::Unit => "unit",
            Style::Unnamed => "places",
            _ => "struct",
        };
        let shape = fields(of, kind, &of.tracks[variant.fields.clone()]);
        quote!((#text, #shape))
    });
    quote!(_es::__private::shape_of_parts(#kind, &[#(#variants),*]))
}

fn fields(of: &Versioned<'_>, kind: &str, tracks: &[Track<'_>]) -> TokenStream {
    let mut fields: Vec<_> = tracks
        .iter()
        .filter_map(|track| Some((track, track.field?)))
        .collect();
    // The order of fields is not stored.
    fields.sort_by(|(one, _), (other, _)| one.name.cmp(&other.name));
    let fields = fields.into_iter().map(|(track, field)| {
        let mut text = track.name.clone();
        describe(&mut text, &track.serde);
        let shape = shape_of(of, &field.ty, track.opaque);
        quote!((#text, #shape))
    });
    quote!(_es::__private::shape_of_parts(#kind, &[#(#fields),*]))
}

/// The shape of one type. One that holds the struct itself has no end, and goes by its name.
pub(super) fn shape_of(of: &Versioned<'_>, ty: &Type, opaque: bool) -> TokenStream {
    if opaque || types::mentions(ty, of.ident) {
        let text = print::tokens(types::stripped(ty));
        return quote!(_es::__private::named(#text));
    }
    let shape = quote_spanned!(ours(print::span(ty))=> _es::__private::shape_of::<#ty>());
    quote!(#shape)
}

pub(super) fn describe(text: &mut String, serde: &[crate::attr::SerdeItem]) {
    for item in serde
        .iter()
        .filter(|item| OF_THE_SHAPE.iter().any(|word| item.is(word)))
    {
        text.push('\n');
        text.push_str(&print::tokens(item));
    }
}

/// The pinned shape against that of today.
pub(super) fn pin(of: &Versioned<'_>) -> Option<TokenStream> {
    let pin = of.pin.as_ref()?;
    let (shape, text, ident) = (shape(of), &pin.value, name::of(of.ident));
    let version = Literal::u32_unsuffixed(of.latest());
    let check =
        quote_spanned!(ours(pin.span)=> _es::__private::pinned(__SHAPE, #text, #ident, #version));
    Some(quote! {
        const __SHAPE: _es::__private::u64 = #shape;
        const _: () = #check;
    })
}
