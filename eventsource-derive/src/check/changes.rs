//! The rules of a single change: it changes something, and the values in a field move on and never back.

use syn::{LitInt, Type};

use crate::{
    ast::{Look, Track, Versioned},
    ctxt::Ctxt,
    name, print,
    types::{self, Part},
};

pub(super) fn check(cx: &mut Ctxt, of: &Versioned<'_>) {
    if of.broken {
        return;
    }
    for track in &of.tracks {
        for (was, pair) in track.was.iter().zip(track.looks.windows(2)) {
            let [older, newer] = pair else { continue };
            let same_name = name::of(&older.name) == name::of(&newer.name);
            let silent = was.how.said().is_none() && was.serde.is_none();
            if same_name && silent && print::tokens(&older.ty) == print::tokens(&newer.ty) {
                describes_nothing(cx, track, was.at, was.before.value);
            } else if let Some((ty, number)) = moves_back(track, older, newer) {
                let field = &track.name;
                cx.error_at(
                    was.at,
                    format_args!(
                        "`{ty}` in `{field}` would go back: from version {} of its own to version {}\n\
                         help: the numbers in `Past<{ty}, ..>` grow with `before`, up to `nested`, which is 1 where nothing is said",
                        number.0, number.1
                    ),
                );
            } else if same_name
                && silent
                && !is_of_a_parameter(of, older)
                && is_what_is_held(track, older, newer)
            {
                holds_the_same(cx, track, was.at, older);
            }
        }
    }
}

/// `was(_, before = 2)` says that something changed, and not what.
fn describes_nothing(cx: &mut Ctxt, track: &Track<'_>, at: proc_macro2::Span, before: u32) {
    cx.error_at(
        at,
        format_args!(
            "this describes no change of `{}`\n\
             help: give the old name, the old type, or both: `was(old_name: OldType, before = {before})`",
            track.name
        ),
    );
}

/// `was(_: Past<Address, 2>, ..)` on an `Address` at version 2.
fn holds_the_same(cx: &mut Ctxt, track: &Track<'_>, at: proc_macro2::Span, older: &Look) {
    let held = versions(track, older)
        .into_iter()
        .find(|(_, number)| number.is_some());
    let Some((ty, Some(number))) = held else {
        return;
    };
    let (ty, field) = (print::tokens(&ty), &track.name);
    cx.error_at(
        at,
        format_args!(
            "this describes no change of `{field}`: it is `{ty}` at version {number} afterwards, too\n\
             help: say what it is now with `nested = ..`, or what it was with another `Past<{ty}, ..>`"
        ),
    );
}

/// The values in a look, and the version of each where it is written as a number.
fn versions(track: &Track<'_>, look: &Look) -> Vec<(Type, Option<u32>)> {
    let parts = types::parts(&look.ty).into_iter().map(|part| match part {
        Part::Past(ty, number) => {
            let number: Option<LitInt> = syn::parse2(number).ok();
            (ty, number.and_then(|number| number.base10_parse().ok()))
        }
        Part::Now(ty) if look.today => {
            let number = track.nested.of(&ty);
            (ty, Some(number))
        }
        // What an older look names was all that it ever was.
        Part::Now(ty) => (ty, Some(1)),
    });
    parts.collect()
}

/// The first value whose number is lower afterwards.
fn moves_back(track: &Track<'_>, older: &Look, newer: &Look) -> Option<(String, (u32, u32))> {
    let after = versions(track, newer);
    versions(track, older).into_iter().find_map(|(ty, before)| {
        let before = before?;
        let same = after.iter().filter(|(other, _)| types::same(other, &ty));
        let numbers: Vec<u32> = same.map(|(_, after)| *after).collect::<Option<_>>()?;
        let highest = numbers.into_iter().max()?;
        (highest < before).then(|| (print::tokens(&ty), (before, highest)))
    })
}

/// That is refused for what it is.
fn is_of_a_parameter(of: &Versioned<'_>, look: &Look) -> bool {
    let params = || of.original.generics.type_params();
    types::parts(&look.ty).iter().any(|part| match part {
        Part::Past(ty, _) => params().any(|param| types::is_word(ty, &param.ident)),
        Part::Now(_) => false,
    })
}

/// Whether two looks are one type, and the values in it at one version.
fn is_what_is_held(track: &Track<'_>, older: &Look, newer: &Look) -> bool {
    let numbers = |look| -> Option<Vec<u32>> {
        let all = versions(track, look).into_iter();
        all.map(|(_, number)| number).collect()
    };
    print::tokens(&types::without_past(&older.ty)) == print::tokens(&types::without_past(&newer.ty))
        && numbers(older).is_some_and(|older| numbers(newer) == Some(older))
}
