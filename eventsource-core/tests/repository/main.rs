//! The repository: loading, executing, conflicts, units of work, points in the past.

mod as_of;
mod broken_history;
mod chest;
mod conflicts;
mod created;
mod cuts;
mod domain;
mod doors;
mod envelope;
mod evolved;
mod history;
mod hot;
mod keys;
mod loading;
mod misses;
mod modes;
mod pairs;
mod read_paths;
mod saving;
mod shape;
mod states;
mod states_of_snapshots;
mod units;
mod unreadable;
mod versions;
mod watched;
