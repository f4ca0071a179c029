//! One build of a read model on its way through the store: what it has taken in, and what comes next.

use std::{
    collections::{HashSet, VecDeque},
    sync::Arc,
};

use crate::{
    projection::DeliveryError,
    record::Recorded,
    runner::{
        FailedEvent, RunSettings,
        select::{Alarm, Either, at_once, either},
        shared::Standing,
        tools::Tools,
    },
    store::{Advance, Delivery, Generation, ReadError, StoredGeneration, Subscription},
    stream::{Position, StreamId},
    time::Timestamp,
};

pub(super) struct Track {
    pub(super) generation: Generation,
    pub(super) version: u32,
    /// Where it began when it was opened.
    pub(super) from: Option<Position>,
    /// Its checkpoint, as it is kept.
    pub(super) checkpoint: Option<Position>,
    /// Everything up to there is taken in, parked or of no concern, when the batch is.
    pub(super) passed: Option<Position>,
    pub(super) subscription: Subscription,
    /// What is to be delivered next.
    pub(super) batch: VecDeque<Recorded>,
    /// Streams of which events are parked, so that what follows is parked, too.
    pub(super) parked_streams: HashSet<StreamId>,
    pub(super) parked: u64,
    /// An event that could not be delivered yet.
    pub(super) failing: Option<Failing>,
    /// What is done, but not yet kept.
    pub(super) pending: Option<Pending>,
    /// Everything that was stored has been seen; what comes is new.
    pub(super) is_live: bool,
    /// How often something failed in a row.
    pub(super) troubles: u32,
    /// Whether it has done something since it was opened, or has found that there is nothing to be done.
    pub(super) is_well: bool,
    /// How often what is tried again was tried, and until when it is waited for.
    pub(super) retrying: Option<(u32, Timestamp)>,
    /// Until the next attempt at whatever failed.
    pub(super) backoff: Alarm,
    /// What it is ready for, until it has its turn.
    pub(super) found: Option<Result<Ready, ReadError>>,
    /// Why nothing more could be read behind the batch.
    unread: Option<ReadError>,
    /// Until a checkpoint is kept that only passes what is not listed.
    idle: Alarm,
}

/// An event that could not be delivered yet.
pub(super) struct Failing {
    pub(super) position: Position,
    pub(super) attempts: u32,
    pub(super) error: Arc<DeliveryError>,
    /// Whether it is not to be tried again.
    pub(super) is_over: bool,
}

/// An advance of which the events are delivered, but which is not yet made.
#[derive(Clone)]
pub(super) struct Pending {
    pub(super) advance: Advance,
    /// How many events of the batch it takes away.
    pub(super) taken: usize,
    /// How many of them were delivered.
    pub(super) delivered: usize,
    /// The event that it parks for what went wrong with it.
    pub(super) given_up: Option<FailedEvent>,
    /// Whether nobody can say if it was made already.
    pub(super) is_unknown: bool,
}

/// What a track is ready for.
pub(super) enum Ready {
    /// There is something to be delivered, or to be kept.
    Step,
    /// Nothing is to be delivered, and it has passed something.
    Passed,
    /// It is time to keep a checkpoint that only passes what is not listed.
    Idle,
    /// It has seen everything.
    CaughtUp,
}

impl Track {
    pub(super) fn new(
        stored: &StoredGeneration,
        subscription: Subscription,
        parked_streams: HashSet<StreamId>,
    ) -> Self {
        Self {
            generation: stored.generation,
            version: stored.version,
            from: stored.checkpoint,
            checkpoint: stored.checkpoint,
            passed: stored.checkpoint,
            subscription,
            batch: VecDeque::new(),
            parked_streams,
            parked: stored.parked,
            failing: None,
            pending: None,
            is_live: false,
            troubles: 0,
            is_well: false,
            retrying: None,
            backoff: Alarm::default(),
            found: None,
            unread: None,
            idle: Alarm::default(),
        }
    }

    /// Everything up to there is taken in, parked or of no concern.
    pub(super) fn position(&self) -> Option<Position> {
        if self.batch.is_empty() && self.pending.is_none() {
            self.passed
        } else {
            self.checkpoint
        }
    }

    pub(super) fn standing(&self) -> Standing {
        Standing {
            generation: self.generation,
            version: self.version,
            position: self.position(),
            parked: self.parked,
        }
    }

    /// How many events of the batch are to be delivered now: those before one that failed by themselves, then that one
    /// alone.
    pub(super) fn portion(&self, batch: usize) -> usize {
        let batch = self.batch.len().min(batch.max(1));
        let Some(failing) = &self.failing else {
            return batch;
        };
        let before = self
            .batch
            .iter()
            .take_while(|event| event.position < failing.position);
        before.count().clamp(1, batch.max(1))
    }

