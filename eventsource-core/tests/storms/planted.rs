//! Stores that are broken on purpose: the storms see each of them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use eventsource_core::{
    Append, AppendError, Applied, EventId, EventStore, EventStream, Expected, IdSource,
    MemoryStore, Position, Read, Receipt, RetryPolicy, Scope, StoredSnapshot, StreamReceipt,
    UuidV7, Version, async_trait,
};

use crate::{
    bent::{Bend, Bent},
    domain::cached,
    ledger::verified,
    storm::Storm,
};

/// What the verifier says of a storm in a store that is bent.
async fn verdict(how: impl Bend) -> String {
    let truth = MemoryStore::new();
    let store = Bent::new(Arc::new(truth.clone()), how);
    let patient = RetryPolicy::default().with_attempts(10);
    let patient = patient.with_delays(Duration::ZERO, Duration::ZERO);
    let repositories = [(); 3].map(|()| cached(store.clone()).with_retry(patient));
    let gale = Storm {
        seed: 3,
        tasks: 0..16,
        commands: 40,
        purses: 2,
    };
    let told = gale.rage(&store, &repositories).await;
    let verdict = verified(&truth, &told).await;
    verdict.expect_err("it is broken, and nobody has seen it")
}

fn is_conflict(done: &Result<Receipt, AppendError>) -> bool {
    done.as_ref().is_err_and(AppendError::is_conflict)
}

/// The same append, whatever the streams are like.
fn whatever(mut append: Append) -> Append {
    for part in &mut append.parts {
        part.expected = Expected::Any;
    }
    append
}

/// Of the calls that something is to be done with, the one in the middle of the storm.
#[derive(Debug, Default)]
struct Once(AtomicU64);

impl Once {
    fn is_now(&self) -> bool {
        self.0.fetch_add(1, Ordering::SeqCst) == 20
    }
}

/// An expectation that is not met is ignored once.
#[derive(Debug, Default)]
struct IgnoresAnExpectation(Once);

#[async_trait]
impl Bend for IgnoresAnExpectation {
    async fn append(&self, store: &dyn EventStore, append: Append) -> Result<Receipt, AppendError> {
        let done = store.append(append.clone()).await;
        if is_conflict(&done) && append.events().count() > 0 && self.0.is_now() {
            return store.append(whatever(append)).await;
        }
        done
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_expectation_that_is_ignored_once_is_seen() {
    let verdict = verdict(IgnoresAnExpectation::default()).await;
    assert!(verdict.contains("was decided on"), "{verdict}");
}

/// What lies behind is never renewed: its conflicts are hidden, and it is stored.
#[derive(Debug)]
struct HidesConflicts;

#[async_trait]
impl Bend for HidesConflicts {
    async fn append(&self, store: &dyn EventStore, append: Append) -> Result<Receipt, AppendError> {
        store.append(whatever(append)).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cache_that_is_never_renewed_is_seen() {
    let verdict = verdict(HidesConflicts).await;
    assert!(verdict.contains("was decided on"), "{verdict}");
}

/// One append whose outcome is unknown is stored twice.
#[derive(Debug, Default)]
struct AppliesTwice(Once);

#[async_trait]
impl Bend for AppliesTwice {
    async fn append(&self, store: &dyn EventStore, append: Append) -> Result<Receipt, AppendError> {
        let mut again = whatever(append.clone());
        let receipt = store.append(append).await?;
        if !receipt.is_first() || receipt.is_empty() || !self.0.is_now() {
            return Ok(receipt);
        }
        again.key = None;
        for event in again.parts.iter_mut().flat_map(|part| &mut part.events) {
            event.id = EventId::new(UuidV7.next_id());
        }
        store.append(again).await.expect("it is stored once more");
        Err(AppendError::Unknown("nobody knows".into()))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_append_that_is_applied_twice_is_seen() {
    let verdict = verdict(AppliesTwice::default()).await;
    assert!(verdict.contains("was decided on"), "{verdict}");
}

/// One append is acknowledged, and not stored.
#[derive(Debug, Default)]
struct Loses(Once);

#[async_trait]
impl Bend for Loses {
    async fn append(&self, store: &dyn EventStore, append: Append) -> Result<Receipt, AppendError> {
        if append.events().count() == 0 || !self.0.is_now() {
            return store.append(append).await;
        }
        let parts = append.parts.iter().map(|part| {
            let place = (
                Version::FIRST,
                Position::from_number(1).expect("a position"),
            );
            StreamReceipt::new(part.stream.clone(), (place.0, place.0), (place.1, place.1))
        });
        Ok(Receipt::new(Applied::Now, parts.collect()))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_append_that_is_lost_is_seen() {
    let verdict = verdict(Loses::default()).await;
    let seen = ["its receipt says", "was decided on"];
    assert!(seen.iter().any(|seen| verdict.contains(seen)), "{verdict}");
}

/// One receipt says that an earlier call has stored what this one has.
#[derive(Debug, Default)]
struct Lies(Once);

#[async_trait]
impl Bend for Lies {
    async fn append(&self, store: &dyn EventStore, append: Append) -> Result<Receipt, AppendError> {
        let mut receipt = store.append(append).await?;
        if receipt.is_first() && !receipt.is_empty() && self.0.is_now() {
            receipt.applied = Applied::Already;
        }
        Ok(receipt)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receipt_that_lies_about_who_was_first_is_seen() {
    let verdict = verdict(Lies::default()).await;
    let lie = ["nobody was told to be the first", "without a name was told"];
    assert!(lie.iter().any(|lie| verdict.contains(lie)), "{verdict}");
}

/// What is read ends long before the newest event for a while, and so does what is confirmed.
#[derive(Debug, Default)]
struct ReadsThePast {
    is_old: AtomicBool,
    read: AtomicU64,
}

#[async_trait]
impl Bend for ReadsThePast {
    async fn append(&self, store: &dyn EventStore, append: Append) -> Result<Receipt, AppendError> {
        if append.events().count() == 0 {
            return Ok(Receipt::new(Applied::Now, Vec::new()));
        }
        let receipt = store.append(append).await?;
        let stands = receipt.position().map_or(0, Position::number);
        self.is_old.store(stands > 20, Ordering::SeqCst);
        Ok(receipt)
    }

    fn read(&self, store: &dyn EventStore, read: Read) -> EventStream {
        if self.is_old.load(Ordering::SeqCst)
            && matches!(read.scope, Scope::Stream(_))
            && self.read.fetch_add(1, Ordering::SeqCst) < 400
        {
            let early = Position::from_number(10).expect("a position");
            return store.read(read.to_position(early));
        }
        store.read(read)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_on_a_state_of_the_past_is_seen() {
    let verdict = verdict(ReadsThePast::default()).await;
    assert!(verdict.contains("which were never missing"), "{verdict}");
}

/// Each snapshot is a state that never was.
#[derive(Debug)]
struct DamagesSnapshots;

impl Bend for DamagesSnapshots {
    fn save(&self, snapshot: StoredSnapshot) -> StoredSnapshot {
        StoredSnapshot::new(
            snapshot.stream,
            snapshot.version,
            snapshot.event,
            snapshot.fingerprint,
            snapshot.occurred_to,
            snapshot.taken_at,
            None,
            br#"{"haler":1000,"events":1,"order":1}"#.to_vec(),
        )
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_snapshot_that_is_not_what_the_events_say_is_seen() {
    let verdict = verdict(DamagesSnapshots).await;
    let seen = ["the snapshot of", "was decided on"];
    assert!(seen.iter().any(|seen| verdict.contains(seen)), "{verdict}");
}
