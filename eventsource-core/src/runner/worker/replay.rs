//! Delivering parked events again.

use std::{collections::VecDeque, mem::take};

use super::{Halt, active::Active, jobs::Jobs};
use crate::{
    record::Recorded,
    runner::{CommandError, FailedEvent, command::Reply, error::told, signal},
    store::{Advance, AdvanceError, Parked, ParkedQuery, Read, ReadError},
    stream::StreamId,
};

/// What came of delivering parked events again.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Replayed {
    /// How many events were delivered.
    pub delivered: u64,
    /// The streams of which events are parked still.
    pub left: Vec<LeftParked>,
}

/// A stream of which events are parked still.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LeftParked {
    /// The stream.
    pub stream: StreamId,
    /// Why its first event could not be delivered this time.
    pub error: String,
}

/// A replay that was asked for. It outlives troubles with the store.
pub(super) struct Replay {
    reply: Reply<Result<Replayed, CommandError>>,
    way: Way,
}

/// How far a replay has come.
#[derive(Default)]
struct Way {
    /// Streams that are yet to be looked at; `None` before anything was.
    streams: Option<VecDeque<StreamId>>,
    done: Replayed,
}

impl Replay {
    pub(super) fn new(reply: Reply<Result<Replayed, CommandError>>) -> Self {
        let way = Way::default();
        Self { reply, way }
    }

    pub(super) fn fail(self, error: CommandError) {
        self.reply.give(Err(error));
    }
}

impl Active<'_> {
    /// Whether parked events can be delivered now: not while nobody knows where the checkpoint is.
    pub(super) fn can_replay(&self) -> bool {
        let is_settled = |live: &super::track::Track| live.pending.is_none();
        self.live.as_ref().is_some_and(is_settled) && self.worker.jobs().replay.is_some()
    }

    /// Delivers some of what is parked, so that what comes has its turn, too.
    pub(super) async fn replay_some(&mut self) -> Result<(), Halt> {
        let worker = self.worker;
        // Only how far it has come: whoever asked is to be found by whoever ends it meanwhile.
        let way = worker.jobs().replay.as_mut().map(|one| take(&mut one.way));
        let Some(mut way) = way else {
            return Ok(());
        };
        let replayed = self.replay_into(&mut way).await;
        if !matches!(replayed, Ok(true)) {
            if let Some(replay) = worker.jobs().replay.as_mut() {
                replay.way = way;
            }
            self.publish();
            return replayed.map(|_| ());
        }
        let left = self.live.as_ref().map_or(0, |live| live.parked);
        signal::replayed(&worker.shared, way.done.delivered, left);
        self.publish();
        let replay = worker.jobs().replay.take();
        if let Some(replay) = replay {
            replay.reply.give(Ok(way.done));
        }
        Ok(())
    }

    /// Whether nothing is left to be looked at.
    async fn replay_into(&mut self, replay: &mut Way) -> Result<bool, Halt> {
        let worker = self.worker;
        let (keeper, name) = (worker.target.keeper(), worker.target.definition().name());
        let Some(live) = &self.live else {
            return Ok(true);
        };
        let generation = live.generation;
        let streams = match &mut replay.streams {
            Some(streams) => streams,
            none => none.insert(keeper.parked_streams(name, generation).await?.into()),
        };
        let Some(stream) = streams.front().cloned() else {
            return Ok(true);
        };
        let some = worker.settings.batch.max(1);
        let query = ParkedQuery::first(some).of(stream.clone());
        let parked = keeper.parked(name, generation, query).await?;
        if parked.is_empty() {
            // Nothing can have been parked since: it would have been parked here.
            streams.pop_front();
            if let Some(live) = &mut self.live {
                live.parked_streams.remove(&stream);
            }
            return Ok(false);
        }
        for one in parked {
            if let Err(error) = self.replay_one(&one).await? {
                replay.done.left.push(LeftParked { stream, error });
                streams.pop_front();
                break;
            }
            replay.done.delivered += 1;
        }
        Ok(false)
    }

    /// Delivers one parked event; why not, where it stays.
    async fn replay_one(&mut self, one: &Parked) -> Result<Result<(), String>, Halt> {
        let worker = self.worker;
        let Some(event) = worker.stored(one).await? else {
            let error = "the event is no longer in the store: it was trimmed".to_owned();
            return Ok(Err(error));
        };
        let advance = self.at_rest().unparking([one.position]);
        let events = [event];
        let delivered = worker.target.deliver(&events, &advance, &|| true).await;
        let failure = match delivered {
            Ok(_) => {
                if !worker.target.advances() {
                    worker.target.keeper().advance(advance).await?;
                }
                if let Some(live) = &mut self.live {
                    live.parked = live.parked.saturating_sub(1);
                }
                signal::unparked(&worker.shared);
                return Ok(Ok(()));
            }
            Err(AdvanceError::Store(error)) => return Err(error.into()),
            Err(AdvanceError::Delivery(failure)) => failure,
        };
        let [event] = &events;
        let (attempts, text) = (one.attempts.saturating_add(1), told(&failure.error));
        let is_torn = worker.is_torn_by(&failure.error);
        let failed = FailedEvent::new(event, attempts, failure.error.into());
        signal::failed(&worker.shared, event, attempts, &failed.error);
        worker.note_event(failed.clone());
        if is_torn {
            return Err(Halt::Stop(failed.into()));
        }
        // It keeps its place.
        let place = (one.stream.clone(), one.version);
        let again = Parked::behind(one.position, place, worker.tools.now());
        let advance = self
            .at_rest()
            .parking([again.failed(attempts, text.clone())]);
        worker.target.keeper().advance(advance).await?;
        Ok(Err(text))
    }

    /// An advance of what is read that leaves its checkpoint where it is.
    fn at_rest(&mut self) -> Advance {
        let which = super::active::Which::Live;
        let to = self.live.as_ref().and_then(|live| live.checkpoint);
        self.advance(which, to, Vec::new())
    }
}

impl super::Worker {
    /// A parked event as it is stored; `None` where it was trimmed.
    async fn stored(&self, one: &Parked) -> Result<Option<Recorded>, Halt> {
        let read = Read::stream(one.stream.clone())
            .from_version(one.version)
            .to_version(one.version);
        match self.store.read(read).next().await {
            Ok(event) => Ok(event),
            Err(ReadError::Trimmed { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

impl Jobs {
    /// Nothing of what was asked will be done.
    pub(super) fn fail(self, error: impl Fn() -> CommandError) {
        if let Some(reply) = self.in_hand {
            reply.give(Err(error()));
        }
        if let Some(rebuild) = self.rebuild {
            rebuild.fail(error());
        }
        if let Some(replay) = self.replay {
            replay.fail(error());
        }
    }
}
