//! Compares the sums of a store with expected ones: from a file, or from the rows of a ledger.

use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};

use crate::{
    date::Date,
    ledger::{self, Ledger},
    report::Sums,
};

/// The form of a file of expected sums, for `--help`.
pub const FORM: &str = "\
A file of expected sums is a CSV file: a column `date`, and any of the columns

  rows                      movements up to the end of that day, UTC
  accounts                  accounts opened by then
  sum_bank_balance_haler    the balances that the ledger printed
  sum_folded_balance_haler  the balances that the events add up to
  max_abs_drift_haler       the largest difference of the two in one account
  accounts_in_overdraft     accounts below zero
  credits_haler             what came in
  debits_haler              what went out";

/// What is expected as of the end of a day: the name of each figure, and the figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// The day.
    pub day: Date,
    /// The figures.
    pub figures: Vec<(String, i128)>,
}

/// Reads a file of expected sums.
///
/// # Errors
///
/// When the file is not of the form that [`FORM`] describes.
pub fn open(path: &Path) -> Result<Vec<Expected>> {
    let bytes = std::fs::read(path)?;
    let mut reader = csv::Reader::from_reader(bytes.as_slice());
    let header = reader.headers()?.clone();
    ensure!(
        header.iter().any(|name| name == "date") && header.len() > 1,
        "line 1: the header must have a column `date` and at least one other"
    );
    let known = figures(&Sums::default());
    for name in &header {
        let is_known = name == "date" || known.iter().any(|(known, _)| *known == name);
        ensure!(is_known, "line 1: there is no figure `{name}`");
    }
    let mut all = Vec::new();
    for record in reader.records() {
        let record = record?;
        let line = record.position().map_or(0, |at| ledger::line(&bytes, at));
        let read = || expected(&header, &record);
        all.push(read().with_context(|| format!("line {line}"))?);
    }
    ensure!(
        !all.is_empty(),
        "the file expects nothing: it has a header only"
    );
    Ok(all)
}

fn expected(header: &csv::StringRecord, record: &csv::StringRecord) -> Result<Expected> {
    let (mut day, mut figures) = (None, Vec::new());
    for (name, value) in header.iter().zip(record) {
        if name == "date" {
            day = Some(value.parse()?);
        } else {
            let figure = value.parse();
            let figure = figure.with_context(|| format!("`{value}` is not an integer"))?;
            figures.push((name.to_owned(), figure));
        }
    }
    let day = day.context("the date is missing")?;
    Ok(Expected { day, figures })
}

impl Expected {
    /// Compares the expected figures with the store's; gives how many were compared.
    ///
    /// # Errors
    ///
    /// With every figure that differs.
    pub fn compare(&self, found: &Sums) -> Result<usize> {
        let found = figures(found);
        let mut differ = Vec::new();
        for (name, expected) in &self.figures {
            match found.iter().find(|(known, _)| known == name) {
                Some((_, found)) if found == expected => {}
                Some((_, found)) => differ.push(format!("{name} is {found}, expected {expected}")),
                None => bail!("there is no figure `{name}`"),
            }
        }
        ensure!(
            differ.is_empty(),
            "as of {}: {}",
            self.day,
            differ.join("; ")
        );
        Ok(self.figures.len())
    }

    /// What the rows of a ledger add up to, in plain integers and without the framework.
    pub fn of(ledger: &Ledger, day: Date) -> Self {
        let mut sums = Sums::default();
        for rows in ledger.accounts.values() {
            let by_then = rows.iter().take_while(|row| row.date <= day);
            let (mut folded, mut printed) = (0, None);
            for row in by_then {
                let change = i128::from(row.change());
                sums.rows += 1;
                sums.credits += change.max(0);
                sums.debits += (-change).max(0);
                folded += change;
                printed = Some(i128::from(row.balance_haler));
            }
            if let Some(printed) = printed {
                sums.accounts += 1;
                sums.bank += printed;
                sums.folded += folded;
                sums.max_drift = sums.max_drift.max((folded - printed).abs());
                sums.overdrawn += u64::from(printed < 0);
            }
        }
        let figures = figures(&sums).into_iter();
        let figures = figures
            .map(|(name, figure)| (name.to_owned(), figure))
            .collect();
        Self { day, figures }
    }
}

/// The figures of some sums by their names in files. 128 bits hold each of them, whatever its sign.
fn figures(sums: &Sums) -> [(&'static str, i128); 8] {
    [
        ("rows", sums.rows.into()),
        ("accounts", sums.accounts.into()),
        ("sum_bank_balance_haler", sums.bank),
        ("sum_folded_balance_haler", sums.folded),
        ("max_abs_drift_haler", sums.max_drift),
        ("accounts_in_overdraft", sums.overdrawn.into()),
        ("credits_haler", sums.credits),
        ("debits_haler", sums.debits),
    ]
}
