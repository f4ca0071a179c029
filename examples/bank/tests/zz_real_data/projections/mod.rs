//! The read models of the real ledger: killed, rebuilt, asked while they grow.

pub(crate) mod asked;
pub(crate) mod fraud;
pub(crate) mod kills;
mod rows;
mod tables;

use std::path::Path;

use anyhow::{Context as _, Result};

use crate::{harness::child::Reporting, ledger_of};

/// An import, which reports each row by its number after its receipt.
fn import(data: &Path, database: &Path, more: &[&str]) -> Result<Reporting> {
    let ledger = ledger_of(data);
    let ledger = ledger.to_str().context("a path of text")?;
    let arguments = [&["--receipts", "--ledger", ledger], more].concat();
    Reporting::start(&arguments, database)
}

/// A row's number alone.
fn is_row(line: &str) -> bool {
    line.parse::<u64>().is_ok()
}
