//! The runner: delivery, failures, what can be asked of it, over the store in memory.

mod delivery;
mod domain;
mod waits;
