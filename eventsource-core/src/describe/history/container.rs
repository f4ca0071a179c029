//! Fields and variants under what is said of all of them.

use super::{Kind, Look, VariantLook, together};
use crate::describe::{
    Body, Field, Shapes, Variant, Wire, names,
    told::{self, Place, Serde},
};

/// What is said for all fields at once.
pub(super) struct Container {
    /// The rule under which they are read.
    pub(super) fields: Option<&'static str>,
    /// The rule under which they are written.
    pub(super) written: Option<&'static str>,
    pub(super) defaults: bool,
    /// Whether this is the version that is written.
    pub(super) is_written: bool,
}

impl Container {
    pub(super) fn variant(
        &self,
        serde: Serde<'_>,
        look: &VariantLook<'_>,
        version: u32,
        shapes: &mut Shapes,
    ) -> Result<Variant, String> {
        let told = look.serde;
        told::is_known(told, Place::Variant, look.name)?;
        let rule = |name: fn(Serde<'_>, &str) -> Option<&'static str>| {
            name(told, "rename_all").or_else(|| name(serde, "rename_all_fields"))
        };
        let never = told::has(told, "skip_serializing");
        let own = Self {
            fields: rule(told::read_name),
            written: rule(told::written_name),
            defaults: false,
            is_written: self.is_written && !never,
        };
        let called = |name: Option<&str>, rule: Option<&str>| {
            name.map_or_else(|| names::of_variant(rule, look.name), str::to_owned)
        };
        let wire = called(told::read_name(told, "rename"), self.fields);
        let written = called(told::written_name(told, "rename"), self.written);
        let aliases = told::aliases(told);
        // An untagged one goes by no name.
        if own.is_written && !told::has(told, "untagged") && told::tag(serde) != "untagged" {
            told::is_read_as_written(look.name, &written, &wire, &aliases)?;
        }
        let by = told::by(told);
        let body = if by.is_empty() {
            own.body(&look.kind, version, shapes)?
        } else {
            // The function writes what it likes.
            Body::Value {
                ty: look.kind.written(),
                holds: Wire::By(by, Box::new(Wire::Unknown)),
            }
        };
        Ok(Variant {
            name: look.name.to_owned(),
            wire,
            aliases,
            other: told::has(told, "other"),
            untagged: told::has(told, "untagged"),
            body,
        })
    }

    pub(super) fn body(
        &self,
        kind: &Kind<'_>,
        version: u32,
        shapes: &mut Shapes,
    ) -> Result<Body, String> {
        let mut fields = |looks: &[Look<'_>]| -> Result<Vec<Field>, String> {
            let here = looks
                .iter()
                .filter(|look| (look.from..look.before).contains(&version))
                // What is never read is as good as not there.
                .filter(|look| !told::is_not_read(look.serde));
            here.map(|look| self.field(look, shapes)).collect()
        };
        match kind {
            Kind::Unit | Kind::Enum(_) => Ok(Body::Unit),
            Kind::Named(looks) => {
                let fields = fields(looks)?;
                for field in fields.iter().filter(|field| !field.flat) {
                    self.is_read_where_left_out(field)?;
                }
                Ok(Body::Fields(fields))
            }
            Kind::Newtype(looks) => {
                if let Some(look) = looks
                    .iter()
                    .find(|look| told::is_partly_skipped(look.serde))
                {
                    return Err(format!(
                        "the value in place {} is only read or only written, and the places behind it move: use `serde(skip)`, or named fields",
                        look.name
                    ));
                }
                let values = fields(looks)?;
                if let Some(open) = values.iter().find(|field| field.holds == Wire::Unknown) {
                    return Ok(Body::Unknown(open.ty.clone()));
                }
                let ty = together(values.iter().map(|field| &*field.ty));
                let mut values: Vec<_> = values.into_iter().map(|field| field.holds).collect();
                let holds = match values.len() {
                    1 => values.remove(0),
                    _ => Wire::Tuple(values),
                };
                Ok(Body::Value { ty, holds })
            }
        }
    }

    fn is_read_where_left_out(&self, field: &Field) -> Result<(), String> {
        if self.is_written && field.omitted && !field.tolerated {
            let name = &field.name;
            return Err(format!(
                "`{name}` may be left out where it is written, and is required where it is read: add `#[serde(default)]` to it"
            ));
        }
        Ok(())
    }

    fn field(&self, look: &Look<'_>, shapes: &mut Shapes) -> Result<Field, String> {
        told::is_known(look.serde, Place::Field, look.name)?;
        let holds = match look.holds {
            _ if look.opaque => Wire::Opaque(look.ty.to_owned()),
            Some(describe) => describe(shapes),
            None => Wire::Unknown,
        };
        let by = told::by(look.serde);
        let flat = told::has(look.serde, "flatten");
        let is_map = matches!(holds, Wire::Map(..)) || told::is_called_a_map(look.ty);
        let by_itself = by.is_empty() && (holds.is_option() || flat && is_map);
        let called = |name: Option<&str>, rule: Option<&str>| {
            name.map_or_else(|| names::of_field(rule, look.name), str::to_owned)
        };
        let wire = called(told::read_name(look.serde, "rename"), self.fields);
        let written = called(told::written_name(look.serde, "rename"), self.written);
        let aliases = told::aliases(look.serde);
        if self.is_written && !flat && !told::has(look.serde, "skip_serializing") {
            told::is_read_as_written(look.name, &written, &wire, &aliases)?;
        }
        Ok(Field {
            name: look.name.to_owned(),
            wire,
            aliases,
            ty: look.ty.to_owned(),
            flat,
            omitted: told::has(look.serde, "skip_serializing")
                || told::has(look.serde, "skip_serializing_if"),
            tolerated: self.defaults || by_itself || told::has(look.serde, "default"),
            holds: if by.is_empty() {
                holds
            } else {
                Wire::By(by, Box::new(holds))
            },
        })
    }
}
