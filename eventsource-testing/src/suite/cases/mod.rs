//! The cases. Each is a function that panics where the store does not keep the contract.

pub(crate) mod append;
pub(crate) mod causes;
pub(crate) mod checkpoint;
pub(crate) mod concurrency;
pub(crate) mod envelope;
pub(crate) mod expectation;
pub(crate) mod gaps;
pub(crate) mod key;
pub(crate) mod leaving;
pub(crate) mod lifecycle;
pub(crate) mod multi;
pub(crate) mod names;
pub(crate) mod order;
pub(crate) mod places;
pub(crate) mod plans;
pub(crate) mod read;
pub(crate) mod select;
pub(crate) mod size;
pub(crate) mod snapshot;
pub(crate) mod snapshot_failures;
pub(crate) mod snapshot_places;
pub(crate) mod storm;
pub(crate) mod subscription;
pub(crate) mod trim;
pub(crate) mod trim_reads;
