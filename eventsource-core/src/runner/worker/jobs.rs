//! What was asked of a worker and takes a while, and what is still to be kept. It outlives troubles with the store, and
//! pauses.

use super::{rebuild::Asked, replay::Replay, track::Pending};
use crate::runner::{CommandError, command::Reply};

#[derive(Default)]
pub(super) struct Jobs {
    pub(super) rebuild: Option<Asked>,
    pub(super) replay: Option<Replay>,
    /// Who asked for what is being done this moment.
    pub(super) in_hand: Option<Reply<Result<(), CommandError>>>,
    /// What is delivered, but could not be kept before a pause.
    pub(super) unkept: Option<Pending>,
}
