//! The thread that writes: it takes all jobs that wait and commits them together.

mod catch_up;
mod generations;
mod inline;
mod interned;
mod job;
mod kept;
mod leases;
mod numbers;
mod projections;
mod settle;
mod snapshots;
mod tables;
mod transaction;
mod trim;
mod way;

use std::{
    cell::Cell,
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    time::{Duration, Instant},
};

use event_listener::Event;
use eventsource_core::{AppendError, EngineError};
use rusqlite::Connection;

pub(crate) use self::way::Writer;
use self::{
    inline::Reach,
    interned::Interned,
    job::{Done, Job, Outcome, nothing_known, refuse},
    settle::{failed_commit, is_new, is_refused, settle},
    transaction::Transaction,
};
use crate::{
    config::SqliteOptions,
    error::{Refusal, RolledBack, SharedFailure, ThreadPanicked, rejected, unavailable},
    guard::Guarded,
    schema, sql,
};

/// What bounds one transaction: the number of its jobs, and the bytes that they write.
const GROUP: usize = 4096;
const GROUP_BYTES: usize = 16 * 1024 * 1024;

/// A snapshot with more bytes, or a trim, has a transaction of its own, after that of the appends that wait.
const LARGE: usize = 64 * 1024;

enum Message {
    Job(Job),
    Close,
}

/// How long a transaction may have taken when handlers of another projection are to join it. The first ones always do: an
/// append that comes meanwhile waits for the rest of this transaction and for all of its own.
const WORK: Duration = Duration::from_millis(1);

/// How far a transaction has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Open,
    Committing,
    Committed,
}

/// How a transaction ended.
enum End {
    /// Committed.
    Committed(Vec<Outcome>),
    /// Nothing of it is stored.
    RolledBack(AppendError),
    /// The same, and this is why its only job has made it so.
    Undone(Outcome),
    /// The same: the projections that go with appends are too far from the end of the store to be brought there by it.
    Behind(AppendError),
    /// Nothing was begun.
    Refused(AppendError),
    /// Perhaps committed: it could not be settled, see [`settle`](settle()).
    Unknown(EngineError, Vec<Outcome>),
    /// Committed, but a test wants the answers to be lost.
    #[cfg(feature = "fault")]
    Lost(EngineError, Vec<Outcome>),
}

struct Thread {
    /// `None` after a failure that it could not be brought back from; it is opened again for the next group.
    connection: Option<Rc<Guarded>>,
    interned: Interned,
    options: Arc<SqliteOptions>,
    appended: Arc<Event>,
    phase: Cell<Phase>,
    /// A commit has failed, and what became of it could not be settled.
    unsettled: Arc<AtomicBool>,
}

impl Thread {
    fn new(
        connection: Guarded,
        options: Arc<SqliteOptions>,
        appended: Arc<Event>,
        unsettled: Arc<AtomicBool>,
    ) -> Self {
        Self {
            connection: Some(Rc::new(connection)),
            interned: Interned::default(),
            options,
            appended,
            phase: Cell::new(Phase::Open),
            unsettled,
        }
    }

    fn run(mut self, messages: &mpsc::Receiver<Message>) {
        // Large snapshots and trims. Between two of them, those that wait get their turn.
        let mut later = VecDeque::new();
        // What calls handlers; as much of it as there is time for goes with each group.
        let mut works = Vec::new();
        let mut go_on = true;
        while go_on || !later.is_empty() || !works.is_empty() {
            let (mut group, mut bytes) = (Vec::new(), 0);
            while go_on && group.len() < GROUP && bytes < GROUP_BYTES {
                let is_idle = group.is_empty() && later.is_empty() && works.is_empty();
                let message = if is_idle {
                    messages
                        .recv()
                        .map_err(|_| mpsc::TryRecvError::Disconnected)
                } else {
                    messages.try_recv()
                };
                match message {
                    Ok(Message::Job(job)) if !job.task.is_append() && job.task.bytes() > LARGE => {
                        later.push_back(job);
                    }
                    Ok(Message::Job(job)) if job.task.is_work() => works.push(job),
                    Ok(Message::Job(job)) => {
                        bytes += job.task.bytes();
                        group.push(job);
                    }
                    Ok(Message::Close) | Err(mpsc::TryRecvError::Disconnected) => go_on = false,
                    Err(mpsc::TryRecvError::Empty) => break,
                }
            }
            group.append(&mut works);
            works = self.write(group);
            if let Some(large) = later.pop_front() {
                self.write(vec![large]);
            }
        }
        if let Some(connection) = self.connection.take() {
            // Where another process still reads, the log stays as it is and loses nothing.
            drop(connection.query_row(sql::CHECKPOINT, [], |_| Ok(())));
        }
    }

