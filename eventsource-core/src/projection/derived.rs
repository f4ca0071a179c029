//! What the derives of projections and reactions check and call. The events and the aggregates that stand in an attribute
//! are known to constants only, so what is wrong with them is found there.

use std::future::ready;

use super::{Envelope, Handling, ProjectAsync, React, ReactionId, Source};
use crate::{
    aggregate::Aggregate,
    event::{Event, EventSchema},
    message::{Message, same_text},
};

/// An aggregate as it stands in `from(..)`.
#[derive(Debug, Clone, Copy)]
pub struct FromAggregate {
    written: &'static str,
    source: Source,
}

impl FromAggregate {
    /// Asks whether a type is an aggregate. Nothing else does, so that one that is none is one error.
    pub const fn of<A: Aggregate>(written: &'static str) -> Self {
        Self {
            written,
            source: Source::of::<A>(),
        }
    }
}

/// An event as it stands in `events(..)` or `ignores(..)`.
#[derive(Debug, Clone, Copy)]
pub struct NamedEvent {
    written: &'static str,
    schema: EventSchema,
    /// Which of the aggregates list it, in their order.
    listed: &'static [bool],
}

impl NamedEvent {
    /// Asks whether a type is an event. Nothing else does, so that one that is none is one error.
    pub const fn of<E: Event>(written: &'static str, listed: &'static [bool]) -> Self {
        Self {
            written,
            schema: E::SCHEMA,
            listed,
        }
    }

    const fn is_of_some(&self) -> bool {
        let mut at = 0;
        while at < self.listed.len() {
            if self.listed[at] {
                return true;
            }
            at += 1;
        }
        false
    }
}

/// What an attribute says.
#[derive(Debug, Clone, Copy)]
pub struct Taken {
    /// `from(..)`.
    pub from: &'static [FromAggregate],
    /// `events(..)`.
    pub events: &'static [NamedEvent],
    /// The names in `ignores(..)`.
    pub ignored: &'static [NamedEvent],
}

impl Taken {
    /// From which aggregates events are taken.
    pub fn sources(&self) -> Vec<Source> {
        self.from.iter().map(|aggregate| aggregate.source).collect()
    }

    /// The stored names today of the listed events.
    pub fn listed(&self) -> Vec<&'static str> {
        self.events.iter().map(|event| event.schema.name).collect()
    }

    /// Refuses at compile time a listed event that never comes, or under whose name another one comes.
    ///
    /// # Panics
    ///
    /// When it is one.
    #[track_caller]
    pub const fn event_is_listed(&self, index: usize) {
        let event = &self.events[index];
        self.is_of_an_aggregate(event, ": list the events that it becomes");
        differs_from_earlier(self.events, index);
        let mut at = 0;
        while at < self.from.len() {
            let FromAggregate { written, source } = &self.from[at];
            if !event.listed[at] && matches!(state_of(source, event.schema.name), State::Listed) {
                let mut message = Message::EMPTY;
                message.add_code(event.written);
                message.add(" and another event, of aggregate ");
                message.add_code(written);
                message.add(", are both stored under the name ");
                message.add_name(event.schema.name);
                panic!("{}", message.text());
            }
            at += 1;
        }
    }

    /// Refuses at compile time an ignored event that never comes, or that is listed.
    ///
    /// # Panics
    ///
    /// When it is one.
    #[track_caller]
    pub const fn ignored_is_listed(&self, index: usize) {
        let event = &self.ignored[index];
        self.is_of_an_aggregate(
            event,
            ": it comes as what it becomes, and needs no word itself",
        );
        differs_from_earlier(self.ignored, index);
        if let Some(listed) = named(self.events, event.schema.name) {
            let mut message = Message::EMPTY;
            message.add_code(event.written);
            message.add(" is listed, as ");
            message.add_code(listed.written);
            message.add(", and ignored");
            panic!("{}", message.text());
        }
    }

    #[track_caller]
    const fn is_of_an_aggregate(&self, event: &NamedEvent, when_retired: &str) {
        if event.is_of_some() {
            return;
        }
        let mut message = Message::EMPTY;
        let mut at = 0;
        while at < self.from.len() {
            let FromAggregate { written, source } = &self.from[at];
            if matches!(state_of(source, event.schema.name), State::Retired) {
                message.add_code(event.written);
                message.add(" is retired from aggregate ");
                message.add_code(written);
                message.add(when_retired);
                panic!("{}", message.text());
            }
            at += 1;
        }
        match self.from {
            [one] => {
                message.add("aggregate ");
                message.add_code(one.written);
                message.add(" does not list the event ");
            }
            all => {
                message.add("none of the aggregates ");
                let mut at = 0;
                while at < all.len() {
                    message.add(joint(at == 0, at + 1 == all.len()));
                    message.add_code(all[at].written);
                    at += 1;
                }
                message.add(" lists the event ");
            }
        }
        message.add_code(event.written);
        panic!("{}", message.text());
    }

    /// Refuses at compile time that an event of an aggregate is neither listed nor ignored. `subject` is whose attribute
    /// it is.
    ///
    /// # Panics
    ///
    /// When one is: to pass over it in silence is what nobody has asked for.
    #[track_caller]
    pub const fn nothing_is_left_out(&self, subject: &str, index: usize) {
        if !all_are_of_some(self.events) || !all_are_of_some(self.ignored) {
            // What was meant by those is open, and is an error of its own.
            return;
        }
        let FromAggregate { written, source } = &self.from[index];
        let left_out = self.count_left_out(source);
        if left_out == 0 {
            return;
        }
        let mut message = Message::EMPTY;
        message.add(subject);
        message.add(" says nothing of the event");
        message.add(if left_out == 1 { " " } else { "s " });
        // So many have room in a message.
        let shown = if left_out > 4 { 3 } else { left_out };
        let (mut row, mut at) = (0, 0);
        while at < shown {
            if !self.is_told(source, row) {
                message.add(joint(at == 0, at + 1 == left_out));
                message.add_name(source.table()[row].schema.name);
                at += 1;
            }
            row += 1;
        }
        if left_out > shown {
            message.add(" and ");
            message.add_number(left_out - shown);
            message.add(" more");
        }
        message.add(" of aggregate ");
        message.add_code(written);
        message.add(if left_out == 1 {
            ": list it in `events(..)`, or name it in `ignores(..)`"
        } else {
            ": list them in `events(..)`, or name them in `ignores(..)`"
        });
        panic!("{}", message.text());
    }

    const fn count_left_out(&self, source: &Source) -> u32 {
        let (mut row, mut count) = (0, 0);
        while row < source.table().len() {
            if !self.is_told(source, row) {
                count += 1;
            }
            row += 1;
        }
        count
    }

    /// Whether something is said of an event of the table. A retired one comes as what it becomes.
    const fn is_told(&self, source: &Source, row: usize) -> bool {
        let known = &source.table()[row];
        let name = known.schema.name;
        known.retired || named(self.events, name).is_some() || named(self.ignored, name).is_some()
    }
}

