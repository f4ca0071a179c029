//! What a repository does whatever its aggregates are. It is compiled here once, and not again in every crate that has
//! aggregates: their types come in as [`Work`] and go out as a [`Running`] future.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use crate::{
    aggregate_id::AggregateIdError,
    clock::{Clock, SystemClock},
    context::Context,
    id::{CommandId, EventId, IdSource, UuidV7},
    repository::{
        AsOf, ExecuteError, LoadError, RetryPolicy, Timer,
        append::{Appended, same_streams},
        cache::Cache,
        encode::{Decided, Part, Stamp},
        error::Undecided,
        fold::{At, Folding, Replay},
        retry::AnyTimer,
        snapshots::Snapshots,
        spawn::{AnySpawner, Spawner},
    },
    signal::{self, Span},
    store::{Applied, Conflict, EventStore, Receipt},
    stream::{StreamId, Version},
    text::AppendKey,
};

/// A future whose type does not say what it does.
pub(super) type Running<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

pub(super) type Done<T> = Result<T, ExecuteError<Undecided>>;

/// Makes a state one that can be folded into, if it can be.
pub(super) type Own<'a> = dyn FnMut(&mut dyn Replay) -> bool + 'a;

/// One command, or several, on one aggregate, whatever its type.
pub(super) trait Work: Send {
    /// What the stream is folded into.
    fn state(&mut self) -> &mut dyn Replay;
    /// Decides on the state, which it may use up. The reason why it cannot stays here.
    fn decide<'a>(&'a mut self, stream: &'a StreamId, at: At)
    -> Running<'a, Result<(), Undecided>>;
    /// What was decided last.
    fn decided(&mut self) -> &mut dyn Decided;
    /// The state after the events that were decided last, as they are read back; `None` where it is not at hand. `own`
    /// makes a state one that nobody else holds, where it can be.
    fn advance(&mut self, own: &mut Own<'_>) -> Option<&mut dyn Replay>;
}

/// What there is after a conflict.
enum Again {
    /// The command itself, stored by another attempt.
    Stored(Receipt),
    /// A newer state to decide on.
    Seen(At),
}

/// The store and what else a repository works with.
#[derive(Debug, Clone)]
pub(super) struct Engine {
    pub(super) store: Arc<dyn EventStore>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) ids: Arc<dyn IdSource>,
    pub(super) timer: Arc<dyn Timer>,
    pub(super) spawner: Arc<dyn Spawner>,
    pub(super) retry: RetryPolicy,
    pub(super) cache: Option<Arc<Cache>>,
    pub(super) snapshots: Option<Snapshots>,
    /// The context of who gives none. Here it is in no state machine of a command.
    pub(super) nobody: Context,
}

impl Engine {
    pub(super) fn new(store: Arc<dyn EventStore>) -> Self {
        Self {
            store,
            clock: Arc::new(SystemClock),
            ids: Arc::new(UuidV7),
            timer: Arc::new(AnyTimer),
            spawner: Arc::<AnySpawner>::default(),
            retry: RetryPolicy::default(),
            cache: None,
            snapshots: None,
            nobody: Context::new(),
        }
    }

    /// Whether anything is kept of a state after its events were appended.
    pub(super) fn keeps(&self) -> bool {
        self.cache.is_some() || self.snapshots.is_some()
    }

