//! A bank on event sourcing: see the program's `--help`.

pub mod account;
pub mod answer;
pub mod ask;
pub mod bank;
pub mod bank_account;
pub mod check;
pub mod cli;
pub mod date;
pub mod export;
pub mod fingerprint;
pub mod import;
pub mod ledger;
pub mod plan;
pub mod point;
pub mod project;
pub mod queries;
pub mod read_models;
pub mod report;
pub mod reversal;
pub mod run;
pub mod seeded;
pub mod source;
pub mod statement;
