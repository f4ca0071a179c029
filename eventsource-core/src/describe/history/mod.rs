//! What the derives write down of a type, and the shape that becomes of it.

mod container;

use super::{Body, Field, Shapes, Wire, told};
use crate::schema::Schema;
use container::Container;

/// How a type is described that tells its shape; `None` of one that does not.
pub type Described = Option<fn(&mut Shapes) -> Wire>;

use told::{Place, Serde};

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
    /// The types that are stored in place of it, by the attribute that names them.
    proxies: &'a [(&'static str, Described)],
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
            proxies: &[],
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

    /// The types in `from`, `try_from` and `into`.
    #[must_use]
    pub const fn proxies(mut self, proxies: &'a [(&'static str, Described)]) -> Self {
        self.proxies = proxies;
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
            return body.unwrap_or_else(|| Body::Value {
                ty: (*path).to_owned(),
                holds: wire,
            });
        }
        // What cannot be told is said in words, and the lock refuses it.
        self.told(version, shapes).unwrap_or_else(Body::Refused)
    }

    /// The shape that the attributes tell; in words, what they leave open.
    fn told(&self, version: u32, shapes: &mut Shapes) -> Result<Body, String> {
        let was = self.was.iter().find(|(before, _)| version < *before);
        let serde = was.map_or(self.serde, |(_, serde)| serde);
        told::is_known(serde, Place::Type, self.rust)?;
        if let Some(proxy) = self.proxy(serde, shapes)? {
            return Ok(proxy);
        }
        let is_written = version == self.latest;
        let container = Container {
            fields: told::read_name(serde, "rename_all"),
            written: told::written_name(serde, "rename_all"),
            defaults: told::has(serde, "default"),
            is_written,
        };
        let variants = match &self.kind {
            Kind::Enum(variants) => variants,
            kind => {
                let body = container.body(kind, version, shapes)?;
                return Ok(match body {
                    Body::Fields(mut fields)
                        if told::has(serde, "transparent") && fields.len() == 1 =>
                    {
                        let Field { ty, holds, .. } = fields.remove(0);
                        Body::Value { ty, holds }
                    }
                    body => body,
                });
            }
        };
        let here = variants
            .iter()
            .filter(|look| (look.from..look.before).contains(&version));
        // What is never read is as good as not there.
        let here = here.filter(|look| !told::is_not_read(look.serde));
        let variants = here.map(|look| container.variant(serde, look, version, shapes));
        Ok(Body::Variants {
            told: told::tag(serde),
            variants: variants.collect::<Result<_, _>>()?,
        })
    }

    /// What is stored in place of the type.
    fn proxy(&self, serde: Serde<'_>, shapes: &mut Shapes) -> Result<Option<Body>, String> {
        let rust = self.rust;
        let read = ["from", "try_from"].into_iter();
        let read = read.filter_map(|key| Some((key, told::value(serde, key)?)));
        let read: Vec<_> = read.collect();
        let (reads, (key, is)) = match (&read[..], told::value(serde, "into")) {
            ([], None) => return Ok(None),
            ([], Some(into)) => {
                return Err(format!(
                    "`serde(into = \"{into}\")` on `{rust}` says what is written, and nothing says what is read: add `from` or `try_from`, with the same type"
                ));
            }
            ([one, ..], None) => {
                return Err(format!(
                    "`serde({} = \"{}\")` on `{rust}` says what is read, and nothing says what is written: add `into`, with the same type",
                    one.0, one.1
                ));
            }
            ([one, ..], Some(into)) => (*one, ("into", into)),
        };
        if reads.1 != is {
            return Err(format!(
                "`{rust}` is read as `{}` and written as `{is}`: name one type in both, `{}` and `into`",
                reads.1, reads.0
            ));
        }
        let described = self.proxies.iter().find(|(by, _)| *by == key);
        let Some(describe) = described.and_then(|(_, described)| *described) else {
            return Err(format!(
                "`{rust}` is stored as `{is}`, which does not implement `Schema`: add `#[derive(eventsource_core::Schema)]` to `{is}`"
            ));
        };
        let by = [reads, ("into", is)].map(|(key, path)| (key.to_owned(), path.to_owned()));
        Ok(Some(Body::Value {
            ty: is.to_owned(),
            holds: Wire::By(by.to_vec(), Box::new(describe(shapes))),
        }))
    }
}

impl Kind<'_> {
    /// The types in it, as they are written.
    fn written(&self) -> String {
        match self {
            Kind::Newtype(looks) => together(looks.iter().map(|look| look.ty)),
            Kind::Unit | Kind::Named(_) | Kind::Enum(_) => "()".to_owned(),
        }
    }
}

/// One type, or several in parentheses.
fn together<'t>(types: impl Iterator<Item = &'t str>) -> String {
    let types: Vec<&'t str> = types.collect();
    match types[..] {
        [one] => one.to_owned(),
        _ => format!("({})", types.join(", ")),
    }
}

/// How a type describes itself at the version of today.
pub(crate) fn described<T: Schema + ?Sized>(shapes: &mut Shapes) -> Wire {
    T::describe(T::VERSION, shapes)
}
