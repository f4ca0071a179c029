//! Changes that would read what is stored as something else, or not at all: each is refused with the attribute to write.

use crate::change;

change! {
    a_field_is_gone: is_refused(crate::Kind::Removed, "`version = 2` on `E`, and beside it `had(memo: String, before = 2)`");
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { a: u64, memo: String }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { a: u64 }
    }
}

change! {
    a_renamed_field_is_gone: is_refused(crate::Kind::Removed, r#"had(memo: String, before = 2, serde(rename = "note"))"#);
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
        #[event(name = "e")]
        pub(super) struct E { a: u64 }
    }
}

change! {
    a_field_came_that_is_required: is_refused(crate::Kind::Added, "`version = 2` on `E`, and `#[event(since = 2, default = ..)]` on `b`");
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { a: u64 }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { a: u64, b: bool }
    }
}

change! {
    a_field_is_called_otherwise: is_refused(crate::Kind::Renamed, "`#[event(was(holder, before = 2))]` on `owner`");
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { holder: String }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { owner: String }
    }
}

change! {
    a_wider_number: is_refused(crate::Kind::Retyped, "`#[event(was(_: u32, before = 2))]` on `a`");
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { a: u32 }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { a: u64 }
    }
}

change! {
    a_number_is_a_text: is_refused(crate::Kind::Retyped, "was(_: u64, before = 2)");
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { a: u64 }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { a: String }
    }
}

change! {
    an_option_is_required: is_refused(crate::Kind::Retyped, "was(_: Option<u64>, before = 2)");
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { a: Option<u64> }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { a: u64 }
    }
}

change! {
    a_value_is_an_option: is_refused(crate::Kind::Retyped, "was(_: u64, before = 2)");
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { a: u64 }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { a: Option<u64> }
    }
}

change! {
    a_list_of_another_type: is_refused(crate::Kind::Retyped, "was(_: Vec<u8>, before = 2)");
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { a: Vec<u8> }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { a: Vec<i8> }
    }
}

change! {
    a_list_of_another_length: is_refused(crate::Kind::Retyped, "was(_: [u8; 3], before = 2)");
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { a: [u8; 3] }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { a: [u8; 4] }
    }
}

change! {
    a_map_of_other_values: is_refused(crate::Kind::Retyped, "was(_: BTreeMap<String, u8>, before = 2)");
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { a: BTreeMap<String, u8> }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { a: BTreeMap<String, String> }
    }
}

change! {
    a_tuple_in_another_order: is_refused(crate::Kind::Retyped, "was(_: (u8, bool), before = 2)");
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { a: (u8, bool) }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { a: (bool, u8) }
    }
}

change! {
    an_opaque_field_of_another_type: is_refused(crate::Kind::Retyped, "was(_: Vec<u8>, before = 2)");
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E {
            #[event(opaque)]
            a: Vec<u8>,
        }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E {
            #[event(opaque)]
            a: Vec<u16>,
        }
    }
}

change! {
    a_field_is_stored_under_another_name: is_refused(crate::Kind::RenamedInStorage, "was(_: u64, before = 2, serde())");
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { a: u64 }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E {
            #[serde(rename = "amount")]
            a: u64,
        }
    }
}

change! {
    a_field_was_stored_under_another_name: is_refused(crate::Kind::RenamedInStorage, r#"was(_: u64, before = 2, serde(rename = "amt"))"#);
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E {
            #[serde(rename = "amt")]
            a: u64,
        }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { a: u64 }
    }
}

change! {
    a_rule_for_all_names: is_refused(crate::Kind::RenamedInStorage, "`version = 2` on `E`, and beside it `was(serde(), before = 2)`");
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { first_name: String, last_name: String }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        #[serde(rename_all = "camelCase")]
        pub(super) struct E { first_name: String, last_name: String }
    }
}

change! {
    another_rule_for_all_names: is_refused(crate::Kind::RenamedInStorage, r#"was(serde(rename_all = "kebab-case"), before = 2)"#);
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        #[serde(rename_all = "kebab-case")]
        pub(super) struct E { first_name: String, last_name: String }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        #[serde(rename_all = "camelCase")]
        pub(super) struct E { first_name: String, last_name: String }
    }
}

change! {
    a_default_is_taken_away: is_refused(crate::Kind::Required, "put `#[serde(default)]` back on `a`");
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E {
            #[serde(default, skip_serializing_if = "String::is_empty")]
            a: String,
        }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { a: String }
    }
}

change! {
    a_function_writes_the_field: is_refused(crate::Kind::Retyped, "was(_: u64, before = 2, serde())");
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { a: u64 }
    }
    after(events(E)) {
        mod cents {
            pub(super) fn serialize<S: serde::Serializer>(cents: &u64, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(cents)
            }
            pub(super) fn deserialize<'de, D: serde::Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
                let text: String = serde::Deserialize::deserialize(from)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E {
            #[serde(with = "cents")]
            a: u64,
        }
    }
}

