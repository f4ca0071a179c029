//! A broken domain for each check that random histories can make find something: it is found, and shrunk to the commands
//! without which it is not there.

use std::sync::atomic::{AtomicI64, Ordering::SeqCst};

use eventsource_core::{
    prelude::*,
    snapshot::{SnapshotCodec, SnapshotCodecError},
};
use eventsource_testing::{prelude::*, property::Histories, proptest::prelude::*};
use serde::{Deserialize, Serialize};

use crate::{
    by_hand::{BAD_NAME, DROPPED, Light, SWAPPED, Switch, UNLISTED},
    support::{commands, failure},
};

#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "dial.turned")]
struct Turned {
    to: i64,
    #[serde(skip)]
    unstored: i64,
}

#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "dial.locked")]
struct Locked;

#[derive(Debug, PartialEq, thiserror::Error)]
#[error("it is locked")]
struct IsLocked;

#[derive(Debug, Clone)]
struct Lock;

#[derive(Debug, Clone)]
struct Turn(i64);

/// What is broken is broken where a locked dial is turned by 10 or more.
const SHORTEST: [&str; 2] = ["Lock", "Turn(10)"];

macro_rules! dials {
    ($(
        $(#[$meta:meta])* $name:ident { $(#[$locked:meta])? locked },
        handle |$is_locked:ident, $to:ident| $handle:expr,
        apply |$state:ident, $event:ident| $apply:expr;
    )*) => {$(
        $(#[$meta])*
        #[derive(Debug, Default, Aggregate)]
        #[aggregate(name = "dial", id = u64, error = IsLocked, events(Turned, Locked))]
        struct $name {
            at: i64,
            $(#[$locked])?
            locked: bool,
        }

        impl Apply<Locked> for $name {
            fn apply(&mut self, _: &Locked) {
                self.locked = true;
                self.at = 0;
            }
        }

        impl Apply<Turned> for $name {
            fn apply(&mut self, $event: &Turned) {
                let $state = self;
                $state.at = $apply;
            }
        }

        impl Handle<Lock> for $name {
            fn handle(&self, _: &Lock) -> Decision<Self> {
                if self.locked {
                    return Err(IsLocked);
                }
                Ok(Locked.into())
            }
        }

        impl Handle<Turn> for $name {
            fn handle(&self, &Turn($to): &Turn) -> Decision<Self> {
                let $is_locked = self.locked;
                let (to, unstored) = $handle;
                Ok(Turned { to, unstored }.into())
            }
        }

        impl Dial for $name {}
    )*};
}

/// What all of them can do.
trait Dial: Aggregate + Handle<Lock> + Handle<Turn> {
    fn histories() -> Histories<Self> {
        let any_turn = (0..100_i64).prop_map(Turn);
        enough(histories().command(Just(Lock)).command(any_turn))
    }
}

static CLOCK: AtomicI64 = AtomicI64::new(0);

dials! {
    #[derive(Clone, PartialEq)]
    Sound { locked }, handle |_locked, to| (to, 0), apply |_state, event| event.to;
    /// Applies what is not stored.
    #[derive(Clone, PartialEq)]
    AppliesUnstored { locked },
    handle |locked, to| (to, i64::from(locked && to >= 10)),
    apply |_state, event| event.to + event.unstored;
    /// Makes an event of which a part is not stored.
    #[derive(Clone, PartialEq)]
    MakesUnstored { locked },
    handle |locked, to| (to, i64::from(locked && to >= 10)),
    apply |_state, event| event.to;
    /// Decides by a counter, which stands for a clock.
    #[derive(Clone, PartialEq)]
    DecidesByClock { locked },
    handle |locked, to| (if locked && to >= 10 { CLOCK.fetch_add(1, SeqCst) } else { to }, 0),
    apply |_state, event| event.to;
    #[derive(Clone, PartialEq)]
    Panics { locked },
    handle |_locked, to| (to, 0),
    apply |state, event| {
        assert!(!state.locked || event.to < 10, "it is locked");
        event.to
    };
    /// Its clones are not locked any more.
    Forgets { locked },
    handle |_locked, to| (to, 0),
    apply |state, event| event.to + i64::from(state.locked && event.to >= 10);
    /// Its snapshots are not locked any more.
    #[derive(Serialize, Deserialize)]
    Loses { #[serde(skip)] locked },
    handle |_locked, to| (to, 0),
    apply |state, event| event.to + i64::from(state.locked && event.to >= 10);
    /// The same, by a codec of its own.
    #[derive(Snapshot, Serialize, Deserialize)]
    #[snapshot(codec = Place)]
    LosesByCodec { locked },
    handle |_locked, to| (to, 0),
    apply |state, event| event.to + i64::from(state.locked && event.to >= 10);
}

/// Writes where a dial is.
struct Place;

impl SnapshotCodec<LosesByCodec> for Place {
    const NAME: &'static str = "place";

    fn encode(state: &LosesByCodec, out: &mut Vec<u8>) -> Result<(), SnapshotCodecError> {
        out.extend(state.at.to_le_bytes());
        Ok(())
    }

    fn decode(bytes: &[u8]) -> Result<LosesByCodec, SnapshotCodecError> {
        let bytes = bytes.try_into();
        let bytes = bytes.map_err(|_| SnapshotCodecError::new("a place is eight bytes"))?;
        Ok(LosesByCodec {
            at: i64::from_le_bytes(bytes),
            locked: false,
        })
    }
}

impl Clone for Forgets {
    fn clone(&self) -> Self {
        let at = self.at;
        Self { at, locked: false }
    }
}

impl PartialEq for Forgets {
    fn eq(&self, other: &Self) -> bool {
        self.at == other.at
    }
}

impl PartialEq for Loses {
    fn eq(&self, other: &Self) -> bool {
        self.at == other.at
    }
}

impl PartialEq for LosesByCodec {
    fn eq(&self, other: &Self) -> bool {
        self.at == other.at
    }
}

/// Whatever the environment says.
fn enough<A: Aggregate>(histories: Histories<A>) -> Histories<A> {
    histories.config(|config| config.cases = 256)
}

/// What of it random histories find.
fn found<A: Aggregate>(histories: Histories<A>) -> String {
    failure(|| histories.check())
}

/// A check, the histories of a broken domain, and what is left of the one that it is found in.
type Planted = (Check, fn() -> String, &'static [&'static str]);

const PLANTED: &[Planted] = &[
    (
        Check::Replay,
        || found(AppliesUnstored::histories().without(Check::RoundTrip)),
        &SHORTEST,
    ),
    (
        Check::PureDecision,
        || found(DecidesByClock::histories()),
        &SHORTEST,
    ),
    (Check::SplitFold, || found(Forgets::histories()), &SHORTEST),
    (
        Check::RoundTrip,
        || found(MakesUnstored::histories()),
        &SHORTEST,
    ),
    (Check::Snapshot, || found(Loses::histories()), &SHORTEST),
    (
        Check::Snapshot,
        || found(LosesByCodec::histories()),
        &SHORTEST,
    ),
    (Check::NoPanic, || found(Panics::histories()), &SHORTEST),
    (Check::Registry, || found(light::<UNLISTED>()), &["Switch"]),
    (Check::Registry, || found(light::<SWAPPED>()), &["Switch"]),
    (Check::Append, || found(light::<BAD_NAME>()), &["Switch"]),
];

/// Checks that find nothing in random histories, and why.
const OUT_OF_REACH: &[(Check, &str)] = &[
    (
        Check::Upcast,
        "what commands make happen is stored in today's shape",
    ),
    (Check::Metadata, "ids and context are not the domain's"),
];

fn light<const MUTANT: u8>() -> Histories<Light<MUTANT>> {
    enough(histories().command(Just(Switch)))
}

#[test]
fn what_is_planted_is_found_by_its_check_and_shrunk_to_the_commands_that_it_needs() {
    for (check, play, shortest) in PLANTED {
        let text = play();
        let header = format!("the check `{check}` failed, in a random history");
        let first = text.lines().next().unwrap_or_default();
        assert!(first.ends_with(&header), "{check}\n{text}");
        assert_eq!(commands(&text), *shortest, "{check}\n{text}");
    }
}

#[test]
fn every_automatic_check_has_something_planted_or_is_out_of_reach() {
    for check in Check::AUTOMATIC {
        let planted = PLANTED.iter().any(|(planted, ..)| planted == check);
        let out_of_reach = OUT_OF_REACH.iter().find(|(other, _)| other == check);
        assert!(planted != out_of_reach.is_some(), "{check}");
    }
}

#[test]
fn a_sound_dial_passes() {
    let tally = Sound::histories().check();
    assert!(tally.accepted() > tally.refused());
}

#[test]
fn an_invariant_that_does_not_hold_is_named_and_its_history_shrunk() {
    let text = found(
        Sound::histories()
            .invariant("it is somewhere", |_| true)
            .invariant("a locked dial is not turned far", |dial| {
                !dial.locked || dial.at < 10
            }),
    );
    assert!(
        text.starts_with(
            "dial: the invariant \"a locked dial is not turned far\" does not hold, in a random history\n"
        ),
        "{text}"
    );
    assert!(
        text.contains("led to    Sound { at: 10, locked: true }"),
        "{text}"
    );
    assert_eq!(commands(&text), SHORTEST, "{text}");
}

#[test]
fn an_event_that_is_read_as_none_is_found_without_a_check() {
    let text = found(light::<DROPPED>());
    assert!(
        text.starts_with("light: the new events cannot be stored and read, in a random history\n"),
        "{text}"
    );
    assert_eq!(commands(&text), ["Switch"]);
}

#[test]
fn a_check_that_is_left_out_finds_nothing() {
    let tally = MakesUnstored::histories().without(Check::RoundTrip).check();
    assert!(tally.accepted() > 0);
}

/// Histories in which something is found.
pub(crate) fn broken() -> Histories<impl Aggregate> {
    MakesUnstored::histories()
}
