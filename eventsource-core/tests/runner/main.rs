//! The runner: delivery, failures, what can be asked of it, over the store in memory.

mod control;
mod delivery;
mod domain;
mod failing;
mod waits;
