//! Holding appends up, without a clock.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use event_listener::Event;

/// Holds appends up until the test lets them go, in place of a delay: what comes first is decided by the test and not by
/// a clock. Clones are the same hold.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use eventsource_core::{Append, EventStore, Expected, MemoryStore, StreamId};
/// use eventsource_testing::faulty::{Fault, FaultyStore, Hold};
///
/// let store = FaultyStore::new(MemoryStore::new());
/// let hold = Hold::new();
/// store.inject(Fault::Delay(hold.clone()));
///
/// let slow = Append::to(StreamId::new("account", "7")?, Expected::NoStream, []);
/// let slow = tokio::spawn({
///     let store = store.clone();
///     async move { store.append(slow).await }
/// });
/// hold.holds(1).await;
/// // Whatever is done here is done while the append is on its way.
/// hold.let_go();
/// slow.await??;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, Default)]
pub struct Hold(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    is_open: AtomicBool,
    held: AtomicUsize,
    changed: Event,
}

impl Hold {
    /// One that holds whatever comes to it.
    pub fn new() -> Self {
        Self::default()
    }

    /// Waits until at least so many appends are held.
    ///
    /// Cancel safe.
    pub async fn holds(&self, appends: usize) {
        self.until(|inner| inner.held.load(Ordering::SeqCst) >= appends)
            .await;
    }

    /// Lets go what is held, and lets pass what comes later.
    pub fn let_go(&self) {
        self.0.is_open.store(true, Ordering::SeqCst);
        self.0.changed.notify(usize::MAX);
    }

    /// Waits until it is let go.
    pub(super) async fn wait(&self) {
        let _held = Held::new(&self.0);
        self.until(|inner| inner.is_open.load(Ordering::SeqCst))
            .await;
    }

    async fn until(&self, is_so: impl Fn(&Inner) -> bool) {
        loop {
            // Listening comes before looking, so that no change is missed.
            let changed = self.0.changed.listen();
            if is_so(&self.0) {
                return;
            }
            changed.await;
        }
    }
}

/// Counts an append that is held, until it goes on or is dropped.
struct Held<'a>(&'a Inner);

impl<'a> Held<'a> {
    fn new(inner: &'a Inner) -> Self {
        inner.held.fetch_add(1, Ordering::SeqCst);
        inner.changed.notify(usize::MAX);
        Self(inner)
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.held.fetch_sub(1, Ordering::SeqCst);
    }
}