    /// Those for which there was no time.
    fn write(&mut self, mut group: Vec<Job>) -> Vec<Job> {
        group.retain(|job| !job.is_abandoned());
        if group.is_empty() {
            return group;
        }
        for job in &mut group {
            job.begun = true;
        }
        let mut end = self.attempt(&group, Reach::Near);
        if matches!(end, End::Behind(_)) {
            end = match self.catch_up_with_others(&group) {
                Ok(()) => self.attempt(&group, Reach::Any),
                Err(error) => match Refusal::of(&error) {
                    // What needs no projection is done, and a key that was used before is answered.
                    Some(refusal) => self.attempt(&group, Reach::None(refusal)),
                    None => End::RolledBack(error),
                },
            };
        }
        match end {
            End::Committed(outcomes) => {
                let left = left(&mut group, &outcomes);
                for (job, outcome) in group.iter_mut().zip(outcomes) {
                    job.answer(outcome);
                }
                return left;
            }
            // One append may be what made the transaction fail: it is not to harm the others.
            End::RolledBack(_) | End::Behind(_) if group.len() > 1 => {
                for mut job in group {
                    job.begun = false;
                    self.write(vec![job]);
                }
            }
            End::RolledBack(error) | End::Behind(error) | End::Refused(error) => {
                refuse(group, error);
            }
            End::Undone(outcome) => {
                if let [only] = group.as_mut_slice() {
                    only.answer(outcome);
                }
            }
            End::Unknown(error, outcomes) => {
                let error = SharedFailure::new(error);
                let left = left(&mut group, &outcomes);
                for (job, outcome) in group.iter_mut().zip(outcomes) {
                    // A refusal may have been due to what is now unknown, but it is sure that nothing was stored.
                    job.answer(Err(if is_refused(&outcome) {
                        unavailable(error.clone())
                    } else {
                        AppendError::Unknown(error.clone().into())
                    }));
                }
                return left;
            }
            #[cfg(feature = "fault")]
            End::Lost(error, outcomes) => {
                let error = SharedFailure::new(error);
                let left = left(&mut group, &outcomes);
                for (job, outcome) in group.iter_mut().zip(outcomes) {
                    job.answer(if is_refused(&outcome) {
                        outcome
                    } else {
                        Err(AppendError::Unknown(error.clone().into()))
                    });
                }
                return left;
            }
        }
        Vec::new()
    }

    /// One transaction, after which the connection is outside of one, come what may.
    fn attempt(&mut self, group: &[Job], reach: Reach) -> End {
        self.phase.set(Phase::Open);
        let transact = || self.transact(group, reach);
        let end = catch_unwind(AssertUnwindSafe(transact));
        let end = end.unwrap_or_else(|_| {
            if self.phase.get() == Phase::Open {
                End::RolledBack(unavailable(ThreadPanicked))
            } else {
                let outcomes = group.iter().map(|_| Ok(nothing_known())).collect();
                End::Unknown(ThreadPanicked.into(), outcomes)
            }
        });
        self.leave_transaction();
        end
    }

    fn transact(&mut self, group: &[Job], reach: Reach) -> End {
        let connection = match &self.connection {
            Some(connection) => connection,
            None => match schema::open_writer(&self.options) {
                Ok(connection) => self.connection.insert(Rc::new(connection)),
                Err(error) => return End::Refused(unavailable(error)),
            },
        };
        if self.unsettled.load(Ordering::SeqCst) {
            if let Err(error) = settle(connection, None) {
                return End::Refused(unavailable(error));
            }
            self.unsettled.store(false, Ordering::SeqCst);
        }
        let begun = Transaction::begin(connection, &mut self.interned, &self.options);
        let mut transaction = match begun {
            Ok(transaction) => transaction,
            Err(error) => return End::Refused(rejected(error).into()),
        };
        transaction.reach = reach;
        let mut outcomes = Vec::with_capacity(group.len());
        let (start, mut has_worked) = (Instant::now(), false);
        for job in group {
            if job.task.is_work() {
                if has_worked && start.elapsed() >= WORK {
                    break;
                }
                has_worked = true;
            }
            let outcome = job.task.run(&mut transaction);
            if transaction.is_broken() {
                return match outcome {
                    Err(error) => End::RolledBack(error),
                    Ok(Done::Projection(Err(error))) if group.len() == 1 => {
                        End::Undone(Ok(Done::Projection(Err(error))))
                    }
                    // Alone it is told why.
                    Ok(_) => End::RolledBack(unavailable(RolledBack)),
                };
            }
            match outcome {
                Err(error) if transaction.behind => return End::Behind(error),
                outcome => outcomes.push(outcome),
            }
        }
        #[cfg(feature = "fault")]
        if let Err(error) = strike(
            &self.options,
            eventsource_core::fault::FaultPoint::BeforeCommit,
        ) {
            return End::RolledBack(error);
        }
        self.phase.set(Phase::Committing);
        if let Err(error) = commit(connection) {
            return failed_commit(connection, error, (group, outcomes), &self.unsettled);
        }
        self.phase.set(Phase::Committed);
        self.interned.committed();
        if outcomes.iter().any(is_new) {
            self.appended.notify(usize::MAX);
        }
        #[cfg(feature = "fault")]
        if let Err(AppendError::Unknown(error)) = strike(
            &self.options,
            eventsource_core::fault::FaultPoint::AfterCommit,
        ) {
            return End::Lost(error, outcomes);
        }
        End::Committed(outcomes)
    }

    fn leave_transaction(&mut self) {
        self.interned.undone();
        if let Some(connection) = &self.connection
            && !connection.is_autocommit()
            && connection.execute_batch(sql::ROLLBACK).is_err()
        {
            self.connection = None;
        }
    }
}

/// Those that were not begun after all.
fn left(group: &mut Vec<Job>, outcomes: &[Outcome]) -> Vec<Job> {
    let mut left = group.split_off(outcomes.len().min(group.len()));
    for job in &mut left {
        job.begun = false;
    }
    left
}

fn commit(connection: &Connection) -> rusqlite::Result<()> {
    connection.prepare_cached(sql::COMMIT)?.execute([])?;
    Ok(())
}

#[cfg(feature = "fault")]
fn strike(
    options: &SqliteOptions,
    point: eventsource_core::fault::FaultPoint,
) -> Result<(), AppendError> {
    options.faults.as_ref().map_or(Ok(()), |faults| {
        eventsource_core::fault::strike(&**faults, point)
    })
}
