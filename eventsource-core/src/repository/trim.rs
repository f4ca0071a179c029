//! Letting go of the events that a snapshot stands for.

use crate::{
    aggregate_id::AggregateIdError,
    repository::{
        LoadError, TrimAggregateError,
        engine::{Engine, Running},
        fold::Replay,
    },
    signal,
    store::{Capability, Trimmed, Unsupported},
    stream::StreamId,
};

impl Engine {
    /// Trims a stream to the event with which its newest snapshot ends, if this code can use that snapshot.
    pub(super) fn trim<'a>(
        &'a self,
        stream: Result<StreamId, AggregateIdError>,
        state: &'a mut dyn Replay,
    ) -> Running<'a, Result<Trimmed, TrimAggregateError>> {
        Box::pin(async move {
            let stream = &stream.map_err(LoadError::from)?;
            let Some(trims) = self.store.trims() else {
                let capability = Capability::Trim;
                return Err(LoadError::Unsupported(Unsupported { capability }).into());
            };
            let no_snapshot = |missed| TrimAggregateError::NoSnapshot {
                stream: stream.clone(),
                missed,
            };
            let form = self.form(stream, state);
            let Some(found) = self.find_snapshot(form, stream, None, None).await? else {
                return Err(no_snapshot(None));
            };
            let used = self
                .begin_at_snapshot(stream, state, found, None, None)
                .await?;
            let at = used.map_err(|miss| no_snapshot(Some(Box::new(miss))))?;
            match at.snapshot {
                Some((version, _)) => {
                    let trimmed = trims.trim(stream, version).await?;
                    signal::trimmed(stream, trimmed);
                    Ok(trimmed)
                }
                None => Err(no_snapshot(None)),
            }
        })
    }
}
