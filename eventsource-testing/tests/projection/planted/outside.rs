//! Projections to somewhere else that are broken, and reactions that are.

use std::{
    cell::Cell,
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard},
};

use eventsource_core::{EventId, Position, prelude::*};
use eventsource_testing::prelude::*;

use super::planted;
use crate::domain::{Account, Index, Opened, opened};

/// What is outside: lines, and the last ids under which some came.
#[derive(Debug, Clone, Default)]
pub(super) struct Lines(Arc<Mutex<Vec<(EventId, String)>>>);

impl Lines {
    fn lines(&self) -> MutexGuard<'_, Vec<(EventId, String)>> {
        self.0.lock().expect("no panic")
    }

    fn all(&self) -> Vec<String> {
        self.lines().iter().map(|(_, line)| line.clone()).collect()
    }

    /// Adds a line, unless it is among the last ones.
    fn add_beyond(&self, last: usize, id: EventId, line: &str) {
        let mut lines = self.lines();
        if !lines.iter().rev().take(last).any(|(other, _)| *other == id) {
            lines.push((id, line.to_owned()));
        }
    }
}

thread_local! {
    /// How many ids were made up.
    static IDS: Cell<u32> = const { Cell::new(0) };
}

fn made_up() -> String {
    IDS.set(IDS.get() + 1);
    IDS.get().to_string()
}

macro_rules! outside {
    ($($(#[$doc:meta])* $name:ident on $fake:ty, $project:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Projection)]
        #[projection(name = "outside", version = 1, from(Account), events(Opened), ignores(..), at_least_once)]
        pub(super) struct $name {
            fake: $fake,
            seen: Mutex<BTreeSet<Position>>,
        }

        impl $name {
            fn on(fake: &$fake) -> Self {
                Self { fake: fake.clone(), seen: Mutex::default() }
            }
        }

        impl ProjectAsync<Opened> for $name {
            async fn project(&self, event: &Opened, envelope: &Envelope<'_>) -> Result<(), HandlerError> {
                const PROJECT: fn(&$name, &str, &Envelope<'_>, usize) -> Result<(), HandlerError> = $project;
                let seen = {
                    let mut seen = self.seen.lock().expect("no panic");
                    seen.insert(envelope.position());
                    seen.len()
                };
                PROJECT(self, &event.owner, envelope, seen)
            }
        }
    )*};
}

outside! {
    /// Takes nobody called Bob.
    Refusing on Index, |it, owner, _, _| {
        if owner == "bob" { return Err(HandlerError::new("not him")); }
        it.fake.put(owner, "");
        Ok(())
    };
    /// Clears what is there when it begins, and looks for nothing after that.
    Clearing on Lines, |it, owner, envelope, _| {
        if envelope.position().number() == 1 { it.fake.lines().clear(); }
        it.fake.add_beyond(0, envelope.recorded().id, owner);
        Ok(())
    };
    /// Looks for what was added lately only.
    Forgetful on Lines, |it, owner, envelope, _| {
        it.fake.add_beyond(2, envelope.recorded().id, owner);
        Ok(())
    };
    /// Counts the events that it remembers itself.
    Remembering on Index, |it, _, _, seen| {
        it.fake.put("events", seen.to_string());
        Ok(())
    };
}

macro_rules! reactions {
    ($($(#[$doc:meta])* $name:ident on $fake:ty, begins $begin:expr, $react:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Reaction)]
        #[reaction(name = "letters", from(Account), events(Opened), ignores(..))]
        pub(super) struct $name($fake);

        impl $name {
            fn on(fake: &$fake) -> Self {
                const BEGIN: fn(&$fake) = $begin;
                BEGIN(fake);
                Self(fake.clone())
            }
        }

        impl React<Opened> for $name {
            async fn react(
                &self,
                event: &Opened,
                envelope: &Envelope<'_>,
                id: ReactionId,
            ) -> Result<(), HandlerError> {
                const REACT: fn(&$fake, &str, EventId, ReactionId) = $react;
                REACT(&self.0, &event.owner, envelope.recorded().id, id);
                Ok(())
            }
        }
    )*};
}

reactions! {
    /// Does not look at the id.
    Careless on Lines, begins |_| {}, |fake, owner, id, _| fake.add_beyond(0, id, owner);
    /// Makes up ids of its own.
    Inventive on Index, begins |_| {}, |fake, owner, _, _| fake.put(made_up(), owner);
    /// Greets whenever it begins.
    Greeting on Index, begins |fake| fake.put("0", "here I am"), |fake, owner, _, id| fake.put(id.to_string(), owner);
    /// Is as it is to be.
    Sound on Index, begins |_| {}, |fake, owner, _, id| fake.put(id.to_string(), owner);
}

macro_rules! told {
    ($scenario:ident, $name:ident, $fake:ty) => {
        $scenario::<$name>::with_fake(<$fake>::default, $name::on)
            .given::<Account>(1, opened("ann"))
            .given::<Account>(2, opened("bob"))
            .when::<Account>(3, opened("cid"))
    };
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

planted! {
    once_finds_an_async_handler_that_fails: also Once,
        |scenario| told!(ProjectionScenario, Refusing, Index)
        => scenario.then_reads(Index::all, names(&["ann: ", "cid: "]));
    twice_finds_what_is_added_again: only Twice,
        |scenario| told!(ProjectionScenario, Clearing, Lines)
        => scenario.then_reads(Lines::all, names(&["ann", "bob", "cid"]));
    twice_finds_a_reaction_without_ids: only Twice,
        |scenario| told!(ReactionScenario, Careless, Lines)
        => scenario.then_reads(Lines::all, names(&["cid"]));
    repeat_finds_ids_that_are_made_up: also Repeat,
        |scenario| { IDS.set(0); told!(ReactionScenario, Inventive, Index) }
        => scenario.then_reads(Index::all, names(&["1: cid"]));
    rebuilt_finds_what_looks_back_too_short: only Rebuilt,
        |scenario| told!(ProjectionScenario, Forgetful, Lines)
        => scenario.then_reads(Lines::all, names(&["ann", "bob", "cid"]));
    /// A crash is an end of a process, too.
    resumed_finds_what_is_remembered_in_the_process: also Resumed,
        |scenario| told!(ProjectionScenario, Remembering, Index)
        => scenario.then_reads(Index::all, names(&["events: 3"]));
    from_now_finds_what_is_done_at_the_start: only FromNow,
        |scenario| told!(ReactionScenario, Greeting, Index)
        => scenario.then_reads(|index| index.entries().values().cloned().collect::<Vec<_>>(), names(&["here I am", "cid"]));
}

#[test]
fn ids_are_those_that_the_reaction_is_given() {
    // They never change: whatever is downstream keeps them.
    told!(ReactionScenario, Sound, Index).then_reads(
        |index| index.entries().keys().cloned().collect::<Vec<_>>(),
        names(&["6d5854df-59fd-869d-a86e-7ae98c851a68"]),
    );
}
