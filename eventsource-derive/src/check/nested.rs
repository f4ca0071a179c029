//! The rules of values with versions in a field.

use syn::GenericParam;

use crate::{
    ast::{Track, Versioned},
    ctxt::Ctxt,
    name, print,
    types::{self, Part},
};

pub(super) fn check(cx: &mut Ctxt, of: &Versioned<'_>) {
    for track in &of.tracks {
        nested_is_a_version(cx, track);
        nested_is_of_a_type_in_the_field(cx, track);
        parameters_have_no_past(cx, of, track);
        what_depends_on_a_parameter_tells_its_shape(cx, of, track);
    }
}

fn nested_is_a_version(cx: &mut Ctxt, track: &Track<'_>) {
    for nested in track.nested.numbers().filter(|nested| nested.value == 0) {
        cx.error_at(
            nested.span,
            "versions start at 1, so no value is at version 0 of its type\nhelp: remove `nested`",
        );
    }
}

/// A name that is not there says nothing of what is.
fn nested_is_of_a_type_in_the_field(cx: &mut Ctxt, track: &Track<'_>) {
    let Some(field) = track.field else { return };
    let parts = types::parts(&field.ty);
    if let (Some(number), []) = (track.nested.numbers().next(), parts.as_slice()) {
        cx.error_at(
            number.span,
            format_args!(
                "there is no value with versions in `{}`\nhelp: remove `nested`",
                print::tokens(&field.ty)
            ),
        );
        return;
    }
    let held = |ident: &syn::Ident| {
        parts.iter().any(|part| match part {
            Part::Now(ty) | Part::Past(ty, _) => types::last_word(ty) == Some(ident),
        })
    };
    for (ident, _) in track.nested.each.iter().filter(|(ident, _)| !held(ident)) {
        cx.error(
            ident,
            format_args!(
                "`{ident}` is not in the type of `{}`\nhelp: name the types in `{}` by their last word",
                track.name,
                print::tokens(&field.ty)
            ),
        );
    }
}

/// What a parameter stands for is known where the value is held, and so is its version.
fn parameters_have_no_past(cx: &mut Ctxt, of: &Versioned<'_>, track: &Track<'_>) {
    for param in &of.original.generics.params {
        let GenericParam::Type(param) = param else {
            continue;
        };
        for look in &track.looks {
            let past = types::parts(&look.ty)
                .into_iter()
                .find_map(|part| match part {
                    Part::Past(ty, number) => types::is_word(&ty, &param.ident).then_some(number),
                    Part::Now(_) => None,
                });
            if past.is_some() {
                let (param, ident) = (&param.ident, name::of(of.ident));
                cx.error_at(
                    look.at,
                    format_args!(
                        "`{ident}` does not know the versions of `{param}`\n\
                         help: the event that holds a `{ident}` says what was in it: `was(_: {ident}<Past<.., 1>>, ..)`"
                    ),
                );
            }
        }
    }
}

/// The name of `Foreign<T>` is the same for every `T`.
fn what_depends_on_a_parameter_tells_its_shape(
    cx: &mut Ctxt,
    of: &Versioned<'_>,
    track: &Track<'_>,
) {
    let Some(field) = track.field.filter(|_| track.opaque) else {
        return;
    };
    for param in &of.original.generics.params {
        let param = match param {
            GenericParam::Type(param) => &param.ident,
            GenericParam::Const(param) => &param.ident,
            GenericParam::Lifetime(_) => continue,
        };
        if types::mentions(&field.ty, param) {
            cx.error_at(
                track.at,
                format_args!(
                    "`{}` is another type for each `{param}`, so its name does not tell its shape\n\
                     help: remove `opaque`, and implement `Schema` for the type",
                    print::tokens(&field.ty)
                ),
            );
            return;
        }
    }
}
