//! The thread that writes: it takes all jobs that wait and commits them together.

mod interned;
mod job;
mod numbers;
mod settle;
mod snapshots;
mod transaction;
mod trim;

use std::{
    cell::Cell,
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
};

use event_listener::Event;
use eventsource_core::{
    Append, AppendError, EngineError, Keep, Receipt, SnapshotError, SnapshotRange, StoredSnapshot,
    StreamId, TrimError, Trimmed, Version,
};
use rusqlite::Connection;
use tokio::sync::oneshot;

use self::{
    interned::Interned,
    job::{Done, Job, Outcome, Task, mixed_up, nothing_known, refuse},
    settle::{failed_commit, is_new, settle},
    transaction::Transaction,
};
use crate::{
    config::SqliteOptions,
    error::{
        OpenError, SharedFailure, ThreadPanicked, not_trimmed, rejected, unavailable, unchanged,
    },
    schema, sql,
};

/// What bounds one transaction: the number of its jobs, and the bytes that they write.
const GROUP: usize = 4096;
const GROUP_BYTES: usize = 16 * 1024 * 1024;

/// A snapshot with more bytes, or a trim, has a transaction of its own, after that of the appends that wait.
const LARGE: usize = 64 * 1024;

/// The way to the thread.
#[derive(Debug)]
pub(crate) struct Writer {
    queue: mpsc::Sender<Message>,
    unsettled: Arc<AtomicBool>,
}

enum Message {
    Job(Job),
    Close,
}

impl Writer {
    /// Opens the file on a new thread. The second value resolves once that thread has ended.
    pub(crate) async fn open(
        options: Arc<SqliteOptions>,
        appended: Arc<Event>,
    ) -> Result<(Self, oneshot::Receiver<()>), OpenError> {
        let (queue, messages) = mpsc::channel();
        let (opened, is_open) = oneshot::channel();
        let (ended, has_ended) = oneshot::channel::<()>();
        let path = options.path.clone();
        let unsettled = Arc::new(AtomicBool::new(false));
        let shared = Arc::clone(&unsettled);
        let run = move || {
            match schema::open_writer(&options) {
                Ok(connection) => {
                    if opened.send(Ok(())).is_ok() {
                        Thread::new(connection, options, appended, shared).run(&messages);
                    }
                }
                // Nobody waits for it where the send fails.
                Err(error) => drop(opened.send(Err(error))),
            }
            drop(ended);
        };
        thread::Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(run)
            .map_err(|error| OpenError::engine(&path, error))?;
        is_open
            .await
            .unwrap_or_else(|_| Err(OpenError::engine(&path, ThreadPanicked)))?;
        Ok((Self { queue, unsettled }, has_ended))
    }

    pub(crate) async fn append(&self, append: Append) -> Result<Receipt, AppendError> {
        match self.done(Task::Append(append)).await? {
            Done::Appended(receipt) => Ok(receipt),
            Done::Snapshots(_) | Done::Trimmed(_) => Err(AppendError::Unknown(mixed_up())),
        }
    }

    pub(crate) async fn save_snapshot(
        &self,
        snapshot: StoredSnapshot,
        keep: Keep,
    ) -> Result<(), SnapshotError> {
        let task = Task::SaveSnapshot(Box::new(snapshot), keep);
        self.done(task).await.map(drop).map_err(unchanged)
    }

    pub(crate) async fn delete_snapshots(
        &self,
        range: SnapshotRange,
    ) -> Result<u64, SnapshotError> {
        match self.done(Task::DeleteSnapshots(range)).await {
            Ok(Done::Snapshots(count)) => Ok(count),
            Ok(Done::Appended(_) | Done::Trimmed(_)) => Err(SnapshotError::Unknown(mixed_up())),
            Err(error) => Err(unchanged(error)),
        }
    }

    pub(crate) async fn trim(
        &self,
        stream: StreamId,
        before: Version,
    ) -> Result<Trimmed, TrimError> {
        match self.done(Task::Trim(stream, before)).await {
            Ok(Done::Trimmed(outcome)) => outcome,
            Ok(Done::Appended(_) | Done::Snapshots(_)) => Err(TrimError::Unknown(mixed_up())),
            Err(error) => Err(not_trimmed(error)),
        }
    }

