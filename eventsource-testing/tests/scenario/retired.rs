//! Histories of another time: events under an older name, split since, dropped since.

use eventsource_core::prelude::*;
use eventsource_testing::prelude::*;
use expect_test::expect_file;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::support::failure;

#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "door.built")]
struct Built {
    width_cm: u32,
}

/// Called `door.shut` in version 1, when there was one turn only.
#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "door.locked", version = 2, was("door.shut", before = 2))]
struct Locked {
    #[event(since = 2, default = 1)]
    turns: u32,
}

mod legacy {
    use super::*;

    #[derive(Debug, Serialize, Deserialize, Event)]
    #[event(name = "door.delivered")]
    pub(super) struct Delivered {
        width_cm: u32,
        turns: u32,
    }

    pub(super) fn split(Delivered { width_cm, turns }: Delivered) -> [DoorEvent; 2] {
        [Built { width_cm }.into(), Locked { turns }.into()]
    }

    #[derive(Debug, Serialize, Deserialize, Event)]
    #[event(name = "door.ordered")]
    pub(super) struct Ordered;
}

#[derive(Debug, PartialEq, thiserror::Error)]
#[error("it is locked")]
struct IsLocked;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Aggregate)]
#[aggregate(
    name = "door",
    id = u64,
    error = IsLocked,
    created_by = Built,
    events(Built, Locked),
    retired("door.delivered", from = legacy::Delivered, into = legacy::split),
    retired("door.ordered", from = legacy::Ordered, into = |_| []),
)]
struct Door {
    turns: u32,
}

impl Create<Built> for Door {
    fn create(_: &Built) -> Self {
        Self { turns: 0 }
    }
}
impl Apply<Locked> for Door {
    fn apply(&mut self, event: &Locked) {
        self.turns += event.turns;
    }
}

struct Build(u32);
impl HandleNew<Build> for Door {
    fn handle(command: &Build) -> Decision<Self> {
        let width_cm = command.0;
        Ok(Built { width_cm }.into())
    }
}

struct Lock;
impl Handle<Lock> for Door {
    fn handle(&self, _: &Lock) -> Decision<Self> {
        match self.turns {
            2.. => Err(IsLocked),
            _ => Ok(Locked { turns: 1 }.into()),
        }
    }
}

fn delivered(turns: u32) -> Scenario<Door> {
    Scenario::new()
        .given_stored("door.ordered", 1, json!(null))
        .given_stored("door.delivered", 1, json!({"width_cm": 90, "turns": turns}))
}

#[test]
fn what_was_split_dropped_and_renamed_is_a_history() {
    let locked = delivered(0)
        .given_stored("door.shut", 1, json!({}))
        .when(Lock)
        .then(Locked { turns: 1 })
        .and_state(|door| assert_eq!(door.turns, 2));
    for check in Check::AUTOMATIC {
        assert_eq!(locked.verdict(*check), Verdict::Passed, "{check}");
    }
    delivered(2).when(Lock).then_error(IsLocked);
}

#[test]
fn a_failure_shows_what_each_stored_event_is_read_as() {
    failure(|| {
        delivered(0)
            .given_stored("door.shut", 1, json!({}))
            .given(Locked { turns: 0 })
            .when(Lock)
            .then(Locked { turns: 2 })
    })
    .is_text(&expect_file!["golden/read_as.txt"]);
}

#[test]
fn where_every_event_was_dropped_there_is_no_aggregate_yet() {
    let ordered = || Scenario::<Door>::new().given_stored("door.ordered", 1, json!(null));
    ordered().when_new(Build(80)).then(Built { width_cm: 80 });
    failure(|| ordered().when(Lock).then_nothing()).says(&[
        "the aggregate does not exist yet",
        "given  1  door.ordered v1",
    ]);
    failure(|| delivered(0).when_new(Build(80)).then_nothing())
        .says(&["the aggregate exists already"]);
}

#[test]
fn an_older_name_does_not_go_with_a_newer_version() {
    failure(|| Scenario::<Door>::new().given_stored("door.shut", 2, json!({"turns": 1}))).says(&[
        "the event `door.locked` was stored under the name `door.shut` with schema version 2, but that is its name for \
         version 1",
    ]);
    failure(|| Scenario::<Door>::new().given_stored("door.delivered", 2, json!(null)))
        .says(&["`door.delivered` was stored with schema version 2 by newer code"]);
}

#[test]
fn a_misspelled_name_of_the_past_is_answered_with_the_names_of_the_past() {
    failure(|| Scenario::<Door>::new().given_stored("door.delivred", 1, json!(null))).says(&[
        "its events today: door.built v1, door.locked v2",
        "those of the past: door.shut v1, door.delivered v1, door.ordered v1",
    ]);
}
