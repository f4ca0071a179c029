//! What the derives write down of a type, and the shape that becomes of it.

use super::{Body, Field, Shapes, Variant, Wire, names};
use crate::schema::Schema;

/// How a type is described that tells its shape; `None` of one that does not.
pub type Described = Option<fn(&mut Shapes) -> Wire>;

/// An attribute of serde: its key and its value. What is in parentheses stands behind a dot: `rename.deserialize`.
type Serde<'a> = &'a [(&'static str, &'static str)];

/// A type with all of its versions.
#[doc(hidden)]
#[derive(Debug)]
pub struct History<'a> {
    rust: &'static str,
    latest: u32,
    kind: Kind<'a>,
    serde: Serde<'a>,
    /// What serde was told on the type before: until which version, and what; the oldest first.
    was: &'a [(u32, Serde<'a>)],
    explicit: &'a [(u32, &'static str, Described)],
}

#[derive(Debug)]
enum Kind<'a> {
    Unit,
    Newtype(&'a [Look<'a>]),
    Named(&'a [Look<'a>]),
    Enum(&'a [VariantLook<'a>]),
}

/// A field over some versions.
#[doc(hidden)]
#[derive(Debug)]
pub struct Look<'a> {
    name: &'static str,
    ty: &'static str,
    holds: Described,
    from: u32,
    before: u32,
    opaque: bool,
    serde: Serde<'a>,
}

/// A variant over some versions.
#[doc(hidden)]
#[derive(Debug)]
pub struct VariantLook<'a> {
    name: &'static str,
    kind: Kind<'a>,
    from: u32,
    before: u32,
    serde: Serde<'a>,
}

impl<'a> Look<'a> {
    pub const fn new(name: &'static str, ty: &'static str, holds: Described) -> Self {
        Self {
            name,
            ty,
            holds,
            from: 1,
            before: u32::MAX,
            opaque: false,
            serde: &[],
        }
    }

    /// From this version on.
    #[must_use]
    pub const fn since(mut self, version: u32) -> Self {
        self.from = version;
        self
    }

    /// Until the one before this version.
    #[must_use]
    pub const fn before(mut self, version: u32) -> Self {
        self.before = version;
        self
    }

    #[must_use]
    pub const fn opaque(mut self) -> Self {
        self.opaque = true;
        self
    }

    #[must_use]
    pub const fn serde(mut self, serde: Serde<'a>) -> Self {
        self.serde = serde;
        self
    }
}

impl<'a> VariantLook<'a> {
    pub const fn unit(name: &'static str) -> Self {
        Self::of(name, Kind::Unit)
    }

    pub const fn places(name: &'static str, fields: &'a [Look<'a>]) -> Self {
        Self::of(name, Kind::Newtype(fields))
    }

    pub const fn named(name: &'static str, fields: &'a [Look<'a>]) -> Self {
        Self::of(name, Kind::Named(fields))
    }

    const fn of(name: &'static str, kind: Kind<'a>) -> Self {
        Self {
            name,
            kind,
            from: 1,
            before: u32::MAX,
            serde: &[],
        }
    }

    /// From this version on.
    #[must_use]
    pub const fn since(mut self, version: u32) -> Self {
        self.from = version;
        self
    }

    /// Until the one before this version.
    #[must_use]
    pub const fn before(mut self, version: u32) -> Self {
        self.before = version;
        self
    }

    #[must_use]
    pub const fn serde(mut self, serde: Serde<'a>) -> Self {
        self.serde = serde;
        self
    }
}

impl<'a> History<'a> {
    pub const fn unit(rust: &'static str, latest: u32) -> Self {
        Self::of(rust, latest, Kind::Unit)
    }

    pub const fn newtype(rust: &'static str, latest: u32, value: &'a [Look<'a>]) -> Self {
        Self::of(rust, latest, Kind::Newtype(value))
    }

    pub const fn named(rust: &'static str, latest: u32, fields: &'a [Look<'a>]) -> Self {
        Self::of(rust, latest, Kind::Named(fields))
    }

    pub const fn variants(
        rust: &'static str,
        latest: u32,
        variants: &'a [VariantLook<'a>],
    ) -> Self {
        Self::of(rust, latest, Kind::Enum(variants))
    }

    const fn of(rust: &'static str, latest: u32, kind: Kind<'a>) -> Self {
        Self {
            rust,
            latest,
            kind,
            serde: &[],
            was: &[],
            explicit: &[],
        }
    }

    #[must_use]
    pub const fn serde(mut self, serde: Serde<'a>) -> Self {
        self.serde = serde;
        self
    }

    /// What serde was told on the type before some version, the oldest first.
    #[must_use]
    pub const fn was(mut self, was: &'a [(u32, Serde<'a>)]) -> Self {
        self.was = was;
        self
    }

    /// The versions that are structs written by hand.
    #[must_use]
    pub const fn explicit(mut self, explicit: &'a [(u32, &'static str, Described)]) -> Self {
        self.explicit = explicit;
        self
    }

    pub(super) fn rust(&self) -> &'static str {
        self.rust
    }

    pub(super) fn latest(&self) -> u32 {
        self.latest
    }

    /// The struct that was written by hand for a version.
    pub(super) fn by_hand(&self, version: u32) -> Option<&'static str> {
        let mut explicit = self.explicit.iter();
        explicit.find_map(|(at, path, _)| (*at == version).then_some(*path))
    }

    /// The shape at a version.
    pub(super) fn body(&self, version: u32, shapes: &mut Shapes) -> Body {
        if let Some((_, path, described)) = self.explicit.iter().find(|(at, ..)| *at == version) {
            let Some(describe) = described else {
                return Body::Unknown((*path).to_owned());
            };
            let wire = describe(shapes);
            // The struct by hand is the shape, so what is in it stands there.
            let body = match &wire {
                Wire::Type(key) => shapes.body(key),
                _ => None,
            };
            return body.unwrap_or(Body::Value(wire));
        }
        let was = self.was.iter().find(|(before, _)| version < *before);
        let serde = was.map_or(self.serde, |(_, serde)| serde);
        let mut by = ["into", "from", "try_from"].into_iter();
        if let Some(by) = by.find_map(|key| value(serde, key)) {
            // What is stored is another type.
            return Body::Value(Wire::By(by.to_owned(), Box::new(Wire::Unknown)));
        }
        let container = Container {
            fields: read_name(serde, "rename_all"),
            defaults: has(serde, "default"),
        };
        let variants = match &self.kind {
            Kind::Enum(variants) => variants,
            kind => {
                let body = container.body(kind, version, shapes);
                return match body {
                    Body::Fields(mut fields) if has(serde, "transparent") && fields.len() == 1 => {
                        Body::Value(fields.remove(0).holds)
                    }
                    body => body,
                };
            }
        };
        let told = match (value(serde, "tag"), value(serde, "content")) {
            (Some(tag), Some(content)) => format!("tag {tag:?} content {content:?}"),
            (Some(tag), None) => format!("tag {tag:?}"),
            _ if has(serde, "untagged") => "untagged".to_owned(),
            _ => String::new(),
        };
        let inner = read_name(serde, "rename_all_fields");
        let here = variants
            .iter()
            .filter(|look| (look.from..look.before).contains(&version));
        let here = here.filter(|look| !has(look.serde, "skip"));
        let variants = here.map(|look| {
            let own = Container {
                fields: read_name(look.serde, "rename_all").or(inner),
                defaults: false,
            };
            Variant {
                name: look.name.to_owned(),
                wire: read_name(look.serde, "rename").map_or_else(
                    || names::of_variant(container.fields, look.name),
                    str::to_owned,
                ),
                body: own.body(&look.kind, version, shapes),
            }
        });
        Body::Variants {
            told,
            variants: variants.collect(),
        }
    }
}

