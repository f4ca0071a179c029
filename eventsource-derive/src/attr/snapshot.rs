//! The keys of `#[snapshot(..)]` on a state and on its fields.

use syn::{Attribute, Path, Type};

use super::{At, Helper, Kind, Slot, any, crate_path, no_value, number, value};
use crate::ctxt::Ctxt;

pub(crate) const HELPER: Helper = Helper {
    name: "snapshot",
    what: "snapshot",
    keys: &["version", "codec", "crate"],
    elsewhere: &[("on a field, not on the type", &["opaque"])],
};

const FIELD: Helper = Helper {
    name: "snapshot",
    what: "snapshot field",
    keys: &["opaque"],
    elsewhere: &[(
        "on the type, not on a field",
        &["version", "codec", "crate"],
    )],
};

const CODEC: Kind = Kind {
    name: "a type",
    example: "JsonSnapshot",
};

/// What the attributes of a state say of its snapshots.
pub(crate) struct Snapshot {
    pub(crate) version: Option<At<u32>>,
    pub(crate) codec: Option<Type>,
    pub(crate) krate: Option<Path>,
}

impl Snapshot {
    pub(crate) fn read(cx: &mut Ctxt, attrs: &[Attribute]) -> Self {
        let (mut version, mut codec, mut krate) = (Slot::empty(), Slot::empty(), Slot::empty());
        HELPER.each_key(cx, attrs, |cx, key, input| {
            match key.word {
                "version" => {
                    let number = number(cx, key, input)?;
                    version.set(cx, key, number);
                }
                "codec" => {
                    let ty = value(cx, key, CODEC, input, any::<Type>)?;
                    codec.set(cx, key, ty);
                }
                _ => {
                    let path = crate_path(cx, key, input)?;
                    krate.set(cx, key, path);
                }
            }
            Ok(())
        });
        Self {
            version: version.0,
            codec: codec.0,
            krate: krate.0,
        }
    }
}

/// Whether a field goes by the name of its type.
pub(crate) fn is_opaque(cx: &mut Ctxt, attrs: &[Attribute]) -> bool {
    let mut opaque = Slot::empty();
    FIELD.each_key(cx, attrs, |cx, key, input| {
        no_value(key, input)?;
        opaque.set(cx, key, ());
        Ok(())
    });
    opaque.0.is_some()
}
