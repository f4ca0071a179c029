//! The repository: loading, executing, conflicts, units of work, points in the past.

mod as_of;
mod conflicts;
mod created;
mod domain;
mod doors;
mod envelope;
mod evolved;
mod keys;
mod loading;
mod read_paths;
mod units;
mod unreadable;
mod versions;
