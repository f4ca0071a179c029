//! A state as its snapshots see it: what of it is stored, in the order in which it is written.

use syn::{Data, DeriveInput, Expr, Fields, Ident, Path, Type};

use super::history::Style;
use crate::{
    attr::{self, At, SerdeItem, crate_or_default, serde_items},
    ctxt::Ctxt,
    name,
};

/// The state of an aggregate that is kept as a snapshot.
pub(crate) struct Snapshot<'a> {
    pub(crate) original: &'a DeriveInput,
    pub(crate) ident: &'a Ident,
    pub(crate) krate: Path,
    pub(crate) version: Option<At<u32>>,
    pub(crate) codec: Option<Type>,
    pub(crate) serde: Vec<SerdeItem>,
    /// Whether the derive of the aggregate is there, too, which refuses what cannot be one.
    pub(crate) is_aggregate: bool,
    pub(crate) style: Style,
    /// The variants of an enum; of a struct itself, without a name.
    pub(crate) bodies: Vec<Body<'a>>,
}

/// A variant, or a struct.
pub(crate) struct Body<'a> {
    pub(crate) name: String,
    /// The number of a variant, where one is written.
    pub(crate) number: Option<&'a Expr>,
    pub(crate) style: Style,
    pub(crate) serde: Vec<SerdeItem>,
    pub(crate) fields: Vec<StateField<'a>>,
}

/// A field of a state.
pub(crate) struct StateField<'a> {
    pub(crate) field: &'a syn::Field,
    /// Its name, or its place.
    pub(crate) name: String,
    /// Whether it goes by the name of its type.
    pub(crate) opaque: bool,
    /// Whether it is in no snapshot.
    pub(crate) is_never_stored: bool,
    pub(crate) serde: Vec<SerdeItem>,
}

impl<'a> Snapshot<'a> {
    pub(crate) fn read(cx: &mut Ctxt, original: &'a DeriveInput) -> Self {
        let said = attr::Snapshot::read(cx, &original.attrs);
        let (style, bodies) = match &original.data {
            Data::Struct(data) => {
                let body = Body::read(cx, String::new(), Vec::new(), &data.fields);
                (body.style, vec![body])
            }
            Data::Enum(data) => {
                let variants = data.variants.iter().map(|variant| {
                    let serde = serde_items(&variant.attrs);
                    let body = Body::read(cx, name::of(&variant.ident), serde, &variant.fields);
                    let number = variant.discriminant.as_ref().map(|(_, number)| number);
                    Body { number, ..body }
                });
                (Style::Enum, variants.collect())
            }
            Data::Union(_) => (Style::Unit, Vec::new()),
        };
        Self {
            original,
            ident: &original.ident,
            krate: crate_or_default(said.krate),
            version: said.version,
            codec: said.codec,
            serde: serde_items(&original.attrs),
            is_aggregate: original.attrs.iter().any(|attr| attr::AGGREGATE.is(attr)),
            style,
            bodies,
        }
    }

    /// Whether it can be the state of no aggregate.
    pub(crate) fn is_no_state(&self) -> bool {
        matches!(self.original.data, Data::Union(_)) || !self.original.generics.params.is_empty()
    }
}

impl<'a> Body<'a> {
    fn read(cx: &mut Ctxt, name: String, serde: Vec<SerdeItem>, fields: &'a Fields) -> Self {
        let never = is_skipped(&serde);
        let each = fields.iter().enumerate().map(|(index, field)| {
            let serde = serde_items(&field.attrs);
            StateField {
                field,
                name: match &field.ident {
                    Some(ident) => name::of(ident),
                    None => index.to_string(),
                },
                opaque: attr::is_opaque(cx, &field.attrs),
                is_never_stored: never || is_skipped(&serde),
                serde,
            }
        });
        Self {
            fields: each.collect(),
            name,
            number: None,
            style: Style::of(fields),
            serde,
        }
    }

    /// Whether it is a variant of which there is no snapshot.
    pub(crate) fn is_never_stored(&self) -> bool {
        is_skipped(&self.serde)
    }
}

fn is_skipped(serde: &[SerdeItem]) -> bool {
    serde.iter().any(|item| item.is("skip"))
}
