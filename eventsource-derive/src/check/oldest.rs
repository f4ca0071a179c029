//! The rules of `oldest = K`: it is a version, and nothing is said of the versions that nobody reads.

use proc_macro2::Span;

use crate::{ast::Versioned, attr::At, ctxt::Ctxt, name};

pub(super) fn check(cx: &mut Ctxt, of: &Versioned<'_>) {
    let Some(oldest) = &of.oldest else { return };
    if oldest_is_a_version(cx, of, oldest) {
        nothing_is_said_of_what_is_not_read(cx, of, oldest.value);
    }
}

fn oldest_is_a_version(cx: &mut Ctxt, of: &Versioned<'_>, oldest: &At<u32>) -> bool {
    let (value, ident, latest) = (oldest.value, of.ident, of.latest());
    if value < 2 {
        cx.error_at(
            oldest.span,
            "every version from 1 on is read where nothing else is said\nhelp: remove `oldest`, or name the first version that is still read",
        );
    } else if value > latest {
        let help = match latest {
            1 => "remove `oldest`".to_owned(),
            _ => format!("name a version up to {latest}"),
        };
        cx.error_at(
            oldest.span,
            format_args!(
                "`oldest = {value}`, but `{ident}` is only at version {latest}\nhelp: {help}"
            ),
        );
    }
    (2..=latest).contains(&value)
}

/// What describes a change at the oldest version, or before it, would never be used. The names that an event had stay:
/// what was stored under them is known to be too old, and is not another event.
fn nothing_is_said_of_what_is_not_read(cx: &mut Ctxt, of: &Versioned<'_>, oldest: u32) {
    let ident = name::of(of.ident);
    let mut unused = |at: Span, word: String, help: &str| {
        cx.error_at(
            at,
            format_args!(
                "`{word}` is never used: `{ident}` is read from version {oldest} on\nhelp: {help}"
            ),
        );
    };
    let early = |number: &&At<u32>| (2..=oldest).contains(&number.value);
    for track in &of.tracks {
        if let Some(gone) = track.gone.as_ref().filter(early) {
            let word = format!("before = {}", gone.value);
            unused(gone.span, word, "remove this `had(..)`");
            continue;
        }
        if let Some(since) = track.since.as_ref().filter(early) {
            let help = "remove it, and what fills the field: it has always been there";
            unused(since.span, format!("since = {}", since.value), help);
        }
        for was in track.was.iter().filter(|was| early(&&was.before)) {
            let word = format!("before = {}", was.before.value);
            unused(was.before.span, word, "remove this `was(..)`");
        }
    }
    for variant in &of.variants {
        if let Some(gone) = variant.gone.as_ref().filter(early) {
            let word = format!("before = {}", gone.value);
            unused(gone.span, word, "remove this `had(..)`");
            continue;
        }
        if let Some(since) = variant.since.as_ref().filter(early) {
            let help = "remove it: the variant has always been there";
            unused(since.span, format!("since = {}", since.value), help);
        }
        for was in variant.was.iter().filter(|was| early(&&was.before)) {
            let word = format!("before = {}", was.before.value);
            unused(was.before.span, word, "remove this `was(..)`");
        }
    }
    for was in of.containers.iter().filter(|was| early(&&was.before)) {
        let word = format!("before = {}", was.before.value);
        unused(was.before.span, word, "remove this `was(..)`");
    }
    for step in of.steps.iter().filter(|step| early(&&step.to)) {
        let word = format!("step({}, ..)", step.to.value);
        unused(step.to.span, word, "remove it");
    }
    for shape in &of.explicit {
        let version = shape.version.value;
        if (1..oldest).contains(&version) {
            unused(shape.version.span, format!("v{version} = .."), "remove it");
        }
    }
}
