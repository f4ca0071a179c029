//! Compares the read models with the store, row by row.

use std::fmt;

use anyhow::{Context as _, Result, ensure};
use eventsource_sqlite::SqliteReadModels;

use super::due::Due;
use crate::{
    account::AccountId,
    bank::{Bank, for_each},
    bank_account::BankAccount,
    queries::{AccountBalance, Balance, FraudCase, FraudCases, Query as _, TransactionsPage},
    report::Sums,
};

/// What was compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Same {
    /// Balances of accounts.
    pub balances: usize,
    /// Movements.
    pub transactions: u64,
    /// Cases of the fraud signal.
    pub cases: usize,
}

impl fmt::Display for Same {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            balances,
            transactions,
            cases,
        } = self;
        let word = if *cases == 1 { "case" } else { "cases" };
        write!(
            f,
            "{balances} balances, {transactions} transactions and {cases} {word} of fraud"
        )
    }
}

/// Compares all rows that can be asked for with what the store's events say of them, and the balances with the states that
/// these fold to. Nothing may be appended meanwhile.
///
/// # Errors
///
/// With the first account that differs, or when something cannot be read.
pub async fn compare(bank: &Bank, models: &SqliteReadModels, sums: &Sums) -> Result<Same> {
    let mut all = Due::read(bank).await?;
    let accounts = all.values_mut();
    let due: Vec<FraudCase> = accounts
        .flat_map(|due| std::mem::take(&mut due.cases))
        .collect();
    let balances = all.len();
    let transactions: u64 = all.values().map(|due| due.transactions.len() as u64).sum();
    ensure!(
        transactions == sums.rows,
        "{transactions} transactions are due of {} movements",
        sums.rows
    );
    let work = {
        let (bank, models) = (bank.clone(), models.clone());
        move |(account, due): (AccountId, Due)| {
            let (bank, models) = (bank.clone(), models.clone());
            async move {
                let state = bank.accounts.load(&account).await?;
                let compared = account_is(&models, account, &due, &state).await;
                compared.with_context(|| format!("account {}", account.0))
            }
        }
    };
    for_each(all, work).await?;
    // Each of them was asked for by its account; what is of no account shows in their number.
    let found = count(models, "balances").await?;
    ensure!(
        found == balances as u64,
        "there are {found} balances of {balances} accounts"
    );
    let found = count(models, "transactions").await?;
    ensure!(
        found == transactions,
        "there are {found} transactions of {transactions} movements"
    );
    let found = FraudCases {
        account: None,
        most: u32::MAX,
    };
    let mut found = found.ask(models).await?.answer;
    found.sort_by_key(|case| {
        (
            case.account,
            case.case.taken.last().map(|last| last.version),
        )
    });
    ensure!(found == due, "the cases are {found:?}, and not {due:?}");
    Ok(Same {
        balances,
        transactions,
        cases: due.len(),
    })
}

/// Compares an account.
async fn account_is(
    models: &SqliteReadModels,
    account: AccountId,
    due: &Due,
    state: &BankAccount,
) -> Result<()> {
    let found = Balance { account }.ask(models).await?.answer;
    let found = found.context("there is no balance")?;
    let balance = AccountBalance {
        account,
        owner: due.owner.clone(),
        haler: state.plain.balance,
        printed: state.printed,
        overdraft: state.overdraft,
        blocked: state.blocked,
        declined: state.declined,
        moved_on: due.transactions.last().map(|last| last.day),
    };
    ensure!(
        found == balance,
        "the balance is {found:?}, and not {balance:?}"
    );
    let page = TransactionsPage {
        account,
        after: None,
        most: u32::MAX,
    };
    let found = page.ask(models).await?.answer.transactions;
    let (many, due) = (found.len(), &due.transactions);
    ensure!(
        many == due.len(),
        "it has {many} transactions, and not {}",
        due.len()
    );
    for (found, due) in found.iter().rev().zip(due) {
        ensure!(
            found == due,
            "the transaction is {found:?}, and not {due:?}"
        );
    }
    Ok(())
}

/// How many rows a read model has.
async fn count(models: &SqliteReadModels, table: &str) -> Result<u64> {
    let sql = format!("SELECT count(*) AS many FROM {table}");
    let rows = models.query(&sql, ()).await?;
    let row = rows.first().context("a count is a row")?;
    Ok(row.get("many")?)
}
