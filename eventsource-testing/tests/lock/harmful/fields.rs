//! Fields of an event.

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
    a_function_writes_the_field: is_refused(crate::Kind::Retyped, "was(_: String, before = 2, serde())");
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { a: String }
    }
    after(events(E)) {
        mod cents {
            pub(super) fn serialize<S: serde::Serializer>(cents: &str, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(cents)
            }
            pub(super) fn deserialize<'de, D: serde::Deserializer<'de>>(from: D) -> Result<String, D::Error> {
                serde::Deserialize::deserialize(from)
            }
        }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E {
            #[serde(with = "cents")]
            a: String,
        }
    }
}

change! {
    another_function_writes_the_field: is_refused(crate::Kind::Retyped, r#"was(_: String, before = 2, serde(with = "cents"))"#);
    before(events(E)) {
        mod cents {
            pub(super) fn serialize<S: serde::Serializer>(cents: &str, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(cents)
            }
            pub(super) fn deserialize<'de, D: serde::Deserializer<'de>>(from: D) -> Result<String, D::Error> {
                serde::Deserialize::deserialize(from)
            }
        }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E {
            #[serde(with = "cents")]
            a: String,
        }
    }
    after(events(E)) {
        mod texts {
            pub(super) fn serialize<S: serde::Serializer>(cents: &str, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(cents)
            }
            pub(super) fn deserialize<'de, D: serde::Deserializer<'de>>(from: D) -> Result<String, D::Error> {
                serde::Deserialize::deserialize(from)
            }
        }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E {
            #[serde(with = "texts")]
            a: String,
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
