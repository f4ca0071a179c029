//! The rules of a state that is kept as a snapshot.

use syn::Data;

use super::aggregate::owns_its_state;
use crate::{ast::Snapshot, attr::SNAPSHOT, ctxt::Ctxt};

pub(crate) fn snapshot(cx: &mut Ctxt, snapshot: &Snapshot<'_>) {
    if !snapshot.is_aggregate {
        // Otherwise the derive of the aggregate says so.
        is_not_a_union(cx, snapshot);
        owns_its_state(cx, snapshot.original);
    }
    version_is_one_or_more(cx, snapshot);
    helper_stands_on_no_variant(cx, snapshot);
    opaque_fields_are_stored(cx, snapshot);
}

fn is_not_a_union(cx: &mut Ctxt, snapshot: &Snapshot<'_>) {
    if let Data::Union(data) = &snapshot.original.data {
        cx.error(
            data.union_token,
            "#[derive(Snapshot)] goes on a struct or an enum: a union cannot be a state",
        );
    }
}

fn version_is_one_or_more(cx: &mut Ctxt, snapshot: &Snapshot<'_>) {
    if let Some(version) = &snapshot.version
        && version.value == 0
    {
        cx.error_at(
            version.span,
            "versions start at 1\nhelp: remove `version` as long as the state means what it always meant",
        );
    }
}

/// What is said of a field is said on it, and what is said of the state on the type.
fn helper_stands_on_no_variant(cx: &mut Ctxt, snapshot: &Snapshot<'_>) {
    let Data::Enum(data) = &snapshot.original.data else {
        return;
    };
    let attrs = data.variants.iter().flat_map(|variant| &variant.attrs);
    for attr in attrs.filter(|attr| SNAPSHOT.is(attr)) {
        cx.error(
            attr.path(),
            "`#[snapshot(..)]` belongs on the type or on a field, not on a variant",
        );
    }
}

/// What is in no snapshot needs no word about its shape.
fn opaque_fields_are_stored(cx: &mut Ctxt, snapshot: &Snapshot<'_>) {
    let fields = snapshot.bodies.iter().flat_map(|body| &body.fields);
    for field in fields.filter(|field| field.opaque && field.is_never_stored) {
        let attrs = &field.field.attrs;
        let Some(attr) = attrs.iter().find(|attr| SNAPSHOT.is(attr)) else {
            continue;
        };
        let name = &field.name;
        cx.error(
            attr.path(),
            format_args!(
                "`{name}` is under `serde(skip)`: it is in no snapshot, and needs no `opaque`\n\
                 help: remove `#[snapshot(opaque)]`, or `serde(skip)` if a restored state needs `{name}`"
            ),
        );
    }
}
