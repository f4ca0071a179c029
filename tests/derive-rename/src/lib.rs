//! The derives where `eventsource-core` has another name.

use renamed::{Table, prelude::*};
use serde::{Deserialize, Serialize};

/// An id.
#[derive(Debug, Clone, PartialEq, Eq, AggregateId)]
#[aggregate_id(crate = ::renamed)]
pub struct DoorId(u64);

/// A door was shut.
#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "door.shut", crate = ::renamed)]
pub struct Shut;

/// A door was built.
#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "door.built", crate = crate::inside)]
pub struct Built;

/// A door was painted, in a colour of its own history.
#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "door.painted", version = 2, shape = "bd574821", crate = ::renamed)]
pub struct Painted {
    #[event(nested = 2, was(_: renamed::Past<Colour, 1>, before = 2))]
    colour: Colour,
    #[event(since = 2)]
    coats: u8,
}

/// A colour.
#[derive(Debug, Serialize, Deserialize, renamed::Schema)]
#[event(version = 2, crate = crate::inside)]
pub struct Colour {
    #[event(was(name, before = 2))]
    word: String,
}

/// A path of this crate's own, as another crate would offer it.
pub mod inside {
    pub use renamed::*;
}

/// A door that is there from the beginning.
#[derive(Debug, Default, Serialize, Deserialize, Aggregate, Snapshot)]
#[aggregate(
    name = "door",
    id = DoorId,
    error = std::convert::Infallible,
    events(Shut),
    crate = ::renamed
)]
#[snapshot(crate = ::renamed)]
pub struct Door {
    shut: bool,
    colours: Vec<Colour>,
}

impl Apply<Shut> for Door {
    fn apply(&mut self, _: &Shut) {
        self.shut = true;
    }
}

/// A door that is built.
#[derive(Debug, Serialize, Deserialize, Aggregate, Snapshot)]
#[snapshot(crate = crate::inside, codec = renamed::snapshot::JsonSnapshot)]
#[aggregate(
    name = "built_door",
    id = DoorId,
    error = std::convert::Infallible,
    created_by = Built,
    events(Built, Shut),
    crate = crate::inside
)]
pub struct BuiltDoor {
    shut: bool,
}

impl Create<Built> for BuiltDoor {
    fn create(_: &Built) -> Self {
        Self { shut: false }
    }
}

impl Apply<Shut> for BuiltDoor {
    fn apply(&mut self, _: &Shut) {
        self.shut = true;
    }
}

/// How many doors were shut.
#[derive(Debug, Default, Projection)]
#[projection(
    name = "shut",
    version = 1,
    from(Door, BuiltDoor),
    events(Shut),
    ignores(Built),
    crate = ::renamed
)]
pub struct ShutDoors(u64);

impl Project<Shut> for ShutDoors {
    fn project(&mut self, _: &Shut, _: &Envelope<'_>) {
        self.0 += 1;
    }
}

/// Which doors were shut, in a table.
#[derive(Debug, Projection)]
#[projection(
    name = "shut_table",
    version = 1,
    from(Door),
    events(Shut),
    transaction = Vec<renamed::Position>,
    crate = crate::inside
)]
pub struct ShutTable;

impl ReadModel for ShutTable {
    const TABLES: &'static [Table] = &[Table::new("shut", "position INTEGER PRIMARY KEY")];
}

impl ProjectIn<Vec<renamed::Position>, Shut> for ShutTable {
    fn project(
        &self,
        _: &Shut,
        envelope: &Envelope<'_>,
        tx: &mut Vec<renamed::Position>,
    ) -> Result<(), HandlerError> {
        tx.push(envelope.position());
        Ok(())
    }
}

/// Elsewhere.
#[derive(Debug, Projection)]
#[projection(
    name = "shut_elsewhere",
    version = 1,
    from(BuiltDoor),
    events(Built),
    ignores(..),
    at_least_once,
    crate = ::renamed
)]
pub struct Elsewhere;

impl ProjectAsync<Built> for Elsewhere {
    async fn project(&self, _: &Built, _: &Envelope<'_>) -> Result<(), HandlerError> {
        Ok(())
    }
}

/// Rings when a door is shut.
#[derive(Debug, Reaction)]
#[reaction(name = "bell", from(Door), events(Shut), crate = crate::inside)]
pub struct Bell;

impl React<Shut> for Bell {
    async fn react(&self, _: &Shut, _: &Envelope<'_>, _: ReactionId) -> Result<(), HandlerError> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn projections_and_reactions_list_their_events() {
        assert_eq!(ShutDoors::listed(), ["door.shut"]);
        assert_eq!(ShutTable::listed(), ["door.shut"]);
        assert_eq!(Elsewhere::listed(), ["door.built"]);
        assert_eq!(Bell::listed(), ["door.shut"]);
    }

    #[test]
    fn an_older_version_is_read() {
        let painted = Painted::decode(1, br#"{"colour":{"name":"red"}}"#).unwrap();
        assert_eq!((painted.colour.word.as_str(), painted.coats), ("red", 0));
    }

    #[test]
    fn a_state_folds_its_events() {
        let mut door = BuiltDoor::initial();
        for event in Events::<BuiltDoor>::from((Built, Shut)) {
            BuiltDoor::fold(&mut door, &event).unwrap();
        }
        assert!(door.unwrap().shut);
        let mut door = Door::initial();
        Door::fold(&mut door, &Shut.into()).unwrap();
        assert!(door.unwrap().shut);
        assert_eq!(DoorId(7).to_text(), "7");
    }

    #[test]
    fn a_state_is_kept_as_a_snapshot() {
        let mut bytes = Vec::new();
        let shut = BuiltDoor { shut: true };
        shut.encode(&mut bytes).unwrap();
        assert!(BuiltDoor::decode(&bytes).unwrap().shut);
        assert_ne!(BuiltDoor::FINGERPRINT, Door::FINGERPRINT);
    }
}
