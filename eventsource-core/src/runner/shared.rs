//! What the worker of a projection and the handle on it share: what is wanted of the one, what the other is to know.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use event_listener::{Event, EventListener};

use crate::{
    runner::{
        LastError, ProjectionKind, ProjectionState, RebuildProgress, StopReason, command::Command,
        meter::Meter, signal, target::Target,
    },
    store::{Generation, StoredGeneration},
    stream::Position,
    text::ProjectionName,
    time::Timestamp,
};

/// What is wanted of a worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    Run,
    Pause,
    /// Nothing more, since it failed, until it is resumed.
    Rest,
    /// Nothing more at all.
    Stop,
}

pub(super) struct Shared {
    pub(super) name: ProjectionName,
    pub(super) kind: ProjectionKind,
    /// Where both are locked, it is locked before `board`.
    control: Mutex<Control>,
    /// There is something new in `control`.
    asked: Event,
    board: Mutex<Board>,
    /// There is something new on `board`.
    changed: Event,
}

struct Control {
    wanted: Wanted,
    commands: VecDeque<Command>,
    /// Nobody is there any more.
    ended: bool,
}

/// What is known of a projection.
pub(super) struct Board {
    pub(super) state: ProjectionState,
    /// The build that is read, as far as this runner has brought or seen it.
    pub(super) live: Option<Standing>,
    /// The same as another one has brought it, where that was looked at last. Only to be shown.
    pub(super) elsewhere: Option<Standing>,
    pub(super) rebuild: Option<RebuildProgress>,
    pub(super) last_error: Option<LastError>,
    pub(super) meter: Meter,
    /// The worker has ended, and nothing changes any more.
    pub(super) ended: bool,
}

/// What a projection did before, and what went wrong last.
type Before = (ProjectionState, Option<String>);

/// Where a build stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Standing {
    pub(super) generation: Generation,
    pub(super) version: u32,
    /// Everything up to there is taken in, parked or of no concern. The stored checkpoint may lie before it.
    pub(super) position: Option<Position>,
    pub(super) parked: u64,
}

impl Standing {
    pub(super) const fn of(stored: &StoredGeneration) -> Self {
        Self {
            generation: stored.generation,
            version: stored.version,
            position: stored.checkpoint,
            parked: stored.parked,
        }
    }
}

impl Shared {
    pub(super) fn new(name: ProjectionName, kind: ProjectionKind) -> Self {
        Self {
            name,
            kind,
            control: Mutex::new(Control {
                wanted: Wanted::Run,
                commands: VecDeque::new(),
                ended: false,
            }),
            asked: Event::new(),
            board: Mutex::new(Board {
                state: ProjectionState::Starting,
                live: None,
                elsewhere: None,
                rebuild: None,
                last_error: None,
                meter: Meter::default(),
                ended: false,
            }),
            changed: Event::new(),
        }
    }

