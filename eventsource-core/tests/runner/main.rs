//! The runner: delivery, failures, what can be asked of it, over the store in memory.

mod answers;
mod builds;
mod commands;
mod control;
mod delivery;
mod domain;
mod failing;
mod faults;
mod hooked;
mod leases;
mod losses;
mod models;
mod reset;
mod shelf;
mod unkept;
mod waits;
