//! The rules of what is written by hand: steps, shapes, and the names that an event had.

use std::collections::BTreeSet;

use proc_macro2::Span;

use super::history::change_is_in_range;
use crate::{
    ast::{Event, Versioned},
    attr::{Explicit, How},
    ctxt::Ctxt,
    name, print,
};

pub(super) fn check(cx: &mut Ctxt, of: &Versioned<'_>) {
    steps_are_one_each(cx, of);
    whole_steps_are_alone(cx, of);
    looks_have_a_shape(cx, of);
}

fn steps_are_one_each(cx: &mut Ctxt, of: &Versioned<'_>) {
    let mut steps = BTreeSet::new();
    for step in &of.steps {
        let to = step.to.value;
        if !steps.insert(to) {
            cx.error_at(
                step.to.span,
                format_args!("two steps lead to version {to} of `{}`", of.ident),
            );
        }
    }
    let mut shapes = BTreeSet::new();
    for explicit in &of.explicit {
        let (version, ident) = (explicit.version.value, of.ident);
        let at = explicit.version.span;
        if version == 0 {
            cx.error_at(
                at,
                "versions start at 1, so no shape has the version 0\nhelp: write `v1 = ..`",
            );
        } else if version >= of.latest() {
            cx.error_at(
                at,
                format_args!(
                    "`v{version}` is no older shape: `{ident}` itself is version {}\nhelp: set `version = {}`, or remove this",
                    of.latest(),
                    version.saturating_add(1)
                ),
            );
        } else if !shapes.insert(version) {
            cx.error_at(
                at,
                format_args!("version {version} of `{ident}` has two shapes"),
            );
        }
    }
}

/// What makes the whole step to a version: a step, or a shape that was written by hand.
pub(super) fn by_hand(of: &Versioned<'_>, version: u32) -> Option<String> {
    let step = of.step_to(version).map(|_| format!("step({version}, ..)"));
    step.or_else(|| Some(explicit_beside(of, version)?.text()))
}

/// The shape that was written by hand before or after a step.
fn explicit_beside<'b>(of: &'b Versioned<'_>, version: u32) -> Option<&'b Explicit> {
    of.explicit_at(version.saturating_sub(1))
        .or_else(|| of.explicit_at(version))
}

/// A step that was written by hand makes all fields, so what a field says about it would never be used.
fn whole_steps_are_alone(cx: &mut Ctxt, of: &Versioned<'_>) {
    let mut never_taken = BTreeSet::new();
    for step in &of.steps {
        let to = step.to.value;
        if let Some(explicit) = explicit_beside(of, to) {
            never_taken.insert(to);
            cx.error_at(
                step.to.span,
                format_args!(
                    "this step is never taken: beside `{}` the steps are `From` or `TryFrom`\nhelp: write `impl From<..> for ..` instead",
                    explicit.text()
                ),
            );
        }
    }
    let mut unused = |version: u32, how: &How| {
        if never_taken.contains(&version) {
            return;
        }
        if let (Some((word, value)), Some(text)) = (how.said(), by_hand(of, version)) {
            cx.error_at(
                value.span,
                format_args!("this `{word}` is never used: `{text}` makes the whole step to version {version}"),
            );
        }
    };
    for track in &of.tracks {
        if let Some(since) = &track.since {
            unused(since.value, &track.fill);
        }
        for was in &track.was {
            unused(was.before.value, &was.how);
        }
    }
    for variant in &of.variants {
        if let Some(gone) = &variant.gone {
            unused(gone.value, &variant.how);
        }
    }
}

/// What something was is for the shapes that are generated: where all of its versions were written by hand, it says
/// nothing.
fn looks_have_a_shape(cx: &mut Ctxt, of: &Versioned<'_>) {
    let mut unused = |from: u32, before: Option<u32>, at: Span| {
        let Some(before) = before else { return };
        let versions = usize::try_from(before.saturating_sub(from)).unwrap_or(usize::MAX);
        if versions == 0 || versions > of.explicit.len() {
            return;
        }
        let explicit: Option<Vec<_>> = (from..before)
            .map(|version| of.explicit_at(version))
            .collect();
        if let Some([.., last]) = explicit.as_deref() {
            cx.error_at(
                at,
                format_args!(
                    "this is never used: `{}` is the whole shape of version {}\nhelp: remove it",
                    last.text(),
                    last.version.value
                ),
            );
        }
    };
    // Where it says how, that was reported.
    for track in &of.tracks {
        let hows = track.looks.iter().skip(1).map(|look| &look.how);
        for (look, how) in track.looks.iter().zip(hows.chain([&track.fill])) {
            if how.said().is_none() {
                unused(look.from, look.before, look.at);
            }
        }
    }
    for variant in &of.variants {
        for look in &variant.looks {
            if variant.how.said().is_none() {
                unused(look.from, look.before, look.at);
            }
        }
    }
    let mut from = 1;
    for was in &of.containers {
        unused(from, Some(was.before.value), was.before.span);
        from = was.before.value;
    }
}

impl Explicit {
    /// `v1 = OpenedV1`, as it was written.
    fn text(&self) -> String {
        format!("v{} = {}", self.version.value, print::tokens(&self.path))
    }
}

/// The names that an event had: one for each version, each able to be stored.
pub(super) fn names_are_in_range(cx: &mut Ctxt, event: &Event<'_>) {
    let mut newer = event.name.as_ref().map(|name| name.value.clone());
    let mut before = None;
    for was in event.names.iter().rev() {
        change_is_in_range(cx, &event.of, "before", &was.before);
        if let Err(problem) = name::EVENT.check(&was.name.value) {
            cx.error_at(was.name.span, problem);
        } else if before == Some(was.before.value) {
            let before = was.before.value;
            cx.error_at(
                was.before.span,
                format_args!("two names of the event before version {before}\nhelp: keep the one that was stored"),
            );
        } else if newer.as_ref() == Some(&was.name.value) {
            cx.error_at(
                was.name.span,
                format_args!(
                    "the event was called \"{}\" in version {}, too\nhelp: give its old name, or remove this",
                    was.name.value, was.before.value
                ),
            );
        }
        before = Some(was.before.value);
        newer = Some(was.name.value.clone());
    }
}
