//! The cases. Each is a function that panics where the store does not keep the contract.

pub(crate) mod append;
pub(crate) mod concurrency;
pub(crate) mod expectation;
pub(crate) mod key;
pub(crate) mod multi;
pub(crate) mod read;
