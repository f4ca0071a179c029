//! `kill -9` during the import: what was reported is there once, and the next run completes it.

use std::{
    collections::HashMap,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    sync::Arc,
};

use anyhow::{Context as _, Result, ensure};
use bank::{
    bank::Bank,
    bank_account::{BalancePrinted, BankAccount, BankAccountEvent},
    report::Sums,
};
use eventsource_core::prelude::*;
use eventsource_sqlite::SqliteStore;

use crate::{common, ledger_of, truths::Truths};

const KILLS: u64 = 10;

/// The child reports each row on its stdout after the row's receipt. It is killed when it has reported so many rows, by
/// chance: the n-th time somewhere in the n-th part of the ledger, so that each run comes further than the last one.
pub(crate) fn killed(data: &Path) -> Result<()> {
    let truths = Truths::open(data)?;
    let folder = tempfile::tempdir()?;
    let database = folder.path().join("ledger.db");
    let part = truths.rows / (KILLS + 1);
    for kill in 0..KILLS {
        let after = 1 + kill * part + common::chance(10 + kill)? % part;
        let (mut child, mut reports) = start(data, &database)?;
        let mut reported = Vec::new();
        let read = read_rows(&mut reports, &mut reported, after);
        child.kill()?;
        read?;
        // What the child had written before it died is reported, too.
        read_rows(&mut reports, &mut reported, u64::MAX)?;
        let status = child.wait()?;
        ensure!(!status.success(), "the child ended before it was killed");
        let many = reported.len() as u64;
        ensure!(
            after <= many && many < truths.rows,
            "kill {kill} was to land after {after} of {} reports, but landed after {many}",
            truths.rows
        );
        let stored = common::block_on(stored_rows(&database))?;
        for row in &reported {
            let times = stored.get(row).copied().unwrap_or(0);
            ensure!(
                times == 1,
                "the reported row {row} is stored {times} times after kill {kill}"
            );
        }
        ensure!(
            stored.values().all(|times| *times == 1),
            "a row is stored twice after kill {kill}"
        );
    }

    let (mut child, mut reports) = start(data, &database)?;
    let mut reported = Vec::new();
    read_rows(&mut reports, &mut reported, u64::MAX)?;
    ensure!(child.wait()?.success(), "the last run failed");
    ensure!(
        reported.len() as u64 == truths.rows,
        "the last run reported {} rows",
        reported.len()
    );
    let stored = common::block_on(stored_rows(&database))?;
    ensure!(
        stored.len() as u64 == truths.rows && stored.values().all(|times| *times == 1),
        "{} rows are stored",
        stored.len()
    );
    common::block_on(async {
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
        // Two events for each row and for the opening of each account, and one for the source.
        let events = store.read_all().await?.len() as u64;
        ensure!(
            events == 2 * truths.rows + 2 * truths.accounts + 1,
            "{events} events are stored"
        );
        store.close().await;
        Ok(())
    })
}

fn start(data: &Path, database: &Path) -> Result<(Child, BufReader<ChildStdout>)> {
    let mut child = Command::new(env!("CARGO_BIN_EXE_bank"))
        .args(["--receipts", "--no-projections", "--ledger"])
        .arg(ledger_of(data))
        .arg("--db")
        .arg(database)
        .stdout(Stdio::piped())
        .spawn()?;
    let stdout = child.stdout.take().context("the child has no stdout")?;
    Ok((child, BufReader::new(stdout)))
}

/// Reads reports until there are `most`, or no more. Other lines are the program's words to people; a line without an
/// end was cut off by the kill and reports nothing.
fn read_rows(reports: &mut BufReader<ChildStdout>, rows: &mut Vec<u64>, most: u64) -> Result<()> {
    let mut line = String::new();
    while (rows.len() as u64) < most {
        line.clear();
        if reports.read_line(&mut line)? == 0 {
            break;
        }
        if let Some(Ok(row)) = line.strip_suffix('\n').map(str::parse) {
            rows.push(row);
        }
    }
    Ok(())
}

/// How often each row is in the database.
async fn stored_rows(database: &Path) -> Result<HashMap<u64, u64>> {
    let store = SqliteStore::open(database).await?;
    let bank = Bank::new(Arc::new(store.clone()));
    let mut rows = HashMap::new();
    bank.each_event(bank.read::<BalancePrinted>()?, |event| {
        for part in event.decode::<BankAccount>()? {
            if let BankAccountEvent::BalancePrinted(row) = part {
                *rows.entry(row.trans_id).or_default() += 1;
            }
        }
        Ok(())
    })
    .await?;
    store.close().await;
    Ok(rows)
}
