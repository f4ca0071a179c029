//! Values without names: alone, in a row, in a variant.

use crate::change;

change! {
    an_opaque_value_alone_is_another_one: is_refused(crate::Kind::Retyped, "was(_: Foo, before = 2)");
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize)]
        pub(super) struct Foo;
        #[derive(Debug, Serialize, Deserialize)]
        pub(super) struct Bar(u8);
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E(#[event(opaque)] Foo);
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize)]
        pub(super) struct Foo;
        #[derive(Debug, Serialize, Deserialize)]
        pub(super) struct Bar(u8);
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E(#[event(opaque)] Bar);
    }
}

change! {
    an_opaque_value_in_a_variant_is_another_one: is_refused(crate::Kind::Retyped, "`#[event(was(_: Foo, before = 2))]` on `0` in the variant `A`");
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize)]
        pub(super) struct Foo;
        #[derive(Debug, Serialize, Deserialize)]
        pub(super) struct Bar(u8);
        #[derive(Debug, Serialize, Deserialize, Schema)]
        pub(super) enum By { A(#[event(opaque)] Foo) }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { by: By }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize)]
        pub(super) struct Foo;
        #[derive(Debug, Serialize, Deserialize)]
        pub(super) struct Bar(u8);
        #[derive(Debug, Serialize, Deserialize, Schema)]
        pub(super) enum By { A(#[event(opaque)] Bar) }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { by: By }
    }
}

change! {
    an_opaque_value_under_a_function_is_another_one: is_refused(crate::Kind::Retyped, r#"was(_: Foo, before = 2, serde(with = "one"))"#);
    before(events(E)) {
        mod one {
            pub(super) fn serialize<T, S: serde::Serializer>(_: &T, to: S) -> Result<S::Ok, S::Error> { to.serialize_u64(1) }
            pub(super) fn deserialize<'de, T, D: serde::Deserializer<'de>>(_: D) -> Result<T, D::Error> { Err(serde::de::Error::custom("no")) }
        }
        #[derive(Debug, Serialize, Deserialize)]
        pub(super) struct Foo;
        #[derive(Debug, Serialize, Deserialize)]
        pub(super) struct Bar(u8);
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { #[event(opaque)] #[serde(with = "one")] a: Foo }
    }
    after(events(E)) {
        mod one {
            pub(super) fn serialize<T, S: serde::Serializer>(_: &T, to: S) -> Result<S::Ok, S::Error> { to.serialize_u64(1) }
            pub(super) fn deserialize<'de, T, D: serde::Deserializer<'de>>(_: D) -> Result<T, D::Error> { Err(serde::de::Error::custom("no")) }
        }
        #[derive(Debug, Serialize, Deserialize)]
        pub(super) struct Foo;
        #[derive(Debug, Serialize, Deserialize)]
        pub(super) struct Bar(u8);
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { #[event(opaque)] #[serde(with = "one")] a: Bar }
    }
}

change! {
    a_map_alone_is_retyped: is_refused(crate::Kind::Retyped, "was(_: BTreeMap<String, u8>, before = 2)");
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E(BTreeMap<String, u8>);
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E(BTreeMap<String, u16>);
    }
}

change! {
    one_of_several_values_is_retyped: is_refused(crate::Kind::Retyped, "`#[event(was(_: Vec<u8>, before = 2))]` on `1` in the variant `A`");
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Schema)]
        pub(super) enum By { A(BTreeMap<u8, u8>, Vec<u8>) }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { by: By }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Schema)]
        pub(super) enum By { A(BTreeMap<u8, u8>, u8) }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { by: By }
    }
}

change! {
    a_variant_with_a_value_is_gone: is_refused(crate::Kind::VariantRemoved, "had(B(Vec<Money>), before = 2, with = ..)");
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Schema)]
        pub(super) struct Money { c: u8 }
        #[derive(Debug, Serialize, Deserialize, Schema)]
        pub(super) enum By { A, B(Vec<Money>) }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { by: By }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Schema)]
        pub(super) struct Money { c: u8 }
        #[derive(Debug, Serialize, Deserialize, Schema)]
        pub(super) enum By { A }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { by: By }
    }
}
