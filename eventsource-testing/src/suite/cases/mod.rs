//! The cases. Each is a function that panics where the store does not keep the contract.

pub(crate) mod append;
pub(crate) mod expectation;
