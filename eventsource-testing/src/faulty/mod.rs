//! A store that fails when it is told to, for tests of what a program does then.
//!
//! [`FaultyStore`] wraps any store. What goes wrong is a [`Fault`]; when, an [`Injection`] says: with the next append, the
//! next three, the fifth one, those of one stream, or one in ten by a seed. What went wrong is counted. Some faults are
//! of appends, others of saves or of finds of snapshots; each is asked about the calls of its kind only.
//!
//! The case that matters most is the answer that is lost: the events are stored, and the program does not know. A
//! repository finds that out by itself, as long as its patience lasts. Beyond that, a command can be repeated under its
//! append key, and is neither lost nor done twice:
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # use eventsource_core::prelude::*;
//! # use serde::{Deserialize, Serialize};
//! # #[derive(Debug, Serialize, Deserialize, Event)] #[event(name = "jar.filled")]
//! # struct Filled { coins: u32 }
//! # #[derive(Debug, Default, Aggregate)]
//! # #[aggregate(name = "jar", id = u64, error = std::convert::Infallible, events(Filled))]
//! # struct Jar { coins: u32 }
//! # impl Apply<Filled> for Jar { fn apply(&mut self, e: &Filled) { self.coins += e.coins; } }
//! # struct Fill(u32);
//! # impl Handle<Fill> for Jar {
//! #     fn handle(&self, command: &Fill) -> Decision<Self> { Ok(Filled { coins: command.0 }.into()) }
//! # }
//! use eventsource_core::{AppendKey, Context};
//! use eventsource_testing::faulty::{Fault, FaultyStore, Injection};
//!
//! let store = FaultyStore::new(MemoryStore::new());
//! let jars = Repository::<Jar>::new(store.clone());
//! let payday = jars.within(Context::new().with_key(AppendKey::new("payday-1")?));
//!
//! store.inject(Injection::new(Fault::FailAfterCommit).always());
//! let lost = payday.execute(&7, Fill(3)).await.expect_err("the answer is lost");
//! assert!(lost.is_unknown());
//! store.stop();
//!
//! // The same command under the same key: it was stored, and is not stored again.
//! let receipt = payday.execute(&7, Fill(3)).await?;
//! assert!(!receipt.is_first());
//! assert_eq!(jars.load(&7).await?.coins, 3);
//! assert!(store.injected().answers_lost > 1);
//!
//! // Had the request been lost on its way, the same words would have stored it.
//! let payday = jars.within(Context::new().with_key(AppendKey::new("payday-2")?));
//! store.inject(Injection::new(Fault::LoseRequest).always());
//! let lost = payday.execute(&7, Fill(2)).await.expect_err("the request is lost");
//! assert!(lost.is_unknown());
//! store.stop();
//! assert!(payday.execute(&7, Fill(2)).await?.is_first());
//! assert_eq!(jars.load(&7).await?.coins, 5);
//! # Ok(()) }
//! ```

mod fault;
mod hold;
mod injection;
mod snapshots;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use eventsource_core::{
    Append, AppendError, AppendKey, Capabilities, Conflict, EventStore, EventStream, LeaseStore,
    Limits, Position, ProjectionStore, Read, ReadError, Receipt, Rejection, SnapshotStore,
    StreamConflict, StreamId, TrimStore, Version, async_trait,
};

pub use fault::{Fault, Injected};
pub use hold::Hold;
pub use injection::Injection;
use injection::{Call, Plan};

/// A store whose appends, and whose saves and finds of snapshots, fail when they are told to. All else is as the store
/// that it wraps. Clones share their plan and
/// their counts.
///
/// See the [module](self) for an example.
#[derive(Debug, Clone)]
pub struct FaultyStore<S> {
    store: Arc<S>,
    plan: Arc<Mutex<Plan>>,
}

impl<S: EventStore> FaultyStore<S> {
    /// A store that does what `store` does, until it is told otherwise.
    pub fn new(store: S) -> Self {
        Self {
            store: Arc::new(store),
            plan: Arc::default(),
        }
    }

