//! What is checked about the types of fields: the versions of values in them, and the pinned shape.

use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Type;

use super::{ours, params};
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
    "from",
    "try_from",
    "into",
];

/// The checks of the versions of values in fields, as expressions.
#[derive(Default)]
pub(super) struct Versions {
    /// Those of types that are known where they stand.
    concrete: Vec<TokenStream>,
    /// Those of types that depend on a parameter.
    generic: Vec<TokenStream>,
}

impl Versions {
    /// A constant for each check.
    pub(super) fn in_consts(&self) -> TokenStream {
        let checks = &self.concrete;
        if checks.is_empty() {
            return TokenStream::new();
        }
        quote! {
            use _es::__private::Unversioned as _;
            #(const _: () = #checks;)*
        }
    }

    /// Where the parameters are known: in a constant of the trait, which every use of the type asks for.
    pub(super) fn in_generic_code(&self) -> TokenStream {
        let checks = &self.generic;
        quote!(#(#checks;)*)
    }
}

/// A check for each value that may have a version of its own.
pub(super) fn versions(of: &Versioned<'_>) -> Versions {
    let mut versions = Versions::default();
    for track in &of.tracks {
        if let Some((depends, check)) = nested_is_somewhere(of, track) {
            let checks = if depends {
                &mut versions.generic
            } else {
                &mut versions.concrete
            };
            checks.push(check);
        }
        for look in track.looks.iter().filter(|look| of.is_read(look)) {
            for part in types::parts(&look.ty) {
                let (ty, check) = match part {
                    Part::Past(ty, number) => {
                        let check = had_version(of, &ty, &number);
                        (ty, check)
                    }
                    Part::Now(_) if look.today && look.before.is_some() => continue,
                    // Whoever says what the parameter is sees its version.
                    Part::Now(ty) if params::is_param(&of.original.generics, &ty) => continue,
                    Part::Now(ty) if look.today => {
                        let check = held_today(of, track, &ty);
                        (ty, check)
                    }
                    Part::Now(ty) => {
                        let check = held_before(of, track, &ty);
                        (ty, check)
                    }
                };
                if params::depends(&of.original.generics, &ty) {
                    versions.generic.push(check);
                } else {
                    versions.concrete.push(check);
                }
            }
        }
    }
    versions
}

fn held_today(of: &Versioned<'_>, track: &Track<'_>, ty: &Type) -> TokenStream {
    let said = track.nested.of(ty);
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
    held_at(of, ty, said, &what, &mend)
}

/// A version is said of something that has one: the check, and whether it depends on a parameter.
fn nested_is_somewhere(of: &Versioned<'_>, track: &Track<'_>) -> Option<(bool, TokenStream)> {
    let (said, field) = (track.nested.numbers().next()?, track.field?);
    let generics = &of.original.generics;
    let mut depends = false;
    let mut versions = Vec::new();
    for part in types::parts(&field.ty) {
        match part {
            // Whoever says what the parameter is sees its version.
            Part::Now(ty) if params::is_param(generics, &ty) => return None,
            Part::Now(ty) => {
                depends |= params::depends(generics, &ty);
                versions.push(versions_of(of, &ty));
            }
            Part::Past(..) => {}
        }
    }
    let name = &track.name;
    let check = quote_spanned! {ours(said.span)=>
        _es::__private::some_version(&[#(#versions),*], #name)
    };
    Some((depends, check))
}

/// A type that an older look names is what it was then, so it must have been all that it ever was.
fn held_before(of: &Versioned<'_>, track: &Track<'_>, ty: &Type) -> TokenStream {
    let (text, field) = (print::tokens(ty), &track.name);
    let what = format!("`{text}` in what `{field}` was");
    let mend = format!(": write the version that was stored, `Past<{text}, 1>`");
    held_at(of, ty, 1, &what, &mend)
}

fn held_at(of: &Versioned<'_>, ty: &Type, said: u32, what: &str, mend: &str) -> TokenStream {
    let (version, said) = (versions_of(of, ty), Literal::u32_unsuffixed(said));
    let held = quote_spanned! {ours(print::span(ty))=>
        _es::__private::held_at(#version, #said, #what, #mend)
    };
    if params::depends(&of.original.generics, ty) {
        return held;
    }
    // What is no value with versions may be an event, which has some as well.
    let version = versions_of(of, ty);
    quote_spanned! {ours(print::span(ty))=> {
        #held;
        _es::__private::holds_no_event(#version, _es::__private::Probe::<#ty>::__ES_EVENT, #what)
    }}
}

fn had_version(of: &Versioned<'_>, ty: &Type, number: &TokenStream) -> TokenStream {
    let (text, versions) = (print::tokens(ty), versions_of(of, ty));
    quote_spanned! {ours(print::span(number))=>
        _es::__private::had_version(#versions, #number, #text)
    }
}

/// The versions of a type, as an expression. One that depends on a parameter cannot be probed; where it is in a field,
/// it tells its shape, and so its version.
fn versions_of(of: &Versioned<'_>, ty: &Type) -> TokenStream {
    let at = ours(print::span(ty));
    if !params::depends(&of.original.generics, ty) {
        return quote_spanned!(at=> _es::__private::Versions::of(_es::__private::Probe::<#ty>::__ES_TOLD, _es::__private::Probe::<#ty>::__ES_READ));
    }
    let version = if types::holds(ty, of.ident) {
        // To ask the trait would be to ask in a circle.
        Literal::u32_unsuffixed(of.latest()).into_token_stream()
    } else {
        quote_spanned!(at=> <#ty as _es::Schema>::VERSION)
    };
    quote_spanned!(at=> _es::__private::Versions::up_to(#version))
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
    if opaque || types::holds(ty, of.ident) {
        let text = print::tokens(types::stripped(ty));
        return quote!(_es::__private::named(#text));
    }
    let shape = quote_spanned!(ours(print::span(ty))=> _es::__private::shape_of::<#ty>());
    quote!(#shape.shape)
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
