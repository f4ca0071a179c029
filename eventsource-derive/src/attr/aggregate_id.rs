//! The one key of `#[aggregate_id(..)]` on an id.

use syn::{Attribute, Path};

use super::{Helper, Slot, crate_path};
use crate::ctxt::Ctxt;

pub(crate) const HELPER: Helper = Helper {
    name: "aggregate_id",
    what: "aggregate id",
    keys: &["crate"],
    elsewhere: &[],
};

/// What the attributes of an id say.
pub(crate) struct Id {
    pub(crate) krate: Option<Path>,
}

impl Id {
    pub(crate) fn read(cx: &mut Ctxt, attrs: &[Attribute]) -> Self {
        let mut krate = Slot::empty();
        HELPER.each_key(cx, attrs, |cx, key, input| {
            let path = crate_path(cx, key, input)?;
            krate.set(cx, key, path);
            Ok(())
        });
        Self { krate: krate.0 }
    }
}
