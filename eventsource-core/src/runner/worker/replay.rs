//! Delivering parked events again.

use std::collections::{HashMap, VecDeque};

use super::{
    Halt, Worker,
    active::{Active, Which},
    jobs::Jobs,
    track::Pending,
};
use crate::{
    record::Recorded,
    runner::{CommandError, FailedEvent, command::Reply, error::told, signal},
    store::{Advance, AdvanceError, Generation, Parked, ParkedQuery, Read, ReadError},
    stream::{StreamId, Version},
};

/// What came of delivering parked events again.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Replayed {
    /// How many events were delivered.
    pub delivered: u64,
    /// The streams of which events are parked when it is done, also those that were parked meanwhile.
    pub left: Vec<LeftParked>,
}

/// A stream of which events are parked still.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LeftParked {
    /// The stream.
    pub stream: StreamId,
    /// The version of the first of its parked events.
    pub version: Version,
    /// Why that one could not be delivered when it was tried last.
    pub error: String,
    /// Whether it was [trimmed](crate::TrimStore) before it could be delivered, so that it never will be, and what follows
    /// it waits for ever.
    pub is_trimmed: bool,
}

/// A replay that was asked for. It outlives troubles with the store.
pub(super) struct Replay {
    reply: Reply<Result<Replayed, CommandError>>,
    /// Of which build; of another one that is read by now, it begins anew.
    of: Option<OfBuild>,
    pub(super) delivered: u64,
}

/// A replay of what is parked of one build.
struct OfBuild {
    generation: Generation,
    /// Streams that are yet to be looked at.
    streams: VecDeque<StreamId>,
    /// The next events of the first of them.
    portion: VecDeque<Parked>,
    /// What failed again.
    failed: HashMap<StreamId, LeftParked>,
}

impl Replay {
    pub(super) fn new(reply: Reply<Result<Replayed, CommandError>>) -> Self {
        Self {
            reply,
            of: None,
            delivered: 0,
        }
    }

    pub(super) fn fail(self, error: CommandError) {
        self.reply.give(Err(error));
    }
}

/// A replay that is at work. Wherever that is left, it is among the jobs again, and whoever has asked for it is answered.
struct InHand<'a> {
    worker: &'a Worker,
    replay: Option<Replay>,
}

impl Drop for InHand<'_> {
    fn drop(&mut self) {
        if let Some(replay) = self.replay.take() {
            self.worker.jobs().replay = Some(replay);
        }
    }
}