/// What an event of a stored name is to an aggregate.
enum State {
    Listed,
    Retired,
    Unknown,
}

const fn state_of(source: &Source, name: &str) -> State {
    let mut row = 0;
    while row < source.table().len() {
        let known = &source.table()[row];
        if same_text(known.schema.name, name) {
            return if known.retired {
                State::Retired
            } else {
                State::Listed
            };
        }
        row += 1;
    }
    State::Unknown
}

const fn named<'a>(events: &'a [NamedEvent], name: &str) -> Option<&'a NamedEvent> {
    let mut at = 0;
    while at < events.len() {
        if same_text(events[at].schema.name, name) {
            return Some(&events[at]);
        }
        at += 1;
    }
    None
}

const fn all_are_of_some(events: &[NamedEvent]) -> bool {
    let mut at = 0;
    while at < events.len() {
        if !events[at].is_of_some() {
            return false;
        }
        at += 1;
    }
    true
}

/// One event under two paths, or two of one stored name.
#[track_caller]
const fn differs_from_earlier(events: &[NamedEvent], index: usize) {
    let event = &events[index];
    if let Some(earlier) = named(events.split_at(index).0, event.schema.name) {
        let mut message = Message::EMPTY;
        message.add_code(earlier.written);
        message.add(" and ");
        message.add_code(event.written);
        message.add(" are both stored under the name ");
        message.add_name(event.schema.name);
        panic!("{}", message.text());
    }
}

/// What stands before one of several parts: `a, b and c`.
const fn joint(is_first: bool, is_last: bool) -> &'static str {
    match (is_first, is_last) {
        (true, _) => "",
        (false, true) => " and ",
        (false, false) => ", ",
    }
}

/// Asks for an async handler and calls it. A function of ours, since what a handler that is missing would return is
/// nothing that could be named without another error.
pub fn projected<'a, P: ProjectAsync<E>, E>(
    projection: &'a P,
    event: &'a E,
    envelope: &'a Envelope<'a>,
) -> Handling<'a> {
    Box::pin(projection.project(event, envelope))
}

/// Asks for the handler of a reaction and calls it.
pub fn reacted<'a, R: React<E>, E>(
    reaction: &'a R,
    event: &'a E,
    envelope: &'a Envelope<'a>,
    id: ReactionId,
) -> Handling<'a> {
    Box::pin(reaction.react(event, envelope, id))
}

/// Nothing is to be done for an event that came out of a retired one and is not listed.
pub fn nothing<'a>() -> Handling<'a> {
    Box::pin(ready(Ok(())))
}
