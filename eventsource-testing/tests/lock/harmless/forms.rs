//! How types are written, in Rust and in the lock.

use crate::change;

change! {
    a_newtype_of_a_versioned_type_and_a_tag_with_an_at_sign: passes();
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Schema)]
        pub(super) struct Money { c: u64 }
        #[derive(Debug, Serialize, Deserialize, Schema)]
        pub(super) struct Amount(Money);
        #[derive(Debug, Serialize, Deserialize, Schema)]
        #[serde(tag = "@type")]
        pub(super) enum Kind { A, B { c: u8 } }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { a: Amount, kind: Kind }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Schema)]
        pub(super) struct Money { c: u64 }
        #[derive(Debug, Serialize, Deserialize, Schema)]
        pub(super) struct Amount(Money);
        #[derive(Debug, Serialize, Deserialize, Schema)]
        #[serde(tag = "@type")]
        pub(super) enum Kind { A, B { c: u8 } }
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { a: Amount, kind: Kind }
    }
}

change! {
    an_opaque_type_is_written_with_its_path: passes();
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { #[event(opaque)] a: std::num::NonZeroU8 }
    }
    after(events(E)) {
        use std::num::NonZeroU8;
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e")]
        pub(super) struct E { #[event(opaque)] a: NonZeroU8 }
    }
}

change! {
    a_locked_version_is_too_old: is_recorded(&["event e v3"]);
    before(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e", version = 2, was("early", before = 2))]
        pub(super) struct E { #[event(since = 2)] a: Option<u64>, b: u8 }
    }
    after(events(E)) {
        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "e", version = 3, was("early", before = 2), oldest = 2)]
        pub(super) struct E { a: Option<u64>, b: u8, #[event(since = 3)] c: Option<u8> }
    }
}
