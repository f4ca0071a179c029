//! The keys of `#[event(..)]` on an event struct.

use syn::{Attribute, LitInt, Path};

use super::{At, Helper, Kind, Seen, Slot, any, crate_path, string, value};
use crate::ctxt::Ctxt;

pub(crate) const HELPER: Helper = Helper {
    name: "event",
    what: "event",
    keys: &["name", "version", "crate"],
};

const NAME: Kind = Kind {
    name: "a string",
    example: "\"account.opened\"",
};
const VERSION: Kind = Kind {
    name: "a whole number from 1 to 4294967295",
    example: "1",
};

/// What the attributes of an event say.
pub(crate) struct Event {
    pub(crate) seen: Seen,
    pub(crate) name: Option<At<String>>,
    pub(crate) version: Option<At<u32>>,
    pub(crate) krate: Option<Path>,
}

impl Event {
    pub(crate) fn read(cx: &mut Ctxt, attrs: &[Attribute]) -> Self {
        let (mut name, mut version, mut krate) = (Slot::empty(), Slot::empty(), Slot::empty());
        let seen = HELPER.each_key(cx, attrs, |cx, key, input| {
            match key.word {
                "name" => {
                    let text = string(cx, key, NAME, input)?;
                    name.set(cx, key, text);
                }
                "version" => {
                    let literal = value(cx, key, VERSION, input, any::<LitInt>)?;
                    let span = literal.span();
                    let number = literal
                        .base10_parse()
                        .map_err(|_| VERSION.error(span, key))?;
                    version.set(
                        cx,
                        key,
                        At {
                            span,
                            value: number,
                        },
                    );
                }
                _ => {
                    let path = crate_path(cx, key, input)?;
                    krate.set(cx, key, path);
                }
            }
            Ok(())
        });
        Self {
            seen,
            name: name.0,
            version: version.0,
            krate: krate.0,
        }
    }
}
