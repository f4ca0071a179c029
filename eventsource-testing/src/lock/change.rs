//! What is no longer as it was stored, and what to write.

use std::fmt;

use eventsource_core::describe::{DescribedEvent, DescribedType, TypeVersion, field_name};

use super::file::Head;

/// One shape that is no longer what was stored under its version.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Change {
    /// The event or the type: `event account.deposited v2`, `type bank::Address@1`.
    pub of: String,
    /// What the struct or the enum is called in Rust.
    pub rust: String,
    /// The field or the variant; `None` where it is about the whole.
    pub part: Option<String>,
    /// What happened to it.
    pub kind: ChangeKind,
    /// What was stored, as the lock has it; `-` for nothing.
    pub stored: String,
    /// What there is now; `-` for nothing.
    pub now: String,
    /// What to write, and where: an attribute, ready to be pasted.
    pub mend: String,
}

/// What happened to a field, a variant, or the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ChangeKind {
    /// A field is gone.
    Removed,
    /// A field came that stored events do not have, and cannot do without.
    Added,
    /// A field has another name.
    Renamed,
    /// A field has its name, but another one in stored bytes.
    RenamedInStorage,
    /// A field has another type.
    Retyped,
    /// A field that stored events may leave out cannot do without it any more.
    Required,
    /// A field or a variant has a name that a removed one had.
    Reserved,
    /// A variant is gone.
    VariantRemoved,
    /// A variant has another name.
    VariantRenamed,
    /// How the variant is told changed.
    Told,
    /// The whole is of another kind: a newtype where a struct was, and so on.
    Kind,
    /// A value in it is at another version of its own type.
    Nested,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            of,
            part,
            stored,
            now,
            mend,
            ..
        } = self;
        let what = match self.kind {
            ChangeKind::Removed | ChangeKind::VariantRemoved => "is gone",
            ChangeKind::Added => "is new, and stored events do not have it",
            ChangeKind::Renamed | ChangeKind::VariantRenamed => "has another name",
            ChangeKind::RenamedInStorage => "has another name in stored bytes",
            ChangeKind::Retyped => "has another type",
            ChangeKind::Required => "may be missing from stored events, and is required now",
            ChangeKind::Reserved => "has the name of one that was removed",
            ChangeKind::Told => "tells its variants otherwise",
            ChangeKind::Kind => "is of another kind",
            ChangeKind::Nested => "holds its value at another version",
        };
        match part {
            Some(part) => writeln!(f, "{of}: `{part}` {what}")?,
            None => writeln!(f, "{of} {what}")?,
        }
        writeln!(f, "    stored: {stored}")?;
        writeln!(f, "    now:    {now}")?;
        write!(f, "    {mend}")
    }
}

/// Whose shape is compared.
#[derive(Debug, Clone)]
pub(super) struct Subject {
    /// Its entry in the lock.
    pub(super) head: Head,
    pub(super) rust: String,
    pub(super) version: u32,
    pub(super) latest: u32,
    /// The struct that was written by hand for this version.
    pub(super) by_hand: Option<&'static str>,
    /// The variant in which it is.
    pub(super) variant: Option<InVariant>,
}

/// A variant, by its name in Rust and its name in stored bytes.
#[derive(Debug, Clone)]
pub(super) struct InVariant {
    pub(super) name: String,
    pub(super) wire: String,
}

/// What is to be said of a field or a variant.
pub(super) enum Say {
    OnField(String, String),
    OnType(String),
}

impl Subject {
    pub(super) fn of_event(event: &DescribedEvent) -> Self {
        Self {
            head: Head::Event(event.name.to_owned(), event.version),
            rust: event.rust.to_owned(),
            version: event.version,
            latest: event.latest,
            by_hand: event.by_hand,
            variant: None,
        }
    }

