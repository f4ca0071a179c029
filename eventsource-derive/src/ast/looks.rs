//! One field through the versions: its looks, one after the other.

use proc_macro2::Span;
use syn::{Ident, Type};

use crate::{
    attr::{self, At, FieldWas, Had, How, Nested, SerdeItem, serde_items},
    name, print,
};

/// One field through the versions.
pub(crate) struct Track<'a> {
    /// The field of today; `None` for one that is gone.
    pub(crate) field: Option<&'a syn::Field>,
    /// What messages call it.
    pub(crate) name: String,
    /// Where it stands.
    pub(crate) at: Span,
    pub(crate) since: Option<At<u32>>,
    pub(crate) gone: Option<At<u32>>,
    /// What older values get that do not have it.
    pub(crate) fill: How,
    /// What it was, the oldest first.
    pub(crate) was: Vec<FieldWas>,
    /// What it looked like, the oldest first.
    pub(crate) looks: Vec<Look>,
    pub(crate) nested: Nested,
    pub(crate) opaque: bool,
    pub(crate) serde: Vec<SerdeItem>,
}

/// One look of a field, over some versions.
pub(crate) struct Look {
    pub(crate) from: u32,
    /// The version before which it was so; `None` where it is so today.
    pub(crate) before: Option<u32>,
    pub(crate) name: Ident,
    pub(crate) ty: Type,
    /// Whether the type is today's, because nothing else was said.
    pub(crate) today: bool,
    pub(crate) at: Span,
    /// How the look before it becomes this one.
    pub(crate) how: How,
    pub(crate) serde: Vec<SerdeItem>,
    /// An attribute that may have been another one, of which nothing is said.
    pub(crate) unstated: Option<SerdeItem>,
}

impl Track<'_> {
    /// The look that the field had at a version, if it was there.
    pub(crate) fn look_at(&self, version: u32) -> Option<&Look> {
        Look::at_version(&self.looks, version)
    }

    /// A field of a variant that is gone, and it with it.
    pub(super) fn of_gone_variant(
        field: &syn::Field,
        index: usize,
        from: u32,
        before: u32,
    ) -> Self {
        let ident = ident_of(field, index);
        let name = field
            .ident
            .as_ref()
            .map_or_else(|| index.to_string(), name::of);
        let at = print::span(field);
        let look = Look {
            from,
            before: Some(before),
            name: ident,
            ty: field.ty.clone(),
            today: false,
            at,
            how: How::Auto,
            serde: serde_items(&field.attrs),
            unstated: None,
        };
        Track {
            field: None,
            name,
            at,
            since: None,
            gone: None,
            fill: How::Auto,
            was: Vec::new(),
            looks: vec![look],
            nested: Nested::default(),
            opaque: false,
            serde: Vec::new(),
        }
    }

    pub(super) fn of_gone(had: Had) -> Self {
        let look = Look {
            from: had.since.as_ref().map_or(1, |since| since.value),
            before: Some(had.before.value),
            name: had.name.clone(),
            ty: had.ty,
            today: false,
            at: had.name.span(),
            how: How::Auto,
            serde: had.serde,
            unstated: None,
        };
        Track {
            field: None,
            name: name::of(&had.name),
            at: had.name.span(),
            since: had.since,
            gone: Some(had.before),
            fill: had.fill,
            was: Vec::new(),
            looks: vec![look],
            nested: Nested::default(),
            opaque: false,
            serde: Vec::new(),
        }
    }
}

impl<'a> Track<'a> {
    pub(super) fn of_field(
        field: &'a syn::Field,
        ident: &Ident,
        mut said: attr::Field,
        serde: Vec<SerdeItem>,
    ) -> Self {
        said.was.sort_by_key(|was| was.before.value);
        let since = said.since.as_ref().map_or(1, |since| since.value);
        let look = Look {
            from: since,
            before: None,
            name: ident.clone(),
            ty: field.ty.clone(),
            today: true,
            at: ident.span(),
            how: How::Auto,
            serde: serde.clone(),
            unstated: None,
        };
        let looks = Look::back(look, &said.was, since);
        Self {
            field: Some(field),
            name: name::of(ident),
            at: field
                .ident
                .as_ref()
                .map_or_else(|| print::span(&field.ty), Ident::span),
            since: said.since,
            gone: None,
            fill: said.fill,
            was: said.was,
            looks,
            nested: said.nested,
            opaque: said.opaque,
            serde,
        }
    }
}

impl Look {
    pub(super) fn at_version(looks: &[Self], version: u32) -> Option<&Self> {
        let here = |look: &&Self| {
            look.from <= version && look.before.is_none_or(|before| version < before)
        };
        looks.iter().find(here)
    }

    /// All looks, the oldest first, from today back: what a `was` leaves out is as it was after it.
    pub(super) fn back(mut look: Self, was: &[FieldWas], since: u32) -> Vec<Self> {
        let mut looks = Vec::new();
        for was in was.iter().rev() {
            let older = look.older(was, since);
            looks.push(look);
            look = older;
        }
        looks.push(look);
        looks.reverse();
        looks
    }

    /// The look before this one.
    fn older(&mut self, was: &FieldWas, since: u32) -> Self {
        self.from = was.before.value;
        self.how = was.how.clone();
        let name = was.name.clone().unwrap_or_else(|| self.name.clone());
        let ty = was.ty.clone().unwrap_or_else(|| self.ty.clone());
        let renamed = name::of(&name) != name::of(&self.name);
        let retyped = print::tokens(&ty) != print::tokens(&self.ty);
        let mut unstated = None;
        let serde = was.serde.clone().unwrap_or_else(|| {
            let (kept, lost): (Vec<_>, Vec<_>) = self.serde.iter().cloned().partition(|item| {
                !(renamed && item.is_about_the_name() || retyped && item.is_about_the_type())
            });
            unstated = lost.into_iter().find(|item| !item.is("alias"));
            kept
        });
        Self {
            from: since,
            before: Some(was.before.value),
            name,
            ty,
            today: self.today && was.ty.is_none(),
            at: was.at,
            how: How::Auto,
            serde,
            unstated,
        }
    }
}

impl SerdeItem {
    fn is_about_the_name(&self) -> bool {
        self.is("rename") || self.is("alias")
    }

    fn is_about_the_type(&self) -> bool {
        self.is("with") || self.is("deserialize_with") || self.is("default") && self.has_value()
    }
}

/// The name of a field; the number of an unnamed one, as an identifier that no user has.
pub(super) fn ident_of(field: &syn::Field, index: usize) -> Ident {
    match &field.ident {
        Some(ident) => ident.clone(),
        None => Ident::new(&format!("__{index}"), print::span(&field.ty)),
    }
}
