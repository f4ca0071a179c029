//! The rule that a name is one thing: two fields of one name in one version would be one in storage, whether Rust calls
//! them the same or serde does.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Ident, Span};

use super::{case, steps};
use crate::{
    ast::{Style, Track, Versioned},
    attr::SerdeItem,
    ctxt::Ctxt,
    name, print,
};

pub(super) fn check(cx: &mut Ctxt, of: &Versioned<'_>) {
    no_value_is_dropped(cx, of);
    if of.broken {
        return;
    }
    if of.style == Style::Enum {
        variants_are_apart(cx, of);
    } else {
        fields_are_apart(cx, of, of.style, None, &of.tracks);
    }
    for variant in &of.variants {
        let serde = |version| variant.look_at(version).map(|look| &look.serde[..]);
        let fields = &of.tracks[variant.fields.clone()];
        fields_are_apart(cx, of, variant.style, Some(&serde), fields);
    }
}

/// The attributes of a variant at a version.
type OfVariant<'a> = dyn Fn(u32) -> Option<&'a [SerdeItem]> + 'a;

fn fields_are_apart(
    cx: &mut Ctxt,
    of: &Versioned<'_>,
    style: Style,
    variant: Option<&OfVariant<'_>>,
    tracks: &[Track<'_>],
) {
    let mut apart = Apart::new("fields");
    for version in versions(of) {
        let container = of.serde_at(version);
        let case = match variant {
            None => find(container, "rename_all"),
            Some(serde) => find(serde(version).unwrap_or_default(), "rename_all")
                .or_else(|| find(container, "rename_all_fields")),
        };
        let case = case.and_then(|item| item.texts().pop());
        let looks = tracks.iter().filter_map(|track| track.look_at(version));
        let names = looks.map(|look| {
            let name = name::of(&look.name);
            let stored = case::of_field(case.as_deref(), &name);
            // What is flattened has names that cannot be seen from here.
            let has_one = style == Style::Named && find(&look.serde, "flatten").is_none();
            let stored = has_one.then(|| stored_names(&look.serde, stored));
            Named::new(&look.name, look.at, stored)
        });
        apart.at_version(cx, of, version, names);
    }
}

fn variants_are_apart(cx: &mut Ctxt, of: &Versioned<'_>) {
    let mut apart = Apart::new("variants");
    for version in versions(of) {
        let case = find(of.serde_at(version), "rename_all").and_then(|item| item.texts().pop());
        let looks = of
            .variants
            .iter()
            .filter_map(|variant| variant.look_at(version));
        let names = looks.map(|look| {
            let stored = case::of_variant(case.as_deref(), &name::of(&look.name));
            let has_one = find(&look.serde, "untagged").is_none();
            let stored = has_one.then(|| stored_names(&look.serde, stored));
            Named::new(&look.name, look.at, stored)
        });
        apart.at_version(cx, of, version, names);
    }
}

fn find<'a>(serde: &'a [SerdeItem], key: &str) -> Option<&'a SerdeItem> {
    serde.iter().find(|item| item.is(key))
}

/// Every name under which serde reads something: that of `rename`, or else `usual`, and those of `alias`.
fn stored_names(serde: &[SerdeItem], usual: String) -> BTreeSet<String> {
    let renamed = find(serde, "rename").and_then(|item| item.texts().pop());
    let aliases = serde.iter().filter(|item| item.is("alias"));
    aliases
        .flat_map(SerdeItem::texts)
        .chain([renamed.unwrap_or(usual)])
        .collect()
}

/// A field or a variant in one version.
struct Named {
    name: String,
    at: Span,
    stored: BTreeSet<String>,
}

impl Named {
    fn new(name: &Ident, at: Span, stored: Option<BTreeSet<String>>) -> Self {
        Self {
            name: name::of(name),
            at,
            stored: stored.unwrap_or_default(),
        }
    }
}

/// What was found so far, so that each name is reported once.
struct Apart {
    what: &'static str,
    reported: BTreeSet<String>,
}

impl Apart {
    const fn new(what: &'static str) -> Self {
        Self {
            what,
            reported: BTreeSet::new(),
        }
    }

    fn at_version(
        &mut self,
        cx: &mut Ctxt,
        of: &Versioned<'_>,
        version: u32,
        all: impl Iterator<Item = Named>,
    ) {
        // A shape that was written by hand has names of its own, and what is described on both sides of it may meet in it.
        if of.explicit_at(version).is_some() {
            return;
        }
        let what = self.what;
        // Of what is written today the compiler says so itself.
        let by_serde = version < of.latest();
        let (mut names, mut stored) = (BTreeMap::new(), BTreeMap::new());
        for one in all {
            if let Some(first) = names.insert(one.name.clone(), one.at) {
                let message = format!("two {what} were called `{}` in version {version}", one.name);
                self.report(cx, &one.name, one.at, first, &message);
                continue;
            }
            for name in one.stored.iter().filter(|_| by_serde) {
                let Some(first) = stored.insert(name.clone(), one.at) else {
                    continue;
                };
                let message = format!(
                    "two {what} were stored as `{name}` in version {version}\n\
                     help: say what one of them was then: `was(.., serde(rename = \"..\"))`, or `since` if it was not there"
                );
                self.report(cx, name, one.at, first, &message);
            }
        }
    }

    fn report(&mut self, cx: &mut Ctxt, name: &str, at: Span, first: Span, message: &str) {
        if self.reported.insert(name.to_owned()) {
            cx.error_at(at, message);
            cx.error_at(first, format_args!("the other `{name}` is here"));
        }
    }
}

/// The versions in which something changes: between them nothing can go wrong that did not before.
fn versions(of: &Versioned<'_>) -> BTreeSet<u32> {
    let fields = of.tracks.iter().flat_map(|track| &track.looks);
    let variants = of.variants.iter().flat_map(|variant| &variant.looks);
    let containers = of.containers.iter().map(|was| was.before.value);
    fields
        .map(|look| look.from)
        .chain(variants.map(|look| look.from))
        .chain(containers)
        // What is older is not read.
        .map(|from| from.max(of.oldest()))
        .filter(|from| *from <= of.latest())
        .collect()
}

/// A field that goes in the version in which one of the same name comes is the same field.
fn no_value_is_dropped(cx: &mut Ctxt, of: &Versioned<'_>) {
    for gone in &of.tracks {
        let (Some(version), Some(old)) = (&gone.gone, gone.looks.first()) else {
            continue;
        };
        let version = version.value;
        if steps::by_hand(of, version).is_some() {
            // Whoever makes the whole step sees the old value.
            continue;
        }
        let comes = |track: &&Track<'_>| {
            let since = track.since.as_ref().map(|since| since.value);
            let first = track.looks.first();
            since == Some(version) && first.is_some_and(|look| name::of(&look.name) == gone.name)
        };
        let Some(new) = of.tracks.iter().find(comes) else {
            continue;
        };
        let Some(since) = &new.since else { continue };
        let (name, ty) = (&gone.name, print::tokens(&old.ty));
        if new.field.is_some() {
            cx.error_at(
                since.span,
                format_args!(
                    "the value of the old `{name}` is dropped where a new `{name}` is added\n\
                     help: write `was(_: {ty}, before = {version}, with = ..)` instead of `had` and `since`"
                ),
            );
        } else if new.fill.said().is_none() {
            cx.error_at(
                since.span,
                format_args!(
                    "the value of the `{name}` of type `{ty}` is dropped where another `{name}` is added\n\
                     help: say what becomes of it: `since = {version}, with = |old| ..`, which sees `old.{name}`, or `default = ..`"
                ),
            );
        }
    }
}
