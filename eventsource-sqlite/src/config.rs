//! How a store is opened.

use std::{
    num::NonZeroUsize,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use eventsource_core::{Clock, Limits, SystemClock};

use crate::error::OpenError;

/// How far an acknowledged append has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Synchronous {
    /// To the disk: it survives a loss of power. Each commit is one `fsync`, shared by all appends in it; on macOS it is
    /// a full one, which does not stop at the cache of the disk.
    #[default]
    Full,
    /// To the operating system: it survives the end of the process, however violent, but a loss of power may take the
    /// last appends with it. The file stays whole, and of an append all or nothing is there.
    Normal,
}

impl Synchronous {
    pub(crate) const fn pragma(self) -> &'static str {
        match self {
            Self::Full => "FULL",
            Self::Normal => "NORMAL",
        }
    }
}

/// Where the file lies, and how it is used.
///
/// ```
/// use std::time::Duration;
/// use eventsource_sqlite::{SqliteOptions, Synchronous};
///
/// let options = SqliteOptions::new("bank.db")
///     .with_synchronous(Synchronous::Normal)
///     .with_poll_interval(Duration::from_millis(20));
/// assert_eq!(options.busy_timeout, Duration::from_secs(5));
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SqliteOptions {
    /// The file; it is made if it is not there. Its folder must be. A path that is relative is taken from the current
    /// folder once, when the store is opened. It is never an address: `file:a.db` is a file of that name.
    pub path: PathBuf,
    /// How far an acknowledged append has come; [`Synchronous::Full`] by default.
    pub synchronous: Synchronous,
    /// How long to wait for another process that is writing, before the store is unavailable; 5 seconds by default.
    pub busy_timeout: Duration,
    /// How many reads may run at the same moment; 4 by default. Each is a thread with a connection of its own. A read
    /// that waits for its consumer does not count.
    pub readers: NonZeroUsize,
    /// How often to look for appends of others, while somebody waits for one; 100 milliseconds by default.
    pub poll_interval: Duration,
    /// Where `recorded_at` comes from; the clock of the machine by default.
    pub clock: Arc<dyn Clock>,
    /// How much the store takes. A payload and a snapshot are never longer than [`SqliteOptions::MAX_PAYLOAD_BYTES`].
    pub limits: Limits,
    /// Where tests make the store fail.
    #[cfg(feature = "fault")]
    pub faults: Option<Arc<dyn eventsource_core::fault::FaultHook>>,
    /// The greatest number of pages in the file, for tests of a full disk.
    #[doc(hidden)]
    pub max_pages: Option<u32>,
}

impl SqliteOptions {
    /// What SQLite can keep of one payload or snapshot, in bytes, whatever the limits say. A row takes 1,000,000,000 bytes, and the
    /// rest of the envelope needs some of them.
    pub const MAX_PAYLOAD_BYTES: usize = 900_000_000;

    /// The defaults for a file.
    pub fn new(path: impl AsRef<Path>) -> Self {
        Self {
            path: path.as_ref().to_owned(),
            synchronous: Synchronous::default(),
            busy_timeout: Duration::from_secs(5),
            readers: NonZeroUsize::MIN.saturating_add(3),
            poll_interval: Duration::from_millis(100),
            clock: Arc::new(SystemClock),
            limits: Limits::default(),
            #[cfg(feature = "fault")]
            faults: None,
            max_pages: None,
        }
    }

    /// The same with another durability.
    #[must_use]
    pub fn with_synchronous(mut self, synchronous: Synchronous) -> Self {
        self.synchronous = synchronous;
        self
    }

    /// The same with another time to wait for other writers.
    #[must_use]
    pub fn with_busy_timeout(mut self, timeout: Duration) -> Self {
        self.busy_timeout = timeout;
        self
    }

    /// The same with another number of concurrent reads.
    #[must_use]
    pub fn with_readers(mut self, readers: NonZeroUsize) -> Self {
        self.readers = readers;
        self
    }

    /// The same with another bound on how late appends of others are seen.
    #[must_use]
    pub fn with_poll_interval(mut self, interval: Duration) -> Self {
        self.poll_interval = interval;
        self
    }

    /// The same with another clock for `recorded_at`.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// The same with other limits.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The same with a hook that is asked before each statement of an append, of a change of snapshots or of a trim,
    /// before the commit and after it. What shares a transaction shares its commit, so those two are asked once for all of it.
    #[cfg(feature = "fault")]
    #[must_use]
    pub fn with_faults(mut self, faults: Arc<dyn eventsource_core::fault::FaultHook>) -> Self {
        self.faults = Some(faults);
        self
    }

    /// The same with a file that is full at so many pages.
    #[doc(hidden)]
    #[must_use]
    pub fn with_max_pages(mut self, pages: u32) -> Self {
        self.max_pages = Some(pages);
        self
    }

    /// The same with a path that stays the same file when the process changes its current folder: some connections are
    /// opened later than others.
    pub(crate) fn in_one_place(mut self) -> Result<Self, OpenError> {
        // SQLite's name for a database that nobody can open a second time.
        if self.path.as_os_str() == ":memory:" {
            return Err(OpenError::NoWriteAheadLog {
                path: self.path,
                mode: "memory".to_owned(),
            });
        }
        self.path = std::path::absolute(&self.path)
            .map_err(|error| OpenError::engine(&self.path, error))?;
        Ok(self)
    }

    pub(crate) fn effective_limits(&self) -> Limits {
        let most = |bytes: usize| bytes.min(Self::MAX_PAYLOAD_BYTES);
        self.limits
            .with_payload_bytes(most(self.limits.payload_bytes))
            .with_snapshot_bytes(most(self.limits.snapshot_bytes))
    }
}