    /// Folds the stream of an id. Boxed here, so that the state machine is compiled here.
    pub(super) fn load_id<'a>(
        &'a self,
        stream: Result<StreamId, AggregateIdError>,
        as_of: Option<AsOf>,
        state: &'a mut dyn Replay,
    ) -> Running<'a, Result<(StreamId, At), LoadError>> {
        Box::pin(async move {
            let stream = stream?;
            let at = self.load(&stream, as_of, state).await?;
            Ok((stream, at))
        })
    }

    /// Folds the stream, has it decided, appends; after a conflict all three again. An append key is looked up first:
    /// what was decided once is not decided again.
    pub(super) fn execute<'a>(
        &'a self,
        context: &'a Context,
        stream: Result<StreamId, AggregateIdError>,
        work: &'a mut dyn Work,
    ) -> Running<'a, Done<Receipt>> {
        Box::pin(async move {
            let (stream, key) = (stream.map_err(LoadError::from)?, context.append_key());
            let span = signal::execute(&stream, context);
            let executing = async {
                match self.find(key.as_ref(), &[&stream]).await? {
                    Some(first) => Ok(first),
                    None => {
                        self.attempt(context, key.as_ref(), &stream, work, None, &span)
                            .await
                    }
                }
            };
            let done = signal::within(&span, executing).await;
            signal::executed(&span, &done);
            done
        })
    }

    /// Folds the stream for a unit of work, and looks up what the append key has stored.
    pub(super) fn begin<'a>(
        &'a self,
        context: &'a Context,
        stream: Result<StreamId, AggregateIdError>,
        state: &'a mut dyn Replay,
    ) -> Running<'a, Done<(StreamId, At, Option<Receipt>)>> {
        Box::pin(async move {
            let stream = stream.map_err(LoadError::from)?;
            // In this order: what the key stores after the state is loaded conflicts with the commit.
            let at = self.load(&stream, None, state).await?;
            let key = context.append_key();
            let already = self.find(key.as_ref(), &[&stream]).await?;
            Ok((stream, at, already))
        })
    }

    /// Appends what is decided on the state at this point; after a conflict it is decided again.
    pub(super) fn commit<'a>(
        &'a self,
        context: &'a Context,
        stream: &'a StreamId,
        decided: At,
        work: &'a mut dyn Work,
    ) -> Running<'a, Done<Receipt>> {
        Box::pin(async move {
            let (key, span) = (context.append_key(), signal::execute(stream, context));
            let executing = self.attempt(context, key.as_ref(), stream, work, Some(decided), &span);
            let done = signal::within(&span, executing).await;
            signal::executed(&span, &done);
            done
        })
    }

    async fn attempt(
        &self,
        context: &Context,
        key: Option<&AppendKey>,
        stream: &StreamId,
        work: &mut dyn Work,
        mut decided: Option<At>,
        span: &Span,
    ) -> Done<Receipt> {
        let command = context
            .command_id
            .unwrap_or_else(|| CommandId::new(self.ids.next_id()));
        signal::identified(span, signal::Command::new(command, context));
        let mut attempts = 1;
        // Where the state of the next attempt is, and whether the store was asked for it.
        let mut seen: Option<(At, bool)> = None;
        loop {
            let at = if let Some(at) = decided.take() {
                at
            } else {
                let seen = match seen.take() {
                    Some(seen) => seen,
                    None => self.seen(stream, work.state()).await?,
                };
                let (at, decided) = self.decide(stream, work, seen, attempts).await?;
                if let Err(kept) = decided {
                    let refused = Err(ExecuteError::Refused(kept));
                    return self.unless_stored(key, &[stream], refused).await;
                }
                at
            };
            if work.decided().count() == 0 {
                let nothing = Receipt::new(Applied::Now, Vec::new());
                return self.unless_stored(key, &[stream], Ok(nothing)).await;
            }
            let stamp = Stamp {
                context,
                command,
                occurred_at: context.occurred_at.unwrap_or_else(|| self.clock.now()),
            };
            let mut parts = [Part::new(self, stream, at, work.decided())];
            let appended = self.append(&stamp, key, &mut parts).await;
            let [Part { ids, .. }] = parts;
            match appended? {
                Appended::Stored(receipt) => {
                    if self.keeps() && receipt.is_first() {
                        let state = work.advance(&mut |state| self.own_appended(stream, state));
                        self.advanced(stream, state, at, &receipt, (ids.last().copied(), &stamp));
                    }
                    return Ok(receipt);
                }
                Appended::Conflict(source) if attempts >= self.retry.attempts => {
                    // What is kept lies behind: who tries again by himself is not to meet the same conflict.
                    self.forget(stream);
                    return Err(ExecuteError::Conflict { attempts, source });
                }
                Appended::Conflict(conflict) => {
                    let delay = self.retry.delay_after(attempts);
                    signal::retry(stream, stamp.command(), attempts, delay);
                    match Box::pin(self.again(key, stream, work, at, (conflict, delay))).await? {
                        Again::Stored(first) => return Ok(first),
                        Again::Seen(newer) => seen = Some((newer, true)),
                    }
                    attempts += 1;
                }
            }
        }
    }

    /// Waits after a conflict, and brings the state up to date.
    async fn again(
        &self,
        key: Option<&AppendKey>,
        stream: &StreamId,
        work: &mut dyn Work,
        at: At,
        (conflict, delay): (Conflict, Duration),
    ) -> Done<Again> {
        let newer = self.missed(stream, work.state(), at, conflict).await?;
        self.timer.sleep(delay).await;
        // The conflict may be with this very command, stored by an attempt under the same key elsewhere.
        if let Some(first) = self.find(key, &[stream]).await? {
            return Ok(Again::Stored(first));
        }
        Ok(Again::Seen(match newer {
            Some(newer) if delay.is_zero() => newer,
            // While it waited, others went on.
            Some(newer) => self.catch_up(stream, work.state(), newer).await?,
            // What is in the cache may be what has just conflicted.
            None => self.newest(stream, work.state()).await?,
        }))
    }

    /// Decides on a state that was seen. What comes to nothing on one that the store was not asked for is decided again on
    /// the newest: a state that lies behind refuses what another one would not.
    async fn decide(
        &self,
        stream: &StreamId,
        work: &mut dyn Work,
        (mut at, mut is_newest): (At, bool),
        attempt: u32,
    ) -> Done<(At, Result<(), Undecided>)> {
        loop {
            let span = signal::decide(stream, attempt, at.version());
            let decided = signal::within(&span, work.decide(stream, at)).await;
            let events = decided.as_ref().map(|()| work.decided().count());
            signal::decided(&span, stream, events);
            if is_newest || decided.is_ok() && work.decided().count() > 0 {
                return Ok((at, decided));
            }
            let newest = self.catch_up(stream, work.state(), at).await?;
            if newest.last == at.last {
                return Ok((newest, decided));
            }
            (at, is_newest) = (newest, true);
        }
    }

    /// Folds what a conflict has brought. Nothing where the state is not at hand, or what is missing does not follow it.
    pub(super) async fn missed(
        &self,
        stream: &StreamId,
        state: &mut dyn Replay,
        at: At,
        conflict: Conflict,
    ) -> Result<Option<At>, LoadError> {
        let missed = conflict
            .streams
            .into_iter()
            .find(|one| one.stream == *stream);
        let Some(missed) = missed else {
            return Ok(None);
        };
        let follows = missed
            .missed
            .first()
            .is_some_and(|first| first.version == Version::after(at.version()));
        let brings_all = missed.missed.last().map(|last| last.version) == missed.actual;
        if !follows || !self.own(stream, at.version(), state) {
            return Ok(None);
        }
        if at.last.is_none() {
            state.begin();
        }
        let mut folding = Folding::on(stream, state, at, true);
        folding.page(&missed.missed)?;
        let at = folding.end();
        if brings_all {
            return Ok(Some(self.loaded(stream, at, state)));
        }
        self.catch_up(stream, state, at).await.map(Some)
    }

    /// What is kept of a state after its events were appended.
    pub(super) fn advanced(
        &self,
        stream: &StreamId,
        state: Option<&mut dyn Replay>,
        at: At,
        receipt: &Receipt,
        (last, stamp): (Option<EventId>, &Stamp<'_>),
    ) {
        let stored = receipt.streams.iter().find(|one| one.stream == *stream);
        let (Some(state), Some(stored), Some(id)) = (state, stored, last) else {
            return;
        };
        let mut at = At {
            last: Some((stored.last_version, id)),
            is_begun: true,
            is_living: state.is_living(),
            occurred_to: at.occurred_to.max(stamp.occurred_at),
            ..at
        };
        self.consider_snapshot(stream, &mut at, state, true);
        self.keep(stream, at, state);
    }

    /// What came of a decision, unless the same key stored events since it was looked up: the state then had them in it,
    /// and a refusal, or having nothing to do, is only their echo.
    pub(super) async fn unless_stored(
        &self,
        key: Option<&AppendKey>,
        streams: &[&StreamId],
        decided: Done<Receipt>,
    ) -> Done<Receipt> {
        match self.find(key, streams).await? {
            Some(first) => Ok(first),
            None => decided,
        }
    }

    /// The receipt of an earlier command under the same append key.
    pub(super) async fn find(
        &self,
        key: Option<&AppendKey>,
        streams: &[&StreamId],
    ) -> Done<Option<Receipt>> {
        let Some(key) = key else {
            return Ok(None);
        };
        let found = self.store.find_append(key).await;
        match found.map_err(|source| ExecuteError::Lookup {
            key: key.clone(),
            source,
        })? {
            Some(first) => same_streams(Some(key), streams, first).map(Some),
            None => Ok(None),
        }
    }
}