    /// Has something go wrong: a [`Fault`] with the next call of its kind, or an [`Injection`] when it says.
    ///
    /// Where several are due at one call, the one that was injected first happens; the others count the call as one that
    /// they have let pass.
    pub fn inject(&self, injection: impl Into<Injection>) {
        self.plan().add(injection.into());
    }

    /// Nothing goes wrong any more that has not begun to. Counts stay.
    pub fn stop(&self) {
        self.plan().stop();
    }

    /// What has gone wrong so far.
    pub fn injected(&self) -> Injected {
        self.plan().injected()
    }

    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A conflict that names every stream of an append as it is now.
    async fn conflict(&self, append: Append) -> AppendError {
        let mut streams = Vec::new();
        for part in append.parts {
            let actual = match self.store.stream_version(&part.stream).await {
                Ok(actual) => actual,
                Err(error) => {
                    let source = error.into();
                    return Rejection::Unavailable { source }.into();
                }
            };
            let missed = Vec::new();
            streams.push(StreamConflict::new(
                part.stream,
                part.expected,
                actual,
                missed,
            ));
        }
        AppendError::Conflict(Conflict::new(streams))
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<S: EventStore> EventStore for FaultyStore<S> {
    fn capabilities(&self) -> Capabilities {
        self.store.capabilities()
    }

    fn limits(&self) -> Limits {
        self.store.limits()
    }

    async fn append(&self, append: Append) -> Result<Receipt, AppendError> {
        let fault = self.plan().due(Call::Append(&append));
        match fault {
            // What goes wrong with snapshots is not due at an append.
            None | Some(Fault::FailSave | Fault::LoseSaveAnswer | Fault::FailFind) => {}
            Some(Fault::Reject) => {
                let source = "a refusal was injected".into();
                return Err(Rejection::Engine { source }.into());
            }
            Some(Fault::Conflict) => return Err(self.conflict(append).await),
            Some(Fault::FailBefore) => {
                let source = "a failure was injected before the append".into();
                return Err(Rejection::Unavailable { source }.into());
            }
            Some(Fault::LoseRequest) => {
                return Err(AppendError::Unknown(
                    "the request was lost on purpose".into(),
                ));
            }
            Some(Fault::FailAfterCommit) => {
                // Whatever it was, nobody is told.
                drop(self.store.append(append).await);
                return Err(AppendError::Unknown(
                    "the answer was lost on purpose".into(),
                ));
            }
            Some(Fault::Delay(hold)) => hold.wait().await,
            Some(Fault::Rival(rival)) => {
                let faster = self.store.append(*rival).await;
                self.plan().rival_came(faster.is_ok());
                faster.map_err(|error| {
                    let source = format!("the rival could not append: {error}").into();
                    Rejection::Engine { source }
                })?;
            }
        }
        self.store.append(append).await
    }

    async fn find_append(&self, key: &AppendKey) -> Result<Option<Receipt>, ReadError> {
        self.store.find_append(key).await
    }

    fn read(&self, read: Read) -> EventStream {
        self.store.read(read)
    }

    async fn stream_version(&self, stream: &StreamId) -> Result<Option<Version>, ReadError> {
        self.store.stream_version(stream).await
    }

    async fn head(&self) -> Result<Option<Position>, ReadError> {
        self.store.head().await
    }

    async fn wait_beyond(&self, position: Option<Position>) -> Result<Position, ReadError> {
        self.store.wait_beyond(position).await
    }

    fn snapshots(&self) -> Option<&dyn SnapshotStore> {
        self.store.snapshots().map(|_| self as &dyn SnapshotStore)
    }

    fn trims(&self) -> Option<&dyn TrimStore> {
        self.store.trims()
    }

    fn projections(&self) -> Option<&dyn ProjectionStore> {
        self.store.projections()
    }

    fn leases(&self) -> Option<&dyn LeaseStore> {
        self.store.leases()
    }
}
