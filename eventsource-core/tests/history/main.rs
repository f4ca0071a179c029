//! Histories of events: each older version is read in its own shape and becomes what the struct is today.
//!
//! What is promised, and the test that shows it. What is refused is a case of `derive-ui`, in its folder `history`
//! where nothing else is said.
//!
//! | case | test; what is refused |
//! |---|---|
//! | one event through five versions | `deposited::every_version_becomes_what_it_means_today` |
//! | added: nothing, a value, computed, fallible | `fields::added`; `default_missing`, `default_of_another_type` |
//! | renamed, retyped, both, fallible | `fields::changed`; `lossy_change`, `with_gives_another_type` |
//! | several changes over time, in any order | `deposited`; `two_descriptions`, `no_change` |
//! | removed; its name used again | `fields::reused`; `collision`, `value_dropped` |
//! | two names change places | `fields::reused::two_fields_change_their_names` |
//! | split, merged | `fields::split` |
//! | what is computed sees what is moved | `fields::order` |
//! | another meaning, the same shape | `whole::a_step_changes_the_meaning_and_not_the_shape`; `with_beside_a_step` |
//! | a shape by hand, `From` or `TryFrom` | `whole::by_hand`; `from_missing`, `old_shape_without_serde` |
//! | an event renamed | `whole::the_table_of_names_has_every_version_once`; `old_name_of_today` |
//! | an old name with a new version | `oldest::table`, `tests/repository/unreadable.rs` |
//! | an event split, or dropped | `tests/repository/read_paths.rs`; the folder `retired` |
//! | oldest version; older ones are too old | `oldest`; `oldest_*`, `shape_that_is_too_old` |
//! | a long history | `whole::a_long_history_is_walked_to_its_end` |
//! | values with versions, in containers | `nested`, `containers`; `nested_*`, `past_*`, `old_type_moved_on` |
//! | values filled for events that had none | `filled` |
//! | enums | `variants`; `enum_*` |
//! | generic values | `generic`; `schema_generic_*`, `nested_in_generic_code` |
//! | parameters and lifetimes refused | `event/type_parameter`, `event/lifetime`, `schema_with_a_lifetime` |
//! | a value that holds itself | `nested::shapes`, `generic::a_parameter_need_not_be_in_every_version` |
//! | `rename_all`, and another one before | `serde_attributes::the_case_of_names_is_that_of_the_version` |
//! | `rename`, `with`, `default`, `skip` on a field | `serde_attributes::an_attribute_belongs_to_the_versions_that_had_it`; `renamed_field_under_a_rename`, `retyped_field_under_with`, `serde_*` |
//! | `flatten` | `serde_attributes::what_is_flattened_stays_flat`; `flatten_and_deny_unknown_fields` |
//! | `deny_unknown_fields` | `deposited::a_version_has_no_field_of_another_one` |
//! | attributes that no older shape can have | `serde_attributes::by_hand`; `serde_*` |
//! | `Option` added, put on, taken off | `fields::added`, `fields::changed` |
//! | newtypes, unit structs, no fields | `whole::a_newtype_was_another_type`, `whole::a_struct_without_fields_is_a_shape_like_others`; `newtype_*`, `event/unnamed_fields` |
//! | `#[non_exhaustive]`, private types | `whole::public` |
//! | keywords as names; out of `macro_rules` | `fields::names`, `fields::out_of_a_macro` |
//! | a field under `#[cfg]` | `cfg_on_a_field` |
//! | pinned shapes | `nested::shapes`, `shapes`; `pin`, `pin_without_a_shape` |
//! | newer, version 0, any bytes | `outcomes` |
//! | numbers: from 2, up to `version`, no gap | `before_one`, `since_one`, `since_beyond_version`, `gap` |
//! | `since` and `was` at or before it | `before_birth`, `before_is_the_birth` |
//!
//! There is one codec, and it finds values by name: that fields have another order than they had is no case.
#![cfg(feature = "derive")]

mod containers;
mod deposited;
mod fields;
mod filled;
mod generic;
mod nested;
mod oldest;
mod outcomes;
mod serde_attributes;
mod shapes;
mod variants;
mod whole;

use eventsource_core::{DecodeError, Event};

/// Reads JSON that was stored at a version.
fn read<E: Event>(version: u32, json: &str) -> Result<E, DecodeError> {
    E::decode(version, json.as_bytes())
}

/// The error and its sources, as a log shows them.
fn shown(error: &DecodeError) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        text.push_str(" <- ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}
