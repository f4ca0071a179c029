//! Plays a scenario: the history goes into the store and comes out again, the command is decided on it, and what was
//! decided takes the same way. Nothing is compared with an expectation here.

use std::panic::Location;

use eventsource_core::{
    Aggregate, AggregateEvent, Decision, DecodeError, EncodeError, Parts, StoredPayload,
};

use super::{
    audit,
    check::{Check, Checks},
    journal::{Journal, Name, Stored},
    report::text::chain,
    setup::{Given, Setup, Source},
};

/// A scenario that was played.
pub(super) struct Run<A: Aggregate> {
    /// The type name of the command.
    pub(super) command: &'static str,
    pub(super) given: Vec<Known<A>>,
    /// The state at the time of the decision.
    pub(super) before: Option<A>,
    /// The state after it.
    pub(super) after: Option<A>,
    pub(super) came: Came<A>,
    pub(super) checks: Checks,
}

/// What came of the command.
pub(super) enum Came<A: Aggregate> {
    Events(Vec<Made<A>>),
    Refusal(A::Error),
    /// Events that could not be stored and read; the checks have the reason.
    Broken,
}

/// An event of the history: as it lies in the store, and as it is read today.
pub(super) struct Known<A: Aggregate> {
    pub(super) stored: Stored,
    pub(super) parts: Parts<A::Event>,
    pub(super) at: &'static Location<'static>,
}

/// An event that the command made happen.
pub(super) struct Made<A: Aggregate> {
    pub(super) stored: Stored,
    pub(super) decided: A::Event,
    pub(super) read: A::Event,
    /// A check has found that it is not read as it was decided, so that this need not be said twice.
    pub(super) flawed: bool,
}

pub(super) const CANNOT_BE_READ: &str = "cannot be read";

/// Why a scenario could not be played.
pub(super) enum Unplayable {
    /// An event of the history cannot be written.
    Unwritten {
        place: usize,
        at: &'static Location<'static>,
        why: String,
    },
    /// The store does not take the history.
    Refused { history: Vec<Stored>, why: String },
    /// An event of the history cannot be read, or does not fit the state that it meets.
    Unread {
        history: Vec<Stored>,
        place: usize,
        at: &'static Location<'static>,
        what: &'static str,
        why: String,
    },
    /// The command needs a state, and there is none.
    NoState { history: Vec<Stored> },
    /// The command creates the aggregate, and there is a history.
    Exists { history: Vec<Stored> },
}

/// Decides the command of the scenario on a state, which only a command that creates needs not have.
pub(super) type Decide<'a, A> = &'a dyn Fn(Option<&A>) -> Option<Decision<A>>;

pub(super) fn play<A: Aggregate>(
    setup: Setup<A>,
    command: &'static str,
    decide: Decide<'_, A>,
) -> Result<Run<A>, Unplayable> {
    let Setup {
        given,
        stream,
        mut checks,
    } = setup;
    let mut journal = if checks.is_on(Check::Append) {
        Journal::in_store(stream)
    } else {
        Journal::beside_store()
    };
    let given = history(given, &mut journal, &mut checks)?;
    let before = state_of(&given)?;
    // A second fold is the living state, so that what the handler does to it can be compared with the first.
    let mut living = state_of(&given)?;
    let folds_alike = audit::folds_alike(before.as_ref(), living.as_ref(), &mut checks);
    let Some(decision) = decide(living.as_ref()) else {
        let exists = given.iter().any(|known| !known.parts.is_empty());
        let history = given.into_iter().map(|known| known.stored).collect();
        return Err(if exists {
            Unplayable::Exists { history }
        } else {
            Unplayable::NoState { history }
        });
    };
    if checks.is_on(Check::PureDecision)
        && let Some(second) = decide(living.as_ref())
    {
        let states = folds_alike.then_some((before.as_ref(), living.as_ref()));
        audit::pure_decision::<A>(&decision, &second, states, &mut checks);
    }
    let came = match decision {
        Err(refusal) => Came::Refusal(refusal),
        Ok(events) => match store(events.into_vec(), &mut journal, &mut living, &mut checks) {
            Ok(made) => Came::Events(made),
            Err(Unstored { why, hint, check }) => {
                checks.find(check, why, hint);
                Came::Broken
            }
        },
    };
    if checks.is_on(Check::Replay) && folds_alike && !matches!(came, Came::Broken) {
        audit::replay(&journal, living.as_ref(), &mut checks);
    }
    Ok(Run {
        command,
        given,
        before,
        after: living,
        came,
        checks,
    })
}

