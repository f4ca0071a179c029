//! How a store is opened.

use std::{
    num::NonZeroUsize,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use eventsource_core::{
    Clock, Limits, SystemClock,
    projection::{Definition, HandlesIn},
};

use crate::{
    error::{InlineError, OpenError},
    inline::{self, Inline},
    tx::SqliteTx,
};

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
    /// The projections that go with each append.
    pub(crate) inline: Vec<Arc<dyn Inline>>,
    /// Whether their read models may be without what was trimmed.
    pub(crate) inline_despite_trims: bool,
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
            inline: Vec::new(),
            inline_despite_trims: false,
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

    /// The same with a projection that goes with each append of this store: its handlers are called in the append's own
    /// transaction, so that whoever reads after an append finds it in the read model.
    ///
    /// A handler that fails refuses the append with [`Rejection::Projection`], and nothing is stored. Each append takes as
    /// much longer as the handlers take, and everybody else who appends waits. No runner may run the same projection. Where one
    /// has parked events of it, nothing is gone on with past them: opening the store fails with [`OpenError::Parked`], and a
    /// store that is open refuses appends with [`Rejection::ReadModel`].
    ///
    /// ## Where the read model begins
    ///
    /// Opening the store brings the read model to the end of the store, 500 events in a transaction, before anything is
    /// appended: on the first opening with the projection, or with a later version of it, all events are delivered, beside
    /// what is read until then. Where others append faster than that, the last transaction takes all that is left. Dropping
    /// the future that opens the store ends it after the transaction in hand, and the next opening goes on from there.
    ///
    /// The rule for versions is that of runners. Where a later version is kept than this code has, opening the store fails with
    /// [`OpenError::Superseded`], and a store that is open refuses appends with [`Rejection::ReadModel`]: the older process
    /// has to go. Where the later version is what has to go, the way back is to open the store without the projection, to
    /// delete what is kept of it ([`delete_projection`](eventsource_core::ProjectionStore::delete_projection)), and to open the
    /// store with the earlier version, which is built anew then. What was built as the same version of something else is
    /// [`OpenError::Redefined`].
    ///
    /// Where events may have been trimmed that the read model would need, also on that way back, opening the store fails with
    /// [`OpenError::Trimmed`], and [`with_inline_despite_trims`](Self::with_inline_despite_trims) does without them. A trim by
    /// this store delivers first what the projection has not seen yet; one by a store without the projection takes it away.
    ///
    /// ## What others append
    ///
    /// What a process appends that does not have the projection is delivered before the next append of one that has it. Up to
    /// 500 events go in the append's own transaction, more of them in transactions of their own before it. The append waits
    /// for that, and so does all else that this store writes meanwhile: other appends, snapshots, and leases, which may run
    /// out. Other processes get their turn between two of the transactions. Where the projection cannot take one of them,
    /// every append of every process that has the projection is refused with [`Rejection::ProjectionBehind`], to whatever
    /// stream, and no such process can open the store. The way out is a handler that takes the event, or a later version of
    /// the projection that does. So register a projection in every process that appends what it takes.
    ///
    /// ```
    /// # use eventsource_core::prelude::*;
    /// # use eventsource_core::projection::Table;
    /// # use serde::{Deserialize, Serialize};
    /// use eventsource_sqlite::{SqliteOptions, SqliteTx};
    ///
    /// # #[derive(Event, Serialize, Deserialize)]
    /// # #[event(name = "opened")]
    /// # struct Opened { owner: String }
    /// # #[derive(Aggregate, Default)]
    /// # #[aggregate(name = "account", id = String, error = std::convert::Infallible, events(Opened))]
    /// # struct Account;
    /// # impl Apply<Opened> for Account { fn apply(&mut self, _: &Opened) {} }
    /// #[derive(Projection)]
    /// #[projection(name = "owners", version = 1, from(Account), events(Opened), transaction = SqliteTx)]
    /// struct Owners;
    ///
    /// impl ReadModel for Owners {
    ///     const TABLES: &'static [Table] = &[Table::new("owners", "account TEXT PRIMARY KEY, owner TEXT NOT NULL")];
    /// }
    ///
    /// impl ProjectIn<SqliteTx, Opened> for Owners {
    ///     fn project(&self, opened: &Opened, envelope: &Envelope<'_>, tx: &mut SqliteTx) -> Result<(), HandlerError> {
    ///         let owners = tx.table("owners")?;
    ///         let insert = format!("INSERT INTO {owners} (account, owner) VALUES (?1, ?2)");
    ///         tx.execute(&insert, (envelope.stream.id(), &opened.owner))?;
    ///         Ok(())
    ///     }
    /// }
    ///
    /// let options = SqliteOptions::new("bank.db").with_inline(Owners)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`InlineError`]: the projection was written by hand with a name that cannot be kept, which the derive has checked
    /// otherwise; or one of this name is there already.
    ///
    /// [`Rejection::Projection`]: eventsource_core::Rejection::Projection
    /// [`Rejection::ProjectionBehind`]: eventsource_core::Rejection::ProjectionBehind
    /// [`Rejection::ReadModel`]: eventsource_core::Rejection::ReadModel
    pub fn with_inline<P: HandlesIn<SqliteTx>>(
        mut self,
        projection: P,
    ) -> Result<Self, InlineError> {
        let definition = Definition::of::<P>(P::TABLES)?;
        let is_same = |inline: &Arc<dyn Inline>| inline.definition().name() == definition.name();
        if self.inline.iter().any(is_same) {
            let projection = definition.name().clone();
            return Err(InlineError::Twice { projection });
        }
        self.inline.push(Arc::new(inline::Of {
            projection,
            definition,
        }));
        Ok(self)
    }

    /// The same, where a read model that goes with appends may be without events that were trimmed before its projection has
    /// seen them: of those that are left, a new one is built, or a later version. Without this, opening the store fails with
    /// [`OpenError::Trimmed`].
    ///
    /// It is for one opening, in which the read model is built: where it stays, the next version loses what was trimmed until
    /// then, too.
    ///
    /// ```
    /// use eventsource_sqlite::SqliteOptions;
    ///
    /// let options = SqliteOptions::new("bank.db").with_inline_despite_trims();
    /// ```
    #[must_use]
    pub fn with_inline_despite_trims(mut self) -> Self {
        self.inline_despite_trims = true;
        self
    }

    /// The same with a hook that is asked before each statement of an append, of a trim, of a change of snapshots, of what
    /// is kept of a projection or of a lease, but not of a handler; before the commit and after it. What shares a
    /// transaction shares its commit, so those two are asked once for all of it.
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
