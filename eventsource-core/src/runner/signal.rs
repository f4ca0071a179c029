//! What the program is told of a runner. Each thing that happens has a function here.

use crate::{
    projection::DeliveryError,
    record::RecordedEvent,
    runner::{FailedEvent, ProjectionState, shared::Shared},
    store::{Advance, Generation, Lease, LeaseError},
    stream::Position,
};

/// A projection does something else from now on: it is live, is paused, has stopped.
pub(super) fn state(_: &Shared, _: &ProjectionState) {}

/// It is the active one.
pub(super) fn lease_taken(_: &Shared, _: &Lease) {}

/// It is no longer the active one, without having been asked to.
pub(super) fn lease_lost(_: &Shared, _: &Lease) {}

/// A lease could not be renewed; it is tried again until it is over.
pub(super) fn lease_not_renewed(_: &Shared, _: &LeaseError) {}

/// A lease could not be given back; it runs out by itself.
pub(super) fn lease_not_released(_: &Shared, _: &LeaseError) {}

/// A build has begun.
pub(super) fn begun(_: &Shared, _: Generation, _: Option<Position>) {}

/// A build is what is read from now on.
pub(super) fn switched(_: &Shared, _: Generation) {}

/// A build was let go of.
pub(super) fn dropped(_: &Shared, _: Generation) {}

/// So many events were delivered, and the advance was made.
pub(super) fn advanced(_: &Shared, _: &Advance, _events: usize) {}

/// An event could not be delivered at this attempt.
pub(super) fn failed(_: &Shared, _: &RecordedEvent, _attempts: u32, _: &DeliveryError) {}

/// An event was parked for what went wrong with it.
pub(super) fn parked(_: &Shared, _: &FailedEvent) {}

/// So many events were parked behind others of their streams.
pub(super) fn parked_behind(_: &Shared, _events: usize) {}

/// So many parked events were delivered, and so many are left.
pub(super) fn replayed(_: &Shared, _delivered: u64, _left: u64) {}
