//! Why a scenario could not be played, and how that is said.

use std::{any::type_name, panic::Location};

use eventsource_core::{Aggregate, AggregateEvent, DecodeError, StoredName};

use super::{
    check::Check,
    checks::fold::Stop,
    compare::side,
    history::Known,
    journal::Stored,
    report::{Block, Given, Report, json::Side, name::short, text::chain},
    run::NO_PANIC,
    setup::{self, Source},
};

type At = &'static Location<'static>;

/// Why a scenario could not be played.
pub(super) enum Unplayable {
    /// An event of the history cannot be written.
    Unwritten { place: usize, at: At, why: String },
    /// The store does not take the history.
    Refused { history: Vec<Stored>, why: String },
    /// An event of the history cannot be read, or does not fit the state that it meets.
    Unread {
        history: Vec<Stored>,
        place: usize,
        at: At,
        what: &'static str,
        /// The check that found it, where it is not the scenario itself.
        check: Option<Check>,
        why: String,
    },
    /// A command of the history was refused.
    GivenRefused {
        history: Vec<Stored>,
        command: &'static str,
        at: At,
        words: String,
        refusal: String,
    },
    /// The command needs a state, and there is none.
    NoState {
        history: Vec<Stored>,
        command: &'static str,
    },
    /// The command creates the aggregate, and there is a history.
    Exists {
        history: Vec<Stored>,
        command: &'static str,
    },
}

impl Unplayable {
    pub(super) fn no_state<A: Aggregate>(given: Vec<Known<A>>, command: &'static str) -> Self {
        let history = given.into_iter().map(|known| known.stored).collect();
        Self::NoState { history, command }
    }

    pub(super) fn exists<A: Aggregate>(given: Vec<Known<A>>, command: &'static str) -> Self {
        let history = given.into_iter().map(|known| known.stored).collect();
        Self::Exists { history, command }
    }

    pub(super) fn unread(history: &[Stored], place: usize, at: At, why: String) -> Self {
        Self::Unread {
            history: history.to_vec(),
            place,
            at,
            what: CANNOT_BE_READ,
            check: None,
            why,
        }
    }

    pub(super) fn unfit(history: Vec<Stored>, place: usize, at: At, stop: &Stop) -> Self {
        let (check, what) = match stop {
            Stop::Panic(_) => (Some(Check::NoPanic), "makes `apply` panic"),
            Stop::Misfit(_) => (None, "does not fit the state that it meets"),
        };
        Self::Unread {
            history,
            place,
            at,
            what,
            check,
            why: stop.says(),
        }
    }

    #[cold]
    pub(super) fn report<A: Aggregate>(self, command: &'static str) -> Report {
        self.told(A::CATEGORY, &short(type_name::<A>()), command)
    }

    fn told(self, category: &'static str, aggregate: &str, command: &'static str) -> Report {
        let seen = |history: Vec<Stored>| -> Vec<Given> {
            let sides = history.iter().map(Side::of);
            sides.map(Given::stored).collect()
        };
        let line = |place: usize, at: At, why: &str| {
            Block::from(format!("given {}, at {at}:\n  {why}", place + 1))
        };
        let (header, given, body, hint) = match self {
            Self::Unwritten { place, at, why } => (
                format!("the given event {} cannot be written", place + 1),
                Vec::new(),
                line(place, at, &why),
                "mend how the fields of the event are serialized: it has no JSON form".to_owned(),
            ),
            Self::Refused { history, why } => (
                "the check `append` failed: the store does not take the given events".to_owned(),
                seen(history),
                why.into(),
                "every store would refuse these events: mend their names or their size".to_owned(),
            ),
            Self::Unread {
                history,
                place,
                at,
                what,
                check,
                why,
            } => {
                let misfit = misfit(place + 1, &Side::of(&history[place]), what);
                let (header, hint) = match check {
                    Some(check) => (format!("the check `{check}` failed: {misfit}"), NO_PANIC),
                    None => (misfit, UNREAD),
                };
                (header, seen(history), line(place, at, &why), hint.to_owned())
            }
            Self::GivenRefused {
                history,
                command,
                at,
                words,
                refusal,
            } => {
                let command = short(command);
                (
                    format!("the given command `{command}` was refused"),
                    seen(history),
                    format!("`{command}`, at {at}:\n  refused   {words}\n            {refusal}").into(),
                    format!(
                        "a history that commands made cannot come about so: mend what comes before `{command}`, or its \
                         handler"
                    ),
                )
            }
            Self::NoState { history, command } => {
                let command = short(command);
                (
                    "the aggregate does not exist yet".to_owned(),
                    seen(history),
                    format!(
                        "no given event creates the `{aggregate}` that `{command}` is to be decided on"
                    )
                    .into(),
                    format!(
                        "give the event that creates it, or use `.when_new(..)` if `{command}` is to create it"
                    ),
                )
            }
            Self::Exists { history, command } => (
                "the aggregate exists already".to_owned(),
                seen(history),
                format!(
                    "`{}` is to be decided where there is no `{aggregate}` yet, but events were given",
                    short(command)
                )
                .into(),
                "use `.when(..)`, or leave out `.given(..)`".to_owned(),
            ),
        };
        Report {
            aggregate: category,
            header,
            given,
            command: Some(short(command)),
            body,
            hints: vec![hint],
            ..Report::default()
        }
    }
}

const CANNOT_BE_READ: &str = "cannot be read";
const UNREAD: &str =
    "mend the given event; if it lies like this in production, the aggregate has to read it";

fn misfit(number: usize, event: &Side, what: &str) -> String {
    format!("the given event {number} (`{}`) {what}", event.title())
}

/// Says that the last event of a history cannot be read.
#[cold]
pub(super) fn unread<A: Aggregate>(history: &[setup::Given<A>], error: &DecodeError) -> Report {
    let sides = history.iter().filter_map(|given| match &given.source {
        Source::Typed(event) => Some(side(event)),
        Source::Stored(stored) => Some(Side::of(stored)),
        Source::Command(_) => None,
    });
    let given: Vec<Given> = sides.map(Given::stored).collect();
    let last = given
        .last()
        .map(|last| misfit(given.len(), &last.stored, CANNOT_BE_READ));
    Report {
        aggregate: A::CATEGORY,
        header: last.unwrap_or_default(),
        given,
        body: chain(error).into(),
        notes: known::<A::Event>(),
        hints: vec![UNREAD.to_owned()],
        ..Report::default()
    }
}

/// What an aggregate reads: its events of today, and what else is in its table.
fn known<E: AggregateEvent>() -> Vec<String> {
    let today = E::SCHEMAS
        .iter()
        .map(|schema| format!("{} v{}", schema.name, schema.version));
    let today: Vec<_> = today.collect();
    let mut notes = vec![format!("its events today: {}", today.join(", "))];
    let mut past = Vec::new();
    for event in E::TABLE {
        let renamed = |stored: &&StoredName| event.retired || stored.name != event.schema.name;
        past.extend(event.names.iter().filter(renamed).map(|stored| {
            let StoredName { name, first, last } = stored;
            match (first, last) {
                (first, last) if first == last => format!("{name} v{last}"),
                _ => format!("{name} v{first} to v{last}"),
            }
        }));
    }
    if !past.is_empty() {
        notes.push(format!("those of the past: {}", past.join(", ")));
    }
    notes
}
