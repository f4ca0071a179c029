//! Delivering parked events again.

use super::active::Active;
use crate::{
    runner::{CommandError, command::Reply},
    stream::StreamId,
};

/// What came of delivering parked events again.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Replayed {
    /// How many events were delivered.
    pub delivered: u64,
    /// The streams of which events are parked still.
    pub left: Vec<LeftParked>,
}

/// A stream of which events are parked still.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LeftParked {
    /// The stream.
    pub stream: StreamId,
    /// Why its first event could not be delivered this time.
    pub error: String,
}

impl Active<'_> {
    pub(super) fn begin_replay(&mut self, reply: Reply<Result<Replayed, CommandError>>) {
        drop(reply);
    }
}
