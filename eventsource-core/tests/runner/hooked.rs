//! A read model in memory that takes an event in by two halves, and what a test does between them.

use std::{
    future::Future,
    pin::pin,
    sync::{Arc, Mutex, OnceLock},
    task::{Context, Waker},
};

use eventsource_core::{
    InMemory, Projection, RunnerHandle,
    projection::{Envelope, Project},
};

use crate::domain::{Filled, Jar, Labelled};

/// What is done between the two halves of an event.
type Between = Box<dyn FnMut(&Filled) + Send>;

#[derive(Projection)]
#[projection(
    name = "hooked",
    version = 1,
    from(Jar),
    events(Filled),
    ignores(Labelled)
)]
pub(crate) struct Hooked {
    pub(crate) halves: i64,
    hook: Hook,
}

impl Project<Filled> for Hooked {
    fn project(&mut self, event: &Filled, _: &Envelope<'_>) {
        self.halves += event.coins;
        self.hook.fire(event);
        self.halves += event.coins;
    }
}

/// What a test does in the handlers of all builds of a model.
#[derive(Clone, Default)]
pub(crate) struct Hook {
    between: Arc<Mutex<Option<Between>>>,
    runner: Arc<OnceLock<RunnerHandle>>,
    /// One more for each build that there is.
    builds: Arc<()>,
}

impl Hook {
    pub(crate) fn model(&self) -> InMemory<Hooked> {
        let hook = self.clone();
        InMemory::new(move || Hooked {
            halves: 0,
            hook: hook.clone(),
        })
    }

    /// How many builds there are, with this hook and that of the model.
    pub(crate) fn count(&self) -> usize {
        Arc::strong_count(&self.builds)
    }

    pub(crate) fn runs_in(&self, runner: &RunnerHandle) {
        assert!(self.runner.set(runner.clone()).is_ok(), "it is set once");
    }

    /// What is done from now on.
    pub(crate) fn does(&self, between: impl FnMut(&Filled) + Send + 'static) {
        *self.between.lock().expect("it is let go before a panic") = Some(Box::new(between));
    }

    pub(crate) fn does_nothing(&self) {
        *self.between.lock().expect("it is let go before a panic") = None;
    }

    /// At the event of this number from now on, from 1, a pause is asked for, and then this is done.
    pub(crate) fn pauses_at(&self, number: u32, then: impl Fn() + Send + 'static) {
        let (runner, mut events) = (Arc::clone(&self.runner), 0);
        self.does(move |_| {
            events += 1;
            if events == number {
                let runner = runner.get().expect("it is known before the first event");
                // It is asked for at once; nobody can wait for that from within.
                let mut pause = pin!(runner.pause("hooked"));
                let paused = pause.as_mut().poll(&mut Context::from_waker(Waker::noop()));
                assert!(paused.is_pending(), "it has not paused while it is here");
                then();
            }
        });
    }

    fn fire(&self, event: &Filled) {
        // Not under the lock: what is done may panic.
        let between = self.between.lock().expect("it is let go before").take();
        if let Some(mut between) = between {
            let mut back = PutBack {
                place: &self.between,
                between: None,
            };
            between(event);
            back.between = Some(between);
        }
    }
}

/// What panics is done once.
struct PutBack<'a> {
    place: &'a Mutex<Option<Between>>,
    between: Option<Between>,
}

impl Drop for PutBack<'_> {
    fn drop(&mut self) {
        if let Some(between) = self.between.take() {
            let mut place = self.place.lock().expect("it is let go before a panic");
            place.get_or_insert(between);
        }
    }
}
