//! The truths, read at run time.

use std::{collections::BTreeMap, fmt::Write as _, path::Path};

use anyhow::{Context as _, Result, ensure};
use bank::{
    date::Date,
    report::{Steps, Sums},
};
use serde::Deserialize;

/// What is true of the ledger.
pub(crate) struct Truths {
    pub(crate) rows: u64,
    pub(crate) accounts: u64,
    pub(crate) steps: Steps,
    /// As of five days, the earliest first.
    pub(crate) as_of: Vec<Truth>,
}

/// What is true as of the end of a day.
pub(crate) struct Truth {
    pub(crate) day: Date,
    pub(crate) sums: Sums,
}

#[derive(Deserialize)]
struct File {
    rows_used: u64,
    accounts: u64,
    steps_exact: u64,
    steps_off_by_at_most_10_haler: u64,
    as_of: BTreeMap<String, Figures>,
}

#[derive(Deserialize)]
struct Figures {
    rows: u64,
    accounts: u64,
    sum_bank_balance_haler: i128,
    sum_folded_balance_haler: i128,
    max_abs_drift_haler: i128,
    accounts_in_overdraft: u64,
    credits_haler: i128,
    debits_haler: i128,
}

impl Truths {
    pub(crate) fn open(data: &Path) -> Result<Self> {
        let file: File =
            serde_json::from_slice(&real_data::read(&data.join("berka/truths.json"))?)?;
        let as_of = file.as_of.into_iter().map(|(day, figures)| {
            let sums = Sums {
                rows: figures.rows,
                accounts: figures.accounts,
                bank: figures.sum_bank_balance_haler,
                folded: figures.sum_folded_balance_haler,
                max_drift: figures.max_abs_drift_haler,
                overdrawn: figures.accounts_in_overdraft,
                credits: figures.credits_haler,
                debits: figures.debits_haler,
            };
            Ok(Truth {
                day: date(&day)?,
                sums,
            })
        });
        let truths = Self {
            rows: file.rows_used,
            accounts: file.accounts,
            steps: Steps {
                exact: file.steps_exact,
                rounded: file.steps_off_by_at_most_10_haler,
                wrong: 0,
            },
            as_of: as_of.collect::<Result<_>>()?,
        };
        ensure!(
            truths.as_of.len() == 5,
            "there are truths of {} days",
            truths.as_of.len()
        );
        Ok(truths)
    }

    /// The same in the form that `--check` reads.
    pub(crate) fn as_check_file(&self) -> String {
        let mut file = "date,rows,accounts,sum_bank_balance_haler,sum_folded_balance_haler,max_abs_drift_haler,\
             accounts_in_overdraft,credits_haler,debits_haler\n"
            .to_owned();
        for Truth { day, sums } in &self.as_of {
            let Sums {
                rows,
                accounts,
                bank,
                folded,
                max_drift,
                overdrawn,
                credits,
                debits,
            } = sums;
            let line = format!(
                "{day},{rows},{accounts},{bank},{folded},{max_drift},{overdrawn},{credits},{debits}"
            );
            writeln!(file, "{line}").expect("a string takes everything");
        }
        file
    }
}

/// The days of the truths are written as `940330`.
fn date(text: &str) -> Result<Date> {
    let part = |range| text.get(range).context("a day has six digits");
    let date = format!("19{}-{}-{}", part(0..2)?, part(2..4)?, part(4..6)?);
    Ok(date.parse()?)
}
