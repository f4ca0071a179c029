//! Values in an event, which have shapes of their own.

use crate::change;

change! {
    a_field_of_a_value_is_gone: is_refused(crate::Kind::Removed, "`version = 2` on `Place`, and beside it `had(zip: String, before = 2)`; the compiler then names each event that holds it");
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Schema)]
        pub(super) struct Place { street: String, zip: String }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { to: Vec<Option<Place>> }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Schema)]
        pub(super) struct Place { street: String }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { to: Vec<Option<Place>> }
    }
}

change! {
    a_value_in_a_map_is_retyped: is_refused(crate::Kind::Retyped, "was(_: u16, before = 2)");
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Schema)]
        pub(super) struct Place { zip: u16 }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { to: BTreeMap<u8, Place> }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Schema)]
        pub(super) struct Place { zip: u32 }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { to: BTreeMap<u8, Place> }
    }
}

change! {
    a_value_in_itself_is_retyped: is_refused(crate::Kind::Retyped, "was(_: u16, before = 2)");
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Schema)]
        pub(super) struct Node { size: u16, nodes: Vec<Self> }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { root: Node }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Schema)]
        pub(super) struct Node { size: u32, nodes: Vec<Self> }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { root: Node }
    }
}

change! {
    a_value_of_another_type: is_refused(crate::Kind::Retyped, "was(_: Place, before = 2)");
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Schema)]
        pub(super) struct Place { street: String }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { to: Place }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Schema)]
        pub(super) struct Person { name: String }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { to: Person }
    }
}

change! {
    a_value_moved_on_and_its_event_did_not: is_refused(crate::Kind::Nested, "`version = 2` on `E`, and `#[event(nested = 2, was(_: Vec<Past<Place, 1>>, before = 2))]` on `to`");
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Schema)]
        pub(super) struct Place { street: String }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { to: Vec<Place> }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Schema)]
        #[event(version = 2)]
        pub(super) struct Place {
            street: String,
            #[event(since = 2)]
            zip: String,
        }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E {
            #[event(nested = 2)]
            to: Vec<Place>,
        }
    }
}

change! {
    a_variant_is_gone: is_refused(crate::Kind::VariantRemoved, "had(Cheque { number: u32 }, before = 2, with = ..)");
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Schema)]
        pub(super) enum PayBy { Cash, Cheque { number: u32 } }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { by: PayBy }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Schema)]
        pub(super) enum PayBy { Cash }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { by: PayBy }
    }
}

change! {
    a_variant_is_called_otherwise: is_refused(crate::Kind::VariantRenamed, "`#[event(was(CreditCard, before = 2))]` on `Card`");
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Schema)]
        pub(super) enum PayBy { Cash, CreditCard(u32) }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { by: PayBy }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Schema)]
        pub(super) enum PayBy { Cash, Card(u32) }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { by: PayBy }
    }
}

change! {
    variants_under_another_rule: is_refused(crate::Kind::VariantRenamed, "was(Cash, before = 2, serde())");
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Schema)]
        pub(super) enum PayBy { Cash }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { by: PayBy }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Schema)]
        #[serde(rename_all = "lowercase")]
        pub(super) enum PayBy { Cash }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { by: PayBy }
    }
}

change! {
    a_field_of_a_variant_is_retyped: is_refused(crate::Kind::Retyped, "was(_: u16, before = 2)");
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Schema)]
        pub(super) enum PayBy { Cash, Card { digits: u16 } }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { by: PayBy }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Schema)]
        pub(super) enum PayBy { Cash, Card { digits: u32 } }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { by: PayBy }
    }
}

change! {
    a_field_of_a_variant_is_gone: is_refused(crate::Kind::Removed, "v1 = OldShape");
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Schema)]
        pub(super) enum PayBy { Cash, Card { digits: u16, name: String } }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { by: PayBy }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Schema)]
        pub(super) enum PayBy { Cash, Card { digits: u16 } }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { by: PayBy }
    }
}

change! {
    a_variant_of_another_kind: is_refused(crate::Kind::Kind, "v1 = OldShape");
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Schema)]
        pub(super) enum PayBy { Cash, Card(u16) }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { by: PayBy }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Schema)]
        pub(super) enum PayBy { Cash, Card { digits: u16 } }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { by: PayBy }
    }
}

change! {
    the_variant_is_told_otherwise: is_refused(crate::Kind::Told, r#"was(serde(tag = "kind", content = "of"), before = 2)"#);
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
        pub(super) enum PayBy { Cash, Card(u16) }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { by: PayBy }
    }
}

change! {
    the_order_of_untagged_variants: is_refused(crate::Kind::Kind, "v1 = OldShape");
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Schema)]
        #[serde(untagged)]
        pub(super) enum PayBy { Number(f64), Text(String) }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { by: PayBy }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Schema)]
        #[serde(untagged)]
        pub(super) enum PayBy { Text(String), Number(f64) }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { by: PayBy }
    }
}
