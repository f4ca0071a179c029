//! Defects of stores that remember or declare the wrong thing, or fold names.

use std::sync::Mutex;

use eventsource_core::{
    Append, AppendError, AppendKey, Applied, Capabilities, Capability, EventStore, EventStream,
    Limits, MemoryStore, Read, ReadError, Receipt, Rejection, StreamId, Version, async_trait,
};

use crate::{
    broken::{Defect, changed, ready},
    writing::unavailable,
};

/// Forgets each key once another append comes, as a store does that keeps the last one only.
#[derive(Debug, Default)]
pub(crate) struct RemembersTheLastKeyOnly(Mutex<Option<AppendKey>>);

#[async_trait]
impl Defect for RemembersTheLastKeyOnly {
    async fn append(&self, good: &MemoryStore, mut append: Append) -> Result<Receipt, AppendError> {
        let last = std::mem::replace(&mut *self.0.lock().expect("no panic"), append.key.clone());
        if append.key != last
            && let Some(key) = append.key.take()
        {
            let fresh = good
                .find_append(&key)
                .await
                .is_ok_and(|found| found.is_none());
            append.key = fresh.then_some(key);
        }
        good.append(append).await
    }
}

/// Looks for the key first, and writes later.
#[derive(Debug, Default)]
pub(crate) struct LooksForTheKeyThenWrites(Mutex<std::collections::HashMap<AppendKey, Receipt>>);

#[async_trait]
impl Defect for LooksForTheKeyThenWrites {
    async fn append(&self, good: &MemoryStore, mut append: Append) -> Result<Receipt, AppendError> {
        let Some(key) = append.key.take() else {
            return good.append(append).await;
        };
        let found = self.0.lock().expect("no panic").get(&key).cloned();
        if let Some(mut first) = found {
            first.applied = Applied::Already;
            return Ok(first);
        }
        tokio::task::yield_now().await;
        let receipt = good.append(append).await?;
        self.0
            .lock()
            .expect("no panic")
            .insert(key, receipt.clone());
        Ok(receipt)
    }
}

/// Remembers the ids of events that it has not stored.
#[derive(Debug, Default)]
pub(crate) struct UsesUpIdsInAConflict(Mutex<std::collections::HashSet<eventsource_core::EventId>>);

#[async_trait]
impl Defect for UsesUpIdsInAConflict {
    async fn append(&self, good: &MemoryStore, append: Append) -> Result<Receipt, AppendError> {
        let ids: Vec<_> = append.events().map(|event| event.id).collect();
        let outcome = good.append(append).await;
        let mut used = self.0.lock().expect("no panic");
        if let Err(AppendError::Conflict(_)) = outcome {
            used.extend(ids);
        } else if let Some(event) = ids.into_iter().find(|id| used.contains(id)) {
            return Err(AppendError::Rejected(Rejection::DuplicateEventId { event }));
        }
        outcome
    }
}

/// Says what the engine says when two transactions meet.
#[derive(Debug, Default)]
pub(crate) struct LeaksWhatTheEngineSays(std::sync::atomic::AtomicUsize);

#[async_trait]
impl Defect for LeaksWhatTheEngineSays {
    async fn append(&self, good: &MemoryStore, append: Append) -> Result<Receipt, AppendError> {
        use std::sync::atomic::Ordering;
        let others = self.0.fetch_add(1, Ordering::SeqCst);
        tokio::task::yield_now().await;
        let outcome = good.append(append).await;
        self.0.fetch_sub(1, Ordering::SeqCst);
        match outcome {
            Err(AppendError::Conflict(_)) if others > 0 => {
                let source = "could not serialize access due to concurrent update".into();
                Err(AppendError::Rejected(Rejection::Engine { source }))
            }
            outcome => outcome,
        }
    }
}

/// Keeps the ids of all stores of the process in one set.
#[derive(Debug, Default)]
pub(crate) struct SharesItsIdsWithEveryStore;

static IDS: Mutex<std::collections::BTreeSet<eventsource_core::EventId>> =
    Mutex::new(std::collections::BTreeSet::new());

#[async_trait]
impl Defect for SharesItsIdsWithEveryStore {
    async fn append(&self, good: &MemoryStore, append: Append) -> Result<Receipt, AppendError> {
        for event in append.events() {
            if !IDS.lock().expect("no panic").insert(event.id) {
                let event = event.id;
                return Err(AppendError::Rejected(Rejection::DuplicateEventId { event }));
            }
        }
        good.append(append).await
    }
}

