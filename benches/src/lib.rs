//! What the framework costs, beside programs without one and beside its peers. `benches/run` runs it all.
//!
//! - [`workload`]: the events of the standard workload; the programs of the peers take the same file.
//! - [`measure`]: CPU time, contenders in turns; the same.
//! - [`bank`]: the domain on the framework.
//! - [`bare`]: the same without one, as short as it can be written.
//! - [`past`]: an event with five versions, upcast without the framework.
//! - [`history`]: the same event on the framework.

pub mod bank;
pub mod bare;
pub mod history;
pub mod measure;
pub mod past;
pub mod workload;
