//! The ledger of a real bank, imported, killed, changed, and compared with truths that were computed without this code.
//!
//! The ledger is not part of the project. Its folder is named by `EVENTSOURCE_REAL_DATA`, which has `berka/ledger.csv`
//! and `berka/truths.json` in it. Without the variable the tests are skipped, and the last lines say so; with
//! `EVENTSOURCE_REQUIRE_ALL=1` a skip is a failure.

mod common;
#[path = "../harness/mod.rs"]
mod harness;
mod kill;
mod past;
mod projections;
#[path = "../stated/mod.rs"]
mod stated;
mod truths;

use std::{
    path::{Path, PathBuf},
    process::{Command, ExitCode},
    sync::Arc,
};

use anyhow::{Context as _, Result, ensure};
use bank::{
    account::AccountId,
    bank::{Bank, for_each},
    import::row_key,
    ledger::{Ledger, Row},
    report::{Steps, Sums},
};
use eventsource_core::prelude::*;
use eventsource_sqlite::SqliteStore;
use real_data::Test;

use self::{
    common::{block_on, chance},
    truths::Truths,
};

fn main() -> ExitCode {
    real_data::run(&[
        Test {
            name: "the_real_ledger_comes_out_of_sqlite_as_the_bank_printed_it",
            run: imported,
        },
        Test {
            name: "a_changed_amount_in_a_copy_of_the_ledger_is_found",
            run: changed,
        },
        Test {
            name: "the_history_of_every_account_is_its_rows_with_their_envelopes",
            run: past::histories,
        },
        Test {
            name: "the_history_between_any_two_days_is_a_filter_of_the_rows",
            run: past::between_days,
        },
        Test {
            name: "a_transfer_out_is_never_money_in_and_no_bound_drops_the_first_version",
            run: past::transfers_out,
        },
        Test {
            name: "an_import_that_is_killed_ten_times_is_completed",
            run: kill::killed,
        },
        Test {
            name: "read_models_are_exact_after_each_of_thirty_kills_of_writer_and_projector",
            run: projections::kills::killed,
        },
        Test {
            name: "the_fraud_signal_finds_the_cases_of_the_file_once_also_when_rebuilt_and_killed",
            run: projections::fraud::found,
        },
        Test {
            name: "questions_are_answered_from_another_process_while_the_import_runs",
            run: projections::asked::answered,
        },
    ])
}

/// The program's own words, and every figure again from its database.
fn imported(data: &Path) -> Result<()> {
    let truths = Truths::open(data)?;
    let folder = tempfile::tempdir()?;
    let (database, expected) = (
        folder.path().join("ledger.db"),
        folder.path().join("expected.csv"),
    );
    std::fs::write(&expected, truths.as_check_file())?;
    let output = Command::new(env!("CARGO_BIN_EXE_bank"))
        .arg("--ledger")
        .arg(ledger_of(data))
        .arg("--db")
        .arg(&database)
        .arg("--check")
        .arg(&expected)
        .output()?;
    let printed = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{printed}{errors}");
    for truth in &truths.as_of {
        let line = format!("as of {}: ", truth.day);
        let line = printed
            .lines()
            .find_map(|printed| printed.strip_prefix(&line));
        let line = line.with_context(|| format!("nothing is printed as of {}", truth.day))?;
        ensure!(
            line == truth.sums.to_string(),
            "printed: {line}, true: {}",
            truth.sums
        );
    }

    block_on(async {
        let store = SqliteStore::open(&database).await?;
        let bank = Bank::new(Arc::new(store.clone()));
        for truth in &truths.as_of {
            let sums = Sums::as_of(&bank, truth.day).await?;
            ensure!(
                sums == truth.sums,
                "as of {}: {sums}, true: {}",
                truth.day,
                truth.sums
            );
        }
        let steps = Steps::of(&bank).await?;
        ensure!(steps == truths.steps, "{steps}");
        each_row_shows_its_printed_balance(&bank, Ledger::open(&ledger_of(data))?).await?;
        store.close().await;
        Ok(())
    })
}

/// The state as of the version in the receipt of each row.
async fn each_row_shows_its_printed_balance(bank: &Bank, ledger: Ledger) -> Result<()> {
    let accounts = bank.clone();
    for_each(
        ledger.accounts,
        move |(account, rows): (AccountId, Arc<[Row]>)| {
            let bank = accounts.clone();
            async move {
                let mut folded = 0;
                for row in rows.iter() {
                    let receipt = bank.store.find_append(&row_key(row.trans_id)?).await?;
                    let version = receipt.and_then(|receipt| receipt.version());
                    let version = version.context("a row has no receipt")?;
                    ensure!(
                        version.get() == 2 * row.version + 2,
                        "row {} is at {version}",
                        row.trans_id
                    );
                    let state = bank
                        .accounts
                        .load_as_of(&account, AsOf::Version(version))
                        .await?;
                    folded += row.change();
                    ensure!(
                        state.printed == Some(row.balance_haler) && state.plain.balance == folded,
                        "as of the row {} the state is {state:?}",
                        row.trans_id
                    );
                }
                Ok(())
            }
        },
    )
    .await
}

/// One amount in a copy of the ledger is one haler more: the sums of that day and of all later days are wrong. Where a
/// printed balance was as far off as one may be, the ledger now contradicts itself before any sum is compared.
fn changed(data: &Path) -> Result<()> {
    let truths = Truths::open(data)?;
    let folder = tempfile::tempdir()?;
    let (copy, expected) = (
        folder.path().join("ledger.csv"),
        folder.path().join("expected.csv"),
    );
    std::fs::write(&expected, truths.as_check_file())?;
    let text = std::fs::read_to_string(ledger_of(data))?;
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let at = 1 + usize::try_from(chance(1)? % (lines.len() as u64 - 1))?;
    let mut cells: Vec<String> = lines[at].split(',').map(str::to_owned).collect();
    cells[7] = (cells[7].parse::<i64>()? + 1).to_string();
    lines[at] = cells.join(",");
    std::fs::write(&copy, lines.join("\n") + "\n")?;
    let output = Command::new(env!("CARGO_BIN_EXE_bank"))
        .args(["--memory", "--ledger"])
        .arg(&copy)
        .arg("--check")
        .arg(&expected)
        .output()?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(
        !output.status.success(),
        "line {} was changed, and nobody saw it",
        at + 1
    );
    let is_sum = errors.contains("sum_folded_balance_haler is ") && errors.contains(", expected ");
    ensure!(
        is_sum || errors.contains("the ledger contradicts itself"),
        "line {} was changed, and this was said: {errors}",
        at + 1
    );
    Ok(())
}

fn ledger_of(data: &Path) -> PathBuf {
    data.join("berka/ledger.csv")
}
