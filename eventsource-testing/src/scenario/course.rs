//! A history that comes about by commands, one after the other: each is a scenario of its own on what came before.

use std::{
    mem,
    panic::{AssertUnwindSafe, Location, catch_unwind},
};

use eventsource_core::Aggregate;

use super::{
    check::Check,
    checks::fold::text_of,
    command::Command,
    failure,
    report::{name::short, text::chain},
    run::{Came, play},
    setup::{Given, Setup, World},
};

/// The history so far.
pub(crate) struct Course<A: Aggregate> {
    given: Vec<Given<A>>,
    world: World,
    at: &'static Location<'static>,
    exists: bool,
}

/// What became of a command.
pub(crate) enum Step {
    /// It did not come to its handler: there is no aggregate yet that it could be decided on, or there is one already.
    OutOfPlace,
    /// It was refused, with these words.
    Refused(String),
    /// It was accepted, and made so many events happen.
    Accepted(usize),
}

/// What is wrong: in one line, and the rest of the text.
pub(crate) type Wrong = (String, String);

/// Something that holds for every state.
pub(crate) struct Invariant<A> {
    pub(crate) name: &'static str,
    pub(crate) holds: Box<dyn Fn(&A) -> bool>,
}

impl<A: Aggregate> Course<A> {
    /// Nothing has happened yet.
    pub(crate) fn new(off: &[Check], at: &'static Location<'static>) -> Self {
        let mut world = World::of::<A>();
        for check in off {
            world.settings.switch_off(*check);
        }
        Self {
            given: Vec::new(),
            world,
            at,
            exists: false,
        }
    }

    /// A command comes. All checks look at it; what it makes happen is then part of the history.
    ///
    /// After an error the course is over.
    pub(crate) fn step(
        &mut self,
        command: &Command<A>,
        invariants: &[Invariant<A>],
    ) -> Result<Step, Wrong> {
        if self.is_out_of_place(command) {
            return Ok(Step::OutOfPlace);
        }
        let played = catch_unwind(AssertUnwindSafe(|| self.play(command, invariants)));
        played.unwrap_or_else(|panic| {
            let line = format!("`{}` panicked: {}", short(command.name), text_of(&*panic));
            let hint =
                "  hint: let the handler refuse what cannot be done, and `apply` take every event";
            Err((line, hint.to_owned()))
        })
    }

    fn is_out_of_place(&self, command: &Command<A>) -> bool {
        if command.creates {
            self.exists
        } else {
            !self.exists && A::initial().is_none()
        }
    }

    fn play(&mut self, command: &Command<A>, invariants: &[Invariant<A>]) -> Result<Step, Wrong> {
        let setup = Setup {
            given: mem::take(&mut self.given),
            world: self.world.clone(),
            meanwhile: None,
        };
        let run = play(setup, command.clone())
            .map_err(|why| failure::told(why.report::<A>(command.name)))?;
        if let Some(wrong) = failure::found(&run) {
            return Err(wrong);
        }
        let step = match &run.came {
            Came::Refusal(refusal) => Step::Refused(chain(refusal)),
            Came::Events(made) => Step::Accepted(made.stored.len()),
            Came::Broken => unreachable!("what is broken is a finding"),
        };
        if let (Step::Accepted(1..), Some(state)) = (&step, &run.after)
            && let Some(broken) = invariants.iter().find(|one| !(one.holds)(state))
        {
            return Err(failure::broken_invariant(&run, broken.name));
        }
        self.exists = run.exists();
        self.given = run.into_history(self.at).0;
        Ok(step)
    }
}