/// Stores the history and reads it back.
fn history<A: Aggregate>(
    given: Vec<Given<A>>,
    journal: &mut Journal,
    checks: &mut Checks,
) -> Result<Vec<Known<A>>, Unplayable> {
    let mut written = Vec::with_capacity(given.len());
    for (place, given) in given.iter().enumerate() {
        written.push(match &given.source {
            Source::Stored(stored) => stored.clone(),
            Source::Typed(event) => encoded(event).map_err(|error| {
                let (at, why) = (given.at, chain(&error));
                Unplayable::Unwritten { place, at, why }
            })?,
        });
    }
    let unread = |history: &[Stored], place, at, why| Unplayable::Unread {
        history: history.to_vec(),
        place,
        at,
        what: CANNOT_BE_READ,
        why,
    };
    let read = if written.is_empty() {
        Vec::new()
    } else {
        let history = written.clone();
        let refused = |why| Unplayable::Refused { history, why };
        journal.append(written).map_err(refused)?
    };
    let mut history = Vec::with_capacity(read.len());
    for (place, (given, stored)) in given.into_iter().zip(&read).enumerate() {
        let unread = |why| unread(&read, place, given.at, why);
        let parts = match given.source {
            Source::Typed(typed) => {
                let event = decoded_one::<A>(stored).map_err(unread)?;
                audit::event::<A>(&typed, stored, &event, checks);
                Parts::one(event)
            }
            Source::Stored(_) => {
                let parts = decoded::<A>(stored).map_err(|error| unread(chain(&error)))?;
                for part in &parts {
                    audit::rewritten::<A>(part, checks);
                }
                parts
            }
        };
        history.push(Known {
            stored: stored.clone(),
            parts,
            at: given.at,
        });
    }
    Ok(history)
}

fn state_of<A: Aggregate>(given: &[Known<A>]) -> Result<Option<A>, Unplayable> {
    let mut state = A::initial();
    for (place, known) in given.iter().enumerate() {
        for part in &known.parts {
            A::fold(&mut state, part).map_err(|misfit| Unplayable::Unread {
                history: given.iter().map(|known| known.stored.clone()).collect(),
                place,
                at: known.at,
                what: "does not fit the state that it meets",
                why: chain(&misfit),
            })?;
        }
    }
    Ok(state)
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
    journal: &mut Journal,
    living: &mut Option<A>,
    checks: &mut Checks,
) -> Result<Vec<Made<A>>, Unstored> {
    let unstored = |check, why, hint| Unstored { check, why, hint };
    let mut written = Vec::with_capacity(events.len());
    for event in &events {
        let hint = "mend how the fields of the event are serialized: it has no JSON form";
        written.push(encoded(event).map_err(|error| unstored(None, chain(&error), hint))?);
    }
    let read = journal.append(written).map_err(|why| {
        let why = format!("the store did not take the new events: {why}");
        unstored(
            Some(Check::Append),
            why,
            "mend the name or the size of the event; every store would refuse it",
        )
    })?;
    let mut made = Vec::with_capacity(events.len());
    for (decided, stored) in events.into_iter().zip(read) {
        A::fold(living, &decided).map_err(|misfit| {
            let why = format!("a new event does not fit the state: {}", chain(&misfit));
            unstored(
                None,
                why,
                "mend the handler: every later load of this stream would fail",
            )
        })?;
        let read = decoded_one::<A>(&stored).map_err(|why| {
            let why = format!("a new event was stored, but cannot be read: {why}");
            unstored(
                None,
                why,
                "mend how the event is deserialized: every later load of this stream would fail",
            )
        })?;
        let flawed = !audit::event::<A>(&decided, &stored, &read, checks);
        made.push(Made {
            stored,
            decided,
            read,
            flawed,
        });
    }
    Ok(made)
}

/// An event as it is to be stored.
pub(super) fn encoded<E: AggregateEvent>(event: &E) -> Result<Stored, EncodeError> {
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
pub(super) fn decoded<A: Aggregate>(stored: &Stored) -> Result<Parts<A::Event>, DecodeError> {
    A::Event::decode(
        stored.name.as_str(),
        stored.schema_version,
        stored.payload.bytes(),
    )
}
