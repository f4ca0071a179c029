//! Waits where there is no runtime.

use std::{
    collections::BTreeMap,
    future::Future,
    pin::Pin,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
    thread,
    time::{Duration, Instant},
};

use crate::repository::Timer;

/// The timer of tokio's runtime where one is at hand, and else one thread for all waits, which ends with the last of them.
#[derive(Debug, Default)]
pub(super) struct AnyTimer(Arc<Waits>);

impl Timer for AnyTimer {
    fn sleep(&self, delay: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        #[cfg(feature = "tokio")]
        if tokio::runtime::Handle::try_current().is_ok() {
            return crate::repository::TokioTimer.sleep(delay);
        }
        // A wait that ends after the end of all clocks ends never.
        match Instant::now().checked_add(delay) {
            Some(at) => Box::pin(Sleep {
                waits: Arc::clone(&self.0),
                at,
                number: None,
            }),
            None => Box::pin(std::future::pending()),
        }
    }
}

#[derive(Debug, Default)]
struct Waits {
    all: Mutex<All>,
    /// There is an earlier one than before.
    earlier: Condvar,
}

#[derive(Debug, Default)]
struct All {
    /// By when they end, and a number of their own.
    waiting: BTreeMap<(Instant, u64), Waker>,
    numbers: u64,
    has_thread: bool,
}

impl Waits {
    fn all(&self) -> MutexGuard<'_, All> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes those whose time has come, until nobody waits.
    fn run(&self) {
        let mut all = self.all();
        loop {
            let Some((&(at, number), _)) = all.waiting.first_key_value() else {
                all.has_thread = false;
                return;
            };
            let left = at.saturating_duration_since(Instant::now());
            if !left.is_zero() {
                let woken = self.earlier.wait_timeout(all, left);
                all = woken.unwrap_or_else(PoisonError::into_inner).0;
                continue;
            }
            let waker = all.waiting.remove(&(at, number));
            // Not under the lock: a waker may poll at once, on this thread.
            drop(all);
            if let Some(waker) = waker {
                waker.wake();
            }
            all = self.all();
        }
    }
}

struct Sleep {
    waits: Arc<Waits>,
    at: Instant,
    number: Option<u64>,
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.at <= Instant::now() {
            return Poll::Ready(());
        }
        let waits = Arc::clone(&self.waits);
        let mut all = waits.all();
        let number = *self.number.get_or_insert_with(|| {
            all.numbers += 1;
            all.numbers
        });
        let key = (self.at, number);
        all.waiting.insert(key, cx.waker().clone());
        if all.has_thread {
            if all.waiting.first_key_value().map(|(first, _)| *first) == Some(key) {
                waits.earlier.notify_all();
            }
            return Poll::Pending;
        }
        let shared = Arc::clone(&waits);
        let thread = thread::Builder::new().name("eventsource-timer".into());
        all.has_thread = thread.spawn(move || shared.run()).is_ok();
        if all.has_thread {
            return Poll::Pending;
        }
        // Where no thread can be had, going on at once beats never going on.
        all.waiting.remove(&key);
        Poll::Ready(())
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        if let Some(number) = self.number {
            drop(self.waits.all().waiting.remove(&(self.at, number)));
        }
    }
}
