//! Keeps read models up with events, and reacts to them.

mod command;
mod error;
mod handle;
mod meter;
mod report;
mod runs;
mod select;
mod settings;
mod shared;
mod signal;
mod status;
mod target;
mod timer;
mod tools;
mod wait;
mod worker;

use std::{collections::BTreeSet, fmt, sync::Arc};

#[doc(hidden)]
pub use self::runs::{Runnable, kind};
#[doc(hidden)]
pub use self::worker::ByHand;
pub use self::{
    error::{CommandError, FailedEvent, StartError, StopReason, WaitError},
    handle::RunnerHandle,
    runs::Runs,
    settings::{OnFailure, RunSettings},
    status::{LastError, ProjectionKind, ProjectionState, ProjectionStatus, RebuildProgress},
    target::{InMemory, InMemoryState},
    worker::{LeftParked, Replayed},
};
use self::{handle::One, tools::Tools, worker::Worker};
use crate::{
    clock::Clock,
    repository::{Spawner, Timer},
    store::EventStore,
    text::LeaseHolder,
};

/// Runs projections and reactions: each at its own pace, and none harmed by another one's failure.
///
/// Each is delivered the events that it lists in the order of the store, batch by batch: first what is stored, then what
/// comes. Its checkpoint is kept with what it builds, so that it goes on where it was, after a crash, too. An event that
/// cannot be delivered is tried again, and then the projection stops or the event is parked: see [`RunSettings`].
///
/// Of each projection one runner is active at a time, where the store gives leases: the others wait, and go on when it
/// ends. A read model in memory is each runner's own.
///
/// When the version of a projection is raised, its read model is built anew beside the one that is read, and then switched
/// to.
///
/// Dropping the [handle](RunnerHandle) stops everything.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use std::time::Duration;
///
/// use eventsource_core::{InMemory, Projection, Runner, prelude::*, projection::{Envelope, Project}};
/// # use serde::{Deserialize, Serialize};
/// # #[derive(Debug, Serialize, Deserialize, Event)] #[event(name = "jar.filled")]
/// # struct Filled { coins: u32 }
/// # #[derive(Debug, Default, Aggregate)]
/// # #[aggregate(name = "jar", id = u64, error = std::convert::Infallible, events(Filled))]
/// # struct Jar;
/// # impl Apply<Filled> for Jar { fn apply(&mut self, _: &Filled) {} }
/// # struct Fill(u32);
/// # impl Handle<Fill> for Jar {
/// #     fn handle(&self, command: &Fill) -> Decision<Self> { Ok(Filled { coins: command.0 }.into()) }
/// # }
///
/// /// All coins that there are.
/// #[derive(Debug, Default, Projection)]
/// #[projection(name = "savings", version = 1, from(Jar), events(Filled))]
/// struct Savings { coins: u32 }
///
/// impl Project<Filled> for Savings {
///     fn project(&mut self, event: &Filled, _: &Envelope<'_>) {
///         self.coins += event.coins;
///     }
/// }
///
/// let store = MemoryStore::new();
/// let savings = InMemory::new(Savings::default);
/// let runner = Runner::new(store.clone()).with(savings.clone()).start()?;
///
/// let receipt = Repository::<Jar>::new(store).execute(&7, Fill(3)).await?;
/// runner.wait_for(&receipt, Duration::from_secs(5)).await?;
/// assert_eq!(savings.read(|savings| savings.coins), 3);
///
/// for status in runner.status().await? {
///     println!("{} is {} events behind", status.name, status.lag_events);
/// }
/// runner.rebuild("savings").await?;
/// runner.stop().await;
/// # Ok(()) }
/// ```
pub struct Runner<S> {
    store: Arc<S>,
    tools: Tools,
    added: Vec<(Runnable, RunSettings)>,
    /// The first thing that was wrong with what was added.
    refused: Option<StartError>,
}

