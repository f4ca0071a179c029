//! Attributes of serde, each of which changes what is read of stored bytes.

use crate::change;

change! {
    the_function_that_reads_is_another_one: is_refused(crate::Kind::Retyped, r#"was(_: u64, before = 2, serde(deserialize_with = "one::r"))"#);
    before(events(E)) {
        mod one {
            pub(super) fn w<T, S: serde::Serializer>(_: &T, to: S) -> Result<S::Ok, S::Error> { to.serialize_u64(1) }
            pub(super) fn r<'de, D: serde::Deserializer<'de>>(from: D) -> Result<u64, D::Error> { serde::Deserialize::deserialize(from) }
            pub(super) fn r2<'de, D: serde::Deserializer<'de>>(from: D) -> Result<u64, D::Error> { serde::Deserialize::deserialize(from) }
        }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { #[serde(serialize_with = "one::w", deserialize_with = "one::r")] a: u64 }
    }
    after(events(E)) {
        mod one {
            pub(super) fn w<T, S: serde::Serializer>(_: &T, to: S) -> Result<S::Ok, S::Error> { to.serialize_u64(1) }
            pub(super) fn r<'de, D: serde::Deserializer<'de>>(from: D) -> Result<u64, D::Error> { serde::Deserialize::deserialize(from) }
            pub(super) fn r2<'de, D: serde::Deserializer<'de>>(from: D) -> Result<u64, D::Error> { serde::Deserialize::deserialize(from) }
        }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { #[serde(serialize_with = "one::w", deserialize_with = "one::r2")] a: u64 }
    }
}

change! {
    a_field_is_not_read_any_more: is_refused(crate::Kind::Removed, "had(b: u64, before = 2)");
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { a: u64, b: u64 }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { a: u64, #[serde(skip_deserializing)] b: u64 }
    }
}

change! {
    a_field_of_a_struct_by_hand_is_not_read_any_more: is_refused(crate::Kind::Removed, "write in it again what was stored");
    before(events(E)) {
        #[derive(Debug, Deserialize, Schema)]
        pub(super) struct V1 {  a: u64 }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e", version = 2, v1 = V1)]
        pub(super) struct E { b: u64 }
        impl From<V1> for E { fn from(old: V1) -> Self { Self { b: old.a } } }
    }
    after(events(E)) {
        #[derive(Debug, Deserialize, Schema)]
        pub(super) struct V1 { #[serde(skip_deserializing)] a: u64 }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e", version = 2, v1 = V1)]
        pub(super) struct E { b: u64 }
        impl From<V1> for E { fn from(old: V1) -> Self { Self { b: old.a } } }
    }
}

change! {
    a_variant_is_not_read_any_more: is_refused(crate::Kind::VariantRemoved, "had(B, before = 2, with = ..)");
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Schema)]
        pub(super) enum By { A, B }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { by: By }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Schema)]
        pub(super) enum By { A, #[serde(skip_deserializing)] B }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { by: By }
    }
}

change! {
    a_variant_goes_by_no_name_any_more: is_refused(crate::Kind::Told, "take `#[serde(untagged)]` away from `B`");
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Schema)]
        pub(super) enum By { A, B(u64) }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { by: By }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Schema)]
        pub(super) enum By { A, #[serde(untagged)] B(u64) }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { by: By }
    }
}

change! {
    a_function_reads_a_variant: is_refused(crate::Kind::Retyped, "");
    before(events(E)) {
        mod one {
            pub(super) fn w<T, S: serde::Serializer>(_: &T, to: S) -> Result<S::Ok, S::Error> { to.serialize_u64(1) }
            pub(super) fn r<'de, D: serde::Deserializer<'de>>(from: D) -> Result<u64, D::Error> { serde::Deserialize::deserialize(from) }
            pub(super) fn r2<'de, D: serde::Deserializer<'de>>(from: D) -> Result<u64, D::Error> { serde::Deserialize::deserialize(from) }
        }
        #[derive(Debug, Serialize, Deserialize, Schema)]
        pub(super) enum By { A, B(u64) }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { by: By }
    }
    after(events(E)) {
        mod one {
            pub(super) fn w<T, S: serde::Serializer>(_: &T, to: S) -> Result<S::Ok, S::Error> { to.serialize_u64(1) }
            pub(super) fn r<'de, D: serde::Deserializer<'de>>(from: D) -> Result<u64, D::Error> { serde::Deserialize::deserialize(from) }
            pub(super) fn r2<'de, D: serde::Deserializer<'de>>(from: D) -> Result<u64, D::Error> { serde::Deserialize::deserialize(from) }
        }
        #[derive(Debug, Serialize, Deserialize, Schema)]
        pub(super) enum By { A, #[serde(deserialize_with = "one::r")] B(u64) }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { by: By }
    }
}

change! {
    a_field_is_written_under_a_name_that_is_not_read: cannot_be_locked("`a` is written as \"b\" and read as \"a\"");
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { a: Option<u64> }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { #[serde(rename(serialize = "b"))] a: Option<u64> }
    }
}

change! {
    fields_are_written_under_a_rule_that_is_not_read: cannot_be_locked("`a_b` is written as \"aB\" and read as \"a_b\"");
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { a_b: Option<u64> }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        #[serde(rename_all(serialize = "camelCase"))]
        pub(super) struct E { a_b: Option<u64> }
    }
}

