//! The stored payload of an event: bytes, and what they are. No store looks into them.

use std::{
    fmt,
    hash::{Hash, Hasher},
    sync::Arc,
};

use crate::text::{Rule, Text, TextError, not_nul};

/// What the bytes of a payload are, such as `application/json`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ContentType(Text);

impl ContentType {
    /// What the derived codec writes.
    pub const JSON: Self = Self(Text::Static("application/json"));
    /// The greatest length, in bytes of UTF-8.
    pub const MAX_BYTES: usize = 128;

    const RULE: Rule = Rule {
        what: "a content type",
        limit: Self::MAX_BYTES,
        allows: not_nul,
        allowed: "use any text without NUL",
    };

    /// Checks a text and makes it a content type.
    ///
    /// # Errors
    ///
    /// [`TextError`] when it is empty, longer than [`Self::MAX_BYTES`], or has NUL in it.
    pub fn new(text: impl Into<String>) -> Result<Self, TextError> {
        let text = text.into();
        Self::RULE.check(&text)?;
        Ok(if text == *Self::JSON.0 {
            Self::JSON
        } else {
            Self(text.into())
        })
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ContentType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The payload of an event as it is stored: bytes and a content type. Cheap to clone.
///
/// `Debug` shows the content type and the length, never the bytes.
///
/// ```
/// use eventsource_core::StoredPayload;
///
/// let payload = StoredPayload::json(br#"{"cents":500}"#);
/// assert_eq!(payload.bytes(), br#"{"cents":500}"#);
/// assert_eq!(format!("{payload:?}"), "application/json, 13 bytes");
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct StoredPayload {
    content_type: ContentType,
    bytes: Bytes,
}

/// Most payloads are short. Those lie within the event, so that a page of events is as many allocations as events.
#[derive(Clone)]
enum Bytes {
    Short { length: u8, bytes: [u8; SHORT] },
    Shared(Arc<[u8]>),
}

/// With it and its length the whole has 64 bytes.
const SHORT: usize = 62;

impl Bytes {
    #[inline]
    fn as_slice(&self) -> &[u8] {
        match self {
            Self::Short { length, bytes } => bytes.get(..usize::from(*length)).unwrap_or(bytes),
            Self::Shared(bytes) => bytes,
        }
    }
}

impl From<&[u8]> for Bytes {
    #[inline]
    fn from(payload: &[u8]) -> Self {
        let mut bytes = [0; SHORT];
        match (bytes.get_mut(..payload.len()), u8::try_from(payload.len())) {
            (Some(start), Ok(length)) => {
                start.copy_from_slice(payload);
                Self::Short { length, bytes }
            }
            _ => Self::Shared(payload.into()),
        }
    }
}

impl PartialEq for Bytes {
    fn eq(&self, other: &Self) -> bool {
        self.as_slice() == other.as_slice()
    }
}

impl Eq for Bytes {}

impl Hash for Bytes {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_slice().hash(state);
    }
}

impl StoredPayload {
    /// A payload of any content type.
    pub fn new(content_type: ContentType, bytes: &[u8]) -> Self {
        Self {
            content_type,
            bytes: bytes.into(),
        }
    }

    /// A payload of JSON. Whether the bytes are JSON is seen when they are read.
    pub fn json(bytes: &[u8]) -> Self {
        Self::new(ContentType::JSON, bytes)
    }

    /// What the bytes are.
    pub fn content_type(&self) -> &ContentType {
        &self.content_type
    }

    /// The bytes.
    #[inline]
    pub fn bytes(&self) -> &[u8] {
        self.bytes.as_slice()
    }
}

impl fmt::Debug for StoredPayload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {} bytes", self.content_type, self.bytes().len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_is_the_same_on_both_sides_of_the_short_ones() {
        for length in [0, 1, SHORT - 1, SHORT, SHORT + 1, 255, 256, 300] {
            let bytes: Vec<u8> = (0..=u8::MAX).cycle().take(length).collect();
            let payload = StoredPayload::json(&bytes);
            assert_eq!(payload.bytes(), bytes);
            assert_eq!(payload, StoredPayload::json(&bytes));
            let is_short = matches!(payload.bytes, Bytes::Short { .. });
            assert_eq!(is_short, length <= SHORT);
            let mut other = bytes;
            other.push(0);
            assert_ne!(payload, StoredPayload::json(&other));
        }
    }

    #[test]
    fn a_short_payload_takes_no_more_room_than_it_says() {
        assert_eq!(size_of::<Bytes>(), SHORT + 2);
    }
}
