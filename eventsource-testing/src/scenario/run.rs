//! Plays a scenario: the history goes into the store and comes out again, the command is decided on it, and what was
//! decided takes the same way. Nothing is compared with an expectation here.

use std::panic::Location;

use eventsource_core::{
    Aggregate, AggregateEvent, DecodeError, EncodeError, Parts, Recorded, StoredPayload,
};

use super::{
    check::{Check, Checks},
    checks::{
        concurrent,
        cuts::every_cut,
        event::event,
        fold::{Stop, fold},
        metadata::metadata,
        pure_decision::pure_decision,
        replay::{folds_alike, replay},
    },
    command::Command,
    history::{Known, history, state_of},
    journal::{Journal, Name, Stored},
    report::{How, text::chain},
    setup::{Given, Setup, Source, World},
    unplayable::Unplayable,
};
use crate::payloads::seen;

/// A scenario that was played.
pub(super) struct Run<A: Aggregate> {
    pub(super) command: Command<A>,
    pub(super) given: Vec<Known<A>>,
    /// The state at the time of the decision.
    pub(super) before: Option<A>,
    /// The state after it.
    pub(super) after: Option<A>,
    pub(super) came: Came<A>,
    /// What a repository recorded when it executed the command.
    pub(super) recorded: Vec<Recorded>,
    pub(super) checks: Checks,
    pub(super) world: World,
}

/// What came of the command.
pub(super) enum Came<A: Aggregate> {
    Events(Made<A>),
    Refusal(A::Error),
    /// Events that could not be stored and read; the checks have the reason.
    Broken,
}

/// The events that the command made happen: each as it is stored, as it was decided, as it was read.
pub(super) struct Made<A: Aggregate> {
    pub(super) stored: Vec<Stored>,
    pub(super) decided: Vec<A::Event>,
    pub(super) read: Vec<A::Event>,
    /// A check has found that it is not read as it was decided, so that this need not be said twice.
    pub(super) flawed: Vec<bool>,
}

/// Plays the command on the history, with all checks.
pub(super) fn play<A: Aggregate>(
    setup: Setup<A>,
    command: Command<A>,
) -> Result<Run<A>, Unplayable> {
    let Setup {
        mut given,
        world,
        meanwhile,
    } = setup;
    let mut checks = Checks::with(world.settings);
    let mut journal = if checks.is_on(Check::Append) {
        Journal::in_store(world.stream.clone())
    } else {
        Journal::beside_store()
    };
    let race = meanwhile.map(|meanwhile| {
        let occurred_at = world.now;
        let typed = |event| Given {
            source: Source::Typed(event),
            at: meanwhile.at,
            occurred_at,
        };
        let others = meanwhile.events.into_iter().map(typed).collect::<Vec<_>>();
        let count = others.len();
        given.extend(others);
        (meanwhile.play, count)
    });
    let mut given = history(given, &mut journal, &mut checks)?;
    let race = race.map(|(race, count)| {
        let before = given.len() - count;
        for other in &mut given[before..] {
            other.how = How::Meanwhile;
        }
        checks
            .is_on(Check::Concurrent)
            .then(|| race(&journal, before, &world, &command))
    });
    let first = journal.len();
    let before = state_of(&given, &mut checks)?;
    // A second fold is the living state, so that what the handler does to it can be compared with the first.
    let mut living = state_of(&given, &mut checks)?;
    let alike = folds_alike(before.as_ref(), living.as_ref(), &mut checks);
    if command.creates && given.iter().any(|known| !known.parts.is_empty()) {
        return Err(Unplayable::exists(given, command.name));
    }
    let Some(decision) = command.decide(living.as_ref()) else {
        return Err(Unplayable::no_state(given, command.name));
    };
    if checks.is_on(Check::PureDecision)
        && let Some(second) = command.decide(living.as_ref())
    {
        let states = alike.then_some((before.as_ref(), living.as_ref()));
        pure_decision::<A>(&decision, &second, states, &mut checks);
    }
    let came = match decision {
        Err(refusal) => Came::Refusal(refusal),
        Ok(events) => {
            let events = events.into_vec();
            match store(events, &world, &mut journal, &mut living, &mut checks) {
                Ok(made) => Came::Events(made),
                Err(Unstored { why, hint, check }) => {
                    checks.find(check, why, hint);
                    Came::Broken
                }
            }
        }
    };
    let mut run = Run {
        command,
        given,
        before,
        after: living,
        came,
        recorded: Vec::new(),
        checks,
        world,
    };
    if !matches!(run.came, Came::Broken) {
        run.look_at_the_whole(&journal, alike);
        run.execute(&journal, first);
    }
    if let Some(Some(race)) = race {
        concurrent::settle(race, &run.came, &mut run.checks);
    }
    run.checks.demand();
    Ok(run)
}

