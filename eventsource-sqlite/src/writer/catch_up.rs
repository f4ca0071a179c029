//! Bringing the projections that go with appends to the end of the store, step by step.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::Arc,
};

use eventsource_core::{
    AppendError, Build, EngineError, Position, ProjectionName, Rejection, projection::Definition,
};

use super::{
    Thread, commit,
    job::Job,
    kept::{outdated, own},
    projections::{SmallCache, Stop, number},
    transaction::Transaction,
};
use crate::{
    config::SqliteOptions,
    error::{
        NoConnection, OpenError, ThreadPanicked, Unfit, failed, rejected, unavailable, unreadable,
    },
    inline::Inline,
    projections, reader,
};

/// How many events that came another way are delivered in one transaction.
pub(super) const STEP: u64 = 500;

/// Why a projection was brought no nearer.
pub(super) enum Trouble {
    /// The engine has failed, or an event cannot be taken.
    Append(AppendError),
    /// What is kept of it is not for this code.
    Unfit(Unfit),
}

impl From<AppendError> for Trouble {
    fn from(error: AppendError) -> Self {
        Self::Append(error)
    }
}

impl From<Unfit> for Trouble {
    fn from(unfit: Unfit) -> Self {
        Self::Unfit(unfit)
    }
}

impl From<Stop> for Trouble {
    fn from(stop: Stop) -> Self {
        Self::Append(match stop {
            Stop::Engine(error) => error,
            Stop::Refused(error) => failed(error),
        })
    }
}

impl Trouble {
    pub(super) fn appending(self, projection: &ProjectionName) -> AppendError {
        match self {
            Self::Unfit(unfit) => unfit.appending(projection),
            Self::Append(error) => error,
        }
    }

    fn opening(self, options: &SqliteOptions, projection: &ProjectionName) -> OpenError {
        match self {
            Self::Unfit(unfit) => unfit.opening(&options.path, projection),
            Self::Append(AppendError::Rejected(
                Rejection::Unavailable { source } | Rejection::Engine { source },
            )) => of_engine(&options.path, projection, source),
            Self::Append(error) => OpenError::Projection {
                path: options.path.clone(),
                projection: projection.clone(),
                source: error.into(),
            },
        }
    }
}

/// What the engine says while it is opened has the same names, with a projection and without one.
fn of_engine(path: &Path, projection: &ProjectionName, source: EngineError) -> OpenError {
    let opened = match source.downcast::<rusqlite::Error>() {
        Ok(error) => OpenError::from_sql(path, *error),
        Err(source) => OpenError::engine(path, source),
    };
    match opened {
        OpenError::Engine { path, source } => OpenError::Projection {
            path,
            projection: projection.clone(),
            source,
        },
        named => named,
    }
}

impl Transaction<'_> {
    /// Brings a projection nearer to the end of the store, by so many events at the most. How many are left then.
    fn inline_step(&mut self, inline: &dyn Inline, most: u64) -> Result<u64, Trouble> {
        self.next_job();
        self.all_or_nothing(|transaction| transaction.nearer(inline, most))
    }

    fn nearer(&mut self, inline: &dyn Inline, most: u64) -> Result<u64, Trouble> {
        let definition = inline.definition();
        let name = definition.name();
        let found = projections::find(self.connection, name).map_err(unreadable)?;
        let end = self.end_position();
        let (generation, at) = if let Some(own) = own(found.as_ref(), definition)? {
            (own.generation, own.checkpoint.map_or(0, Position::number))
        } else {
            // At once, and not after the steps that come before the first gap.
            self.check_trims(definition, (0, end))?;
            let version = (definition.version(), definition.fingerprint());
            let build = Build::new(name.clone(), version).with_tables(definition.tables());
            (self.begin_generation(&build)?.generation, 0)
        };
        if at > end {
            return Err(Unfit::Ahead { at, end }.into());
        }
        let live = found.as_ref().and_then(|found| found.live);
        let builds = live != Some(generation);
        let _small = builds.then(|| SmallCache::begin(self.connection));
        let to = end.min(at.saturating_add(most));
        if at < to {
            let mut current = self.inline_tx(name, generation)?;
            self.deliver_stored(inline, &mut current, (at, to))?;
        }
        if to == end && builds {
            let outdated = outdated(found.as_ref(), definition, generation);
            self.follow(name, generation, (live, &outdated))?;
        }
        Ok(end - to)
    }

    /// Refuses to go on from a position to another one where events between them may have been trimmed that the projection
    /// takes: which ones those of a gap were is not kept.
    pub(super) fn check_trims(
        &mut self,
        definition: &Definition,
        (after, to): (u64, u64),
    ) -> Result<(), Trouble> {
        if self.options.inline_despite_trims {
            return Ok(());
        }
        let categories = definition.categories().map_err(failed)?;
        let between = (number(after)?, number(to)?);
        self.strike()?;
        let trimmed = reader::trimmed_between(self.connection, &categories, between);
        match trimmed.map_err(unreadable)? {
            Some(stream) => Err(Unfit::Trimmed { stream }.into()),
            None => Ok(()),
        }
    }
}

