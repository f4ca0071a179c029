//! What a case works with: fresh places and stores, child processes, and how long it may go on.

use std::{fmt, future::Future, ops::Deref, pin::Pin, sync::Arc, time::Duration};

use eventsource_core::{Capability, EventStore};

use super::{
    child::ChildTest,
    fixture::{Fixture, Setup},
};

/// A handle on the store under test.
pub(crate) type Store = Arc<dyn EventStore>;

/// What a case becomes when it is called.
pub(crate) type Running<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Makes a new place.
pub type Make = Arc<dyn Fn() -> Running<Box<dyn Fixture>> + Send + Sync>;

/// Where a case gets its stores from.
#[derive(Clone)]
pub struct Bench {
    make: Make,
    child: Option<ChildTest>,
    patience: Option<Duration>,
}

impl Bench {
    /// A bench whose places `F` makes.
    pub fn of<F: Fixture>() -> Self {
        Self::new(Arc::new(|| {
            Box::pin(async { Box::new(F::create().await) as Box<dyn Fixture> })
        }))
    }

    /// A bench whose places a function makes.
    pub fn new(make: Make) -> Self {
        Self {
            make,
            child: None,
            patience: None,
        }
    }

    /// The same where a case counts as hanging after this time, instead of after a minute.
    #[must_use]
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = Some(patience);
        self
    }

    /// How long a case may take before it counts as hanging.
    pub(crate) fn patience(&self) -> Duration {
        let usual = Self::times(60, 1_800) as u64;
        self.patience.unwrap_or_else(|| Duration::from_secs(usual))
    }

    /// The same with a test that can be run as a process of its own.
    pub(crate) fn with_child(mut self, child: ChildTest) -> Self {
        self.child = Some(child);
        self
    }

    /// The same with the test `suite_child` of a module, for those who call the cases by themselves.
    #[doc(hidden)]
    #[must_use]
    pub fn with_child_of(self, module_path: &str) -> Self {
        self.with_child(ChildTest::in_module(module_path))
    }

    /// The test that can be run as a process of its own.
    ///
    /// # Panics
    ///
    /// Outside libtest, where there is none.
    pub(crate) fn child(&self) -> &ChildTest {
        self.child.as_ref().expect(
            "this case starts a process of its own, and so runs under `event_store_suite!` only",
        )
    }

    /// A new place.
    pub(crate) async fn place(&self) -> Box<dyn Fixture> {
        (self.make)().await
    }

    /// A new store, as usual.
    pub(crate) async fn store(&self) -> Open {
        self.store_with(Setup::default()).await
    }

    /// A new store.
    pub(crate) async fn store_with(&self, setup: Setup) -> Open {
        Open::at(self.place().await, setup).await
    }

    /// How often something is repeated: often by default, very often under `EVENTSOURCE_LONG=1`.
    pub(crate) fn times(short: usize, long: usize) -> usize {
        if std::env::var_os("EVENTSOURCE_LONG").is_some_and(|value| value == "1") {
            long
        } else {
            short
        }
    }
}

impl fmt::Debug for Bench {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bench").finish_non_exhaustive()
    }
}

/// An open store and the place where it lies.
pub(crate) struct Open {
    // The store goes before its place does.
    store: Store,
    pub(crate) place: Box<dyn Fixture>,
}

impl Open {
    pub(crate) async fn at(place: Box<dyn Fixture>, setup: Setup) -> Self {
        Self {
            store: place.open(setup).await,
            place,
        }
    }

    /// Another handle on the place, where the store claims that there can be one; else the same one.
    pub(crate) async fn another(&self) -> Store {
        let claimed = self.capabilities().has(Capability::MultiProcess);
        let another = if claimed {
            self.place.open_another().await
        } else {
            None
        };
        another.unwrap_or_else(|| Arc::clone(&self.store))
    }

    /// Closes the store and keeps the place.
    pub(crate) async fn close(self) -> Box<dyn Fixture> {
        self.place.close(self.store).await;
        self.place
    }
}

impl Deref for Open {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.store
    }
}
