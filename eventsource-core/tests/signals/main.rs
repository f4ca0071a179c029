//! What a repository tells of its work is what it did: every span, event, field and metric.

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
