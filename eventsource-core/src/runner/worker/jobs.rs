//! What was asked of a worker and takes a while. It outlives troubles with the store, and pauses.

use super::{rebuild::Asked, replay::Replay};

#[derive(Default)]
pub(super) struct Jobs {
    pub(super) rebuild: Option<Asked>,
    pub(super) replay: Option<Replay>,
}
