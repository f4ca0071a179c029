//! Compares the read models with the store, event by event.

use std::{collections::BTreeMap, fmt, sync::Arc};

use anyhow::{Context as _, Result, ensure};
use eventsource_sqlite::SqliteReadModels;
use tokio::sync::Mutex;

use super::fraud::rule::{Taken, Watch};
use crate::{
    account::{AccountId, Opened},
    bank::{Bank, for_each},
    bank_account::{BankAccount, BankAccountEvent},
    date::Date,
    queries::{
        AccountBalance, Balance, FraudCase, FraudCases, Query as _, Transaction, TransactionsPage,
    },
    report::{Movements, Sums},
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

/// Compares everything that is in the read models with the states that the store's events fold to; nothing is appended
/// meanwhile.
///
/// # Errors
///
/// With the first account that differs, or when something cannot be read.
pub async fn compare(bank: &Bank, models: &SqliteReadModels, sums: &Sums) -> Result<Same> {
    let mut owners: BTreeMap<AccountId, Option<String>> = BTreeMap::new();
    bank.each_event(bank.read::<Opened>()?, |event| {
        let account = event.stream.aggregate_id::<BankAccount>()?;
        owners.insert(account, event.actor.as_ref().map(ToString::to_string));
        Ok(())
    })
    .await?;
    let balances = owners.len();
    let moved = Arc::new(Mutex::new(0));
    let work = {
        let (bank, models, moved) = (bank.clone(), models.clone(), Arc::clone(&moved));
        move |(account, owner)| {
            let (bank, models, moved) = (bank.clone(), models.clone(), Arc::clone(&moved));
            async move {
                let state = bank.accounts.load(&account).await?;
                let compared = account_is(&models, (account, owner), &state).await;
                let many = compared.with_context(|| format!("account {}", account.0))?;
                *moved.lock().await += many;
                Ok(())
            }
        }
    };
    for_each(owners, work).await?;
    let transactions = *moved.lock().await;
    ensure!(
        transactions == sums.rows,
        "there are {transactions} transactions of {} movements",
        sums.rows
    );
    let cases = cases(bank).await?;
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
    ensure!(found == cases, "the cases are {found:?}, and not {cases:?}");
    Ok(Same {
        balances,
        transactions,
        cases: cases.len(),
    })
}

/// Compares an account; gives how many transactions it has.
async fn account_is(
    models: &SqliteReadModels,
    (account, owner): (AccountId, Option<String>),
    state: &BankAccount,
) -> Result<u64> {
    let balance = Balance { account }.ask(models).await?.answer;
    let balance = balance.context("it has no balance")?;
    let page = TransactionsPage {
        account,
        after: None,
        most: u32::MAX,
    };
    let transactions = page.ask(models).await?.answer.transactions;
    let due = AccountBalance {
        account,
        owner,
        haler: state.plain.balance,
        printed: state.printed,
        overdraft: state.overdraft,
        blocked: state.blocked,
        declined: state.declined,
        moved_on: transactions.first().map(|last| last.day),
    };
    ensure!(balance == due, "it is {balance:?}, and not {due:?}");
    ensure!(
        add_up(&transactions) == Some(due.haler),
        "its transactions do not add up to {}: {transactions:?}",
        due.haler
    );
    Ok(transactions.len() as u64)
}

/// What transactions add up to, the newest first; `None` where a balance does not follow from the one before it.
pub fn add_up(transactions: &[Transaction]) -> Option<i64> {
    transactions.iter().rev().try_fold(0_i64, |before, next| {
        let after = before.checked_add(next.haler)?;
        (after == next.balance).then_some(after)
    })
}

/// What the rule finds in the events of each account, in the order of accounts.
async fn cases(bank: &Bank) -> Result<Vec<FraudCase>> {
    let mut watched: BTreeMap<AccountId, (Watch, Vec<FraudCase>)> = BTreeMap::new();
    bank.each_event(bank.read::<Movements>()?, |recorded| {
        let account = recorded.stream.aggregate_id::<BankAccount>()?;
        let (watch, cases) = watched.entry(account).or_default();
        for event in recorded.decode::<BankAccount>()? {
            let case = match event {
                BankAccountEvent::Credited(event) => {
                    watch.credited(event.haler);
                    None
                }
                BankAccountEvent::Reversed(event) => {
                    watch.reversed(event.event, event.change_haler);
                    None
                }
                BankAccountEvent::Withdrawn(event) => watch.withdrawn(Taken {
                    event: recorded.id,
                    version: recorded.version.get(),
                    day: Date::of(recorded.occurred_at),
                    haler: event.haler,
                }),
                _ => None,
            };
            cases.extend(case.map(|case| FraudCase { account, case }));
        }
        Ok(())
    })
    .await?;
    let cases = watched.into_values().flat_map(|(_, cases)| cases);
    Ok(cases.collect())
}