/// How many steps more are made for so many events: twice as many as there would be if nobody appended meanwhile.
const fn patience(left: u64) -> u64 {
    left / STEP * 2
}

impl Thread {
    /// Brings the projections that go with appends to the end of the store, as long as somebody wants it. Other writers get
    /// their turn between two steps. Where they append faster than that, the last step takes all that is left.
    pub(super) fn catch_up(&mut self, is_wanted: impl Fn() -> bool) -> Result<(), OpenError> {
        let options = Arc::clone(&self.options);
        for inline in &options.inline {
            self.open_with(&**inline, &is_wanted)
                .map_err(|trouble| trouble.opening(&options, inline.definition().name()))?;
        }
        Ok(())
    }

    fn open_with(
        &mut self,
        inline: &dyn Inline,
        is_wanted: &impl Fn() -> bool,
    ) -> Result<(), Trouble> {
        if self.is_at_end(inline)? {
            return Ok(());
        }
        let mut more = None;
        while is_wanted() {
            let most = if more == Some(0) { u64::MAX } else { STEP };
            let left = self.catch_up_step(inline, most)?;
            if left == 0 {
                break;
            }
            let steps = more.map_or_else(|| patience(left), |more: u64| more.saturating_sub(1));
            more = Some(steps);
        }
        Ok(())
    }

    /// Whether there is nothing to do, by a read: another process may hold the file as long as it likes.
    fn is_at_end(&self, inline: &dyn Inline) -> Result<bool, Trouble> {
        let Some(connection) = &self.connection else {
            return Err(unavailable(NoConnection).into());
        };
        let moment = connection.unchecked_transaction();
        let moment = moment.map_err(|error| AppendError::from(rejected(error)))?;
        let definition = inline.definition();
        let found = projections::find(&moment, definition.name()).map_err(unreadable)?;
        let end = reader::head(&moment).map_err(unreadable)?.unsigned_abs();
        let Some(own) = own(found.as_ref(), definition)? else {
            return Ok(false);
        };
        let is_live = found.as_ref().and_then(|found| found.live) == Some(own.generation);
        Ok(is_live && own.checkpoint.map_or(0, Position::number) == end)
    }

    /// The same for appends that wait, and only so far that the rest can go with them. Where others append faster than that,
    /// the rest is more: it is not tried for ever.
    pub(super) fn catch_up_with_others(&mut self, waiting: &[Job]) -> Result<(), AppendError> {
        let options = Arc::clone(&self.options);
        for inline in &options.inline {
            let mut more = None;
            loop {
                if waiting.iter().all(Job::is_abandoned) {
                    return Err(unavailable("nobody waits for it any more"));
                }
                let left = self
                    .catch_up_step(&**inline, STEP)
                    .map_err(|trouble| trouble.appending(inline.definition().name()))?;
                let more = more.get_or_insert_with(|| patience(left));
                if left <= STEP || *more == 0 {
                    break;
                }
                *more -= 1;
            }
        }
        Ok(())
    }

    /// One transaction. How many events are left then.
    fn catch_up_step(&mut self, inline: &dyn Inline, most: u64) -> Result<u64, Trouble> {
        let step = catch_unwind(AssertUnwindSafe(|| self.step(inline, most)));
        self.leave_transaction();
        step.unwrap_or_else(|_| Err(unavailable(ThreadPanicked).into()))
    }

    fn step(&mut self, inline: &dyn Inline, most: u64) -> Result<u64, Trouble> {
        let Some(connection) = &self.connection else {
            return Err(unavailable(NoConnection).into());
        };
        let begun = Transaction::begin(connection, &mut self.interned, &self.options);
        let mut transaction = begun.map_err(|error| AppendError::from(rejected(error)))?;
        let left = transaction.inline_step(inline, most)?;
        #[cfg(feature = "fault")]
        super::strike(
            &self.options,
            eventsource_core::fault::FaultPoint::BeforeCommit,
        )?;
        commit(connection).map_err(|error| AppendError::from(rejected(error)))?;
        #[cfg(feature = "fault")]
        if let Err(AppendError::Unknown(error)) = super::strike(
            &self.options,
            eventsource_core::fault::FaultPoint::AfterCommit,
        ) {
            // The step may be there, but no append is.
            return Err(unavailable(error).into());
        }
        Ok(left)
    }
}
