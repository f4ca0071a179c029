//! Aggregates that an event creates.

use eventsource_core::prelude::*;
use eventsource_testing::prelude::*;
use serde::{Deserialize, Serialize};

use crate::support::failure;

#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "door.built")]
struct Built {
    width_cm: u32,
}

#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "door.painted")]
struct Painted {
    colour: String,
}

#[derive(Debug, PartialEq, thiserror::Error)]
enum DoorError {
    #[error("nobody fits through {width_cm} cm")]
    TooNarrow { width_cm: u32 },
}

#[derive(Debug, PartialEq, Aggregate)]
#[aggregate(name = "door", id = u64, error = DoorError, created_by = Built, events(Built, Painted))]
struct Door {
    width_cm: u32,
    colour: Option<String>,
}

impl Create<Built> for Door {
    fn create(event: &Built) -> Self {
        Self {
            width_cm: event.width_cm,
            colour: None,
        }
    }
}
impl Apply<Painted> for Door {
    fn apply(&mut self, event: &Painted) {
        self.colour = Some(event.colour.clone());
    }
}

struct Build(u32);
impl HandleNew<Build> for Door {
    fn handle(command: &Build) -> Decision<Self> {
        match command.0 {
            width_cm @ ..40 => Err(DoorError::TooNarrow { width_cm }),
            width_cm => Ok(Built { width_cm }.into()),
        }
    }
}

struct Paint(&'static str);
impl Handle<Paint> for Door {
    fn handle(&self, command: &Paint) -> Decision<Self> {
        Ok(painted(command.0).into())
    }
}

/// Makes an event that cannot follow.
struct Rebuild;
impl Handle<Rebuild> for Door {
    fn handle(&self, _: &Rebuild) -> Decision<Self> {
        Ok(Built { width_cm: 1 }.into())
    }
}

fn built() -> Built {
    Built { width_cm: 90 }
}

fn painted(colour: &str) -> Painted {
    Painted {
        colour: colour.to_owned(),
    }
}

#[test]
fn a_command_creates() {
    Scenario::<Door>::new()
        .when_new(Build(90))
        .then(built())
        .and_state(|door| assert_eq!(door.width_cm, 90));
}

#[test]
fn a_command_that_created_does_not_come_to_its_handler_again() {
    let created = || Scenario::<Door>::new().when_new(Build(90)).then(built());
    created().and_retry_nothing();
    let narrow = DoorError::TooNarrow { width_cm: 90 };
    failure(|| created().and_retry_error(narrow)).says(&[
        "check `retry`",
        "did not come to its handler, since the aggregate exists",
    ]);
    // Where nothing was created, it does.
    let refused = Scenario::<Door>::new().when_new(Build(30));
    let narrow = || DoorError::TooNarrow { width_cm: 30 };
    refused.then_error(narrow()).and_retry_error(narrow());
}

#[test]
fn a_history_can_begin_with_a_command_that_creates() {
    Scenario::<Door>::new()
        .given_new(Build(90))
        .when(Paint("red"))
        .then(painted("red"))
        .and_next_version(3);
    failure(|| {
        let scenario = Scenario::<Door>::new().given_new(Build(90));
        scenario.given_new(Build(90)).when(Paint("red"))
    })
    .says(&["door: the aggregate exists already"]);
    failure(|| {
        Scenario::<Door>::new()
            .given_command(Paint("red"))
            .when(Paint("red"))
    })
    .says(&["door: the aggregate does not exist yet"]);
}

#[test]
fn a_command_is_refused_to_create() {
    let refused = || {
        Scenario::<Door>::new()
            .when_new(Build(30))
            .then_error(DoorError::TooNarrow { width_cm: 30 })
    };
    let _passed = refused();
    failure(|| refused().and_state(|_| {})).says(&["there is no state after `Build`"]);
}

#[test]
fn a_command_finds_what_an_event_created() {
    Scenario::<Door>::new()
        .given(built())
        .when(Paint("red"))
        .then(painted("red"))
        .and_state(|door| assert_eq!(door.colour.as_deref(), Some("red")));
}

#[test]
fn a_command_without_an_aggregate_fails() {
    failure(|| Scenario::<Door>::new().when(Paint("red")).then_nothing()).says(&[
        "door: the aggregate does not exist yet",
        "no given event creates the `Door` that `Paint` is to be decided on",
        ".when_new(..)",
    ]);
}

#[test]
fn creating_what_exists_fails() {
    failure(|| {
        Scenario::<Door>::new()
            .given(built())
            .when_new(Build(90))
            .then(built())
    })
    .says(&[
        "door: the aggregate exists already",
        "door.built v1",
        "use `.when(..)`",
    ]);
}

#[test]
fn a_history_in_an_impossible_order_fails() {
    let scenario = || {
        Scenario::<Door>::new()
            .given(painted("red"))
            .given(built())
            .when(Paint("red"))
            .then_nothing()
    };
    failure(scenario).says(&[
        "the given event 1 (`door.painted v1`) does not fit the state",
        "creation.rs:",
        "the event `door.painted` came first, but only `door.built` creates the aggregate `door`",
    ]);
}

#[test]
fn an_event_that_cannot_follow_fails() {
    let scenario = || {
        Scenario::<Door>::new()
            .given(built())
            .when(Rebuild)
            .then(built())
    };
    failure(scenario).says(&[
        "the new events cannot be stored and read",
        "the event `door.built` creates the aggregate `door`, which exists already",
    ]);
}
