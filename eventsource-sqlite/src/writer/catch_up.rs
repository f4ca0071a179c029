//! Bringing the projections that go with appends to the end of the store, step by step.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use eventsource_core::{AppendError, Build, Position, ProjectionName};

use super::{
    Thread, commit,
    kept::{outdated, own},
    projections::Stop,
    transaction::Transaction,
};
use crate::{
    config::SqliteOptions,
    error::{OpenError, ThreadPanicked, Unfit, failed, rejected, unavailable, unreadable},
    inline::Inline,
    projections,
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
    fn opening(self, options: &SqliteOptions, projection: &ProjectionName) -> OpenError {
        match self {
            Self::Unfit(unfit) => unfit.opening(&options.path, projection),
            Self::Append(error) => OpenError::Projection {
                path: options.path.clone(),
                projection: projection.clone(),
                source: error.into(),
            },
        }
    }
}

impl Transaction<'_> {
    /// Brings a projection some events nearer to the end of the store. How many are left then.
    fn inline_step(&mut self, inline: &dyn Inline) -> Result<u64, Trouble> {
        self.next_job();
        self.all_or_nothing(|transaction| transaction.nearer(inline))
    }

    fn nearer(&mut self, inline: &dyn Inline) -> Result<u64, Trouble> {
        let definition = inline.definition();
        let name = definition.name();
        let found = projections::find(self.connection, name).map_err(unreadable)?;
        let (generation, at) = if let Some(own) = own(found.as_ref(), definition)? {
            (own.generation, own.checkpoint.map_or(0, Position::number))
        } else {
            let version = (definition.version(), definition.fingerprint());
            let build = Build::new(name.clone(), version).with_tables(definition.tables());
            (self.begin_generation(&build)?.generation, 0)
        };
        let end = self.end_position();
        if at > end {
            return Err(Unfit::Ahead { at, end }.into());
        }
        let to = end.min(at.saturating_add(STEP));
        if at < to {
            let mut current = self.inline_tx(name, generation)?;
            self.deliver_stored(inline, &mut current, (at, to))?;
        }
        let live = found.as_ref().and_then(|found| found.live);
        if to == end && live != Some(generation) {
            let outdated = outdated(found.as_ref(), definition, generation);
            self.follow(name, generation, (live, &outdated))?;
        }
        Ok(end - to)
    }
}

impl Thread {
    /// Brings the projections that go with appends to the end of the store. Other writers get their turn between two steps.
    pub(super) fn catch_up(&mut self) -> Result<(), OpenError> {
        let options = Arc::clone(&self.options);
        for inline in &options.inline {
            loop {
                match self.catch_up_step(&**inline) {
                    Ok(0) => break,
                    Ok(_) => {}
                    Err(trouble) => {
                        return Err(trouble.opening(&options, inline.definition().name()));
                    }
                }
            }
        }
        Ok(())
    }

    /// One transaction. How many events are left then.
    fn catch_up_step(&mut self, inline: &dyn Inline) -> Result<u64, Trouble> {
        let step = catch_unwind(AssertUnwindSafe(|| self.step(inline)));
        self.leave_transaction();
        step.unwrap_or_else(|_| Err(unavailable(ThreadPanicked).into()))
    }

    fn step(&mut self, inline: &dyn Inline) -> Result<u64, Trouble> {
        let Some(connection) = &self.connection else {
            return Err(unavailable(ThreadPanicked).into());
        };
        let begun = Transaction::begin(connection, &mut self.interned, &self.options);
        let mut transaction = begun.map_err(|error| AppendError::from(rejected(error)))?;
        let left = transaction.inline_step(inline)?;
        commit(connection).map_err(|error| AppendError::from(rejected(error)))?;
        Ok(left)
    }
}