change! {
    another_function_writes_the_field: is_refused(crate::Kind::Retyped, r#"was(_: u64, before = 2, serde(with = "cents"))"#);
    before(events(E)) {
        mod cents {
            pub(super) fn serialize<S: serde::Serializer>(cents: &u64, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(cents)
            }
            pub(super) fn deserialize<'de, D: serde::Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
                let text: String = serde::Deserialize::deserialize(from)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E {
            #[serde(with = "cents")]
            a: u64,
        }
    }
    after(events(E)) {
        mod texts {
            pub(super) fn serialize<S: serde::Serializer>(cents: &u64, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(cents)
            }
            pub(super) fn deserialize<'de, D: serde::Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
                let text: String = serde::Deserialize::deserialize(from)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E {
            #[serde(with = "texts")]
            a: u64,
        }
    }
}

change! {
    a_flattened_field_stands_alone: is_refused(crate::Kind::Retyped, "was(_: Place, before = 2, serde(flatten))");
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
        #[event(name = "e")]
        pub(super) struct E { at: Place }
    }
}

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
        pub(super) struct Node { size: u16, nodes: Vec<Node> }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { root: Node }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Schema)]
        pub(super) struct Node { size: u32, nodes: Vec<Node> }
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

change! {
    a_newtype_of_another_type: is_refused(crate::Kind::Retyped, "`#[event(was(_: u32, before = 2))]` on `0`");
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E(u32);
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E(u64);
    }
}

change! {
    a_struct_is_a_newtype: is_refused(crate::Kind::Kind, "v1 = OldShape");
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { a: u64 }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E(u64);
    }
}

change! {
    a_unit_struct_has_braces: is_refused(crate::Kind::Kind, "v1 = OldShape");
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E;
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E {}
    }
}

change! {
    a_removed_name_comes_back: is_refused(crate::Kind::Reserved, "give it another name");
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e", version = 2, had(memo: String, before = 2))]
        pub(super) struct E { a: u64 }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e", version = 3, had(memo: String, before = 2))]
        pub(super) struct E {
            a: u64,
            #[event(since = 3)]
            memo: Option<u32>,
        }
    }
}

change! {
    a_removed_name_comes_back_as_an_option: is_refused(crate::Kind::Reserved, "give it another name");
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e", version = 2, had(memo: String, before = 2))]
        pub(super) struct E { a: u64 }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e", version = 2, had(memo: String, before = 2))]
        pub(super) struct E {
            a: u64,
            #[event(since = 2)]
            #[serde(rename = "memo")]
            note: Option<u32>,
        }
    }
}

change! {
    an_older_version_is_told_otherwise: is_refused(crate::Kind::Retyped, "the attributes must still say what version 1 was: `#[event(was(_: u16, before = 2))]` on `a`");
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e", version = 2)]
        pub(super) struct E {
            #[event(was(_: u16, before = 2))]
            a: u32,
        }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e", version = 2)]
        pub(super) struct E {
            #[event(was(_: u8, before = 2))]
            a: u32,
        }
    }
}

change! {
    a_field_of_an_older_version_is_forgotten: is_refused(crate::Kind::Removed, "the attributes must still say what version 1 was: `#[event(had(memo: String, before = 2))]` on `E`");
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e", version = 2, had(memo: String, before = 2))]
        pub(super) struct E {
            a: u32,
            #[event(since = 2)]
            b: u8,
        }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e", version = 2)]
        pub(super) struct E {
            a: u32,
            #[event(since = 2)]
            b: u8,
        }
    }
}

change! {
    a_struct_by_hand_is_another: is_refused(crate::Kind::Retyped, "the attributes must still say what version 1 was");
    before(events(E)) {
        #[derive(Debug, Deserialize, Schema)]
        pub(super) struct First { a: u16 }
        impl From<First> for E {
            fn from(old: First) -> Self { Self { amount: old.a.into() } }
        }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e", version = 2, v1 = First)]
        pub(super) struct E { amount: u64 }
    }
    after(events(E)) {
        #[derive(Debug, Deserialize, Schema)]
        pub(super) struct First { a: u32 }
        impl From<First> for E {
            fn from(old: First) -> Self { Self { amount: old.a.into() } }
        }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e", version = 2, v1 = First)]
        pub(super) struct E { amount: u64 }
    }
}

change! {
    an_event_left: is_stale(r#"`retired("f", from = .., into = ..)`"#);
    before(events(E, F)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { a: u64 }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "f")]
        pub(super) struct F { a: u64 }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { a: u64 }
    }
}

change! {
    an_event_has_another_name: is_stale(r#"`was("e", before = ..)`"#);
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { a: u64 }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "entered")]
        pub(super) struct E { a: u64 }
    }
}

change! {
    an_event_had_its_name_less_long: is_stale(r#"`E` has that name, but not at this version"#);
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e", version = 2)]
        pub(super) struct E {
            #[event(was(_: u8, before = 2))]
            a: u64,
        }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e", version = 2, was("entered", before = 2))]
        pub(super) struct E {
            #[event(was(_: u8, before = 2))]
            a: u64,
        }
    }
}

change! {
    a_lower_version: is_stale(r#"write `version = 2` on `E`"#);
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e", version = 2)]
        pub(super) struct E {
            #[event(was(_: u8, before = 2))]
            a: u64,
        }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { a: u64 }
    }
}

change! {
    a_retired_event_is_listed_again: is_stale(r#"give `F` another name"#);
    before(events(E), retired("f", from = F, into = |_| [])) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { a: u64 }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "f")]
        pub(super) struct F { a: u64 }
    }
    after(events(E, F)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { a: u64 }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "f")]
        pub(super) struct F { a: u64 }
    }
}
