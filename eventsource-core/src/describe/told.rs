//! What the attributes of serde say of stored bytes. The lists are closed: what is not in them is refused in words.

/// An attribute of serde: its key and its value. What is in parentheses stands behind a dot: `rename.deserialize`.
pub(super) type Serde<'a> = &'a [(&'static str, &'static str)];

/// What an attribute stands on.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place {
    Type,
    Variant,
    Field,
}

impl Place {
    /// The attributes whose meaning for stored bytes is told.
    const fn known(self) -> &'static [&'static str] {
        match self {
            Self::Type => &[
                "rename",
                "rename_all",
                "rename_all_fields",
                "tag",
                "content",
                "untagged",
                "transparent",
                "default",
                "deny_unknown_fields",
                "from",
                "try_from",
                "into",
            ],
            Self::Variant => &[
                "rename",
                "rename_all",
                "alias",
                "skip",
                "skip_serializing",
                "skip_deserializing",
                "with",
                "serialize_with",
                "deserialize_with",
                "other",
                "untagged",
            ],
            Self::Field => &[
                "rename",
                "alias",
                "default",
                "flatten",
                "skip",
                "skip_serializing",
                "skip_serializing_if",
                "skip_deserializing",
                "with",
                "serialize_with",
                "deserialize_with",
            ],
        }
    }
}

/// Whether every attribute is one that is told.
pub(super) fn is_known(serde: Serde<'_>, place: Place, on: &str) -> Result<(), String> {
    let key = |said: &'static str| said.split('.').next().unwrap_or(said);
    let unknown = serde
        .iter()
        .find(|(said, _)| !place.known().contains(&key(said)));
    match unknown {
        None => Ok(()),
        Some((said, _)) => Err(format!(
            "nothing is known of what `serde({})` on `{on}` does to stored bytes: write a type of its own that implements `Schema`, or `#[event(opaque)]` where it is used",
            key(said)
        )),
    }
}

pub(super) fn has(serde: Serde<'_>, key: &str) -> bool {
    serde.iter().any(|(said, _)| *said == key)
}

pub(super) fn value(serde: Serde<'_>, key: &str) -> Option<&'static str> {
    let found = serde.iter().find(|(said, _)| *said == key)?;
    Some(found.1)
}

/// The name by which something is read, where `key` gives one.
pub(super) fn read_name(serde: Serde<'_>, key: &str) -> Option<&'static str> {
    value(serde, key).or_else(|| value(serde, &format!("{key}.deserialize")))
}

/// The name by which something is written, where `key` gives one.
pub(super) fn written_name(serde: Serde<'_>, key: &str) -> Option<&'static str> {
    value(serde, key).or_else(|| value(serde, &format!("{key}.serialize")))
}

/// The other names by which something is read, in order.
pub(super) fn aliases(serde: Serde<'_>) -> Vec<String> {
    let aliases = serde.iter().filter(|(said, _)| *said == "alias");
    let mut aliases: Vec<_> = aliases.map(|(_, name)| (*name).to_owned()).collect();
    aliases.sort();
    aliases.dedup();
    aliases
}

/// Whether what is written under one name is read under it.
pub(super) fn is_read_as_written(
    name: &str,
    written: &str,
    read: &str,
    aliases: &[String],
) -> Result<(), String> {
    if written == read || aliases.iter().any(|alias| alias == written) {
        return Ok(());
    }
    Err(format!(
        "`{name}` is written as \"{written}\" and read as \"{read}\", so that it is not found again: name it once for both, or add `serde(alias = \"{written}\")`"
    ))
}

/// Whether it is in no value that is read.
pub(super) fn is_not_read(serde: Serde<'_>) -> bool {
    has(serde, "skip") || has(serde, "skip_deserializing")
}

/// Whether it is read and not written, or the reverse.
pub(super) fn is_partly_skipped(serde: Serde<'_>) -> bool {
    has(serde, "skip_deserializing")
        || has(serde, "skip_serializing")
        || has(serde, "skip_serializing_if")
}

/// The functions that write and read it.
pub(super) fn by(serde: Serde<'_>) -> Vec<(String, String)> {
    let keys = ["with", "serialize_with", "deserialize_with"].into_iter();
    keys.filter_map(|key| Some((key.to_owned(), value(serde, key)?.to_owned())))
        .collect()
}

/// How an enum tells its variants.
pub(super) fn tag(serde: Serde<'_>) -> String {
    match (value(serde, "tag"), value(serde, "content")) {
        (Some(tag), Some(content)) => format!("tag {tag:?} content {content:?}"),
        (Some(tag), None) => format!("tag {tag:?}"),
        _ if has(serde, "untagged") => "untagged".to_owned(),
        _ => String::new(),
    }
}

/// Whether a type as it is written is a map of std: one that is flattened needs no field of its own.
pub(super) fn is_called_a_map(ty: &str) -> bool {
    let path = ty.split('<').next().unwrap_or_default();
    let name = path.rsplit("::").next().unwrap_or_default().trim();
    matches!(name, "BTreeMap" | "HashMap")
}