/// A panic of somebody who reads poisons the store.
#[derive(Debug, Default)]
pub(crate) struct IsPoisonedByAPanic(std::sync::Arc<Mutex<()>>);

#[async_trait]
impl Defect for IsPoisonedByAPanic {
    async fn append(&self, good: &MemoryStore, append: Append) -> Result<Receipt, AppendError> {
        if self.0.is_poisoned() {
            return Err(unavailable());
        }
        good.append(append).await
    }

    fn read(&self, good: &MemoryStore, read: Read) -> EventStream {
        struct Held(std::sync::Arc<Mutex<()>>);
        impl Drop for Held {
            fn drop(&mut self) {
                if std::thread::panicking() {
                    let lock = std::sync::Arc::clone(&self.0);
                    // What a guard does that is dropped by a panic.
                    drop(
                        std::thread::spawn(move || {
                            let _guard = lock.lock();
                            std::panic::resume_unwind(Box::new("poison"));
                        })
                        .join(),
                    );
                }
            }
        }
        let held = Held(std::sync::Arc::clone(&self.0));
        changed(good, read, |events| events).holding(held)
    }
}

/// Keeps something as long as the stream of events.
trait Holding {
    fn holding(self, held: impl Send + Unpin + 'static) -> EventStream;
}

impl Holding for EventStream {
    fn holding(mut self, held: impl Send + Unpin + 'static) -> EventStream {
        Self::from_page_fn(move || {
            let _ = &held;
            match ready(self.next_page()) {
                Ok(page) if page.is_empty() => None,
                other => Some(other),
            }
        })
    }
}

/// What a store declares and does not do, or does and does not declare.
macro_rules! declares {
    ($($name:ident |$declared:ident| $body:expr;)*) => {$(
        #[derive(Debug, Default)]
        pub(crate) struct $name;

        impl Defect for $name {
            fn capabilities(&self, good: &MemoryStore) -> Capabilities {
                let $declared = good.capabilities();
                $body
            }
        }
    )*};
}
declares! {
    ClaimsToBeDurable |declared| declared.with(Capability::Durable);
    ClaimsSeveralProcesses |declared| declared.with(Capability::MultiProcess);
    DoesMoreThanItClaims |declared| declared.without(Capability::MultiStreamAppend);
}

/// Tells another limit than it has.
#[derive(Debug, Default)]
pub(crate) struct TellsAWrongLimit;

impl Defect for TellsAWrongLimit {
    fn limits(&self, _: &MemoryStore) -> Limits {
        Limits::default().with_payload_bytes(1_000)
    }
}

/// Tells more tags than it takes.
#[derive(Debug, Default)]
pub(crate) struct TellsTooManyTags;

impl Defect for TellsTooManyTags {
    fn limits(&self, good: &MemoryStore) -> Limits {
        let limits = good.limits();
        limits.with_tags_per_event(limits.tags_per_event + 1)
    }
}

/// Tells more metadata than it takes.
#[derive(Debug, Default)]
pub(crate) struct TellsTooMuchMetadata;

impl Defect for TellsTooMuchMetadata {
    fn limits(&self, good: &MemoryStore) -> Limits {
        let limits = good.limits();
        limits.with_metadata_bytes(limits.metadata_bytes + 1)
    }
}

/// Reads back another name than was written.
#[derive(Debug, Default)]
pub(crate) struct FoldsNames(pub(crate) Option<fn(&str) -> String>);

impl FoldsNames {
    fn fold(&self, stream: &StreamId) -> StreamId {
        let fold = self.0.unwrap_or(str::to_lowercase);
        StreamId::in_category(stream.category().clone(), fold(stream.id())).expect("still legal")
    }
}

#[async_trait]
impl Defect for FoldsNames {
    async fn append(&self, good: &MemoryStore, mut append: Append) -> Result<Receipt, AppendError> {
        for part in &mut append.parts {
            part.stream = self.fold(&part.stream);
        }
        good.append(append).await
    }

    fn read(&self, good: &MemoryStore, mut read: Read) -> EventStream {
        if let eventsource_core::Scope::Stream(stream) = &mut read.scope {
            *stream = self.fold(stream);
        }
        good.read(read)
    }

    async fn stream_version(
        &self,
        good: &MemoryStore,
        stream: &StreamId,
    ) -> Result<Option<Version>, ReadError> {
        good.stream_version(&self.fold(stream)).await
    }
}
