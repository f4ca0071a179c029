//! What a repository tells of its work is what it did: every span, event, field and metric.

#![expect(
    clippy::needless_raw_string_hashes,
    reason = "expect-test writes them when it updates what is expected"
)]

mod domain;
mod faults;
mod misses;
mod names;
mod ordinary;
mod recorder;
mod secrets;
mod seen;
mod storm;
mod subscriber;
mod tasks;
