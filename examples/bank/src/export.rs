//! Writes the movements of a bank as a ledger, so that anyone has one to import.

use std::{collections::HashMap, path::Path};

use anyhow::{Context as _, Result};

use crate::{
    account::AccountId,
    bank::Bank,
    bank_account::{BankAccount, BankAccountEvent},
    date::Date,
    ledger::{Kind, Row},
    report::{Movements, change_of},
};

/// Writes a ledger of all movements in the store; gives how many there are.
///
/// The rows stand by date, then account, then order within the account. The printed balance is the folded one, since
/// this bank rounds nothing.
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
                trans_id: rows.len() as u64 + 1,
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
    let write = || -> Result<()> {
        let mut writer = csv::Writer::from_path(path)?;
        rows.iter().try_for_each(|row| writer.serialize(row))?;
        Ok(writer.flush()?)
    };
    write().with_context(|| format!("{} could not be written", path.display()))?;
    Ok(rows.len())
}
