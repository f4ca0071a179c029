//! What is left of the content of an append whose events were trimmed.

use std::borrow::Borrow;

use crate::{
    payload::StoredPayload,
    record::{NewEvent, RecordedEvent},
    store::Append,
    stream::StreamId,
    text::EventName,
};

/// For stores: the content of an append in 128 bits, by which a repeated append is told from another one under the same
/// key once its events are gone.
///
/// It is FNV-1a with 128 bits, the lowest byte first, over what [`Append::has_content_of`] compares: for each event in turn
/// the category and the id of its stream, its stored name, its schema version, the content type and the payload. The schema
/// version is 4 bytes, the lowest first; before each of the others stands its length in 8. Stores keep it, so it never
/// changes.
///
/// It guards against mistakes. Whoever looks for two contents of one digest can find them: the second one is then answered
/// as if it were the first, and not stored.
///
/// ```
/// use eventsource_core::{
///     Append, ContentDigest, EventId, EventName, Expected, NewEvent, StoredPayload, StreamId, Timestamp,
/// };
///
/// let event = NewEvent::new(
///     EventId::new("0192d5a4-6f7c-7000-8000-000000000001".parse()?),
///     EventName::new("account.opened")?,
///     1,
///     StoredPayload::json(b"{}"),
///     Timestamp::EPOCH,
/// );
/// let append = |id: &str| StreamId::new("account", id).map(|to| Append::to(to, Expected::Any, [event.clone()]));
/// assert_eq!(ContentDigest::of(&append("1")?), ContentDigest::of(&append("1")?));
/// assert_ne!(ContentDigest::of(&append("1")?), ContentDigest::of(&append("2")?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ContentDigest([u8; 16]);

impl ContentDigest {
    /// That of what an append would store.
    pub fn of(append: &Append) -> Self {
        let mut sum = Sum::new();
        for part in &append.parts {
            for event in &part.events {
                let NewEvent {
                    name,
                    schema_version,
                    payload,
                    ..
                } = event;
                sum.event(&part.stream, name, *schema_version, payload);
            }
        }
        sum.digest()
    }

    /// That of what an append has stored: its events, in the order of their positions.
    pub fn of_stored<E: Borrow<RecordedEvent>>(events: impl IntoIterator<Item = E>) -> Self {
        let mut sum = Sum::new();
        for event in events {
            let event = event.borrow();
            sum.event(
                &event.stream,
                &event.name,
                event.schema_version,
                &event.payload,
            );
        }
        sum.digest()
    }

    /// The one with these bytes.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub const fn to_bytes(self) -> [u8; 16] {
        self.0
    }
}

/// FNV-1a with 128 bits.
struct Sum(u128);

impl Sum {
    const fn new() -> Self {
        Self(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d)
    }

    fn event(
        &mut self,
        stream: &StreamId,
        name: &EventName,
        schema_version: u32,
        payload: &StoredPayload,
    ) {
        self.text(stream.category().as_str().as_bytes());
        self.text(stream.id().as_bytes());
        self.text(name.as_str().as_bytes());
        self.add(&schema_version.to_le_bytes());
        self.text(payload.content_type().as_str().as_bytes());
        self.text(payload.bytes());
    }

    /// With its length, so that what ends one text cannot begin the next.
    fn text(&mut self, bytes: &[u8]) {
        self.add(&(bytes.len() as u64).to_le_bytes());
        self.add(bytes);
    }

    fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u128::from(*byte)).wrapping_mul((1 << 88) + 0x13b);
        }
    }

    const fn digest(self) -> ContentDigest {
        ContentDigest(self.0.to_le_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        id::EventId, payload::ContentType, record::RecordedEvent, store::Expected,
        stream::Position, stream::Version, time::Timestamp,
    };

    /// The digests in every file are made so.
    #[test]
    fn that_of_an_append_is_what_it_always_was() {
        let event = |name: &str, schema_version, payload| {
            let id = EventId::new(uuid::Uuid::from_u128(1));
            let name = EventName::new(name).expect("a name");
            NewEvent::new(id, name, schema_version, payload, Timestamp::EPOCH)
        };
        let stream = |category, id| StreamId::new(category, id).expect("a stream");
        let kind = ContentType::new("x/bytes").expect("a content type");
        let opened = event("account.opened", 1, StoredPayload::json(b"{}"));
        let sent = event("order.sent", 258, StoredPayload::new(kind, b"\xff\0"));
        let (account, order) = (stream("account", "1"), stream("order", "2"));
        let append = Append::to(account.clone(), Expected::Any, [opened.clone()])
            .and(stream("account", "3"), Expected::Any, [])
            .and(order.clone(), Expected::Any, [sent.clone()]);
        let expected = ContentDigest::from_bytes([
            0x4e, 0x29, 0x2a, 0x71, 0x4e, 0xad, 0x9c, 0x31, 0x49, 0x8b, 0x0e, 0xae, 0x58, 0xe5,
            0x6a, 0xd6,
        ]);
        assert_eq!(ContentDigest::of(&append), expected);
        let position = |number| Position::from_number(number).expect("not 0");
        let stored = [(opened, account, 7), (sent, order, 8)].map(|(event, stream, number)| {
            let (version, at) = (Version::FIRST, Timestamp::EPOCH);
            RecordedEvent::new(event, stream, version, position(number), at)
        });
        assert_eq!(ContentDigest::of_stored(stored), expected);
    }

    #[test]
    fn it_is_the_published_function() {
        let sum = |text: &str| {
            let mut sum = Sum::new();
            sum.add(text.as_bytes());
            sum.0
        };
        assert_eq!(sum(""), 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d);
        assert_eq!(sum("a"), 0xd228_cb69_6f1a_8caf_7891_2b70_4e4a_8964);
        assert_eq!(sum("foobar"), 0x343e_1662_793c_64bf_6f0d_3597_ba44_6f18);
    }
}
