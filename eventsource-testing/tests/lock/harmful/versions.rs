//! Whole events, their versions and their names.

use crate::change;

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
    a_struct_by_hand_is_another: is_refused(crate::Kind::Retyped, "`First` is what version 1 of `E` stored: write in it again what was stored");
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
    an_event_left: is_stale(r#"`retired("f", from = ItsStruct, into = |_| [])`"#);
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
    an_event_has_another_name: is_stale(r#"`E`, new as `entered`, looks alike: write `version = 2, was("e", before = 2)`"#);
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
    an_event_may_be_one_of_two_others: is_stale(r#"renamed? write `version = 2, was("e", before = 2)`"#);
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { a: u64 }
    }
    after(events(E, F)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "entered")]
        pub(super) struct E { a: u64 }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "found")]
        pub(super) struct F { a: u64 }
    }
}

change! {
    an_event_had_its_name_less_long: is_stale("`E` has that name, but not at this version");
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
    a_lower_version: is_stale("write `version = 2` on `E`");
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
    a_retired_event_is_listed_again: is_stale("give `F` another name");
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
