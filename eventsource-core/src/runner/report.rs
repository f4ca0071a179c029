//! The status of everything that runs.

use std::time::Duration;

use crate::{
    runner::{
        LastError, ProjectionState, ProjectionStatus,
        error::told_of,
        handle::{One, RunnerHandle},
        signal,
    },
    store::{Read, ReadError},
    stream::Position,
    time::Timestamp,
};

impl RunnerHandle {
    /// How each projection and reaction is doing, in the order in which they were given.
    ///
    /// It costs a look at the store's head, one event for each that is behind, and what is kept of each that another
    /// process runs: it may be asked every second. Where that cannot be looked at, what was seen last is shown, and why is
    /// the [last error](ProjectionStatus::last_error).
    ///
    /// # Errors
    ///
    /// [`ReadError`] when the store cannot be read.
    pub async fn status(&self) -> Result<Vec<ProjectionStatus>, ReadError> {
        let head = self.store().head().await?;
        let mut all = Vec::with_capacity(self.all().len());
        for one in self.all() {
            all.push(self.status_of(one, head).await?);
        }
        Ok(all)
    }

    /// The same of one, by its name; `None` where none of this name runs here.
    ///
    /// # Errors
    ///
    /// [`ReadError`] when the store cannot be read.
    pub async fn status_of_one(&self, name: &str) -> Result<Option<ProjectionStatus>, ReadError> {
        let Some(one) = self.find(name) else {
            return Ok(None);
        };
        let head = self.store().head().await?;
        self.status_of(one, head).await.map(Some)
    }

    async fn status_of(
        &self,
        one: &One,
        head: Option<Position>,
    ) -> Result<ProjectionStatus, ReadError> {
        let now = self.tools().now();
        let (mut status, here) = one.shared.look(|board| {
            signal::stands(&one.shared, board);
            let status = ProjectionStatus {
                name: one.shared.name.clone(),
                kind: one.shared.kind,
                state: board.state.clone(),
                version: None,
                generation: None,
                position: None,
                head,
                lag_events: 0,
                lag: Duration::ZERO,
                events_per_second: board.meter.rate(now),
                parked: 0,
                last_error: board.last_error.clone(),
                rebuild: board.rebuild.clone(),
            };
            let is_elsewhere = matches!(status.state, ProjectionState::WaitingForLease { .. });
            (status, board.live.filter(|_| !is_elsewhere))
        });
        let live = match here {
            Some(live) => Some(live),
            None => match one.kept().await {
                Ok(live) => live,
                Err(error) => {
                    // In this answer alone: to ask changes nothing of what went wrong before.
                    status.last_error = Some(LastError {
                        error: told_of(&error),
                        event: None,
                        at: now,
                    });
                    // What was seen last stands where the store cannot say.
                    one.shared.look(|board| board.elsewhere)
                }
            },
        };
        if let Some(live) = live {
            status.version = Some(live.version);
            status.generation = Some(live.generation);
            status.position = live.position;
            status.parked = live.parked;
        }
        if let Some(rebuild) = &mut status.rebuild {
            rebuild.to = head;
        }
        status.lag_events = number(head).saturating_sub(number(status.position));
        if status.lag_events > 0 {
            status.lag = self.lag(status.position, now).await?;
        }
        signal::status(&status);
        Ok(status)
    }

    /// How long ago the first event behind a position was recorded.
    async fn lag(&self, position: Option<Position>, now: Timestamp) -> Result<Duration, ReadError> {
        let next = Read::all().after(position).limit(1);
        let next = self.store().read(next).next().await?;
        Ok(next.map_or(Duration::ZERO, |event| {
            let micros = now
                .as_micros()
                .saturating_sub(event.recorded_at.as_micros());
            Duration::from_micros(u64::try_from(micros).unwrap_or(0))
        }))
    }
}

fn number(position: Option<Position>) -> u64 {
    position.map_or(0, Position::number)
}