    /// A type, and what it is called in the lock.
    pub(super) fn of_type(called: &TypeVersion, key: &TypeVersion, of: &DescribedType) -> Self {
        Self {
            head: Head::Type(called.clone()),
            rust: of.rust.to_owned(),
            version: key.version,
            latest: of.latest,
            by_hand: of.by_hand,
            variant: None,
        }
    }

    pub(super) fn within(&self, variant: InVariant) -> Self {
        let variant = Some(variant);
        Self {
            variant,
            ..self.clone()
        }
    }

    /// Whether it is the shape of today, which was changed without a new version.
    pub(super) fn is_today(&self) -> bool {
        self.version == self.latest
    }

    /// The version that has to introduce the change.
    pub(super) fn next(&self) -> u32 {
        self.latest.saturating_add(1)
    }

    pub(super) fn change(
        &self,
        part: Option<&str>,
        kind: ChangeKind,
        stored: impl Into<String>,
        now: impl Into<String>,
        mend: String,
    ) -> Change {
        let part = match (&self.variant, part) {
            (Some(variant), Some(part)) => Some(format!("{}.{part}", variant.name)),
            (Some(variant), None) => Some(variant.name.clone()),
            (None, part) => part.map(str::to_owned),
        };
        Change {
            of: self.head.to_string(),
            rust: self.rust.clone(),
            part,
            kind,
            stored: stored.into(),
            now: now.into(),
            mend,
        }
    }

    /// What mends a change of the shape of today, or of an older one.
    pub(super) fn mend(&self, say: &Say) -> String {
        let rust = &self.rust;
        let of = self.variant.as_ref().map_or_else(String::new, |variant| {
            format!(" in the variant `{}`", variant.name)
        });
        if let Some(by_hand) = self.by_hand {
            let version = self.version;
            return format!(
                "`{by_hand}` is what version {version} of `{rust}` stored: write in it again what was stored"
            );
        }
        if !self.is_today() {
            let version = self.version;
            return match say {
                Say::OnField(field, attribute) => format!(
                    "the attributes must still say what version {version} was: `#[event({attribute})]` on `{field}`{of}"
                ),
                Say::OnType(attribute) => format!(
                    "the attributes must still say what version {version} was: `#[event({attribute})]` on `{rust}`"
                ),
            };
        }
        let next = self.next();
        let bump = format!("write `version = {next}` on `{rust}`");
        let mut text = match say {
            Say::OnField(field, attribute) => {
                format!("{bump}, and `#[event({attribute})]` on `{field}`{of}")
            }
            Say::OnType(attribute) => {
                format!("{bump}, and beside it `{attribute}`")
            }
        };
        // A value has no version in storage: the event that holds it has.
        if matches!(self.head, Head::Type(_)) {
            text.push_str(
                "; the compiler then names each event that holds it, and the `nested = ..` and `was(_: Past<..>, ..)` to write there",
            );
        }
        text
    }
}

/// The rule of `rename_all` under which fields had their stored names: `serde(..)` as it stands in `was`.
pub(super) fn rule_of(names: &[(&str, &str)]) -> Option<String> {
    const RULES: &[&str] = &[
        "camelCase",
        "PascalCase",
        "kebab-case",
        "UPPERCASE",
        "SCREAMING-KEBAB-CASE",
    ];
    let fits = |rule| {
        names
            .iter()
            .all(|(name, stored)| field_name(rule, name) == *stored)
    };
    if fits(None) {
        return Some("serde()".to_owned());
    }
    let rule = RULES.iter().find(|rule| fits(Some(rule)))?;
    Some(format!("serde(rename_all = \"{rule}\")"))
}

/// A name that a removed field had. It stays reserved: who reads old payloads by hand would take one for the other.
pub(super) fn reserved_name(subject: &Subject, name: &str, now: &str) -> Change {
    let mend = format!(
        "give it another name: `#[serde(rename = \"..\")]` on `{name}` does for stored bytes; what older events have under it, they keep"
    );
    subject.change(Some(name), ChangeKind::Reserved, "reserved", now, mend)
}