/// What is said for all fields at once.
struct Container {
    fields: Option<&'static str>,
    defaults: bool,
}

impl Container {
    fn body(&self, kind: &Kind<'_>, version: u32, shapes: &mut Shapes) -> Body {
        let mut fields = |looks: &[Look<'_>]| -> Vec<Field> {
            let here = looks
                .iter()
                .filter(|look| (look.from..look.before).contains(&version));
            here.map(|look| self.field(look, shapes)).collect()
        };
        match kind {
            Kind::Unit | Kind::Enum(_) => Body::Unit,
            Kind::Named(looks) => Body::Fields(fields(looks)),
            Kind::Newtype(looks) => {
                let values = fields(looks);
                if let Some(open) = values.iter().find(|field| field.holds == Wire::Unknown) {
                    return Body::Unknown(open.ty.clone());
                }
                let mut values: Vec<_> = values.into_iter().map(|field| field.holds).collect();
                match values.len() {
                    1 => Body::Value(values.remove(0)),
                    _ => Body::Value(Wire::Tuple(values)),
                }
            }
        }
    }

    fn field(&self, look: &Look<'_>, shapes: &mut Shapes) -> Field {
        let holds = match look.holds {
            _ if look.opaque => Wire::Opaque,
            Some(describe) => describe(shapes),
            None => Wire::Unknown,
        };
        let by = ["with", "serialize_with", "deserialize_with"]
            .into_iter()
            .find_map(|key| value(look.serde, key));
        let by_itself = by.is_none() && holds.is_option();
        Field {
            name: look.name.to_owned(),
            wire: read_name(look.serde, "rename")
                .map_or_else(|| names::of_field(self.fields, look.name), str::to_owned),
            ty: look.ty.to_owned(),
            flat: has(look.serde, "flatten"),
            omitted: has(look.serde, "skip_serializing") || has(look.serde, "skip_serializing_if"),
            tolerated: self.defaults || by_itself || has(look.serde, "default"),
            holds: match by {
                Some(by) => Wire::By(by.to_owned(), Box::new(holds)),
                None => holds,
            },
        }
    }
}

fn has(serde: Serde<'_>, key: &str) -> bool {
    serde.iter().any(|(said, _)| *said == key)
}

fn value(serde: Serde<'_>, key: &str) -> Option<&'static str> {
    let found = serde.iter().find(|(said, _)| *said == key)?;
    Some(found.1)
}

/// The name by which something is read, where `key` gives one.
fn read_name(serde: Serde<'_>, key: &str) -> Option<&'static str> {
    value(serde, key).or_else(|| {
        let read = |(said, _): &&(&str, _)| said.strip_prefix(key) == Some(".deserialize");
        serde.iter().find(read).map(|(_, value)| *value)
    })
}

/// How a type describes itself at the version of today.
pub(crate) fn described<T: Schema + ?Sized>(shapes: &mut Shapes) -> Wire {
    T::describe(T::VERSION, shapes)
}