    async fn done(&self, task: Task) -> Outcome {
        let (job, answered) = Job::new(task);
        // What cannot be sent is dropped, and thereby answered.
        drop(self.queue.send(Message::Job(job)));
        answered
            .await
            .unwrap_or_else(|_| Err(AppendError::Unknown(ThreadPanicked.into())))
    }

    /// Whether a later look at the file may find a commit that nobody sees now. The thread settles that before it does
    /// anything else.
    pub(crate) fn is_unsettled(&self) -> bool {
        self.unsettled.load(Ordering::SeqCst)
    }

    /// Lets the thread end once it has done what was queued before.
    pub(crate) fn close(&self) {
        // It has ended already where the send fails.
        drop(self.queue.send(Message::Close));
    }
}

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
    connection: Option<Connection>,
    interned: Interned,
    options: Arc<SqliteOptions>,
    appended: Arc<Event>,
    phase: Cell<Phase>,
    /// A commit has failed, and what became of it could not be settled.
    unsettled: Arc<AtomicBool>,
}

impl Thread {
    fn new(
        connection: Connection,
        options: Arc<SqliteOptions>,
        appended: Arc<Event>,
        unsettled: Arc<AtomicBool>,
    ) -> Self {
        Self {
            connection: Some(connection),
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
        let mut go_on = true;
        while go_on || !later.is_empty() {
            let (mut group, mut bytes) = (Vec::new(), 0);
            while go_on && group.len() < GROUP && bytes < GROUP_BYTES {
                let message = if group.is_empty() && later.is_empty() {
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
                    Ok(Message::Job(job)) => {
                        bytes += job.task.bytes();
                        group.push(job);
                    }
                    Ok(Message::Close) | Err(mpsc::TryRecvError::Disconnected) => go_on = false,
                    Err(mpsc::TryRecvError::Empty) => break,
                }
            }
            self.write(group);
            if let Some(large) = later.pop_front() {
                self.write(vec![large]);
            }
        }
        if let Some(connection) = self.connection.take() {
            // Where another process still reads, the log stays as it is and loses nothing.
            drop(connection.query_row(sql::CHECKPOINT, [], |_| Ok(())));
        }
    }

    fn write(&mut self, mut group: Vec<Job>) {
        group.retain(|job| !job.is_abandoned());
        if group.is_empty() {
            return;
        }
        for job in &mut group {
            job.begun = true;
        }
        match self.attempt(&group) {
            End::Committed(outcomes) => {
                for (job, outcome) in group.iter_mut().zip(outcomes) {
                    job.answer(outcome);
                }
            }
            // One append may be what made the transaction fail: it is not to harm the others.
            End::RolledBack(_) if group.len() > 1 => {
                for mut job in group {
                    job.begun = false;
                    self.write(vec![job]);
                }
            }
            End::RolledBack(error) | End::Refused(error) => refuse(group, error),
            End::Unknown(error, outcomes) => {
                let error = SharedFailure::new(error);
                for (job, outcome) in group.iter_mut().zip(outcomes) {
                    // A refusal may have been due to what is now unknown, but it is sure that nothing was stored.
                    job.answer(Err(match outcome {
                        Ok(_) => AppendError::Unknown(error.clone().into()),
                        Err(_) => unavailable(error.clone()),
                    }));
                }
            }
            #[cfg(feature = "fault")]
            End::Lost(error, outcomes) => {
                let error = SharedFailure::new(error);
                for (job, outcome) in group.iter_mut().zip(outcomes) {
                    job.answer(
                        outcome.and_then(|_| Err(AppendError::Unknown(error.clone().into()))),
                    );
                }
            }
        }
    }

    /// One transaction, after which the connection is outside of one, come what may.
    fn attempt(&mut self, group: &[Job]) -> End {
        self.phase.set(Phase::Open);
        let end = catch_unwind(AssertUnwindSafe(|| self.transact(group)));
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

    fn transact(&mut self, group: &[Job]) -> End {
        let connection = match &self.connection {
            Some(connection) => connection,
            None => match schema::open_writer(&self.options) {
                Ok(connection) => self.connection.insert(connection),
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
        let mut outcomes = Vec::with_capacity(group.len());
        for job in group {
            let outcome = job.task.run(&mut transaction);
            match outcome {
                Err(error) if transaction.is_broken() => return End::RolledBack(error),
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