    /// Nothing that is done under these locks can panic half-way.
    fn control(&self) -> MutexGuard<'_, Control> {
        self.control.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn board(&self) -> MutexGuard<'_, Board> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn wanted(&self) -> Wanted {
        self.control().wanted
    }

    /// Wants something else, unless it is to stop: that is final.
    pub(super) fn want(&self, change: impl FnOnce(Wanted) -> Wanted) {
        {
            let mut control = self.control();
            if control.wanted == Wanted::Stop {
                return;
            }
            control.wanted = change(control.wanted);
        }
        self.asked.notify(usize::MAX);
    }

    /// Goes on after a pause, or after it has stopped.
    pub(super) fn resume(&self) {
        let rests = |board: &Board| {
            use ProjectionState::{Paused, Stopped};
            matches!(board.state, Paused | Stopped(_)) && !board.ended
        };
        if self.look(rests) {
            signal::resumed(self);
        }
        {
            let mut control = self.control();
            if control.wanted == Wanted::Stop {
                return;
            }
            // Before the worker can know of it: what it says from then on is newer, and stands.
            self.publish(|board| {
                if rests(board) {
                    board.state = ProjectionState::Starting;
                    signal::stands(self, board);
                }
            });
            control.wanted = Wanted::Run;
        }
        self.asked.notify(usize::MAX);
        // Who waits for a pause need not wait any more.
        self.changed.notify(usize::MAX);
    }

    /// Asks for something. Where nobody is there, the command is dropped, and its reply says so.
    pub(super) fn ask(&self, command: Command) {
        {
            let mut control = self.control();
            if control.ended {
                return;
            }
            control.commands.push_back(command);
        }
        self.asked.notify(usize::MAX);
    }

    pub(super) fn next_command(&self) -> Option<Command> {
        self.control().commands.pop_front()
    }

    /// Wakes when something is asked from now on.
    pub(super) fn asked(&self) -> EventListener {
        self.asked.listen()
    }

    /// Wakes when something changes from now on.
    pub(super) fn changed(&self) -> EventListener {
        self.changed.listen()
    }

    pub(super) fn look<T>(&self, look: impl FnOnce(&Board) -> T) -> T {
        look(&self.board())
    }

    pub(super) fn publish<T>(&self, change: impl FnOnce(&mut Board) -> T) -> T {
        let done = change(&mut self.board());
        self.changed.notify(usize::MAX);
        done
    }

    /// What is kept of it was looked at. Nobody is woken for that: whoever waits looks by itself.
    pub(super) fn is_kept(&self, live: Option<Standing>) {
        self.board().elsewhere = live;
    }

    pub(super) fn note(&self, error: String, at: Timestamp) {
        self.publish(|board| {
            board.last_error = Some(LastError {
                error,
                event: None,
                at,
            });
        });
    }

    pub(super) fn set(&self, state: ProjectionState) {
        let now = state.clone();
        let before = self.put(state);
        self.tell(before, &now);
    }

    /// It is paused, as long as it is to be.
    pub(super) fn pauses(&self) {
        let before = {
            let control = self.control();
            let is_said = |board: &Board| matches!(board.state, ProjectionState::Paused);
            if control.wanted != Wanted::Pause || self.look(is_said) {
                return;
            }
            self.put(ProjectionState::Paused)
        };
        self.tell(before, &ProjectionState::Paused);
    }

    fn put(&self, state: ProjectionState) -> Before {
        self.publish(|board| {
            let before = std::mem::replace(&mut board.state, state);
            signal::stands(self, board);
            let error = board.last_error.as_ref();
            (before, error.map(|last| last.error.clone()))
        })
    }

    /// Not under a lock: a subscriber may take its time.
    fn tell(&self, (before, error): Before, now: &ProjectionState) {
        signal::state(self, &before, now, error.as_deref());
    }

    /// The worker is gone, and so are commands that it has not answered.
    fn end(&self, reason: StopReason) {
        self.want(|_| Wanted::Stop);
        self.set(ProjectionState::Stopped(reason));
        self.publish(|board| board.ended = true);
        let unanswered = {
            let mut control = self.control();
            control.ended = true;
            std::mem::take(&mut control.commands)
        };
        drop(unanswered);
    }
}

/// Says that the worker has ended, however it did.
pub(super) struct Ending(Option<(Arc<Shared>, Arc<dyn Target>)>);

impl Ending {
    pub(super) fn of(shared: &Arc<Shared>, target: &Arc<dyn Target>) -> Self {
        Self(Some((Arc::clone(shared), Arc::clone(target))))
    }

    /// It ended as it was to.
    pub(super) fn regular(mut self, reason: StopReason) {
        self.end(reason);
    }

    fn end(&mut self, reason: StopReason) {
        if let Some((shared, target)) = self.0.take() {
            // Before anybody can know that it has ended.
            target.ended();
            shared.end(reason);
        }
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        self.end(StopReason::Vanished);
    }
}
