//! The rules of what is written by hand: steps, shapes, and the names that an event had.

use std::collections::BTreeSet;

use super::history::change_is_in_range;
use crate::{
    ast::{Event, Versioned},
    attr::How,
    ctxt::Ctxt,
    name, print,
};

pub(super) fn check(cx: &mut Ctxt, of: &Versioned<'_>) {
    steps_are_one_each(cx, of);
    whole_steps_are_alone(cx, of);
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

/// A step that was written by hand makes all fields, so what a field says about it would never be used.
fn whole_steps_are_alone(cx: &mut Ctxt, of: &Versioned<'_>) {
    let by_hand = |version: u32| {
        let explicit = |at: u32| {
            let shape = of.explicit_at(at)?;
            Some((
                format!("v{at} = {}", print::tokens(&shape.path)),
                shape.version.span,
            ))
        };
        let step = of
            .step_to(version)
            .map(|step| (format!("step({version}, ..)"), step.to.span));
        let beside = explicit(version.saturating_sub(1)).or_else(|| explicit(version));
        if let (Some((_, at)), Some((beside, _))) = (&step, &beside) {
            return Some((beside.clone(), Some(*at)));
        }
        step.or(beside).map(|(text, _)| (text, None))
    };
    for step in &of.steps {
        if let Some((text, Some(at))) = by_hand(step.to.value) {
            cx.error_at(
                at,
                format_args!(
                    "this step is never taken: beside `{text}` the steps are `From` or `TryFrom`\nhelp: write `impl From<..> for ..` instead"
                ),
            );
        }
    }
    let mut unused = |version: u32, how: &How| {
        if let (Some((word, value)), Some((text, None))) = (how.said(), by_hand(version)) {
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
