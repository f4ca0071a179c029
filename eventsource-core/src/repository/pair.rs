//! One decision over two aggregates, and one append to both of their streams.

use std::time::Duration;

use crate::{
    aggregate::Aggregate,
    context::Context,
    events::Events,
    id::CommandId,
    repository::{
        ExecuteError, InContext, LoadError,
        append::Appended,
        encode::{Decided, Decisions, Part, Stamp},
        engine::{Done, Engine, Own, Running},
        error::Undecided,
        fold::{At, Held, Replay},
    },
    signal::{self, Span},
    store::{Append, AppendError, Applied, Capability, Conflict, Expected, Receipt, Rejection},
    stream::StreamId,
    text::AppendKey,
};

impl<A: Aggregate> InContext<A> {
    /// Decides over two aggregates of the same store, and appends what comes of it to both streams in one step: all of it
    /// or nothing, and only if both are as they were when it was decided. One that gets no event is checked all the same.
    ///
    /// `decide` is called again after a conflict. What it refuses, or has nothing to do for, is returned only when both
    /// states were there at the same time.
    ///
    /// Where the repository uses snapshots, an aggregate of another type is loaded from those that its own repository has
    /// taken. None is taken of it here.
    ///
    /// A dropped future has stored all of the decision or nothing of it.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use eventsource_core::prelude::*;
    /// # use serde::{Deserialize, Serialize};
    /// # #[derive(Debug, Serialize, Deserialize, Event)] #[event(name = "jar.filled")]
    /// # struct Filled { coins: u32 }
    /// # #[derive(Debug, Serialize, Deserialize, Event)] #[event(name = "jar.emptied")]
    /// # struct Emptied;
    /// # #[derive(Debug, Default, Aggregate)]
    /// # #[aggregate(name = "jar", id = u64, error = std::convert::Infallible, events(Filled, Emptied))]
    /// # struct Jar { coins: u32 }
    /// # impl Apply<Filled> for Jar { fn apply(&mut self, e: &Filled) { self.coins += e.coins; } }
    /// # impl Apply<Emptied> for Jar { fn apply(&mut self, _: &Emptied) { self.coins = 0; } }
    /// # struct Fill(u32);
    /// # impl Handle<Fill> for Jar {
    /// #     fn handle(&self, command: &Fill) -> Decision<Self> { Ok(Filled { coins: command.0 }.into()) }
    /// # }
    /// let jars = Repository::<Jar>::new(MemoryStore::new());
    /// jars.execute(&1, Fill(3)).await?;
    /// jars.decide_both(&1, &2, |from: &Jar, _to: &Jar| {
    ///     Ok::<_, std::convert::Infallible>((Emptied.into(), Filled { coins: from.coins }.into()))
    /// })
    /// .await?;
    /// assert_eq!((jars.load(&1).await?.coins, jars.load(&2).await?.coins), (0, 3));
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ExecuteError`] with the error of `decide`; [`ExecuteError::SameStream`] where both are one aggregate, and
    /// [`ExecuteError::Unsupported`] in a store without [`Capability::MultiStreamAppend`], before anything is loaded.
    pub async fn decide_both<B, F, E>(
        &self,
        id: &A::Id,
        other: &B::Id,
        decide: F,
    ) -> Result<Receipt, ExecuteError<E>>
    where
        B: Aggregate,
        F: Fn(&A, &B) -> Result<(Events<A>, Events<B>), E> + Send + Sync,
        E: Send,
    {
        let mut pair = Pair {
            decide,
            states: (Held::<A>::Gone, Held::<B>::Gone),
            decided: (Decisions::of(Events::none()), Decisions::of(Events::none())),
            error: None,
        };
        let streams = match (StreamId::of::<A>(id), StreamId::of::<B>(other)) {
            (Ok(one), Ok(two)) => [one, two],
            (Err(error), _) | (_, Err(error)) => return Err(LoadError::from(error).into()),
        };
        let engine = &self.repository.engine;
        let done = engine
            .execute_both(&self.context, &streams, &mut pair)
            .await;
        done.map_err(|error| error.with(pair.error))
    }
}

/// One decision on two states, whatever their types.
pub(super) trait PairWork: Send {
    /// What the streams are folded into.
    fn state(&mut self, index: usize) -> &mut dyn Replay;
    /// Decides. The reason why it cannot stays here.
    fn decide(&mut self, streams: &[StreamId; 2]) -> Result<(), Undecided>;
    /// What was decided last.
    fn decided(&mut self) -> [&mut dyn Decided; 2];
    /// The state after the events that were decided last; `None` where it is not at hand.
    fn advance(&mut self, index: usize, own: &mut Own<'_>) -> Option<&mut dyn Replay>;
}

struct Pair<A: Aggregate, B: Aggregate, F, E> {
    decide: F,
    states: (Held<A>, Held<B>),
    decided: (Decisions<A>, Decisions<B>),
    error: Option<ExecuteError<E>>,
}

impl<A, B, F, E> PairWork for Pair<A, B, F, E>
where
    A: Aggregate,
    B: Aggregate,
    F: Fn(&A, &B) -> Result<(Events<A>, Events<B>), E> + Send,
    E: Send,
{
    fn state(&mut self, index: usize) -> &mut dyn Replay {
        match index {
            0 => &mut self.states.0,
            _ => &mut self.states.1,
        }
    }

    fn decide(&mut self, [one, two]: &[StreamId; 2]) -> Result<(), Undecided> {
        let decided = match (self.states.0.get(), self.states.1.get()) {
            (None, _) => Err(LoadError::not_found(one).into()),
            (_, None) => Err(LoadError::not_found(two).into()),
            (Some(one), Some(two)) => (self.decide)(one, two).map_err(ExecuteError::Refused),
        };
        match decided {
            Ok((one, two)) => {
                self.decided = (Decisions::of(one), Decisions::of(two));
                Ok(())
            }
            Err(error) => {
                let undecided = Undecided::for_reason(&error);
                self.error = Some(error);
                Err(undecided)
            }
        }
    }

    fn decided(&mut self) -> [&mut dyn Decided; 2] {
        [&mut self.decided.0, &mut self.decided.1]
    }

    fn advance(&mut self, index: usize, own: &mut Own<'_>) -> Option<&mut dyn Replay> {
        match index {
            0 => self.states.0.advance(&self.decided.0, own),
            _ => self.states.1.advance(&self.decided.1, own),
        }
    }
}

impl Engine {
    /// Folds both streams, has it decided, appends to both; after a conflict all three again.
    fn execute_both<'a>(
        &'a self,
        context: &'a Context,
        streams: &'a [StreamId; 2],
        work: &'a mut dyn PairWork,
    ) -> Running<'a, Done<Receipt>> {
        Box::pin(async move {
            let capabilities = self.store.capabilities();
            capabilities.require(Capability::MultiStreamAppend)?;
            let [one, two] = streams;
            if one == two {
                let stream = one.clone();
                return Err(ExecuteError::SameStream { stream });
            }
            let (key, span) = (context.append_key(), signal::execute(one, context));
            let executing = async {
                match self.find(key.as_ref(), &[one, two]).await? {
                    Some(first) => Ok(first),
                    None => {
                        self.attempt_both(context, key.as_ref(), streams, work, &span)
                            .await
                    }
                }
            };
            let done = signal::within(&span, executing).await;
            signal::executed(&span, &done);
            done
        })
    }

    async fn attempt_both(
        &self,
        context: &Context,
        key: Option<&AppendKey>,
        streams: &[StreamId; 2],
        work: &mut dyn PairWork,
        span: &Span,
    ) -> Done<Receipt> {
        let [one, two] = streams;
        let command = context
            .command_id
            .unwrap_or_else(|| CommandId::new(self.ids.next_id()));
        signal::identified(span, signal::Command::new(command, context));
        let mut at = [
            self.seen(one, work.state(0)).await?.0,
            self.seen(two, work.state(1)).await?.0,
        ];
        let mut attempts = 1;
        loop {
            let span = signal::decide(one, attempts, at[0].version());
            let decided = span.in_scope(|| work.decide(streams));
            let [first, second] = work.decided();
            let counts = [first.count(), second.count()];
            let events = decided.as_ref().map(|()| counts.into_iter().sum());
            signal::decided(&span, one, events);
            let is_nothing = decided.is_err() || counts == [0, 0];
            let stamp = Stamp {
                context,
                command,
                occurred_at: context.occurred_at.unwrap_or_else(|| self.clock.now()),
            };
            let (appended, last) = if is_nothing {
                (self.confirm(streams, &at).await?, [None, None])
            } else {
                let mut parts = [
                    Part::new(self, one, at[0], first),
                    Part::new(self, two, at[1], second),
                ];
                let appended = self.append(&stamp, key, &mut parts).await?;
                (appended, parts.map(|part| part.ids.last().copied()))
            };
            let conflict = match (appended, decided) {
                (Appended::Stored(_), Err(kept)) => {
                    let refused = Err(ExecuteError::Refused(kept));
                    return self.unless_stored(key, &[one, two], refused).await;
                }
                (Appended::Stored(nothing), Ok(())) if is_nothing => {
                    return self.unless_stored(key, &[one, two], Ok(nothing)).await;
                }
                (Appended::Stored(receipt), Ok(())) => {
                    if self.keeps() && receipt.is_first() {
                        // What was only checked is kept as it was.
                        for index in (0..2).filter(|index| last[*index].is_some()) {
                            let stream = &streams[index];
                            let own =
                                &mut |state: &mut dyn Replay| self.own_appended(stream, state);
                            let state = work.advance(index, own);
                            self.advanced(
                                stream,
                                state,
                                at[index],
                                &receipt,
                                (last[index], &stamp),
                            );
                        }
                    }
                    return Ok(receipt);
                }
                (Appended::Conflict(conflict), _) => conflict,
            };
            if attempts >= self.retry.attempts {
                // What is kept lies behind: who tries again by himself is not to meet the same conflict.
                for stream in streams {
                    self.forget(stream);
                }
                let source = conflict;
                return Err(ExecuteError::Conflict { attempts, source });
            }
            let delay = self.retry.delay_after(attempts);
            signal::retry(one, stamp.command(), attempts, delay);
            self.timer.sleep(delay).await;
            // The conflict may be with this very command, stored by an attempt under the same key elsewhere.
            if let Some(first) = self.find(key, &[one, two]).await? {
                return Ok(first);
            }
            self.renew(streams, work, &mut at, conflict, delay).await?;
            attempts += 1;
        }
    }

    /// Brings both states up to date after a conflict with one of them, or with both.
    async fn renew(
        &self,
        streams: &[StreamId; 2],
        work: &mut dyn PairWork,
        at: &mut [At; 2],
        conflict: Conflict,
        delay: Duration,
    ) -> Done<()> {
        for (index, stream) in streams.iter().enumerate() {
            let is_missing = conflict.streams.iter().any(|one| one.stream == *stream);
            let newer = if is_missing {
                self.missed(stream, work.state(index), at[index], conflict.clone())
                    .await?
            } else {
                None
            };
            at[index] = match newer {
                Some(newer) if delay.is_zero() => newer,
                Some(newer) => self.catch_up(stream, work.state(index), newer).await?,
                None => self.catch_up(stream, work.state(index), at[index]).await?,
            };
        }
        Ok(())
    }

    /// Whether both states are there at the same time: what is not appended is otherwise decided on a pair that never was.
    async fn confirm(&self, streams: &[StreamId; 2], at: &[At; 2]) -> Done<Appended> {
        let confirmed = self.confirm_once(streams, at).await;
        signal::appended(&streams[0], &confirmed);
        confirmed
    }

    async fn confirm_once(&self, streams: &[StreamId; 2], at: &[At; 2]) -> Done<Appended> {
        let [one, two] = streams;
        let not_confirmed = |source| ExecuteError::Append {
            stream: one.clone(),
            source,
        };
        let mut attempts = 1;
        loop {
            let append = Append::to(one.clone(), Expected::seen(at[0].version()), [])
                .checking(two.clone(), Expected::seen(at[1].version()));
            let appending = self.store.append(append);
            match signal::append(one, attempts, at[0].version(), 0, appending).await {
                Ok(_) => {
                    return Ok(Appended::Stored(Receipt::new(Applied::Now, Vec::new())));
                }
                Err(AppendError::Conflict(conflict)) => return Ok(Appended::Conflict(conflict)),
                // It stores nothing, so it can be asked again, and in the end nothing is unknown but the answer.
                Err(AppendError::Unknown(_)) if attempts <= self.retry.attempts => {
                    self.timer.sleep(self.retry.delay_after(attempts)).await;
                    attempts += 1;
                }
                Err(AppendError::Unknown(source)) => {
                    return Err(not_confirmed(Rejection::Unavailable { source }.into()));
                }
                Err(source) => return Err(not_confirmed(source)),
            }
        }
    }
}
