//! The way to the thread that writes.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread::{self, ThreadId},
    time::Duration,
};

use event_listener::Event;
use eventsource_core::{
    Advance, AdvanceError, Append, AppendError, Build, Fence, Generation, Keep, Lease, LeaseError,
    LeaseHolder, LeaseName, ProjectionName, ProjectionStoreError, ReadModelWork, Receipt,
    SnapshotError, SnapshotRange, StoredGeneration, StoredSnapshot, StreamId, TrimError, Trimmed,
    Version,
};
use tokio::sync::oneshot;

use super::{
    Message, Thread,
    generations::GenerationTask,
    job::{Done, Job, Outcome, Task, mixed_up},
    leases::LeaseTask,
    projections::ProjectionTask,
};
use crate::{
    config::SqliteOptions,
    error::{
        OpenError, ThreadPanicked, WithinHandler, failed, not_kept, not_leased, not_trimmed,
        unchanged,
    },
    schema,
    tx::SqliteTx,
};

/// The way to the thread.
#[derive(Debug)]
pub(crate) struct Writer {
    queue: mpsc::Sender<Message>,
    unsettled: Arc<AtomicBool>,
    thread: ThreadId,
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
                    let mut thread = Thread::new(connection, options, appended, shared);
                    let is_ready = thread.catch_up(|| !opened.is_closed());
                    let is_open = is_ready.is_ok();
                    if opened.send(is_ready).is_ok() && is_open {
                        thread.run(&messages);
                    }
                }
                // Nobody waits for it where the send fails.
                Err(error) => drop(opened.send(Err(error))),
            }
            drop(ended);
        };
        let writer = thread::Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(run)
            .map_err(|error| OpenError::engine(&path, error))?;
        is_open
            .await
            .unwrap_or_else(|_| Err(OpenError::engine(&path, ThreadPanicked)))?;
        let thread = writer.thread().id();
        let writer = Self {
            queue,
            unsettled,
            thread,
        };
        Ok((writer, has_ended))
    }

    pub(crate) async fn append(&self, append: Append) -> Result<Receipt, AppendError> {
        match self.done(Task::Append(append)).await? {
            Done::Appended(receipt) => Ok(receipt),
            _ => Err(AppendError::Unknown(mixed_up())),
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
            Ok(_) => Err(SnapshotError::Unknown(mixed_up())),
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
            Ok(_) => Err(TrimError::Unknown(mixed_up())),
            Err(error) => Err(not_trimmed(error)),
        }
    }

    pub(crate) async fn begin_generation(
        &self,
        build: Build,
    ) -> Result<StoredGeneration, ProjectionStoreError> {
        let task = GenerationTask::Begin(build);
        let begun = self.projection(ProjectionTask::Generation(task)).await;
        match only_kept(begun)? {
            Some(begun) => Ok(begun),
            None => Err(ProjectionStoreError::Unknown(mixed_up())),
        }
    }

    pub(crate) async fn advance(&self, advance: Advance) -> Result<(), ProjectionStoreError> {
        let advanced = self.projection(ProjectionTask::Advance(advance)).await;
        only_kept(advanced).map(drop)
    }

    pub(crate) async fn advance_in(
        &self,
        advance: Advance,
        work: ReadModelWork<SqliteTx>,
    ) -> Result<(), AdvanceError> {
        let task = ProjectionTask::AdvanceIn(advance, work);
        self.projection(task).await.map(drop)
    }

    pub(crate) async fn switch_to(
        &self,
        projection: ProjectionName,
        generation: Generation,
        fence: Option<Fence>,
    ) -> Result<(), ProjectionStoreError> {
        let task = GenerationTask::Switch(projection, generation, fence);
        let switched = self.projection(ProjectionTask::Generation(task)).await;
        only_kept(switched).map(drop)
    }

    pub(crate) async fn drop_generation(
        &self,
        projection: ProjectionName,
        generation: Generation,
        fence: Option<Fence>,
    ) -> Result<(), ProjectionStoreError> {
        let task = GenerationTask::Drop(projection, generation, fence);
        let dropped = self.projection(ProjectionTask::Generation(task)).await;
        only_kept(dropped).map(drop)
    }

    pub(crate) async fn delete_projection(
        &self,
        projection: ProjectionName,
        fence: Option<Fence>,
    ) -> Result<(), ProjectionStoreError> {
        let task = GenerationTask::Delete(projection, fence);
        let deleted = self.projection(ProjectionTask::Generation(task)).await;
        only_kept(deleted).map(drop)
    }

    async fn projection(
        &self,
        task: ProjectionTask,
    ) -> Result<Option<StoredGeneration>, AdvanceError> {
        match self.done(Task::Projection(Box::new(task))).await {
            Ok(Done::Projection(outcome)) => outcome,
            Ok(_) => Err(ProjectionStoreError::Unknown(mixed_up()).into()),
            Err(error) => Err(not_kept(error).into()),
        }
    }

    pub(crate) async fn acquire_lease(
        &self,
        name: LeaseName,
        holder: LeaseHolder,
        time: Duration,
    ) -> Result<Lease, LeaseError> {
        self.lease(LeaseTask::Acquire(name, holder, time)).await
    }

    pub(crate) async fn renew_lease(
        &self,
        lease: Lease,
        time: Duration,
    ) -> Result<Lease, LeaseError> {
        self.lease(LeaseTask::Renew(lease, time)).await
    }

    pub(crate) async fn release_lease(&self, lease: Lease) -> Result<(), LeaseError> {
        self.lease(LeaseTask::Release(lease)).await.map(drop)
    }

    async fn lease(&self, task: LeaseTask) -> Result<Lease, LeaseError> {
        match self.done(Task::Lease(Box::new(task))).await {
            Ok(Done::Leased(outcome)) => outcome,
            Ok(_) => Err(LeaseError::Unknown(mixed_up())),
            Err(error) => Err(not_leased(error)),
        }
    }

    async fn done(&self, task: Task) -> Outcome {
        // A handler that waits here holds up the thread for which it waits.
        if thread::current().id() == self.thread {
            return Err(failed(WithinHandler));
        }
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

/// Where no handler was called, none can have failed.
fn only_kept<T>(outcome: Result<T, AdvanceError>) -> Result<T, ProjectionStoreError> {
    outcome.map_err(|error| match error {
        AdvanceError::Store(error) => error,
        other => ProjectionStoreError::Engine {
            source: other.into(),
        },
    })
}