impl<A: Aggregate> Run<A> {
    /// Whether the aggregate exists after the command: an event is left of its stream.
    pub(super) fn exists(&self) -> bool {
        let made = matches!(&self.came, Came::Events(made) if !made.read.is_empty());
        made || self.given.iter().any(|known| !known.parts.is_empty())
    }

    /// Offers what was stored as golden payloads. For a scenario that passed: what a check found wrong is no example.
    pub(super) fn offer_payloads(&self) {
        let made = match &self.came {
            Came::Events(made) => made.stored.as_slice(),
            _ => &[],
        };
        for stored in self.given.iter().map(|known| &known.stored).chain(made) {
            seen(
                stored.name.as_str(),
                stored.schema_version,
                stored.payload.bytes(),
            );
        }
    }

    /// The history as it is now and the world around it, for what comes next.
    pub(super) fn into_history(self, at: &'static Location<'static>) -> (Vec<Given<A>>, World) {
        let mut world = self.world;
        world.settings = self.checks.settings();
        let stored = |stored, at, occurred_at| Given {
            source: Source::Stored(stored),
            at,
            occurred_at,
        };
        let known = self.given.into_iter();
        let mut history: Vec<_> = known
            .map(|known| stored(known.stored, known.at, known.occurred_at))
            .collect();
        if let Came::Events(made) = self.came {
            let made = made.stored.into_iter();
            history.extend(made.map(|event| stored(event, at, world.now)));
        }
        (history, world)
    }

    /// The checks that fold the history with what came.
    fn look_at_the_whole(&mut self, journal: &Journal, alike: bool) {
        let Self {
            checks,
            given,
            came,
            after,
            ..
        } = self;
        if !alike {
            // Nothing that folds can be told from what is wrong with folding itself.
            for check in [Check::SplitFold, Check::Snapshot] {
                checks.no_subject(check, || {
                    "the history leads to another state each time".to_owned()
                });
            }
            return;
        }
        if checks.is_on(Check::Replay) {
            replay(journal, after.as_ref(), checks);
        }
        let made = match came {
            Came::Events(made) => made.read.as_slice(),
            _ => &[],
        };
        let parts = given.iter().flat_map(|known| &known.parts);
        let events: Vec<&A::Event> = parts.chain(made).collect();
        every_cut::<A>(&events, checks);
    }

    /// Lets a repository execute the command.
    fn execute(&mut self, journal: &Journal, first: usize) {
        if !self.checks.is_on(Check::Append) {
            let checks = &mut self.checks;
            return checks.no_subject(Check::Metadata, || "nothing is to be stored".to_owned());
        }
        let Self {
            came: Came::Events(made),
            world,
            command,
            checks,
            ..
        } = self
        else {
            return;
        };
        if !made.read.is_empty() && checks.is_on(Check::Metadata) {
            self.recorded = metadata(journal, first, world, command, made, checks);
        }
    }
}