impl<S: EventStore> Runner<S> {
    /// A runner on a store, without any projection, on the clock of the machine. It runs on tokio's runtime where that
    /// feature is on and one is at hand when it starts, and otherwise on one thread for each projection.
    pub fn new(store: S) -> Self {
        Self {
            store: Arc::new(store),
            tools: Tools::default(),
            added: Vec::new(),
            refused: None,
        }
    }

    /// The same with another projection or reaction, run as [`RunSettings::default`] says.
    #[must_use]
    pub fn with<K>(self, what: impl Runs<S, K>) -> Self {
        self.with_settings(what, RunSettings::default())
    }

    /// The same with another projection or reaction, and how it is run.
    #[must_use]
    pub fn with_settings<K>(mut self, what: impl Runs<S, K>, settings: RunSettings) -> Self {
        match what.ready(&self.store) {
            Ok(ready) if settings.lease < RunSettings::SHORTEST_LEASE => {
                let (name, lease) = (ready.0.definition().name().clone(), settings.lease);
                self.refused
                    .get_or_insert(StartError::Lease { name, lease });
            }
            Ok(ready) => self.added.push((ready, settings)),
            Err(error) => {
                self.refused.get_or_insert(error);
            }
        }
        self
    }

    /// The same on another clock, by which the status tells times and lags.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.tools.clock = clock;
        self
    }

    /// The same on another timer for all waits: between attempts, for leases, for checkpoints, of those who wait for a
    /// receipt.
    #[must_use]
    pub fn with_timer(mut self, timer: Arc<dyn Timer>) -> Self {
        self.tools.timer = timer;
        self
    }

    /// The same with another way to run what it runs. Each projection is one task that lasts, so it must not wait for
    /// another one to end.
    #[must_use]
    pub fn with_spawner(mut self, spawner: Arc<dyn Spawner>) -> Self {
        self.tools.spawner = spawner;
        self
    }

    /// The same under another name, by which others see who holds a lease. No two runners may have the same.
    #[must_use]
    pub fn with_holder(mut self, holder: LeaseHolder) -> Self {
        self.tools.holder = Some(holder);
        self
    }

    /// Begins. What comes up later is told by [`RunnerHandle::status`], by `tracing` and by metrics.
    ///
    /// # Errors
    ///
    /// [`StartError`]: two of one name, a store that cannot keep what is needed, a read model that is built elsewhere, a lease
    /// that is too short. Nothing has begun then.
    pub fn start(mut self) -> Result<RunnerHandle, StartError> {
        let refused = self.refused.take().or_else(|| self.named_twice());
        let store: Arc<dyn EventStore> = Arc::clone(&self.store) as _;
        let holder = self.tools.holder();
        let workers: Vec<_> = self
            .added
            .drain(..)
            .map(|(Runnable(target), settings)| {
                let tools = (self.tools.clone(), holder.clone());
                Worker::new(target, Arc::clone(&store), settings, tools)
            })
            .collect();
        // Workers that are dropped let go of what they were to build.
        if let Some(refused) = refused {
            return Err(refused);
        }
        let one =
            |worker: &Worker| One::new(Arc::clone(&worker.shared), Arc::clone(&worker.target));
        let all = workers.iter().map(one).collect();
        let handle = RunnerHandle::new(store, self.tools.clone(), all);
        for worker in workers {
            self.tools.spawner.spawn(Box::pin(worker.run()));
        }
        Ok(handle)
    }

    fn named_twice(&self) -> Option<StartError> {
        let mut names = BTreeSet::new();
        let mut all = self
            .added
            .iter()
            .map(|(ready, _)| ready.0.definition().name());
        let twice = all.find(|name| !names.insert(*name))?.clone();
        Some(StartError::NameTwice { name: twice })
    }
}

impl<S> fmt::Debug for Runner<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runner")
            .field("added", &self.added)
            .finish_non_exhaustive()
    }
}
