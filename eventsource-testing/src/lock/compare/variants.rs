//! Variants by what they are called in stored bytes.

use eventsource_core::describe::{Body, Variant, Wire};

use super::{Added, Comparison};
use crate::lock::{
    change::{ChangeKind, InVariant, Say, Subject, reserved_name},
    entry, wire,
};

impl Comparison<'_> {
    pub(super) fn told(&mut self, subject: &Subject, was: &str, is: &str) {
        let same = |body: &Body| matches!(body, Body::Variants { told, .. } if told == was);
        // `tag "a" content "b"` as serde is told it.
        let serde = was.replace("\" ", "\", ").replace(" \"", " = \"");
        let attribute = format!(
            "was(serde({serde}), before = {})",
            self.until(subject, &same)
        );
        let mend = subject.mend(&Say::OnType(attribute));
        let change = subject.change(None, ChangeKind::Told, told_as(was), told_as(is), mend);
        self.changes.push(change);
    }

    pub(super) fn variants(
        &mut self,
        subject: &Subject,
        stored: &[Variant],
        live: &[Variant],
        in_order: bool,
    ) {
        let names = |all: &[Variant]| all.iter().map(|one| one.wire.clone()).collect::<Vec<_>>();
        if in_order && !names(live).starts_with(&names(stored)) {
            // The first that fits is taken, so that another order reads other values.
            let body = |variants: &[Variant]| Body::Variants {
                told: "untagged".to_owned(),
                variants: variants.to_vec(),
            };
            return self.kind(subject, &body(stored), &body(live));
        }
        let mut new: Vec<_> = live
            .iter()
            .filter(|one| find(stored, one).is_none())
            .collect();
        let gone: Vec<_> = stored
            .iter()
            .filter(|one| find(live, one).is_none())
            .collect();
        for was in stored {
            if let Some(is) = find(live, was) {
                let variant = InVariant {
                    name: is.name.clone(),
                    wire: is.wire.clone(),
                };
                let inner = subject.within(variant);
                self.is_told(&inner, was, is);
                self.body(&inner, &was.body, &is.body);
            }
        }
        for was in &gone {
            self.variant_gone(subject, was, gone.len(), &mut new);
        }
        for is in new {
            if self.is_reserved(subject, &is.wire) {
                self.changes
                    .push(reserved_name(subject, &is.name, &line(is)));
            } else if subject.is_today() {
                self.add(subject, Added::Variant(is.clone()));
            }
        }
    }

    /// What a variant is read by, beside its name.
    fn is_told(&mut self, subject: &Subject, was: &Variant, is: &Variant) {
        let lost = |serde: String| {
            format!(
                "put `#[serde({serde})]` back on `{}`: stored events are read by it",
                is.name
            )
        };
        self.aliases(subject, None, &was.aliases, (&is.wire, &is.aliases), &lost);
        let mend = if was.other && !is.other {
            lost("other".to_owned())
        } else if was.untagged && !is.untagged {
            lost("untagged".to_owned())
        } else if is.untagged && !was.untagged {
            format!(
                "take `#[serde(untagged)]` away from `{}`: it is stored under its name",
                is.name
            )
        } else {
            return;
        };
        let change = subject.change(None, ChangeKind::Told, line(was), line(is), mend);
        self.changes.push(change);
    }

    fn variant_gone(
        &mut self,
        subject: &Subject,
        was: &Variant,
        gone: usize,
        new: &mut Vec<&Variant>,
    ) {
        let same = |body: &Body| matches!(body, Body::Variants { variants, .. } if find(variants, was).is_some());
        let before = self.until(subject, &same);
        let one_for_one = gone == 1 && new.len() == 1;
        let renamed = new.iter().position(|is| {
            // Nothing tells two empty ones apart but that there is one of each.
            is.name == was.name || is.body == was.body && (is.body != Body::Unit || one_for_one)
        });
        let (kind, say, now) = if let Some(at) = renamed {
            let is = new.remove(at);
            let serde = match (was.wire == was.name, is.name == was.name) {
                (false, _) => format!(", serde(rename = {})", wire::quoted(&was.wire)),
                (true, true) => ", serde()".to_owned(),
                (true, false) => String::new(),
            };
            let attribute = format!("was({}, before = {before}{serde})", was.name);
            let say = Say::OnField(is.name.clone(), attribute);
            (ChangeKind::VariantRenamed, say, line(is))
        } else {
            let had = format!("had({}, before = {before}, with = ..)", had(was));
            (ChangeKind::VariantRemoved, Say::OnType(had), "-".to_owned())
        };
        let mend = subject.mend(&say);
        let change = subject.change(Some(&was.name), kind, line(was), now, mend);
        self.changes.push(change);
    }
}

fn find<'b>(variants: &'b [Variant], one: &Variant) -> Option<&'b Variant> {
    variants.iter().find(|other| other.wire == one.wire)
}

fn line(variant: &Variant) -> String {
    let lines = entry::variant(variant, &ToString::to_string);
    lines
        .iter()
        .map(|line| line.trim())
        .collect::<Vec<_>>()
        .join(" ")
}

/// A variant as `had` takes it.
fn had(variant: &Variant) -> String {
    let name = &variant.name;
    match &variant.body {
        Body::Fields(fields) => {
            let fields = fields
                .iter()
                .map(|field| format!("{}: {}", field.name, field.ty));
            format!("{name} {{ {} }}", fields.collect::<Vec<_>>().join(", "))
        }
        Body::Value {
            ty,
            holds: Wire::Tuple(_),
        } => format!("{name}{ty}"),
        Body::Value { ty, .. } => format!("{name}({ty})"),
        Body::Unit | Body::Unknown(_) | Body::Refused(_) | Body::Variants { .. } => name.clone(),
    }
}

fn told_as(told: &str) -> &str {
    if told.is_empty() {
        "by its name as the key"
    } else {
        told
    }
}
