//! The history of a scenario: what was given, stored, read back and folded.

use std::panic::Location;

use eventsource_core::{Aggregate, Parts, Timestamp};

use super::{
    check::Checks,
    checks::event::{event, given_stored},
    command::Command,
    journal::{Journal, Stored},
    report::{How, text::chain},
    run::{apply, decoded, decoded_one, encoded},
    setup::{Given, Source},
    unplayable::Unplayable,
};

/// An event of the history: as it lies in the store, and as it is read today.
pub(super) struct Known<A: Aggregate> {
    pub(super) stored: Stored,
    pub(super) parts: Parts<A::Event>,
    pub(super) at: &'static Location<'static>,
    pub(super) occurred_at: Timestamp,
    pub(super) how: How,
}

/// An event that is about to be stored.
struct Written<A: Aggregate> {
    /// As it was given, where it was given as an event.
    typed: Option<A::Event>,
    stored: Stored,
    at: &'static Location<'static>,
    occurred_at: Timestamp,
    how: How,
}

/// Stores the history and reads it back.
pub(super) fn history<A: Aggregate>(
    given: Vec<Given<A>>,
    journal: &mut Journal,
    checks: &mut Checks,
) -> Result<Vec<Known<A>>, Unplayable> {
    let written = written(given, checks)?;
    if written.is_empty() {
        return Ok(Vec::new());
    }
    let appended = written
        .iter()
        .map(|event| (event.stored.clone(), event.occurred_at));
    let read = journal
        .append(appended.collect())
        .map_err(|why| Unplayable::Refused {
            history: written.iter().map(|event| event.stored.clone()).collect(),
            why,
        })?;
    let mut history = Vec::with_capacity(read.len());
    for (place, (written, stored)) in written.into_iter().zip(&read).enumerate() {
        let unread = |why| Unplayable::unread(&read, place, written.at, why);
        let parts = if let Some(typed) = written.typed {
            let back = decoded_one::<A>(stored).map_err(unread)?;
            event::<A>(&typed, stored, &back, checks);
            Parts::one(back)
        } else {
            let parts = decoded::<A>(stored).map_err(|error| unread(chain(&error)))?;
            given_stored::<A>(stored, parts.as_slice(), checks);
            parts
        };
        history.push(Known {
            stored: stored.clone(),
            parts,
            at: written.at,
            occurred_at: written.occurred_at,
            how: written.how,
        });
    }
    Ok(history)
}

/// What is to be stored, in order; the commands among it are decided on what comes before them.
fn written<A: Aggregate>(
    given: Vec<Given<A>>,
    checks: &mut Checks,
) -> Result<Vec<Written<A>>, Unplayable> {
    let mut all: Vec<Written<A>> = Vec::with_capacity(given.len());
    let mut so_far = SoFar::nothing();
    for Given {
        source,
        at,
        occurred_at,
    } in given
    {
        let (events, how) = match source {
            Source::Stored(stored) => {
                all.push(Written {
                    typed: None,
                    stored,
                    at,
                    occurred_at,
                    how: How::Given,
                });
                continue;
            }
            Source::Typed(event) => (vec![event], How::Given),
            Source::Command(command) => (
                so_far.decide(&command, &all, at, checks)?,
                How::By(command.name),
            ),
        };
        for event in events {
            let stored = encoded(&event).map_err(|error| Unplayable::Unwritten {
                place: all.len(),
                at,
                why: chain(&error),
            })?;
            all.push(Written {
                typed: Some(event),
                stored,
                at,
                occurred_at,
                how,
            });
        }
    }
    Ok(all)
}

/// The state that a given command meets.
struct SoFar<A> {
    state: Option<A>,
    /// How many events are in it.
    folded: usize,
    exists: bool,
}

impl<A: Aggregate> SoFar<A> {
    fn nothing() -> Self {
        Self {
            state: None,
            folded: 0,
            exists: false,
        }
    }

    fn decide(
        &mut self,
        command: &Command<A>,
        all: &[Written<A>],
        at: &'static Location<'static>,
        checks: &mut Checks,
    ) -> Result<Vec<A::Event>, Unplayable> {
        let history = || -> Vec<Stored> { all.iter().map(|event| event.stored.clone()).collect() };
        if self.folded == 0 {
            self.state = A::initial();
        }
        for (place, event) in all.iter().enumerate().skip(self.folded) {
            let unread = |why| Unplayable::unread(&history(), place, event.at, why);
            for part in decoded::<A>(&event.stored).map_err(|error| unread(chain(&error)))? {
                apply(&mut self.state, &part, checks)
                    .map_err(|stop| Unplayable::unfit(history(), place, event.at, &stop))?;
                self.exists = true;
            }
        }
        self.folded = all.len();
        if command.creates && self.exists {
            return Err(Unplayable::Exists {
                history: history(),
                command: command.name,
            });
        }
        match command.decide(self.state.as_ref()) {
            Some(Ok(events)) => Ok(events.into_vec()),
            Some(Err(refusal)) => Err(Unplayable::GivenRefused {
                history: history(),
                command: command.name,
                at,
                words: chain(&refusal),
                refusal: format!("{refusal:?}"),
            }),
            None => Err(Unplayable::NoState {
                history: history(),
                command: command.name,
            }),
        }
    }
}

/// The state of the history.
pub(super) fn state_of<A: Aggregate>(
    given: &[Known<A>],
    checks: &mut Checks,
) -> Result<Option<A>, Unplayable> {
    let mut state = A::initial();
    for (place, known) in given.iter().enumerate() {
        for part in &known.parts {
            apply(&mut state, part, checks).map_err(|stop| {
                let history = given.iter().map(|known| known.stored.clone());
                Unplayable::unfit(history.collect(), place, known.at, &stop)
            })?;
        }
    }
    Ok(state)
}
