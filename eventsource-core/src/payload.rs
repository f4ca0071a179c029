//! The stored payload of an event: bytes, and what they are. No store looks into them.

use std::{fmt, sync::Arc};

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
    bytes: Arc<[u8]>,
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
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl fmt::Debug for StoredPayload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {} bytes", self.content_type, self.bytes.len())
    }
}
