//! What the messages say to write is right: with it the derive compiles, and nothing that was stored is another thing. Each
//! row is a refused one with its attribute.

use crate::change;

change! {
    a_field_stored_under_a_name_of_its_own_is_gone: is_recorded(&["event e v2"]);
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E {
            a: u64,
            #[serde(rename = "note")]
            memo: String,
        }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e", version = 2, had(memo: String, before = 2, serde(rename = "note")))]
        pub(super) struct E { a: u64 }
    }
}

change! {
    a_field_is_stored_under_another_name: is_recorded(&["event e v2"]);
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { a: u64 }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e", version = 2)]
        pub(super) struct E {
            #[event(was(_: u64, before = 2, serde()))]
            #[serde(rename = "amount")]
            a: u64,
        }
    }
}

change! {
    all_fields_under_another_rule: is_recorded(&["event e v2"]);
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        #[serde(rename_all = "kebab-case")]
        pub(super) struct E { first_name: String, last_name: String }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e", version = 2, was(serde(rename_all = "kebab-case"), before = 2))]
        #[serde(rename_all = "camelCase")]
        pub(super) struct E { first_name: String, last_name: String }
    }
}

change! {
    all_fields_under_a_rule: is_recorded(&["event e v2"]);
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { first_name: String, last_name: String }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e", version = 2, was(serde(), before = 2))]
        #[serde(rename_all = "camelCase")]
        pub(super) struct E { first_name: String, last_name: String }
    }
}

change! {
    a_flattened_field_stands_alone: is_recorded(&["event e v2"]);
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Schema)]
        pub(super) struct Place { street: String }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E {
            #[serde(flatten)]
            at: Place,
        }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Schema)]
        pub(super) struct Place { street: String }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e", version = 2)]
        pub(super) struct E {
            #[event(was(_: Place, before = 2, serde(flatten)))]
            at: Place,
        }
    }
}

change! {
    a_variant_is_gone: is_recorded(&[
        "type lock::mended::a_variant_is_gone::after::PayBy@2 enum",
        "event e v2",
    ]);
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Schema)]
        pub(super) enum PayBy { Cash, Cheque { number: u32 } }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { by: PayBy }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Schema)]
        #[event(version = 2, had(Cheque { number: u32 }, before = 2, with = |_| PayBy::Cash))]
        pub(super) enum PayBy { Cash }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e", version = 2)]
        pub(super) struct E {
            #[event(nested = 2, was(_: Past<PayBy, 1>, before = 2))]
            by: PayBy,
        }
    }
}

change! {
    variants_under_another_rule: is_recorded(&[
        "type lock::mended::variants_under_another_rule::after::PayBy@2 enum",
        "event e v2",
    ]);
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Schema)]
        pub(super) enum PayBy { Cash }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { by: PayBy }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Schema)]
        #[event(version = 2)]
        pub(super) enum PayBy {
            #[event(was(Cash, before = 2, serde()))]
            #[serde(rename = "cash")]
            Cash,
        }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e", version = 2)]
        pub(super) struct E {
            #[event(nested = 2, was(_: Past<PayBy, 1>, before = 2))]
            by: PayBy,
        }
    }
}

change! {
    the_variant_is_told_otherwise: is_recorded(&[
        "type lock::mended::the_variant_is_told_otherwise::after::PayBy@2 enum",
        "event e v2",
    ]);
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Schema)]
        #[serde(tag = "kind", content = "of")]
        pub(super) enum PayBy { Cash, Card(u16) }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { by: PayBy }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Schema)]
        #[event(version = 2, was(serde(tag = "kind", content = "of"), before = 2))]
        pub(super) enum PayBy { Cash, Card(u16) }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e", version = 2)]
        pub(super) struct E {
            #[event(nested = 2, was(_: Past<PayBy, 1>, before = 2))]
            by: PayBy,
        }
    }
}

change! {
    a_struct_is_a_newtype: is_recorded(&["event e v2 = u64"]);
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { a: u64 }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Schema)]
        pub(super) struct OldShape { a: u64 }
        impl From<OldShape> for E {
            fn from(old: OldShape) -> Self { Self(old.a) }
        }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e", version = 2, v1 = OldShape)]
        pub(super) struct E(u64);
    }
}

change! {
    a_newtype_of_another_type: is_recorded(&["event e v2 = u64"]);
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E(u32);
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e", version = 2)]
        pub(super) struct E(#[event(was(_: u32, before = 2))] u64);
    }
}
