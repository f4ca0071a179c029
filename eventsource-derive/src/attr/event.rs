//! The keys of `#[event(..)]` on an event struct, and on a versioned value.

use syn::{Attribute, Path};

use super::{
    At, ContainerWas, Explicit, Had, HadVariant, Helper, Kind, NUMBERED, NameWas, Seen, Slot, Step,
    Value, crate_path, gone,
    history::{self, TypeWas},
    number, string,
    value::expression,
};
use crate::ctxt::Ctxt;

pub(crate) const EVENT: Helper = Helper {
    name: "event",
    what: "event",
    keys: &[
        "name", "version", "oldest", "was", "had", "step", NUMBERED, "shape", "sample", "crate",
    ],
    elsewhere: ON_A_FIELD,
};

pub(crate) const SCHEMA: Helper = Helper {
    name: "event",
    what: "schema",
    keys: &[
        "version", "oldest", "was", "had", "step", NUMBERED, "shape", "crate",
    ],
    elsewhere: &[
        ON_A_FIELD[0],
        ("on an event, not on a value in it", &["name", "sample"]),
    ],
};

const ON_A_FIELD: &[(&str, &[&str])] = &[(
    "on a field, not on the type",
    &["since", "default", "with", "try_with", "nested", "opaque"],
)];

const NAME: Kind = Kind {
    name: "a string",
    example: "\"account.opened\"",
};
const SHAPE: Kind = Kind {
    name: "a string",
    example: "\"00000000\"",
};

/// What the attributes of an event say, or of a value: it has no name.
pub(crate) struct Event {
    pub(crate) seen: Seen,
    pub(crate) name: Option<At<String>>,
    pub(crate) names: Vec<NameWas>,
    pub(crate) version: Option<At<u32>>,
    pub(crate) oldest: Option<At<u32>>,
    pub(crate) had: Vec<Had>,
    /// The variants that an enum had.
    pub(crate) had_variants: Vec<HadVariant>,
    pub(crate) containers: Vec<ContainerWas>,
    pub(crate) steps: Vec<Step>,
    pub(crate) explicit: Vec<Explicit>,
    pub(crate) pin: Option<At<String>>,
    /// A value of the event, for its golden payload: an expression.
    pub(crate) sample: Option<Value>,
    pub(crate) krate: Option<Path>,
}

impl Event {
    pub(crate) fn read(cx: &mut Ctxt, helper: &Helper, attrs: &[Attribute], is_enum: bool) -> Self {
        let (mut name, mut version, mut oldest) = (Slot::empty(), Slot::empty(), Slot::empty());
        let (mut pin, mut krate, mut sample) = (Slot::empty(), Slot::empty(), Slot::empty());
        let (mut names, mut containers) = (Vec::new(), Vec::new());
        let (mut had, mut steps, mut explicit) = (Vec::new(), Vec::new(), Vec::new());
        let mut had_variants = Vec::new();
        let mut broken = false;
        let has_name = helper.keys.contains(&"name");
        let mut seen = helper.each_key(cx, attrs, |cx, key, input| {
            match key.word {
                "name" => {
                    let text = string(cx, key, NAME, input)?;
                    name.set(cx, key, text);
                }
                "version" => {
                    let number = number(cx, key, input)?;
                    version.set(cx, key, number);
                }
                "oldest" => {
                    let number = number(cx, key, input)?;
                    oldest.set(cx, key, number);
                }
                "shape" => {
                    let text = string(cx, key, SHAPE, input)?;
                    pin.set(cx, key, text);
                }
                "sample" => {
                    let value = expression(key, "Opened::sample()", helper, input)?;
                    sample.set(cx, key, value);
                }
                "was" => match history::type_was(cx, key, has_name, input)? {
                    Some(TypeWas::Name(one)) => names.push(one),
                    Some(TypeWas::Serde(one)) => containers.push(one),
                    None => broken = true,
                },
                "had" if is_enum => match gone::had_variant(cx, key, input)? {
                    Some(one) => {
                        broken |= !one.whole;
                        had_variants.push(one);
                    }
                    None => broken = true,
                },
                "had" => match gone::had(cx, key, input)? {
                    Some(one) => {
                        broken |= !one.whole;
                        had.push(one);
                    }
                    None => broken = true,
                },
                "step" => match history::step(cx, key, input)? {
                    Some(one) => steps.push(one),
                    None => broken = true,
                },
                NUMBERED => {
                    let one = history::explicit(cx, key, input)?;
                    explicit.push(one);
                }
                _ => {
                    let path = crate_path(cx, key, input)?;
                    krate.set(cx, key, path);
                }
            }
            Ok(())
        });
        seen.broken |= broken;
        Self {
            seen,
            name: name.0,
            names,
            version: version.0,
            oldest: oldest.0,
            had,
            had_variants,
            containers,
            steps,
            explicit,
            pin: pin.0,
            sample: sample.0,
            krate: krate.0,
        }
    }
}
