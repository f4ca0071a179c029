//! What repositories and runners tell of their work is what they did: every span, event, field and metric.

#![expect(
    clippy::needless_raw_string_hashes,
    reason = "expect-test writes them when it updates what is expected"
)]

mod builds;
mod counted;
mod domain;
mod faults;
mod leases;
mod misses;
mod names;
mod ordinary;
mod projections;
mod recorder;
mod secrets;
mod seen;
mod storm;
mod subscriber;
mod tasks;
mod timer;
mod watched;
