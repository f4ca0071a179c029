//! What has happened before the command comes.

use std::panic::Location;

use eventsource_core::{Aggregate, Events, Handle, HandleNew, StoredPayload};

use super::{
    Scenario,
    command::Command,
    journal::{Name, Stored},
    run::decoded,
    setup::{Given, Source},
    unplayable,
};

impl<A: Aggregate> Scenario<A> {
    /// These events have happened, after what was given before.
    #[track_caller]
    #[must_use = "a scenario without `when` and `then` tests nothing"]
    pub fn given(mut self, events: impl Into<Events<A>>) -> Self {
        let at = Location::caller();
        for event in events.into() {
            self.add(Source::Typed(event), at);
        }
        self
    }

    /// This event has happened, and was stored under this name and schema version with this payload, as it may lie in
    /// production since long ago: in an older shape, under an older name, or retired since.
    ///
    /// # Panics
    ///
    /// When the aggregate cannot read it.
    #[track_caller]
    #[must_use = "a scenario without `when` and `then` tests nothing"]
    #[expect(clippy::needless_pass_by_value, reason = "`json!` makes values")]
    pub fn given_stored(
        mut self,
        name: impl Into<String>,
        schema_version: u32,
        payload: serde_json::Value,
    ) -> Self {
        let stored = Stored {
            name: Name::Text(name.into()),
            schema_version,
            payload: StoredPayload::json(payload.to_string().as_bytes()),
        };
        let readable = decoded::<A>(&stored);
        self.add(Source::Stored(stored), Location::caller());
        if let Err(error) = readable {
            panic!("{}", unplayable::unread(&self.given, &error).text());
        }
        self
    }

    /// This command came, was accepted, and what it made happen has happened: a history that the handlers allow.
    ///
    /// ```
    /// # use eventsource_core::prelude::*;
    /// # use eventsource_testing::prelude::*;
    /// # use serde::{Deserialize, Serialize};
    /// # #[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
    /// # #[event(name = "jar.filled")]
    /// # struct Filled { coins: u32 }
    /// # #[derive(Debug, Default, PartialEq, Aggregate)]
    /// # #[aggregate(name = "jar", id = u64, error = Full, events(Filled))]
    /// # struct Jar { coins: u32 }
    /// # #[derive(Debug, PartialEq, thiserror::Error)]
    /// # #[error("it is full")]
    /// # struct Full;
    /// # impl Apply<Filled> for Jar { fn apply(&mut self, e: &Filled) { self.coins += e.coins; } }
    /// # struct Fill(u32);
    /// # impl Handle<Fill> for Jar {
    /// #     fn handle(&self, command: &Fill) -> Decision<Self> {
    /// #         if self.coins + command.0 > 5 { return Err(Full); }
    /// #         Ok(Filled { coins: command.0 }.into())
    /// #     }
    /// # }
    /// Scenario::<Jar>::new()
    ///     .given_command(Fill(1))
    ///     .given_commands([Fill(2), Fill(2)]) // several of one type
    ///     .when(Fill(1))
    ///     .then_error(Full);
    /// ```
    ///
    /// `when` fails when the command is refused.
    #[track_caller]
    #[must_use = "a scenario without `when` and `then` tests nothing"]
    pub fn given_command<C: Send + Sync + 'static>(mut self, command: C) -> Self
    where
        A: Handle<C>,
    {
        self.add(
            Source::Command(Command::on_state(command)),
            Location::caller(),
        );
        self
    }

    /// These commands came, one after the other; see [`Scenario::given_command`].
    #[track_caller]
    #[must_use = "a scenario without `when` and `then` tests nothing"]
    pub fn given_commands<C: Send + Sync + 'static>(
        mut self,
        commands: impl IntoIterator<Item = C>,
    ) -> Self
    where
        A: Handle<C>,
    {
        let at = Location::caller();
        for command in commands {
            self.add(Source::Command(Command::on_state(command)), at);
        }
        self
    }

    /// This command came where there was no aggregate yet, and created it; see [`Scenario::given_command`].
    #[track_caller]
    #[must_use = "a scenario without `when` and `then` tests nothing"]
    pub fn given_new<C: Send + Sync + 'static>(mut self, command: C) -> Self
    where
        A: HandleNew<C>,
    {
        self.add(
            Source::Command(Command::on_nothing(command)),
            Location::caller(),
        );
        self
    }

    fn add(&mut self, source: Source<A>, at: &'static Location<'static>) {
        self.given.push(Given {
            source,
            at,
            occurred_at: self.world.now,
        });
    }
}
