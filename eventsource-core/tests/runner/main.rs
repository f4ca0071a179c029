//! The runner: delivery, failures, what can be asked of it, over the store in memory.

mod answers;
mod bounded;
mod builds;
mod commands;
mod control;
mod decoding;
mod delivery;
mod domain;
mod failing;
mod faults;
mod hooked;
mod leases;
mod losses;
mod models;
mod moving;
mod pages;
mod replayed_once;
mod replaying;
mod reset;
mod shelf;
mod taken_back;
mod trims;
mod unkept;
mod unready;
mod waits;
