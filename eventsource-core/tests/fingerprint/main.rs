//! What changes the fingerprint of a state, and what does not.

#![expect(
    dead_code,
    reason = "nothing is ever done with these states: their looks are compared"
)]

#[macro_use]
mod states;

use std::{collections::BTreeMap, convert::Infallible, error::Error};

use eventsource_core::{Fingerprint, prelude::*};
use serde::{Deserialize, Serialize};
use states::*;

#[test]
fn a_change_two_types_deep_is_another_fingerprint() {
    // D3
    all_differ(&[
        ("plain", PLAIN),
        ("a field more", field_added::Shelf::FINGERPRINT),
        ("a field less", field_removed::Shelf::FINGERPRINT),
        ("a field renamed", field_renamed::Shelf::FINGERPRINT),
        ("a field retyped", field_retyped::Shelf::FINGERPRINT),
        (
            "fields in another order",
            fields_reordered::Shelf::FINGERPRINT,
        ),
        ("a version of its own", versioned::Shelf::FINGERPRINT),
        ("rename", serde_rename::Shelf::FINGERPRINT),
        ("rename_all", serde_rename_all::Shelf::FINGERPRINT),
        ("default", serde_default::Shelf::FINGERPRINT),
        ("skip_serializing_if", serde_omitted::Shelf::FINGERPRINT),
        ("flatten", serde_flatten::Shelf::FINGERPRINT),
        ("not flattened", flat_not::Shelf::FINGERPRINT),
        ("in a map", in_a_map::Shelf::FINGERPRINT),
        ("in a set", in_a_set::Shelf::FINGERPRINT),
        ("in an option", in_an_option::Shelf::FINGERPRINT),
        ("variants numbered", numbered::Shelf::FINGERPRINT),
        (
            "variants numbered otherwise",
            renumbered::Shelf::FINGERPRINT,
        ),
        ("with", by_functions::Shelf::FINGERPRINT),
        (
            "for another parameter",
            generic_of_another::Shelf::FINGERPRINT,
        ),
        ("within itself", within_itself::Shelf::FINGERPRINT),
        (
            "within itself, retyped",
            within_itself_retyped::Shelf::FINGERPRINT,
        ),
        ("by another type", proxied::Shelf::FINGERPRINT),
        (
            "by another type, retyped",
            proxied_retyped::Shelf::FINGERPRINT,
        ),
        ("the state by another type", proxied::AsPair::FINGERPRINT),
        (
            "the state by another type, retyped",
            proxied_retyped::AsPair::FINGERPRINT,
        ),
    ]);
}

#[test]
fn a_change_of_the_state_or_its_events_is_another_fingerprint() {
    all_differ(&[
        ("bare", BARE),
        ("opaque", field_opaque::Shelf::FINGERPRINT),
        ("a field renamed", another_name::Shelf::FINGERPRINT),
        ("a newtype", a_newtype::Shelf::FINGERPRINT),
        ("a tuple", a_tuple::Shelf::FINGERPRINT),
        ("an enum", an_enum::Shelf::FINGERPRINT),
        (
            "its variants in another order",
            enum_reordered::Shelf::FINGERPRINT,
        ),
        ("a variant renamed", enum_renamed::Shelf::FINGERPRINT),
        ("a variant retyped", enum_retyped::Shelf::FINGERPRINT),
        ("its variants numbered", enum_numbered::Shelf::FINGERPRINT),
        (
            "its variants numbered otherwise",
            enum_renumbered::Shelf::FINGERPRINT,
        ),
        ("tagged", enum_tagged::Shelf::FINGERPRINT),
        (
            "tagged otherwise",
            enum_tagged_otherwise::Shelf::FINGERPRINT,
        ),
        ("a version by hand", version_two::Shelf::FINGERPRINT),
        ("another codec", another_codec::Shelf::FINGERPRINT),
        ("an event more", one_event_more::Shelf::FINGERPRINT),
        ("an event retired", one_event_retired::Shelf::FINGERPRINT),
        ("an event at version 2", one_event_newer::Shelf::FINGERPRINT),
    ]);
}

#[test]
fn what_is_written_alike_has_one_fingerprint() {
    assert_eq!(PLAIN, types_renamed::Shelf::FINGERPRINT);
    assert_eq!(PLAIN, boxed::Shelf::FINGERPRINT);
    assert_eq!(PLAIN, in_a_deque::Shelf::FINGERPRINT);
    assert_eq!(PLAIN, documented::Shelf::FINGERPRINT);
    assert_eq!(PLAIN, generic::Shelf::FINGERPRINT);
    // What is in no snapshot can come and go.
    assert_eq!(
        field_removed::Shelf::FINGERPRINT,
        serde_skip::Shelf::FINGERPRINT
    );
    assert_eq!(BARE, state_renamed::Rack::FINGERPRINT);
    assert_eq!(BARE, version_one::Shelf::FINGERPRINT);
    assert_eq!(BARE, json_by_name::Shelf::FINGERPRINT);
    assert_eq!(
        one_event_more::Shelf::FINGERPRINT,
        events_reordered::Shelf::FINGERPRINT
    );
}

#[test]
fn an_opaque_field_goes_by_the_name_of_its_type() {
    macro_rules! holding {
        ($name:ident: $ty:ident { $field:ident }) => {
            mod $name {
                use super::*;

                #[derive(Serialize, Deserialize)]
                pub(crate) struct $ty {
                    $field: u32,
                }

                state!(opaque: [events(Filled)] pub(crate) struct Shelf { #[snapshot(opaque)] inner: super::$ty });
            }
        };
    }
    holding!(one: Inner { books });
    holding!(other: Inner { volumes });
    holding!(third: Within { books });
    let of = one::opaque::Shelf::FINGERPRINT;
    assert_eq!(of, other::opaque::Shelf::FINGERPRINT);
    assert_ne!(of, third::opaque::Shelf::FINGERPRINT);
}

#[test]
fn a_fingerprint_is_the_same_in_every_build() {
    // Stored snapshots carry these numbers, so a change of them costs each user a replay of every stream.
    assert_eq!(PLAIN.to_string(), "b555b62761f92ba1");
    assert_eq!(BARE.to_string(), "09577192b05e6250");
}

fn all_differ(fingerprints: &[(&str, Fingerprint)]) {
    let mut seen = BTreeMap::new();
    for (what, fingerprint) in fingerprints {
        if let Some(other) = seen.insert(fingerprint, what) {
            panic!("{what} and {other} have one fingerprint, {fingerprint}");
        }
    }
}

#[test]
fn a_state_is_written_and_read_by_its_codec() {
    let state = another_codec::Shelf::decode(br#"{"books":3}"#).unwrap();
    let mut bytes = b"before".to_vec();
    state.encode(&mut bytes).unwrap();
    assert_eq!(bytes, br#"before{"books":3}"#);
    let error = bare::Shelf::decode(br#"{"books":"secret"}"#).err().unwrap();
    let mut text = error.to_string();
    let mut cause = Error::source(&error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    assert!(!text.contains("secret"), "{text}");
}
