//! Fault hooks: scripts, and gates that hold a writer up.

use std::{
    fmt,
    future::Future,
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use eventsource_core::{
    Append, AppendError, Receipt,
    fault::{FaultAction, FaultHook, FaultPoint},
};
use tokio::{runtime::Handle, sync::Notify, task::JoinHandle};

use super::bench::Store;

/// A hook that a function decides.
pub struct Script(Box<dyn Fn(FaultPoint) -> FaultAction + Send + Sync>);

impl Script {
    /// A hook that asks `decide` at each point.
    pub fn new(decide: impl Fn(FaultPoint) -> FaultAction + Send + Sync + 'static) -> Self {
        Self(Box::new(decide))
    }

    /// Fails at the first `times` arrivals at `point`.
    pub fn failing(point: FaultPoint, times: usize) -> Arc<Self> {
        let arrivals = AtomicUsize::new(0);
        Arc::new(Self::new(move |at| {
            if at == point && arrivals.fetch_add(1, Ordering::SeqCst) < times {
                FaultAction::Fail
            } else {
                FaultAction::GoOn
            }
        }))
    }

    /// Fails at the fault point of this number, counted from 0 over all of them, and tells whether it came there.
    pub(crate) fn failing_at_number(number: usize) -> (Arc<Self>, Arc<Mutex<Option<FaultPoint>>>) {
        let (passed, struck) = (AtomicUsize::new(0), Arc::new(Mutex::new(None)));
        let tell = Arc::clone(&struck);
        let script = Self::new(move |at| {
            if passed.fetch_add(1, Ordering::SeqCst) == number {
                *tell.lock().unwrap_or_else(PoisonError::into_inner) = Some(at);
                FaultAction::Fail
            } else {
                FaultAction::GoOn
            }
        });
        (Arc::new(script), struck)
    }
}

impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Script").finish_non_exhaustive()
    }
}

impl FaultHook for Script {
    fn at(&self, point: FaultPoint) -> FaultAction {
        (self.0)(point)
    }
}

/// Fails at the fault point of a number, counted from when it is armed.
#[derive(Clone, Default)]
pub(crate) struct Armed {
    number: usize,
    counts: Arc<AtomicBool>,
    passed: Arc<AtomicUsize>,
    struck: Arc<Mutex<Option<FaultPoint>>>,
}

impl Armed {
    pub(crate) fn at(number: usize) -> Self {
        Self {
            number,
            ..Self::default()
        }
    }

    pub(crate) fn script(&self) -> Script {
        let armed = self.clone();
        Script::new(move |point| {
            let counts = armed.counts.load(Ordering::SeqCst);
            if !counts || armed.passed.fetch_add(1, Ordering::SeqCst) != armed.number {
                return FaultAction::GoOn;
            }
            *armed.struck.lock().unwrap_or_else(PoisonError::into_inner) = Some(point);
            FaultAction::Fail
        })
    }

    /// Counts from now on.
    pub(crate) fn arm(&self) {
        self.counts.store(true, Ordering::SeqCst);
    }

    /// Where it has failed.
    pub(crate) fn struck(&self) -> Option<FaultPoint> {
        *self.struck.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Holds up the first writer that comes to a point, until it is let go; then that writer goes on, or fails.
#[derive(Debug)]
pub struct Gate {
    /// `None` for the first point that a writer comes to.
    point: Option<FaultPoint>,
    then: FaultAction,
    taken: AtomicBool,
    arrived: Notify,
    open: Mutex<bool>,
    opened: Condvar,
}

impl Gate {
    /// Holds up at `point`, and then does this.
    pub fn new(point: FaultPoint, then: FaultAction) -> Arc<Self> {
        Self::with(Some(point), then)
    }

    /// Holds up at the first point that a writer comes to, whichever it is, and then does this.
    pub fn at_the_first_point(then: FaultAction) -> Arc<Self> {
        Self::with(None, then)
    }

    fn with(point: Option<FaultPoint>, then: FaultAction) -> Arc<Self> {
        Arc::new(Self {
            point,
            then,
            taken: AtomicBool::new(false),
            arrived: Notify::new(),
            open: Mutex::new(false),
            opened: Condvar::new(),
        })
    }

    /// Waits until a writer is held.
    pub async fn holds_a_writer(&self) {
        self.arrived.notified().await;
    }

    /// Lets the held writer go.
    pub fn let_go(&self) {
        *self.open.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.opened.notify_all();
    }
}

impl FaultHook for Gate {
    fn at(&self, point: FaultPoint) -> FaultAction {
        if self.point.is_some_and(|mine| mine != point) || self.taken.swap(true, Ordering::SeqCst) {
            return FaultAction::GoOn;
        }
        self.arrived.notify_one();
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        drop(
            self.opened
                .wait_while(open, |open| !*open)
                .unwrap_or_else(PoisonError::into_inner),
        );
        self.then
    }
}

/// Has the engine give its rows in an unusual order where none is asked for.
#[derive(Debug)]
pub(crate) struct Scrambled;

impl FaultHook for Scrambled {
    fn at(&self, _: FaultPoint) -> FaultAction {
        FaultAction::GoOn
    }

    fn scrambles_rows(&self) -> bool {
        true
    }
}

/// Makes an append on a thread of its own, which a hook may hold up without holding the tasks of the case.
pub(crate) fn append_on_thread(
    store: &Store,
    append: Append,
) -> JoinHandle<Result<Receipt, AppendError>> {
    let (store, runtime) = (Arc::clone(store), Handle::current());
    tokio::task::spawn_blocking(move || runtime.block_on(store.append(append)))
}

/// How long a writer that another one may hold up gets to finish all the same. No outcome depends on it: it only lets
/// an engine whose writers do not wait for each other show what readers then see.
const CHANCE: Duration = Duration::from_millis(100);

/// What comes of something that a held writer may hold up too; `None` while it does.
pub(crate) async fn chance<F: Future + Unpin>(waiting: &mut F) -> Option<F::Output> {
    tokio::time::timeout(CHANCE, waiting).await.ok()
}

/// Opens its gate when the case ends early, so that no thread is left behind.
pub(crate) struct OpenAtEnd(pub(crate) Arc<Gate>);

impl Drop for OpenAtEnd {
    fn drop(&mut self) {
        self.0.let_go();
    }
}
