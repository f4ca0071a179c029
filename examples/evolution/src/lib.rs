#![doc = include_str!("../README.md")]

pub mod account;
pub mod build_finished;
pub mod release;
pub mod repository;
pub mod workflow_run;