    /// An event that is not to be tried again, when everything before it is done.
    pub(super) fn given_up(&self) -> Option<Recorded> {
        let failing = self.failing.as_ref().filter(|failing| failing.is_over)?;
        let first = self.batch.front()?;
        (first.position == failing.position).then(|| Recorded::clone(first))
    }

    /// Whether the next portion is an event that failed, alone.
    fn is_attempt(&self) -> bool {
        self.failing.as_ref().is_some_and(|failing| {
            let first = self.batch.front();
            first.is_some_and(|event| event.position >= failing.position)
        })
    }

    /// Looks until there is something to do, and remembers it. Cancel safe.
    pub(super) async fn look(&mut self, settings: &RunSettings, tools: &Tools) {
        if self.found.is_none() {
            self.found = Some(self.ready(settings, tools).await);
        }
    }

    /// Waits until there is something to do. Cancel safe.
    async fn ready(&mut self, settings: &RunSettings, tools: &Tools) -> Result<Ready, ReadError> {
        // What comes before a failed event in the batch does not wait for it.
        let waits = self.pending.is_some() || self.failing.is_none() || self.is_attempt();
        if self.backoff.is_set() && waits {
            self.backoff.rings().await;
        }
        if self.pending.is_some() || self.failing.is_some() {
            return Ok(Ready::Step);
        }
        loop {
            self.take_at_hand(settings.batch.max(1));
            let has_some = !self.batch.is_empty();
            if self.batch.len() >= settings.batch.max(1) {
                return Ok(Ready::Step);
            }
            match self.unread.take() {
                // What could be read is delivered before.
                Some(error) if has_some => {
                    self.unread = Some(error);
                    return Ok(Ready::Step);
                }
                Some(error) => return Err(error),
                None => {}
            }
            if !self.idle.is_set() && !has_some && self.checkpoint < self.passed {
                self.idle.set(tools.sleep(settings.checkpoint_after));
            }
            let next = next_or_none(&mut self.subscription, has_some && self.is_live);
            // First, so that it is kept in time also where more comes all the while.
            match either(self.idle.rings(), next).await {
                Either::First(()) if !has_some && self.checkpoint < self.passed => {
                    return Ok(Ready::Idle);
                }
                Either::First(()) => {}
                Either::Second(Ok(None)) => return Ok(Ready::Step),
                Either::Second(Ok(Some(Delivery::Event(event)))) => {
                    self.passed = Some(event.position);
                    self.batch.push_back(event);
                }
                Either::Second(Ok(Some(Delivery::Checkpoint(position)))) => {
                    self.passed = Some(position);
                    if !has_some {
                        return Ok(Ready::Passed);
                    }
                }
                Either::Second(Ok(Some(Delivery::CaughtUp))) => {
                    self.is_live = true;
                    return Ok(if has_some {
                        Ready::Step
                    } else {
                        Ready::CaughtUp
                    });
                }
                Either::Second(Ok(Some(Delivery::FellBehind))) => self.is_live = false,
                Either::Second(Err(error)) => self.unread = Some(error),
            }
        }
    }
}

impl Track {
    /// Takes what the subscription has at hand, until the batch has so many events. Where something could not be read, nothing
    /// comes before that is told.
    fn take_at_hand(&mut self, enough: usize) {
        while self.unread.is_none() && self.batch.len() < enough {
            let Some(event) = self.subscription.next_at_hand() else {
                break;
            };
            self.passed = Some(event.position);
            self.batch.push_back(event);
        }
    }

    /// Reads the events of the next batch while the present one is delivered. Cancel safe.
    pub(super) async fn read_ahead(&mut self, settings: &RunSettings) {
        // By itself, not by what is there: what takes long or fails takes nothing away from that.
        let enough = settings.batch.max(1).saturating_mul(2);
        // At the end there is nothing to be read ahead.
        while !self.is_live && self.unread.is_none() {
            self.take_at_hand(enough);
            if self.batch.len() >= enough {
                break;
            }
            match self.subscription.next().await {
                Ok(Delivery::Event(event)) => {
                    self.passed = Some(event.position);
                    self.batch.push_back(event);
                }
                Ok(Delivery::Checkpoint(position)) => self.passed = Some(position),
                Ok(Delivery::CaughtUp) => self.is_live = true,
                Ok(Delivery::FellBehind) => {}
                Err(error) => self.unread = Some(error),
            }
        }
    }
}

/// The next delivery; `None` where it would have to be waited for, and is not to be.
async fn next_or_none(
    subscription: &mut Subscription,
    is_at_once: bool,
) -> Result<Option<Delivery>, ReadError> {
    if is_at_once {
        at_once(subscription.next()).await.transpose()
    } else {
        subscription.next().await.map(Some)
    }
}
