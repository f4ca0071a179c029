//! The events that a subscription has read already, for one who takes many of them.

use super::Subscription;
use crate::record::Recorded;

impl Subscription {
    /// The next event, where [`next`](Self::next) would give one at once: it has been read, and follows the last one of its
    /// stream that was seen. `None` says nothing of what comes. For one who takes many, a future for each of which costs more
    /// than what is done with it.
    pub(crate) fn next_at_hand(&mut self) -> Option<Recorded> {
        if self.asked.is_waiting() || self.at_hand.is_some() {
            return None;
        }
        let (events, _) = self.reading.as_mut()?;
        if let Some(sequence) = &mut self.sequence
            && !sequence.goes_on_with(events.at_hand()?)
        {
            return None;
        }
        let event = events.take_at_hand()?;
        self.passed = Some(event.position);
        Some(event)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use uuid::Uuid;

    use super::*;
    use crate::{
        id::EventId,
        payload::StoredPayload,
        record::{NewEvent, RecordedEvent},
        store::{EventStream, MemoryStore, ReadError, Start, Subscribe},
        stream::{Position, StreamId, Version},
        text::EventName,
        time::Timestamp,
    };

    fn event(position: u64, version: u64) -> Recorded {
        let new = NewEvent::new(
            EventId::new(Uuid::nil()),
            EventName::new("light.switched").expect("a legal name"),
            1,
            StoredPayload::json(b"{}"),
            Timestamp::EPOCH,
        );
        Arc::new(RecordedEvent::new(
            new,
            StreamId::new("light", "1").expect("a legal stream"),
            Version::new(version).expect("not 0"),
            Position::from_number(position).expect("not 0"),
            Timestamp::EPOCH,
        ))
    }

    /// One that reads a page with these versions of a stream.
    async fn of_versions(versions: &[u64]) -> Subscription {
        let subscribe = Subscribe::all(Start::Beginning);
        let begun = Subscription::begin(Arc::new(MemoryStore::new()), subscribe).await;
        let mut subscription = begun.expect("a store in memory");
        let all = (1..)
            .zip(versions)
            .map(|(position, version)| event(position, *version));
        let mut page = Some(all.collect::<Vec<_>>());
        let end = Position::from_number(100).expect("not 0");
        subscription.reading = Some((EventStream::from_page_fn(move || page.take().map(Ok)), end));
        subscription
    }

    async fn next_version(subscription: &mut Subscription) -> Result<u64, ReadError> {
        match subscription.next().await? {
            crate::store::Delivery::Event(event) => Ok(event.version.get()),
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn what_is_at_hand_is_what_would_come_next_and_nothing_comes_twice() {
        let mut subscription = of_versions(&[1, 2, 3, 4]).await;
        assert_eq!(subscription.next_at_hand(), None, "nothing is read yet");
        assert_eq!(next_version(&mut subscription).await.ok(), Some(1));
        for version in [2, 3] {
            let event = subscription.next_at_hand().expect("it is in the page");
            assert_eq!(event.version.get(), version);
            assert_eq!(subscription.checkpoint(), Some(event.position));
        }
        assert_eq!(next_version(&mut subscription).await.ok(), Some(4));
        assert_eq!(subscription.next_at_hand(), None, "the page is used up");
    }

    #[tokio::test]
    async fn an_event_that_does_not_follow_the_last_one_of_its_stream_is_not_at_hand_but_told() {
        for versions in [[1, 2, 4], [1, 2, 2]] {
            let mut subscription = of_versions(&versions).await;
            assert_eq!(next_version(&mut subscription).await.ok(), Some(1));
            assert!(subscription.next_at_hand().is_some());
            for _ in 0..2 {
                assert_eq!(subscription.next_at_hand(), None);
            }
            let told = next_version(&mut subscription).await;
            assert!(
                matches!(told, Err(ReadError::OutOfSequence { .. })),
                "{told:?}"
            );
        }
    }
}
