//! States that do not survive being written and read.

use eventsource_core::{
    Schema,
    prelude::*,
    snapshot::{SnapshotCodec, SnapshotCodecError},
};
use eventsource_testing::prelude::*;
use expect_test::expect_file;
use serde::{Deserialize, Serialize, Serializer};

use super::{
    folds::{Add, Added, Overdrawn, added},
    planted,
};
use crate::support::failure;

macro_rules! states {
    ($($(#[$doc:meta])* $name:ident { $($fields:tt)* } apply |$state:ident, $event:ident| $apply:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Aggregate)]
        #[aggregate(name = "count", id = u64, error = Overdrawn, events(Added))]
        struct $name { $($fields)* }

        impl Apply<Added> for $name {
            fn apply(&mut self, $event: &Added) {
                let $state = self;
                $apply;
            }
        }

        impl Handle<Add> for $name {
            fn handle(&self, command: &Add) -> Decision<Self> {
                Ok(added(command.0, 0).into())
            }
        }
    )*};
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Schema)]
struct Limits {
    daily: Limit,
}

/// A field was added to it, and left out of what is stored.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Schema)]
struct Limit {
    most: i64,
    #[serde(skip)]
    used: i64,
}

/// A state that compares only what is seen of it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Hidden {
    #[serde(skip)]
    twice: bool,
}

impl PartialEq for Hidden {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn rounded<S: Serializer>(n: &i64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_i64(n / 10 * 10)
}

states! {
    /// Loses a field two types deep.
    Deep { limits: Limits } apply |state, event| state.limits.daily.used += event.n;
    /// Is written as less than it is.
    Rounded { #[serde(serialize_with = "rounded")] n: i64 } apply |state, event| state.n += event.n;
    /// Loses what is seen only later.
    Late { n: i64, hidden: Hidden } apply |state, event| {
        state.n += if state.hidden.twice { 2 * event.n } else { event.n };
        state.hidden.twice = true;
    };
    /// Reads only what has a number in it.
    Picky { #[serde(skip_serializing_if = "Option::is_some")] n: Option<i64> }
        apply |state, event| state.n = Some(state.n.unwrap_or(0) + event.n);
    /// Cannot be written: its keys are no texts.
    Keyed { n: std::collections::BTreeMap<Vec<u8>, i64> } apply |state, event| state.n.insert(vec![0], event.n);
    Kept { n: i64 } apply |state, event| state.n += event.n;
    /// Keeps snapshots, which lose a field two types deep.
    #[derive(Snapshot)]
    Skipping { limits: Limits } apply |state, event| state.limits.daily.used += event.n;
    /// Loses nothing as JSON; but its snapshots are written otherwise.
    #[derive(Snapshot)]
    #[snapshot(codec = Most)]
    Coded { budgets: Budgets } apply |state, event| state.budgets.daily.used += event.n;
    /// Has snapshots that cannot be read.
    #[derive(Snapshot)]
    #[snapshot(codec = WriteOnly)]
    Unread { n: i64 } apply |state, event| state.n += event.n;
    /// Cannot be JSON, and need not.
    #[derive(Snapshot)]
    #[snapshot(codec = First)]
    KeptByCodec { n: std::collections::BTreeMap<Vec<u8>, i64> } apply |state, event| state.n.insert(vec![0], event.n);
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Schema)]
struct Budgets {
    daily: Budget,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Schema)]
struct Budget {
    most: i64,
    used: i64,
}

/// Was written before a budget could be used.
struct Most;

impl SnapshotCodec<Coded> for Most {
    const NAME: &'static str = "most";

    fn encode(state: &Coded, out: &mut Vec<u8>) -> Result<(), SnapshotCodecError> {
        out.extend(state.budgets.daily.most.to_le_bytes());
        Ok(())
    }

    fn decode(bytes: &[u8]) -> Result<Coded, SnapshotCodecError> {
        let most = number(bytes)?;
        let daily = Budget { most, used: 0 };
        Ok(Coded {
            budgets: Budgets { daily },
        })
    }
}

struct WriteOnly;

impl SnapshotCodec<Unread> for WriteOnly {
    const NAME: &'static str = "write only";

    fn encode(_: &Unread, _: &mut Vec<u8>) -> Result<(), SnapshotCodecError> {
        Ok(())
    }

    fn decode(bytes: &[u8]) -> Result<Unread, SnapshotCodecError> {
        Ok(Unread { n: number(bytes)? })
    }
}

/// The number under the first key, where there is one.
struct First;

impl SnapshotCodec<KeptByCodec> for First {
    const NAME: &'static str = "first";

    fn encode(state: &KeptByCodec, out: &mut Vec<u8>) -> Result<(), SnapshotCodecError> {
        out.extend(state.n.values().flat_map(|n| n.to_le_bytes()));
        Ok(())
    }

