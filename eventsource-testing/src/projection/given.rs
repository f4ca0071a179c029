//! What has happened, and what comes.

use std::fmt;

use eventsource_core::{Aggregate, Events, Timestamp};

use super::ProjectionScenario;

impl<P, K> ProjectionScenario<P, K> {
    /// These events of an aggregate have happened, after what was told before. They are delivered in one batch with what
    /// else was given; a reaction is started behind them for the first time.
    ///
    /// # Panics
    ///
    /// When the id cannot name a stream, an event cannot be written, or something comes already.
    #[track_caller]
    #[must_use = "a scenario without `then` tests nothing"]
    #[expect(clippy::needless_pass_by_value, reason = "ids are written at the call")]
    pub fn given<A: Aggregate>(mut self, id: A::Id, events: impl Into<Events<A>>) -> Self {
        self.may_be_given();
        self.story.add::<A>(&id, events.into(), false);
        self
    }

    /// This event has happened, and was stored under this name and schema version with this payload, as it may lie in
    /// production since long ago: in an older shape, under an older name, or retired since.
    ///
    /// # Panics
    ///
    /// When the id cannot name a stream, the aggregate cannot read the event, or something comes already.
    #[track_caller]
    #[must_use = "a scenario without `then` tests nothing"]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "ids are written at the call, and `json!` makes values"
    )]
    pub fn given_stored<A: Aggregate>(
        mut self,
        id: A::Id,
        name: impl Into<String>,
        schema_version: u32,
        payload: serde_json::Value,
    ) -> Self {
        self.may_be_given();
        let name = (name.into(), schema_version);
        self.story.add_stored::<A>(&id, name, &payload, false);
        self
    }

    /// These events come, after what was told before. They are delivered in a batch of their own, behind what was given.
    ///
    /// # Panics
    ///
    /// When the id cannot name a stream, or an event cannot be written.
    #[track_caller]
    #[must_use = "a scenario without `then` tests nothing"]
    #[expect(clippy::needless_pass_by_value, reason = "ids are written at the call")]
    pub fn when<A: Aggregate>(mut self, id: A::Id, events: impl Into<Events<A>>) -> Self {
        self.story.add::<A>(&id, events.into(), true);
        self
    }

    /// An event comes as older code stores it, which runs beside this one: under this name and schema version, with this
    /// payload.
    ///
    /// # Panics
    ///
    /// When the id cannot name a stream, or the aggregate cannot read the event.
    #[track_caller]
    #[must_use = "a scenario without `then` tests nothing"]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "ids are written at the call, and `json!` makes values"
    )]
    pub fn when_stored<A: Aggregate>(
        mut self,
        id: A::Id,
        name: impl Into<String>,
        schema_version: u32,
        payload: serde_json::Value,
    ) -> Self {
        let name = (name.into(), schema_version);
        self.story.add_stored::<A>(&id, name, &payload, true);
        self
    }

    /// Sets the clock, which stands still until it is set again: what is told after it occurred then. Without it, it is
    /// 2026-01-01T00:00:00Z. When events were recorded, the clock of the store says.
    ///
    /// # Panics
    ///
    /// When a text is not a time of RFC 3339.
    #[track_caller]
    #[must_use = "a scenario without `then` tests nothing"]
    pub fn clock_at<T: TryInto<Timestamp, Error: fmt::Display>>(mut self, time: T) -> Self {
        match time.try_into() {
            Ok(time) => self.story.now = time,
            Err(error) => panic!("{}: {error}", self.story.name),
        }
        self
    }

    #[track_caller]
    fn may_be_given(&self) {
        let comes = self.story.events.last().is_some_and(|told| told.comes);
        assert!(
            !comes,
            "{}: an event is given after others have come\n\n  hint: write `.given(..)` before `.when(..)`",
            self.story.name
        );
    }
}
