//! What the derives of projections and reactions check. The events and the aggregates that stand in an attribute
//! are known to constants only, so what is wrong with them is found there.

use super::Source;
use crate::{
    aggregate::Aggregate,
    codec::{DecodeError, EncodeError, unknown_version},
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
    /// Whether there is a handler for it, and not for every event. Asked of the ignored ones only.
    has_handler: bool,
}

impl NamedEvent {
    /// Asks whether a type is an event. Nothing else does, so that one that is none is one error.
    pub const fn of<E: Event>(written: &'static str, listed: &'static [bool]) -> Self {
        Self {
            written,
            schema: E::SCHEMA,
            listed,
            has_handler: false,
        }
    }

    /// Says whether there is a handler for it, and whether there is one for [`AnyEvent`]: that one is for all there are.
    #[must_use]
    pub const fn handled(self, this: bool, any: bool) -> Self {
        Self {
            has_handler: this && !any,
            ..self
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

/// An event that nobody lists: what handles it handles whatever there is.
// Most events have these, so a handler may ask for them.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub enum AnyEvent {}

impl Event for AnyEvent {
    const SCHEMA: EventSchema = EventSchema {
        name: "any",
        version: 1,
    };

    fn encode(&self, _: &mut Vec<u8>) -> Result<(), EncodeError> {
        match *self {}
    }

    fn decode(version: u32, _: &[u8]) -> Result<Self, DecodeError> {
        Err(unknown_version(Self::SCHEMA, version))
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
        self.is_alone_under_its_name(event);
    }

    /// Refuses at compile time an ignored event that never comes, or under whose name another one comes, or that is listed
    /// or handled.
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
        let mut message = Message::EMPTY;
        if let Some(listed) = named(self.events, event.schema.name) {
            if !are_of_one(event, listed) {
                have_one_name(listed, event);
            }
            message.add_code(event.written);
            message.add(" is listed, as ");
            message.add_code(listed.written);
            message.add(", and ignored");
            panic!("{}", message.text());
        }
        self.is_alone_under_its_name(event);
        if event.has_handler {
            message.add_code(event.written);
            message.add(
                " is ignored, and has a handler: list it in `events(..)`, remove the handler, or ignore it by two dots",
            );
            panic!("{}", message.text());
        }
    }

    /// Refuses another event of the same stored name. One that is named itself has an error of its own.
    #[track_caller]
    const fn is_alone_under_its_name(&self, event: &NamedEvent) {
        let name = event.schema.name;
        let mut at = 0;
        while at < self.from.len() {
            let FromAggregate { written, source } = &self.from[at];
            if matches!(state_of(source, name), State::Listed)
                && !is_of(self.events, name, at)
                && !is_of(self.ignored, name, at)
            {
                let mut message = Message::EMPTY;
                message.add_code(event.written);
                message.add(" and another event, of aggregate ");
                message.add_code(written);
                message.add(", are both stored under the name ");
                message.add_name(name);
                panic!("{}", message.text());
            }
            at += 1;
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
        let left_out = self.count_left_out(index);
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
            if !self.is_told(index, row) {
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

    const fn count_left_out(&self, index: usize) -> u32 {
        let (mut row, mut count) = (0, 0);
        while row < self.from[index].source.table().len() {
            if !self.is_told(index, row) {
                count += 1;
            }
            row += 1;
        }
        count
    }

    /// Whether something is said of an event in the table of an aggregate, or is missed in that of an earlier one already.
    /// A retired one comes as what it becomes.
    const fn is_told(&self, index: usize, row: usize) -> bool {
        let known = &self.from[index].source.table()[row];
        let name = known.schema.name;
        let mut at = 0;
        while at < index {
            if matches!(state_of(&self.from[at].source, name), State::Listed) {
                return true;
            }
            at += 1;
        }
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

/// Whether an aggregate lists one of these events, which has this name.
const fn is_of(events: &[NamedEvent], name: &str, aggregate: usize) -> bool {
    let mut at = 0;
    while at < events.len() {
        if events[at].listed[aggregate] && same_text(events[at].schema.name, name) {
            return true;
        }
        at += 1;
    }
    false
}

/// Whether an aggregate lists both. Of one stored name they are one event then.
const fn are_of_one(event: &NamedEvent, other: &NamedEvent) -> bool {
    let mut at = 0;
    while at < event.listed.len() {
        if event.listed[at] && other.listed[at] {
            return true;
        }
        at += 1;
    }
    false
}

/// One event under two paths, or two of one stored name.
#[track_caller]
const fn differs_from_earlier(events: &[NamedEvent], index: usize) {
    let event = &events[index];
    if let Some(earlier) = named(events.split_at(index).0, event.schema.name) {
        have_one_name(earlier, event);
    }
}

#[track_caller]
const fn have_one_name(earlier: &NamedEvent, event: &NamedEvent) -> ! {
    let mut message = Message::EMPTY;
    message.add_code(earlier.written);
    message.add(" and ");
    message.add_code(event.written);
    message.add(" are both stored under the name ");
    message.add_name(event.schema.name);
    panic!("{}", message.text());
}

/// What stands before one of several parts: `a, b and c`.
const fn joint(is_first: bool, is_last: bool) -> &'static str {
    match (is_first, is_last) {
        (true, _) => "",
        (false, true) => " and ",
        (false, false) => ", ",
    }
}
