//! How often and how patiently a command is tried again after a conflict.

use std::{
    fmt,
    future::{Future, poll_fn},
    hash::{BuildHasher, Hasher, RandomState},
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Poll, Waker},
    time::Duration,
};

/// How often a command is decided at the most, and how long to wait in between.
///
/// Before the second attempt it waits up to the first delay, then up to twice as long, and so on up to the longest. How
/// long exactly is left to chance, so that those who conflicted do not meet again.
///
/// ```
/// use std::time::Duration;
///
/// use eventsource_core::RetryPolicy;
///
/// let patient = RetryPolicy::default()
///     .with_attempts(100)
///     .with_delays(Duration::from_millis(2), Duration::from_secs(1));
/// assert_eq!(RetryPolicy::never().attempts, 1);
/// # let _ = patient;
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// The greatest number of attempts; 0 is taken as 1.
    pub attempts: u32,
    /// The longest wait before the second attempt.
    pub first_delay: Duration,
    /// The longest wait before any attempt.
    pub longest_delay: Duration,
}

impl Default for RetryPolicy {
    /// 16 attempts, up to 1 ms before the second, never more than 100 ms.
    fn default() -> Self {
        Self {
            attempts: 16,
            first_delay: Duration::from_millis(1),
            longest_delay: Duration::from_millis(100),
        }
    }
}

impl RetryPolicy {
    /// One attempt: a conflict is returned at once.
    pub fn never() -> Self {
        Self {
            attempts: 1,
            ..Self::default()
        }
    }

    /// The same with another greatest number of attempts.
    #[must_use]
    pub const fn with_attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// The same with other waits.
    #[must_use]
    pub const fn with_delays(mut self, first: Duration, longest: Duration) -> Self {
        self.first_delay = first;
        self.longest_delay = longest;
        self
    }

    /// How long to wait after this many attempts have conflicted.
    pub(crate) fn delay_after(&self, attempts: u32) -> Duration {
        let doubled = 2_u32.saturating_pow(attempts.saturating_sub(1));
        let longest = self
            .first_delay
            .saturating_mul(doubled)
            .min(self.longest_delay);
        longest.mul_f64(chance())
    }
}

/// A number from 0 to below 1. The seeds of the standard library's hash maps are random enough to spread waits.
fn chance() -> f64 {
    let bits = RandomState::new().build_hasher().finish().to_le_bytes();
    let [a, b, c, d, ..] = bits;
    f64::from(u32::from_le_bytes([a, b, c, d])) / (f64::from(u32::MAX) + 1.0)
}

/// Waits, on whatever timer the application has.
///
/// ```
/// use std::{future::Future, pin::Pin, time::Duration};
///
/// use eventsource_core::Timer;
///
/// /// For tests: no wait at all.
/// #[derive(Debug)]
/// struct AtOnce;
///
/// impl Timer for AtOnce {
///     fn sleep(&self, _: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
///         Box::pin(std::future::ready(()))
///     }
/// }
/// ```
pub trait Timer: fmt::Debug + Send + Sync + 'static {
    /// Completes after `delay`.
    fn sleep(&self, delay: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}

/// The timer of tokio's runtime. A wait outside a runtime panics, as tokio's own does.
#[cfg(feature = "tokio")]
#[derive(Debug, Clone, Copy, Default)]
pub struct TokioTimer;

#[cfg(feature = "tokio")]
impl Timer for TokioTimer {
    fn sleep(&self, delay: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(tokio::time::sleep(delay))
    }
}

/// The timer of the runtime at hand, and a sleeping thread where there is none.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct AnyTimer;

impl Timer for AnyTimer {
    fn sleep(&self, delay: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        #[cfg(feature = "tokio")]
        if tokio::runtime::Handle::try_current().is_ok() {
            return TokioTimer.sleep(delay);
        }
        ThreadTimer.sleep(delay)
    }
}

/// A thread that sleeps, one for each wait: needs no runtime, and is meant for the rare conflict.
#[derive(Debug, Clone, Copy, Default)]
pub struct ThreadTimer;

impl Timer for ThreadTimer {
    fn sleep(&self, delay: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        #[derive(Default)]
        struct Wait {
            over: bool,
            waker: Option<Waker>,
        }
        let wait: Arc<Mutex<Option<Wait>>> = Arc::default();
        Box::pin(poll_fn(move |cx| {
            let mut state = wait.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(state) = &mut *state {
                state.waker = Some(cx.waker().clone());
                return if state.over {
                    Poll::Ready(())
                } else {
                    Poll::Pending
                };
            }
            *state = Some(Wait {
                over: false,
                waker: Some(cx.waker().clone()),
            });
            let shared = Arc::clone(&wait);
            let sleeper = std::thread::Builder::new().spawn(move || {
                std::thread::sleep(delay);
                let waker = {
                    let mut state = shared.lock().unwrap_or_else(PoisonError::into_inner);
                    state.as_mut().and_then(|state| {
                        state.over = true;
                        state.waker.take()
                    })
                };
                // Not under the lock: a waker may poll at once, on this thread.
                if let Some(waker) = waker {
                    waker.wake();
                }
            });
            // Where no thread can be had, going on at once beats never going on.
            if sleeper.is_err() {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_up_to_the_longest_and_never_beyond() {
        let policy = RetryPolicy::default();
        let longest = |attempts| {
            let waits = (0..1_000).map(|_| policy.delay_after(attempts));
            waits.max().expect("a thousand waits")
        };
        for attempts in 1..100 {
            assert!(longest(attempts) <= policy.longest_delay);
        }
        // Up to 1, 4 and 16 ms: of a thousand waits by chance, one is in the upper half of its range.
        assert!(longest(1) <= policy.first_delay);
        assert!(longest(1) > policy.first_delay / 2);
        assert!(longest(3) > policy.first_delay * 2);
        assert!(longest(5) > policy.first_delay * 8);
    }
}
