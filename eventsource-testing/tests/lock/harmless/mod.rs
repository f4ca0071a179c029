//! Changes that need no attribute: what is stored is read as it was written.

mod forms;

use crate::change;

change! {
    a_comment: passes();
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { a: u64 }
    }
    after(events(E)) {
        /// With words.
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E {
            /// More of them.
            a: u64,
        }
    }
}

change! {
    the_order_of_fields: passes();
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { a: u64, b: String }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { b: String, a: u64 }
    }
}

change! {
    another_type_of_the_same_form: passes();
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { a: String, b: Vec<u8>, c: BTreeMap<String, u64> }
    }
    after(events(E)) {
        type Name = Box<str>;
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { a: Name, b: HashSet<u8>, c: std::collections::HashMap<Name, u64> }
    }
}

change! {
    the_struct_is_renamed_in_rust: passes();
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Schema)]
        pub(super) struct Inner { b: u8 }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { a: Vec<Inner> }
    }
    after(events(Opened)) {
        #[derive(Debug, Serialize, Deserialize, Schema)]
        pub(super) struct Other { b: u8 }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct Opened { a: Vec<Other> }
    }
}

change! {
    a_field_is_renamed_in_rust_alone: passes();
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { a: u64 }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E {
            #[serde(rename = "a")]
            amount: u64,
        }
    }
}

change! {
    a_rule_says_what_each_field_said: passes();
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E {
            #[serde(rename = "totalAmount")]
            total_amount: u64,
        }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        #[serde(rename_all = "camelCase")]
        pub(super) struct E { total_amount: u64 }
    }
}

change! {
    an_alias_a_default_and_strictness: passes();
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { a: u64 }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        #[serde(deny_unknown_fields)]
        pub(super) struct E {
            #[serde(default, alias = "b")]
            a: u64,
        }
    }
}

change! {
    a_field_that_is_not_stored: passes();
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { a: u64 }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E {
            a: u64,
            #[serde(skip)]
            cached: Option<String>,
        }
    }
}

change! {
    fields_move_into_a_flattened_struct: passes();
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { id: u64, street: String, zip: String }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Schema)]
        pub(super) struct Place { street: String, zip: String }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E {
            id: u64,
            #[serde(flatten)]
            place: Place,
        }
    }
}

change! {
    a_new_optional_field: is_recorded(&["event e v1: + note?: Option<String>"]);
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { a: u64 }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { note: Option<String>, a: u64 }
    }
}

change! {
    a_new_field_with_a_default: is_recorded(&["event e v1: + count? as \"n\": u32"]);
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { a: u64 }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E {
            a: u64,
            #[serde(default, rename = "n")]
            count: u32,
        }
    }
}

change! {
    a_field_that_may_be_left_out: is_recorded(&["event e v1: + a?: String"]);
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { a: String }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E {
            #[serde(default, skip_serializing_if = "String::is_empty")]
            a: String,
        }
    }
}

change! {
    a_new_variant: is_recorded(&[
        "type lock::harmless::a_new_variant::after::Kind@1: + variant Web { .. }",
        "type lock::harmless::a_new_variant::after::Kind@1: agent: String",
    ]);
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Schema)]
        pub(super) enum Kind { Branch, Till(u32) }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { kind: Kind }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Schema)]
        pub(super) enum Kind { Web { agent: String }, Branch, Till(u32) }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { kind: Kind }
    }
}

change! {
    an_optional_field_of_a_variant: is_recorded(&[
        "type lock::harmless::an_optional_field_of_a_variant::after::Kind@1: + zip?: Option<u8>",
    ]);
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Schema)]
        pub(super) enum Kind { Branch { name: String }, Web }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { kind: Kind }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Schema)]
        pub(super) enum Kind { Branch { name: String, zip: Option<u8> }, Web }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { kind: Kind }
    }
}

change! {
    an_optional_field_of_a_value_in_a_map: is_recorded(&[
        "type lock::harmless::an_optional_field_of_a_value_in_a_map::after::Place@1: + zip?: Option<String>",
    ]);
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Schema)]
        pub(super) struct Place { street: String }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { places: BTreeMap<String, Vec<Place>> }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Schema)]
        pub(super) struct Place { street: String, zip: Option<String> }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { places: BTreeMap<String, Vec<Place>> }
    }
}

change! {
    a_new_event: is_recorded(&["category subject: + f", "event f v1 = null"]);
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { a: u64 }
    }
    after(events(E, F)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { a: u64 }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "f")]
        pub(super) struct F;
    }
}

change! {
    a_new_version: is_recorded(&["event e v2"]);
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { a: u64, memo: String }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e", version = 2, had(memo: String, before = 2))]
        pub(super) struct E {
            #[event(was(a, before = 2))]
            amount: u64,
            #[event(since = 2, default = true)]
            noted: bool,
        }
    }
}

change! {
    a_new_meaning: is_recorded(&["event e v2"]);
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { a: u64 }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e", version = 2, step(2, with = |old| E { a: old.a * 100 }))]
        pub(super) struct E { a: u64 }
    }
}

change! {
    a_new_name_of_an_event: is_recorded(&["category subject: + entered", "event entered v2"]);
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { a: u64 }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "entered", version = 2, was("e", before = 2))]
        pub(super) struct E { a: u64 }
    }
}

change! {
    a_retired_event: is_recorded(&["retired f"]);
    before(events(E, F)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { a: u64 }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "f")]
        pub(super) struct F { a: u64 }
    }
    after(events(E), retired("f", from = F, into = |_| [])) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { a: u64 }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "f")]
        pub(super) struct F { a: u64 }
    }
}

change! {
    a_value_and_its_event_get_a_version: is_recorded(&[
        "type lock::harmless::a_value_and_its_event_get_a_version::after::Place@2",
        "event e v2",
    ]);
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
        #[event(name = "e", version = 2)]
        pub(super) struct E {
            #[event(nested = 2, was(_: Vec<Past<Place, 1>>, before = 2))]
            to: Vec<Place>,
        }
    }
}

change! {
    an_older_version_is_written_out_by_hand: passes();
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e", version = 2)]
        pub(super) struct E {
            #[event(was(a: u32, before = 2))]
            amount: u64,
        }
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
