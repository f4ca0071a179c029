//! Writes the movements of a bank as a ledger, so that anyone has one to import.

use std::{
    collections::HashMap,
    ffi::OsString,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, ensure};

use crate::{
    account::AccountId,
    bank::Bank,
    bank_account::{BankAccount, BankAccountEvent},
    date::Date,
    ledger::{Kind, Row},
    report::{Movements, change_of},
};

/// Makes sure, before any work is done, that an export to `path` would destroy nothing.
///
/// # Errors
///
/// When something is there, or `path` is that of the database or of a file that belongs to it.
pub fn check_place(path: &Path, database: Option<&Path>) -> Result<()> {
    ensure!(
        path.symlink_metadata().is_err(),
        "{} exists already, and an export replaces nothing",
        path.display()
    );
    ensure!(
        folder_of(path).is_dir(),
        "there is no folder for {}",
        path.display()
    );
    let Some(database) = database else {
        return Ok(());
    };
    let (place, database) = (located(path), located(database));
    for suffix in ["", "-wal", "-shm", "-journal"] {
        let mut belongs: OsString = database.clone().into();
        belongs.push(suffix);
        ensure!(
            place != Path::new(&belongs),
            "{} belongs to the database; export to another file",
            path.display()
        );
    }
    Ok(())
}

fn folder_of(path: &Path) -> &Path {
    let folder = path.parent().filter(|folder| *folder != Path::new(""));
    folder.unwrap_or_else(|| Path::new("."))
}

/// The path of a file that need not be there, with its folder resolved.
fn located(path: &Path) -> PathBuf {
    match (folder_of(path).canonicalize(), path.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        _ => path.to_owned(),
    }
}

/// Writes a ledger of all movements in the store; gives how many there are.
///
/// The rows stand by date, then account, then order within the account, and are numbered as they stand: the order in
/// which accounts that are independent of each other were committed does not show. The printed balance is the folded
/// one, since this bank rounds nothing.
///
/// The file appears whole or not at all, and replaces none.
///
/// # Errors
///
/// When the store cannot be read or the file cannot be written.
pub async fn export(bank: &Bank, path: &Path) -> Result<usize> {
    let mut rows: Vec<Row> = Vec::new();
    let mut last: HashMap<AccountId, (u64, i64)> = HashMap::new();
    bank.each_event(bank.read::<Movements>()?, |event| {
        let account = event.stream.aggregate_id::<BankAccount>()?;
        for typed in event.decode::<BankAccount>()? {
            let change = change_of(&typed);
            let (version, balance) = last.entry(account).or_default();
            *version += 1;
            *balance += change;
            let operation = match typed {
                BankAccountEvent::Reversed(_) => "REVERSAL",
                _ => "",
            };
            rows.push(Row {
                account_id: account.0,
                version: *version,
                date: Date::of(event.occurred_at),
                // Given below, when all rows stand where they belong.
                trans_id: 0,
                kind: if change < 0 {
                    Kind::Debit
                } else {
                    Kind::Credit
                },
                operation: operation.to_owned(),
                k_symbol: String::new(),
                amount_haler: change.abs(),
                balance_haler: *balance,
            });
        }
        Ok(())
    })
    .await?;
    rows.sort_by_key(|row| (row.date, row.account_id, row.version));
    for (row, number) in rows.iter_mut().zip(1..) {
        row.trans_id = number;
    }
    write(&rows, path).with_context(|| format!("{} could not be written", path.display()))?;
    Ok(rows.len())
}

/// Writes a file beside `path`, and gives it the name when it is complete.
fn write(rows: &[Row], path: &Path) -> Result<()> {
    let unfinished = tempfile::Builder::new()
        .prefix(".export-")
        .tempfile_in(folder_of(path))?;
    let mut writer = csv::Writer::from_writer(unfinished.as_file());
    rows.iter().try_for_each(|row| writer.serialize(row))?;
    writer.flush()?;
    drop(writer);
    unfinished.as_file().sync_all()?;
    unfinished.persist_noclobber(path)?;
    Ok(())
}