/// Why the new events are not in the store.
struct Unstored {
    check: Option<Check>,
    why: String,
    hint: &'static str,
}

/// Stores the new events, reads them back, and changes the living state by them as they were decided.
fn store<A: Aggregate>(
    events: Vec<A::Event>,
    world: &World,
    journal: &mut Journal,
    living: &mut Option<A>,
    checks: &mut Checks,
) -> Result<Made<A>, Unstored> {
    let unstored = |check, why, hint| Unstored { check, why, hint };
    let mut written = Vec::with_capacity(events.len());
    for event in &events {
        let hint = "mend how the fields of the event are serialized: it has no JSON form";
        let stored = encoded(event).map_err(|error| unstored(None, chain(&error), hint))?;
        written.push((stored, world.now));
    }
    let stored = journal.append(written).map_err(|why| {
        let why = format!("the store did not take the new events: {why}");
        let hint = "mend the name or the size of the event; every store would refuse it";
        unstored(Some(Check::Append), why, hint)
    })?;
    if !stored.is_empty() {
        checks.looked(Check::Append);
    }
    let mut made = Made {
        read: Vec::with_capacity(events.len()),
        flawed: Vec::with_capacity(events.len()),
        decided: events,
        stored,
    };
    for (decided, stored) in made.decided.iter().zip(&made.stored) {
        apply(living, decided, checks).map_err(|stop| {
            let (check, hint) = match stop {
                Stop::Panic(_) => (Some(Check::NoPanic), NO_PANIC),
                Stop::Misfit(_) => (None, UNLOADABLE),
            };
            let why = format!("a new event does not fit the state: {}", stop.says());
            unstored(check, why, hint)
        })?;
        let read = decoded_one::<A>(stored).map_err(|why| {
            let why = format!("a new event was stored, but cannot be read: {why}");
            let hint =
                "mend how the event is deserialized: every later load of this stream would fail";
            unstored(None, why, hint)
        })?;
        made.flawed
            .push(!event::<A>(decided, stored, &read, checks));
        made.read.push(read);
    }
    Ok(made)
}

const UNLOADABLE: &str = "mend the handler: every later load of this stream would fail";
pub(super) const NO_PANIC: &str = "let `apply` take every event, and the handler refuse what must not happen: what is stored has \
                        happened, and every load of the stream would panic";

/// Applies an event; a panic is caught where that is to be checked.
pub(super) fn apply<A: Aggregate>(
    state: &mut Option<A>,
    event: &A::Event,
    checks: &mut Checks,
) -> Result<(), Stop> {
    if checks.is_on(Check::NoPanic) {
        checks.looked(Check::NoPanic);
        fold(state, &[event])
    } else {
        A::fold(state, event).map_err(Stop::Misfit)
    }
}

/// An event as it is to be stored.
pub(crate) fn encoded<E: AggregateEvent>(event: &E) -> Result<Stored, EncodeError> {
    let schema = event.schema();
    let mut json = Vec::with_capacity(128);
    event.encode(&mut json)?;
    Ok(Stored {
        name: Name::Of(schema),
        schema_version: schema.version,
        payload: StoredPayload::json(&json),
    })
}

/// A stored event that was written as one, and so is to be read as one.
pub(super) fn decoded_one<A: Aggregate>(stored: &Stored) -> Result<A::Event, String> {
    let parts = decoded::<A>(stored).map_err(|error| chain(&error))?;
    parts.into_one().map_err(|parts| {
        format!(
            "`{}` v{} was written as one event, and is read as {}",
            stored.name.as_str(),
            stored.schema_version,
            parts.len()
        )
    })
}

/// A stored event as the aggregate reads it.
pub(crate) fn decoded<A: Aggregate>(stored: &Stored) -> Result<Parts<A::Event>, DecodeError> {
    A::Event::decode(
        stored.name.as_str(),
        stored.schema_version,
        stored.payload.bytes(),
    )
}