    fn decode(bytes: &[u8]) -> Result<KeptByCodec, SnapshotCodecError> {
        let n = match bytes {
            [] => [].into(),
            _ => [(vec![0], number(bytes)?)].into(),
        };
        Ok(KeptByCodec { n })
    }
}

fn number(bytes: &[u8]) -> Result<i64, SnapshotCodecError> {
    let bytes = bytes.try_into();
    bytes.map(i64::from_le_bytes).map_err(|error| {
        SnapshotCodecError::new("a number is eight bytes").because(Box::new(error))
    })
}

/// Cannot be compared, and cannot go on without what a snapshot has lost.
#[derive(Debug, Default, Serialize, Deserialize, Aggregate)]
#[aggregate(name = "count", id = u64, error = Overdrawn, events(Added))]
struct Brittle {
    count: usize,
    #[serde(skip)]
    all: Vec<i64>,
}

impl Apply<Added> for Brittle {
    fn apply(&mut self, event: &Added) {
        self.all.push(event.n);
        self.count += 1;
        assert_eq!(self.all.len(), self.count);
    }
}

impl Handle<Add> for Brittle {
    fn handle(&self, command: &Add) -> Decision<Self> {
        Ok(added(command.0, 0).into())
    }
}

planted! {
    snapshot_finds_a_state_that_cannot_go_on: only Snapshot in Brittle,
        |scenario| scenario.given(added(1, 0)).when(Add(3)).then(added(3, 0));
    /// D3: a field that a snapshot has lost, two types deep.
    snapshot_finds_a_lost_field_two_types_deep: only Snapshot in Deep,
        |scenario| scenario.given([added(1, 0), added(2, 0)]).when(Add(3)).then(added(3, 0));
    snapshot_finds_what_is_written_as_less_than_it_is: only Snapshot in Rounded,
        |scenario| scenario.given(added(10, 0)).when(Add(3)).then(added(3, 0));
    snapshot_finds_what_is_seen_only_after_more_events: only Snapshot in Late,
        |scenario| scenario.given(added(1, 0)).when(Add(3)).then(added(3, 0));
    snapshot_finds_a_field_that_is_left_out_now_and_then: only Snapshot in Picky,
        |scenario| scenario.given(added(1, 0)).when(Add(3)).then(added(3, 0));
    snapshot_finds_a_state_that_cannot_be_written: only Snapshot in Keyed,
        |scenario| scenario.when(Add(3)).then(added(3, 0));
    /// D3: the same in a state that keeps snapshots.
    snapshot_finds_what_serde_skips_in_a_kept_state: only Snapshot in Skipping,
        |scenario| scenario.given(added(1, 0)).when(Add(3)).then(added(3, 0));
    snapshot_finds_what_a_codec_loses_two_types_deep: only Snapshot in Coded,
        |scenario| scenario.given(added(1, 0)).when(Add(3)).then(added(3, 0));
    snapshot_finds_a_codec_that_does_not_read_what_it_writes: only Snapshot in Unread,
        |scenario| scenario.when(Add(3)).then(added(3, 0));
}

#[test]
fn what_a_snapshot_loses_is_shown() {
    failure(|| snapshot_finds_a_lost_field_two_types_deep::play(None))
        .is_text(&expect_file!["../golden/check_snapshot.txt"]);
    failure(|| snapshot_finds_what_is_seen_only_after_more_events::play(None))
        .says(&["a snapshot after 1 of 2 events does not lead to the state of the whole history"]);
}

#[test]
fn what_a_snapshot_loses_may_stop_the_rest() {
    failure(|| snapshot_finds_a_state_that_cannot_go_on::play(None))
        .says(&["a snapshot after 1 of 2 events does not take the rest: `apply` panicked"]);
}

#[test]
fn what_a_codec_loses_is_shown() {
    failure(|| snapshot_finds_what_a_codec_loses_two_types_deep::play(None))
        .is_text(&expect_file!["../golden/check_snapshot_codec.txt"]);
    failure(|| snapshot_finds_a_codec_that_does_not_read_what_it_writes::play(None)).says(&[
        "a snapshot after 0 of 1 events cannot be written and read: a number is eight bytes: ",
    ]);
}

#[test]
fn a_state_is_kept_by_its_own_codec_and_no_other() {
    Scenario::<KeptByCodec>::new()
        .requires(Check::Snapshot)
        .given(added(1, 0))
        .when(Add(3))
        .then(added(3, 0));
}

#[test]
fn a_state_that_is_kept_passes() {
    Scenario::<Kept>::new()
        .requires(Check::Snapshot)
        .requires(Check::SplitFold)
        .given(added(1, 0))
        .when(Add(3))
        .then(added(3, 0))
        .and_state(|state| assert_eq!(state.n, 4));
}
