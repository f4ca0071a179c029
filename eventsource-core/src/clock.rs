//! Where time comes in. Nothing else in the framework asks for the time.

use std::{
    fmt,
    sync::atomic::{AtomicI64, Ordering},
    time::{SystemTime, UNIX_EPOCH},
};

use crate::time::Timestamp;

/// Tells the time.
///
/// ```
/// use eventsource_core::{Clock, SystemClock, Timestamp};
///
/// /// A clock that is an hour late.
/// #[derive(Debug)]
/// struct Late;
///
/// impl Clock for Late {
///     fn now(&self) -> Timestamp {
///         SystemClock.now().saturating_add_micros(-3_600_000_000)
///     }
/// }
///
/// assert!(Late.now() < SystemClock.now());
/// ```
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// The present time.
    fn now(&self) -> Timestamp;
}

/// The clock of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the door through which time comes in"
    )]
    fn now(&self) -> Timestamp {
        // A clock before 1970 or after the year 294,000 is clamped, which is as near as a `Timestamp` comes to it.
        let now = SystemTime::now();
        Timestamp::from_micros(match now.duration_since(UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_micros()).unwrap_or(i64::MAX),
            Err(before) => {
                i64::try_from(before.duration().as_micros()).map_or(i64::MIN, |micros| -micros)
            }
        })
    }
}

/// A clock that stands still until it is set, for tests.
///
/// ```
/// use eventsource_core::{Clock, ManualClock, Timestamp};
///
/// let clock = ManualClock::at("2026-01-01T00:00:00Z".parse()?);
/// clock.advance_micros(1_000_000);
/// assert_eq!(clock.now(), "2026-01-01T00:00:01Z".parse()?);
/// # Ok::<(), eventsource_core::TimestampError>(())
/// ```
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock that stands at `time`.
    pub const fn at(time: Timestamp) -> Self {
        Self(AtomicI64::new(time.as_micros()))
    }

    /// Sets the clock; it may go backwards.
    pub fn set(&self, time: Timestamp) {
        self.0.store(time.as_micros(), Ordering::SeqCst);
    }

    /// Moves the clock on by this many microseconds, or back by a negative number of them, no further than a
    /// [`Timestamp`] can tell.
    pub fn advance_micros(&self, micros: i64) {
        let moved = |now: i64| Some(now.saturating_add(micros));
        // The closure always gives a value, so this cannot fail.
        self.0
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, moved)
            .unwrap_or_default();
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}
