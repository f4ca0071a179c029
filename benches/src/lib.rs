//! What the framework costs, beside programs without one and beside its peers. `benches/run` runs it all.
//!
//! - [`workload`]: the events of the standard workload; the programs of the peers take the same file.
//! - [`measure`]: CPU time, contenders in turns; the same.
//! - [`bank`]: the domain on the framework.
//! - [`bare`]: the same without one, as short as it can be written.
//! - [`commands`]: commands from many tasks; the programs of the peers take the same file.
//! - [`ours`]: the commands on the framework.
//! - [`bare_memory`], [`bare_sqlite`]: the commands without one.
//! - [`log`]: a log that is read as a whole, on the framework; [`bare_log`]: the same without one.
//! - [`rebuild`]: read models that a runner builds anew from that log; [`bare_rebuild`]: the same without one.
//! - [`live`]: from an append to those who follow the store.
//! - [`past`]: an event with five versions, upcast without the framework.
//! - [`history`]: the same event on the framework.

pub mod bank;
pub mod bare;
pub mod bare_log;
pub mod bare_memory;
pub mod bare_rebuild;
pub mod bare_sqlite;
pub mod commands;
pub mod history;
pub mod live;
pub mod log;
pub mod measure;
pub mod ours;
pub mod past;
pub mod rebuild;
pub mod workload;
