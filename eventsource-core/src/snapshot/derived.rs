//! What `#[derive(Snapshot)]` needs: the codec of a state, and its fingerprint. Each thing that a user can have forgotten
//! is asked for in one function, so that it is one error.

use serde::{Serialize, de::DeserializeOwned};

use super::{
    Snapshot,
    codec::{JsonSnapshot, SnapshotCodec, SnapshotCodecError},
    fingerprint::Fingerprint,
};
use crate::{
    aggregate::AggregateEvent,
    schema::{SEED, number, text},
    table::KnownEvent,
};

/// A codec, as what it does with one state.
#[derive(Debug)]
pub struct StateCodec<S> {
    /// Its name.
    pub name: &'static str,
    /// Writes a state.
    pub encode: fn(&S, &mut Vec<u8>) -> Result<(), SnapshotCodecError>,
    /// Reads one.
    pub decode: fn(&[u8]) -> Result<S, SnapshotCodecError>,
}

/// The codec that `#[snapshot(codec = ..)]` names.
pub const fn state_codec<C: SnapshotCodec<S>, S>() -> StateCodec<S> {
    StateCodec {
        name: C::NAME,
        encode: C::encode,
        decode: C::decode,
    }
}

/// A state that can be JSON. A trait of its own, for a message of its own.
#[diagnostic::on_unimplemented(
    message = "the state `{Self}` cannot be stored",
    label = "does not implement `Serialize` and `Deserialize`",
    note = "add `#[derive(serde::Serialize, serde::Deserialize)]` to `{Self}`, or name a codec that needs neither: `#[snapshot(codec = ..)]`"
)]
pub trait StoredAsJson: Sized {
    /// How it becomes JSON.
    const CODEC: StateCodec<Self>;
}

#[diagnostic::do_not_recommend]
impl<S: Serialize + DeserializeOwned> StoredAsJson for S {
    const CODEC: StateCodec<S> = state_codec::<JsonSnapshot, S>();
}

/// The codec where none is named.
pub const fn json_codec<S: StoredAsJson>() -> StateCodec<S> {
    S::CODEC
}

/// The fingerprint of a state, from how it is written, and from what of its aggregate changes what a state means. That
/// it is an aggregate is asked for by the trait itself.
pub const fn fingerprint<S: Snapshot>(layout: u64, codec: &str, version: u32) -> Fingerprint {
    fingerprint_of(layout, S::Event::TABLE, codec, version)
}

const fn fingerprint_of(
    layout: u64,
    table: &[KnownEvent],
    codec: &str,
    version: u32,
) -> Fingerprint {
    let mut events = 0_u64;
    let mut at = 0;
    while at < table.len() {
        // A sum, since the order of the list says nothing.
        events = events.wrapping_add(event(&table[at]));
        at += 1;
    }
    let hash = number(text(SEED, "snapshot"), layout);
    let hash = number(number(hash, table.len() as u64), events);
    Fingerprint::new(number(text(hash, codec), version as u64))
}

/// An event with every stored name that leads to it. What is too old to be read does not count: a snapshot is how a
/// stream goes on without it.
const fn event(known: &KnownEvent) -> u64 {
    let kind = if known.retired { "retired" } else { "listed" };
    let mut hash = text(text(SEED, kind), known.schema.name);
    hash = number(hash, known.schema.version as u64);
    let mut at = 0;
    while at < known.names.len() {
        hash = number(
            text(hash, known.names[at].name),
            known.names[at].last as u64,
        );
        at += 1;
    }
    hash
}
