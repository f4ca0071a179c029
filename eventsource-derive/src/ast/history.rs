//! The history of a type as the rules and the expansion see it.

use std::{collections::BTreeSet, ops::Range};

use syn::{Data, DeriveInput, Fields, Ident};

use super::{
    fields::{Look, Skipped, Track, read_fields},
    restated::{Changed, Open, restated},
    variants::{self, Variant},
};
use crate::{
    attr::{At, ContainerWas, Explicit, Had, HadVariant, SerdeItem, Step, serde_items},
    ctxt::Ctxt,
};

/// A struct with the shapes that it had.
pub(crate) struct Versioned<'a> {
    pub(crate) original: &'a DeriveInput,
    pub(crate) ident: &'a Ident,
    pub(crate) version: At<u32>,
    /// The oldest version that is read, where that is not the first.
    pub(crate) oldest: Option<At<u32>>,
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
    pub(crate) containers: Vec<Container>,
    pub(crate) pin: Option<At<String>>,
}

/// The attributes of the type before a version.
pub(crate) struct Container {
    pub(crate) before: At<u32>,
    pub(crate) serde: Vec<SerdeItem>,
    /// What is not said about them.
    pub(crate) open: Option<Open>,
}

/// How the struct of today is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    Named,
    /// One place without a name; of a variant any number of them.
    Unnamed,
    /// Nothing; also what can have no history.
    Unit,
    Enum,
}

impl<'a> Versioned<'a> {
    pub(crate) fn read(cx: &mut Ctxt, original: &'a DeriveInput, read: Read) -> Self {
        let (style, fields) = fields(original);
        let (mut tracks, skipped, broken_field) = read_fields(cx, fields.into_iter(), false);
        let (variants, broken_variant) =
            variants::read(cx, original, read.had_variants, &mut tracks);
        let broken = read.broken | broken_field | broken_variant;
        tracks.extend(read.had.into_iter().map(Track::of_gone));
        let serde = serde_items(&original.attrs);
        let containers = Container::back(&serde, read.containers);
        Self {
            original,
            ident: &original.ident,
            version: read.version,
            oldest: read.oldest,
            broken,
            style,
            variants,
            tracks,
            skipped,
            steps: read.steps,
            explicit: read.explicit,
            serde,
            containers,
            pin: read.pin,
        }
    }

    pub(crate) fn latest(&self) -> u32 {
        self.version.value
    }

    /// The oldest version that is read, from 1 to today's.
    pub(crate) fn oldest(&self) -> u32 {
        let oldest = self.oldest.as_ref().map_or(1, |oldest| oldest.value);
        oldest.clamp(1, self.latest().max(1))
    }

    /// The versions that are read and are not today's.
    pub(crate) fn older(&self) -> Range<u32> {
        self.oldest()..self.latest()
    }

    /// Whether a version is read in which a field looked so.
    pub(crate) fn is_read(&self, look: &Look) -> bool {
        look.before.is_none_or(|before| before > self.oldest())
    }

    /// Whether one of the older shapes is generated.
    pub(crate) fn has_generated_shapes(&self) -> bool {
        // There may be four thousand million versions, and few of them by hand.
        let explicit: BTreeSet<u32> = self
            .explicit
            .iter()
            .map(|explicit| explicit.version.value)
            .filter(|version| self.older().contains(version))
            .collect();
        explicit.len() < self.older().len()
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

impl Container {
    /// The attributes that were, the oldest first, from those of today back.
    fn back(today: &[SerdeItem], mut was: Vec<ContainerWas>) -> Vec<Self> {
        const CHANGED: Changed = Changed {
            name: false,
            ty: false,
        };
        was.sort_by_key(|was| was.before.value);
        // Its name is for messages.
        let named = |item: &&SerdeItem| !item.is("rename");
        let mut newer: Vec<_> = today.iter().filter(named).cloned().collect();
        let mut until = None;
        let mut all = Vec::new();
        for ContainerWas { serde, before } in was.into_iter().rev() {
            let (serde, open) = restated(&newer, Some(&serde), CHANGED, until);
            newer.clone_from(&serde);
            until = Some(before.value);
            all.push(Self {
                before,
                serde,
                open,
            });
        }
        all.reverse();
        all
    }
}

/// What the attributes of the type give to its history.
pub(crate) struct Read {
    pub(crate) broken: bool,
    pub(crate) version: At<u32>,
    pub(crate) oldest: Option<At<u32>>,
    pub(crate) had: Vec<Had>,
    pub(crate) had_variants: Vec<HadVariant>,
    pub(crate) containers: Vec<ContainerWas>,
    pub(crate) steps: Vec<Step>,
    pub(crate) explicit: Vec<Explicit>,
    pub(crate) pin: Option<At<String>>,
}

fn fields(original: &DeriveInput) -> (Style, Vec<&syn::Field>) {
    let data = match &original.data {
        Data::Struct(data) => data,
        Data::Enum(_) => return (Style::Enum, Vec::new()),
        Data::Union(_) => return (Style::Unit, Vec::new()),
    };
    let style = match &data.fields {
        Fields::Named(_) => Style::Named,
        Fields::Unnamed(_) => Style::Unnamed,
        Fields::Unit => Style::Unit,
    };
    (style, data.fields.iter().collect())
}
