//! What was stored is read for ever. The tutorial's event has its lock and its golden payloads beside the manifest. The
//! webhooks have a lock alone, in `webhooks`: every version of their payloads is read in the tests with the real data,
//! which cannot be kept here.

use std::convert::Infallible;

use eventsource_core::prelude::*;
use evolution::{
    build_finished::BuildFinished, release::ReleasePublished, workflow_run::WorkflowRunCompleted,
};

/// Whose builds they are. A lock is about aggregates, as a store is.
#[derive(Debug, Default, Aggregate)]
#[aggregate(name = "builds", id = String, error = Infallible, events(BuildFinished))]
struct Builds;

impl Apply<BuildFinished> for Builds {
    fn apply(&mut self, _: &BuildFinished) {}
}

mod tutorial {
    eventsource_testing::events_lock!(super::Builds);
}

/// What a code host tells.
#[derive(Debug, Default, Aggregate)]
#[aggregate(name = "webhooks", id = String, error = Infallible, events(ReleasePublished, WorkflowRunCompleted))]
struct Webhooks;

impl Apply<ReleasePublished> for Webhooks {
    fn apply(&mut self, _: &ReleasePublished) {}
}

impl Apply<WorkflowRunCompleted> for Webhooks {
    fn apply(&mut self, _: &WorkflowRunCompleted) {}
}

mod webhooks {
    eventsource_testing::events_lock!(shapes in "webhooks"; super::Webhooks);
}
