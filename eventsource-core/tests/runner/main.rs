//! The runner: delivery, failures, what can be asked of it, over the store in memory.

mod builds;
mod control;
mod delivery;
mod domain;
mod decoding;
mod failing;
mod faults;
mod leases;
mod moving;
mod replaying;
mod unready;
mod waits;