impl Active<'_> {
    /// Whether parked events can be delivered now: not while nobody knows where the checkpoint is.
    pub(super) fn can_replay(&self) -> bool {
        let is_settled = |live: &super::track::Track| live.pending.is_none();
        self.live.as_ref().is_some_and(is_settled) && self.worker.jobs().replay.is_some()
    }

    /// Delivers one parked event at the most, so that what comes has its turn, too.
    pub(super) async fn replay_some(&mut self) -> Result<(), Halt> {
        let worker = self.worker;
        let replay = worker.jobs().replay.take();
        let mut in_hand = InHand { worker, replay };
        let Some(replay) = &mut in_hand.replay else {
            return Ok(());
        };
        let replayed = self.replay_into(replay).await;
        if replayed.is_err() {
            // What the store has done of it, it says itself.
            replay.of.iter_mut().for_each(|of| of.portion.clear());
        }
        self.publish();
        if let Some(left) = replayed?
            && let Some(replay) = in_hand.replay.take()
        {
            let (delivered, parked) = (replay.delivered, self.live.as_ref());
            signal::replayed(
                &worker.shared,
                delivered,
                parked.map_or(0, |live| live.parked),
            );
            replay.reply.give(Ok(Replayed { delivered, left }));
        }
        Ok(())
    }

    /// What is left, when there is nothing more to be tried.
    async fn replay_into(&mut self, replay: &mut Replay) -> Result<Option<Vec<LeftParked>>, Halt> {
        let worker = self.worker;
        let (keeper, name) = (worker.target.keeper(), worker.target.definition().name());
        let Some(generation) = self.live.as_ref().map(|live| live.generation) else {
            return Ok(Some(Vec::new()));
        };
        let of = match &mut replay.of {
            Some(of) if of.generation == generation => of,
            other => {
                let streams = keeper.parked_streams(name, generation).await?;
                other.insert(OfBuild::new(generation, streams))
            }
        };
        let Some(stream) = of.streams.front().cloned() else {
            return worker.left(of).await.map(Some);
        };
        if of.portion.is_empty() {
            let some = worker.settings.batch.max(1);
            let query = ParkedQuery::first(some).of(stream.clone());
            of.portion = keeper.parked(name, generation, query).await?.into();
        }
        let Some(one) = of.portion.front().cloned() else {
            // Nothing can have been parked since: it would have been parked here.
            of.streams.pop_front();
            if let Some(live) = &mut self.live {
                live.parked_streams.remove(&stream);
            }
            return Ok(None);
        };
        match self.replay_one(&one).await? {
            None => {
                of.portion.pop_front();
                replay.delivered += 1;
            }
            Some(left) => {
                of.streams.pop_front();
                of.portion.clear();
                of.failed.insert(stream, left);
            }
        }
        Ok(None)
    }

    /// Delivers one parked event; why it stays, where it does.
    async fn replay_one(&mut self, one: &Parked) -> Result<Option<LeftParked>, Halt> {
        let worker = self.worker;
        let Some(event) = worker.stored(one).await? else {
            return Ok(Some(LeftParked::trimmed(one)));
        };
        let advance = self.at_rest().unparking([one.position]);
        let events = [event];
        let delivering = worker.target.deliver(&events, &advance, &|| true);
        let failure = match self.beside_looks(delivering).await {
            Ok(_) => {
                if !worker.target.advances() {
                    self.keep_replayed(advance).await?;
                }
                if let Some(live) = &mut self.live {
                    live.parked = live.parked.saturating_sub(1);
                }
                signal::unparked(&worker.shared);
                return Ok(None);
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
        Ok(Some(LeftParked::new(one, text)))
    }

    /// Keeps that a parked event is delivered. Where the store cannot do it now, whoever goes on does, so that it is not
    /// delivered once more for that.
    async fn keep_replayed(&mut self, advance: Advance) -> Result<(), Halt> {
        let worker = self.worker;
        let mut pending = Pending::new(advance, 0, 1);
        let kept = self.beside_looks(worker.make(&mut pending)).await;
        if let Err(Halt::Passing(_)) = &kept {
            worker.jobs().unkept = Some(pending);
        }
        kept
    }

    /// An advance of what is read that leaves its checkpoint where it is.
    fn at_rest(&mut self) -> Advance {
        let to = self.live.as_ref().and_then(|live| live.checkpoint);
        self.advance(Which::Live, to, Vec::new())
    }
}

impl OfBuild {
    fn new(generation: Generation, streams: Vec<StreamId>) -> Self {
        Self {
            generation,
            streams: streams.into(),
            portion: VecDeque::new(),
            failed: HashMap::new(),
        }
    }
}

impl LeftParked {
    fn new(first: &Parked, error: String) -> Self {
        Self {
            stream: first.stream.clone(),
            version: first.version,
            error,
            is_trimmed: false,
        }
    }

    fn trimmed(first: &Parked) -> Self {
        let error = "the event is no longer in the store: it was trimmed".to_owned();
        Self {
            is_trimmed: true,
            ..Self::new(first, error)
        }
    }

    /// One that the replay has not tried.
    fn since(first: &Parked) -> Self {
        let error = first.error.clone();
        Self::new(
            first,
            error.unwrap_or_else(|| "it was not tried yet".to_owned()),
        )
    }
}

impl Worker {
    /// What is parked, whether it was tried or was parked since.
    async fn left(&self, of: &OfBuild) -> Result<Vec<LeftParked>, Halt> {
        let (keeper, name) = (self.target.keeper(), self.target.definition().name());
        let mut left = Vec::new();
        for stream in keeper.parked_streams(name, of.generation).await? {
            if let Some(failed) = of.failed.get(&stream) {
                left.push(failed.clone());
                continue;
            }
            let query = ParkedQuery::first(1).of(stream);
            let parked = keeper.parked(name, of.generation, query).await?;
            left.extend(parked.iter().map(LeftParked::since));
        }
        Ok(left)
    }

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
