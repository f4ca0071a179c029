//! The history of a struct as the rules and the expansion see it: for each field its looks, one after the other.

use proc_macro2::Span;
use syn::{Attribute, Data, DeriveInput, Fields, Ident, Path, Type};

use super::variants::{self, Variant};
use crate::{
    attr::{
        self, At, ContainerWas, Explicit, FieldWas, Had, HadVariant, How, SerdeItem, Step,
        serde_items,
    },
    ctxt::Ctxt,
    name, print,
};

/// A struct with the shapes that it had.
pub(crate) struct Versioned<'a> {
    pub(crate) original: &'a DeriveInput,
    pub(crate) ident: &'a Ident,
    pub(crate) version: At<u32>,
    /// Whether something could not be read: what is missing may have been it.
    pub(crate) broken: bool,
    pub(crate) style: Style,
    /// The variants of an enum: those of today in their order, then those that are gone.
    pub(crate) variants: Vec<Variant<'a>>,
    /// The fields of today in their order, then those that are gone; of an enum those of all its variants.
    pub(crate) tracks: Vec<Track<'a>>,
    /// The fields that are never stored.
    pub(crate) skipped: Vec<Skipped<'a>>,
    pub(crate) steps: Vec<Step>,
    pub(crate) explicit: Vec<Explicit>,
    pub(crate) serde: Vec<SerdeItem>,
    /// What the attributes of the type were, the oldest first.
    pub(crate) containers: Vec<ContainerWas>,
    pub(crate) pin: Option<At<String>>,
}

/// How the struct of today is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    Named,
    Newtype,
    Unit,
    Enum,
}

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
    pub(crate) nested: Option<At<u32>>,
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

/// A field under `#[serde(skip)]`.
pub(crate) struct Skipped<'a> {
    pub(crate) field: &'a syn::Field,
    pub(crate) ident: Ident,
    /// The function that serde calls for its value, if not `Default`.
    pub(crate) default: Option<Path>,
    /// Whether a history was given to it all the same.
    pub(crate) history: bool,
}

impl<'a> Versioned<'a> {
    pub(crate) fn read(cx: &mut Ctxt, original: &'a DeriveInput, read: Read) -> Self {
        let (style, fields) = fields(original);
        let (mut tracks, skipped, broken_field) = read_fields(cx, fields.into_iter());
        let (variants, broken_variant) =
            variants::read(cx, original, read.had_variants, &mut tracks);
        let broken = read.broken | broken_field | broken_variant;
        tracks.extend(read.had.into_iter().map(Track::of_gone));
        let mut containers = read.containers;
        containers.sort_by_key(|was| was.before.value);
        Self {
            original,
            ident: &original.ident,
            version: read.version,
            broken,
            style,
            variants,
            tracks,
            skipped,
            steps: read.steps,
            explicit: read.explicit,
            serde: serde_items(&original.attrs),
            containers,
            pin: read.pin,
        }
    }

    pub(crate) fn latest(&self) -> u32 {
        self.version.value
    }

    /// The struct that was written by hand for a version.
    pub(crate) fn explicit_at(&self, version: u32) -> Option<&Explicit> {
        self.explicit
            .iter()
            .find(|explicit| explicit.version.value == version)
    }

    /// The step that was written by hand for all fields at once.
    pub(crate) fn step_to(&self, version: u32) -> Option<&Step> {
        self.steps.iter().find(|step| step.to.value == version)
    }

    /// The serde attributes of the type at a version.
    pub(crate) fn serde_at(&self, version: u32) -> &[SerdeItem] {
        self.containers
            .iter()
            .find(|was| version < was.before.value)
            .map_or(&self.serde, |was| &was.serde)
    }

    /// The fields as they were at a version.
    pub(crate) fn at(&self, version: u32) -> impl Iterator<Item = (&Track<'a>, &Look)> {
        self.tracks
            .iter()
            .filter_map(move |track| Some((track, track.look_at(version)?)))
    }
}

/// Reads the fields of a struct or a variant: those that are stored, those that are not, and whether something could not
/// be read.
pub(super) fn read_fields<'a>(
    cx: &mut Ctxt,
    fields: impl Iterator<Item = &'a syn::Field>,
) -> (Vec<Track<'a>>, Vec<Skipped<'a>>, bool) {
    let (mut tracks, mut skipped, mut broken) = (Vec::new(), Vec::new(), false);
    for (index, field) in fields.enumerate() {
        let said = attr::Field::read(cx, &field.attrs);
        broken |= said.broken;
        let ident = ident_of(field, index);
        let serde = serde_items(&field.attrs);
        if serde.iter().any(|item| item.is("skip")) {
            skipped.push(Skipped {
                field,
                ident,
                default: default_path(&serde),
                history: said.since.is_some() || !said.was.is_empty(),
            });
            continue;
        }
        let mut track = Track::of_field(field, &ident, said, serde);
        if field.ident.is_none() {
            track.name = index.to_string();
        }
        tracks.push(track);
    }
    (tracks, skipped, broken)
}

/// What the attributes of the type give to its history.
pub(crate) struct Read {
    pub(crate) broken: bool,
    pub(crate) version: At<u32>,
    pub(crate) had: Vec<Had>,
    pub(crate) had_variants: Vec<HadVariant>,
    pub(crate) containers: Vec<ContainerWas>,
    pub(crate) steps: Vec<Step>,
    pub(crate) explicit: Vec<Explicit>,
    pub(crate) pin: Option<At<String>>,
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
            nested: None,
            opaque: false,
            serde: Vec::new(),
        }
    }

    fn of_gone(had: Had) -> Self {
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
            nested: None,
            opaque: false,
            serde: Vec::new(),
        }
    }
}

impl<'a> Track<'a> {
    fn of_field(
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

fn fields(original: &DeriveInput) -> (Style, Vec<&syn::Field>) {
    let data = match &original.data {
        Data::Struct(data) => data,
        Data::Enum(_) => return (Style::Enum, Vec::new()),
        Data::Union(_) => return (Style::Unit, Vec::new()),
    };
    let style = match &data.fields {
        Fields::Named(_) => Style::Named,
        Fields::Unnamed(_) => Style::Newtype,
        Fields::Unit => Style::Unit,
    };
    (style, data.fields.iter().collect())
}

/// The name of a field; the number of an unnamed one, as an identifier that no user has.
fn ident_of(field: &syn::Field, index: usize) -> Ident {
    match &field.ident {
        Some(ident) => ident.clone(),
        None => Ident::new(&format!("__{index}"), print::span(&field.ty)),
    }
}

/// The path in `default = "path"`.
fn default_path(serde: &[SerdeItem]) -> Option<Path> {
    let item = serde.iter().find(|item| item.is("default"))?;
    let last = item.tokens.clone().into_iter().last()?;
    let literal: syn::LitStr = syn::parse2(last.into()).ok()?;
    literal.parse().ok()
}

/// Where a `#[cfg]` stands that the compiler has not taken away.
pub(crate) fn cfg(attrs: &[Attribute]) -> Option<&Attribute> {
    attrs
        .iter()
        .find(|attr| attr.path().is_ident("cfg") || attr.path().is_ident("cfg_attr"))
}