change! {
    a_field_of_what_is_stored_instead_is_retyped: is_refused(crate::Kind::Retyped, "was(_: u64, before = 2)");
    before(events(E)) {
        #[derive(Debug, Clone, Serialize, Deserialize, Schema)]
        pub(super) struct Raw { a: u64 }
        #[derive(Debug, Clone, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        #[serde(from = "Raw", into = "Raw")]
        pub(super) struct E { a: u64 }
        impl From<Raw> for E { fn from(_: Raw) -> Self { Self { a: 0 } } }
        impl From<E> for Raw { fn from(_: E) -> Self { Self { a: 0 } } }
    }
    after(events(E)) {
        #[derive(Debug, Clone, Serialize, Deserialize, Schema)]
        pub(super) struct Raw { a: u32 }
        #[derive(Debug, Clone, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        #[serde(from = "Raw", into = "Raw")]
        pub(super) struct E { a: u64 }
        impl From<Raw> for E { fn from(_: Raw) -> Self { Self { a: 0 } } }
        impl From<E> for Raw { fn from(_: E) -> Self { Self { a: 0 } } }
    }
}

change! {
    what_is_written_instead_is_not_read_instead: cannot_be_locked("add `from` or `try_from`");
    before(events(E)) {
        #[derive(Debug, Clone, Serialize, Deserialize, Schema)]
        pub(super) struct Raw { a: u64 }
        #[derive(Debug, Clone, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        #[serde(from = "Raw", into = "Raw")]
        pub(super) struct E { a: u64 }
        impl From<Raw> for E { fn from(_: Raw) -> Self { Self { a: 0 } } }
        impl From<E> for Raw { fn from(_: E) -> Self { Self { a: 0 } } }
    }
    after(events(E)) {
        #[derive(Debug, Clone, Serialize, Deserialize, Schema)]
        pub(super) struct Raw { a: u64 }
        #[derive(Debug, Clone, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        #[serde(into = "Raw")]
        pub(super) struct E { a: u64 }
        impl From<E> for Raw { fn from(_: E) -> Self { Self { a: 0 } } }
    }
}

change! {
    another_name_is_not_read_any_more: is_refused(crate::Kind::RenamedInStorage, r#"put `#[serde(alias = "b")]` back on `a`"#);
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { #[serde(alias = "b")] a: u64 }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { a: u64 }
    }
}

change! {
    a_default_is_taken_away: is_refused(crate::Kind::Required, "put `#[serde(default)]` back on `a`");
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { #[serde(default)] a: u64 }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { a: u64 }
    }
}

change! {
    unknown_variants_are_not_read_any_more: is_refused(crate::Kind::Told, "put `#[serde(other)]` back on `B`");
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Schema)]
        pub(super) enum By { A, #[serde(other)] B }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { by: By }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Schema)]
        pub(super) enum By { A, B }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { by: By }
    }
}

change! {
    a_variant_loses_its_other_name: is_refused(crate::Kind::RenamedInStorage, r#"put `#[serde(alias = "c")]` back on `B`"#);
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Schema)]
        pub(super) enum By { A, #[serde(alias = "c")] B }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { by: By }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Schema)]
        pub(super) enum By { A, B }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { by: By }
    }
}

change! {
    what_is_left_out_is_required: cannot_be_locked("add `#[serde(default)]` to it");
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { a: String }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { #[serde(skip_serializing_if = "String::is_empty")] a: String }
    }
}

change! {
    a_flattened_map_is_new: is_recorded(&["event e v1: + ..rest?: BTreeMap<String, String> = Map<String, String>"]);
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { a: u64 }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { a: u64, #[serde(flatten)] rest: BTreeMap<String, String> }
    }
}
